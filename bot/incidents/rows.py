"""Checks the rows of incidents against what the audit trail says of them: how each stands, its people, its jobs, its seals.

What changes without an act (a job's tries and times, how far somebody has read) is held to its bounds, or is not bound
at all; docs/reliability.md says which.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from bot.errors import UsherError
from bot.incidents import schema
from bot.incidents.bindings import VERSIONS, states, version_of
from bot.incidents.chain import PURGED, Bad, Chain
from bot.incidents.directory import LET_GO
from bot.incidents.jobs import FIRST, SILENT, JobKind, job_id
from bot.incidents.outbox import LEASE, LONGEST_ASKED
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault

NOTICES = frozenset({JobKind.NOTIFY, JobKind.SEND})
FIRST_SORTS = ("alert:", "intruder:")
JOB_COLUMNS = ("id", "kind", "ref", "person", "channel", "purpose", "priority", "due_at", "lease_until", "done_at", "ended")
SLACK = timedelta(minutes=1)  # for clocks of several machines that differ


class Rows:
    """One check of one school's rows, in one moment of the database. Every method raises Bad at the first row that is wrong."""

    def __init__(self, store: Store, vault: Vault, conn: Connection, chain: Chain) -> None:
        self._store = store
        self._vault = vault
        self._conn = conn
        self._chain = chain

    def check(self, closed: dict[str, str]) -> None:
        """Check all of them. `closed`: the outcome of each incident that was ever closed, as its timeline tells it."""
        self._states()
        self._people()
        self._jobs()
        self._seals(closed)
        self._persons()
        self._rooms()

    def _states(self) -> None:
        incidents = schema.incidents
        found = {row.ref: row.state for row in self._conn.execute(self._store.rows(incidents, incidents.c.ref, incidents.c.state))}
        for ref in sorted(set(self._chain.states) | set(found)):
            if ref not in found:
                raise Bad(0, f"Incident {ref} was deleted.")
            if found[ref] != self._chain.states.get(ref):
                recorded = self._chain.states.get(ref, "nothing")
                raise Bad(0, f"The state of incident {ref} was changed: it is {found[ref]}, and the record says {recorded}.")
        stands: dict[int, dict[str, str]] = {}
        for ref, wanted in sorted(self._chain.stands.items()):
            made = version_of(wanted)
            if made not in VERSIONS:
                raise Bad(0, f"How incident {ref} stands was put on record by a later release of Usher: verify with that one.")
            if made not in stands:
                stands[made] = states(self._conn, self._store, version=made)
            if stands[made].get(ref) != wanted:
                raise Bad(0, f"Incident {ref}, its people or what they owe was changed behind the record's back.")

    def _people(self) -> None:
        """Nobody is a member without an entry that brought them in, and nobody who was barred is barred no more."""
        members, subjects = schema.members, schema.subjects
        for row in self._conn.execute(self._store.rows(members, members.c.ref, members.c.person)):
            if row.person not in self._chain.people.get(row.ref, set()):
                raise Bad(0, f"A member was put into incident {row.ref} behind the record's back.")
        barred = {(row.ref, row.person) for row in self._conn.execute(self._store.rows(subjects, subjects.c.ref, subjects.c.person))}
        wanted = {(ref, person) for ref, people in self._chain.subjects.items() for person in people}
        for ref, _ in sorted(barred ^ wanted):
            raise Bad(0, f"Who is barred from incident {ref} was changed behind the record's back.")

    def _jobs(self) -> None:
        """Every job that was planned is there, is what it was, and ended only as the record says."""
        jobs, now = schema.jobs, self._store.clock.now()
        columns = (jobs.c[name] for name in JOB_COLUMNS)
        rows = self._conn.execute(self._store.rows(jobs, *columns)).all()
        there: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            there[row.ref].add(row.id)
        for ref, planned in self._chain.planned.items():
            if not planned <= there[ref]:
                raise Bad(0, f"A message that was planned for {ref} was taken out behind the record's back.")
        sends: dict[Any, list[Row[Any]]] = defaultdict(list)
        for row in rows:
            if row.kind == JobKind.SEND:
                sends[row.ref, row.person, row.purpose].append(row)
        for row in rows:
            if row.id not in self._chain.planned.get(row.ref, ()):
                continue  # from before the record vouched for jobs
            parts = (row.kind, row.ref, row.person, row.channel, row.purpose)
            late = max(row.due_at - LONGEST_ASKED, (row.lease_until or now) - LEASE) > now + SLACK
            first = row.kind in NOTICES and row.purpose.startswith(FIRST_SORTS) and row.priority != FIRST
            if row.id != job_id(self._store.school, *parts) or first or (late and row.done_at is None):
                raise Bad(0, f"A message that was planned for {row.ref} was changed behind the record's back.")
            if row.kind in NOTICES and not self._ended_well(row, sends[row.ref, row.person, row.purpose]):
                raise Bad(0, f"A message for {row.ref} did not end as the record says.")

    def _ended_well(self, row: Row[Any], sends: list[Row[Any]]) -> bool:
        how = self._chain.ended.get(row.id)
        if how is not None:
            return row.done_at is not None and row.ended == how
        if row.done_at is None:
            return row.ended == "" and not (row.kind == JobKind.NOTIFY and sends)
        match row.kind, row.ended:
            case JobKind.NOTIFY, "split":
                return bool(sends)
            case JobKind.SEND, "not needed":
                return any(other.ended == "sent" and other.channel not in SILENT for other in sends)
            case _, "barred":
                return row.person in self._chain.subjects.get(row.ref, set())
        return False

    def _seals(self, closed: dict[str, str]) -> None:
        """What was reported opens, and is of the kind that stands beside it; an outcome is the one with which it was closed."""
        for row in self._conn.execute(self._store.rows(schema.incidents)).mappings():
            ref = row["ref"]
            if row["sealed"] is None:
                if (ref, PURGED) not in self._chain.bound:
                    raise Bad(0, f"Incident {ref} has lost its words, and no purge is on record.")
                continue
            kept = self._open("incidents", ref, "sealed", row["sealed"], f"What was reported in {ref}")
            outcome = self._open("incidents", ref, "outcome", row["outcome"], f"The outcome of {ref}") if row["outcome"] else None
            if f'"kind":"{row["kind"]}"' not in kept or outcome != closed.get(ref):
                raise Bad(0, f"What was reported in {ref}, or its outcome, was changed behind the record's back.")

    def _persons(self) -> None:
        """Everybody whom the record knows is there, and is found by their own name."""
        there = set()
        for row in self._conn.execute(self._store.rows(schema.persons)).mappings():
            there.add(row["key"])
            self._open("persons", row["key"], "sealed", row["sealed"], "What is kept of a person")
            kept = self._vault.open_json(Place(self._store.school, "persons", row["key"], "sealed"), row["sealed"])
            let_go = self._vault.indexes(self._store.school, LET_GO, row["key"]) if row["key"] in self._chain.erased else []
            if row["found_by"] not in (*self._vault.indexes(self._store.school, "person", kept["id"]), *let_go):
                raise Bad(0, "A person was put in the place of another behind the record's back.")
        if self._chain.known - there - self._chain.erased:
            raise Bad(0, "Somebody whom the record knows was taken out, and no erasure is on record.")

    def _rooms(self) -> None:
        rooms = schema.rooms
        there = {(row.ref, row.channel) for row in self._conn.execute(self._store.rows(rooms).where(rooms.c.sealed.is_not(None)))}
        for ref, _ in sorted(self._chain.rooms - there):
            if (ref, PURGED) not in self._chain.bound:
                raise Bad(0, f"The room of {ref} was taken out behind the record's back.")
        for row in self._conn.execute(self._store.rows(schema.rooms).where(schema.rooms.c.sealed.is_not(None))).mappings():
            name = f"{row['ref']}/{row['channel']}"
            conversation = self._open("rooms", name, "sealed", row["sealed"], f"The room of {row['ref']}")
            if row["found_by"] not in self._vault.indexes(self._store.school, "room", f"{row['channel']}:{conversation}"):
                raise Bad(0, f"The room of {row['ref']} was changed behind the record's back.")

    def _open(self, table: str, row: str, column: str, sealed: bytes, what: str) -> str:
        try:
            return self._vault.open(Place(self._store.school, table, row, column), sealed)
        except (UsherError, ValueError) as error:
            raise Bad(0, f"{what} does not open: it was changed or moved, or its key is missing.") from error
