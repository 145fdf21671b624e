"""A database that answers nothing for five seconds: Slack's three seconds are kept, and whoever pressed sees that something happens."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in.member import Member, until
from tests.channels.slack.test_incidents import report, room

STALL = 5.0


def stall(monkeypatch: pytest.MonkeyPatch, seconds: float = STALL) -> float:
    """Every connection to the database waits until then."""
    end, real = time.monotonic() + seconds, Engine.connect

    def connect(self: Engine, *given: Any, **more: Any) -> Any:
        time.sleep(max(0.0, end - time.monotonic()))
        return real(self, *given, **more)

    monkeypatch.setattr(Engine, "connect", connect)
    return end


async def opens_in_time(bench: Bench, who: Member, end: float) -> None:
    """A modal is there while the database still says nothing; the form comes with its answer, or sooner where nothing is asked of it."""
    await until(lambda: "One moment" in who.modal_text(), "a modal")
    assert time.monotonic() < end - 1.0, "the modal came only when the database answered"
    assert all(status == 200 and seconds < 3.0 for status, seconds in bench.slack.answers[-1:])
    await who.form()


async def test_a_form_opens_from_a_press_in_a_channel(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = bench.who("teacher")
    staffroom = bench.slack.world.channel("staffroom", teacher.id)
    await teacher.commands("/ask", "clause 28", staffroom)
    await teacher.reads_until("Report something", staffroom)
    end = stall(monkeypatch)
    await teacher.presses("Report something", where=staffroom)
    await opens_in_time(bench, teacher, end)


async def test_a_form_opens_from_a_press_in_a_room_that_this_process_has_not_met(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    head = bench.who("head")
    await report(bench.who("teacher"))
    place = await room(bench, "teacher", "head")
    bench.side._desk._rooms.clear()
    end = stall(monkeypatch)
    await head.presses("Add to the record", where=place)
    await opens_in_time(bench, head, end)
    await head.submits(text="I have spoken to the parent.")
    await head.reads_until("I have spoken to the parent.", place)


async def test_a_form_opens_where_the_token_stands_in_the_database_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Bench(tmp_path, "http", installed=True) as bench:
        teacher = bench.who("teacher")
        staffroom = bench.slack.world.channel("staffroom", teacher.id)
        await teacher.commands("/ask", "clause 28", staffroom)
        await teacher.reads_until("Report something", staffroom)
        monkeypatch.setattr("bot.channels.slack.workspaces.FRESH", 0.0)
        end = stall(monkeypatch)
        await teacher.presses("Report something", where=staffroom)
        await opens_in_time(bench, teacher, end)


async def test_what_is_pressed_on_the_home_and_by_shortcut_shows_in_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = bench.who("teacher")
    await teacher.opens_home()
    await until(teacher.home, "the home")
    end = stall(monkeypatch)
    await teacher.presses_in_home("Report something")
    await opens_in_time(bench, teacher, end)
    teacher.closes()
    end = stall(monkeypatch)
    await teacher.shortcut("report")
    await opens_in_time(bench, teacher, end)


async def test_a_message_in_a_room_that_nobody_could_look_up_comes_again(http_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, teacher = http_bench, http_bench.who("teacher")
    await report(teacher)
    place = await room(bench, "teacher", "head")
    bench.side._desk._rooms.clear()
    bench.side.channel.rooms.opening.clear()
    message = bench.slack.world.post(place, teacher.id, "Said while it was away.")
    stall(monkeypatch)
    assert await bench.slack.event(teacher.as_event(place, message)) == 503
    assert bench.slack.answers[-1][1] < 3.0
