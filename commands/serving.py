"""Serve every channel that is set up, in one process, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.web.page import Page
from bot.channels.web.server import make_app
from bot.errors import SettingsError
from bot.inbox import Inbox
from bot.incidents.about import about_whom
from bot.incidents.enquiries_feed import passed_on
from bot.incidents.occupancy import heard, rooms_in_use
from bot.incidents.telling import tell_it_contact, tell_of_a_fault
from bot.incidents.watchdog import Watchdog
from bot.incidents.worker import Worker
from bot.logs import trail
from bot.settings import Settings
from handlers.ask import quotes_for
from handlers.known import Knowledge
from wiring import Bot, open_bot, open_mail, open_page

if TYPE_CHECKING:
    from bot.channels.teams.server import TeamsBot

log = logging.getLogger(__name__)
UNWELL = ("delivery needs attention: look into the log, and run app.py doctor",)  # whoever asks learns no more than that
THREADS = 32
GRACE = 5.0  # seconds for open requests to end
TEAMS_PATH = "/api/messages"


async def serve(where: Settings, knowledge: Knowledge) -> None:
    """Serve the page, Slack and Teams, and deliver, until SIGINT or SIGTERM.

    Raises:
        SettingsError: the port cannot be used, or a channel's settings cannot.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))  # some may hang for a while; the others must not
    bot = open_bot(where, knowledge)
    watched: list[Watchdog] = []
    page = open_page(bot, lambda: UNWELL if watched and watched[0].problems else (), frames(where))
    bot.services.links.make = page.make_link
    application = make_app(page)
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
        if expected:
            await let_in(expected, bot, worker, inbox)
        watched.append(add_the_rest(bot, worker, page))
        watched[0].start()
        await until_stopped(worker, stop, *besides)
    finally:
        for watchdog in watched:
            watchdog.stop()
        await runner.cleanup()
        for one in besides:
            one.close()  # where nothing was begun, for the port was taken
        bot.store.close()


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


def expect_teams(application: web.Application) -> asyncio.Future[TeamsBot]:
    """Answer where Teams posts to, as soon as Teams' parts are there: Microsoft's packages are slow to load, and the page need not wait."""
    ready: asyncio.Future[TeamsBot] = asyncio.get_running_loop().create_future()

    async def messages(request: web.Request) -> web.Response:
        teams = await asyncio.shield(ready)
        return await teams.receive(request)

    application.router.add_post(TEAMS_PATH, messages)
    return ready


async def let_in(ready: asyncio.Future[TeamsBot], bot: Bot, worker: Worker, inbox: Inbox) -> None:
    """Put Teams together for the demo school on this machine, where nobody signs anything."""
    teams = await asyncio.to_thread(build_teams, bot, inbox)
    worker.add_channel(teams.channel)
    ready.set_result(teams)


def build_teams(bot: Bot, inbox: Inbox) -> TeamsBot:
    """Put Teams together. Loads Microsoft's packages."""
    from bot.channels.teams import server

    where = bot.settings
    return server.build(
        where.teams,
        dispatch=bot.dispatch,
        register=bot.register,
        store=bot.store,
        vault=bot.vault,
        people=bot.services.people,
        demo=where.demo,
        host=where.host,
        inbox=inbox,
        find_clauses=lambda words: quotes_for(bot.services, words, "teams"),
    )


def add_teams_side(bot: Bot, worker: Worker, page: Page, application: web.Application, inbox: Inbox) -> None:
    """Let Teams in: its channel to the worker, its endpoint, and the tab in which the page is shown."""
    from bot.channels.teams.server import add_teams
    from bot.channels.teams.tab import Verifier, add_tab

    where = bot.settings
    assert where.teams is not None  # noqa: S101 the caller has looked
    teams = build_teams(bot, inbox)
    add_teams(application, teams)
    add_tab(application, Verifier.of(where.teams, urlsplit(where.public_url).netloc), teams.references, page.make_link)
    worker.add_channel(teams.channel)


def frames(where: Settings) -> tuple[str, ...]:
    """The sites that may show the page in a frame: Teams, where it is set up."""
    if where.teams is None:
        return ()
    from bot.channels.teams.tab import FRAMES

    return FRAMES


def add_slack_side(
    bot: Bot, worker: Worker, page: Page, application: web.Application, inbox: Inbox, stop: asyncio.Event
) -> Coroutine[None, None, None]:
    """Let Slack in: its channel to the worker, its route or its socket; what is returned must run until `stop` is set."""
    from bot.channels.slack.installs import Installs
    from bot.channels.slack.server import add_slack
    from bot.channels.slack.side import Needs, SlackSide

    where, settings = bot.settings, bot.settings.slack
    assert settings is not None  # noqa: S101 the caller has looked
    needs = Needs(
        dispatcher=bot.dispatch,
        people=bot.services.people,
        clock=bot.store.clock,
        find_room=worker.rooms.find,
        subjects_of=lambda ref: about_whom(bot.register, ref),
        changed=lambda cursor, person: bot.register.changes_since(cursor, person).cursor,
        make_link=page.make_link,
        room_closed=worker.rooms.closed_by_hand,
        inbox=inbox,
        content_in_slack=where.school.school.content_in_slack,
        rooms_in_use=lambda: rooms_in_use(bot.register.records, "slack"),
        heard=lambda ref: heard(bot.register.records, ref, "slack"),
        besides=lambda: passed_on(bot.store),
    )
    installs = Installs(settings, bot.store.engine, bot.vault, where.public_url, bot.store.school) if settings.client_id else None
    side = SlackSide(settings, needs, installs)
    if settings.signing_secret:
        add_slack(application, side)
    worker.add_channel(side.channel)
    return side.run(stop)


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
