"""Who is in on an incident, who has acknowledged it, who came and went."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.errors import Refused
from bot.incidents import schema
from bot.incidents.escalation import next_due
from bot.incidents.gate import Action, Standing, may, standing
from bot.incidents.jobs import FIRST, SILENT, SOON, JobKind
from bot.incidents.model import Incident, State
from bot.incidents.opening import as_reference
from bot.incidents.policy_of_school import SchoolRules
from bot.incidents.records import Records
from bot.incidents.routing import barred_roles, holders, route
from bot.incidents.turns import Turn, Turns
from bot.people import Person, Role

GRAVER = "It has turned out graver than what you were shown. Please open it, and acknowledge it as it is now."


class Membership:
    """Changes to the people of an incident, inside a turn."""

    def __init__(self, records: Records, turns: Turns, rules: SchoolRules) -> None:
        self._records = records
        self._store = records.store
        self._turns = turns
        self._rules = rules

    def acknowledge(self, turn: Turn, known: str | None = None) -> None:
        """Give every acknowledgement for which this person was alerted and that is still owed.

        Refused where it was shown to them as something smaller than it is: `known` is what it was shown as, None where nothing was.
        """
        if known is not None and known != turn.facts.kind and self._records.raised(turn.conn, turn.facts.ref):
            raise Refused(GRAVER)
        incidents, acks, alerted, members = schema.incidents, schema.acknowledgements, schema.alerted, schema.members
        ref, conn = turn.facts.ref, turn.conn
        asked = conn.scalars(self._store.rows(alerted, alerted.c.role).where(alerted.c.ref == ref, alerted.c.person == turn.key)).all()
        first = turn.facts.state is State.OPEN
        for role in asked:
            mine = (acks.c.ref == ref, acks.c.role == role, acks.c.at.is_(None))
            if self._store.change(conn, acks, *mine, person=turn.key, at=turn.now, next_at=None):
                detail = {"role": role, **({"state": State.ACKNOWLEDGED} if first else {})}
                if first:
                    self._store.change(conn, incidents, incidents.c.ref == ref, state=State.ACKNOWLEDGED)
                self._turns.tell_reporter(turn, self._turns.record(turn, "acknowledged", Role(role).label, detail=detail))
        self._store.change(conn, members, members.c.ref == ref, members.c.person == turn.key, in_room=True)

    def seen(self, turn: Turn) -> None:
        """Somebody who was asked to acknowledge has opened the incident: the reporter may know."""
        acks, alerted = schema.acknowledgements, schema.alerted
        ref, conn = turn.facts.ref, turn.conn
        asked = conn.scalars(self._store.rows(alerted, alerted.c.role).where(alerted.c.ref == ref, alerted.c.person == turn.key)).all()
        first = [
            role
            for role in asked
            if self._store.change(
                conn, acks, acks.c.ref == ref, acks.c.role == role, acks.c.seen_at.is_(None), seen_by=turn.key, seen_at=turn.now
            )
        ]
        if first:
            self._turns.record(turn, "seen", ", ".join(Role(role).label for role in first))

    def read_to(self, turn: Turn, number: int) -> None:
        """This person has read the timeline up to here."""
        members = schema.members
        self._store.change(turn.conn, members, members.c.ref == turn.facts.ref, members.c.person == turn.key, read_to=number)

    def bring_in(self, turn: Turn, person: Person, via: str) -> None:
        """Make somebody a member. Refused for a subject."""
        person = self._records.directory.current(person)
        if standing(person, turn.facts) is Standing.SUBJECT:
            raise Refused("This person cannot be brought into this incident.")
        key = self.join(turn, person, via)
        number = self._turns.record(turn, via, person.name, detail={"people": [key]})
        if via == "handed_over":
            self.ask(turn, key)
            self._records.jobs.notify(turn.conn, turn.facts.ref, key, f"alert:over:{number}", priority=FIRST)
        else:
            self._records.jobs.notify(turn.conn, turn.facts.ref, key, f"invited:{number}", priority=SOON)

    def left(self, turn: Turn, channel: str, text: str = "") -> None:
        """Somebody left a room. A reporter or helper is out; somebody who handles it only leaves the room, not the duty."""
        members = schema.members
        out = standing(turn.by, turn.facts) is not Standing.HANDLER
        self._turns.record(turn, "left", text, channel=channel)
        mine = (members.c.ref == turn.facts.ref, members.c.person == turn.key)
        self._store.change(turn.conn, members, *mine, in_room=False, **({"left_at": turn.now} if out else {}))

    def joined(self, ref: str, by: Person, event_id: str, channel: str, text: str = "") -> Incident | None:
        """Somebody is in a room. None where they may not be: it is recorded, they are taken out again, those who handle it are told."""
        wanted, by = as_reference(ref), self._records.directory.current(by)
        with self._store.transaction() as conn:
            turn = self._turns.begin(conn, wanted, by)
            welcome = may(by, Action.READ, turn.facts)
            if not welcome and self._records.applied(conn, by, "joined", wanted, event_id) is None:
                self._records.apply(conn, by, "joined", wanted, event_id, ref=wanted)
                self._intruder(turn, channel, text)
        if not welcome:
            return None
        return self._turns.take(ref, by, event_id, Action.READ, lambda turn: self._back(turn, channel, text))

    def name_subject(self, turn: Turn, person: Person) -> None:
        """Bar somebody for good; where they were the only one asked for an acknowledgement, ask somebody else."""
        if person.id == turn.by.id:
            raise Refused("You cannot name yourself here. Hand the incident over, and tell the person who takes it.")
        conn, ref, key = turn.conn, turn.facts.ref, self._records.directory.key(turn.conn, person)
        if not self._store.insert_new(conn, schema.subjects, ref=ref, person=key):
            return
        members, feed, jobs, acks = schema.members, schema.feed, schema.jobs, schema.acknowledgements
        self._store.change(conn, members, members.c.ref == ref, members.c.person == key, left_at=turn.now, in_room=False)
        # What they acknowledged or saw counts for nothing any more: somebody else must.
        theirs = (acks.c.ref == ref, acks.c.person == key)
        self._store.change(conn, acks, *theirs, person="", at=None, next_at=turn.now)
        self._store.change(conn, acks, acks.c.ref == ref, acks.c.seen_by == key, seen_by="", seen_at=None)
        self._undelivered(conn, ref, key)
        self._store.remove(conn, feed, feed.c.ref == ref, feed.c.person == key)
        # What is on its way, or may have arrived, goes on: whoever delivers it withdraws it, and has to know where it is for that.
        waiting = (jobs.c.done_at.is_(None), jobs.c.lease_until.is_(None), jobs.c.unsure.is_(False))
        notices = jobs.c.kind.in_(["notify", "send"])
        self._store.change(conn, jobs, jobs.c.ref == ref, jobs.c.person == key, notices, *waiting, done_at=turn.now, ended="barred")
        self._turns.record(turn, "subject_named", person.name, hidden=True, detail={"subjects": [key]})
        self._replace(turn)

    def _undelivered(self, conn: Connection, ref: str, key: str) -> None:
        """What had been delivered to somebody who is barred now has reached nobody, unless another got an alert for it as well."""
        acks, alerted, jobs = schema.acknowledgements, schema.alerted, schema.jobs
        asked = self._store.rows(alerted, alerted.c.role, alerted.c.person).where(alerted.c.ref == ref)
        people: dict[str, set[str]] = {}
        for role, person in conn.execute(asked).all():
            people.setdefault(role, set()).add(person)
        barred = set(conn.scalars(self._store.rows(schema.subjects, schema.subjects.c.person).where(schema.subjects.c.ref == ref)))
        sent = (jobs.c.ref == ref, jobs.c.kind == JobKind.SEND, jobs.c.ended == "sent", jobs.c.purpose.startswith("alert:"))
        for role in [role for role, asked_for in people.items() if key in asked_for]:
            others = jobs.c.person.in_(people[role] - barred), jobs.c.channel.not_in(SILENT)
            if conn.execute(self._store.rows(jobs, jobs.c.id).where(*sent, *others).limit(1)).first() is None:
                self._store.change(conn, acks, acks.c.ref == ref, acks.c.role == role, acks.c.at.is_(None), delivered_at=None)

    def _replace(self, turn: Turn) -> None:
        facts = self._records.facts(turn.conn, turn.facts.ref)
        if facts is None:
            return
        acks, alerted, people = schema.acknowledgements, schema.alerted, self._records.directory.people
        barred = barred_roles(people, facts.subjects)
        for row in turn.conn.execute(self._store.rows(acks).where(acks.c.ref == facts.ref, acks.c.at.is_(None))).mappings().all():
            asked = turn.conn.scalars(
                self._store.rows(alerted, alerted.c.person).where(alerted.c.ref == facts.ref, alerted.c.role == row["role"])
            ).all()
            if any(facts.people[key].id not in facts.subjects for key in asked if key in facts.people):
                continue
            for step in route(facts.kind, barred | {Role(row["role"])})[:1]:
                for person in holders(people, step.role, facts.subjects):
                    key = self.join(turn, person, "ladder")
                    self.ask(turn, key, row["role"])
                    self._records.trail.append(turn.conn, "", "asked_instead", ref=facts.ref, detail={"people": [key]})
                    self._records.jobs.notify(turn.conn, facts.ref, key, f"alert:instead:{row['role']}", priority=FIRST)
                    # They have been asked just now; the ladder gives them as long as it gives whoever is asked first.
                    soon = next_due(self._rules, facts.urgency, turn.now, 0)
                    self._store.change(turn.conn, acks, acks.c.ref == facts.ref, acks.c.role == row["role"], next_at=soon)
        self._records.jobs.rooms(turn.conn, facts.ref)

    def join(self, turn: Turn, person: Person, via: str) -> str:
        """Make somebody a member, or a stronger one than they were; their key. Whoever calls it has asked who may be one."""
        members, ref = schema.members, turn.facts.ref
        key = self._records.directory.key(turn.conn, person)
        role = next(iter(sorted(person.roles)), "")
        if not self._store.insert_new(
            turn.conn, members, ref=ref, person=key, via=via, role=role, in_room=True, joined_at=turn.now, read_to=0
        ):  # fmt: skip
            current = next((member for member in turn.facts.members if member.person == person.id), None)
            keeps = current is not None and current.via in ("route", "ladder", "handed_over") and via == "invited"
            stronger = {} if keeps else {"via": via, "role": role}
            self._store.change(turn.conn, members, members.c.ref == ref, members.c.person == key, left_at=None, in_room=True, **stronger)
        return key

    def ask(self, turn: Turn, key: str, only: str | None = None) -> None:
        """They are asked for every acknowledgement that is owed; `only`: for this role's alone."""
        acks = schema.acknowledgements
        for role in turn.conn.scalars(self._store.rows(acks, acks.c.role).where(acks.c.ref == turn.facts.ref, acks.c.at.is_(None))).all():
            if only in (None, role):
                self._store.insert_new(turn.conn, schema.alerted, ref=turn.facts.ref, role=role, person=key, at=turn.now)

    def _intruder(self, turn: Turn, channel: str, text: str) -> None:
        whom = f"{turn.by.name} ({text})" if text else turn.by.name
        number = self._turns.record(turn, "intruder", whom, hidden=True, channel=channel)
        rooms = schema.rooms
        mine = (rooms.c.ref == turn.facts.ref, rooms.c.channel == channel)
        there = turn.conn.scalar(self._store.rows(rooms, rooms.c.people).where(*mine)) or ""
        # Known to be in the room, and not wanted there: that is what makes the room's job take them out.
        self._store.change(turn.conn, rooms, *mine, people=" ".join(sorted({*there.split(), turn.key})))
        self._records.jobs.room(turn.conn, turn.facts.ref, channel)
        for member in turn.facts.active():
            if member.via in ("route", "ladder", "handed_over"):
                key = turn.facts.keys[member.person]
                self._records.jobs.notify(turn.conn, turn.facts.ref, key, f"intruder:{number}", priority=FIRST)

    def _back(self, turn: Turn, channel: str, text: str) -> None:
        members = schema.members
        self._store.change(turn.conn, members, members.c.ref == turn.facts.ref, members.c.person == turn.key, in_room=True)
        self._turns.record(turn, "joined", text, channel=channel)
