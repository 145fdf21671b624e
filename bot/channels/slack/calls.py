"""Calls of Slack's Web API: within its rate limits, with its refusals as the bot's own errors.

A limit holds for a method in a workspace (for posting: in a channel). Whoever meets one is not asked again before its time.
The outbox has patience of its own, so it waits for nothing here; a reply to a person waits a few seconds.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.channels.slack.faults import code_of, translate
from bot.channels.slack.limits import Json
from bot.channels.slack.workspaces import Workspaces
from bot.errors import ChannelRefused, RetryLater

log = logging.getLogger(__name__)
READS = frozenset(
    {
        "users.info", "users.lookupByEmail", "users.conversations", "conversations.history", "conversations.replies",
        "conversations.info", "pins.list", "bots.info", "conversations.members",
    }
)  # fmt: skip
POST = "chat.postMessage"  # the one method with a limit for each channel
POSTS_A_SECOND = 1.0
BURST = 4  # Slack lets short bursts through
REPLY_PATIENCE = 8.0
PAUSES = (0.3, 1.0, 2.0)
REMEMBERED = 2000


class Calls:
    """The one way out to Slack."""

    def __init__(self, workspaces: Workspaces) -> None:
        self.workspaces = workspaces
        self._not_before: dict[tuple[str, str, str], float] = {}
        self._posted: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    async def __call__(self, team: str, method: str, **arguments: Any) -> Json:
        """Call a method once.

        Raises:
            RetryLater: a limit or a passing fault; `after` where Slack named a time, or a limit is known.
            RecipientGone, ChannelRefused: as bot.errors says.
            SlackRefused: anything else that Slack does not take.
        """
        line = (team, method, str(arguments.get("channel", "")) if method == POST else "")
        if (wait := self._wait(line)) > 0:
            raise RetryLater(f"Slack asked to wait before {method}.", wait)
        client = await self.workspaces.client(team)
        try:
            if method in READS:
                response = await client.api_call(method, http_verb="GET", params=as_parameters(arguments))
            else:
                response = await client.api_call(method, json=arguments)
        except SlackApiError as error:
            fault = translate(error, method)
            if isinstance(fault, ChannelRefused):
                log.error("Slack refuses %s: %s", method, code_of(fault))
            if isinstance(fault, RetryLater) and fault.after is not None:
                self._not_before[line] = time.monotonic() + fault.after
            raise fault from None
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
            raise RetryLater(f"Slack could not be reached for {method} ({type(error).__name__}).") from None
        data = response.data
        return data if isinstance(data, dict) else {}

    async def patiently(self, team: str, method: str, **arguments: Any) -> Json:
        """As a plain call, but with a few seconds of patience: for what somebody waits for."""
        until = time.monotonic() + REPLY_PATIENCE
        for pause in PAUSES:
            try:
                return await self(team, method, **arguments)
            except RetryLater as error:
                wait = error.after if error.after is not None else pause
                if time.monotonic() + wait > until:
                    raise
                await asyncio.sleep(wait)
        return await self(team, method, **arguments)

    def _wait(self, line: tuple[str, str, str]) -> float:
        """Seconds until this may be called; a post that may go counts at once."""
        now = time.monotonic()
        if (known := self._not_before.get(line, 0.0)) > now:
            return known - now
        self._not_before.pop(line, None)
        if line[1] != POST:
            return 0.0
        place = (line[0], line[2])
        left, at = self._posted.pop(place, (float(BURST), now))
        left = min(float(BURST), left + (now - at) * POSTS_A_SECOND)
        self._posted[place] = (left - 1 if left >= 1 else left, now)
        if len(self._posted) > REMEMBERED:
            self._posted.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) / POSTS_A_SECOND


def as_parameters(arguments: Json) -> dict[str, str]:
    """Arguments as they stand in an address."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}
