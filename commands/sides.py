"""Slack and Teams beside the page: their channels, and where they post to. Their packages are loaded here, and only where they are used."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.web.page import Page
from bot.inbox import Inbox
from bot.incidents.about import about_whom
from bot.incidents.enquiries_feed import passed_on
from bot.incidents.occupancy import heard, rooms_in_use
from bot.incidents.worker import Worker
from bot.settings import Settings
from handlers.ask import quotes_for
from wiring import Bot

if TYPE_CHECKING:
    from bot.channels.teams.server import TeamsBot

TEAMS_PATH = "/api/messages"


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
