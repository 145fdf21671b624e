"""Invokes are answered within the time that Teams waits, whatever is slow; what was promised then reaches the person as a message."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.cards import Card
from bot.channels.teams.bodies import BELOW, NOTE_TYPE, Body, promise, spoken, told_in_dialog
from bot.channels.teams.drawing import CONTENT_TYPE, without_dialogs
from bot.channels.teams.extension import part
from bot.channels.teams.groups import event_name
from bot.channels.teams.heard import personal
from bot.channels.teams.incoming import Incoming
from bot.channels.teams.presses import FETCHES, LATE, Presses
from bot.channels.teams.references import NAME
from bot.channels.teams.reply import Voice
from bot.channels.teams.viewer import REFRESH
from bot.channels.teams.wire import answered, message
from bot.channels.text import card_text
from bot.dispatch import Outcome
from bot.errors import NotSaved, RetryLater
from bot.logs import trail
from bot.people import Person

log = logging.getLogger(__name__)
ANSWER_SECONDS = 4.0  # Teams gives up a dialog after about five
PRESS_SECONDS = 8.0  # and a pressed button after about ten
STARTED = "usher.started"  # in a turn's state: when Teams began to wait, by the monotonic clock
NOBODY = Person("", "")


@dataclass
class Promises:
    """Answers invokes in time, and keeps what it promises."""

    incoming: Incoming
    presses: Presses

    async def answer(self, context: TurnContext) -> Body:
        """The body that Teams gets for this invoke; a promise where it is not there in time."""
        name = context.activity.name
        work = asyncio.create_task(self._body(context))
        limit = PRESS_SECONDS if name == "adaptiveCard/action" else ANSWER_SECONDS
        waited = time.monotonic() - context.turn_state.get(STARTED, time.monotonic())
        done, _ = await asyncio.wait({work}, timeout=max(0.0, limit - waited))
        if done:
            return work.result()
        context.turn_state[LATE] = True
        quiet = name == "composeExtension/query" or refreshes(context.activity)  # nobody waits for these: they are asked for again
        self.incoming.beside(work if quiet else self._see_through(context, work))
        return {} if refreshes(context.activity) else promise(name)

    async def again(self, context: TurnContext, *, last: bool) -> Outcome:
        """An invoke that a process took and did not live to handle, or could not answer: what comes of it comes as messages."""
        reference, person = await self.incoming.who(context)
        return Outcome.DONE if reference.guest else await self.presses.again(context, person, last=last)

    async def _body(self, context: TurnContext) -> Body:
        """What comes of an invoke. Whatever goes wrong is a sentence that says what to do."""
        try:
            return await self.presses.answer(context)
        except Exception as error:
            log.error("An invoke of Teams was not handled: %s", trail(error))
            failed = self.incoming.dispatch.apology(NotSaved("") if isinstance(error, RetryLater) else error)
            return failure(context.activity.name, failed)

    async def _see_through(self, context: TurnContext, work: asyncio.Task[Body]) -> None:
        """Wait for what was promised, and give it to the person. A form that they wait for is kept meanwhile: nothing else knows of it."""
        fetching = context.activity.name in FETCHES
        async with AsyncExitStack() as stack:
            if fetching:
                await stack.enter_async_context(self.incoming.holding(context))
            try:
                await self._deliver(context, await work)
            except Exception as error:
                log.error("What was promised to somebody in Teams did not reach them yet: %s", trail(error))
                if fetching:
                    await self._once_more(context)

    async def _once_more(self, context: TurnContext) -> None:
        activity: Activity = context.activity
        try:
            await self.incoming.inbox.take(NAME, f"late {event_name(activity)}", {"activity": activity.serialize()})
        except NotSaved as error:
            log.error("It could not be kept to be tried again: %s", trail(error))

    async def _deliver(self, context: TurnContext, body: Body) -> None:
        """As a message what would have stood in a dialog, or in the place of a card."""
        activity: Activity = context.activity
        task = body.get("task") or {}
        if task.get("type") == "continue":
            shown = task["value"]
            await self._say(context, message((without_dialogs(shown["card"]["content"]),), notice=shown["title"]))
        elif task.get("type") == "message" or body.get("type") == NOTE_TYPE:
            text = str(task.get("value") or body.get("value") or "")
            if text and text != BELOW:
                await self._say(context, message(text=text))
        elif body.get("type") == CONTENT_TYPE:
            card = message((body["value"],), notice="Usher")
            if not activity.reply_to_id:
                return await self._say(context, card)
            card.id = activity.reply_to_id
            await answered(context.update_activity(card))
        return None

    async def _say(self, context: TurnContext, activity: Activity) -> None:
        own = personal(context.activity)
        person = NOBODY if own else (await self.incoming.who(context))[1]
        await Voice(context, self.incoming.post, person, personal=own)(activity)


def failure(name: str | None, card: Card) -> Body:
    """What is answered where the work failed before anybody could be told: what that means, and what to do."""
    if name == "composeExtension/query":
        return promise(name)
    return spoken(card_text(card)) if name == "adaptiveCard/action" else told_in_dialog([card])


def refreshes(activity: Activity) -> bool:
    """Whether this is a card in view that asks how it should look now, which nobody pressed."""
    value: Any = activity.value if isinstance(activity.value, dict) else {}
    return part(part(value, "action"), "data").get("usher") == REFRESH
