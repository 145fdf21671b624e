"""A chat product in another process's eyes: a small server that remembers every message, and a channel that talks to it.

It outlives the bots that are killed in the tests, so it can tell what really arrived, how often, and what never did. It
also holds the list of what staff do; a bot that is killed before it confirms is asked again, as a chat product would.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import socketserver
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

from bot.cards import Card
from bot.errors import RetryLater
from bot.people import Person
from bot.ports import Room, Sent

CHANCE = random.Random()  # noqa: S311 - spreading, not secrecy
RESEND_AFTER = 0.5


@dataclass(frozen=True)
class Moment:
    """When whoever calls is killed: at this call, before anything of it is done, or when all of it is, and before it hears so."""

    call: str
    done: bool


class Product:
    """The server's memory. Every call is a dict with "call" and "pid"; the answer is a dict. `deadly`: at each of these one is killed."""

    def __init__(self, *, per_second: float | None = None) -> None:
        self.lock = threading.Lock()
        self.messages: list[dict[str, Any]] = []
        self.rooms: dict[str, str] = {}
        self.posts: Counter[str] = Counter()
        self.todo: dict[str, dict[str, Any]] = {}
        self.handed: dict[str, float] = {}
        self.confirmed: dict[str, str] = {}
        self.per_second = per_second
        self.inside: list[int] = []
        self.deadly: set[Moment] = set()
        self._next = 0.0

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            return getattr(self, "_" + asked["call"])(asked)  # type: ignore[no-any-return]

    def strikes(self, asked: dict[str, Any], *, done: bool) -> bool:
        """Kill whoever calls, where this is a moment to do so."""
        with self.lock:
            if (moment := Moment(asked["call"], done)) not in self.deadly:
                return False
            os.kill(asked["pid"], signal.SIGKILL)
            self.deadly.remove(moment)
            return True

    def add(self, name: str, **work: Any) -> None:
        """Have some bot do this, sooner or later."""
        with self.lock:
            self.todo[name] = work

    def alerts(self) -> Counter[tuple[str, str, str]]:
        """How often each message arrived: by person, key and notice."""
        with self.lock:
            return Counter((one["person"], one["key"], one["notice"]) for one in self.messages if not one.get("taken_back"))

    def _send(self, asked: dict[str, Any]) -> dict[str, Any]:
        now = time.monotonic()
        if self.per_second is not None:
            if now < self._next:
                return {"later": 1.0}
            self._next = now + 1 / self.per_second
        self.messages.append({**asked, "at": time.time()})
        return {"message": str(len(self.messages))}

    def _find(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"message": found[0]} if (found := self._copies(asked)["messages"]) else {}

    def _copies(self, asked: dict[str, Any]) -> dict[str, Any]:
        there = [(number, one) for number, one in enumerate(self.messages, start=1) if not one.get("taken_back")]
        return {"messages": [str(number) for number, one in there if (one["key"], one["person"]) == (asked["key"], asked["person"])]}

    def _take_back(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.messages[int(asked["message"]) - 1]["taken_back"] = True
        return {}

    def _sending(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A process is inside the very call, and has sent nothing yet."""
        self.inside.append(asked["pid"])
        return {}

    def _open_room(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"room": self.rooms.setdefault(asked["key"], f"room-{len(self.rooms)}")}

    def _post(self, asked: dict[str, Any]) -> dict[str, Any]:
        # The port promises "at most once for each key": a product keeps the key with the post, and so does this one.
        self.posts[asked["key"]] = 1
        return {}

    def _other(self, asked: dict[str, Any]) -> dict[str, Any]:
        del asked
        return {}

    def _work(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The next thing to do; what was handed out and not confirmed comes again, sometimes under another event id."""
        del asked
        now = time.monotonic()
        for name, work in self.todo.items():
            if name not in self.confirmed and now - self.handed.get(name, 0.0) > RESEND_AFTER:
                needs = work.get("after")
                if needs and needs not in self.confirmed:
                    continue
                again = name in self.handed
                self.handed[name] = now
                event = f"{name}-{CHANCE.random()}" if again and work["do"] == "report" and CHANCE.random() < 0.5 else name
                return {"name": name, "event": event, "ref": self.confirmed.get(needs or "", ""), **work}
        return {}

    def _confirm(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.confirmed[asked["name"]] = asked["ref"]
        return {}


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        for line in self.rfile:
            product, asked = self.server.product, json.loads(line)  # type: ignore[attr-defined]
            if product.strikes(asked, done=False):
                return
            answer = product.answer(asked)
            if product.strikes(asked, done=True):
                return
            try:
                self.wfile.write(json.dumps(answer).encode() + b"\n")
            except (BrokenPipeError, ConnectionResetError):
                return


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed client is no error here."""


class Running:
    """A product that listens; use it as a context."""

    def __init__(self, product: Product) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.product = product  # type: ignore[attr-defined]
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class ProductChannel:
    """The port `Channel` against such a server."""

    can_update = True
    has_rooms = True

    def __init__(self, port: int, name: str = "chat", *, can_find: bool = True, dawdles: float = 0) -> None:
        """`dawdles`: for how long it stands inside the call before it sends; the server is told, and can have it frozen there."""
        self.name = name
        self._dawdles = dawdles
        self.can_find = can_find
        self._port = port

    def reaches(self, person: Person) -> bool:
        return self.name in person.addresses

    async def _ask(self, call: str, wait: float = 0, **values: Any) -> dict[str, Any]:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError as error:
            raise RetryLater("no connection") from error
        try:
            if wait:  # nothing else of this loop runs until it has sent, so it can be stopped in the very call
                with socket.create_connection(("127.0.0.1", self._port)) as told:
                    told.sendall(json.dumps({"call": "sending", "pid": os.getpid()}).encode() + b"\n")
                time.sleep(wait)  # noqa: ASYNC251
            writer.write(json.dumps({"call": call, "pid": os.getpid(), **values}).encode() + b"\n")
            await writer.drain()
            answer: dict[str, Any] = json.loads(await reader.readline())
        finally:
            writer.close()
        if "later" in answer:
            raise RetryLater("busy", answer["later"])
        return answer

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        again = "same one" in repr(card)
        sent = await self._ask("send", self._dawdles, person=person.id, key=key, notice=card.notice, again=again, title=card.title)
        return Sent(self.name, person.id, sent["message"])

    async def find(self, person: Person, key: str) -> Sent | None:
        if not self.can_find:
            return None
        found = await self._ask("find", person=person.id, key=key)
        return Sent(self.name, person.id, found["message"]) if found else None

    async def copies(self, person: Person, key: str) -> tuple[Sent, ...]:
        if not self.can_find:
            return ()
        found = await self._ask("copies", person=person.id, key=key)
        return tuple(Sent(self.name, person.id, one) for one in found["messages"])

    async def take_back(self, sent: Sent) -> None:
        await self._ask("take_back", message=sent.message)

    async def update(self, sent: Sent, card: Card) -> None:
        await self._ask("other")

    async def open_room(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        return Room(self.name, (await self._ask("open_room", key=key))["room"])

    async def update_room(self, room: Room, card: Card) -> None:
        await self._ask("other")

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        await self._ask("post", key=key)

    async def invite(self, room: Room, person: Person) -> None:
        await self._ask("other")

    async def remove(self, room: Room, person: Person) -> None:
        await self._ask("other")

    async def close_room(self, room: Room) -> None:
        await self._ask("other")
