"""Answers one event in Teams. Said things go into the person's private conversation, wherever the event came from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.cards import Button, Card, Form, Text
from bot.channels.teams.blocks import Element
from bot.channels.teams.drawing import FORM_BUTTON, draw, draw_together
from bot.channels.teams.forms import draw_form
from bot.channels.teams.post import Post, stored
from bot.channels.teams.references import NAME
from bot.channels.teams.wire import addressed, answered, message
from bot.errors import DeliveryError, RecipientGone, RetryLater
from bot.people import Person
from bot.ports import Sent

log = logging.getLogger(__name__)
TRIES = 3
LONGEST_WAIT = 6.0
UNREACHED = (
    "I answer in private only, and cannot reach you there, so I have not answered. "
    "In Teams, add Usher under Apps, and write to it in your own chat."
)
TYPING_SECONDS = 2.0  # nobody waits longer for an answer because of the dots


class Speaker(Protocol):
    """Writes to the person privately."""

    async def __call__(self, activity: Activity, card: Card | None = None) -> None:
        """Write this. `card`: what it is drawn from, where it may be about an incident."""
        ...

    async def stands(self, card: Card, message: str) -> None:
        """A card stands in this message of the conversation at hand now."""
        ...


class TeamsReply:
    """One event's answer. What a dialog or a pressed card must show is kept here until Teams is answered.

    `asked`: the press that may lead to a form, as (action, value), so that a form can be offered where no dialog can open.
    `dialogs`: whether this client can open dialogs at all; else a form is a message.
    """

    def __init__(
        self,
        context: TurnContext,
        say: Speaker,
        *,
        personal: bool,
        invoke: bool = False,
        asked: tuple[str, str] = ("", ""),
        dialogs: bool = True,
    ) -> None:
        self._context = context
        self._say = say
        self._personal = personal
        self._asked = asked
        self._dialogs = dialogs
        self.holds = invoke  # whether Teams still waits for what is shown in place
        self.unreached = False  # whether there is no private conversation to say it in
        self.said: list[Card] = []
        self.card: Element | None = None
        self.form: Form | None = None
        self.errors: Mapping[str, str] = {}

    async def say(self, card: Card) -> None:
        """Say this privately."""
        self.said.append(card)
        try:
            for page in draw(card):
                await self._say(message((page,), notice=card.notice or card.title), card)
        except RecipientGone:
            if self._personal:
                raise
            self.unreached = True
            if not self.holds:
                await answered(self._context.send_activity(message(text=UNREACHED)))

    async def point(self, card: Card) -> None:
        """In a team or group: one line that tells nothing of the matter."""
        if not self._personal and not self.unreached:
            try:
                await answered(self._context.send_activity(message(text=card.title)))
            except DeliveryError as error:  # the answer itself has arrived
                log.info("A pointer could not be left in a team: %s", type(error).__name__)

    async def replace(self, card: Card) -> None:
        """Put it in the place of the card whose button was pressed; what does not fit follows as messages."""
        first, *rest = draw(card)
        await self._say.stands(card, str(self._context.activity.reply_to_id or ""))
        if self.holds:
            self.card = first
        elif self._context.activity.reply_to_id:
            shown = message((first,), notice=card.notice or card.title)
            shown.id = self._context.activity.reply_to_id
            await answered(self._context.update_activity(shown))
        else:
            rest = [first, *rest]
        for page in rest:
            await self._say(message((page,), notice=card.notice or card.title), card)

    async def open_form(self, form: Form) -> None:
        """Open a dialog; where Teams cannot open one now, offer a button that can."""
        self.form = form
        if self.holds and opens_dialog(self._context.activity.name):
            return
        if not self._dialogs:
            await self._say(message((draw_form(form),), notice=form.title))
            return
        action, value = self._asked
        button = Button(form.title, f"{FORM_BUTTON}:{action}", value, "primary")
        await self.say(Card(form.title, (Text("Press the button to open the form."),), (button,), notice=form.title))

    async def field_errors(self, errors: Mapping[str, str]) -> None:
        """Say beside each field what is wrong with it, and keep the dialog open."""
        self.errors = errors

    async def show_home(self, cards: tuple[Card, ...]) -> None:
        """Show the home as one message."""
        for page in draw_together(cards):
            await self._say(message((page,), notice="Usher"))

    async def working(self) -> None:
        """Show that an answer is on its way. Where that cannot be shown, the answer comes all the same."""
        if self._personal:
            try:
                async with asyncio.timeout(TYPING_SECONDS):
                    await answered(self._context.send_activity(Activity(type="typing")))
            except (DeliveryError, TimeoutError) as error:
                log.debug("The typing could not be shown: %s", type(error).__name__)


class RoomReply(TeamsReply):
    """The answer to what was said in a room that the bot carries. Its pointer is a warning, and goes to the others at once.

    `kept`: what to add to the refusal of a file about the words that came with it; "" where there is nothing to add.
    """

    def __init__(
        self, context: TurnContext, say: Speaker, warn: Callable[[Card], Awaitable[None]], kept: Callable[[], Awaitable[str]]
    ) -> None:  # fmt: skip
        super().__init__(context, say, personal=True)
        self._warn = warn
        self._kept = kept

    async def say(self, card: Card) -> None:
        """Say this privately, and what became of the words."""
        kept = await self._kept()
        await super().say(replace(card, blocks=(*card.blocks, Text(kept))) if kept else card)

    async def point(self, card: Card) -> None:
        """What everybody in the room must see."""
        await self._warn(card)


def opens_dialog(name: str | None) -> bool:
    """Whether Teams asks for a dialog's contents with this invoke."""
    return name in ("task/fetch", "composeExtension/fetchTask")


