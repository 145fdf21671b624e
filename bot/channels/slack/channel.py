"""Slack as a channel: what the outbox delivers arrives as a direct message, and rooms are private channels."""

from __future__ import annotations

from bot.cards import Card
from bot.channels.slack.blocks import notification, one_message
from bot.channels.slack.calls import Calls
from bot.channels.slack.discretion import Discretion
from bot.channels.slack.marks import delivered, metadata, with_key
from bot.channels.slack.rooms import QUIET, SlackRooms
from bot.channels.slack.staff import NAME, Staff
from bot.channels.slack.taking_back import delete, delete_answers, with_this_key
from bot.channels.slack.workspaces import joined, parted
from bot.incidents.notices import withdrawn_card
from bot.people import Person
from bot.ports import Room, Sent


class SlackChannel:
    """Fulfils bot.ports.Channel. Everything it sends tells a lock screen no more than the card's notice."""

    name = NAME
    has_rooms = True
    can_find = True
    can_update = True

    def __init__(self, calls: Calls, staff: Staff, discretion: Discretion) -> None:
        self._calls = calls
        self._staff = staff
        self._discretion = discretion
        self.rooms = SlackRooms(calls, staff, discretion)

    def reaches(self, person: Person) -> bool:
        """Whether this person has an account in Slack, as far as is known."""
        return self._staff.reaches(person)

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        """Send a direct message; its metadata carries the key."""
        team, user = await self._staff.working_account(person)
        conversation = await self._staff.direct(team, user)
        card = await self._discretion.lasting(card)
        blocks = delivered(one_message(card))
        posted = await self._calls(
            team, "chat.postMessage", channel=conversation, text=notification(card), blocks=blocks, metadata=metadata(key), **QUIET
        )
        return Sent(NAME, joined(team, conversation), str(posted["ts"]))

    async def find(self, person: Person, key: str) -> Sent | None:
        """Look for the key in the direct conversation."""
        team, user = await self._staff.user_of(person)
        conversation = await self._staff.direct(team, user)
        found = await with_key(self._calls, team, conversation, key)
        return Sent(NAME, joined(team, conversation), str(found["ts"])) if found else None

    async def update(self, sent: Sent, card: Card) -> None:
        """Put another card in its place. With a notice that is withdrawn goes what they opened from it."""
        team, conversation = parted(sent.conversation)
        blocks = delivered(one_message(card))
        await self._calls(team, "chat.update", channel=conversation, ts=sent.message, text=notification(card), blocks=blocks)
        if card == withdrawn_card():
            await delete_answers(self._calls, team, conversation, sent.message)

    async def copies(self, person: Person, key: str) -> tuple[Sent, ...]:
        """Every message with this key, the first that arrived first."""
        team, user = await self._staff.user_of(person)
        conversation = await self._staff.direct(team, user)
        found = await with_this_key(self._calls, team, conversation, key)
        return tuple(Sent(NAME, joined(team, conversation), ts) for ts in found)

    async def take_back(self, sent: Sent) -> None:
        """Delete a message that arrived twice."""
        team, conversation = parted(sent.conversation)
        await delete(self._calls, team, conversation, sent.message)

    async def open_room(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """Open a private channel, or go on with the one that was begun with this key."""
        return await self.rooms.open(name, members, card, key)

    async def update_room(self, room: Room, card: Card) -> None:
        """Put the card in the place of the pinned one."""
        await self.rooms.update(room, card)

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """Carry into the room what was written elsewhere."""
        await self.rooms.post(room, author, text, key)

    async def invite(self, room: Room, person: Person) -> None:
        """Bring somebody in."""
        await self.rooms.invite(room, person)

    async def remove(self, room: Room, person: Person) -> None:
        """Take somebody out."""
        await self.rooms.remove(room, person)

    async def close_room(self, room: Room) -> None:
        """Archive the channel."""
        await self.rooms.close(room)
