"""Bots in processes of their own, made to be killed: each serves one database, delivers, and does what staff do."""

from __future__ import annotations

import asyncio
import itertools
import json
import multiprocessing
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import Any

from sqlalchemy import Connection

from bot.incidents import delivery, outbox
from bot.incidents import worker as worker_module
from bot.incidents.model import Kind, Report, Urgency
from bot.incidents.policy_of_school import Ladder, LadderStep, SchoolRules
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.worker import Worker
from bot.people import Role
from tests.support.people import HEAD, TEACHER, school
from tests.support.product import ProductChannel
from tests.support.school import KEY

CHANCE = random.Random()  # noqa: S311 - spreading, not secrecy
METHOD = multiprocessing.get_context("forkserver")
METHOD.set_forkserver_preload(["tests.support.bots"])


Last = tuple[int, bool]  # the transaction in which a process dies, and whether that is committed
QUICK = Ladder((LadderStep(timedelta(seconds=1)), LadderStep(timedelta(seconds=2), (Role.DEPUTY_HEADTEACHER,))), timedelta(seconds=1))


def serve(url: str, port: int, can_find: bool, seed: int, quick: bool, dawdles: float, patience: float, last: Last | None) -> None:  # noqa: FBT001
    """What a bot's process does, until it is killed. `quick`: with a ladder of seconds. `patience`: how long a call may take."""
    # Nobody waits a minute in a test for the lease of a process that was killed.
    vars(outbox)["LEASE"] = vars(delivery)["LEASE"] = timedelta(seconds=2)
    vars(delivery)["CALL_SECONDS"], vars(delivery)["SETTLING"] = patience, (0.0, 0.5, 1.0)
    rules = SchoolRules(ladders={Urgency.URGENT: QUICK, Urgency.NORMAL: QUICK}) if quick else SchoolRules()
    worker_module.CLIMB_EVERY = 0.05 if quick else worker_module.CLIMB_EVERY
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    random.seed(seed)
    register = Register(store := Store.ready(url), Vault([KEY]), school(), rules)
    if last:
        die_at(store, last[0], committed=last[1])
    worker = Worker(register, {"chat": ProductChannel(port, can_find=can_find, dawdles=dawdles)})
    threading.Thread(target=_staff, args=(register, port), daemon=True).start()
    asyncio.run(worker.run())


def die_at(store: Store, number: int, *, committed: bool) -> None:
    """Have this process killed in its so-manieth transaction: when all is written and nothing committed, or just after the commit."""
    begin, begun = store.transaction, itertools.count(1)

    @contextmanager
    def transaction() -> Iterator[Connection]:
        last = next(begun) >= number  # one that was refused is none
        with begin() as conn:
            yield conn
            if last and not committed:
                os.kill(os.getpid(), signal.SIGKILL)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)

    vars(store)["transaction"] = transaction


def _staff(register: Register, port: int) -> None:
    """Do what the server says that staff do, and confirm only what was saved."""
    connection = socket.create_connection(("127.0.0.1", port)).makefile("rw")

    def ask(**asked: Any) -> dict[str, Any]:
        connection.write(json.dumps({"pid": os.getpid(), **asked}) + "\n")
        connection.flush()
        answer: dict[str, Any] = json.loads(connection.readline())
        return answer

    while True:
        work = ask(call="work")
        if not work:
            time.sleep(0.02)
            continue
        with suppress(Exception):
            ask(call="confirm", name=work["name"], ref=_do(register, work))


def _do(register: Register, work: dict[str, Any]) -> str:
    if work["do"] == "report":
        return register.open(Report(Kind.MISUSE, work["what"]), TEACHER, work["event"]).ref
    if work["do"] == "say":
        register.say(work["ref"], TEACHER, work["what"], work["event"], "chat")
    else:
        register.acknowledge(work["ref"], HEAD, work["event"])
    return str(work["ref"])


class Bot:
    """One such process."""

    def __init__(
        self, url: str, port: int, *, can_find: bool = True, quick: bool = False, dawdles: float = 0, patience: float = 0.8
    ) -> None:  # fmt: skip
        self._arguments = (url, port, can_find, CHANCE.randrange(2**32), quick, dawdles, patience)
        self._process: BaseProcess | None = None

    def start(self, last: Last | None = None) -> None:
        """Begin; with `last` it is killed by itself, in that transaction."""
        self._process = METHOD.Process(target=serve, args=(*self._arguments, last), daemon=True)
        self._process.start()

    @property
    def fallen(self) -> bool:
        """Whether it was killed, and not from here."""
        return self._process is not None and not self._process.is_alive()

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None and self._process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            self._process.join(10)
            self._process = None
