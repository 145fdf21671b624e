"""What comes in is kept before Slack hears "received", and what cannot be handled is not dropped in silence."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import inbox
from bot.channels.slack import arrivals
from bot.errors import NotSaved
from bot.inbox import TRIES, row_name
from bot.inbox_table import Pages
from bot.incidents import schema
from bot.incidents.model import State
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in.member import until
from tests.channels.slack.test_incidents import STORY, _head, report, room

PHONE = "telephone the school on"


def rows(bench: Bench) -> list[str]:
    store = bench.bot.store
    with store.reading() as conn:
        return [str(one) for one in conn.scalars(store.rows(schema.inbox, schema.inbox.c.id))]


def said(bench: Bench, ref: str) -> list[str]:
    return [one.text for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what == "said"]


async def empty(bench: Bench) -> None:
    await until(lambda: not rows(bench), "an empty inbox")


async def turn(bench: Bench, look: Callable[[], Any], *, seconds: float = 1) -> None:
    """Let time pass, `seconds` at a time, and the inbox look after what is due, until something is there to be seen."""
    end = time.monotonic() + 20
    while not look():
        assert time.monotonic() < end, "waited in vain"
        bench.clock.turn(seconds=seconds)
        await bench.inbox.look()
        await asyncio.sleep(0.05)


async def test_an_event_that_cannot_be_handled_is_told_of_and_holds_up_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    teacher, register = bench.who("teacher"), bench.bot.register
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    real, tried = register.say, []

    def say(ref: str, by: Any, text: str, *given: Any, **more: Any) -> Any:
        if "poison" in text:
            tried.append(text)
            raise RuntimeError(text)
        return real(ref, by, text, *given, **more)

    monkeypatch.setattr(register, "say", say)
    with caplog.at_level(logging.DEBUG, "bot"):
        await teacher.says("This is the poison of zebras.", where=place)
        await teacher.says("This is not.", where=place)
        await until(lambda: said(bench, ref) == ["This is not."], "the other one")
        assert PHONE not in teacher.reads(place), "it is tried again before anybody is troubled"
        await turn(bench, lambda: bench.faults_told)
    assert len(tried) == TRIES
    assert PHONE in await teacher.reads_until("this may not have been saved", place)
    (card,) = bench.faults_told
    assert "zebra" not in repr(card)
    assert "zebra" not in caplog.text
    await empty(bench)


async def test_a_passing_fault_is_nobodys_trouble(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, register = bench.who("teacher"), bench.bot.register
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    real = register.say
    monkeypatch.setattr(register, "say", lambda *_, **__: (_ for _ in ()).throw(NotSaved("away")))
    await teacher.says("Said while it was away.", where=place)
    await asyncio.sleep(0.2)
    monkeypatch.setattr(register, "say", real)
    await turn(bench, lambda: said(bench, ref) == ["Said while it was away."])
    assert "saved" not in teacher.reads(place).replace("is saved", "")
    assert bench.faults_told == []


async def test_where_the_database_is_slow_slack_is_not_told_that_it_arrived_and_nothing_is_doubled(
    http_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = http_bench
    teacher = bench.who("teacher")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    real = Pages.put
    monkeypatch.setattr(inbox, "KEEP_WITHIN", 0.2)
    monkeypatch.setattr(Pages, "put", lambda *given: (time.sleep(1.5), real(*given))[1])
    message = bench.slack.world.post(place, teacher.id, "Said slowly.")
    event, began = teacher.as_event(place, message), time.monotonic()
    assert await bench.slack.event(event) == 503
    assert time.monotonic() - began < 1.4
    monkeypatch.undo()
    again = [await bench.slack.event(event, retry=number) for number in range(1, 4)]  # Slack tries three times more
    assert 200 in again
    await until(lambda: said(bench, ref) == ["Said slowly."], "the record")
    await asyncio.sleep(0.5)
    assert said(bench, ref) == ["Said slowly."]
    assert PHONE not in teacher.reads(place)


async def test_where_the_database_is_away_the_person_is_told_once_and_slack_brings_it_again(
    http_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = http_bench
    teacher = bench.who("teacher")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")

    def away(*_: Any) -> None:
        raise NotSaved("away")

    monkeypatch.setattr(Pages, "put", away)
    message = bench.slack.world.post(place, teacher.id, "Said to nobody.")
    event = teacher.as_event(place, message)
    assert [await bench.slack.event(event, retry=retry) for retry in range(3)] == [503, 503, 503]
    await teacher.reads_until(PHONE, place)
    await asyncio.sleep(0.3)
    assert teacher.reads(place).count(PHONE) == 1
    monkeypatch.undo()
    assert await bench.slack.event(event, retry=3) == 200
    await until(lambda: said(bench, ref) == ["Said to nobody."], "the record")


async def test_what_is_said_where_the_bot_has_no_business_is_never_kept(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    real = Pages.put
    monkeypatch.setattr(Pages, "put", lambda *given: (kept.append(repr(given)), real(*given))[1])
    teacher, world = bench.who("teacher"), bench.slack.world
    elsewhere = world.channel("staff-cake", teacher.id, world.BOT, private=True)
    await teacher.says("There is cake.", where=elsewhere)
    await bench.slack.event(teacher.as_event(teacher.dm, {**world.post(teacher.dm, teacher.id, "x"), "bot_id": "BOTHER"}))
    await teacher.says("clause 28", files=1)
    await teacher.reads_until("Clause 28")
    assert len(kept) == 1
    assert "cake" not in kept[0]
    assert "files.invalid" not in kept[0], "of a file its number alone is kept"


async def test_a_press_and_a_form_that_died_with_their_process_are_handled_by_the_next(http_bench: Bench) -> None:
    bench = http_bench
    teacher, head, world = bench.who("teacher"), bench.who("head"), bench.slack.world
    ref = await report(teacher)
    await head.reads_until("Please acknowledge")
    who = {"user": {"id": head.id, "team_id": "T1"}, "team": {"id": "T1", "domain": "school"}}
    action = {"action_id": "incident.acknowledge#0", "value": ref, "type": "button", "block_id": "b", "action_ts": world.ts()}
    message = next(one for one in reversed(head.dm.messages) if "Acknowledge" in str(one["blocks"]))
    press = {**who, "type": "block_actions", "container": {"type": "message", "message_ts": message["ts"], "channel_id": head.dm.id},
             "channel": {"id": head.dm.id}, "message": message, "actions": [action]}  # fmt: skip
    values = {"field:what": {"x": {"type": "plain_text_input", "value": "Another matter."}},
              "field:kind": {"x": {"type": "radio_buttons", "selected_option": {"value": "misuse"}}}}  # fmt: skip
    view = {"id": "V9", "callback_id": "form:report", "private_metadata": "\n", "state": {"values": values}, "blocks": []}
    sent = {"user": {"id": teacher.id, "team_id": "T1"}, "team": {"id": "T1"}, "type": "view_submission", "view": view}
    pages: Pages = bench.inbox._pages
    pages.put(row_name("slack", "press x"), "slack", {"kind": "press", "body": arrivals.lean(press)})
    pages.put(row_name("slack", "sent x"), "slack", {"kind": "sent", "id": "slack::V9:sent", "body": arrivals.lean(sent)})
    await turn(bench, lambda: not rows(bench))
    await head.reads_until("acknowledged by Mrs Helen Demo-Blake")
    assert bench.bot.register.read(ref, _head(bench)).state is State.ACKNOWLEDGED
    await until(lambda: teacher.reads().count("Its reference is") == 2, "the second report")


async def test_nothing_is_left_behind_and_nothing_stands_open(bench: Bench, tmp_path: Path) -> None:
    teacher = bench.who("teacher")
    await report(teacher)
    place = await room(bench, "teacher", "head")
    await teacher.says("Zebra words in the room.", where=place)
    await teacher.says("Zebra words to the bot.")
    await until(lambda: teacher.dm.messages[-1]["user"] == bench.slack.world.BOT, "an answer")
    await empty(bench)
    raw = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*.db*")))  # noqa: ASYNC240 a test may wait
    assert b"Zebra" not in raw
    assert STORY.encode() not in raw
