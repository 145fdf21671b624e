"""Whoever came into a room, or left it, while the bot was down is found when it is back, and every few minutes after that."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.channels.slack import calls, roll
from bot.incidents.model import Entry
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in import faults
from tests.channels.slack.stand_in.member import until
from tests.channels.slack.stand_in.world import Conversation
from tests.channels.slack.test_inbox import said
from tests.channels.slack.test_incidents import _head, report, room


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roll, "SETTLE", 0.2)
    monkeypatch.setattr(roll, "PACE", 0.1)


def entries(bench: Bench, ref: str, what: str) -> list[Entry]:
    return [one for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what == what]


async def meanwhile(folder: Path, mode: str, happens: Callable[[Bench, Conversation], None]) -> tuple[Bench, str, Conversation]:
    """A report and its room; then the bot goes down, something happens, and another process is put together (not yet started)."""
    async with Bench(folder, mode) as before:
        ref = await report(before.who("teacher"))
        place = await room(before, "teacher", "head")
        await before.who("head").presses("Acknowledge")
        await before.who("head").reads_until("acknowledged by Mrs Helen Demo-Blake")
        await until(lambda: "acknowledged" in before.who("head").reads(place), "the room brought up to date")
    happens(before, place)
    return Bench(folder, mode, slack=before.slack), ref, place


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_somebody_added_while_the_bot_was_down_is_told_of_and_taken_out(tmp_path: Path, mode: str) -> None:
    after, ref, place = await meanwhile(tmp_path, mode, lambda _, place: place.members.update({"UTA", "UOTHERBOT"}))
    after.slack.world.add("UOTHERBOT", "Another app", bot=True)
    async with after as bench:
        await bench.who("head").reads_until("Somebody who is not a member was added")
        await until(lambda: not {"UTA", "UOTHERBOT"} & place.members, "them being taken out")
        assert place.members == {"UTEACH", "UHEAD", "UBOT"}
        found = {one.name for one in entries(bench, ref, "intruder")}
        assert found == {"Tara Demo-Ash", "Another app"}
        assert roll.NOTICED in entries(bench, ref, "intruder")[0].text
        await bench.side.roll.call_all()
        assert len(entries(bench, ref, "intruder")) == 2, "told once"
        assert bench.who("ta").reads() == ""


async def test_the_subject_who_was_brought_in_meanwhile_is_put_out_and_learns_nothing(tmp_path: Path) -> None:
    async with Bench(tmp_path, "http") as before:
        ref = await report(before.who("teacher"), done_by=("headteacher",))
        place = await room(before, "teacher", "chair")
    place.members.add("UHEAD")
    async with Bench(tmp_path, "http", slack=before.slack) as bench:
        await bench.who("chair").reads_until("Somebody who is not a member was added")
        await until(lambda: "UHEAD" not in place.members, "the subject being taken out")
        assert ref not in bench.who("head").reads()


@pytest.mark.parametrize("mode", ["http", "socket"])
async def test_what_was_written_in_a_room_while_the_bot_was_down_is_on_the_record_once(tmp_path: Path, mode: str) -> None:
    async with Bench(tmp_path, mode) as before:
        teacher, world = before.who("teacher"), before.slack.world
        ref = await report(teacher)
        place = await room(before, "teacher", "head")
        heard = await teacher.says("Heard at once.", where=place)
        await until(lambda: said(before, ref) == ["Heard at once."], "the record")
    world.post(place, "UTEACH", "Written in the night.")
    world.post(place, "UTEACH", "rang the parent", subtype="me_message")
    world.post(place, "UTEACH", "In the thread.", thread_ts=heard["ts"])
    world.post(place, "UTEACH", "", subtype="file_share", files=[{"id": "F1", "url_private": "https://files.invalid/x"}])
    world.post(place, "UTEACH", "Put right.", edited={"user": "UTEACH", "ts": world.ts()})
    world.post(place, "UOTHERAPP", "words of another app", bot_id="BOTHER")
    heard.update(text="Heard, and changed since.", edited={"user": "UTEACH", "ts": world.ts()})
    place.members.discard("UTEACH")  # and then left
    async with Bench(tmp_path, mode, slack=before.slack) as bench:
        await until(lambda: len(said(bench, ref)) == 5 and entries(bench, ref, "left"), "the words and the leaving")
        words = [re.sub(r"^\(written at \d\d:\d\d on .*?\) ", "LATE ", one) for one in said(bench, ref)]
        late = ["In the thread.", "Put right.", "Written in the night.", "rang the parent"]
        assert (words[0], sorted(words[1:])) == ("Heard at once.", [f"LATE {one}" for one in late])
        assert [one.text for one in entries(bench, ref, "edited")] == ["Heard, and changed since."]
        assert len(entries(bench, ref, "file")) == 1
        bench.side.roll._catching_up._done.clear()
        await bench.side.roll.call_all()
        assert (len(said(bench, ref)), len(entries(bench, ref, "edited")), len(entries(bench, ref, "file"))) == (5, 1, 1)


async def test_of_a_room_of_which_slack_shows_little_at_a_time_everything_is_recorded_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "REPLY_PATIENCE", 0.1)
    async with Bench(tmp_path, "http") as before:
        world = before.slack.world
        ref = await report(before.who("teacher"))
        place = await room(before, "teacher", "head")
    first = world.post(place, "UTEACH", "Words 0.")
    second = world.post(place, "UTEACH", "Words 1.")
    for number in range(2, 33):
        world.post(place, "UTEACH", f"Words {number}.")
    for parent in (first, second):
        world.post(place, "UTEACH", "In a thread.", thread_ts=parent["ts"])
    before.slack.history_every = 1.0
    async with Bench(tmp_path, "http", slack=before.slack) as bench:
        for _ in range(12):
            await asyncio.sleep(1.05)
            await bench.side.roll.call_all()
            if len(said(bench, ref)) == 35:
                break
        words = [one.rpartition(") ")[2] for one in said(bench, ref)]
        assert sorted(words) == sorted([*(f"Words {number}." for number in range(33)), "In a thread.", "In a thread."])


async def test_the_first_words_in_a_room_that_another_process_opened_are_found(http_bench: Bench) -> None:
    bench = http_bench
    ref = await report(bench.who("teacher"))
    place = await room(bench, "teacher", "head")
    await until(bench.side.roll._rooms_in_use, "the room on the record")
    bench.slack.world.post(place, "UTEACH", "Where do I begin?")  # its event met a process that did not know the room yet
    await bench.side.roll.call_all()
    assert [one.endswith(") Where do I begin?") for one in said(bench, ref)] == [True]


async def test_members_who_came_and_left_meanwhile_are_on_the_record(tmp_path: Path) -> None:
    def swap(before: Bench, place: Conversation) -> None:
        place.members.discard("UTEACH")
        place.members.discard("UHEAD")
        del before

    after, ref, place = await meanwhile(tmp_path, "http", swap)
    async with after as bench:
        await until(lambda: len(entries(bench, ref, "left")) == 2, "both leaves")
        assert all(one.text == roll.NOTICED for one in entries(bench, ref, "left"))
        await until(lambda: not bench.side.roll._rooms_in_use()[0].there, "the record without them")
        place.members.add("UHEAD")  # they handle it, so they may come back
        await bench.side.roll.call_all()
        assert [one.name for one in entries(bench, ref, "joined")] == ["Mrs Helen Demo-Blake"]
        assert entries(bench, ref, "intruder") == []
        await bench.side.roll.call_all()
        assert (len(entries(bench, ref, "left")), len(entries(bench, ref, "joined"))) == (2, 1)


async def test_a_room_as_it_should_be_costs_one_call_and_changes_nothing(http_bench: Bench) -> None:
    bench = http_bench
    ref = await report(bench.who("teacher"))
    await room(bench, "teacher", "head")
    await until(bench.side.roll._rooms_in_use, "the room on the record")
    await bench.who("head").reads_until("Please acknowledge")
    await asyncio.sleep(0.3)
    before = len(bench.bot.register.read(ref, _head(bench)).timeline)
    calls = bench.slack.calls.copy()
    await bench.side.roll.call_all()
    made = {method: number for method, number in (bench.slack.calls - calls).items() if method.startswith(("conversations", "users"))}
    assert made == {"users.conversations": 1, "conversations.members": 1, "conversations.history": 1}
    await bench.side.roll.call_all()
    assert bench.slack.calls["conversations.history"] == calls["conversations.history"] + 1, "looked through once"
    assert len(bench.bot.register.read(ref, _head(bench)).timeline) == before


async def test_what_slack_tells_just_now_is_not_recorded_twice(http_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, teacher = http_bench, http_bench.who("teacher")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    monkeypatch.setattr(roll, "SETTLE", 1.0)
    place.members.add("UTA")
    looking = bench.slack.soon
    looking(bench.side.roll.call_all())
    await teacher.adds("UTA", place)
    await until(lambda: "UTA" not in place.members, "them being taken out")
    await bench.side.roll.call_all()
    assert len(entries(bench, ref, "intruder")) == 1


async def test_nobody_is_put_out_on_a_guess(http_bench: Bench) -> None:
    bench, world = http_bench, http_bench.slack.world
    ref = await report(bench.who("teacher"))
    place = await room(bench, "teacher", "head")
    bench.side.staff._users.clear()
    bench.side.staff._profiles.clear()
    emails = {name: user.email for name, user in world.users.items()}
    for user in world.users.values():
        user.email = ""  # as where the scope for e-mails was taken away
    await bench.side.roll.call_all()
    for name, email in emails.items():
        world.users[name].email = email
    bench.slack.fault("conversations.members", *[faults.broken(503)] * 4)
    bench.side.staff._profiles.clear()
    world.users["UTEACH"].deleted = True  # whose account was switched off has not left
    place.members.discard("UTEACH")
    await bench.side.roll.call_all()
    await bench.side.roll.call_all()
    assert entries(bench, ref, "intruder") + entries(bench, ref, "left") == []


@pytest.mark.parametrize("how", ["the bot was put out", "it was archived", "it was opened to everybody"])
async def test_a_room_that_was_closed_by_hand_meanwhile_is_replaced(tmp_path: Path, how: str) -> None:
    def close(_: Bench, place: Conversation) -> None:
        place.archived = how == "it was archived"
        place.private = how != "it was opened to everybody"
        place.members -= {"UBOT"} if how == "the bot was put out" else set()

    after, ref, place = await meanwhile(tmp_path, "http", close)
    async with after as bench:
        again = await until(lambda: next((one for one in bench.slack.world.rooms() if one is not place and one.pins), None), "another")
        await until(lambda: {"UTEACH", "UHEAD"} <= again.members, "the members")
        await bench.who("head").reads_until("This incident's room was closed by hand, or cannot be kept private.")
        assert len(entries(bench, ref, "room_lost")) == 1
