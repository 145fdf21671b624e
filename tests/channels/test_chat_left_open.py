"""A talk in the terminal that outlives its server: it delivers itself, and says so; and it leaves the work to a server that is there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.web.page import Page
from bot.clock import SystemClock
from bot.incidents import schema
from bot.incidents.worker import BEAT, Worker
from bot.settings import load
from commands import chatting
from commands.chatting import NOT_SENT, TAKEN_OVER, deliver
from tests.support.knowledge import EXAMPLE, knowledge
from tests.support.school import report
from wiring import Bot, open_bot, open_page

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:
    monkeypatch.setattr(chatting, "LOOK_EVERY", 0.05)
    (tmp_path / "school.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    clock = SystemClock()
    return open_bot(load(tmp_path, {"DATA_DIR": str(tmp_path)}), knowledge(clock), clock)


def somebody_reports(bot: Bot) -> None:
    teacher = bot.services.people.get("teacher")
    assert teacher
    bot.register.open(report(), teacher, "one")


def alerted(bot: Bot, page: Page) -> bool:
    head = bot.services.people.get("head")
    assert head
    return bool(page.conversations.since(head, 0))


async def until(look: object, *words: object) -> None:
    for _ in range(400):
        if look(*words):  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)
    raise AssertionError("waited in vain")


async def test_what_is_due_goes_out_from_the_window_once_the_server_has_been_silent(bot: Bot) -> None:
    page, over, told = open_page(bot), asyncio.Event(), []
    bot.store.beat(BEAT)  # a server that is there, or was a moment ago
    worker = Worker(bot.register, {"web": page.channel})
    task = asyncio.create_task(deliver(bot, worker, over, told.append))
    somebody_reports(bot)
    await asyncio.sleep(0.4)
    assert not alerted(bot, page)
    assert told == []
    chatting.SILENT, before = chatting.SILENT * 0, chatting.SILENT
    try:
        await until(alerted, bot, page)
        assert told == [TAKEN_OVER]
    finally:
        chatting.SILENT = before
        over.set()
        worker.stop()
        await asyncio.wait_for(task, 20)
        bot.store.close()


async def test_where_no_server_was_it_delivers_at_once_and_says_nothing_of_it(bot: Bot) -> None:
    page, over, told = open_page(bot), asyncio.Event(), []
    worker = Worker(bot.register, {"web": page.channel})
    task = asyncio.create_task(deliver(bot, worker, over, told.append))
    somebody_reports(bot)
    await until(alerted, bot, page)
    assert told == []
    over.set()
    worker.stop()
    await asyncio.wait_for(task, 20)
    bot.store.close()


async def test_whoever_leaves_while_the_server_is_there_leaves_at_once(bot: Bot) -> None:
    over, told = asyncio.Event(), []
    bot.store.beat(BEAT)
    worker = Worker(bot.register, {})
    task = asyncio.create_task(deliver(bot, worker, over, told.append))
    await asyncio.sleep(0.1)
    over.set()
    worker.stop()
    await asyncio.wait_for(task, 5)
    bot.store.close()


async def test_where_people_are_reached_in_slack_all_is_left_to_the_server(bot: Bot, tmp_path: Path) -> None:
    bot = replace(bot, settings=load(tmp_path, {"DATA_DIR": str(tmp_path), **SLACK}))
    page, over, told = open_page(bot), asyncio.Event(), []
    worker = Worker(bot.register, {"web": page.channel})
    task = asyncio.create_task(deliver(bot, worker, over, told.append))
    somebody_reports(bot)
    await until(lambda: told)
    await asyncio.sleep(0.4)
    assert told == [NOT_SENT]
    assert not alerted(bot, page)
    with bot.store.reading() as conn:
        jobs = conn.execute(bot.store.rows(schema.jobs)).mappings().all()
    assert jobs
    assert not any(job["done_at"] or job["ended"] for job in jobs)  # the server finds all of it still to be handed out
    over.set()
    await asyncio.wait_for(task, 5)
    bot.store.close()
