"""Whom and what the record has of each room, for a channel that compares it with what is there: it may have been down meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from bot.incidents import schema
from bot.incidents.model import State
from bot.incidents.records import Records
from bot.people import Person


@dataclass(frozen=True)
class Occupied:
    """A room in use. `there`: those whom the record has in it; `members`: those who belong in it."""

    ref: str
    conversation: str
    there: tuple[Person, ...]
    members: tuple[Person, ...]


def rooms_in_use(records: Records, channel: str) -> tuple[Occupied, ...]:
    """Every room of an open incident in this channel."""
    rooms, incidents, store = schema.rooms, schema.incidents, records.store
    live = store.rows(incidents, incidents.c.ref).where(incidents.c.state != State.CLOSED)
    query = store.rows(rooms).where(
        rooms.c.channel == channel, rooms.c.closed.is_(False), rooms.c.sealed.is_not(None), rooms.c.ref.in_(live)
    )
    found = []
    with store.reading() as conn:
        for row in conn.execute(query.order_by(rooms.c.ref)).mappings().all():
            facts = records.facts(conn, row["ref"])
            if facts is None:
                continue
            there = records.directory.persons(conn, set(row["people"].split()))
            members = tuple(facts.people[facts.keys[one.person]] for one in facts.active() if one.in_room)
            conversation = records.vault.open(records.place("rooms", f"{row['ref']}/{channel}"), row["sealed"])
            found.append(Occupied(row["ref"], conversation, tuple(there.values()), members))
    return tuple(found)


def heard(records: Records, ref: str, channel: str) -> frozenset[str]:
    """The channel's own ids of the messages that are on an incident's record."""
    entries, store = schema.entries, records.store
    query = store.rows(entries).where(entries.c.ref == ref, entries.c.channel == channel, entries.c.sealed.is_not(None))
    with store.reading() as conn:
        rows = conn.execute(query).mappings().all()
    bodies = [records.vault.open_json(records.place("entries", f"{ref}/{row['number']}"), row["sealed"]) for row in rows]
    return frozenset(str(body["message"]) for body in bodies if body["message"])
