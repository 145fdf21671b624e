"""Event to handler. A repeat is dropped by its event id, and whatever goes wrong becomes a reply that says what to do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from bot.cards import Card, Steps, Text, Tone
from bot.errors import NotFound, NotSaved, Refused
from bot.events import Event, Message, Opened, PlaceKind, Press, RoomChange, Submission, in_whole_characters
from bot.incidents.bounded import NoAnswer, in_time
from bot.logs import trail
from bot.ports import Reply

log = logging.getLogger(__name__)

E = TypeVar("E", bound=Event)
MARKED_WITHIN = 2.0  # seconds that a person is let wait for a mark in the store; their own matter has more (bounded.WITHIN)


class Outcome(StrEnum):
    """How the handling of an event ended."""

    DONE = "done"  # handled, now or before; a refusal is an answer, too
    BUSY = "busy"  # somebody else is at it, or died over it a moment ago
    FAILED = "failed"  # something went wrong; another try may fare better


@dataclass
class Wanted:
    """Whether anybody still waits for a claim."""

    over: bool = False


class Claims(Protocol):
    """Remembers which events were handled, across processes."""

    def claim_event(self, event_id: str) -> bool:
        """Whether this event is new, or its handling never came to an end; it is then ours to handle."""
        ...

    def event_done(self, event_id: str) -> bool:
        """Whether the event has been handled to its end."""
        ...

    def finish_event(self, event_id: str) -> None:
        """Mark an event as handled, so that its repeats are dropped."""
        ...

    def release_event(self, event_id: str) -> None:
        """Give an event back, so that its repeat is handled."""
        ...


class Dispatcher:
    """Knows which handler is for what; `handle` is the one way in."""

    def __init__(self, claims: Claims, *, telephone: str = "") -> None:
        self._claims = claims
        self._telephone = telephone
        self._presses: dict[str, Callable[[Press, Reply], Awaitable[None]]] = {}
        self._opening: set[str] = set()
        self._forms: dict[str, Callable[[Submission, Reply], Awaitable[None]]] = {}
        self._message: Callable[[Message, Reply], Awaitable[None]] | None = None
        self._room_message: Callable[[Message, Reply], Awaitable[None]] | None = None
        self._room_change: Callable[[RoomChange, Reply], Awaitable[None]] | None = None
        self._opened: Callable[[Opened, Reply], Awaitable[None]] | None = None

    def on_message(self, handler: Callable[[Message, Reply], Awaitable[None]]) -> None:
        """Handle what people say to the bot."""
        self._message = handler

    def on_room_message(self, handler: Callable[[Message, Reply], Awaitable[None]]) -> None:
        """Handle what members say in an incident's room."""
        self._room_message = handler

    def on_room_change(self, handler: Callable[[RoomChange, Reply], Awaitable[None]]) -> None:
        """Handle edits, deletions, joins and leaves in a room."""
        self._room_change = handler

    def on_opened(self, handler: Callable[[Opened, Reply], Awaitable[None]]) -> None:
        """Handle the opening of the bot's home."""
        self._opened = handler

    def on_press(self, action: str, handler: Callable[[Press, Reply], Awaitable[None]], *, opens_form: bool = False) -> None:
        """Handle the press of one kind of button. `opens_form`: its answer is a form, which some channels must open within seconds."""
        self._presses[action] = handler
        if opens_form:
            self._opening.add(action)

    def on_submission(self, form: str, handler: Callable[[Submission, Reply], Awaitable[None]]) -> None:
        """Handle one kind of form."""
        self._forms[form] = handler

    def opens_form(self, action: str) -> bool:
        """Whether the answer to this press is a form."""
        return action in self._opening

    @property
    def actions(self) -> frozenset[str]:
        """The actions that some handler is for."""
        return frozenset(self._presses)

    @property
    def forms(self) -> frozenset[str]:
        """The forms that some handler is for."""
        return frozenset(self._forms)

    async def handle(self, event: Event, reply: Reply, *, last: bool = True) -> Outcome:
        """Handle one event. Never raises, but for cancellation: what goes wrong is told to the person, and logged without their words.

        `last`: False where the event is kept and comes again after a fault, so that nobody need be told of this one.
        """
        if (known := await self._known(event)) is not None:
            return known
        try:
            await self._route(in_whole_characters(event), reply)
        except BaseException as error:
            outcome = await self._failed(event, reply, error, last=last)
            if isinstance(error, asyncio.CancelledError | KeyboardInterrupt | SystemExit):
                raise
            return outcome
        await self._quietly(self._claims.finish_event, event.event_id)
        return Outcome.DONE

    async def _known(self, event: Event) -> Outcome | None:
        """How it stands with an event that is not ours to handle; None where it is."""
        wanted = Wanted()
        try:
            if await in_time(self._claim, event.event_id, wanted, within=MARKED_WITHIN):
                return None
            return Outcome.DONE if await in_time(self._claims.event_done, event.event_id, within=MARKED_WITHIN) else Outcome.BUSY
        except Exception as error:
            # The store cannot be asked. Handling twice is the lesser evil: what is stored is itself keyed by the event's id.
            wanted.over = isinstance(error, NoAnswer)
            log.error("The store could not say whether an event is a repeat: %s", trail(error))
            return None

    def _claim(self, event_id: str, wanted: Wanted) -> bool:
        """Claim it. Where nobody waits for that any more it is given back, for nobody would mark it as done."""
        ours = self._claims.claim_event(event_id)
        if ours and wanted.over:
            self._claims.release_event(event_id)
        return ours

    async def _route(self, event: Event, reply: Reply) -> None:
        match event:
            case Message() if event.place.kind is PlaceKind.ROOM:
                await call(self._room_message, event, reply)
            case Message():
                await call(self._message, event, reply)
            case Press():
                await call(self._presses.get(event.action), event, reply)
            case Submission():
                await call(self._forms.get(event.form), event, reply)
            case Opened():
                await call(self._opened, event, reply)
            case RoomChange():
                await call(self._room_change, event, reply)

    async def _failed(self, event: Event, reply: Reply, error: BaseException, *, last: bool) -> Outcome:
        """Give the event back where a repeat may fare better; tell the person what happened, unless it will come again by itself."""
        answered = isinstance(error, NotFound | Refused)
        # Where something was said already, another try would say it once more: the person is told now, and decides.
        half_done = not last and bool(getattr(reply, "said", ()))
        if answered:
            await self._quietly(self._claims.finish_event, event.event_id)
        else:
            log.error("A %s was not handled: %s", type(event).__name__, trail(error))
        if answered or last or half_done:
            try:
                await reply.say(self.apology(error))
            except Exception as failure:
                log.error("The person could not be told that something went wrong: %s", trail(failure))
                half_done = False  # neither the rest nor this has arrived: twice is better than not at all
        if not answered:  # after the person is told: where the store is what hangs this hangs too
            await self._quietly(self._claims.release_event, event.event_id)
        return Outcome.DONE if answered or half_done else Outcome.FAILED

    def apology(self, error: BaseException) -> Card:
        """What a person is told of an error: what it means for them, and whom to ring."""
        if isinstance(error, NotFound):
            return Card("Not found", (Text(str(error)),), notice="Usher could not find that")
        if isinstance(error, Refused):
            return Card("That is not possible", (Text(str(error)),), notice="Usher could not do that")
        told = str(error) if isinstance(error, NotSaved) else ""
        lead = told or f"Something went wrong, and this may not have been saved. {self.if_urgent}"
        steps = ("If anyone is in danger now, ring 999.", *((self.if_urgent,) if told else ()), "Otherwise please try again in a minute.")
        unknown = isinstance(error, NoAnswer)
        return Card(
            "Perhaps not saved" if unknown else "Not saved",
            (Text(lead, strong=True), Steps("What to do now", steps, kind="ordered")),
            tone=Tone.URGENT,
            badge="Not known to be saved" if unknown else "Not saved",
            notice="Usher does not know whether that was saved" if unknown else "Usher could not save that",
        )

    @property
    def if_urgent(self) -> str:
        """Whom to ring where something cannot wait, in one sentence."""
        ring = f"telephone the school on {self._telephone}" if self._telephone else "telephone the school office"
        return f"If it is about a child or cannot wait, {ring}."

    @staticmethod
    async def _quietly(call: Callable[[str], None], event_id: str) -> None:
        try:
            await in_time(call, event_id, within=MARKED_WITHIN)
        except Exception as error:
            log.error("The store could not mark an event: %s", trail(error))


async def call(handler: Callable[[E, Reply], Awaitable[None]] | None, event: E, reply: Reply) -> None:
    """Call a handler with its event.

    Raises:
        NotFound: nothing handles this; a forged press reads like an unknown reference.
    """
    if handler is None:
        raise NotFound
    await handler(event, reply)
