"""Slack over real HTTP and WebSocket, on a free port of this machine, with faults on demand."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import math
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot.channels.slack.scopes import EVENTS, SCOPES
from tests.channels.slack.stand_in import block_kit
from tests.channels.slack.stand_in.api import Api, No, needed
from tests.channels.slack.stand_in.world import Json, World

Fault = Callable[[], Awaitable[web.Response | None]]
HISTORY = ("conversations.history", "conversations.replies")
FEW = 15
WAIT = 3.0  # Slack's three seconds


class Slack:
    """A workspace that a bot can be connected to: `async with Slack() as slack`."""

    def __init__(self) -> None:
        self.world = World()
        self.api = Api(self.world, self._membership)
        self.scopes = set(SCOPES)
        self.faults: dict[str, deque[Fault]] = {}
        self.calls: Counter[str] = Counter()
        self.refusals: list[str] = []
        self.token_error = ""
        self.history_every = 0.0
        self._history_asked: dict[str, float] = {}
        self.authorisation: Json = {"team_id": self.world.TEAM, "user_id": self.world.BOT, "is_bot": True, "is_enterprise_install": False}
        self.events_url = ""
        self.answers: list[tuple[int, float]] = []
        self.url = ""
        self._sockets: list[web.WebSocketResponse] = []
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._names = itertools.count(1)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._respond: dict[str, tuple[str, str, str]] = {}
        self._left: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/socket", self._socket)
        app.router.add_post("/respond/{name}", self._response_url)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in self._sockets:
            await socket.close()
        await self._client.close()
        await self._runner.cleanup()

    def fault(self, method: str, *faults: Fault) -> None:
        """The next calls of this method meet these, in order."""
        self.faults.setdefault(method, deque()).extend(faults)

    @property
    def connected(self) -> bool:
        """Whether the bot has a socket open."""
        return any(not socket.closed for socket in self._sockets)

    def response_url(self, user: str, channel: str, message: str = "") -> str:
        """An address that answers in a channel, to one person alone, five times."""
        name = f"R{next(self._names)}"
        self._respond[name] = (user, channel, message)
        return f"{self.url}/respond/{name}"

    def use_up(self, address: str) -> None:
        """Its five answers have been given."""
        self._left[address.rpartition("/")[2]] = 5

    # What the bot calls.

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls[method] += 1
        if (waiting := self.faults.get(method)) and (response := await waiting.popleft()()) is not None:
            if "X-Lost" in response.headers:
                await self._answer(method, request)
            if request.transport is not None and {"X-Drop", "X-Lost"} & set(response.headers):
                request.transport.abort()
            return response
        if (wait := self._too_soon(method)) > 0:
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(math.ceil(wait))})
        try:
            return web.json_response({"ok": True, **await self._answer(method, request)}, headers=self._headers())
        except No as error:
            self.refusals.append(f"{method}: {error.__cause__ or error}")
            return web.json_response({"ok": False, "error": str(error)}, headers=self._headers())

    def _too_soon(self, method: str) -> float:
        """Of a public app that is not in its Marketplace, Slack takes one question for a history in so many seconds."""
        if not self.history_every or method not in HISTORY:
            return 0.0
        now = time.monotonic()
        if (wait := self._history_asked.get(method, -self.history_every) + self.history_every - now) <= 0:
            self._history_asked[method] = now
        return wait

    async def _answer(self, method: str, request: web.Request) -> Json:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if method == "apps.connections.open":
            if token != self.world.app_token:
                raise No("invalid_auth")
            return {"url": f"{self.url.replace('http', 'ws')}/socket?ticket={next(self._names)}"}
        if method == "oauth.v2.access":
            return {
                "app_id": self.world.APP, "authed_user": {"id": "UADMIN"}, "scope": ",".join(self.scopes), "token_type": "bot",
                "access_token": self.world.bot_token, "bot_user_id": self.world.BOT, "team": {"id": self.world.TEAM, "name": "School"},
            }  # fmt: skip
        if self.token_error or token != self.world.bot_token:
            raise No(self.token_error or "invalid_auth")
        given = dict(request.query)
        if request.content_type == "application/json":
            given |= await request.json()
        elif request.method == "POST":
            given |= dict(await request.post())
        if (scope := needed(method, self.world.conversations.get(str(given.get("channel"))))) and scope not in self.scopes:
            raise No("missing_scope")
        if self.history_every and method in HISTORY:
            given["limit"] = min(FEW, int(given.get("limit") or FEW))
        return self.api.call(method, given)

    def _headers(self) -> dict[str, str]:
        return {"X-OAuth-Scopes": ",".join(sorted(self.scopes))}

    async def _response_url(self, request: web.Request) -> web.Response:
        name, body = request.match_info["name"], await request.json()
        if name not in self._respond or self._left[name] >= 5:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        self._left[name] += 1
        user, channel, message = self._respond[name]
        try:
            self.api.content(body["text"], body["blocks"])
        except (block_kit.Refused, No) as error:
            self.refusals.append(f"response_url: {error}")
            return web.json_response({"ok": False, "error": "invalid_blocks"}, status=400)
        where = self.world.conversations[channel]
        if body.get("replace_original") and message:
            found = next(one for _, one in where.hidden if one["ts"] == message)
            found.update(text=body["text"], blocks=body["blocks"])
        else:
            where.hidden.append((user, {"ts": self.world.ts(), "user": self.world.BOT, "text": body["text"], "blocks": body["blocks"]}))
        return web.json_response({"ok": True})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": self.world.APP}})
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                answer = json.loads(message.data)
                if waiting := self._acks.pop(str(answer.get("envelope_id")), None):
                    waiting.set_result(answer.get("payload") or {})
        return socket

    # What the bot is told.

    def _membership(self, event: Json) -> None:
        """Tell the bot who came or went. Slack does so a moment later."""
        self.soon(self.event({"team": self.world.TEAM, "event_ts": self.world.ts(), "channel_type": "G", **event}))

    def soon(self, work: Any) -> None:
        """Do it beside what is being done."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def event(self, event: Json, *, event_id: str = "", retry: int = 0, api_app: str = "") -> int:
        """Send an event; what the bot answered."""
        kind = str(event["type"])
        if kind == "message":
            kind += {"im": ".im", "group": ".groups", "channel": ".channels"}[str(event.get("channel_type"))]
        where = self.world.conversations.get(str(event.get("channel")))
        if kind not in EVENTS or (kind.startswith("member_") and where and not where.private and "channels:read" not in self.scopes):
            return 0  # not subscribed to, or without the scope that it needs
        body = {
            "token": "t", "team_id": self.world.TEAM, "api_app_id": api_app or self.world.APP, "type": "event_callback",
            "event_id": event_id or f"Ev{next(self._names)}", "event_time": int(time.time()), "event": event,
            "authorizations": [self.authorisation],
        }  # fmt: skip
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        status, _ = await self.deliver("events_api", body, headers=headers)
        return status

    async def deliver(self, kind: str, body: Json, *, headers: dict[str, str] | None = None) -> tuple[int, Json]:
        """Bring a payload to the bot by HTTP or by its socket; status and answer. 0: it did not answer within three seconds."""
        since = time.monotonic()
        try:
            async with asyncio.timeout(WAIT):
                status, answer = await (self._by_http(kind, body, headers or {}) if self.events_url else self._by_socket(kind, body))
        except TimeoutError:
            status, answer = 0, {}
        self.answers.append((status, time.monotonic() - since))
        return status, answer

    async def _by_socket(self, kind: str, body: Json) -> tuple[int, Json]:
        socket = next(one for one in reversed(self._sockets) if not one.closed)
        envelope = f"E{next(self._names)}"
        waiting = self._acks[envelope] = asyncio.get_running_loop().create_future()
        await socket.send_json({"envelope_id": envelope, "type": kind, "payload": body, "accepts_response_payload": True})
        return 200, await waiting

    async def _by_http(self, kind: str, body: Json, headers: dict[str, str]) -> tuple[int, Json]:
        if kind == "slash_commands":
            raw, content = urlencode(body), "application/x-www-form-urlencoded"
        elif kind == "interactive":
            raw, content = urlencode({"payload": json.dumps(body)}), "application/x-www-form-urlencoded"
        else:
            raw, content = json.dumps(body), "application/json"
        return await self.send_raw(raw, {"Content-Type": content, **self.signed(raw), **headers})

    def signed(self, raw: str, *, at: float | None = None) -> dict[str, str]:
        """Slack's signature over a body."""
        stamp = str(int(time.time() if at is None else at))
        mac = hmac.new(self.world.signing_secret.encode(), f"v0:{stamp}:{raw}".encode(), hashlib.sha256)
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac.hexdigest()}"}

    async def send_raw(self, raw: str, headers: dict[str, str]) -> tuple[int, Json]:
        """Send these bytes to the bot's address."""
        async with self._client.post(self.events_url, data=raw.encode(), headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith("{") else {}
