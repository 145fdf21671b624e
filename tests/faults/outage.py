"""PostgreSQL stopped under a bot that serves, for as long as is asked for. Used by the tests and by `make soak`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import SystemClock
from bot.errors import NotSaved
from bot.incidents.model import Kind
from bot.incidents.verify import verify
from bot.incidents.watchdog import Watchdog
from bot.incidents.worker import Worker
from tests.support import postgres
from tests.support.channels import RecordingChannel
from tests.support.people import HEAD, TEACHER
from tests.support.school import School, report

PATIENCE = 60.0


@dataclass(frozen=True)
class Outage:
    """What came of it.

    `refused`: reports that were told as not saved. `slowest`: seconds until they were. `telephone`: whether each was told
    whom to ring. `back`: seconds from the start of the database to the alert of the next report. `unseen`: whether the
    watchdog saw nothing. `problem`: of the record afterwards.
    """

    seconds: float
    refused: int
    slowest: float
    telephone: bool
    back: float
    lost: int
    unseen: bool
    problem: str


async def gone_for(seconds: float) -> Outage:
    """Stop the database for so long while a worker runs, report all the while, start it again, and see what came of it."""
    with postgres.server() as server, postgres.fresh_database(server.url) as url:
        school, chat = School(url, clock=SystemClock()), RecordingChannel("chat")  # type: ignore[arg-type]
        worker = Worker(school.register, {"chat": chat})
        watchdog, running = Watchdog(worker), asyncio.create_task(worker.run())
        refs = [await opened(school, "before")]
        await until(lambda: len(chat.to(HEAD)) == 1)
        await asyncio.to_thread(server.stop, "immediate")
        end, refused, slowest, telephone = time.monotonic() + seconds, 0, 0.0, True
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                await opened(school, f"meanwhile {refused}")
            except NotSaved as told:
                telephone = telephone and HEAD.telephone in str(told)
                refused, slowest = refused + 1, max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.2)
        unseen = not any("database cannot be reached" in problem for problem in await asyncio.to_thread(watchdog.look))
        await asyncio.to_thread(server.start)
        began = time.monotonic()
        refs.append(await opened(school, "meanwhile 0"))
        await until(lambda: {one.card.notice.rpartition(", ")[2] for one in chat.to(HEAD)} >= set(refs))
        back = time.monotonic() - began
        lost = abs(len(school.register.visible_to(HEAD)) - len(refs))
        problem = (await asyncio.to_thread(verify, school.store, school.vault)).problem
        worker.stop()
        await running
        school.close()
        return Outage(seconds, refused, slowest, telephone, back, lost, unseen, problem)


async def opened(school: School, what: str) -> str:
    return (await asyncio.to_thread(school.register.open, report(Kind.THREAT, what=what), TEACHER, what)).ref


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what is waited for happens in threads
            await asyncio.sleep(0.05)


@dataclass(frozen=True)
class Frozen:
    """What came of it. `first`, `slowest`: seconds until reports were told. `back`: until one was saved again. `kept`: incidents then."""

    refused: int
    first: float
    slowest: float
    telephone: bool
    back: float
    kept: int


def frozen_for(seconds: float) -> Frozen:
    """Have the database stand still for so long, report all the while, let it go on, and see what came of it."""
    with postgres.server() as server, postgres.fresh_database(server.url) as url:
        school = School(url, clock=SystemClock())  # type: ignore[arg-type]
        server.freeze()
        end, waits, telephone = time.monotonic() + seconds, list[float](), True
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                school.register.open(report(Kind.THREAT, what="frozen"), TEACHER, f"{len(waits)}")
            except NotSaved as told:
                telephone = telephone and HEAD.telephone in str(told)
                waits.append(time.monotonic() - began)
            time.sleep(0.5)
        server.thaw()
        began = time.monotonic()
        while not saved(school):
            time.sleep(0.1)
        back, kept = time.monotonic() - began, len(school.register.visible_to(HEAD))
        school.close()
        return Frozen(len(waits), waits[0], max(waits), telephone, back, kept)


def saved(school: School) -> bool:
    """Whether the store takes a report again."""
    try:
        school.register.open(report(Kind.THREAT, what="frozen"), TEACHER, "again")
    except NotSaved:
        return False
    return True
