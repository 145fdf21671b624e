"""Slack's bad days, repeats, and forgeries; and a machine that is slow."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest

from bot.cards import Card
from bot.errors import ChannelRefused, RecipientGone, RetryLater
from bot.incidents.model import State
from bot.people import Person
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in import faults
from tests.channels.slack.stand_in.member import until
from tests.channels.slack.stand_in.server import Slack
from tests.channels.slack.test_incidents import STORY, _head, report, room


def answers(bench: Bench, name: str) -> int:
    return bench.who(name).reads().count("Clause 28 ·")


async def test_a_message_that_comes_several_times_is_answered_once(bench: Bench) -> None:
    teacher = bench.who("teacher")
    message = await teacher.says("clause 28", event_id="Ev-same")
    event = teacher.as_event(teacher.dm, message)
    await bench.slack.event(event, event_id="Ev-same", retry=1)
    await bench.slack.event(event, event_id="Ev-other")
    await bench.slack.event(event, event_id="Ev-third", retry=2)
    await teacher.reads_until("Clause 28")
    await asyncio.sleep(0.3)
    assert answers(bench, "teacher") == 1


async def test_only_the_retry_arriving_is_enough(bench: Bench) -> None:
    teacher = bench.who("teacher")
    await teacher.says("clause 28", retry=1)
    await teacher.reads_until("Clause 28")


async def test_bots_other_apps_edits_and_own_messages_are_ignored(bench: Bench) -> None:
    teacher, world = bench.who("teacher"), bench.slack.world
    message = world.post(teacher.dm, teacher.id, "clause 28")
    event = teacher.as_event(teacher.dm, message)
    await bench.slack.event({**event, "bot_id": "BOTHER", "ts": world.ts()})
    await bench.slack.event({**event, "app_id": "AOTHER", "ts": world.ts()})
    await bench.slack.event({**event, "user": world.BOT, "ts": world.ts()})
    await teacher.edits(message, "clause 29", teacher.dm)
    world.add("UOTHER", "Another bot", bot=True)
    await bench.slack.event({**event, "user": "UOTHER", "ts": world.ts()})
    world.add("USTRANGER", "From elsewhere", stranger=True)
    await bench.slack.event({**event, "user": "USTRANGER", "ts": world.ts()})
    # Somebody of another organisation, in a shared channel, who calls themselves what the Headteacher is called.
    world.add("UIMPOSTOR", "Mrs Helen Demo-Blake", "helen.blake@demo.example").team = "T2"
    await bench.slack.event({**event, "user": "UIMPOSTOR", "ts": world.ts()})
    await asyncio.sleep(0.4)
    assert bench.slack.calls["chat.postMessage"] == 0


async def test_a_forged_a_stale_and_a_replayed_request_are_refused(http_bench: Bench) -> None:
    slack, teacher = http_bench.slack, http_bench.who("teacher")
    message = slack.world.post(teacher.dm, teacher.id, "clause 28")
    body = {"type": "event_callback", "team_id": "T1", "api_app_id": "AUSHER", "event_id": "Ev1",
            "event": teacher.as_event(teacher.dm, message),
            "authorizations": [{"team_id": "T1", "user_id": "UBOT"}]}  # fmt: skip
    raw, kind = json.dumps(body), {"Content-Type": "application/json"}
    forged = {**slack.signed(raw), "X-Slack-Signature": "v0=" + "0" * 64}
    assert (await slack.send_raw(raw, {**kind, **forged}))[0] == 401
    assert (await slack.send_raw(raw, {**kind, **slack.signed(raw, at=time.time() - 301)}))[0] == 401
    assert (await slack.send_raw(raw, kind))[0] == 401
    assert teacher.reads() == "clause 28"
    good = slack.signed(raw)
    assert (await slack.send_raw(raw, {**kind, **good}))[0] == 200
    assert (await slack.send_raw(raw, {**kind, **good}))[0] == 401
    await teacher.reads_until("Clause 28")


RETRIED = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}


def old(slack: Slack, raw: str, seconds: float) -> dict[str, str]:
    return slack.signed(raw, at=time.time() - seconds)


async def test_a_retry_header_opens_no_way_for_a_replay(http_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    slack, teacher = http_bench.slack, http_bench.who("teacher")
    message = slack.world.post(teacher.dm, teacher.id, "clause 28")
    raw = json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "api_app_id": "AUSHER",
                      "event": teacher.as_event(teacher.dm, message),
                      "authorizations": [{"team_id": "T1", "user_id": "UBOT"}]})  # fmt: skip
    kind = {"Content-Type": "application/json"}
    for stale in (old(slack, raw, 301), old(slack, raw, 3600), old(slack, raw, -305)):
        assert (await slack.send_raw(raw, {**kind, **stale, **RETRIED}))[0] == 401
    assert teacher.reads() == "clause 28"
    good = old(slack, raw, 200)
    assert (await slack.send_raw(raw, {**kind, **good}))[0] == 200
    await teacher.reads_until("Clause 28")
    assert (await slack.send_raw(raw, {**kind, **good, **RETRIED}))[0] == 200, "Slack is told that it has arrived"
    assert (await slack.send_raw(raw, {**kind, **good}))[0] == 401
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 150)
    for more in ({}, RETRIED):
        assert (await slack.send_raw(raw, {**kind, **good, **more}))[0] == 401, "its time is over"
    monkeypatch.undo()
    again = slack.signed(raw)  # Slack's own retry, signed anew
    assert (await slack.send_raw(raw, {**kind, **again, **RETRIED}))[0] == 200
    await asyncio.sleep(0.4)
    assert answers(http_bench, "teacher") == 1


async def test_a_command_a_press_and_a_form_that_are_replayed_are_handled_once(http_bench: Bench) -> None:
    slack, teacher, head = http_bench.slack, http_bench.who("teacher"), http_bench.who("head")
    sent: list[tuple[str, dict[str, str]]] = []
    real = slack.send_raw

    async def send(raw: str, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
        sent.append((raw, headers))
        return await real(raw, headers)

    slack.send_raw = send  # type: ignore[method-assign]
    await teacher.commands("/ask", "clause 28")
    await teacher.reads_until("Clause 28 ·")
    ref = await report(teacher)
    await head.reads_until("Please acknowledge")
    await head.presses("Acknowledge")
    await head.reads_until("acknowledged by")
    await asyncio.sleep(0.5)
    slack.send_raw = real  # type: ignore[method-assign]
    asked, reports = answers(http_bench, "teacher"), teacher.reads().count("Its reference is")
    timeline = len(http_bench.bot.register.read(ref, _head(http_bench)).timeline)
    for raw, headers in sent:
        assert (await real(raw, headers))[0] == 401
        assert (await real(raw, {**headers, **RETRIED}))[0] == 200
        assert (await real(raw, {**headers, **slack.signed(raw, at=time.time() - 5), **RETRIED}))[0] == 200
    await asyncio.sleep(1.0)
    assert (answers(http_bench, "teacher"), teacher.reads().count("Its reference is")) == (asked, reports)
    assert len(http_bench.bot.register.read(ref, _head(http_bench)).timeline) == timeline
    assert len(http_bench.bot.register.reported_by(_teacher(http_bench))) == 1


async def test_the_form_opens_in_time_though_the_machine_is_slow(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = bench.who("teacher")
    real = bench.bot.store.claim_event

    def slow(event_id: str) -> bool:
        time.sleep(4.0)
        return real(event_id)

    monkeypatch.setattr(bench.bot.store, "claim_event", slow)
    began = time.monotonic()
    await teacher.commands("/report", STORY)
    await until(lambda: "One moment" in str(teacher.world.modals), "the modal")
    assert time.monotonic() - began < 3.0
    await teacher.form()
    assert all(status == 200 and seconds < 3.0 for status, seconds in bench.slack.answers)


async def test_a_slow_store_keeps_the_modal_and_tells_there_when_it_is_saved(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, register = bench.who("teacher"), bench.bot.register
    await teacher.commands("/report", STORY)
    await teacher.form()
    real = register.open
    monkeypatch.setattr(register, "open", lambda *given: (time.sleep(2.5), real(*given))[1])
    answer = await teacher.submits()
    assert "This is being saved" in json.dumps(answer)
    await until(lambda: "Your report is saved" in teacher.modal_text(), "the end of it")


async def test_a_mistake_found_late_brings_the_form_back_with_what_was_written(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = bench.who("teacher")
    await teacher.commands("/report", STORY)
    await teacher.form()
    real = bench.bot.store.claim_event
    monkeypatch.setattr(bench.bot.store, "claim_event", lambda event_id: (time.sleep(2.5), real(event_id))[1])
    await teacher.submits(what="  ", platform="Facebook")
    await until(lambda: "Please say in a few words" in teacher.modal_text(), "the mistake")
    monkeypatch.undo()
    await teacher.submits(what=STORY)
    await teacher.reads_until("Your report is saved")
    assert bench.bot.register.reported_by(_teacher(bench))


async def test_a_trigger_that_is_too_old_offers_the_button_again(bench: Bench) -> None:
    teacher = bench.who("teacher")
    bench.slack.world.trigger_lasts = 0.0
    await teacher.commands("/report", STORY)
    await teacher.reads_until("Please press once more")
    bench.slack.world.trigger_lasts = 3.0
    await teacher.presses("Open the form")
    await teacher.form()


async def test_a_limit_and_a_fault_delay_an_alert_and_lose_none(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    await bench.side.staff.direct("", teacher.id)  # known, so that the faults meet the alert
    bench.slack.fault("conversations.open", faults.too_many(1), faults.broken(503))
    ref = await report(teacher)
    for _ in range(200):
        bench.clock.turn(seconds=5)
        bench.worker.ring()
        await asyncio.sleep(0.05)
        if ref in head.reads():
            break
    assert head.reads().count("Please acknowledge") == 1


async def test_a_message_whose_answer_was_lost_is_found_and_not_sent_twice(http_bench: Bench) -> None:
    slack, head, channel, person = http_bench.slack, http_bench.who("head"), http_bench.side.channel, _head(http_bench)
    slack.fault("chat.postMessage", faults.lost(), faults.drop())
    with pytest.raises(RetryLater):
        await channel.send(person, Card("A", notice="n"), "job-1")
    found = await channel.find(person, "job-1")
    assert found is not None
    assert [message["ts"] for message in head.dm.messages] == [found.message]
    with pytest.raises(RetryLater):
        await channel.send(person, Card("A", notice="n"), "job-2")
    assert await channel.find(person, "job-2") is None


async def test_faults_are_what_the_outbox_understands(http_bench: Bench) -> None:
    slack, channel, person = http_bench.slack, http_bench.side.channel, _head(http_bench)
    slack.fault("chat.postMessage", faults.too_many(7))
    with pytest.raises(RetryLater) as limited:
        await channel.send(person, Card("A"), "k")
    assert limited.value.after == 7
    before = slack.calls["chat.postMessage"]
    with pytest.raises(RetryLater) as held:
        await channel.send(person, Card("A"), "k")
    assert 6 < (held.value.after or 0) <= 7
    assert slack.calls["chat.postMessage"] == before  # Slack is not asked again before its time
    slack.world.users["UDSL"].deleted = True
    dsl = http_bench.bot.services.people.get("dsl")
    assert dsl is not None
    with pytest.raises(RecipientGone):
        await channel.send(dsl, Card("A"), "k")


async def test_the_limit_of_a_method_holds_in_every_channel_and_that_of_posting_in_one(http_bench: Bench) -> None:
    slack, channel = http_bench.slack, http_bench.side.channel
    people = [http_bench.bot.services.people.get(name) for name in ("head", "dsl", "deputy")]
    first, second, third = [await channel.send(person, Card("A"), "k") for person in people if person]
    slack.fault("chat.update", faults.too_many(9))
    slack.fault("chat.postMessage", faults.too_many(9))
    with pytest.raises(RetryLater):
        await channel.update(first, Card("B"))
    before = slack.calls["chat.update"]
    with pytest.raises(RetryLater) as held:
        await channel.update(second, Card("B"))
    assert (slack.calls["chat.update"], (held.value.after or 0) > 8) == (before, True)
    assert people[0] is not None
    assert people[1] is not None
    with pytest.raises(RetryLater):
        await channel.send(people[0], Card("C"), "k2")
    assert (await channel.send(people[1], Card("C"), "k2")).conversation == second.conversation != third.conversation


async def test_the_same_message_many_times_at_once_is_answered_once(bench: Bench) -> None:
    teacher = bench.who("teacher")
    message = bench.slack.world.post(teacher.dm, teacher.id, "clause 28")
    event = teacher.as_event(teacher.dm, message)
    await asyncio.gather(*(bench.slack.event(event, event_id=f"Ev-{number % 2}", retry=number) for number in range(5)))
    await teacher.reads_until("Clause 28")
    await asyncio.sleep(0.3)
    assert answers(bench, "teacher") == 1


async def test_nobody_is_guessed_at_where_slack_does_not_say_who_it_is(http_bench: Bench) -> None:
    nora = http_bench.who("nora")
    http_bench.slack.fault("users.info", *[faults.broken(503)] * 4)
    await nora.says("clause 28")
    await nora.reads_until("Please try again in a minute")
    assert answers(http_bench, "nora") == 0
    await nora.says("clause 28")
    await nora.reads_until("Clause 28")


async def test_a_room_that_was_begun_is_gone_on_with(bench: Bench) -> None:
    teacher = bench.who("teacher")
    bench.slack.fault("pins.add", faults.broken(500))
    ref = await report(teacher)
    for _ in range(100):
        bench.clock.turn(seconds=5)
        bench.worker.ring()
        await asyncio.sleep(0.05)
        if any(one.pins for one in bench.slack.world.rooms()):
            break
    place = await room(bench, "teacher", "head")
    assert [one.name for one in bench.slack.world.rooms()] == [f"usher-{ref.lower()}"]
    assert len([one for one in place.messages if one.get("metadata")]) <= 2


async def test_a_revoked_token_refuses_the_channel_and_uninstalling_is_noticed(bench: Bench) -> None:
    bench.slack.token_error = "token_revoked"
    with pytest.raises(ChannelRefused):
        await bench.side.channel.send(_head(bench), Card("A"), "key")
    await bench.slack.event({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}, "event_ts": "1.1"})
    await until(lambda: getattr(bench.side.workspaces, "removed", False), "the notice")


async def test_the_school_may_keep_all_words_out_of_slack(tmp_path: Path) -> None:
    async with Bench(tmp_path, "http", content_in_slack=False) as bench:
        teacher, head = bench.who("teacher"), bench.who("head")
        await report(teacher)
        place = await room(bench, "teacher", "head")
        await head.reads_until("Please acknowledge")
        await head.presses("Acknowledge")
        await head.reads_until("kept out of Slack")
        await head.says("link")
        await head.reads_until("[Open the page]")
        assert STORY not in head.reads() + head.reads(place) + teacher.reads(place)


async def test_words_stay_out_of_slack_where_the_subject_administers_the_workspace(bench: Bench) -> None:
    teacher, chair, world = bench.who("teacher"), bench.who("chair"), bench.slack.world
    world.users["UHEAD"].admin = True
    ref = await report(teacher, done_by=("headteacher",))
    place = await room(bench, "teacher", "chair")
    assert "kept out of Slack" in chair.reads(place)
    await chair.reads_until("Please acknowledge")
    await chair.presses("Open")
    await chair.reads_until("kept out of Slack")
    assert STORY not in chair.reads() + chair.reads(place)
    await chair.presses("Open on the page")
    await chair.reads_until("Open the page")
    assert [person.id for person in bench.linked] == ["chair"]
    assert bench.bot.register.read(ref, bench.linked[0]).state is State.OPEN


def _teacher(bench: Bench) -> Person:
    person = bench.bot.services.people.get("teacher")
    assert person is not None
    return person
