"""Puts on the record what was written in a room while the bot did not hear it.

Slack repeats an event for some minutes only. So each process looks through what each room holds of the last days: at its
start, soon after a room was opened (another process may have been opening it while this one heard its first words), and every
hour, for the connection may have been away and the process not.
Whatever is on the record already stays as it is: a message is known by its channel and time stamp.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator

from bot.channels.slack import arrivals
from bot.channels.slack.desk import Desk
from bot.channels.slack.limits import Json
from bot.channels.slack.staff import NAME
from bot.channels.slack.workspaces import parted
from bot.incidents.occupancy import Occupied

log = logging.getLogger(__name__)
BACK = 3 * 24 * 3600.0  # seconds; for longer than this the ids of events are remembered
AGAIN = 3600.0
PAGE, PAGES = 100, 5
Heard = Callable[[str], frozenset[str]]


class CatchingUp:
    """Looks through rooms, each now and then."""

    def __init__(self, desk: Desk, heard: Heard) -> None:
        """`heard`: an incident's reference to the time stamps of the messages on its record; it reads the store, so it runs in a thread."""
        self._desk = desk
        self._heard = heard
        self._done: dict[str, float] = {}

    async def now_and_then(self, room: Occupied) -> None:
        """Record what is missing of a room's messages and edits, unless this process has looked lately."""
        if time.monotonic() - self._done.get(room.conversation, -AGAIN) < AGAIN:
            return
        team, channel = parted(room.conversation)
        heard = await asyncio.to_thread(self._heard, room.ref)
        me = await self._desk.staff.me(team)
        number = 0
        for message in await self._messages(team, channel, heard):
            for event in missing(message, channel, heard):
                body = {"team_id": team, "event": event, "authorizations": [{"team_id": team, "user_id": me}]}
                kept = {"kind": "event", "body": arrivals.lean(body)}
                if work := await self._desk.inbox.take(NAME, arrivals.event_key(team, event), kept):
                    await work
                number += 1
        self._done[room.conversation] = time.monotonic()
        if number:
            log.info("Looked after %d message(s) of a room that may not have been heard", number)

    async def _messages(self, team: str, channel: str, heard: frozenset[str]) -> list[Json]:
        """What the room holds of the last days, the oldest first, with the replies of each thread that has unheard ones."""
        oldest = f"{time.time() - BACK:.6f}"
        found: list[Json] = []
        for message in reversed(await self._pages(team, "conversations.history", channel=channel, oldest=oldest)):
            found.append(message)
            if message.get("reply_count") and str(message.get("latest_reply")) not in heard:
                thread = await self._pages(team, "conversations.replies", channel=channel, ts=str(message["ts"]), oldest=oldest)
                found += [one for one in thread if one.get("ts") != message["ts"]]
        return found

    async def _pages(self, team: str, method: str, **arguments: str) -> list[Json]:
        found: list[Json] = []
        cursor = ""
        for _ in range(PAGES):
            more = {"cursor": cursor} if cursor else {}
            page = await self._desk.calls.patiently(team, method, limit=PAGE, **arguments, **more)
            found += [dict(one) for one in page.get("messages", ())]
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return found


def missing(message: Json, channel: str, heard: frozenset[str]) -> Iterator[Json]:
    """The events that Slack sent, or would have sent, of this message, as far as they may not be on the record."""
    where = {"type": "message", "channel": channel, "channel_type": "group"}
    event = {**{name: part for name, part in message.items() if name != "edited"}, **where}
    if not (arrivals.by_a_person(event) or arrivals.on_the_room(event)):
        return
    if str(message.get("ts")) not in heard:
        yield {**event, arrivals.LATE: True}
    elif edited := message.get("edited"):
        yield {**where, "subtype": "message_changed", "ts": edited.get("ts"), "message": {**event, "edited": edited}}
