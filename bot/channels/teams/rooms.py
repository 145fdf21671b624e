"""Incident rooms in Teams. A bot may not make a group chat by itself, so it keeps the room and carries each word to every member.

Each member has the room in their own private conversation with the bot: its card, and what the others write, each under a
heading with the incident's reference. Where the school grants it, Graph makes real group chats instead (graph.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.cards import Button, Card, Text, Tone
from bot.channels.packing import pack, unpack_card
from bot.channels.teams.lines import Line
from bot.channels.teams.post import Post, stored
from bot.channels.teams.references import NAME
from bot.channels.teams.viewer import Viewer
from bot.errors import RecipientGone
from bot.logs import trail
from bot.people import Person
from bot.ports import Room, Sent

log = logging.getLogger(__name__)

ROOM = "room"
PREFIX = "relay:"
LEAVE = "teams.leave"


@dataclass(frozen=True)
class Standing:
    """The room of an incident as somebody may use it. `conversation`: "" where the bot does not carry it to them."""

    conversation: str
    ref: str
    closed: bool
    said_at: datetime | None = None


class RelayedRooms:
    """The rooms that the bot keeps. Each step is noted, so that a repeat of a call does again only what was not done."""

    def __init__(self, post: Post, viewer: Viewer) -> None:
        self._post = post
        self.viewer = viewer
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def open(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """Open a room, or finish opening the one with this key."""
        room = Room(NAME, f"{PREFIX}{key}")
        if await stored(lambda: self._post.book.get(ROOM, room.conversation)) is None:
            made = {"id": room.conversation, "ref": reference_of(name), "card": pack(card), "people": {}, "closed": False, "left": 0}
            await stored(lambda: self._post.book.put(ROOM, room.conversation, made))
        for person in members:
            await self.invite(room, person)
        return room

    async def update(self, room: Room, card: Card) -> None:
        """Bring the room's card into line in every member's conversation."""
        found = await self._change(room.conversation, lambda now: {**now, "card": pack(card)})
        for person_id in found["people"]:
            await self._redraw(room.conversation, person_id, card)

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """Carry a line to every member but its author; to everybody where two members have the same name."""
        found = await self._room(room.conversation)
        namesakes = [one for one in found["people"].values() if one["name"] == author]
        for person_id, member in found["people"].items():
            if not (author and namesakes == [member]):
                await self._carry(room.conversation, person_id, line_card(found["ref"], author, text), key)
        if author:
            await self._said(room.conversation)

    async def warn(self, room: Standing, author: Person, card: Card, key: str) -> None:
        """Tell every other member at once what must not be done with a file that somebody sent; the outbox tells them of it as well."""
        lead = Text(f"{author.name} sent a file for this room. It was not taken, and it is not carried to anybody.")
        shown = replace(card, title=f"{room.ref} · {card.title}", blocks=(lead, *card.blocks), notice=f"Urgent: {room.ref}")
        found = await self._room(room.conversation) if room.conversation else {"people": ()}  # else the outbox alone tells them
        carried = (self._carry(room.conversation, one, shown, f"warn:{key}") for one in found["people"] if one != author.id)
        for failed in await asyncio.gather(*carried, return_exceptions=True):
            if isinstance(failed, Exception):
                log.error("A warning did not reach a member of a room at once: %s", trail(failed))

    async def invite(self, room: Room, person: Person) -> None:
        """Bring somebody in: they get the room's card."""
        async with self._lock(room.conversation, person.id):
            found = await self._room(room.conversation)
            if person.id in found["people"] or not await self._belongs(found, person.id):
                return
            refresh = self.viewer.refresh(found["ref"], person)
            card = await stored(lambda: self._for(found, person, unpack_card(found["card"])))
            sent = await self._post.send(person, card, f"{room.conversation}:{person.id}:{found['left']}", refresh)
            await self._note(room.conversation, found["ref"], person.id, sent)
            member = {"name": person.name, "addresses": dict(person.addresses), "card": [sent.conversation, sent.message]}
            await self._change(room.conversation, lambda now: {**now, "people": {**now["people"], person.id: member}})

    async def remove(self, room: Room, person: Person) -> None:
        """Take somebody out: from this moment nothing reaches them; what stood with them is withdrawn, and the others are told."""
        async with self._lock(room.conversation, person.id):
            found = await self._change(room.conversation, lambda now: parting(now, person.id))
        if person.id not in found["leaving"]:
            return
        await self._post.withdraw_all(person.id, found["ref"], room.conversation)
        told = line_card(found["ref"], "", f"{person.name} is not in this room any more.")
        for other_id in found["people"]:
            await self._carry(room.conversation, other_id, told, f"left:{person.id}:{found['left']}")
        await self._change(room.conversation, lambda now: parted(now, person.id))

    async def close(self, room: Room) -> None:
        """Close the room and tell its members that nothing is carried any more."""
        found = await self._room(room.conversation)
        told = line_card(found["ref"], "", "This room is closed. Nothing more is carried from here.", closed=True)
        for person_id in found["people"]:
            await self._carry(room.conversation, person_id, told, f"closed:{found['left']}")
        await self._change(room.conversation, lambda now: {**now, "closed": True})

    def of(self, person: Person) -> list[Standing]:
        """The open rooms that this person is in, the newest last. Synchronous."""
        rooms = self._post.book.all(ROOM)
        return [standing(one) for one in rooms if one["id"].startswith(PREFIX) and person.id in one["people"] and not one["closed"]]

    def about(self, conversation: str, message: str, person: Person) -> Standing | None:
        """The room of the incident that this message of theirs is about; None where it is about none. Synchronous."""
        line = self._post.lines.at(conversation, message)
        if line is None or line["person"] != person.id:
            return None
        found = self._post.book.get(ROOM, line["room"]) if line["room"] else None
        ref = found["ref"] if found else line.get("ref", "")
        return self.at(ref, person) if ref else None

    def at(self, ref: str, person: Person) -> Standing | None:
        """The room of an incident that this person may read; None where there is none for them: the record decides. Synchronous."""
        closed = self.viewer.closed(person, ref)
        if closed is None:
            return None
        return Standing(next((one.conversation for one in reversed(self.of(person)) if one.ref == ref), ""), ref, closed)

    async def wrote(self, room: Standing, person: Person, conversation: str, message: str) -> None:
        """Remember that a message of this person was for this room: an edit of it, or an answer to it, is for the room as well."""
        await self._note(room.conversation, room.ref, person.id, Sent(NAME, conversation, message), own=True)
        if room.conversation:
            await self._said(room.conversation)

    async def on_record(self, room: Standing, person: Person, channel: str, message: str) -> bool:
        """Whether a message of this person stands in the record."""
        return await stored(lambda: self.viewer.on_record(person, room.ref, channel, message))

    async def _carry(self, conversation: str, person_id: str, card: Card, key: str) -> None:
        """Write to one member, if they are one: that is looked up in this very moment, for they may have been taken out in the last."""
        async with self._lock(conversation, person_id):
            found = await self._room(conversation)
            if not await self._belongs(found, person_id, member=True):
                return
            try:
                sent = await self._post.send(self._person(found, person_id), card, f"{conversation}:{key}:{person_id}")
            except RecipientGone:
                return  # they cannot be reached here; the record has it, and alerts find another way
            line = await self._note(conversation, found["ref"], person_id, sent)
            if person_id not in (await self._room(conversation))["people"]:
                await self._post.withdraw(line)  # another process took them out meanwhile

    async def _redraw(self, conversation: str, person_id: str, card: Card) -> None:
        async with self._lock(conversation, person_id):
            found = await self._room(conversation)
            if not await self._belongs(found, person_id, member=True):
                return
            person = self._person(found, person_id)
            shown = await stored(lambda: self._for(found, person, card))
            with suppress(RecipientGone):
                place = Sent(NAME, *found["people"][person_id]["card"])
                await self._post.update(place, shown, self.viewer.refresh(found["ref"], person))

    async def _belongs(self, found: dict[str, Any], person_id: str, *, member: bool = False) -> bool:
        """Whether the register has this person in the room; `member`: and whether the room has them, too."""
        if member and person_id not in found["people"]:
            return False
        return await stored(lambda: self.viewer.in_room(person_id, found["ref"]))

    def _person(self, found: dict[str, Any], person_id: str) -> Person:
        member = found["people"][person_id]
        return Person(person_id, member["name"], addresses=member["addresses"])

    def _lock(self, conversation: str, person_id: str) -> asyncio.Lock:
        """One for each member: what is written to them and their being taken out never overlap."""
        return self._locks.setdefault((conversation, person_id), asyncio.Lock())

    def _for(self, found: dict[str, Any], person: Person, card: Card) -> Card:
        own = self.viewer.own(person, found["ref"], card)
        ask = "Leave this room? What you have seen here is withdrawn, and you are not told of anything new."
        leave = Button("Leave this room", LEAVE, found["ref"], confirm=ask)
        return replace(own, buttons=(*own.buttons, Button("Write to the room", "incident.say", found["ref"]), leave))

    async def _note(self, room: str, ref: str, person_id: str, sent: Sent, *, own: bool = False) -> Line:
        return await stored(lambda: self._post.lines.note(person_id, ref, sent, room=room, own=own))

    async def _room(self, conversation: str) -> dict[str, Any]:
        return there(await stored(lambda: self._post.book.get(ROOM, conversation)))

    async def _change(self, conversation: str, work: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        """Change what is kept of the room, in one transaction: nobody's change undoes another's."""
        return there(await stored(lambda: self._post.book.change(ROOM, conversation, work)))

    async def _said(self, conversation: str) -> None:
        at = self._post.book.now.isoformat()
        await self._change(conversation, lambda now: {**now, "said_at": at})


def there(found: dict[str, Any] | None) -> dict[str, Any]:
    """The room; RecipientGone where there is none."""
    if found is None:
        raise RecipientGone("There is no such room.")
    return found


def parting(found: dict[str, Any], person_id: str) -> dict[str, Any]:
    """The room without this member, who is still to be told of to the others."""
    people = {one: member for one, member in found["people"].items() if one != person_id}
    leaving = {*found.get("leaving", ()), *({person_id} & set(found["people"]))}
    return {**found, "people": people, "leaving": sorted(leaving)}


def parted(found: dict[str, Any], person_id: str) -> dict[str, Any]:
    """The room once the others have been told that this member has gone."""
    leaving = [one for one in found["leaving"] if one != person_id]
    return {**found, "leaving": leaving, "left": found["left"] + 1}


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
