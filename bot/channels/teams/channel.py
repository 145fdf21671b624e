"""Teams as the outbox sees it: to people privately, and to the rooms of incidents."""

from __future__ import annotations

from typing import Protocol

from bot.cards import Card
from bot.channels.teams.post import Post, object_id, stored
from bot.channels.teams.references import NAME
from bot.channels.teams.viewer import Viewer
from bot.errors import NotSaved
from bot.incidents.notices import withdrawn_card
from bot.people import Person
from bot.ports import Room, Sent


class Rooms(Protocol):
    """How rooms are kept: carried by the bot (rooms.py), or as real chats (chat_rooms.py). The calls are those of the port."""

    async def open(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """As `Channel.open_room`."""
        ...

    async def update(self, room: Room, card: Card) -> None:
        """As `Channel.update_room`."""
        ...

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """As `Channel.post`."""
        ...

    async def invite(self, room: Room, person: Person) -> None:
        """As `Channel.invite`."""
        ...

    async def remove(self, room: Room, person: Person) -> None:
        """As `Channel.remove`."""
        ...

    async def close(self, room: Room) -> None:
        """As `Channel.close_room`."""
        ...


class TeamsChannel:
    """Fulfils bot.ports.Channel."""

    name = NAME

    def __init__(self, post: Post, rooms: Rooms, viewer: Viewer) -> None:
        self._post = post
        self._rooms = rooms
        self._viewer = viewer

    def reaches(self, person: Person) -> bool:
        """Whether the person has met the bot, or can be written to first because their account is known."""
        try:
            reference = self._post.references.of(person)
            if reference and reference.conversation:
                return True
            return bool(reference or object_id(person)) and self._post.references.anyone() is not None
        except NotSaved:
            return False

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        """Send a card to one person privately; a message that may be a repeat says so."""
        return await self._post.send(person, card, key, await stored(lambda: self._viewer.refresh_of(card, person)), stays=True)

    async def find(self, person: Person, key: str) -> Sent | None:
        """What was sent to this person with this key, or None."""
        del person
        return await self._post.find(key)

    async def update(self, sent: Sent, card: Card) -> None:
        """Put another card in the place of one that was sent. With an alert everything that they opened from it is taken back."""
        reference = await stored(lambda: self._post.at(sent.conversation))
        refresh = self._viewer.refresh_of(card, self._post.references.person(reference)) if reference else None
        await self._post.update(sent, card, refresh)
        line = await stored(lambda: self._post.lines.at(sent.conversation, sent.message))
        if line and card == withdrawn_card():
            await self._post.withdraw_all(line["person"], line["ref"])
            await stored(lambda: self._post.lines.forget(line))

    async def open_room(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """Open a private room with these members, or return the one already opened with this key."""
        return await self._rooms.open(name, members, card, key)

    async def update_room(self, room: Room, card: Card) -> None:
        """Put another card in the place of the room's card."""
        await self._rooms.update(room, card)

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """Carry into the room what `author` wrote; at most once for each key."""
        await self._rooms.post(room, author, text, key)

    async def invite(self, room: Room, person: Person) -> None:
        """Add a member."""
        await self._rooms.invite(room, person)

    async def remove(self, room: Room, person: Person) -> None:
        """Take a member out."""
        await self._rooms.remove(room, person)

    async def close_room(self, room: Room) -> None:
        """Close the room."""
        await self._rooms.close(room)
