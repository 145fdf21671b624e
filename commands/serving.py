"""Serve every channel that is set up, in one process, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.channels.web.page import Page
from bot.channels.web.server import make_app
from bot.errors import SettingsError
from bot.inbox import Inbox
from bot.incidents.telling import tell_it_contact, tell_of_a_fault
from bot.incidents.watchdog import Watchdog
from bot.incidents.worker import Worker
from bot.logs import trail
from bot.settings import Settings
from commands.sides import add_slack_side, add_teams_side, expect_teams, frames, let_in
from handlers.known import Knowledge
from wiring import Bot, open_bot_before, open_mail, open_page

log = logging.getLogger(__name__)
STARTING = ("Usher is starting: in a moment",)
UNWELL = ("delivery needs attention: look into the log, and run app.py doctor",)  # whoever asks learns no more than that
THREADS = 32
GRACE = 5.0  # seconds for open requests to end


async def serve(where: Settings, opening: Callable[[], Knowledge]) -> None:
    """Serve the page, Slack and Teams, and deliver, until SIGINT or SIGTERM.

    The page's front is there before what can be said is loaded, which `opening` does; whatever needs that waits for it.

    Raises:
        SettingsError: the port cannot be used, or a channel's settings cannot.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))  # some may hang for a while; the others must not
    coming: Future[Knowledge] = Future()
    bot = open_bot_before(where, coming.result)
    watched: list[Watchdog] = []
    page = open_page(bot, lambda: how_it_stands(watched), frames(where))
    bot.services.links.make = page.make_link
    application = make_app(page)
    application.middlewares.append(after(coming, front=where.demo))
    worker, stop, inbox = Worker(bot.register, {}), asyncio.Event(), open_inbox(bot)
    besides = [inbox.run(stop)]
    if where.slack:
        besides.append(add_slack_side(bot, worker, page, application, inbox, stop))
    if where.teams:
        add_teams_side(bot, worker, page, application, inbox)
    expected = expect_teams(application) if where.demo and not where.teams else None
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    asyncio.get_running_loop().set_exception_handler(quietly)
    try:
        await listen(runner, where)
        print(f"Usher for {bot.services.school}: {where.public_url}", flush=True)
        await loaded(coming, opening)
        if expected:
            await let_in(expected, bot, worker, inbox)
        watched.append(add_the_rest(bot, worker, page))
        watched[0].start()
        await until_stopped(worker, stop, *besides)
    finally:
        coming.cancel()  # where it could not be loaded: nobody shall wait for it
        for watchdog in watched:
            watchdog.stop()
        await runner.cleanup()
        for one in besides:
            one.close()  # where nothing was begun, for the port was taken
        bot.store.close()


def how_it_stands(watched: list[Watchdog]) -> tuple[str, ...]:
    """What a probe of whether all is ready is told."""
    if not watched:
        return STARTING
    return UNWELL if watched[0].problems else ()


def after(coming: Future[Knowledge], *, front: bool) -> Middleware:
    """Let requests wait until the knowledge is there, but for the probes, the page's looks and, in the demo school, its front."""
    at_once = ("/healthz", "/readyz", *(("/",) if front else ()))

    @web.middleware
    async def around(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
        if not coming.done() and request.path not in at_once and not request.path.startswith("/static/"):
            await asyncio.shield(asyncio.wrap_future(coming))
        return await handler(request)

    return around


async def loaded(coming: Future[Knowledge], opening: Callable[[], Knowledge]) -> None:
    """Load what can be said, beside the page that is there already."""
    coming.set_result(await asyncio.to_thread(opening))


def open_inbox(bot: Bot) -> Inbox:
    """What keeps what has come in until it is handled; it tells the IT contact of what cannot be."""
    mail, contact = open_mail(bot.settings), bot.register.rules.it_contact
    return Inbox(bot.store, bot.vault, tell_of_a_fault(mail, contact) if mail and contact else None)


def add_the_rest(bot: Bot, worker: Worker, page: Page) -> Watchdog:
    """The page and e-mail as channels, after the chat products; and the watchdog over all of them."""
    worker.add_channel(page.channel)
    mail, contact = open_mail(bot.settings), bot.register.rules.it_contact
    if mail:
        worker.add_channel(mail)
    return Watchdog(worker, tell_it_contact(mail, contact) if mail and contact else None)


def quietly(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody caught, without its words: they could be a person's."""
    error = context.get("exception")
    log.error("A task failed: %s", trail(error) if isinstance(error, BaseException) else "no error given")


async def listen(runner: web.AppRunner, where: Settings) -> None:
    """Open the port.

    Raises:
        SettingsError: somebody else has it, or it may not be used.
    """
    try:
        await web.TCPSite(runner, where.host, where.port).start()
    except OSError as error:
        said = f"PORT: {where.host}:{where.port} cannot be used ({error.strerror or 'in use'}). Stop what uses it, or set another PORT."
        raise SettingsError([said]) from None


async def until_stopped(worker: Worker, stop: asyncio.Event, *besides: Coroutine[None, None, None]) -> None:
    """Deliver, and do what else is to be done all along, until SIGINT or SIGTERM.

    What is being delivered ends first, then the rest: it closes the connections by which things are delivered.
    """
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no signal handlers in the loop
            loop.add_signal_handler(name, worker.stop)
    tasks = [asyncio.create_task(one) for one in besides]
    try:
        await worker.run()
    finally:
        stop.set()
        _, late = await asyncio.wait(tasks, timeout=GRACE)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
