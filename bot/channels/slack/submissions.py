"""The answer to a form that was sent: mistakes beside their fields, else the modal closes, or shows what must be read at once.

Slack waits three seconds and takes mistakes in that answer alone. So the work gets most of that time; what takes longer goes
on while the modal says so, and ends there: with what was said, or with the form again, everything still filled in.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Coroutine
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.cards import Card, Text, Tone
from bot.channels.slack.blocks import small
from bot.channels.slack.desk import Desk
from bot.channels.slack.forms import FIELD, card_modal
from bot.channels.slack.limits import Json
from bot.channels.slack.reply import SlackReply
from bot.errors import DeliveryError

log = logging.getLogger(__name__)
ANSWER_WITHIN = 1.8  # seconds, of Slack's three
SAVING = Card("One moment", (Text("This is being saved. You will see here when it is done."),))
UNSURE = Card(
    "This may not have been saved",
    (Text("Please send it once more in a minute. If it cannot wait, telephone the school.", strong=True),),
    tone=Tone.URGENT,
    badge="Not saved",
)
KEPT = ("type", "callback_id", "title", "submit", "close", "private_metadata", "blocks")


class Answering:
    """Answers submissions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def answer(
        self, ack: AsyncAck, view: Json, reply: SlackReply, work: Coroutine[Any, Any, None], *, always_shown: bool = False
    ) -> None:
        """Do the work, and answer in time. `always_shown`: what is said is shown in the modal, whatever it is."""
        task = asyncio.ensure_future(work)
        refused = asyncio.ensure_future(reply.refused.wait())
        await asyncio.wait({task, refused}, timeout=ANSWER_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        refused.cancel()
        if reply.errors:
            self._desk.tried(view["id"])
            await ack(response_action="errors", errors=beside(view, reply.errors))
        elif task.done() and task.exception() is None:
            shown = reply.meant if always_shown or any(card.tone in (Tone.URGENT, Tone.REPORT) for card in reply.meant) else []
            await (ack(response_action="update", view=card_modal(tuple(shown), reply.spot.origin)) if shown else ack())
        else:
            await ack(response_action="update", view=card_modal((UNSURE if task.done() else SAVING,), reply.spot.origin))
            await self._late(view, reply, task)
            return
        await asyncio.gather(task, return_exceptions=True)

    async def _late(self, view: Json, reply: SlackReply, task: asyncio.Future[None]) -> None:
        results = await asyncio.gather(task, return_exceptions=True)
        if results[0] is not None:
            log.error("A form was not handled: %s", type(results[0]).__name__)
        if reply.errors:
            self._desk.tried(view["id"])
            shown = form_again(view, reply.errors)
        elif results[0] is not None:
            shown = card_modal((UNSURE,), reply.spot.origin)
        else:
            shown = card_modal(tuple(reply.meant) or (Card("Done"),), reply.spot.origin)
        try:
            await self._desk.calls.patiently(reply.spot.team, "views.update", view_id=view["id"], view=shown)
        except DeliveryError as error:
            log.info("A modal could not be updated, it may have been closed: %s", type(error).__name__)


def beside(view: Json, errors: dict[str, str]) -> dict[str, str]:
    """The mistakes by block; one of a field that is not there stands beside the first field."""
    there = [str(block["block_id"]) for block in view["blocks"] if block["type"] == "input"]
    return {(f"{FIELD}{name}" if f"{FIELD}{name}" in there else there[0]): text for name, text in errors.items() if there}


def form_again(view: Json, errors: dict[str, str]) -> Json:
    """The form as it was sent, with what was filled in and, above the fields, what is wrong."""
    again = {name: copy.deepcopy(view[name]) for name in KEPT if view.get(name)}
    values = view.get("state", {}).get("values", {})
    for block in again["blocks"]:
        for state in values.get(block.get("block_id"), {}).values():
            refill(block["element"], state)
    again["blocks"] = [*(small(f"⚠️ {text}") for text in errors.values()), *again["blocks"]]
    return again


def refill(element: Json, state: Json) -> None:
    """Put what was filled in back into a field."""
    found = {
        "initial_value": state.get("value"),
        "initial_option": state.get("selected_option"),
        "initial_options": state.get("selected_options"),
        "initial_date_time": state.get("selected_date_time"),
    }
    for name, value in found.items():
        element.pop(name, None)
        if value:
            element[name] = value
