"""Bots in processes of their own that take what Slack or Teams sends, made to be killed between "received" and the end of the work."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from multiprocessing.process import BaseProcess
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import web
from botframework.connector.auth.channel_validation import ChannelValidation

from bot import inbox as inboxes
from bot import inbox_table
from bot.channels.slack.server import add_slack
from bot.channels.slack.side import Needs, SlackSide, nobody
from bot.channels.teams.server import add_teams, build
from bot.clock import SystemClock
from bot.dispatch import Dispatcher
from bot.events import Event
from bot.inbox import Inbox
from bot.incidents import store as stores
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.people import People
from bot.ports import Reply
from bot.settings import Slack as SlackSettings
from bot.settings import Teams as TeamsSettings
from handlers.room import RoomTalk
from handlers.services import Services
from tests.support.school import KEY

METHOD = multiprocessing.get_context("forkserver")
METHOD.set_forkserver_preload(["tests.channels.lives"])


def parts(url: str, people: People, *, dead: bool) -> tuple[Register, Dispatcher, Inbox]:
    """The record, and what people do in rooms. `dead`: nothing that is taken is ever worked on."""
    # Nobody waits half a minute in a test for a process that was killed.
    stores.EVENT_LEASE = inbox_table.LEASE = timedelta(seconds=1)
    inboxes.LOOK_EVERY = inboxes.BUSY_PAUSE = 0.3
    store, vault = Store.ready(url, clock=SystemClock()), Vault([KEY])
    register, dispatch = Register(store, vault, people), Dispatcher(store)
    hears_nothing = SimpleNamespace(adviser=SimpleNamespace(ask=lambda _: SimpleNamespace(disclosure=None)))
    RoomTalk(cast("Services", SimpleNamespace(register=register, knowledge=hears_nothing))).attach(dispatch)
    if dead:
        dispatch.handle = never  # type: ignore[method-assign]
    return register, dispatch, Inbox(store, vault)


async def never(event: Event, reply: Reply, *, last: bool = True) -> Any:
    """Begin, and come to no end."""
    del event, reply, last
    await asyncio.Event().wait()


def slack(url: str, port: int, people: People, dead: bool, api_url: str, secret: str, rooms: dict[str, str]) -> None:  # noqa: FBT001
    """Slack's side over HTTP, until it is killed."""

    async def live() -> None:
        register, dispatch, inbox = parts(url, people, dead=dead)
        needs = Needs(
            dispatch, people, SystemClock(), lambda _, conversation: rooms.get(conversation), nobody,
            lambda cursor, _: cursor, lambda _: "", lambda *_: None, inbox,
        )  # fmt: skip
        side = SlackSide(SlackSettings("xoxb-stand-in", secret, "", api_url, "", ""), needs)
        del register
        app = web.Application()
        add_slack(app, side)
        await served(app, port)
        await inbox.run(asyncio.Event())

    quietly(live)


def teams(url: str, port: int, people: People, dead: bool, service: str, app_id: str, tenant: str) -> None:  # noqa: FBT001
    """Teams' side, until it is killed."""
    from tests.channels.teams.conftest import StandInFactory  # noqa: PLC0415 it loads what Slack's side does not need

    async def live() -> None:
        ChannelValidation.open_id_metadata_endpoint = f"{service}openid"
        register, dispatch, inbox = parts(url, people, dead=dead)
        bot = build(
            TeamsSettings(app_id, "x", "SingleTenant", tenant, graph_chats=False), dispatch=dispatch, register=register,
            store=register.store, vault=register.records.vault, people=people, demo=False, host="127.0.0.1", inbox=inbox,
            credentials=StandInFactory(service),
        )  # fmt: skip
        app = web.Application()
        add_teams(app, bot)
        await served(app, port)
        await inbox.run(asyncio.Event())

    quietly(live)


async def served(app: web.Application, port: int) -> None:
    """Listen."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()


def quietly(live: Callable[[], Any]) -> None:
    """Run without a word on the test's own screen."""
    sys.stderr = open(os.environ.get("TEST_LIVES", os.devnull), "a")  # noqa: SIM115, PTH123
    asyncio.run(live())


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Life:
    """One such process. `dead` may change from one life to the next."""

    def __init__(self, serve: Callable[..., None], url: str, people: People, *more: Any) -> None:
        self.port = free_port()
        self._serve, self._url, self._people, self._more = serve, url, people, more
        self._process: BaseProcess | None = None

    async def begin(self, *, dead: bool = False) -> None:
        """Start it, and wait until it listens."""
        self._process = METHOD.Process(target=self._serve, args=(self._url, self.port, self._people, dead, *self._more), daemon=True)
        self._process.start()
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            await asyncio.sleep(0.02)
        raise TimeoutError("the bot does not listen")

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None and self._process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            self._process.join(10)
            self._process = None
