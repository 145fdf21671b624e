"""Answers one event on the page: what is said is kept in the person's conversation, and every open window draws it.

What could not be kept is still shown, once, in the answer to the request itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards import Card, Form
from bot.channels.web.conversations import Conversations
from bot.channels.web.hub import Hub
from bot.errors import NotSaved
from bot.incidents.bounded import in_time
from bot.people import Person


class PageReply:
    """One event's answer.

    `message`: the line whose button was pressed. `aside`: the event came from a room, so that what is said belongs there,
    for this person alone, and not into their conversation with Usher.
    """

    def __init__(
        self, conversations: Conversations, hub: Hub, person: Person, event_id: str, *, message: int | None = None, aside: bool = False
    ) -> None:
        self._conversations = conversations
        self._hub = hub
        self._person = person
        self.event_id = event_id
        self._message = message
        self._aside = aside
        self._count = 0
        self.answered = False
        self.unsaved = False
        self.notes: list[Card] = []
        self.form: Form | None = None
        self.errors: Mapping[str, str] = {}
        self.home: tuple[Card, ...] = ()

    async def say(self, card: Card) -> None:
        """Keep it in the conversation; the event's id makes its key, so that an event handled twice is answered once."""
        self.answered = True
        if self._aside:
            self.notes.append(card)
            return
        key = f"{self.event_id}:{self._count}"
        self._count += 1
        try:
            await in_time(self._conversations.add, self._person, card, key)
        except NotSaved:
            self.notes.append(card)

    async def point(self, card: Card) -> None:
        """Nobody reads along on the page."""

    async def replace(self, card: Card) -> None:
        """Put it in the place of the line whose button was pressed; in a room the register's news redraws it."""
        self.answered = True
        if self._aside:
            return
        replaced = None
        try:
            if self._message is not None:
                replaced = await in_time(self._conversations.replace, self._person, self._message, card)
        except NotSaved:
            self.notes.append(card)
            return
        if replaced is None:
            await self.say(card)

    async def open_form(self, form: Form) -> None:
        """Open it as a dialog, or as a page of its own."""
        self.answered = True
        self.form = form

    async def field_errors(self, errors: Mapping[str, str]) -> None:
        """Keep the form open, with these beside its fields."""
        self.answered = True
        self.errors = errors

    async def show_home(self, cards: tuple[Card, ...]) -> None:
        """The home is a page of its own."""
        self.answered = True
        self.home = cards

    async def working(self) -> None:
        """Show the three dots in every window of this person."""
        self._hub.tell_person(self._person.id, ("typing", {"who": ""}))
