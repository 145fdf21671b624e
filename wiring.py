"""Where the parts meet: knowledge, people, incidents, handlers and channels become one running bot.

Handlers and channels know nothing of each other; they meet here and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from bot.channels.mail import MailChannel
from bot.channels.web.page import Page
from bot.channels.web.server import make_app
from bot.clock import Clock, SystemClock
from bot.dispatch import Dispatcher
from bot.errors import SettingsError
from bot.feedback import Feedback
from bot.incidents.enquiries import Enquiries
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.telling import tell_it_contact
from bot.incidents.vault import Vault
from bot.incidents.watchdog import Watchdog
from bot.incidents.worker import Worker
from bot.settings import Settings
from bot.start import open_register
from handlers.everything import attach
from handlers.known import Knowledge
from handlers.memory import Memory
from handlers.services import Services

log = logging.getLogger(__name__)
GRACE = 5.0  # seconds for open requests to end


@dataclass(frozen=True)
class Bot:
    """Everything of one school that is not a channel."""

    settings: Settings
    store: Store
    vault: Vault
    register: Register
    services: Services
    dispatch: Dispatcher


def open_bot(where: Settings, knowledge: Knowledge, clock: Clock | None = None) -> Bot:
    """Put the parts of one school together; no channel is opened yet."""
    register = open_register(where, clock)
    store, vault = register.store, register.records.vault
    services = Services(
        knowledge=knowledge,
        register=register,
        enquiries=Enquiries(register.records),
        feedback=Feedback(store, vault),
        people=where.school.everyone(),
        memory=Memory(clock or SystemClock()),
        school=where.school.school.name,
        telephone=where.school.school.telephone,
    )
    dispatch = Dispatcher(store, telephone=services.telephone)
    attach(dispatch, services)
    return Bot(where, store, vault, register, services, dispatch)


def open_page(bot: Bot, problems: Callable[[], tuple[str, ...]]) -> Page:
    """The page as a channel and as a site."""
    where = bot.settings
    return Page.build(
        dispatch=bot.dispatch,
        register=bot.register,
        store=bot.store,
        vault=bot.vault,
        people=bot.services.people,
        school=bot.services.school,
        public_url=where.public_url,
        demo=where.demo,
        timezone=where.school.school.timezone,
        telephone=bot.services.telephone,
        problems=problems,
    )


def open_mail(where: Settings) -> MailChannel | None:
    """E-mail, where a server is set."""
    return MailChannel(where.smtp_url, where.mail_from, where.public_url) if where.smtp_url else None


async def serve(where: Settings, knowledge: Knowledge) -> None:
    """Serve every channel that is set up, in this one process, until told to stop."""
    bot = open_bot(where, knowledge)
    watched: list[Watchdog] = []
    page = open_page(bot, lambda: watched[0].problems if watched else ())
    application = make_app(page)
    mail = open_mail(where)
    worker = Worker(bot.register, {})
    stop = asyncio.Event()
    besides: list[Coroutine[None, None, None]] = []
    if where.slack:
        besides.append(add_slack_side(bot, worker, page, application, stop))
    worker.add_channel(page.channel)
    if mail:
        worker.add_channel(mail)
    contact = bot.register.rules.it_contact
    watchdog = Watchdog(worker, tell_it_contact(mail, contact) if mail and contact else None)
    watched.append(watchdog)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=GRACE)
    await runner.setup()
    try:
        await listen(runner, where)
        watchdog.start()
        print(f"Usher for {bot.services.school}: {where.public_url}", flush=True)
        await until_stopped(worker, stop, *besides)
    finally:
        watchdog.stop()
        await runner.cleanup()
        bot.store.close()


def add_slack_side(bot: Bot, worker: Worker, page: Page, application: web.Application, stop: asyncio.Event) -> Coroutine[None, None, None]:
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
        subjects_of=bot.register.subjects_of,
        changed=lambda cursor, person: bot.register.changes_since(cursor, person).cursor,
        make_link=page.make_link,
        content_in_slack=where.school.school.content_in_slack,
    )
    installs = Installs(settings, bot.store.engine, bot.vault, where.public_url) if settings.client_id else None
    side = SlackSide(settings, needs, installs)
    if settings.signing_secret:
        add_slack(application, side)
    worker.add_channel(side.channel)
    return side.run(stop)


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
    """Deliver, and do what else is to be done all along, until SIGINT or SIGTERM; then end what is being delivered."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        stop.set()
        worker.stop()

    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no signal handlers in the loop
            loop.add_signal_handler(name, end)
    tasks = [asyncio.create_task(one) for one in besides]
    try:
        await worker.run()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
