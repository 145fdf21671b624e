"""A whole school on Teams: the real clause base, register, outbox and endpoint; Teams itself is the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from aiohttp import web
from botframework.connector.auth import PasswordServiceClientCredentialFactory
from botframework.connector.auth.app_credentials import AppCredentials
from botframework.connector.auth.channel_validation import ChannelValidation
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor

from bot.cards import Quote
from bot.channels.teams.graph import Chats
from bot.channels.teams.server import PATH, TeamsBot, add_teams, build
from bot.dispatch import Dispatcher
from bot.feedback import MIGRATIONS as FEEDBACK
from bot.feedback import Feedback
from bot.inbox import Inbox
from bot.incidents.enquiries import Enquiries
from bot.people import People, Person, Role
from bot.settings import Teams as Credentials
from handlers.everything import attach
from handlers.memory import Memory
from handlers.services import Services
from tests.channels.known import known
from tests.channels.teams.stand_in import Teams, User
from tests.channels.teams.stand_in.service import APP_ID, SECRET, TENANT
from tests.support.delivering import Post
from tests.support.school import School


class StandInCredentials(AppCredentials):
    """Fetches the bot's token from the stand-in, as the SDK's own would from Microsoft."""

    def __init__(self, url: str, app_id: str, secret: str) -> None:
        super().__init__(app_id)
        self._url, self._secret = url, secret
        self._token = ""

    def get_access_token(self, force_refresh: object = None) -> str:
        if not self._token:
            sent = {"client_id": self.microsoft_app_id, "client_secret": self._secret}
            answer = requests.post(f"{self._url}token", data=sent, timeout=5)
            if answer.status_code != 200:
                raise PermissionError("no token")
            self._token = answer.json()["access_token"]
        return self._token


class StandInFactory(PasswordServiceClientCredentialFactory):
    def __init__(self, url: str, secret: str = SECRET) -> None:
        super().__init__(APP_ID, secret)
        self._url = url

    async def create_credentials(self, app_id: str, *_: Any) -> StandInCredentials:
        return StandInCredentials(self._url, app_id, self.password)


def staff() -> People:
    def one(person_id: str, name: str, *roles: Role, mail: str = "") -> Person:
        return Person(person_id, name, frozenset(roles), {"mail": mail or f"{person_id}@school.test"}, line_manager="head")

    return People(
        (
            one("teacher", "Tom Teacher"), one("head", "Helen Head", Role.HEADTEACHER),
            one("chair", "Charlie Chair", Role.CHAIR_OF_GOVERNORS),
            one("deputy", "Dev Deputy", Role.DEPUTY_HEADTEACHER), one("dsl", "Dana Safe", Role.DESIGNATED_SAFEGUARDING_LEAD),
            one("dpo", "Dora Data", Role.DATA_PROTECTION_OFFICER),
        )
    )  # fmt: skip


@dataclass
class Staffroom:
    """What a dialogue works with: people at their Teams clients, the outbox's own time, and the bot."""

    teams: Teams
    bot: TeamsBot
    school: School
    out: Post
    tom: User
    helen: User
    dana: User
    charlie: User

    async def deliver(self) -> int:
        return await self.out.deliver()

    def everything_shown(self) -> str:
        return repr([(one.conversation, one.activity) for one in self.teams.messages])


@pytest.fixture
async def teams(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Teams]:
    async with Teams() as made:
        monkeypatch.setattr(ChannelValidation, "open_id_metadata_endpoint", f"{made.url}openid")
        monkeypatch.setattr(JwtTokenExtractor, "metadataCache", {})
        yield made


def put_together(teams: Teams, school: School, secret: str = SECRET, chats: Chats | None = None) -> TeamsBot:
    school.store.migrate(FEEDBACK)
    dispatch = Dispatcher(school.store, telephone="01235 000000")
    knows = known(school.clock)
    services = Services(
        lambda: knows, school.register, Enquiries(school.register.records), Feedback(school.store, school.vault), school.people,
        Memory(school.clock), "Test School", "01235 000000",
    )  # fmt: skip
    attach(dispatch, services)

    def find(question: str) -> list[Quote]:
        answer = knows.adviser.ask(question)
        return [] if answer.disclosure else [Quote(one.number, one.section, one.text, answer.policy.title) for one in answer.clauses]

    return build(
        Credentials(APP_ID, SECRET, "SingleTenant", TENANT, graph_chats=False), dispatch=dispatch, register=school.register,
        store=school.store, vault=school.vault, people=school.people, demo=False, host="127.0.0.1", find_clauses=find,
        credentials=StandInFactory(teams.url, secret), inbox=Inbox(school.store, school.vault), chats=chats,
    )  # fmt: skip


async def serve(teams: Teams, bot: TeamsBot) -> web.AppRunner:
    app = web.Application()
    add_teams(app, bot)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    teams.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    return runner


@pytest.fixture
async def room(tmp_path: Path, teams: Teams) -> AsyncIterator[Staffroom]:
    async with staffroom(tmp_path, teams) as made:
        yield made


@asynccontextmanager
async def staffroom(tmp_path: Path, teams: Teams, chats: Chats | None = None) -> AsyncIterator[Staffroom]:
    """A school on Teams; `chats`: with real group chats for its incidents."""
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", people=staff())
    bot = put_together(teams, school, chats=chats)
    runner = await serve(teams, bot)
    named = {name: teams.user(full, f"{name}@school.test") for name, full in (
        ("teacher", "Tom Teacher"), ("head", "Helen Head"), ("dsl", "Dana Safe"), ("chair", "Charlie Chair"))}  # fmt: skip
    for user in named.values():
        await user.install()
    teams.messages.clear()
    yield Staffroom(teams, bot, school, Post(school, {"teams": bot.channel}), named["teacher"], named["head"], named["dsl"], named["chair"])
    await runner.cleanup()
    school.close()
