"""Slack asks for time, or is away for a while: nothing that was asked or told is lost over it."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.slack import calls
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in import faults
from tests.channels.slack.stand_in.member import Member, until
from tests.channels.slack.test_asking import VAGUE
from tests.channels.slack.test_inbox import turn
from tests.channels.slack.test_incidents import STORY


async def met(bench: Bench) -> Member:
    teacher = bench.who("teacher")
    await teacher.says("hello")
    await teacher.reads_until("Ask me")
    return teacher


async def test_help_that_slack_puts_off_comes_when_slack_takes_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "REPLY_PATIENCE", 0.5)
    teacher = await met(bench)
    bench.slack.fault("chat.postMessage", faults.too_many(3))
    await teacher.says(STORY)
    await asyncio.sleep(0.5)
    assert "Nothing has been sent" not in teacher.reads()
    await turn(bench, lambda: "Nothing has been sent" in teacher.reads(), seconds=5)
    assert teacher.reads().count("Nothing has been sent") == 1
    assert bench.faults_told == []


async def test_help_comes_after_minutes_of_a_slack_that_is_broken(http_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = http_bench
    monkeypatch.setattr(calls, "PAUSES", (0.01, 0.01, 0.01))
    teacher = await met(bench)
    bench.slack.fault("chat.postMessage", *[faults.broken(503)] * 10)
    await teacher.says(STORY)
    await turn(bench, lambda: "Nothing has been sent" in teacher.reads(), seconds=5)
    assert teacher.reads().count("Nothing has been sent") == 1
    assert bench.faults_told == []


async def test_a_choice_is_answered_though_the_address_to_answer_is_used_up(http_bench: Bench) -> None:
    bench, teacher, ask = http_bench, http_bench.who("teacher"), http_bench.bot.services.knowledge.adviser.ask
    vague = next(one for one in VAGUE if ask(one).kind == "clarification")
    staff, real = bench.slack.world.channel("staffroom", teacher.id, "UTA"), bench.slack.response_url
    await teacher.commands("/ask", vague, staff)
    label = (await teacher.reads_until("Please choose one", staff)).rpartition("\n[")[2].partition("]")[0]

    def used(*given: str) -> str:
        address = real(*given)
        bench.slack.use_up(address)
        return address

    bench.slack.response_url = used  # type: ignore[method-assign]
    before = teacher.reads()
    await teacher.presses(label, where=staff)
    await until(lambda: teacher.reads() != before, "the answer in the direct conversation")
    assert "Report something" in teacher.reads()
