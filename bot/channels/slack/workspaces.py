"""The workspaces that the bot is in, and the client for each: one by its token, or many by their installations."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChannelRefused, RetryLater

API = "https://slack.com/api/"
ORG_WIDE = (
    "Usher works in single workspaces, and was installed for a whole Enterprise Grid organisation: "
    "whoever looks after Slack should remove it there, and install it in the school's own workspace."
)
TIMEOUT = 12.0  # seconds; shorter than the outbox waits for a call
IDLE = 20.0
FRESH = 15.0  # seconds for which a stored token is believed without asking the database
DATABASE_WITHIN = 0.3  # seconds; where it takes longer, the token that was good a moment ago is used


def joined(team: str, name: str) -> str:
    """An id of Slack's as the bot keeps it: with its workspace in front where there are many."""
    return f"{team}/{name}" if team else name


def parted(address: str) -> tuple[str, str]:
    """The workspace ("" where there is one alone) and the id."""
    team, slash, name = address.partition("/")
    return (team, name) if slash else ("", address)


class Workspaces(Protocol):
    """Knows a client for every workspace."""

    def key(self, team: str) -> str:
        """How a workspace is called in addresses: "" where there is one alone."""
        ...

    async def client(self, team: str) -> AsyncWebClient:
        """The client for a workspace. ChannelRefused where the bot is not, or no longer, installed there."""
        ...

    async def teams(self) -> list[str]:
        """Every workspace, as it stands in addresses."""
        ...

    async def forget(self, team: str) -> None:
        """The bot was removed from a workspace, or its tokens were revoked."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class Wire:
    """One set of connections to Slack's Web API for all clients; opened when it is first used."""

    def __init__(self, api_url: str = "") -> None:
        self.api_url = (api_url or API).rstrip("/") + "/"
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def client(self, token: str) -> AsyncWebClient:
        """A client with this token. It tries nothing twice by itself: the outbox and Calls know what may be repeated."""
        return AsyncWebClient(token, base_url=self.api_url, session=self._open(), retry_handlers=[], user_agent_prefix="usher")

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise RetryLater("The bot is ending.")  # a connection that is opened now would be closed by nobody
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            connector = aiohttp.TCPConnector(limit=40, keepalive_timeout=IDLE)
            self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUT))
            self._loop = loop
        return self._session

    async def close(self) -> None:
        """Close the connections, for good."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None


class OneWorkspace:
    """The workspace of SLACK_BOT_TOKEN."""

    def __init__(self, token: str, wire: Wire) -> None:
        self._token = token
        self._wire = wire
        self.removed = False

    def key(self, team: str) -> str:
        """There is one alone, so it needs no name."""
        del team
        return ""

    async def client(self, team: str) -> AsyncWebClient:
        """The client. Slack itself says when the token is no longer good."""
        del team
        return self._wire.client(self._token)

    async def teams(self) -> list[str]:
        """The one workspace."""
        return [""]

    async def forget(self, team: str) -> None:
        """Remember it for `doctor`; every call will be refused by Slack from now on, and delivery finds other ways."""
        del team
        self.removed = True

    async def close(self) -> None:
        """Let go of every connection."""
        await self._wire.close()


class Installed(Protocol):
    """Finds the bot tokens that were stored when the bot was installed."""

    async def token(self, team: str) -> str | None:
        """The bot token of a workspace, or None."""
        ...

    async def teams(self) -> list[str]:
        """Every workspace that the bot is installed in."""
        ...

    async def remove(self, team: str) -> None:
        """Delete everything stored of a workspace."""
        ...


class ManyWorkspaces:
    """Every workspace that somebody installed the bot in."""

    def __init__(self, installed: Installed, wire: Wire) -> None:
        self._installed = installed
        self._wire = wire
        self._tokens: dict[str, tuple[str, float]] = {}
        self._asking: dict[str, asyncio.Future[str | None]] = {}

    def key(self, team: str) -> str:
        """Slack's own id of the workspace."""
        return team

    async def client(self, team: str) -> AsyncWebClient:
        """The client with the workspace's stored token; without a workspace, the first one's."""
        name = team or next(iter(await self.teams()), "")
        token = await self._token(name) if name else None
        if token is None:
            raise ChannelRefused("The bot is not installed in this workspace.")
        return self._wire.client(token)

    async def _token(self, team: str) -> str | None:
        """The stored token. A modal cannot wait for a database that is slow, so one that is known serves meanwhile."""
        known, since = self._tokens.get(team, (None, 0.0))
        if known and time.monotonic() - since < FRESH:
            return known
        if team not in self._asking:
            self._asking[team] = asyncio.ensure_future(self._installed.token(team))
            self._asking[team].add_done_callback(lambda done: self._told(team, done))
        asking = self._asking[team]
        await asyncio.wait({asking}, timeout=DATABASE_WITHIN if known else None)
        if known and (not asking.done() or asking.cancelled() or asking.exception()):
            return known
        return asking.result()

    def _told(self, team: str, asking: asyncio.Future[str | None]) -> None:
        self._asking.pop(team, None)
        if asking.cancelled() or asking.exception():
            return
        if token := asking.result():
            self._tokens[team] = (token, time.monotonic())
        else:
            self._tokens.pop(team, None)

    async def teams(self) -> list[str]:
        """Every workspace."""
        return await self._installed.teams()

    async def forget(self, team: str) -> None:
        """Delete its tokens."""
        self._tokens.pop(team, None)
        await self._installed.remove(team)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._wire.close()
