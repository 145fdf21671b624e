"""The part of Microsoft Graph that makes group chats, over HTTP on loopback; what it makes is there in the stand-in of Teams at once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.channels.teams.stand_in.service import APP_ID, Fault, Teams

CATALOGUE_ID = "cat-usher"
TOKEN = "Bearer graph-token"


@dataclass
class Chat:
    """One group chat. `members`: membership id to the account's object id."""

    id: str
    topic: str
    members: dict[str, str] = field(default_factory=dict)
    app: bool = False


class Graph:
    """Use as `async with Graph(teams, asked_for) as graph`; `asked_for`: the resource-specific permissions of the app's manifest."""

    def __init__(self, teams: Teams, asked_for: list[dict[str, str]]) -> None:
        self.teams = teams
        self.asked_for = asked_for
        self.chats: dict[str, Chat] = {}
        self.faults: deque[Fault] = deque()
        self.calls: list[str] = []
        self.in_catalogue = True
        self.page = 50
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/v1.0/appCatalogs/teamsApps", self._guard(self._catalogue))
        app.router.add_post("/v1.0/chats", self._guard(self._create))
        app.router.add_post("/v1.0/chats/{chat}/installedApps", self._guard(self._install))
        app.router.add_get("/v1.0/chats/{chat}/members", self._guard(self._members))
        app.router.add_post("/v1.0/chats/{chat}/members", self._guard(self._add))
        app.router.add_delete("/v1.0/chats/{chat}/members/{member}", self._guard(self._remove))
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1.0"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def _guard(self, handler: Any) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.calls.append(f"{request.method} {request.path}")
            if request.headers.get("Authorization") != TOKEN:
                return problem(401, "InvalidAuthenticationToken")
            if (
                self.faults
                and self.faults[0].on.partition(" ")[0] == request.method
                and self.faults[0].on.partition(" ")[2] in request.path
            ):
                fault = self.faults.popleft()
                if fault.lands:
                    await handler(request)
                headers = {"Retry-After": str(fault.after)} if fault.after is not None else {}
                return problem(fault.status, "Fault", headers)
            return await handler(request)

        return handle

    async def _catalogue(self, request: web.Request) -> web.Response:
        wanted = request.query.get("$filter") == f"externalId eq '{APP_ID}'"
        return web.json_response({"value": [{"id": CATALOGUE_ID, "externalId": APP_ID}] if wanted and self.in_catalogue else []})

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("chatType") != "group" or not body.get("topic"):
            return problem(400, "BadRequest")
        chat = Chat(f"19:{len(self.chats):032x}@thread.v2", body["topic"])
        self.chats[chat.id] = chat
        self.teams.conversations[chat.id] = set()
        for member in body["members"]:
            self._join(chat, member)
        return web.json_response({"id": chat.id, "topic": chat.topic, "chatType": "group"}, status=201)

    async def _install(self, request: web.Request) -> web.Response:
        chat, body = self.chats[request.match_info["chat"]], await request.json()
        if not str(body.get("teamsApp@odata.bind")).endswith(f"/appCatalogs/teamsApps/{CATALOGUE_ID}"):
            return problem(404, "NotFound")
        given = (body.get("consentedPermissionSet") or {}).get("resourceSpecificPermissions") or []
        consented = [{"name": one["permissionValue"], "type": str(one["permissionType"]).capitalize()} for one in given]
        if consented != self.asked_for:
            return problem(400, "ConsentedPermissionsDoNotMatchTheApp")
        if chat.app:
            return problem(409, "Conflict")
        chat.app = True
        if {"name": "ChatMessage.Read.Chat", "type": "Application"} in consented:
            self.teams.heard.add(chat.id)
        return web.Response(status=201)

    async def _members(self, request: web.Request) -> web.Response:
        chat = self.chats[request.match_info["chat"]]
        kind, start = "#microsoft.graph.aadUserConversationMember", int(request.query.get("$skip", 0))
        found = [{"@odata.type": kind, "id": one, "userId": who} for one, who in chat.members.items()]
        more = (
            {"@odata.nextLink": f"{self.url}/chats/{chat.id}/members?$skip={start + self.page}"} if len(found) > start + self.page else {}
        )
        return web.json_response({"value": found[start : start + self.page], **more})

    async def _add(self, request: web.Request) -> web.Response:
        self._join(self.chats[request.match_info["chat"]], await request.json())
        return web.Response(status=201)

    async def _remove(self, request: web.Request) -> web.Response:
        chat = self.chats[request.match_info["chat"]]
        account = chat.members.pop(request.match_info["member"], None)
        user = next((one.user for one in self.teams.accounts.values() if one.aad == account), "")
        self.teams.conversations[chat.id].discard(user)
        return web.Response(status=204 if account else 404)

    def _join(self, chat: Chat, member: dict[str, Any]) -> None:
        account = str(member["user@odata.bind"]).partition("users('")[2].removesuffix("')")
        assert member["@odata.type"] == "#microsoft.graph.aadUserConversationMember"
        self.join(chat, account)

    def take_out(self, chat: Chat) -> None:
        """Somebody takes the bot out."""
        chat.app = False
        self.teams.heard.discard(chat.id)

    def join(self, chat: Chat, account: str) -> None:
        """Somebody is in the chat, through Graph or by hand."""
        chat.members[f"m-{account}"] = account
        self.teams.conversations[chat.id] |= {one.user for one in self.teams.accounts.values() if one.aad == account}


def problem(status: int, code: str, headers: dict[str, str] | None = None) -> web.Response:
    """An error as Graph words it."""
    return web.json_response({"error": {"code": code, "message": "on purpose"}}, status=status, headers=headers)
