"""Incident rooms as real group chats, made through Graph; their words go through the Bot Connector. Off by default."""

from __future__ import annotations

from typing import Any

from bot.cards import Card
from bot.channels.teams.drawing import draw
from bot.channels.teams.graph import Chats
from bot.channels.teams.post import Post, stored
from bot.channels.teams.references import NAME, Reference
from bot.channels.teams.rooms import ROOM, line_card, reference_of
from bot.channels.teams.viewer import Viewer
from bot.channels.teams.wire import message
from bot.errors import RecipientGone
from bot.people import Person
from bot.ports import Room

CHAT_LINE = "chat line"


class ChatRooms:
    """The rooms of a school that grants group chats."""

    def __init__(self, post: Post, viewer: Viewer, chats: Chats) -> None:
        self._post = post
        self._viewer = viewer
        self._chats = chats

    async def open(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """Make the chat, or return the one made with this key."""
        known = await stored(lambda: self._post.book.get(ROOM, f"chat:{key}"))
        if known is None:
            accounts = [await self._account(person) for person in members]
            chat = await self._chats.create(f"Incident {reference_of(name)}", tuple(account for account in accounts if account))
            known = {"id": chat, "ref": reference_of(name), "people": {one.id: {"name": one.name} for one in members}, "closed": False}
            await self._keep(key, known)  # before the next step, which may fail: no second chat is made then
        if "card" not in known:
            await self._chats.install(known["id"])
            refresh = self._viewer.refresh(known["ref"], *members)
            sent = await self._write(known["id"], card, refresh)
            known = {**known, "card": sent}
            await self._keep(key, known)
        return Room(NAME, known["id"])

    async def update(self, room: Room, card: Card) -> None:
        """Bring the chat's first card into line."""
        found = await self._room(room)
        reference = await self._any()
        accounts = await self._chats.members(room.conversation)
        refresh = await stored(lambda: self._viewer.refresh(found["ref"], *self._people(accounts)))
        await self._post.wire.update(
            reference.service_url, room.conversation, found["card"], message((draw(card, refresh=refresh)[0],), notice=card.notice)
        )

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """Carry into the chat what was written elsewhere."""
        found = await self._room(room)
        name = f"{room.conversation}:{key}"
        if await stored(lambda: self._post.book.get(CHAT_LINE, name)) is None:
            await self._members_alone(room, found["ref"])
            await self._write(room.conversation, line_card(found["ref"], author, text), None)
            await stored(lambda: self._post.book.put(CHAT_LINE, name, {}))

    async def invite(self, room: Room, person: Person) -> None:
        """Add a member."""
        account = await self._account(person)
        if not account:
            raise RecipientGone("This person has no account in Teams.")
        await self._chats.add(room.conversation, account)

    async def remove(self, room: Room, person: Person) -> None:
        """Take a member out, and take back what they opened of it in their own chat with the bot."""
        if account := await self._account(person):
            await self._chats.remove(room.conversation, account)
        await self._post.withdraw_all(person.id, (await self._room(room))["ref"])

    async def close(self, room: Room) -> None:
        """Say that the room is closed: Teams has no way to close a chat."""
        found = await self._room(room)
        await self.post(room, "", "This room is closed. Nothing more that is written here goes on the record.", "closed")
        await stored(lambda: self._post.book.put(ROOM, room.conversation, {**found, "closed": True}))

    async def _members_alone(self, room: Room, ref: str) -> None:
        """Take out whoever is in the chat and not in the room: they may have been named in the last moment, or added by hand."""
        for account in await self._chats.members(room.conversation):
            reference = await stored(lambda one=account: self._post.references.at(one)) or Reference(account)  # type: ignore[misc]
            person = self._post.references.person(reference)
            if not await stored(lambda one=person.id: self._viewer.in_room(one, ref)):  # type: ignore[misc]
                await self._chats.remove(room.conversation, account)

    def _people(self, accounts: tuple[str, ...]) -> list[Person]:
        met = (self._post.references.at(one) for one in accounts)
        return [self._post.references.person(one) for one in met if one]

    async def _account(self, person: Person) -> str:
        reference = await stored(lambda: self._post.references.of(person))
        address = person.addresses.get(NAME, "")
        return reference.account if reference else "" if "@" in address else address

    async def _write(self, chat: str, card: Card, refresh: dict[str, Any] | None) -> str:
        reference, first = await self._any(), ""
        for page in draw(card, refresh=refresh):
            first = first or await self._post.wire.send(reference.service_url, chat, message((page,), notice=card.notice))
        return first

    async def _keep(self, key: str, known: dict[str, Any]) -> None:
        await stored(lambda: self._post.book.put(ROOM, f"chat:{key}", known))
        await stored(lambda: self._post.book.put(ROOM, known["id"], known))

    async def _any(self) -> Any:
        found = await stored(self._post.references.anyone)
        if found is None:
            raise RecipientGone("Nobody has met the bot in Teams yet.")
        return found

    async def _room(self, room: Room) -> dict[str, Any]:
        found = await stored(lambda: self._post.book.get(ROOM, room.conversation))
        if found is None:
            raise RecipientGone("There is no such room.")
        return found
