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
from bot.errors import RetryLater
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
        self._rest: dict[str, str] = {}  # where to go on, in rooms of which Slack has not shown everything yet

    async def now_and_then(self, room: Occupied) -> None:
        """Record what is missing of a room's messages and edits, unless this process has looked lately."""
        if time.monotonic() - self._done.get(room.conversation, -AGAIN) < AGAIN:
            return
        team, channel = parted(room.conversation)
        heard = await asyncio.to_thread(self._heard, room.ref)
        me = await self._desk.staff.me(team)
        number = 0
        messages, rest, done = await self._messages(team, channel, heard, self._rest.pop(room.conversation, ""))
        for message in messages:
            for event in missing(message, channel, heard):
                body = {"team_id": team, "event": event, "authorizations": [{"team_id": team, "user_id": me}]}
                kept = {"kind": "event", "body": arrivals.lean(body)}
                if work := await self._desk.inbox.take(NAME, arrivals.event_key(team, event), kept):
                    await work
                number += 1
        if done:
            self._done[room.conversation] = time.monotonic()
        elif rest:
            self._rest[room.conversation] = rest
        if number:
            log.info("Looked after %d message(s) of a room that may not have been heard", number)

    async def _messages(self, team: str, channel: str, heard: frozenset[str], start: str) -> tuple[list[Json], str, bool]:
        """What the room holds of the last days, the oldest first, with the replies of each thread that has unheard ones.

        As far as Slack shows it now, from `start` on; then where to go on the next time, and whether this was all.
        """
        oldest = f"{time.time() - BACK:.6f}"
        found: list[Json] = []
        shown, rest = await self._pages(team, "conversations.history", start, channel=channel, oldest=oldest)
        whole = True
        for message in reversed(shown):
            found.append(message)
            if message.get("reply_count") and str(message.get("latest_reply")) not in heard:
                try:
                    thread, more = await self._pages(team, "conversations.replies", channel=channel, ts=str(message["ts"]), oldest=oldest)
                except RetryLater:
                    whole = False
                    continue
                whole = whole and not more
                found += [one for one in thread if one.get("ts") != message["ts"]]
        return found, rest if whole else start, whole and not rest

    async def _pages(self, team: str, method: str, start: str = "", **arguments: str) -> tuple[list[Json], str]:
        """What Slack shows now, and where to go on; of some apps it answers one such question a minute."""
        found: list[Json] = []
        cursor = start
        for number in range(PAGES):
            more = {"cursor": cursor} if cursor else {}
            try:
                page = await self._desk.calls.patiently(team, method, limit=PAGE, **arguments, **more)
            except RetryLater:
                if not number:
                    raise
                break
            found += [dict(one) for one in page.get("messages", ())]
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return found, cursor


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