@dataclass(frozen=True)
class Voice:
    """Writes into this conversation where it is the person's own, else into theirs; waits a moment where Teams asks for that."""

    context: TurnContext
    post: Post
    person: Person
    personal: bool

    async def __call__(self, activity: Activity, card: Card | None = None) -> None:
        """Write this, and remember which incident it is about."""
        sent = await self._patiently(activity)
        if card:
            await self._noted(card, sent)

    async def stands(self, card: Card, message: str) -> None:
        """A card stands in this message of the conversation at hand now."""
        if self.personal:
            await self._noted(card, Sent(NAME, self.context.activity.conversation.id, message))

    async def _noted(self, card: Card, sent: Sent) -> None:
        try:
            await stored(lambda: self.post.lines.shown(card, self.person.id, sent))
        except RetryLater:  # it stands there all the same
            log.error("Where somebody was shown an incident could not be noted, so it cannot be taken back there")

    async def _patiently(self, activity: Activity) -> Sent:
        for tries_left in reversed(range(TRIES)):
            try:
                return await self._once(activity)
            except RetryLater as error:
                if error.after is None or error.after > LONGEST_WAIT or not tries_left:
                    raise
                await asyncio.sleep(error.after)
        raise AssertionError  # the last try returns or raises

    async def _once(self, activity: Activity) -> Sent:
        for one in activity.attachments or []:
            one.content = self.post.for_client(one.content)
        if self.personal:
            sent = await answered(self.context.send_activity(activity))
            return Sent(NAME, self.context.activity.conversation.id, str(sent.id) if sent and sent.id else "")
        reference = await self.post.conversation(self.person)
        written = await self.post.wire.send(reference.service_url, reference.conversation, addressed(activity, reference))
        return Sent(NAME, reference.conversation, written)


class Silence:
    """Says nothing: what is said while a dialog opens stands in the dialog itself."""

    async def __call__(self, activity: Activity, card: Card | None = None) -> None:
        """Say nothing."""

    async def stands(self, card: Card, message: str) -> None:
        """Nothing stands anywhere."""
