"""The endpoint /api/messages, and everything that Teams needs put together. app.py mounts it into the page's application.

teams = build(settings.teams, dispatch=…, register=…, store=…, vault=…, people=…, demo=…, host=…)
channels["teams"] = teams.channel
add_teams(app, teams)
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from botbuilder.core import TurnContext
from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity
from botframework.connector.auth import AuthenticateRequestResult, ServiceClientCredentialsFactory

from bot.channels.teams.auth import CarefulAuthentication, Unverified, authentication
from bot.channels.teams.book import Book
from bot.channels.teams.channel import TeamsChannel
from bot.channels.teams.chat_rooms import ChatRooms
from bot.channels.teams.extension import FindClauses
from bot.channels.teams.graph import Chats, GraphChats
from bot.channels.teams.incoming import Incoming
from bot.channels.teams.intake import Intake
from bot.channels.teams.post import Post
from bot.channels.teams.presses import Presses
from bot.channels.teams.promises import STARTED, Promises
from bot.channels.teams.references import References
from bot.channels.teams.rooms import RelayedRooms
from bot.channels.teams.viewer import Viewer
from bot.channels.teams.wire import Wire
from bot.dispatch import Dispatcher
from bot.errors import SettingsError
from bot.inbox import Inbox
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.logs import trail
from bot.people import People
from bot.settings import Teams as Credentials
from bot.settings import loopback

log = logging.getLogger(__name__)
PATH = "/api/messages"
UNSAFE = "MicrosoftAppId: without it anybody could speak to the Teams endpoint; it is needed outside the demo school on this machine."
ANYBODY = "MicrosoftAppTenantId: without your Directory (tenant) ID, people of other organisations could pass for your staff."


class Endpoint(CloudAdapter):  # type: ignore[misc]
    """Microsoft's adapter with a door that refuses cleanly: 4.17.1 answers junk with 500, and stumbles over its own replies."""

    def __init__(self, authentication: CarefulAuthentication, *, signed: bool) -> None:
        super().__init__(authentication)
        self._signed = signed

    async def receive(self, request: web.Request, bot: Incoming, intake: Intake) -> web.Response:  # noqa: PLR0911 one for each refusal
        """Take one POST of Teams. What is not Teams' own is refused, and nothing is told about why."""
        started = time.monotonic()
        activity, body = await read(request)
        if activity is None:
            return web.Response(status=400)
        if not self._signed and not loopback(urlsplit(str(activity.service_url or "")).hostname or ""):
            return web.Response(status=401)
        try:
            known = await self.bot_framework_authentication.authenticate_request(activity, request.headers.get("Authorization", ""))
        except PermissionError:
            return web.Response(status=401)
        except Unverified as error:
            log.error("Microsoft's keys cannot be had, so nobody in Teams can be heard: %s", trail(error))
            return web.Response(status=503)
        try:
            if activity.type == "invoke":
                return await self._answer(activity, known, bot, started)
            await intake.take(activity, body)
            return web.Response(status=202)
        except Exception as error:
            log.error("An activity of Teams was not handled: %s", trail(error))
            return web.Response(status=500)

    async def _answer(self, activity: Activity, known: AuthenticateRequestResult, bot: Incoming, started: float) -> web.Response:
        async def turn(context: TurnContext) -> None:
            context.turn_state[STARTED] = started
            await bot.on_turn(context)

        answer = await self.process_activity(known, activity, turn)
        return web.json_response(answer.body, status=answer.status, dumps=as_written) if answer else web.Response(status=202)


def as_written(body: Any) -> str:
    """JSON with each character as it is, not as six: Teams counts the bytes."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace").decode()


async def read(request: web.Request) -> tuple[Activity | None, dict[str, Any]]:
    """The activity in a request, and as it came; None where there is none."""
    if request.content_type != "application/json":
        return None, {}
    try:
        body = json.loads(await request.text())
        activity = Activity().deserialize(body) if isinstance(body, dict) else None
    except (ValueError, UnicodeError, RecursionError, AttributeError, TypeError, KeyError):
        return None, {}
    except Exception as error:
        # msrest raises errors of its own kinds over fields that are not what they should be.
        log.info("Something that is no activity came to the Teams endpoint: %s", trail(error))
        return None, {}
    whole = activity and activity.type and activity.conversation and activity.from_property
    return (activity, body) if whole else (None, {})


@dataclass(frozen=True)
class TeamsBot:
    """Everything of Teams. `channel` is for the outbox, `endpoint` and `incoming` for the web application."""

    channel: TeamsChannel
    endpoint: Endpoint
    incoming: Incoming
    intake: Intake
    references: References
    post: Post

    async def receive(self, request: web.Request) -> web.Response:
        """Take one POST of Teams."""
        return await self.endpoint.receive(request, self.incoming, self.intake)


def build(
    settings: Credentials | None,
    *,
    dispatch: Dispatcher,
    register: Register,
    store: Store,
    vault: Vault,
    people: People,
    demo: bool,
    host: str,
    inbox: Inbox,
    find_clauses: FindClauses | None = None,
    credentials: ServiceClientCredentialsFactory | None = None,
    chats: Chats | None = None,
) -> TeamsBot:
    """Put Teams together, and bring its table up to date.

    `settings` None: nobody signs anything, which is allowed for the demo school on this machine alone, for Microsoft's Playground; it
    cannot open dialogs, so forms are messages there. `find_clauses`: what the message
    extension looks in. `inbox`: keeps what has come in until it is handled (whoever made it runs it). `credentials` and `chats`: other
    sources of tokens and group chats, for tests.

    Raises:
        SettingsError: no credentials, and not the demo school on loopback; or no tenant, so that anybody's tenant would be trusted.
    """
    if settings is None and not (demo and loopback(host)):
        raise SettingsError([UNSAFE])
    if settings and not settings.tenant_id:
        raise SettingsError([ANYBODY])
    careful = authentication(settings, credentials)
    book = Book(store, vault)
    references = References(book, people)
    post = Post(book, references, Wire(careful, settings.app_id if settings else ""), dialogs=settings is not None)
    viewer = Viewer(register, references)
    relayed = RelayedRooms(post, viewer)
    if chats is None and settings and settings.graph_chats:
        chats = GraphChats(settings)
    incoming = Incoming(dispatch, post, relayed, settings.tenant_id if settings else "", inbox, chats)
    incoming.invokes = Promises(incoming, Presses(incoming, viewer, find_clauses))
    channel = TeamsChannel(post, ChatRooms(post, viewer, chats) if chats else relayed, viewer)
    endpoint = Endpoint(careful, signed=settings is not None)
    intake = Intake(inbox, incoming, endpoint, settings.app_id if settings else "")
    return TeamsBot(channel, endpoint, incoming, intake, references, post)


def add_teams(app: web.Application, teams: TeamsBot) -> None:
    """Have the application answer at /api/messages."""

    async def messages(request: web.Request) -> web.Response:
        return await teams.receive(request)

    app.router.add_post(PATH, messages)
