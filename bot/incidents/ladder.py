"""Climbs the ladder: whoever has not acknowledged is asked again, then the next person too, until somebody has.

The rungs stand in the database, so any process can climb, one at a time, and a restart forgets nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import NotSaved
from bot.incidents import schema
from bot.incidents.escalation import ladder_began, next_due, roles_on
from bot.incidents.jobs import FIRST, SOON
from bot.incidents.model import State
from bot.incidents.records import Facts
from bot.incidents.register import Register
from bot.incidents.routing import INSTEAD, UNDER_THE_HEAD, about_the_head, holders
from bot.logs import trail
from bot.people import Person, Role

log = logging.getLogger(__name__)
AT_ONCE = 50
REPORTER = "the reporter"  # told apart from the same person's being asked
PUT_OFF = timedelta(minutes=1)


class Ladder:
    """The ladders of one school's incidents."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._records = register.records
        self._store = register.store
        self._rules = register.rules

    def climb_all(self) -> int:
        """Take every rung that is due, in transactions short enough for others to get between: a school day begins with many."""
        taken = 0
        while (some := self.climb()) > 0:
            taken += some
        return taken

    def climb(self) -> int:
        """Take some of the rungs that are due now; how many acknowledgements were asked for again."""
        acks, now = schema.acknowledgements, self._store.clock.now()
        due = self._store.rows(acks).where(acks.c.at.is_(None), acks.c.next_at <= now).order_by(acks.c.next_at).limit(AT_ONCE)
        with self._store.reading() as conn:
            if conn.execute(due.with_only_columns(acks.c.ref)).first() is None:
                return 0
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            rows = conn.execute(due).mappings().all()
            asked: set[tuple[str, str]] = set()
            for row in rows:
                try:
                    with conn.begin_nested():
                        asked |= self._rung(conn, dict(row), now, asked)
                except (SQLAlchemyError, NotSaved):
                    raise
                except Exception as error:
                    # One incident that cannot be read must not silence the others; it is tried again, and the log says so.
                    log.error("A rung could not be taken and is put off: %s", trail(error))
                    mine = (acks.c.ref == row["ref"], acks.c.role == row["role"])
                    self._store.change(conn, acks, *mine, next_at=now + PUT_OFF)
            return len(rows)

    def hurry(self, conn: Connection, ref: str, person: str) -> None:
        """An alert cannot reach this person: go on to the first rung that brings in somebody else, now; once for each who fails."""
        acks, alerted = schema.acknowledgements, schema.alerted
        asked = self._store.rows(alerted, alerted.c.role).where(alerted.c.ref == ref, alerted.c.person == person)
        waiting = self._store.rows(acks).where(acks.c.ref == ref, acks.c.at.is_(None), acks.c.role.in_(asked))
        for row in [dict(found) for found in conn.execute(waiting).mappings()]:
            facts, purpose = self._records.facts(conn, ref), f"alert:instead:{row['role']}:{person}{self._turned(conn, ref)}"
            if facts is None or facts.state is State.CLOSED:
                return
            if self._records.jobs.noticed(conn, ref, purpose):
                continue
            steps = self._rules.ladder(facts.urgency).steps
            rungs = (self._new_people(conn, facts, row, step) for step in range(row["step"], len(steps)))
            new = next((people for people in rungs if people), ())
            for instead in new:
                key = self._join(conn, facts, instead, Role(row["role"]))
                self._records.jobs.notify(conn, ref, key, purpose, priority=FIRST)
            if new:
                self._escalated(conn, facts, row, new)

    def _rung(self, conn: Connection, row: Mapping[str, Any], now: datetime, already: AbstractSet[tuple[str, str]]) -> set[tuple[str, str]]:
        """Take this rung; the references and keys of those who were asked. `already`: who was, a moment ago, for another role."""
        facts = self._records.facts(conn, row["ref"])
        mine = (schema.acknowledgements.c.ref == row["ref"], schema.acknowledgements.c.role == row["role"])
        if facts is None or facts.state is State.CLOSED:
            self._store.change(conn, schema.acknowledgements, *mine, next_at=None)
            return set()
        step, due, ladder = row["step"], row["next_at"] or now, self._rules.ladder(facts.urgency)
        began = ladder_began(self._rules, facts.urgency, facts.opened_at, step, due)
        new: dict[str, Person] = {}
        while True:  # every rung that was missed while nothing ran, in one go
            new |= {person.id: person for person in self._new_people(conn, facts, row, step)}
            step += 1
            due = next_due(self._rules, facts.urgency, began, step, due)
            if due > now:
                break
            if step >= len(ladder.steps):
                due = next_due(self._rules, facts.urgency, began, step, now)
                break
        self._store.change(conn, schema.acknowledgements, *mine, step=step, next_at=due)
        notices = self._ask(conn, facts, row, new, step)
        if row["step"] == 0:
            notices[REPORTER] = (facts.reporter_key, f"waiting:{row['role']}{self._turned(conn, facts.ref)}", SOON)
        for one in notices.keys() - {one for ref, one in already if ref == facts.ref}:
            key, purpose, priority = notices[one]
            self._records.jobs.notify(conn, facts.ref, key, purpose, priority=priority)
        return {(facts.ref, one) for one in notices}

    def _ask(
        self, conn: Connection, facts: Facts, row: Mapping[str, Any], new: Mapping[str, Person], step: int
    ) -> dict[str, tuple[str, str, int]]:
        """Put on record who is asked now; the notice for each of them."""
        alerted = schema.alerted
        for person in new.values():
            self._join(conn, facts, person, Role(row["role"]))
        asked = conn.scalars(self._store.rows(alerted, alerted.c.person).where(alerted.c.ref == facts.ref, alerted.c.role == row["role"]))
        purpose = f"alert:{row['role']}:{step}{self._turned(conn, facts.ref)}"
        notices = {key: (key, purpose, FIRST) for key in asked.all()}
        if new or row["step"] == 0:
            self._escalated(conn, facts, row, tuple(new.values()))
        else:
            self._records.trail.append(conn, "", "reminded", ref=facts.ref, detail={"role": row["role"], "step": step})
        return notices

    def _turned(self, conn: Connection, ref: str) -> str:
        """Where it turned graver: so that the same rung, climbed again, is another notice."""
        raised = self._records.raised(conn, ref)
        return raised.suffix if raised else ""

    def _escalated(self, conn: Connection, facts: Facts, row: Mapping[str, Any], new: tuple[Person, ...]) -> None:
        whom = ", ".join(person.name for person in new) or "the same people, again"
        text = f"{Role(row['role']).label} has not acknowledged; asked: {whom}"
        detail = {"people": [self._records.directory.key(conn, person) for person in new]}
        self._records.spread(conn, facts.ref, self._records.write(conn, facts.ref, "", "escalated", text, detail=detail))

    def _new_people(self, conn: Connection, facts: Facts, row: Mapping[str, Any], step: int) -> tuple[Person, ...]:
        """Who stands on this rung and has not been asked for this acknowledgement yet; somebody, where nobody was asked at all."""
        about = self._about_the_head(facts)
        alerted = schema.alerted
        keys = conn.scalars(self._store.rows(alerted, alerted.c.person).where(alerted.c.ref == facts.ref, alerted.c.role == row["role"]))
        asked = {person.id for person in self._records.directory.persons(conn, set(keys.all())).values()}
        gone = {member.person for member in facts.members if member.left_at is not None}
        # Whoever holds the role by now is asked, too: the Headteacher of today knows nothing of what went to the one before.
        own = () if about and row["role"] in UNDER_THE_HEAD else (Role(row["role"]),)
        roles = roles_on(self._rules.ladder(facts.urgency), step, about_the_head=about)
        found = self._holders(facts, own + roles, asked | gone)
        if not found and asked <= (gone | set(facts.subjects)):
            preferred = tuple(role for role in INSTEAD if not (about and role in UNDER_THE_HEAD))
            found = next((held for role in preferred if (held := self._holders(facts, (role,), asked | gone))), ())
        return found

    def _about_the_head(self, facts: Facts) -> bool:
        return about_the_head(self._records.directory.people, facts.subjects, facts.row["barred"].split())

    def _holders(self, facts: Facts, roles: tuple[Role, ...], without: set[str]) -> tuple[Person, ...]:
        people = self._records.directory.people
        found = {person.id: person for role in roles for person in holders(people, role, facts.subjects) if person.id not in without}
        return tuple(found.values())

    def _join(self, conn: Connection, facts: Facts, person: Person, role: Role) -> str:
        """They may read from now on; they come into the rooms when they acknowledge. Their key."""
        key, now = self._records.directory.key(conn, person), self._store.clock.now()
        self._store.insert_new(conn, schema.alerted, ref=facts.ref, role=role, person=key, at=now)
        held = next(iter(sorted(person.roles)), "")
        members = schema.members
        if not self._store.insert_new(
            conn, members, ref=facts.ref, person=key, via="ladder", role=held, in_room=False, joined_at=now, read_to=0
        ):  # fmt: skip
            weaker = members.c.via.in_(["reporter", "invited"])
            self._store.change(conn, members, members.c.ref == facts.ref, members.c.person == key, weaker, via="ladder", role=held)
        return key
