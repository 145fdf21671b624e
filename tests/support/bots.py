"""Bots in processes of their own, made to be killed: each serves one database, delivers, and does what staff do."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from multiprocessing.process import BaseProcess
from typing import Any

from bot.incidents import delivery, outbox
from bot.incidents.model import Kind, Report
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.worker import Worker
from tests.support.people import HEAD, TEACHER, school
from tests.support.product import ProductChannel
from tests.support.school import KEY

CHANCE = random.Random()  # noqa: S311 - spreading, not secrecy
METHOD = multiprocessing.get_context("forkserver")
METHOD.set_forkserver_preload(["tests.support.bots"])


def serve(url: str, port: int, can_find: bool, seed: int) -> None:  # noqa: FBT001
    """What a bot's process does, until it is killed."""
    # Nobody waits a minute in a test for the lease of a process that was killed.
    outbox.LEASE, delivery.CALL_SECONDS = timedelta(seconds=2), 0.8
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    random.seed(seed)
    register = Register(Store.ready(url), Vault([KEY]), school())
    worker = Worker(register, {"chat": ProductChannel(port, can_find=can_find)})
    threading.Thread(target=_staff, args=(register, port), daemon=True).start()
    asyncio.run(worker.run())


def _staff(register: Register, port: int) -> None:
    """Do what the server says that staff do, and confirm only what was saved."""
    connection = socket.create_connection(("127.0.0.1", port)).makefile("rw")

    def ask(**asked: Any) -> dict[str, Any]:
        connection.write(json.dumps(asked) + "\n")
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
    register.acknowledge(work["ref"], HEAD, work["event"])
    return str(work["ref"])


class Bot:
    """One such process."""

    def __init__(self, url: str, port: int, *, can_find: bool = True) -> None:
        self._arguments = (url, port, can_find, CHANCE.randrange(2**32))
        self._process: BaseProcess | None = None

    def start(self) -> None:
        self._process = METHOD.Process(target=serve, args=self._arguments, daemon=True)
        self._process.start()

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None and self._process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            self._process.join(10)
            self._process = None
