"""The service: conversations, messages, members, tokens and faults, over HTTP on loopback."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import adaptive_cards
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jsonschema.validators import validator_for
from jwt.algorithms import RSAAlgorithm

from tests.channels.teams.stand_in.client import Account, User
from tests.channels.teams.stand_in.reading import actions, read_words

APP_ID, SECRET, TENANT = "12345678-90ab-cdef-1234-567890abcdef", "s3cret", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
ISSUER = "https://api.botframework.com"
LARGEST = 28 * 1024
SCHEMA = json.loads((Path(adaptive_cards.__file__).parent / "schemas" / "schema-1.5.json").read_text(encoding="utf-8"))
VALIDATOR = validator_for(SCHEMA)(SCHEMA)


@dataclass
class Posted:
    """One message of the bot. `cards` holds what it shows now; `history` what it showed before."""

    id: str
    conversation: str
    activity: dict[str, Any]
    history: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [one["content"] for one in self.activity.get("attachments") or []]

    @property
    def words(self) -> str:
        """Everything that can be read in it."""
        return "\n".join([self.activity.get("text") or "", *(read_words(card) for card in self.cards)]).strip()

    @property
    def buttons(self) -> dict[str, dict[str, Any]]:
        """What can be pressed, by its label."""
        return {found.get("title", ""): found for card in self.cards for found in actions(card)}


@dataclass
class Fault:
    """The next call meets this. `lands`: the call is carried out all the same; `on`: only calls of this method and path part."""

    status: int
    after: int | None = None
    lands: bool = False
    delay: float = 0.0
    on: str = "POST activities"


class Teams:
    """See README.md. Use as `async with Teams() as teams`, then `teams.bot_at(url)`."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.key_id = "key-1"
        self.accounts: dict[str, Account] = {}
        self.conversations: dict[str, set[str]] = {}
        self.messages: list[Posted] = []
        self.typing: list[str] = []
        self.calls: list[str] = []
        self.tokens_given = 0
        self.faults: deque[Fault] = deque()
        self.blocked: set[str] = set()
        self.heard: set[str] = set()  # chats in which the bot hears every word
        self.bot_url = ""
        self.url = ""
        self._ids = itertools.count(1_700_000_000_001)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**22)
        app.router.add_get("/openid", self._openid)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        base = "/v3/conversations"
        app.router.add_post(base, self._guard(self._create))
        app.router.add_post(f"{base}/{{conversation}}/activities", self._guard(self._send))
        app.router.add_post(f"{base}/{{conversation}}/activities/{{message}}", self._guard(self._send))
        app.router.add_put(f"{base}/{{conversation}}/activities/{{message}}", self._guard(self._update))
        app.router.add_delete(f"{base}/{{conversation}}/activities/{{message}}", self._guard(self._delete))
        app.router.add_get(f"{base}/{{conversation}}/members/{{user}}", self._guard(self._member))
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def user(self, name: str, mail: str = "", *, role: str = "user", installed: bool = True) -> User:
        """Somebody of the school's tenant."""
        number = len(self.accounts) + 1
        account = Account(f"00000000-0000-0000-0000-{number:012d}", f"29:user{number}", name, mail or f"user{number}@school.test", role)
        self.accounts[account.user] = account
        if installed:
            self.conversations[account.personal] = {account.user}
        return User(self, account)

    def group(self, conversation: str, *users: User) -> str:
        """A channel of a team, or a chat, that these people read."""
        self.conversations[conversation] = {user.account.user for user in users}
        return conversation

    def new_id(self) -> str:
        return str(next(self._ids))

    def token(self, **changes: Any) -> str:
        """A token as Teams signs it; `changes` make it a bad one. `key` and `kid` sign it with another key."""
        key, kid = changes.pop("key", self.key), changes.pop("kid", self.key_id)
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": APP_ID, "exp": now + 600, "nbf": now - 10, "serviceurl": self.url, **changes}
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})

    def to(self, user: User) -> list[Posted]:
        """The bot's messages in this person's own conversation, those that were deleted left out."""
        return [one for one in self.messages if one.conversation == user.account.personal and not one.deleted]

    def in_conversation(self, conversation: str) -> list[Posted]:
        return [one for one in self.messages if one.conversation == conversation]

    def _guard(self, handler: Any) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            call = f"{request.method} {request.path}"
            self.calls.append(call)
            if request.headers.get("Authorization") != f"Bearer bot-token-{APP_ID}":
                return web.json_response({"error": {"code": "Unauthorized"}}, status=401)
            fault = self._fault(call)
            if fault is None:
                return await handler(request)
            if fault.lands:
                await handler(request)
            await asyncio.sleep(fault.delay)
            headers = {"Retry-After": str(fault.after)} if fault.after is not None else {}
            return web.json_response({"error": {"code": "Fault", "message": "on purpose"}}, status=fault.status, headers=headers)

        return handle

    def _fault(self, call: str) -> Fault | None:
        if not self.faults:
            return None
        method, _, part = self.faults[0].on.partition(" ")
        return self.faults.popleft() if call.startswith(method) and part in call else None

    async def _openid(self, _request: web.Request) -> web.Response:
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.url}keys", "id_token_signing_alg_values_supported": ["RS256"]})

    async def _keys(self, _request: web.Request) -> web.Response:
        key = {
            **json.loads(RSAAlgorithm.to_jwk(self.key.public_key())),
            "kid": self.key_id,
            "use": "sig",
            "endorsements": ["msteams", "directline", "webchat"],
        }
        return web.json_response({"keys": [key]})

    async def _token(self, request: web.Request) -> web.Response:
        sent = await request.post()
        if (sent.get("client_id"), sent.get("client_secret")) != (APP_ID, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        self.tokens_given += 1
        return web.json_response({"access_token": f"bot-token-{APP_ID}", "expires_in": 3600, "token_type": "Bearer"})

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        wanted = body["members"][0]["id"]
        account = next((one for one in self.accounts.values() if wanted in (one.user, one.aad)), None)
        if account is None or body["channelData"]["tenant"]["id"] != TENANT or account.personal not in self.conversations:
            return web.json_response({"error": {"code": "ForbiddenOperationException"}}, status=403)
        return web.json_response({"id": account.personal}, status=201)

    async def _send(self, request: web.Request) -> web.Response:
        conversation, body = request.match_info["conversation"], await request.json()
        if refusal := self._refusal(conversation, body):
            return refusal
        if body["type"] == "typing":
            self.typing.append(conversation)
            return web.json_response({"id": self.new_id()}, status=201)
        posted = Posted(self.new_id(), conversation, body)
        self.messages.append(posted)
        return web.json_response({"id": posted.id}, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        found = self._message(request)
        body = await request.json()
        if refusal := self._refusal(request.match_info["conversation"], body):
            return refusal
        if found is None:
            return web.json_response({"error": {"code": "ActivityNotFound"}}, status=404)
        found.history.append(found.activity)
        found.activity = body
        return web.json_response({"id": found.id})

    async def _delete(self, request: web.Request) -> web.Response:
        found = self._message(request)
        if found:
            found.deleted = True
        return web.Response(status=200 if found else 404)

    async def _member(self, request: web.Request) -> web.Response:
        account = self.accounts.get(request.match_info["user"])
        if account is None or account.user not in self.conversations.get(request.match_info["conversation"], set()):
            return web.json_response({"error": {"code": "MemberNotFoundInConversation"}}, status=404)
        told = {"id": account.user, "aadObjectId": account.aad, "objectId": account.aad, "name": account.name}
        return web.json_response(
            {**told, "email": account.mail, "userPrincipalName": account.mail, "userRole": account.role, "tenantId": TENANT}
        )

    def _message(self, request: web.Request) -> Posted | None:
        wanted = request.match_info["message"]
        return next((one for one in self.messages if one.id == wanted and one.conversation == request.match_info["conversation"]), None)

    def _refusal(self, conversation: str, body: dict[str, Any]) -> web.Response | None:
        if conversation not in self.conversations:
            return web.json_response({"error": {"code": "ConversationNotFound"}}, status=404)
        if conversation in self.blocked:
            return web.json_response({"error": {"code": "MessageWritesBlocked"}}, status=403)
        if len(json.dumps(body)) > LARGEST:
            return web.json_response({"error": {"code": "MessageSizeTooBig"}}, status=413)
        for one in body.get("attachments") or []:
            bare = {name: value for name, value in one["content"].items() if name != "msteams"}
            if list(VALIDATOR.iter_errors(bare)):
                return web.json_response({"error": {"code": "BadSyntax"}}, status=400)
        return None
