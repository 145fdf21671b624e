"""Rows of an incident, read and written: the layer between the register's decisions and the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func

from bot.incidents import schema
from bot.incidents.audit import Trail
from bot.incidents.digests import digest, new_salt
from bot.incidents.directory import Directory
from bot.incidents.jobs import Jobs, job_id
from bot.incidents.model import Kind, Member, Report, State, Urgency
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault
from bot.people import Person, Role

RAISED = "raised"  # the entry with which a matter turns graver
SAME_READING = timedelta(minutes=1)


@dataclass(frozen=True)
class Facts:
    """What the gate and the register must know of an incident. `keys`: person id to the key used in the tables."""

    ref: str
    kind: Kind
    state: State
    urgency: Urgency
    reporter: str
    opened_at: datetime
    members: tuple[Member, ...]
    subjects: tuple[str, ...]
    keys: Mapping[str, str]
    people: Mapping[str, Person]
    row: Mapping[str, Any]

    @property
    def reporter_key(self) -> str:
        """The reporter's key in the tables."""
        return str(self.row["reporter"])

    @property
    def police_hold(self) -> bool:
        """Whether the police have it and have not finished (clause 66)."""
        return self.row["police_hold_at"] is not None

    def active(self) -> tuple[Member, ...]:
        """Members who have not left and are not subjects."""
        return tuple(member for member in self.members if member.left_at is None and member.person not in self.subjects)


@dataclass(frozen=True)
class Raised:
    """When the matter was raised to what it is: the timeline's entry and its time."""

    number: int
    at: datetime

    @property
    def suffix(self) -> str:
        """What tells the notices about the graver matter from those about the smaller one."""
        return f":{self.number}"


@dataclass(frozen=True)
class Written:
    """A timeline entry that has just been written."""

    number: int
    what: str
    hidden: bool


