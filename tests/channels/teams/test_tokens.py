"""The bot's own token: by secret and by managed identity, from services on loopback; what goes wrong is one clear sentence."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from botframework.connector.auth import AuthenticationConstants, ClaimsIdentity

from bot.cards import Card
from bot.channels.teams.auth import authentication
from bot.channels.teams.checks import check_teams
from bot.channels.teams.server import build
from bot.channels.teams.tokens import Asking
from bot.dispatch import Dispatcher
from bot.errors import ChannelRefused, RetryLater
from bot.inbox import Inbox
from bot.people import People
from bot.settings import Settings
from bot.settings import Teams as Credentials
from tests.channels.teams.conftest import Staffroom
from tests.channels.teams.stand_in import Teams
from tests.channels.teams.stand_in.service import APP_ID, SECRET, TENANT
from tests.channels.teams.test_faults import _reference, person_of
from tests.channels.teams.test_package import settings  # noqa: F401 a fixture
from tests.channels.teams.test_rooms import person
from tests.support.delivering import Post
from tests.support.school import School, report

GOOD = {"access_token": f"bot-token-{APP_ID}", "expires_in": 3600, "expires_on": "4102444800", "token_type": "Bearer"}
REFUSAL = {"error": "invalid_client", "error_description": "AADSTS7000222: The provided client secret keys are expired. Zebra."}
LOGIN = "https://login.microsoftonline.com"


@dataclass
class Service:
    """A token service: what it answers, and what it was asked."""

    url: str = ""
    status: int = 200
    body: Any = field(default_factory=lambda: dict(GOOD))
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """On loopback; Microsoft's sign-in address leads there as well."""
    told = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path.endswith("openid-configuration") or "discovery/instance" in parts.path:
                self.answer(200, {
                    "issuer": f"{LOGIN}/{TENANT}/v2.0", "authorization_endpoint": f"{LOGIN}/{TENANT}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{LOGIN}/{TENANT}/oauth2/v2.0/token", "metadata": [],
                    "tenant_discovery_endpoint": f"{LOGIN}/{TENANT}/v2.0/.well-known/openid-configuration",
                }, {})  # fmt: skip
            else:
                told.asked.append((parts.path, parse_qs(parts.query), dict(self.headers)))
                self.answer(told.status, told.body, told.headers)

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            told.asked.append((self.path, parse_qs(sent), dict(self.headers)))
            self.answer(told.status, told.body, told.headers)

        def answer(self, status: int, body: Any, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    ask = requests.Session.request

    def here(self: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        return ask(self, method, url.replace(LOGIN, told.url), **more)

    monkeypatch.setattr(requests.Session, "request", here)
    yield told
    server.shutdown()
    server.server_close()


BY_SECRET = Credentials(APP_ID, SECRET, "SingleTenant", TENANT, graph_chats=False)
BY_IDENTITY = Credentials(APP_ID, "", "UserAssignedMSI", TENANT, graph_chats=False)


@pytest.fixture(params=[BY_SECRET, BY_IDENTITY], ids=["secret", "identity"])
def credentials(request: pytest.FixtureRequest, service: Service, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{service.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "secret-of-this-machine")
    return request.param


async def token(credentials: Credentials) -> str:
    claims = {AuthenticationConstants.AUDIENCE_CLAIM: APP_ID, AuthenticationConstants.APP_ID_CLAIM: APP_ID}
    careful = authentication(credentials)
    factory = careful.create_connector_factory(ClaimsIdentity(claims, is_authenticated=True))
    client = await factory.create("http://127.0.0.1:9/", careful.get_originating_audience())
    return str(client.config.credentials.tokens.fetch())


async def test_the_token_comes_by_secret_and_by_managed_identity(credentials: Credentials, service: Service) -> None:
    assert await token(credentials) == GOOD["access_token"]
    ((path, asked, headers),) = service.asked
    if credentials is BY_IDENTITY:
        assert path == "/msi/token"
        assert (asked["client_id"], asked["resource"]) == ([APP_ID], ["https://api.botframework.com"])
        assert headers["X-IDENTITY-HEADER"] == "secret-of-this-machine"
    else:
        assert (asked["client_id"], asked["client_secret"]) == ([APP_ID], [SECRET])


@pytest.mark.parametrize("body", [REFUSAL, {"statusCode": 429, "message": "slow down"}, "<busy>"], ids=["json", "app service", "text"])
async def test_a_token_service_that_asks_to_wait_is_waited_for(credentials: Credentials, service: Service, body: Any) -> None:
    service.status, service.body, service.headers = 429, body, {"Retry-After": "17"}
    with pytest.raises(RetryLater, match="asks the bot to wait") as raised:
        await token(credentials)
    assert raised.value.after == 17


async def test_a_refused_token_is_the_channels_refusal_in_one_sentence(
    credentials: Credentials, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.status, service.body = 401, REFUSAL
    with caplog.at_level(logging.WARNING), pytest.raises(ChannelRefused, match="Microsoft refuses the bot a token"):
        await token(credentials)
    (line,) = [one.getMessage() for one in caplog.records]
    assert "Nothing can be sent in Teams until it does" in line
    assert "Zebra" not in line
    assert ("AADSTS7000222" in line) == (credentials is BY_SECRET)


async def test_a_token_service_out_of_order_or_out_of_reach_is_asked_again(
    credentials: Credentials, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.status, service.body = 503, {}
    with pytest.raises(RetryLater, match="out of order"):
        await token(credentials)

    def away(*_: Any, **__: Any) -> Any:
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "request", away)
    with pytest.raises(RetryLater, match="cannot be reached"):
        await token(credentials)


async def test_an_alert_waits_for_a_token_and_arrives(tmp_path: Path, teams: Teams, credentials: Credentials, service: Service) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    bot = build(
        credentials, dispatch=Dispatcher(school.store), register=school.register, store=school.store, vault=school.vault, people=People(()),
        demo=False, host="127.0.0.1", inbox=Inbox(school.store, school.vault),
    )  # fmt: skip
    bot.references.met(_reference(teams))
    service.status, service.body, service.headers = 429, REFUSAL, {"Retry-After": "1"}
    with pytest.raises(RetryLater) as raised:
        await bot.channel.send(person_of(teams), Card("An alert"), "k")
    assert raised.value.after == 1
    service.status, service.body, service.headers = 200, dict(GOOD), {}
    await _until_asked_again(bot, teams)
    assert [one.words for one in teams.messages] == ["An alert"], "the first try never left, so this is no repeat"
    school.close()


async def _until_asked_again(bot: Any, teams: Teams) -> None:
    for _ in range(60):  # MSAL itself keeps from asking until then
        try:
            return await bot.channel.send(person_of(teams), Card("An alert"), "k")
        except RetryLater:
            await asyncio.sleep(0.2)
    raise AssertionError("no token")


async def test_the_outbox_tries_again_once_there_is_a_token(room: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    factory = room.bot.post.wire._factory
    client = await factory.create(room.teams.url, room.bot.post.wire._audience)
    tokens, problem = client.config.credentials.tokens, KeyError("access_token")
    assert await room.bot.channel.send(person(room, "head"), Card("Before"), "k0")
    tokens._looked = float("-inf")
    real = tokens._inner.get_access_token

    def stumble(*_: Any) -> str:
        raise problem

    tokens._inner.get_access_token = stumble
    room.school.register.open(report(), person(room, "teacher"), room.school.event())
    out = Post(room.school, {"teams": room.bot.channel})
    await out.deliver()
    assert not any("Please acknowledge" in one.words for one in room.helen.messages())
    dialog = await room.tom.invoke("task/fetch", {"data": {"usher": "report.open", "value": ""}})
    assert dialog.body["task"]["value"]["title"] == "Report something", "what is answered needs no token"
    tokens._inner.get_access_token = real
    await out.pass_time(600)
    assert sum("Please acknowledge" in one.words for one in room.helen.messages()) == 1


def test_doctor_says_it_in_the_same_words(settings: Settings, credentials: Credentials, service: Service) -> None:  # noqa: F811
    given = replace(settings, teams=credentials)
    service.status, service.body, service.headers = 429, REFUSAL, {"Retry-After": "17"}
    assert any("asks the bot to wait (429)" in one.what for one in check_teams(given, None))
    service.status, service.body, service.headers = 401, REFUSAL, {}
    assert any("Microsoft refuses the bot a token" in one.what and one.good is False for one in check_teams(given, None))
    service.status, service.body = 200, dict(GOOD)
    assert any("Microsoft accepts the bot's id and secret" in one.what for one in check_teams(given, None))


def test_no_question_to_the_token_service_waits_without_end(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    real = requests.Session.request

    def watch(self: requests.Session, *args: Any, **more: Any) -> requests.Response:
        given.update(more)
        return real(self, *args, **more)

    monkeypatch.setattr(requests.Session, "request", watch)
    Asking().get(f"{service.url}/x")
    assert 0 < given["timeout"] <= 10
