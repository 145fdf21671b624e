"""What the audit trail says there must be, gathered entry by entry while its chain is checked."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from bot.incidents.audit import ALTERED

PURGED = "purged"
BY_NAME = "by_name"  # what went is on record name by name


class Bad(Exception):
    """The record is not as it was written. `entries`: how far it was good."""

    def __init__(self, entries: int, problem: str) -> None:
        super().__init__(problem)
        self.entries = entries


@dataclass
class Chain:
    """What there must be, most of it by reference.

    `bound`: (reference, number) of a timeline entry to its audit entry's number and digest. `stands`: the digest of an
    incident's rows. `planned` and `ended`: jobs. `people`: who was brought in. `known`: everybody who ever did something.
    `asked`, `answered`, `judged`: entry and digest of questions, answers, judgements; `forgot`: those whose words went. `counted`:
    how many went by an earlier release, which did not say which.
    """

    entries: int = 0
    bound: dict[Any, tuple[int, str]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    stands: dict[str, str] = field(default_factory=dict)
    planned: dict[str, set[str]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    rooms: set[tuple[str, str]] = field(default_factory=set)
    people: dict[str, set[str]] = field(default_factory=dict)
    subjects: dict[str, set[str]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    asked: dict[str, tuple[int, str]] = field(default_factory=dict)
    answered: dict[str, tuple[int, str]] = field(default_factory=dict)
    judged: dict[str, tuple[int, str]] = field(default_factory=dict)
    forgot: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    counted: Counter[str] = field(default_factory=Counter)

    def take(self, row: Any) -> None:
        """Take in one entry. Bad where it says that somebody changed the record."""
        ref, detail = row["ref"], json.loads(row["detail"])
        if row["action"] == ALTERED:
            if not ref:
                raise Bad(row["seq"], f"The end of the audit trail was changed or cut off; entry {row['seq']} of it noticed that.")
            raise Bad(row["seq"], f"Incident {ref} was changed behind the record's back; entry {row['seq']} of the audit trail noticed it.")
        if row["digest"] and "entry" in detail:
            self.bound[ref, detail["entry"]] = (row["seq"], row["digest"])
        if row["action"] == PURGED:
            self.bound[ref, PURGED] = (row["seq"], "")
            self.planned.pop(ref, None)
        if "state" in detail:
            self.states[ref] = detail["state"]
        if row["state"]:
            self.stands[ref] = row["state"]
        if row["jobs"]:
            self.planned.setdefault(ref, set()).update(row["jobs"].split())
        if "job" in detail:
            self.ended[detail["job"]] = detail["how"]
        if "room" in detail:
            self.rooms.add((ref, detail["room"]))
        self._people(ref, row, detail)
        self._beside(row, detail)

    def _beside(self, row: Any, detail: dict[str, Any]) -> None:
        """What is no incident's: questions, answers, judgements."""
        bound = (row["seq"], row["digest"])
        match row["action"]:
            case "asked":
                self.asked[detail["enquiry"]] = bound
            case "answered":
                self.answered[detail["enquiry"]] = bound
            case "judged":
                self.judged[detail["judgement"]] = bound
            case "forgot":
                for what, ids in detail.items():
                    self.forgot[what].update(ids)
            case "forgotten" | "erased" if not detail.get(BY_NAME):
                self.counted.update({what: detail.get(what, 0) for what in ("questions", "judgements")})

    def _people(self, ref: str, row: Any, detail: dict[str, Any]) -> None:
        brought, barred = set(detail.get("people", ())), set(detail.get("subjects", ()))
        self.people.setdefault(ref, set()).update(brought)
        self.subjects.setdefault(ref, set()).update(barred)
        self.known |= brought | barred | ({row["actor"]} if row["actor"] and " " not in row["actor"] else set())
        if row["action"] == "erased":
            self.erased.add(detail["person"])
