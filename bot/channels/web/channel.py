"""The page as a channel: what the outbox delivers becomes a line of the person's own conversation.

Rooms need no copy here, for the page draws an incident's room from the register's timeline, live.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.cards import Card
from bot.channels.web.conversations import Conversations
from bot.channels.web.hub import Hub
from bot.errors import NotSaved, RecipientGone, RetryLater
from bot.people import People, Person
from bot.ports import Room, Sent

NAME = "web"
T = TypeVar("T")


class WebChannel:
    """Delivers to people's conversations on the page."""

    name = NAME

    def __init__(self, conversations: Conversations, people: People, hub: Hub, *, demo: bool) -> None:
        self._conversations = conversations
        self._people = people
        self._hub = hub
        self._demo = demo

    def reaches(self, person: Person) -> bool:
        """In the demo school, everybody. Else only who has the page open now: a page that nobody looks at tells nobody anything."""
        return self._people.get(person.id) is not None if self._demo else self._hub.count(person.id) > 0

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        """Put the card into the person's conversation; the same key again is the same line."""
        line = await stored(lambda: self._conversations.add(person, card, key))
        return Sent(NAME, person.id, str(line.n))

    async def find(self, person: Person, key: str) -> Sent | None:
        """The line with this key, or None."""
        line = await stored(lambda: self._conversations.find(person, key))
        return Sent(NAME, person.id, str(line.n)) if line else None

    async def update(self, sent: Sent, card: Card) -> None:
        """Put another card in its place.

        Raises:
            RecipientGone: the conversation was erased.
        """
        person = self._people.get(sent.conversation) or Person(sent.conversation, "")
        if await stored(lambda: self._conversations.replace(person, int(sent.message), card)) is None:
            raise RecipientGone("That line of the conversation is not there any more.")

    async def open_room(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """The room is there already: it is the incident itself."""
        del name, members, card
        return Room(NAME, key)

    async def update_room(self, room: Room, card: Card) -> None:
        """Nothing to do: the page draws it anew by itself."""

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """Nothing to do: the timeline has it."""

    async def invite(self, room: Room, person: Person) -> None:
        """Nothing to do: the gate decides who sees the room."""

    async def remove(self, room: Room, person: Person) -> None:
        """Nothing to do: the gate decides who sees the room."""

    async def close_room(self, room: Room) -> None:
        """Nothing to do: a closed incident takes no more messages."""


async def stored(work: Callable[[], T]) -> T:
    """Do something with the store in a thread; a store that fails is a reason to try again."""
    try:
        return await asyncio.to_thread(work)
    except NotSaved as error:
        raise RetryLater("The page's store did not take it.") from error
