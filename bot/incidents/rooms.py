"""Private rooms in the channels: at most one for each channel and incident, brought into line with the record step by step.

What a room is and what it should be are compared, the first difference is mended, and that is recorded; so a crash, a
fault or a change in between only means that there is another difference to mend.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func

from bot.cards import Card
from bot.incidents import notices, schema
from bot.incidents.composing import digest
from bot.incidents.model import Entry, Incident, State
from bot.incidents.outbox import Job
from bot.incidents.records import Facts
from bot.incidents.sending import Parts
from bot.people import Person
from bot.ports import Room

WITHOUT_ROOMS = frozenset({"mail", "web"})  # e-mail has none, and the page draws the timeline itself
HANDLING = frozenset({"route", "ladder", "handed_over"})
CARRIED = frozenset({"said", "edited", "deleted"})
WARNINGS = frozenset({"file", "raised"})
ANNOUNCED = frozenset(
    {"repeated", "acknowledged", "in_hand", "police", "closed", "invited", "handed_over", "handed_on", "escalated", "room_lost"}
)


@dataclass(frozen=True)
class Step:
    """One thing to do to a room. `kind`: open, invite, remove, post, card, close; the other fields are what it needs."""

    kind: str
    room: Room
    name: str = ""
    key: str = ""
    card: Card | None = None
    person: Person | None = None
    person_key: str = ""
    members: tuple[Person, ...] = ()
    member_keys: tuple[str, ...] = ()
    author: str = ""
    text: str = ""
    number: int = 0


class Rooms:
    """Finds the next step for a room, and records it once it is taken."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._records = parts.records
        self._store = parts.outbox.store

    def split(self, job: Job) -> None:
        """One job for each channel that has, or should have, a room of this incident."""
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            facts = self._records.facts(conn, job.ref)
            if facts is not None:
                there = set(conn.scalars(self._store.rows(schema.rooms, schema.rooms.c.channel).where(schema.rooms.c.ref == job.ref)))
                for channel in sorted(there | {name for name in self._parts.channels if self._members(facts, name)}):
                    self._records.jobs.room(conn, job.ref, channel)
            self._parts.outbox.finish(conn, job, "split")

    def next_step(self, job: Job) -> Step | None:
        """The first difference between the room and the record; None, and the job is over, where there is none."""
        with self._store.transaction() as conn:
            facts = self._records.facts(conn, job.ref)
            step = None if facts is None or job.channel not in self._parts.channels else self._difference(conn, facts, job)
            if step is None:
                self._parts.outbox.finish(conn, job, "in line")
            return step

    def taken(self, job: Job, step: Step, opened: Room | None) -> bool:
        """Record that a step was taken. False where the lease was lost."""
        rooms = schema.rooms
        with self._store.transaction() as conn:
            if step.kind == "open":
                self._records.trail.lock(conn)
            if not self._parts.outbox.renew(conn, job):
                return False
            mine = (rooms.c.ref == job.ref, rooms.c.channel == job.channel)
            row = conn.execute(self._store.rows(rooms).where(*mine)).mappings().first()
            people = set(row["people"].split()) if row else set()
            changes: dict[str, dict[str, Any]] = {
                "invite": {"people": " ".join(sorted(people | {step.person_key}))},
                "remove": {"people": " ".join(sorted(people - {step.person_key}))},
                "post": {"posted": step.number},
                "card": {"card": digest(step.card) if step.card else ""},
                "close": {"closed": True},
            }
            values = changes.get(step.kind, {})
            if step.kind == "open" and opened and step.card:
                values = self._opened(job, step, opened, step.card)
                self._store.insert_new(conn, rooms, ref=job.ref, channel=job.channel, posted=0, card="", people="", closed=False)
                self._records.trail.append(conn, "", "room", ref=job.ref, detail={"room": job.channel})
            self._store.change(conn, rooms, *mine, **values)
            return True

    def lost(self, job: Job) -> bool:
        """The room that this job is about was closed by hand, or is gone. False where the lease was lost."""
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            if not self._parts.outbox.renew(conn, job):
                return False
            self._lose(conn, job.ref, job.channel)
            return True

    def closed_by_hand(self, channel: str, conversation: str) -> bool:
        """Somebody has closed this conversation by hand: whether it was a room in use. Another one is opened then."""
        ref = self.find(channel, conversation)
        if ref is None:
            return False
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            return self._lose(conn, ref, channel)

    def _lose(self, conn: Connection, ref: str, channel: str) -> bool:
        """It is on the record, those who handle the incident are told, and the room's job opens another one."""
        rooms, facts = schema.rooms, self._records.facts(conn, ref)
        mine = (rooms.c.ref == ref, rooms.c.channel == channel, rooms.c.closed.is_(False))
        changed = self._store.change(conn, rooms, *mine, closed=True, people="", card="")
        if facts is None or facts.state is State.CLOSED or not changed:
            return False
        text = f"it was closed, or could not be kept private, in {channel.capitalize()}; another one is opened"
        written = self._records.write(conn, ref, "", "room_lost", text)
        for member in facts.active():
            if member.via in HANDLING:
                self._records.jobs.notify(conn, ref, facts.keys[member.person], f"room_lost:{written.number}")
        self._records.spread(conn, ref, written)
        self._records.jobs.room(conn, ref, channel)
        return True

    def find(self, channel: str, conversation: str) -> str | None:
        """The reference of the incident whose room this conversation is, or None."""
        found = self._records.vault.indexes(self._store.school, "room", f"{channel}:{conversation}")
        rooms = schema.rooms
        with self._store.reading() as conn:
            ref: str | None = conn.scalar(self._store.rows(rooms, rooms.c.ref).where(rooms.c.found_by.in_(found)))
            return ref

    def _opened(self, job: Job, step: Step, opened: Room, card: Card) -> dict[str, Any]:
        vault, place = self._records.vault, self._records.place("rooms", f"{job.ref}/{job.channel}")
        return {
            "sealed": vault.seal(place, opened.conversation), "people": " ".join(sorted(step.member_keys)), "card": digest(card),
            "closed": False, "found_by": vault.index(self._store.school, "room", f"{job.channel}:{opened.conversation}"),
        }  # fmt: skip

    def _difference(self, conn: Connection, facts: Facts, job: Job) -> Step | None:
        rooms = schema.rooms
        row = conn.execute(self._store.rows(rooms).where(rooms.c.ref == job.ref, rooms.c.channel == job.channel)).mappings().first()
        members, closed = self._members(facts, job.channel), facts.state is State.CLOSED
        incident = self._parts.composing.room(conn, facts)
        card = notices.room_card(incident)
        if row is None or row["sealed"] is None or (row["closed"] and not closed):
            if closed or not members:
                return None
            key = f"{job.id}-{self._times_closed(conn, job.ref)}"
            keys = tuple(facts.keys[person.id] for person in members)
            room = Room(job.channel, "")
            return Step("open", room, name=f"usher-{job.ref.lower()}", key=key, card=card, members=members, member_keys=keys)
        conversation = self._records.vault.open(self._records.place("rooms", f"{job.ref}/{job.channel}"), row["sealed"])
        room = Room(job.channel, conversation)
        if row["closed"]:
            return None
        step = self._people_step(conn, facts, room, members, set(row["people"].split())) or self._post_step(incident, room, row["posted"])
        if step is None and digest(card) != row["card"]:
            step = Step("card", room, card=card)
        return step or (Step("close", room) if closed else None)

    def _people_step(self, conn: Connection, facts: Facts, room: Room, members: tuple[Person, ...], there: set[str]) -> Step | None:
        wanted = {facts.keys[person.id]: person for person in members}
        for key in sorted(there - set(wanted)):
            return Step("remove", room, person=self._records.directory.person(conn, key), person_key=key)
        for key, person in sorted(wanted.items()):
            if key not in there:
                return Step("invite", room, person=person, person_key=key)
        return None

    def _post_step(self, incident: Incident, room: Room, posted: int) -> Step | None:
        for entry in incident.timeline:
            if entry.number > posted and self._is_for(entry, room.channel):
                key = f"{incident.ref}-{entry.number}"
                if entry.what in CARRIED:
                    prefix = {"edited": "(changed a message to) ", "deleted": "(deleted a message)"}.get(entry.what, "")
                    text = prefix + (entry.text if entry.what != "deleted" else "")
                    return Step("post", room, author=entry.name, text=text, key=key, number=entry.number)
                return Step("post", room, text=notices.entry_line(entry), key=key, number=entry.number)
        return None

    @staticmethod
    def _is_for(entry: Entry, channel: str) -> bool:
        elsewhere = entry.what in CARRIED or entry.what in WARNINGS  # a warning's words are what nobody must do
        return (elsewhere and entry.channel != channel) or entry.what in ANNOUNCED

    def _members(self, facts: Facts, channel: str) -> tuple[Person, ...]:
        """Those who meet in this channel: members in the room whom it reaches, and no channel with rooms before it."""
        with_rooms = [one for one in self._parts.channels.values() if getattr(one, "has_rooms", one.name not in WITHOUT_ROOMS)]
        found = []
        for member in facts.active():
            person = facts.people[facts.keys[member.person]]
            first = next((one.name for one in with_rooms if one.reaches(person)), "")
            if member.in_room and first == channel:
                found.append(person)
        return tuple(found)

    def _times_closed(self, conn: Connection, ref: str) -> int:
        entries = schema.entries
        query = self._store.rows(entries, func.count()).where(entries.c.ref == ref, entries.c.what.in_(("closed", "room_lost")))
        return conn.scalar(query) or 0
