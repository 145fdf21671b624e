"""A whole bot for a test: the real clause base, store, register, outbox and page, served on a free port of this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from aiohttp import web

from bot import feedback
from bot.channels.web.page import Page
from bot.channels.web.server import make_app
from bot.clock import Clock, SystemClock
from bot.dispatch import Dispatcher
from bot.feedback import Feedback
from bot.incidents.enquiries import Enquiries
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.worker import Worker
from bot.rules import rules_of
from bot.school import SchoolFile
from bot.school_file import read_school
from handlers.everything import attach
from handlers.memory import Memory
from handlers.services import Services
from tests.support.knowledge import EXAMPLE, knowledge

KEY = bytes(range(32))


class World:
    """One school, served. `demo=False` serves it as a real school, with signing in."""

    def __init__(self, folder: Path, *, clock: Clock | None = None, demo: bool = True, frame_ancestors: tuple[str, ...] = ()) -> None:
        self.file: SchoolFile = read_school(EXAMPLE)
        self.people = self.file.everyone()
        self.clock: Clock = clock or SystemClock()
        self.folder = folder
        self.demo = demo
        self.frame_ancestors = frame_ancestors
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread: threading.Thread | None = None
        self.build()

    def build(self) -> None:
        """Put the parts together, as app.py does, on the database in the folder."""
        self.vault = Vault([KEY])
        self.store = Store.ready(f"sqlite:///{self.folder / 'usher.db'}", clock=self.clock)
        self.store.migrate(feedback.MIGRATIONS)
        self.register = Register(self.store, self.vault, self.people, rules_of(self.file, self.url))
        self.dispatch = Dispatcher(self.store, telephone=self.file.school.telephone)
        self.page = Page.build(
            dispatch=self.dispatch,
            register=self.register,
            store=self.store,
            vault=self.vault,
            people=self.people,
            school=self.file.school.name,
            public_url=self.url,
            demo=self.demo,
            telephone=self.file.school.telephone,
            frame_ancestors=self.frame_ancestors,
        )
        self.services = Services(
            knowing=partial(knowledge, self.clock),
            register=self.register,
            enquiries=Enquiries(self.register.records),
            feedback=Feedback(self.store, self.vault),
            people=self.people,
            memory=Memory(self.clock),
            school=self.file.school.name,
            telephone=self.file.school.telephone,
        )
        attach(self.dispatch, self.services)
        self.worker = Worker(self.register, {"web": self.page.channel})

    def start(self) -> World:
        """Serve, in a thread of its own, until `stop`."""
        started = threading.Event()
        self._stop: Callable[[], None] = lambda: None

        async def serve() -> None:
            runner = web.AppRunner(make_app(self.page), shutdown_timeout=2)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True).start()
            loop, ended = asyncio.get_running_loop(), asyncio.Event()
            self._stop = lambda: loop.call_soon_threadsafe(ended.set)
            work = asyncio.create_task(self.worker.run())
            started.set()
            await ended.wait()
            self.worker.stop()
            await runner.cleanup()
            await work

        self._thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        self._thread.start()
        assert started.wait(20), "the page did not start"
        return self

    def stop(self) -> None:
        """Stop serving; the database stays."""
        self._stop()
        assert self._thread is not None
        self._thread.join(20)
        assert not self._thread.is_alive(), "the page did not stop"
        self.store.close()

    def restart(self) -> None:
        """As when the machine was started anew: everything is built again on the same database and port."""
        self.stop()
        self.build()
        self.start()

    def person(self, person_id: str):
        """One of the school's people."""
        found = self.people.get(person_id)
        assert found is not None
        return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