class Records:
    """Reads facts and writes entries, inside the caller's transaction."""

    def __init__(self, store: Store, vault: Vault, directory: Directory) -> None:
        self.store = store
        self.vault = vault
        self.directory = directory
        self.trail = Trail(store, vault)
        self.jobs = Jobs(store)

    @property
    def school(self) -> str:
        """The school that all of this is about."""
        return self.store.school

    def place(self, table: str, row: str, column: str = "sealed") -> Place:
        """Where a sealed value of this school stands."""
        return Place(self.school, table, row, column)

    def facts(self, conn: Connection, ref: str) -> Facts | None:
        """The incident's facts, or None where there is no such reference."""
        self.trail.watch(conn, ref)
        incidents, members, subjects = schema.incidents, schema.members, schema.subjects
        row = conn.execute(self.store.rows(incidents).where(incidents.c.ref == ref)).mappings().first()
        if row is None:
            return None
        found = conn.execute(self.store.rows(members).where(members.c.ref == ref)).mappings()
        member_rows = [dict(member) for member in found]
        subject_keys = set(conn.scalars(self.store.rows(subjects, subjects.c.person).where(subjects.c.ref == ref)))
        people = self.directory.persons(conn, {member["person"] for member in member_rows} | subject_keys | {row["reporter"]})
        return Facts(
            ref, Kind(row["kind"]), State(row["state"]), Urgency(row["urgency"]), _id(people, row["reporter"]), row["opened_at"],
            tuple(self._member(member, people) for member in _in_order(member_rows, people)),
            tuple(sorted(_id(people, key) for key in subject_keys)),
            {person.id: key for key, person in people.items()}, people, dict(row),
        )  # fmt: skip

    def _member(self, row: Mapping[str, Any], people: Mapping[str, Person]) -> Member:
        person, left = people.get(row["person"]), row["left_at"]
        if person and self.directory.has_left(person, row["via"], row["role"]):
            left = left or row["joined_at"] or self.store.clock.now()
        role = Role(row["role"]) if row["role"] else None
        return Member(_id(people, row["person"]), person.name if person else "Someone", row["via"], row["in_room"], left, role)

    def report(self, facts: Facts) -> Report:
        """What was reported, its subjects those whom the reporter named; without its words once they have been purged."""
        if facts.row["sealed"] is None:
            return Report(facts.kind, "")
        return report_from(self.vault.open_json(self.place("incidents", facts.ref), facts.row["sealed"]))

    def raised(self, conn: Connection, ref: str) -> Raised | None:
        """When the matter was last raised to a graver kind; None where it never was."""
        entries = schema.entries
        query = self.store.rows(entries, entries.c.number, entries.c.at).where(entries.c.ref == ref, entries.c.what == RAISED)
        row = conn.execute(query.order_by(entries.c.number.desc()).limit(1)).first()
        return None if row is None else Raised(row.number, row.at)

    def write(
        self, conn: Connection, ref: str, by: str, what: str, text: str = "", *, hidden: bool = False, channel: str = "", message: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> Written:  # fmt: skip
        """Append to the timeline and, bound to it, to the audit trail. `by` is a key, empty for the bot itself."""
        entries = schema.entries
        number = 1 + (conn.scalar(self.store.rows(entries, func.max(entries.c.number)).where(entries.c.ref == ref)) or 0)
        salt, now = new_salt(), self.store.clock.now()
        body = {"text": text, "message": message, "salt": salt}
        bound = digest(salt, ref, str(number), str(now), by, what, channel, text, message, str(hidden))
        seq = self.trail.append(conn, by, what, ref=ref, detail={"entry": number, **(detail or {})}, bound=bound)
        self.store.add(
            conn, entries, ref=ref, number=number, at=now, person=by, what=what, hidden=hidden, channel=channel,
            sealed=self.vault.seal_json(self.place("entries", f"{ref}/{number}"), body), audit=seq,
        )  # fmt: skip
        return Written(number, what, hidden)

    def note_reading(self, conn: Connection, ref: str, by: str) -> None:
        """Record that somebody read the incident; a page that draws itself anew within a minute is the same reading."""
        audit = schema.audit
        lately = (audit.c.ref == ref, audit.c.actor == by, audit.c.action == "read", audit.c.at > self.store.clock.now() - SAME_READING)
        if conn.scalar(self.store.rows(audit, audit.c.seq).where(*lately).limit(1)) is None:
            self.trail.append(conn, by, "read", ref=ref)

    def spread(self, conn: Connection, ref: str, written: Written) -> None:
        """Everyone who may see the entry is shown it: live pages, rooms, and the alerts that were sent."""
        facts = self.facts(conn, ref)
        if facts is None:
            return
        for member in facts.active():
            if not (written.hidden and member.via == "reporter"):
                self.feed(conn, facts.keys[member.person], ref, written.what, written.number)
        self.jobs.rooms(conn, ref)
        self.jobs.updates(conn, ref)

    def feed(self, conn: Connection, person: str, ref: str, what: str, entry: int) -> None:
        """Add to one person's own count of changes. It is theirs alone, so what they may not see leaves no gap in it."""
        feed = schema.feed
        n = 1 + (conn.scalar(self.store.rows(feed, func.max(feed.c.n)).where(feed.c.person == person)) or 0)
        self.store.add(conn, feed, person=person, n=n, ref=ref, what=what, entry=entry)

    def applied(self, conn: Connection, by: Person, *event: str) -> str | None:
        """The reference that this event of this person led to, if it was handled before."""
        applied = schema.applied
        ref: str | None = conn.scalar(self.store.rows(applied, applied.c.ref).where(applied.c.event == job_id(by.id, *event)))
        return ref

    def apply(self, conn: Connection, by: Person, *event: str, ref: str) -> None:
        """Remember that this event of this person has been handled."""
        self.store.add(conn, schema.applied, event=job_id(by.id, *event), ref=ref, at=self.store.clock.now())


def report_to(report: Report) -> dict[str, Any]:
    """A report as it is sealed. Its subjects stand in a table of their own, too, with those who were named later."""
    return {
        "kind": report.kind, "what": report.what, "affected": report.affected, "done_by": report.done_by, "platform": report.platform,
        "address": report.address, "noticed": report.noticed, "danger": report.danger, "police_told": report.police_told,
        "subjects": report.subjects,
    }  # fmt: skip


def report_from(kept: Mapping[str, Any]) -> Report:
    """The report again. What was sealed before subjects were kept with it names none."""
    return Report(
        Kind(kept["kind"]), kept["what"], tuple(kept["affected"]), tuple(kept["done_by"]), tuple(kept.get("subjects", ())),
        kept["platform"], kept["address"],
        kept["noticed"], kept["danger"], kept["police_told"],
    )  # fmt: skip


def canonical(report: Report, reporter: str) -> str:
    """The report without what differs between two deliveries of the same one: case and spacing."""
    kept = {**report_to(report), "subjects": sorted(report.subjects), "reporter": reporter}
    kept["affected"], kept["done_by"] = sorted(report.affected), sorted(report.done_by)
    for name in ("what", "platform", "address", "noticed"):
        kept[name] = " ".join(kept[name].casefold().split())
    return json.dumps(kept, sort_keys=True, ensure_ascii=False)


def _id(people: Mapping[str, Person], key: str) -> str:
    return people[key].id if key in people else f"erased:{key}"


def _in_order(rows: Sequence[Mapping[str, Any]], people: Mapping[str, Person]) -> Sequence[Mapping[str, Any]]:
    """In the order in which they came in; those of one moment by role and name, never by a key, which means nothing."""
    return sorted(rows, key=lambda row: (row["joined_at"], row["via"] == "reporter", row["role"], _id(people, row["person"])))
