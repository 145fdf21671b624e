"""Every kind of message that Slack documents: on the record, or left alone on purpose."""

from __future__ import annotations

import asyncio
import html
from typing import Any

import pytest

from bot.inbox_table import Pages
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in.member import until
from tests.channels.slack.test_inbox import said
from tests.channels.slack.test_incidents import _head, report, room

BY_MEMBERS: dict[str, tuple[dict[str, Any], str]] = {
    "me_message": ({"text": "has rung the parent"}, "has rung the parent"),
    "thread_broadcast": ({"text": "to the channel, too", "thread_ts": "1.1"}, "to the channel, too"),
    "channel_topic": ({"text": "<@U> set the topic", "topic": "Year 4 matter"}, "(set the room's topic) Year 4 matter"),
    "group_topic": ({"text": "", "topic": ""}, "(set the room's topic) –"),
    "channel_purpose": ({"purpose": "About Mr X"}, "(set the room's description) About Mr X"),
    "channel_name": ({"name": "mr-x", "old_name": "usher-1"}, "(gave the room another name) mr-x"),
    "reminder_add": ({"text": "set up a reminder “ring the LADO” in this channel"}, "set up a reminder “ring the LADO” in this channel"),
}
LEFT_ALONE: dict[str, dict[str, Any]] = {
    "bot_message": {"user": None, "bot_id": "BOTHER", "text": "words of another app"},
    "message_replied": {"user": None, "hidden": True, "message": {"text": "the reply comes by itself, too"}},
    "huddle_thread": {"user": "USLACKBOT", "text": "", "room": {"name": ""}},
    "tombstone": {"user": "USLACKBOT", "text": "This message was deleted.", "hidden": True},
    "ekm_access_denied": {"user": "UREVOKEDU", "text": "Your admins have suspended everyone's access to this content."},
    "channel_join": {"text": "has joined the channel"},
    "channel_leave": {"text": "has left the channel"},
    "group_unarchive": {"text": "un-archived the group"},
    "pinned_item": {"text": "pinned a message"},
    "bot_add": {"text": "added an integration"},
    "file_comment": {"user": None, "text": "commented on a file"},
    "channel_posting_permissions": {"text": "changed who can post"},
    "something_new_of_slack": {"text": "nobody knows what this is"},
}


async def test_what_members_write_in_any_way_is_on_the_record(bench: Bench) -> None:
    teacher = bench.who("teacher")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    for subtype, (more, words) in BY_MEMBERS.items():
        message = bench.slack.world.post(place, teacher.id, str(more.get("text", "")))
        await bench.slack.event({**teacher.as_event(place, message), "subtype": subtype, **more})
        await until(lambda words=words: said(bench, ref)[-1:] == [words], f"{subtype} on the record")
    assert len(said(bench, ref)) == len(BY_MEMBERS)


async def test_of_a_long_message_nothing_is_cut_off(http_bench: Bench) -> None:
    bench, teacher = http_bench, http_bench.who("teacher")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    words = f"{'He & she <wrote> this again. ' * 1300}And that was the end."
    await teacher.says(html.escape(words, quote=False), where=place)  # as Slack sends what is typed
    await until(lambda: said(bench, ref), "the record")
    assert said(bench, ref) == [words]


async def test_a_me_message_can_be_changed_taken_back_and_asked(bench: Bench) -> None:
    teacher = bench.who("teacher")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    message = await teacher.says("rings the parent", where=place, subtype="me_message")
    await until(lambda: said(bench, ref) == ["rings the parent"], "the record")
    await teacher.edits(message, "rang the parent", place)
    await teacher.deletes(message, place)

    def changes() -> list[str]:
        return [one.what for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what in ("edited", "deleted")]

    await until(lambda: sorted(changes()) == ["deleted", "edited"], "both changes")
    await teacher.says("clause 28", subtype="me_message")
    await teacher.reads_until("Clause 28 ·")


async def test_what_members_do_not_write_is_left_alone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    await head.reads_until("Please acknowledge")
    await asyncio.sleep(0.3)
    before, kept = len(bench.bot.register.read(ref, _head(bench)).timeline), []
    real, messages = Pages.put, len(place.messages)
    monkeypatch.setattr(Pages, "put", lambda *given: (kept.append(repr(given)), real(*given))[1])
    for subtype, more in LEFT_ALONE.items():
        for where in (place, teacher.dm):
            event = {**teacher.as_event(where, bench.slack.world.post(where, teacher.id, "x")), "subtype": subtype, **more}
            assert await bench.slack.event(event) == 200, subtype
    own = {**teacher.as_event(place, bench.slack.world.post(place, "UBOT", "")), "subtype": "channel_topic", "topic": "Private."}
    await bench.slack.event(own)
    await asyncio.sleep(0.3)
    assert len(bench.bot.register.read(ref, _head(bench)).timeline) == before
    assert [one for one in kept if "Private." not in one] == []
    assert len(place.messages) == messages + len(LEFT_ALONE) + 1, "nobody is answered"


async def test_a_room_that_is_opened_to_the_whole_workspace_is_given_up_for_another(bench: Bench) -> None:
    teacher, head, world = bench.who("teacher"), bench.who("head"), bench.slack.world
    ref = await report(teacher)
    first = await room(bench, "teacher", "head")
    event = {**teacher.as_event(first, world.post(first, teacher.id, "made this channel public")), "subtype": "channel_convert_to_public"}
    await bench.slack.event(event)
    again = await until(lambda: next((one for one in world.rooms() if one is not first and one.pins), None), "another room")
    assert again.private
    await head.reads_until("The bot opens another")
    assert [one for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what == "room_lost"]
