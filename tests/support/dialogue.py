"""A conversation with the whole bot but for a chat product: people say, press and send; what comes back is at hand as text."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.cards import Button, Card, Form
from bot.channels.text import card_text
from bot.events import Message, Opened, Place, PlaceKind, Press, Submission
from bot.people import Person
from bot.settings import load
from handlers.known import Knowledge
from tests.support.channels import RecordingChannel
from tests.support.clock import TurnableClock
from tests.support.delivering import Post
from tests.support.knowledge import EXAMPLE, knowledge
from wiring import Bot, open_bot


@dataclass
class RecordingReply:
    """Fulfils the port `Reply` and keeps what was said."""

    cards: list[Card] = field(default_factory=list)
    pointers: list[Card] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    home: tuple[Card, ...] = ()

    async def say(self, card: Card) -> None:
        self.cards.append(card)

    async def point(self, card: Card) -> None:
        self.pointers.append(card)

    async def replace(self, card: Card) -> None:
        self.cards.append(card)

    async def open_form(self, form: Form) -> None:
        self.forms.append(form)

    async def field_errors(self, errors: Mapping[str, str]) -> None:
        self.errors.update(errors)

    async def show_home(self, cards: tuple[Card, ...]) -> None:
        self.home = cards

    async def working(self) -> None:
        return

    @property
    def text(self) -> str:
        """Everything that was said, as text, with the buttons."""
        return "\n\n".join(card_text(card, buttons=True) for card in (*self.cards, *self.home))

    @property
    def buttons(self) -> list[Button]:
        return [button for card in (*self.cards, *self.home) for button in card.buttons]

    def button(self, label: str) -> Button:
        """The button with this label. There must be one."""
        return next(button for button in self.buttons if button.label == label)


class Dialogue:
    """The demo school's bot in a folder of the test's own, with a clock that turns and a channel that records."""

    def __init__(self, folder: Path, clock: TurnableClock | None = None, known: Knowledge | None = None) -> None:
        (folder / "school.example.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
        self.clock = clock or TurnableClock()
        self.bot: Bot = open_bot(load(folder, {}), known or knowledge(self.clock), self.clock)
        self.channel = RecordingChannel("web")
        self.store, self.register = self.bot.store, self.bot.register
        self.post = Post(self, {"web": self.channel})  # type: ignore[arg-type]  # it needs a register and a clock, no more
        self._events = itertools.count()

    def person(self, person_id: str) -> Person:
        found = self.bot.services.people.get(person_id)
        assert found is not None, person_id
        return found

    def event(self) -> str:
        return f"event-{next(self._events)}"

    async def say(
        self, who: str, text: str, *, kind: PlaceKind = PlaceKind.PRIVATE, files: int = 0, event: str = "", room: str = ""
    ) -> RecordingReply:
        place = Place("web", who, PlaceKind.ROOM if room else kind, incident=room)
        message = Message(event or self.event(), self.person(who), text, place, self.clock.now(), files)
        return await self._handle(message)

    async def press(self, who: str, button: Button, *, event: str = "") -> RecordingReply:
        return await self._handle(
            Press(event or self.event(), self.person(who), button.action, button.value, Place("web", who), self.clock.now())
        )

    async def send(self, who: str, form: Form, *, event: str = "", **values: str | tuple[str, ...]) -> RecordingReply:
        """Send a form with what it was filled in with, and these values in place of that."""
        names = {one.name for one in form.fields}
        assert set(values) <= names, set(values) - names
        filled = {one.name: one.initial for one in form.fields if one.initial} | values
        return await self._handle(
            Submission(event or self.event(), self.person(who), form.name, filled, form.context, Place("web", who), self.clock.now())
        )

    async def home(self, who: str) -> RecordingReply:
        return await self._handle(Opened(self.event(), self.person(who), Place("web", who), self.clock.now()))

    async def report(self, who: str, text: str, **values: str | tuple[str, ...]) -> RecordingReply:
        """Say what happened, press the button that reports it, send the form as it was filled in, with these values besides."""
        said = await self.say(who, text)
        pressed = await self.press(who, next(button for button in said.buttons if button.action == "report.open"))
        return await self.send(who, pressed.forms[0], **{"what": text, **values})

    async def alerts(self, who: str) -> list[Card]:
        """Deliver what is due; every card that has arrived at this person, as it stands now."""
        await self.post.deliver()
        return [one.card for one in self.channel.to(self.person(who))]

    def close(self) -> None:
        self.bot.store.close()

    async def _handle(self, event: Message | Press | Submission | Opened) -> RecordingReply:
        reply = RecordingReply()
        await self.bot.dispatch.handle(event, reply)
        return reply
