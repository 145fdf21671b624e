"""A channel that records what it is told, with faults on demand: a stand-in that is as strict as a real one.

It refuses what the Protocol does not allow (a room used before it was opened, an update of a message that is not there),
and it can be asked to answer like a chat product on a bad day.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.cards import Card
from bot.errors import ChannelRefused, RecipientGone, RetryLater
from bot.people import Person
from bot.ports import Room, Sent

Fault = Callable[[str], Awaitable[None]]


@dataclass
class Delivered:
    """One message that arrived. `cards` holds what it showed, the newest last."""

    person: Person
    key: str
    sent: Sent
    cards: list[Card]

    @property
    def card(self) -> Card:
        return self.cards[-1]


@dataclass
class RecordedRoom:
    """One room. `posts` are (author, text)."""

    name: str
    key: str
    members: set[str]
    cards: list[Card]
    posts: list[tuple[str, str]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    closed: bool = False


class RecordingChannel:
    """Fulfils the port `Channel` in memory. `faults`: the next calls meet these, in order, before anything is done."""

    def __init__(self, name: str = "chat", *, can_find: bool = True, has_rooms: bool = True, can_update: bool = True) -> None:
        self.name = name
        self.can_find = can_find
        self.has_rooms = has_rooms
        self.can_update = can_update
        self.delivered: list[Delivered] = []
        self.rooms: dict[str, RecordedRoom] = {}
        self.calls: list[str] = []
        self.faults: deque[Fault] = deque()
        self.always: Fault | None = None
        self.gone: set[str] = set()
        self._ids = itertools.count(1)
        self._by_sent: dict[Sent, Delivered] = {}
        self._by_key: dict[tuple[str, str], Delivered] = {}
        self._room_keys: dict[str, str] = {}

    def reaches(self, person: Person) -> bool:
        return self.name in person.addresses

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        await self._meet("send", person)
        sent = Sent(self.name, f"dm-{person.id}", f"m{next(self._ids)}")
        self.delivered.append(Delivered(person, key, sent, [card]))
        self._by_sent[sent] = self._by_key[key, person.id] = self.delivered[-1]
        return sent

    async def find(self, person: Person, key: str) -> Sent | None:
        await self._meet("find", person)
        found = self._by_key.get((key, person.id)) if self.can_find else None
        return found.sent if found else None

    async def update(self, sent: Sent, card: Card) -> None:
        await self._meet("update")
        self._by_sent[sent].cards.append(card)

    async def open_room(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        await self._meet("open_room")
        if key in self._room_keys:
            return Room(self.name, self._room_keys[key])
        conversation = self._room_keys[key] = f"room{next(self._ids)}"
        self.rooms[conversation] = RecordedRoom(name, key, {person.id for person in members}, [card])
        return Room(self.name, conversation)

    async def update_room(self, room: Room, card: Card) -> None:
        await self._meet("update_room")
        self._open(room).cards.append(card)

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        await self._meet("post")
        found = self._open(room)
        if key not in found.keys:
            found.keys.add(key)
            found.posts.append((author, text))

    async def invite(self, room: Room, person: Person) -> None:
        await self._meet("invite", person)
        self._open(room).members.add(person.id)

    async def remove(self, room: Room, person: Person) -> None:
        await self._meet("remove")
        self._open(room).members.discard(person.id)

    async def close_room(self, room: Room) -> None:
        await self._meet("close_room")
        self.rooms[room.conversation].closed = True

    def to(self, person: Person) -> list[Delivered]:
        """What this person has got."""
        return [one for one in self.delivered if one.person.id == person.id]

    @property
    def room(self) -> RecordedRoom:
        """The only room."""
        (found,) = self.rooms.values()
        return found

    def _open(self, room: Room) -> RecordedRoom:
        found = self.rooms[room.conversation]
        assert not found.closed, "a closed room was used"
        return found

    async def _meet(self, call: str, person: Person | None = None) -> None:
        self.calls.append(call)
        if person is not None and person.id in self.gone:
            raise RecipientGone("account deactivated")
        if self.faults:
            await self.faults.popleft()(call)
        elif self.always:
            await self.always(call)


def later(after: float | None = None) -> Fault:
    """Answers 429 with Retry-After, or 5xx without."""

    async def fault(call: str) -> None:
        raise RetryLater("busy", after)

    return fault


def revoked() -> Fault:
    """Answers that the token is revoked."""

    async def fault(call: str) -> None:
        raise ChannelRefused("token_revoked")

    return fault


def hang(seconds: float = 3600) -> Fault:
    """Does not answer."""

    async def fault(call: str) -> None:
        await asyncio.sleep(seconds)

    return fault


def drop() -> Fault:
    """Drops the connection: whether it arrived, nobody knows."""

    async def fault(call: str) -> None:
        raise ConnectionResetError

    return fault
