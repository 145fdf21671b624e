"""What Teams sends without waiting for an answer: kept before it hears that it has arrived, then worked on."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from botbuilder.core import CloudAdapterBase, TurnContext
from botbuilder.schema import Activity

from bot.channels.teams.drawing import draw
from bot.channels.teams.groups import event_name
from bot.channels.teams.heard import PICTURE, mentions, personal
from bot.channels.teams.incoming import Incoming
from bot.channels.teams.references import NAME
from bot.channels.teams.reply import Voice
from bot.channels.teams.wire import answered, message
from bot.dispatch import Outcome
from bot.errors import NotSaved
from bot.inbox import Inbox

ACK_SECONDS = 8.0  # Teams repeats a message that is not answered in about fifteen
Json = dict[str, Any]
DRAWN = re.compile(PICTURE.pattern + r"[^>]*>", re.IGNORECASE)
INLINE = re.compile(r"data:[\w.+-]+/[\w.+*-]+;base64,[A-Za-z0-9+/=_-]*", re.IGNORECASE)  # a file in the place of its address


class Intake:
    """Keeps activities in the inbox, and works on them in a turn of their own, now or after a restart."""

    def __init__(self, inbox: Inbox, incoming: Incoming, adapter: CloudAdapterBase, app_id: str) -> None:
        self._inbox = inbox
        self._incoming = incoming
        self._adapter = adapter
        self._app_id = app_id
        inbox.attend(NAME, self)

    async def take(self, activity: Activity, body: Json) -> None:
        """Keep an activity, and let Teams wait a little for what comes of it. Whoever wrote what cannot be kept is told so."""
        # A team's own coming and going is of no interest; that of a chat may be, for it may be the chat of an incident.
        kind = activity.conversation.conversation_type
        in_team = activity.type in ("conversationUpdate", "installationUpdate") and not personal(activity) and kind != "groupChat"
        if activity.type not in self._incoming.kinds or in_team or not self._incoming.welcome(activity):
            return
        try:
            work = await self._inbox.take(NAME, key_of(activity), {"activity": lean(body)})
        except NotSaved:
            return  # the inbox sees to it that they are told
        if work is not None:
            await asyncio.wait({work}, timeout=ACK_SECONDS)

    async def handle(self, payload: Json, *, last: bool) -> Outcome:
        """Work on what was kept."""
        outcome = Outcome.FAILED

        async def turn(context: TurnContext) -> None:
            nonlocal outcome
            again = self._incoming.invokes.again if context.activity.type == "invoke" else self._incoming.work
            outcome = await again(context, last=last)

        await self._turn(payload, turn)
        return outcome

    async def sorry(self, payload: Json, error: Exception) -> None:
        """Tell whoever wrote it, privately; where others read along, whoever spoke to the bot, or in a chat where it hears every word."""
        shown = self._incoming.dispatch.apology(error)

        async def turn(context: TurnContext) -> None:
            told, activity = message(draw(shown), notice=shown.notice), context.activity
            if activity.type not in ("message", "invoke"):
                return
            if personal(activity):
                await answered(context.send_activity(told))
            elif activity.type == "invoke" or mentions(activity) or self._incoming.chats:
                _, person = await self._incoming.who(context)
                await Voice(context, self._incoming.post, person, personal=False)(told)

        await self._turn(payload, turn)

    async def _turn(self, payload: Json, logic: Any) -> None:
        activity = Activity().deserialize(payload["activity"])
        failed: list[Exception] = []

        async def careful(context: TurnContext) -> None:
            # What is raised in a turn must not meet the SDK's own handling of it, which speaks into the conversation.
            try:
                await logic(context)
            except Exception as error:
                failed.append(error)

        await self._adapter.process_proactive(
            self._adapter.create_claims_identity(self._app_id),
            activity,
            self._adapter.bot_framework_authentication.get_originating_audience(),
            careful,
        )
        if failed:
            raise failed[0]


def key_of(activity: Activity) -> str:
    """What an activity is about: the same for each repeat of it; each edit is its own."""
    stamp = activity.timestamp if activity.type in ("messageUpdate", "messageDelete") else ""
    return f"{activity.type} {activity.action or ''} {event_name(activity)} {stamp}"


def lean(body: Json) -> Json:
    """An activity without what is never used: of files their kind alone, of pictures that they are there; all else stays where it is."""
    found: Json = without_pictures(body)
    return found


def without_pictures(value: Any, name: str = "") -> Any:
    """The same, wherever in an activity something is attached, or drawn into a page. An emoji is a picture of Teams' own."""
    if isinstance(value, str):
        return INLINE.sub("", DRAWN.sub("<img>", value) if name == "content" else value)
    if isinstance(value, list):
        return [without_pictures(one, name) for one in value]
    if not isinstance(value, dict):
        return value
    kept = [one if one.get("contentType") == "text/html" else {"contentType": one.get("contentType")} for one in attachments(value)]
    return {one: without_pictures(kept if one == "attachments" and kept else part, one) for one, part in value.items()}


def attachments(body: Json) -> list[Json]:
    """The attachments of an activity, as far as they are any."""
    found = body.get("attachments")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
