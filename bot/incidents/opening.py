"""Opening an incident: one transaction writes it, its people, its first entry, its audit entry and the jobs that deliver it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from bot.incidents import schema
from bot.incidents.checklist import held_from_the_start
from bot.incidents.escalation import next_due
from bot.incidents.jobs import FIRST
from bot.incidents.model import Report, State
from bot.incidents.policy_of_school import SchoolRules
from bot.incidents.records import Facts, Records, canonical, report_to
from bot.incidents.routing import RouteStep, barred_roles, holders, route_here, subjects_of
from bot.incidents.views import first_people, telephone_line
from bot.people import Person, Role

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"  # no look-alikes, and no vowels that could spell a word
HALF = 4
SAME_REPORT = timedelta(hours=24)
SAME_PRESS = timedelta(minutes=10)
AGAIN = "You can send it again: the same report stays one report."


def new_reference() -> str:
    """A reference without meaning and without order, such as K7QM-2WXR."""
    letters = [secrets.choice(ALPHABET) for _ in range(2 * HALF)]
    return "".join(letters[:HALF]) + "-" + "".join(letters[HALF:])


def as_reference(text: str) -> str:
    """A reference as somebody typed it, in the one form in which it is stored; "" where it cannot be one."""
    letters = "".join(letter for letter in text.upper() if letter not in " -–")
    return f"{letters[:HALF]}-{letters[HALF:]}" if len(letters) == 2 * HALF and set(letters) <= set(ALPHABET) else ""


class Opening:
    """Opens incidents, inside the caller's transaction."""

    def __init__(self, records: Records, rules: SchoolRules) -> None:
        self._records = records
        self._store = records.store
        self._people = records.directory.people
        self._rules = rules

    def resolve(self, report: Report) -> Report:
        """The report with every subject named by id."""
        return replace(report, subjects=tuple(sorted(subjects_of(self._people, report.subjects, report.done_by))))

    def route(self, report: Report) -> tuple[RouteStep, ...]:
        """Whom this report goes to: roles that somebody holds who is not a subject."""
        return route_here(self._people, report.kind, report.subjects, report.done_by)

    def whom_to_telephone(self, report: Report) -> str:
        """Whom this report would go to, with their telephone numbers: for when nothing else works. Reads no database."""
        resolved = self.resolve(report)
        roles = tuple(step.role for step in self.route(resolved) if step.alerted)
        return telephone_line(first_people(roles, frozenset(resolved.subjects), self._records))

    def not_known(self, report: Report) -> str:
        """What the reporter is told where the store does not answer in time. Reads no database."""
        return f"It is not known whether your report was saved. {self.whom_to_telephone(report)} {AGAIN}"

    def same(self, conn: Connection, report: Report, by: Person) -> Facts | None:
        """The incident that this very report opened within the last day, if it is not closed."""
        incidents = schema.incidents
        prints = self._records.vault.indexes(self._records.school, "report", canonical(report, by.id))
        query = self._store.rows(incidents, incidents.c.ref).where(
            incidents.c.fingerprint.in_(prints),
            incidents.c.opened_at > self._store.clock.now() - SAME_REPORT,
            incidents.c.state != State.CLOSED,
        )
        ref = conn.scalar(query)
        return None if ref is None else self._records.facts(conn, ref)

    def again(self, conn: Connection, facts: Facts, by: str) -> None:
        """The same report once more: a repeated press is dropped; after a while it is a person who asks to be heard."""
        now = self._store.clock.now()
        if now - facts.row["reported_at"] < SAME_PRESS:
            return
        self._store.change(conn, schema.incidents, schema.incidents.c.ref == facts.ref, reported_at=now)
        self._records.spread(conn, facts.ref, self._records.write(conn, facts.ref, by, "repeated"))

    def new(self, conn: Connection, report: Report, by: Person) -> str:
        """Write a new incident and everything that goes with it; its reference."""
        records, now = self._records, self._store.clock.now()
        steps = self.route(report)
        reporter = records.directory.key(conn, by)
        ref = new_reference()
        barred = barred_roles(self._people, report.subjects, report.done_by)
        values = {
            "kind": report.kind, "state": State.OPEN, "urgency": report.urgency, "reporter": reporter, "opened_at": now, "reported_at": now,
            "fingerprint": records.vault.index(records.school, "report", canonical(report, by.id)), "barred": " ".join(sorted(barred)),
            "police_hold_at": now if held_from_the_start(report) else None,
        }  # fmt: skip
        while not self._store.insert_new(
            conn, schema.incidents, ref=ref, sealed=records.vault.seal_json(records.place("incidents", ref), report_to(report)),
            legal_hold=False, **values,
        ):  # fmt: skip
            ref = new_reference()
        subjects = [records.directory.key(conn, self._people.get(one) or Person(one, "Someone")) for one in report.subjects]
        for key in subjects:
            self._store.insert_new(conn, schema.subjects, ref=ref, person=key)
        people = self._tell(conn, ref, report, steps)
        if by.id not in report.subjects:
            self._member(conn, ref, reporter, "reporter", None)
            people.add(reporter)
        detail = {
            "kind": report.kind, "state": State.OPEN, "people": sorted(people), "subjects": sorted(subjects),
            "police_hold": held_from_the_start(report),
        }  # fmt: skip
        written = records.write(conn, ref, reporter, "opened", detail=detail)
        records.spread(conn, ref, written)
        return ref

    def _tell(self, conn: Connection, ref: str, report: Report, steps: tuple[RouteStep, ...]) -> set[str]:
        """Members, the acknowledgements that are owed, and the first alerts: one alert for a person with two roles. Their keys."""
        first_rung = next_due(self._rules, report.urgency, self._store.clock.now(), 0)
        alerted: set[str] = set()
        owing = [step for step in steps if step.alerted]
        for place, step in enumerate(owing):
            self._store.add(
                conn, schema.acknowledgements, ref=ref, role=step.role, why=" ".join(step.reasons), place=place, step=0, next_at=first_rung
            )
            for person in holders(self._people, step.role, report.subjects):
                key = self._records.directory.key(conn, person)
                self._member(conn, ref, key, "route", step.role)
                self._store.insert_new(conn, schema.alerted, ref=ref, role=step.role, person=key, at=self._store.clock.now())
                if key not in alerted:
                    self._records.jobs.notify(conn, ref, key, "alert:0", priority=FIRST)
                alerted.add(key)
        return alerted

    def _member(self, conn: Connection, ref: str, key: str, via: str, role: Role | None) -> None:
        self._store.insert_new(
            conn, schema.members, ref=ref, person=key, via=via, role=role or "", in_room=True, joined_at=self._store.clock.now(), read_to=0
        )
