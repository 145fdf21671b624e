"""The App Home keeps itself up to date, whatever has changed and whatever Slack did not take; and nothing on it is out of reach."""

from __future__ import annotations

import asyncio

import pytest

from bot.channels.slack import home_watch
from bot.incidents.model import Kind, Report
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in import faults
from tests.channels.slack.stand_in.member import Member, until
from tests.channels.slack.stand_in.reading import pressables
from tests.channels.slack.test_incidents import _head, report


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_watch, "LOOK_EVERY", 0.2)


async def opened(head: Member) -> None:
    await head.opens_home()
    await until(head.home, "the home")
    await asyncio.sleep(0.6)  # the first look draws it once more


async def test_a_question_that_is_passed_on_shows_on_the_home_that_is_open_and_goes_when_answered(bench: Bench) -> None:
    nora, head = bench.who("nora"), bench.who("head")
    await opened(head)
    await nora.says("can I give a pupil a lift home?")
    await nora.reads_until("Ask a person")
    await nora.presses("Ask a person")
    await nora.form()
    await nora.submits()
    await until(lambda: "Questions for you" in head.home(), "the question on the home")
    await head.reads_until("[Reply]")
    await head.presses("Reply")
    await head.form()
    await head.submits(answer="No, please ring the parents.")
    await until(lambda: "Questions for you" not in head.home(), "the question gone")


async def test_what_slack_did_not_take_of_a_home_is_drawn_later(http_bench: Bench) -> None:
    bench, head = http_bench, http_bench.who("head")
    await opened(head)
    bench.slack.fault("views.publish", *[faults.broken(503)] * 4, faults.too_many(1))
    ref = await report(bench.who("teacher"))
    await until(lambda: ref in head.home(), "the change")


async def test_a_home_that_slack_will_never_take_is_left_alone_until_it_is_opened_again(http_bench: Bench) -> None:
    bench, head = http_bench, http_bench.who("head")
    await opened(head)
    bench.slack.token_error = "account_inactive"
    bench.side.homes.poke("", head.id)
    before = bench.slack.calls["views.publish"]
    await asyncio.sleep(1.0)
    assert bench.slack.calls["views.publish"] == before + 1
    bench.slack.token_error = ""
    await head.opens_home()
    await until(lambda: bench.slack.calls["views.publish"] > before + 1, "the home")


async def test_of_many_incidents_the_urgent_ones_stand_first_and_all_are_within_reach(http_bench: Bench) -> None:
    bench, head = http_bench, http_bench.who("head")
    person = bench.bot.services.people.get("teacher")
    assert person
    for number in range(11):
        bench.bot.register.open(Report(Kind.STAFF_ABUSE, f"A lie, number {number}."), person, f"event-{number}")
        bench.clock.turn(seconds=1)
    bench.bot.register.open(Report(Kind.THREAT, "A threat."), person, "event-threat")
    bench.worker.ring()
    refs = {one.ref for one in bench.bot.register.visible_to(_head(bench))}
    assert len(refs) == 12
    await head.opens_home()
    await until(lambda: "Show all 12" in head.home(), "the button")
    assert head.home().partition("Incidents that you are part of")[2].partition("opened")[0].count("Threat") == 1
    await head.presses_in_home("Show all 12")
    await until(lambda: "number" not in head.modal_text() and all(ref in head.modal_text() for ref in refs), "all of them")
    shown = {label for label, _, _ in pressables(head.modal().view["blocks"])}
    assert refs <= shown
