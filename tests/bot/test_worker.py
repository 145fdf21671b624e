"""The worker in real time: a dead channel holds up no other, what is written is delivered at once, stopping is clean."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.incidents import delivery, schema, sending
from bot.incidents.model import Kind
from bot.incidents.outbox import Job, Outbox
from bot.incidents.worker import Worker
from tests.support.channels import RecordingChannel, hang
from tests.support.people import DSL, HEAD, TEACHER
from tests.support.school import School, report


@asynccontextmanager
async def running(school: School, *channels: RecordingChannel) -> AsyncIterator[Worker]:
    worker = Worker(school.register, {channel.name: channel for channel in channels})
    task = asyncio.create_task(worker.run())
    await asyncio.sleep(0.2)
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 30)


async def until(true: Callable[[], object], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for happens in threads
            await asyncio.sleep(0.01)


async def test_a_report_is_delivered_at_once(school: School) -> None:
    chat = RecordingChannel()
    async with running(school, chat) as worker:
        ref = (await asyncio.to_thread(school.register.open, report(), TEACHER, "e")).ref
        await until(lambda: chat.to(HEAD) and chat.rooms)
        await asyncio.to_thread(school.register.acknowledge, ref, HEAD, "a")
        await until(lambda: any("Acknowledged by" in repr(one.card) for one in chat.to(TEACHER)))
        assert worker.oldest_pulse()[1] < 5
    assert len(chat.to(HEAD)) == 1


async def test_a_channel_that_hangs_holds_up_no_other(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "CALL_SECONDS", 2.0)
    monkeypatch.setattr(sending, "NEXT_MAIL", {True: timedelta(0), False: timedelta(0)})
    chat, mail = RecordingChannel(), RecordingChannel("mail", can_find=False, has_rooms=False, can_update=False)
    chat.always = hang()
    async with running(school, chat, mail):
        for number in range(12):
            told = report(Kind.SAFEGUARDING, what=f"Number {number}")
            await asyncio.to_thread(school.register.open, told, TEACHER, f"e{number}")
        await until(lambda: len(mail.to(HEAD)) == 12 and len(mail.to(DSL)) == 12)
        assert chat.delivered == []


async def test_one_recipient_that_hangs_holds_up_no_other(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "CALL_SECONDS", 60.0)
    chat, answers = RecordingChannel(), asyncio.Event()
    original = chat.send

    async def send(person, card, key):  # type: ignore[no-untyped-def]
        if person.id == HEAD.id:
            await answers.wait()
        return await original(person, card, key)

    chat.send = send  # type: ignore[method-assign]
    async with running(school, chat):
        for number in range(8):
            told = report(Kind.SAFEGUARDING, what=f"Number {number}")
            await asyncio.to_thread(school.register.open, told, TEACHER, f"e{number}")
        await until(lambda: len(chat.to(DSL)) == 8, seconds=30)
        assert chat.to(HEAD) == []
        answers.set()


async def test_what_a_newer_release_has_planned_is_left_to_it(school: School) -> None:
    chat, jobs = RecordingChannel(), schema.jobs
    async with running(school, chat):
        ref = (await asyncio.to_thread(school.register.open, report(), TEACHER, "e")).ref
        await until(lambda: chat.to(HEAD) and chat.rooms)
        with school.store.transaction() as conn:
            school.store.add(
                conn, jobs, id="theirs", kind="of another release", ref=ref, person="", channel="", purpose="", priority=0,
                made_at=school.clock.now(), wanted=0, due_at=school.clock.now(), fence=0, attempts=0, unsure=False, ended="",
            )  # fmt: skip
        await asyncio.to_thread(school.register.open, report(what="Another."), TEACHER, "e2")
        await until(lambda: len(chat.to(HEAD)) == 2)
    with school.store.transaction() as conn:
        assert school.store.remove(conn, jobs, jobs.c.id == "theirs", jobs.c.attempts == 0) == 1


async def test_a_lane_that_cannot_see_what_is_due_looks_again(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    chat, broken, original = RecordingChannel(), [True], Outbox.claim

    def claim(outbox: Outbox, *asked: Any) -> list[Job]:
        if broken.pop() if broken else False:
            raise ValueError
        return original(outbox, *asked)

    monkeypatch.setattr(Outbox, "claim", claim)
    async with running(school, chat):
        await asyncio.to_thread(school.register.open, report(), TEACHER, "e")
        await until(lambda: chat.to(HEAD))
