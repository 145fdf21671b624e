"""Incident rooms in Teams. A bot may not make a group chat by itself, so it keeps the room and carries each word to every member.

Each member has the room in their own private conversation with the bot: its card, and what the others write, each under a
heading with the incident's reference. Where the school grants it, Graph makes real group chats instead (graph.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.cards import Button, Card, Text, Tone
from bot.channels.packing import pack, unpack_card
from bot.channels.teams.post import Post, stored
from bot.channels.teams.references import NAME
from bot.channels.teams.viewer import Viewer
from bot.errors import RecipientGone
from bot.incidents.notices import withdrawn_card
from bot.people import Person
from bot.ports import Room, Sent

ROOM, LINE = "room", "line"
PREFIX = "relay:"
LEAVE = "teams.leave"


@dataclass(frozen=True)
class Standing:
    """A room that somebody is in."""

    conversation: str
    ref: str
    closed: bool
    said_at: datetime | None = None


class RelayedRooms:
    """The rooms that the bot keeps. Each step is noted, so that a repeat of a call does again only what was not done."""

    def __init__(self, post: Post, viewer: Viewer) -> None:
        self._post = post
        self._viewer = viewer

    async def open(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """Open a room, or finish opening the one with this key."""
        room = Room(NAME, f"{PREFIX}{key}")
        if await stored(lambda: self._post.book.get(ROOM, room.conversation)) is None:
            made = {"id": room.conversation, "ref": reference_of(name), "card": pack(card), "people": {}, "closed": False, "left": 0}
            await self._keep(made)
        for person in members:
            await self.invite(room, person)
        return room

    async def update(self, room: Room, card: Card) -> None:
        """Bring the room's card into line in every member's conversation."""
        found = await self._room(room)
        await self._keep({**found, "card": pack(card)})
        for member in found["people"].values():
            await self._redraw(found, member, card)

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """Carry a line to every member but its author; to everybody where two members have the same name."""
        found = await self._room(room)
        namesakes = [one for one in found["people"].values() if one["name"] == author]
        for person_id, member in found["people"].items():
            if not (author and namesakes == [member]):
                await self._carry(found, person_id, member, line_card(found["ref"], author, text), key)
        if author:
            await self._said(room.conversation)

    async def invite(self, room: Room, person: Person) -> None:
        """Bring somebody in: they get the room's card."""
        found = await self._room(room)
        if person.id in found["people"]:
            return
        count = found["left"]
        refresh = self._viewer.refresh(found["ref"], person)
        card = await stored(lambda: self._for(found, person, unpack_card(found["card"])))
        sent = await self._post.send(person, card, f"{room.conversation}:{person.id}:{count}", refresh)
        await self._note(room.conversation, person.id, sent)
        member = {"name": person.name, "addresses": dict(person.addresses), "card": [sent.conversation, sent.message]}
        await self._keep({**found, "people": {**found["people"], person.id: member}})

    async def remove(self, room: Room, person: Person) -> None:
        """Take somebody out: what stood in their conversation is withdrawn, and the others are told that they are gone."""
        found = await self._room(room)
        if person.id not in found["people"]:
            return
        for line in await stored(lambda: self._post.book.all(LINE)):
            if line["room"] == room.conversation and line["person"] == person.id:
                await self._withdraw(line)
        others = {one: member for one, member in found["people"].items() if one != person.id}
        told = line_card(found["ref"], "", f"{person.name} is not in this room any more.")
        for other_id, member in others.items():
            await self._carry(found, other_id, member, told, f"left:{person.id}:{found['left']}")
        await self._keep({**found, "people": others, "left": found["left"] + 1})

    async def close(self, room: Room) -> None:
        """Close the room and tell its members that nothing is carried any more."""
        found = await self._room(room)
        told = line_card(found["ref"], "", "This room is closed. Nothing more is carried from here.", closed=True)
        for person_id, member in found["people"].items():
            await self._carry(found, person_id, member, told, f"closed:{found['left']}")
        await self._keep({**found, "closed": True})

    def of(self, person: Person) -> list[Standing]:
        """The open rooms that this person is in, the newest last. Synchronous."""
        rooms = self._post.book.all(ROOM)
        return [standing(one) for one in rooms if one["id"].startswith(PREFIX) and person.id in one["people"] and not one["closed"]]

    def about(self, conversation: str, message: str, person: Person) -> Standing | None:
        """The room whose card or line this message of theirs is; None where it is none of a room's. Synchronous."""
        line = self._post.book.get(LINE, f"{conversation}/{message}")
        found = self._post.book.get(ROOM, line["room"]) if line and line["person"] == person.id else None
        return standing(found) if found and person.id in found["people"] else None

    async def wrote(self, room: Standing, person: Person, conversation: str, message: str) -> None:
        """Remember that a message of this person was for this room: an edit of it, or an answer to it, is for the room as well."""
        await self._note(room.conversation, person.id, Sent(NAME, conversation, message), own=True)
        await self._said(room.conversation)

    async def _carry(self, found: dict[str, Any], person_id: str, member: dict[str, Any], card: Card, key: str) -> None:
        person = Person(person_id, member["name"], addresses=member["addresses"])
        try:
            sent = await self._post.send(person, card, f"{found['id']}:{key}:{person_id}")
        except RecipientGone:
            return  # they cannot be reached here; the record has it, and alerts find another way
        await self._note(found["id"], person_id, sent)

    async def _redraw(self, found: dict[str, Any], member: dict[str, Any], card: Card) -> None:
        person_id = next(one for one, other in found["people"].items() if other is member)
        person = Person(person_id, member["name"], addresses=member["addresses"])
        shown = await stored(lambda: self._for(found, person, card))
        try:
            await self._post.update(Sent(NAME, *member["card"]), shown, self._viewer.refresh(found["ref"], person))
        except RecipientGone:
            return

    def _for(self, found: dict[str, Any], person: Person, card: Card) -> Card:
        own = self._viewer.own(person, found["ref"], card)
        ask = "Leave this room? What you have seen here is withdrawn, and you are not told of anything new."
        leave = Button("Leave this room", LEAVE, found["ref"], confirm=ask)
        return replace(own, buttons=(*own.buttons, Button("Write to the room", "incident.say", found["ref"]), leave))

    async def _withdraw(self, line: dict[str, Any]) -> None:
        try:
            if not line["own"]:
                await self._post.update(Sent(NAME, line["conversation"], line["message"]), withdrawn_card())
        except RecipientGone:
            pass
        await stored(lambda: self._post.book.remove(LINE, f"{line['conversation']}/{line['message']}"))

    async def _note(self, room: str, person_id: str, sent: Sent, *, own: bool = False) -> None:
        value = {"room": room, "person": person_id, "conversation": sent.conversation, "message": sent.message, "own": own}
        await stored(lambda: self._post.book.put(LINE, f"{sent.conversation}/{sent.message}", value))

    async def _room(self, room: Room) -> dict[str, Any]:
        found = await stored(lambda: self._post.book.get(ROOM, room.conversation))
        if found is None:
            raise RecipientGone("There is no such room.")
        return found

    async def _said(self, conversation: str) -> None:
        found = await self._room(Room(NAME, conversation))
        await self._keep({**found, "said_at": self._post.book.now.isoformat()})

    async def _keep(self, value: dict[str, Any]) -> None:
        await stored(lambda: self._post.book.put(ROOM, value["id"], value))


def standing(found: dict[str, Any]) -> Standing:
    """A stored room, as those who are in it need to know it."""
    at = found.get("said_at")
    return Standing(found["id"], found["ref"], found["closed"], datetime.fromisoformat(at) if at else None)


def reference_of(name: str) -> str:
    """The incident's reference, as a room's name tells it."""
    return name.removeprefix("usher-").upper()


def line_card(ref: str, author: str, text: str, *, closed: bool = False) -> Card:
    """What somebody wrote, or what happened, under a heading with the incident's reference."""
    buttons = () if closed else (Button("Write to the room", "incident.say", ref), Button("Open", "incident.open", ref))
    title = f"{ref} · {author} writes" if author else f"{ref} · what happened"
    return Card(title, (Text(text),), buttons, Tone.PLAIN, "", f"New in {ref}")
