"""What one person sees of incidents: the whole of one, rows of a list, how their own report stands, what has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func

from bot.incidents import schema
from bot.incidents.acknowledged import as_reported, before_what, of_the_smaller_matter, owed_as_reported, raised_refs, telephone
from bot.incidents.checklist import owed
from bot.incidents.escalation import next_due
from bot.incidents.gate import Action, Standing, may, standing
from bot.incidents.model import Acknowledgement, Change, Changes, Entry, Incident, Kind, Member, Report, State, Summary, Urgency
from bot.incidents.policy_of_school import SchoolRules
from bot.incidents.records import Facts, Records
from bot.incidents.routing import holders
from bot.incidents.times import hour, local
from bot.people import Person, Role

FEED_PAGE = 200


class Views:
    """Reads for one person, inside the caller's transaction. What is not for them is left out here."""

    def __init__(self, records: Records, rules: SchoolRules) -> None:
        self._records = records
        self._store = records.store
        self._rules = rules

    def incident(self, conn: Connection, facts: Facts, by: Person) -> Incident:
        """The incident as this person may see it; one who may only follow it sees their report and how it stands."""
        full = may(by, Action.READ, facts)
        report = self._records.report(facts)
        about = self._subjects(facts, report, by)
        outcome = facts.row["outcome"]
        reporter = facts.people.get(facts.reporter_key)
        acknowledgements = self.acknowledgements(conn, facts, by)
        kind, urgency = (facts.kind, facts.urgency) if full else as_reported(conn, self._records, facts)
        gave, key = any(ack.person == by.id for ack in acknowledgements), facts.keys.get(by.id, "")
        return Incident(
            ref=facts.ref, kind=kind, state=facts.state, urgency=urgency, reporter=facts.reporter,
            reporter_name=reporter.name if reporter else "Someone", opened_at=self._local(facts.opened_at),
            members=facts.members if full else (), subjects=about,
            owed=owed(report, self._ticks(conn, facts), police_hold=facts.police_hold) if full else (),
            acknowledgements=acknowledgements, report=replace(report, kind=kind, subjects=about),
            timeline=self.timeline(conn, facts, by) if full else (),
            outcome=self._records.vault.open(self._records.place("incidents", facts.ref, "outcome"), outcome) if outcome and full else "",
            legal_hold=facts.row["legal_hold"], purged=facts.row["purged_at"] is not None,
            about=tuple(facts.people[facts.keys[one]].name for one in about if one in facts.keys) if full else (),
            police_hold=facts.police_hold and full,
            awaits=any(ack.at is None for ack in acknowledgements) and (not gave or self.owes(conn, facts.ref, key)),
        )  # fmt: skip

    def owes(self, conn: Connection, ref: str, person_key: str) -> bool:
        """Whether this person was asked for an acknowledgement that nobody has given yet."""
        acks, alerted = schema.acknowledgements, schema.alerted
        asked = self._store.rows(alerted, alerted.c.role).where(alerted.c.ref == ref, alerted.c.person == person_key)
        waiting = self._store.rows(acks, acks.c.role).where(acks.c.ref == ref, acks.c.at.is_(None), acks.c.role.in_(asked))
        return conn.scalar(waiting.limit(1)) is not None

    @staticmethod
    def _subjects(facts: Facts, report: Report, by: Person) -> tuple[str, ...]:
        """Whom this person may know it to be about: all of them where the gate says so; a reporter, those whom they named."""
        if may(by, Action.SEE_SUBJECTS, facts):
            return facts.subjects
        return tuple(one for one in facts.subjects if one in report.subjects) if by.id == facts.reporter else ()

    def acknowledgements(self, conn: Connection, facts: Facts, by: Person | None = None) -> tuple[Acknowledgement, ...]:
        """Every acknowledgement that is owed, in the order of the route. `by`: as they may know of it, and of the smaller matter."""
        table = schema.acknowledgements
        rows = conn.execute(self._store.rows(table).where(table.c.ref == facts.ref).order_by(table.c.place)).mappings().all()
        if by is not None and not may(by, Action.READ, facts):
            known, by = owed_as_reported(conn, self._records, facts.ref), None
            rows = [row for row in rows if known is None or row["role"] in known]
        before = of_the_smaller_matter(conn, self._records, facts) if by is not None else {}
        keys = {key for row in rows for key in (row["person"], row["seen_by"])} | {key for key, _ in before.values()}
        people = self._records.directory.persons(conn, keys)
        return tuple(self._given(row, people, *before.get(row["role"], ("", None))) for row in rows)

    def _given(self, row: Mapping[Any, Any], people: Mapping[str, Person], who: str, when: datetime | None) -> Acknowledgement:
        """One of them. `who` and `when`: of the smaller matter that it was."""
        person, seen = people.get(row["person"]), people.get(row["seen_by"])
        return Acknowledgement(
            Role(row["role"]), row["why"], person.id if person else "", person.name if person else "", self._maybe(row["at"]),
            seen.name if seen else "", self._maybe(row["seen_at"]), self._maybe(row["delivered_at"]), self._maybe(row["next_at"]),
            (people[who].name if who in people else "Someone") if when else "", self._maybe(when),
        )  # fmt: skip

    def rows(self, conn: Connection, by: Person, *, reported: bool) -> tuple[Summary, ...]:
        """The rows of a list: what this person may read, or what they have reported. Un-acknowledged first, then the newest."""
        key = self._records.directory.known_key(conn, by.id)
        if key is None:
            return ()
        rows, counts, gone = self._mine(conn, by, key, reported=reported), self._counts(conn, key), self._records.directory.has_left
        found = [self._row(conn, summary, by, counts) for row in rows if (summary := _summary(row, by, key, counts, gone))]
        return tuple(sorted(found, key=lambda summary: (not summary.unacknowledged, -summary.opened_at.timestamp(), summary.ref)))

    def _row(self, conn: Connection, summary: Summary, by: Person, counts: _Counts) -> Summary:
        """The row in local time; for who may only follow it as what it was reported."""
        facts = self._records.facts(conn, summary.ref) if summary.ref in counts.raised else None
        if facts is not None and not may(by, Action.READ, facts):
            kind, urgency = as_reported(conn, self._records, facts)
            summary = replace(summary, kind=kind, urgency=urgency)
        return replace(summary, opened_at=self._local(summary.opened_at))

    def changes(self, conn: Connection, cursor: int, by: Person) -> Changes:
        """This person's own changes after the cursor."""
        key = self._records.directory.known_key(conn, by.id)
        if key is None:
            return Changes(cursor, ())
        feed = schema.feed
        query = self._store.rows(feed).where(feed.c.person == key, feed.c.n > cursor).order_by(feed.c.n).limit(FEED_PAGE)
        rows = conn.execute(query).mappings().all()
        if not rows and cursor and (conn.scalar(self._store.rows(feed, func.max(feed.c.n)).where(feed.c.person == key)) or 0) < cursor:
            # Changes were taken away, and the next will be counted from lower down: whoever waits begins anew, and misses none.
            return self.changes(conn, 0, by)
        return Changes(rows[-1]["n"] if rows else cursor, tuple(Change(row["ref"], row["what"], row["entry"]) for row in rows))

    def delivery(self, conn: Connection, facts: Facts, by: Person) -> str:
        """How a report stands, in whole sentences: never better than it is. Who may only follow hears nothing of what it turned into."""
        now, lines, waiting = self._store.clock.now(), [], False
        known = None if may(by, Action.READ, facts) else owed_as_reported(conn, self._records, facts.ref)
        for ack in self.acknowledgements(conn, facts, by):
            lines.append(self._standing_of(ack, facts.kind))
            waiting |= ack.at is None and self._overdue(facts, ack, now)
        if waiting:
            lines.append(f"Not yet acknowledged: please telephone. {telephone(conn, self._records, facts, known)}".strip())
        if facts.state in (State.IN_HAND, State.WITH_POLICE, State.CLOSED):
            lines.append(f"It is now {facts.state.label.lower()}.")
        return " ".join(lines)

    def _overdue(self, facts: Facts, ack: Acknowledgement, now: datetime) -> bool:
        first = next_due(self._rules, facts.urgency, facts.opened_at, 0)
        undelivered = ack.delivered_at is None and ack.seen_at is None and now - facts.opened_at > timedelta(seconds=60)
        return undelivered or now >= first

    def _local(self, at: datetime) -> datetime:
        return local(at, self._rules.quiet.zone)

    def _maybe(self, at: datetime | None) -> datetime | None:
        return None if at is None else self._local(at)

    def _hour(self, at: datetime) -> str:
        return hour(at, self._store.clock.now(), self._rules.quiet.zone)

    def _standing_of(self, ack: Acknowledgement, kind: Kind) -> str:
        role, people = ack.role.label, self._records.directory.people
        if ack.at:
            return f"Acknowledged by {people.acting(ack.name, (ack.role,))} at {self._hour(ack.at)}."
        before = ""
        if ack.earlier_at:
            before = f"Seen by {people.acting(ack.earlier, (ack.role,))} at {self._hour(ack.earlier_at)}, {before_what(kind)}. "
        if ack.seen_at:
            return f"{before}Seen by {people.acting(ack.seen_by, (ack.role,))} at {self._hour(ack.seen_at)}."
        if ack.delivered_at:
            return f"{before}Delivered to the {role} at {self._hour(ack.delivered_at)}."
        return f"{before}On its way to the {role}, not yet delivered."

    def _ticks(self, conn: Connection, facts: Facts) -> dict[str, tuple[str, datetime]]:
        ticks = schema.ticks
        rows = conn.execute(self._store.rows(ticks).where(ticks.c.ref == facts.ref)).mappings().all()
        people = self._records.directory.persons(conn, {row["person"] for row in rows})
        return {row["item"]: (people[row["person"]].name if row["person"] in people else "Someone", self._local(row["at"])) for row in rows}

    def timeline(self, conn: Connection, facts: Facts, by: Person) -> tuple[Entry, ...]:
        """The timeline, without what is not for this person."""
        entries, mine = schema.entries, facts.keys.get(by.id, "-")
        rows = conn.execute(self._store.rows(entries).where(entries.c.ref == facts.ref).order_by(entries.c.number)).mappings().all()
        people = {**facts.people, **self._records.directory.persons(conn, {row["person"] for row in rows} - set(facts.people))}
        notes = may(by, Action.READ_NOTES, facts)
        return tuple(self._entry(row, people) for row in rows if notes or not row["hidden"] or row["person"] == mine)

    def _entry(self, row: Any, people: dict[str, Person]) -> Entry:
        body = {"text": "", "message": ""}
        if row["sealed"] is not None:
            body = self._records.vault.open_json(self._records.place("entries", f"{row['ref']}/{row['number']}"), row["sealed"])
        person = people.get(row["person"])
        who, name = (person.id, person.name) if person else ("", "Someone" if row["person"] else "")
        return Entry(row["number"], self._local(row["at"]), who, name, row["what"], body["text"], row["channel"], body["message"])

    def _mine(self, conn: Connection, by: Person, key: str, *, reported: bool) -> list[Any]:
        incidents, members = schema.incidents, schema.members
        query = self._store.rows(incidents, incidents, members.c.via, members.c.role, members.c.left_at, members.c.read_to)
        join = (members.c.school == incidents.c.school) & (members.c.ref == incidents.c.ref) & (members.c.person == key)
        query = query.select_from(incidents.join(members, join, isouter=reported))
        if reported:
            query = query.where(incidents.c.reporter == key)
        gone = self._records.directory.has_left
        return [row for row in conn.execute(query).mappings() if reported or not gone(by, row["via"], row["role"])]

    def _counts(self, conn: Connection, key: str) -> _Counts:
        """What the rows of one person's list need, for all of them at once."""
        subjects, acks, entries, members = schema.subjects, schema.acknowledgements, schema.entries, schema.members
        barred = conn.scalars(self._store.rows(subjects, subjects.c.ref).where(subjects.c.person == key))
        waiting = conn.scalars(self._store.rows(acks, acks.c.ref).where(acks.c.at.is_(None)))
        mine = (members.c.school == entries.c.school) & (members.c.ref == entries.c.ref) & (members.c.person == key)
        shown = func.sum(case((entries.c.hidden, 0), else_=1))
        unread = self._store.rows(entries, entries.c.ref, func.count().label("every"), shown.label("shown"))
        unread = unread.select_from(entries.join(members, mine)).where(entries.c.number > members.c.read_to, entries.c.person != key)
        rows = conn.execute(unread.group_by(entries.c.ref))
        unread_of = {row.ref: (row.every, row.shown) for row in rows}
        return _Counts(frozenset(barred), frozenset(waiting), unread_of, raised_refs(conn, self._records))


