"""Checks the record: the audit trail's chain and head, the timeline against the trail, the state against both.

Finds an entry that was changed, deleted, reordered or inserted, and a tail that was cut off: by the signed head, and by
heads that were kept elsewhere (the daily e-mail) even where somebody with the keys has signed anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from bot.errors import UsherError
from bot.incidents import schema
from bot.incidents.audit import START, digest, entry_hash, head_message
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault

Progress = Callable[[int, int], None]
PURGED = "purged"


@dataclass(frozen=True)
class Verdict:
    """`problem` is empty where all is well; else one sentence about the first bad entry. `entries` is how many were checked."""

    entries: int
    problem: str = ""

    @property
    def sound(self) -> bool:
        """Whether nothing was changed."""
        return not self.problem


class Verifier:
    """Verifies one school's record, from one moment of the database."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def verify(self, kept_heads: Iterable[str] = (), progress: Progress | None = None) -> Verdict:
        """Check everything. `kept_heads`: lines of earlier heads, "school:seq:hash", that must lie on the chain."""
        with self._store.reading() as conn:
            return self.verify_in(conn, kept_heads, progress)

    def verify_in(self, conn: Connection, kept_heads: Iterable[str] = (), progress: Progress | None = None) -> Verdict:
        """As `verify`, inside the caller's transaction."""
        kept = {}
        for line in kept_heads:
            school, seq, last = line.strip().rsplit(":", 2)
            if school == self._store.school:
                kept[int(seq)] = last
        try:
            chain = self._chain(conn, kept, progress)
            self._timeline(conn, chain.bound)
            self._states(conn, chain.states)
            self._people(conn, chain)
        except _Bad as bad:
            return Verdict(bad.entries, str(bad))
        return Verdict(chain.entries)

    def _chain(self, conn: Connection, kept: dict[int, str], progress: Progress | None) -> _Chain:
        head = conn.execute(self._store.rows(schema.audit_head)).mappings().first()
        total = head["seq"] if head else 0
        before, seq, chain = START, 0, _Chain()
        for row in conn.execute(self._store.rows(schema.audit).order_by(schema.audit.c.seq)).mappings():
            seq += 1
            if row["seq"] != seq:
                raise _Bad(seq, f"Entry {seq} of the audit trail is missing.")
            before_hash, before = before, row["hash"]
            if entry_hash(dict(row), before_hash) != row["hash"]:
                raise _Bad(seq, f"Entry {seq} of the audit trail was changed, or one before it was put in or taken out.")
            if kept.get(seq, before) != before:
                raise _Bad(seq, f"Entry {seq} of the audit trail is not the one whose head was kept elsewhere.")
            detail = json.loads(row["detail"])
            chain.take(row, detail)
            if progress and seq % 500 == 0:
                progress(seq, total)
        self._head(head, seq, before, kept)
        return replace(chain, entries=seq)

    def _head(self, head: Any, seq: int, last: str, kept: dict[int, str]) -> None:
        if head is None:
            if seq or kept:
                raise _Bad(seq, "The head of the audit trail is missing.")
            return
        if head["seq"] != seq or head["hash"] != last:
            raise _Bad(seq, f"The audit trail ends at entry {seq}, but its head says {head['seq']}: entries were cut off or added.")
        if not self._vault.signed(head["key_id"], head_message(self._store.school, seq, last), head["signature"]):
            raise _Bad(seq, "The head of the audit trail is not signed with a key of this school.")
        if kept and max(kept) > seq:
            raise _Bad(seq, f"The audit trail ends at entry {seq}, but a head of entry {max(kept)} was kept: the tail was cut off.")

    def _timeline(self, conn: Connection, bound: dict[Any, Any]) -> None:
        missing = {key for key in bound if key[1] != PURGED}
        for row in conn.execute(self._store.rows(schema.entries)).mappings():
            name, key = f"Entry {row['number']} of the timeline of {row['ref']}", (row["ref"], row["number"])
            if key not in bound:
                raise _Bad(0, f"{name} is not in the audit trail: it was put in, or its number was changed.")
            seq, wanted = bound[key]
            missing.discard(key)
            if row["sealed"] is None:
                if (row["ref"], PURGED) not in bound:
                    raise _Bad(seq, f"{name} has lost its words, and no purge is on record.")
                continue
            try:
                body = self._vault.open_json(Place(self._store.school, "entries", f"{row['ref']}/{row['number']}", "sealed"), row["sealed"])
                said = (row["ref"], str(row["number"]), str(row["at"]), row["person"], row["what"], row["channel"])
                made = digest(body["salt"], *said, body["text"], body["message"], str(row["hidden"]))
            except (UsherError, ValueError, KeyError):
                made = ""
            if made != wanted or row["audit"] != seq:
                raise _Bad(seq, f"{name} was changed.")
        if missing:
            ref, number = min(missing)
            raise _Bad(bound[ref, number][0], f"Entry {number} of the timeline of {ref} was deleted.")

    def _states(self, conn: Connection, states: dict[str, str]) -> None:
        incidents = schema.incidents
        found = {row.ref: row.state for row in conn.execute(self._store.rows(incidents, incidents.c.ref, incidents.c.state))}
        for ref in sorted(set(states) | set(found)):
            if ref not in found:
                raise _Bad(0, f"Incident {ref} was deleted.")
            if found[ref] != states.get(ref):
                recorded = states.get(ref, "nothing")
                raise _Bad(0, f"The state of incident {ref} was changed: it is {found[ref]}, and the record says {recorded}.")

    def _people(self, conn: Connection, chain: _Chain) -> None:
        """Nobody is a member without an entry that brought them in, and nobody who was barred is barred no more."""
        members, subjects = schema.members, schema.subjects
        for row in conn.execute(self._store.rows(members, members.c.ref, members.c.person)):
            if row.person not in chain.people.get(row.ref, set()):
                raise _Bad(0, f"A member was put into incident {row.ref} behind the record's back.")
        barred = {(row.ref, row.person) for row in conn.execute(self._store.rows(subjects, subjects.c.ref, subjects.c.person))}
        wanted = {(ref, person) for ref, people in chain.subjects.items() for person in people}
        for ref, _ in sorted(barred ^ wanted):
            raise _Bad(0, f"Who is barred from incident {ref} was changed behind the record's back.")


@dataclass(frozen=True)
class _Chain:
    """What the audit trail says there must be."""

    entries: int = 0
    bound: dict[Any, Any] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    people: dict[str, set[str]] = field(default_factory=dict)
    subjects: dict[str, set[str]] = field(default_factory=dict)

    def take(self, row: Any, detail: dict[str, Any]) -> None:
        """Take in one entry."""
        ref = row["ref"]
        if row["digest"]:
            self.bound[ref, detail["entry"]] = (row["seq"], row["digest"])
        if row["action"] == PURGED:
            self.bound[ref, PURGED] = (row["seq"], "")
        if "state" in detail:
            self.states[ref] = detail["state"]
        self.people.setdefault(ref, set()).update(detail.get("people", ()))
        self.subjects.setdefault(ref, set()).update(detail.get("subjects", ()))


class _Bad(Exception):
    def __init__(self, entries: int, problem: str) -> None:
        super().__init__(problem)
        self.entries = entries


def verify(store: Store, vault: Vault, kept_heads: Iterable[str] = (), progress: Progress | None = None) -> Verdict:
    """`app.py incidents verify`: check one school's record."""
    return Verifier(store, vault).verify(kept_heads, progress)
