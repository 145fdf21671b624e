"""What one person does at the terminal, as events of the bot: write, press by number, fill in forms."""

from __future__ import annotations

import asyncio
import uuid
from abc import ABC, abstractmethod
from contextlib import suppress

from rich.console import Console as Screen

from bot.cards import Button, Card
from bot.channels.console_drawing import draw_card, draw_field, draw_form_head, words
from bot.channels.console_input import Filling
from bot.channels.web.page import Page
from bot.channels.web.reply import PageReply
from bot.errors import NotSaved
from bot.events import Event, Message, Place, PlaceKind, Press, Submission
from bot.people import Person

NAME = "console"


class Talk(ABC):
    """One person's acts, and the screen on which they are shown."""

    def __init__(self, page: Page, person: Person, screen: Screen) -> None:
        self._page = page
        self._screen = screen
        self._become(person)

    def _become(self, person: Person) -> None:
        self.person = person
        self.room = ""
        # Numbers are never used twice, so that one read further up the screen still means what stood beside it.
        self._buttons: list[tuple[Button, int | None, str]] = []
        self._filling: Filling | None = None
        self._line, self._feed, self._entry = 0, 0, 0

    async def _write(self, text: str) -> None:
        event_id = self._event()
        reply = self._reply(event_id)
        if not self.room:
            with suppress(NotSaved):  # answered all the same: somebody may need help now, and the answer needs no store
                await asyncio.to_thread(self._page.conversations.wrote, self.person, text, event_id)
        await self._handle(Message(event_id, self.person, text, self._place(self.room), self._page.clock.now()), reply)

    async def _press_number(self, number: int) -> None:
        if not 0 < number <= len(self._buttons):
            self._screen.print(words(f"There is no button {number} here.", "bold"))
            return
        button, line, room = self._buttons[number - 1]
        if button.action == "incident.open":
            await self._enter(button.value)
            return
        await self._press(button.action, button.value, line, room)

    async def _press(self, action: str, value: str, line: int | None = None, room: str = "") -> None:
        event_id = self._event()
        reply = self._reply(event_id, line=line, aside=bool(room) and action.startswith("incident."))
        place = self._place(room)
        await self._handle(Press(event_id, self.person, action, value, place, self._page.clock.now(), message_id=str(line or "")), reply)

    async def _handle(self, event: Event, reply: PageReply, filled: Filling | None = None) -> None:
        await self._page.dispatch.handle(event, reply)
        for card in reply.notes:
            self._show(card)
        for card in reply.home:
            self._show(card)
        if reply.form:
            self._filling = Filling(reply.form)
            self._screen.print(draw_form_head(reply.form))
        elif filled and reply.errors:
            self._filling = Filling(filled.form, filled, reply.errors)
        self._ask()

    async def _fill(self, text: str) -> None:
        assert self._filling is not None  # noqa: S101 the caller has looked
        filling = self._filling
        if text == "/cancel":
            self._filling = None
            self._screen.print(words("Closed; nothing was sent.", "dim"))
            return
        if filling.take(text):
            self._ask()
            return
        self._filling = None
        event_id = self._event()
        aside = bool(self.room) and filling.form.name.startswith("incident.")
        form, place = filling.form, self._place(self.room if aside else "")
        sent = Submission(event_id, self.person, form.name, filling.values, form.context, place, self._page.clock.now())
        await self._handle(sent, self._reply(event_id, aside=aside), filling)

    def _ask(self) -> None:
        if self._filling and self._filling.field:
            self._screen.print(draw_field(self._filling.field, self._filling.wrong))

    def _show(self, card: Card, line: int | None = None) -> None:
        first = len(self._buttons) + 1
        room = self.room if line is None else ""  # what stands in the conversation is pressed there
        self._buttons += [(button, line, room) for button in card.buttons]
        self._screen.print(draw_card(card, range(first, first + len(card.buttons))))

    def _place(self, room: str) -> Place:
        return Place(NAME, f"room:{room}", PlaceKind.ROOM, incident=room) if room else Place(NAME, self.person.id)

    def _reply(self, event_id: str, *, line: int | None = None, aside: bool | None = None) -> PageReply:
        beside = bool(self.room) if aside is None else aside
        return PageReply(self._page.conversations, self._page.hub, self.person, event_id, message=line, aside=beside)

    def _event(self) -> str:
        return f"{NAME}:{self.person.id}:{uuid.uuid4()}"

    @abstractmethod
    async def _enter(self, ref: str) -> None:
        """Go into a room."""