@dataclass(frozen=True)
class _Counts:
    """`unread`: reference to how many entries are new, and how many of them are not for handlers alone."""

    barred: frozenset[str]
    waiting: frozenset[str]
    unread: Mapping[str, tuple[int, int]]
    raised: frozenset[str]


def _summary(row: Any, by: Person, key: str, counts: _Counts, gone: Callable[[Person, str, str], bool]) -> Summary | None:
    """One row, or None where it is not for this person."""
    here = row["via"] and not gone(by, row["via"], row["role"])
    members = (Member(by.id, by.name, row["via"], in_room=True, left_at=row["left_at"]),) if here else ()
    light = Facts(
        row["ref"], Kind(row["kind"]), State(row["state"]), Urgency(row["urgency"]), by.id if row["reporter"] == key else "",
        row["opened_at"], members, (by.id,) if row["ref"] in counts.barred else (), {}, {}, row,
    )  # fmt: skip
    reads = may(by, Action.READ, light)
    if not reads and not may(by, Action.FOLLOW, light):
        return None
    every, shown = counts.unread.get(light.ref, (0, 0)) if reads else (0, 0)
    unread = shown if standing(by, light) is Standing.REPORTER else every
    return Summary(light.ref, light.kind, light.state, light.urgency, light.opened_at, light.ref in counts.waiting, unread)


def telephone_line(people: tuple[Person, ...]) -> str:
    """Whom to telephone when nothing could be saved."""
    known = [f"{person.name}, {person.telephone}" for person in people if person.telephone]
    return "Please telephone now: " + "; ".join(known) + "." if known else "Please tell the person who needs to know, now."


def first_people(roles: tuple[Role, ...], subjects: frozenset[str], records: Records) -> tuple[Person, ...]:
    """Those who hold these roles and are not subjects, each once."""
    found: dict[str, Person] = {}
    for role in roles:
        for person in holders(records.directory.people, role, subjects):
            found.setdefault(person.id, person)
    return tuple(found.values())
