"""Rooms that the bot carries: several at once without mixing, choosing, replying, editing, leaving, closing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.cards import Card
from bot.channels.teams.post import Post
from bot.channels.teams.rooms import ROOM, parting, standing
from bot.errors import RetryLater
from bot.incidents.model import Kind
from bot.people import Person
from bot.ports import Room
from tests.channels.teams.conftest import Staffroom
from tests.channels.teams.stand_in import Fault, User
from tests.support.school import report


def person(room: Staffroom, name: str) -> Person:
    found = room.school.people.get(name)
    assert found
    return found


async def opened(room: Staffroom, what: str = "Something happened.", kind: Kind = Kind.MISUSE) -> str:
    """An incident that Tom reported, its room open and acknowledged by Helen."""
    ref = room.school.register.open(report(kind, what), person(room, "teacher"), room.school.event()).ref
    await room.deliver()
    room.school.register.acknowledge(ref, person(room, "head"), room.school.event())
    await room.deliver()
    return ref


def said(room: Staffroom, ref: str) -> list[str]:
    return [entry.text for entry in room.school.register.read(ref, person(room, "head")).timeline if entry.what == "said"]


def lines(user: User, ref: str) -> list[str]:
    return [one.words.partition("\n")[2] for one in user.messages() if one.words.startswith(f"{ref} · ")]


async def test_two_rooms_do_not_mix(room: Staffroom) -> None:
    first, second = await opened(room, "First matter."), await opened(room, "Second matter.")
    await room.tom.say(f"{first}: about the first")
    await room.tom.say(f"{second} about the second")
    await room.deliver()
    assert (said(room, first), said(room, second)) == (["about the first"], ["about the second"])
    assert lines(room.helen, first)[-1] == "about the first"
    assert lines(room.helen, second)[-1] == "about the second"


async def test_words_after_a_room_has_spoken_go_nowhere_until_the_person_chooses(room: Staffroom) -> None:
    first, second = await opened(room, "First matter."), await opened(room, "Second matter.")
    await room.tom.say(f"{first}: hello")
    await room.deliver()
    await room.helen.say("Thank you, Tom. I am with you at two.")
    asked = room.helen.last()
    assert "Who is this for?" in asked.words
    assert set(asked.buttons) == {f"The room of {first}", f"The room of {second}", "Usher: answer me"}
    assert said(room, first) == ["hello"]
    await room.helen.press(f"The room of {first}", asked)
    assert f"Sent to the room of {first}" in asked.words
    await room.deliver()
    assert said(room, first) == ["hello", "Thank you, Tom. I am with you at two."]
    assert said(room, second) == []
    assert lines(room.tom, first)[-1] == "Thank you, Tom. I am with you at two."
    await room.helen.press(f"The room of {second}", asked.__class__(asked.id, asked.conversation, asked.history[0]))
    assert said(room, second) == [], "what was sent once is not sent again"


async def test_a_question_between_rooms_stays_private(room: Staffroom) -> None:
    ref = await opened(room)
    await room.tom.say(f"{ref}: hello")
    await room.deliver()
    await room.helen.say("can I friend an ex-pupil?")
    await room.helen.press("Usher: answer me")
    assert any("Clause 28" in one.words for one in room.helen.messages())
    assert said(room, ref) == ["hello"]


async def test_when_the_room_is_quiet_words_are_for_usher(room: Staffroom) -> None:
    await opened(room)
    room.school.clock.turn(minutes=30)
    await room.helen.say("can I friend an ex-pupil?")
    assert "Clause 28" in room.helen.last().words


async def test_an_edit_and_a_deletion_are_on_the_record(room: Staffroom) -> None:
    ref = await opened(room)
    activity = room.tom.activity("message", text=f"{ref}: He wrote it")
    await room.tom.post(activity)
    await room.tom.edit(activity["id"], "She wrote it")
    await room.tom.delete(activity["id"])
    timeline = room.school.register.read(ref, person(room, "head")).timeline
    assert [(one.what, one.text) for one in timeline if one.what in ("said", "edited", "deleted")] == [
        ("said", "He wrote it"),
        ("edited", "She wrote it"),
        ("deleted", ""),
    ]
    await room.deliver()
    assert "(changed a message to) She wrote it" in lines(room.helen, ref)


async def test_a_repeated_message_is_on_the_record_once(room: Staffroom) -> None:
    ref = await opened(room)
    activity = room.tom.activity("message", text=f"{ref}: once")
    for _ in range(3):
        await room.tom.post(activity)
    await room.deliver()
    assert said(room, ref) == ["once"]
    assert lines(room.helen, ref).count("once") == 1


async def test_whoever_leaves_is_told_nothing_more_and_keeps_nothing(room: Staffroom) -> None:
    ref = await opened(room)
    await room.helen.say(f"{ref}: A first word")
    await room.deliver()
    card = next(one for one in room.tom.messages() if "Leave this room" in one.buttons)
    await room.tom.press("Leave this room", card)
    await room.deliver()
    assert "A first word" not in "".join(one.words for one in room.tom.messages())
    assert "Tom Teacher is not in this room any more." in lines(room.helen, ref)
    await room.helen.say(f"{ref}: A second word")
    await room.deliver()
    assert "A second word" not in "".join(one.words for one in room.tom.messages())
    await room.tom.say(f"{ref}: hello?")
    assert said(room, ref) == ["A first word", "A second word"]


async def test_closing_is_shown_and_nothing_is_carried_afterwards(room: Staffroom) -> None:
    ref = await opened(room)
    room.school.register.close(ref, person(room, "head"), "Settled.", room.school.event())
    await room.deliver()
    assert "This room is closed. Nothing more is carried from here." in lines(room.tom, ref)
    line = next(one for one in room.tom.messages() if "is closed" in one.words)
    await room.tom.quote(line, "One more thing")
    assert "What you wrote was not sent to anybody." in room.tom.last().words
    assert said(room, ref) == []


async def test_each_member_has_the_buttons_that_are_theirs_and_looking_is_not_reading(room: Staffroom) -> None:
    ref = room.school.register.open(report(), person(room, "teacher"), room.school.event()).ref
    await room.deliver()
    toms = next(one for one in room.tom.messages() if "Leave this room" in one.buttons)
    helens = next(one for one in room.helen.messages() if "Leave this room" in one.buttons)
    assert "Acknowledge" in helens.buttons
    assert "Acknowledge" not in toms.buttons
    refresh = helens.cards[0]["refresh"]
    assert refresh["userIds"] == [room.helen.account.user]
    answer = await room.helen.invoke("adaptiveCard/action", {"action": refresh["action"], "trigger": "automatic"})
    assert answer.body["value"]["type"] == "AdaptiveCard"
    incident = room.school.register.read(ref, person(room, "teacher"))
    assert not any(one.what == "seen" for one in incident.timeline)


async def test_a_file_in_a_room_is_not_taken(room: Staffroom) -> None:
    ref = await opened(room, kind=Kind.INDECENT_IMAGES)
    picture = {"contentType": "image/png", "contentUrl": "https://files.example/x.png"}
    await room.tom.say(f"{ref}: look at this", attachments=[picture])
    assert "Do not open, save, send or show that file" in room.tom.last().words
    assert f"What you wrote is in the room of {ref}, and on the record. The file is not." in room.tom.last().words
    for other in (room.helen, room.dana):  # at once, before the outbox has done anything
        assert other.last().words.startswith("⛔ Urgent") or "Do not open, save, send or show that file" in other.last().words
        assert "Tom Teacher sent a file for this room." in other.last().words
        assert other.last().activity["summary"] == f"Urgent: {ref}"
    assert not any("Do not open" in one.words for one in room.charlie.messages())
    assert said(room, ref) == ["look at this"]
    await room.deliver()
    for other in (room.helen, room.dana):
        assert "look at this" in lines(other, ref)
        assert any("put up a file; it was not taken" in one for one in lines(other, ref))
        assert sum("Do not open, save, send or show that file" in one.words for one in other.messages()) == 1
    assert "files.example" not in room.everything_shown()


async def test_words_beside_a_file_can_be_edited_and_answered_like_any_other(room: Staffroom) -> None:
    ref = await opened(room)
    picture = {"contentType": "image/png", "contentUrl": "https://files.example/x.png"}
    activity = room.tom.activity("message", text=f"{ref}: He wrote it", attachments=[picture])
    await room.tom.post(activity)
    assert "keep the screen print yourself" in room.tom.last().words
    assert "The file is not." in room.tom.last().words
    await room.tom.edit(activity["id"], "She wrote it")
    await room.deliver()
    assert lines(room.helen, ref)[-1] == "(changed a message to) She wrote it"
    assert "He wrote it" in lines(room.helen, ref)


async def test_words_with_a_file_that_wait_to_be_placed_are_said_to_be_sent(room: Staffroom) -> None:
    ref = await opened(room)
    await room.tom.say(f"{ref}: hello")
    await room.deliver()
    picture = {"contentType": "image/png", "contentUrl": "https://files.example/x.png"}
    await room.helen.say("Here is what he sent.", attachments=[picture])
    asked = room.helen.last()
    await room.helen.press(f"The room of {ref}", asked)
    assert f"Sent to the room of {ref}" in asked.words
    assert said(room, ref) == ["hello", "Here is what he sent."]


async def test_a_file_alone_is_refused_and_nothing_is_said_to_be_in_the_room(room: Staffroom) -> None:
    ref = await opened(room, kind=Kind.INDECENT_IMAGES)
    line = next(one for one in room.tom.messages() if ref in one.words and "what happened" in one.words)
    before = len(room.tom.messages())
    await room.tom.quote(line, "")
    assert len(room.tom.messages()) == before
    picture = {"contentType": "image/png", "contentUrl": "https://files.example/x.png"}
    await room.tom.say("", attachments=[picture], replyToId=line.id)
    assert "Do not open, save, send or show that file" in room.tom.last().words
    assert "is in the room" not in room.tom.last().words
    assert "Do not open, save, send or show that file" in room.dana.last().words
    assert said(room, ref) == []


async def test_whoever_is_named_while_a_line_is_carried_does_not_get_it(room: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = await opened(room, kind=Kind.SAFEGUARDING)
    real, carried = Post.send, []

    async def send(self: Post, to: Person, *given: Any) -> Any:
        done = await real(self, to, *given)
        if not carried:
            for other in {"teacher", "dsl"} - {to.id}:
                room.school.register.name_subject(ref, person(room, "head"), person(room, other), room.school.event())
        carried.append(to.id)
        return done

    room.school.register.say(ref, person(room, "head"), "This is for those who may know.", room.school.event(), channel="")
    monkeypatch.setattr(Post, "send", send)
    members = {"teacher": room.tom, "dsl": room.dana}
    made = room.bot.post.book.all(ROOM)[0]
    assert set(members) <= set(made["people"])
    await room.bot.channel.post(Room("teams", made["id"]), "Helen Head", "This is for those who may know.", f"{ref}-99")
    assert len(carried) == 1
    got = {name for name, user in members.items() if any("those who may know" in one.words for one in user.messages())}
    assert got == set(carried)


async def test_a_removal_is_not_undone_by_what_is_said_at_the_same_time(room: Staffroom) -> None:
    ref = await opened(room)
    rooms, made = room.bot.incoming.rooms, room.bot.post.book.all(ROOM)[0]
    helen, tom = person(room, "head"), person(room, "teacher")
    at, place = standing(made), Room("teams", made["id"])
    room.school.register.name_subject(ref, helen, tom, room.school.event())
    talk = [rooms.wrote(at, helen, room.helen.account.personal, f"m{number}") for number in range(15)]
    lines_to = [rooms.post(place, "Dev Deputy", f"Line {number}", f"k{number}") for number in range(5)]
    await asyncio.gather(*talk[:8], rooms.remove(place, tom), *lines_to, *talk[8:], rooms.update(place, Card("Incident")))
    now = room.bot.post.book.all(ROOM)[0]
    assert "teacher" not in now["people"]
    assert now["leaving"] == []
    assert now["said_at"]
    assert not any("Line " in one.words for one in room.tom.messages())
    assert sum("Tom Teacher is not in this room any more." in one for one in lines(room.helen, ref)) == 1
    before = len(room.tom.messages())
    await rooms.post(place, "Dev Deputy", "Afterwards", "k99")
    await rooms.invite(place, tom)
    assert len(room.tom.messages()) == before
    shown = [one.words for one in room.tom.messages() if "Leave this room" in one.buttons]
    assert shown == []


async def test_a_line_that_was_on_its_way_while_another_process_took_somebody_out_is_withdrawn(
    room: Staffroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(room)
    rooms, made = room.bot.incoming.rooms, room.bot.post.book.all(ROOM)[0]
    real = Post.send

    async def send(self: Post, to: Person, *given: Any) -> Any:
        done = await real(self, to, *given)
        room.bot.post.book.change(ROOM, made["id"], lambda now: parting(now, to.id))
        return done

    monkeypatch.setattr(Post, "send", send)
    await rooms.post(Room("teams", made["id"]), "Helen Head", "A last word.", "k1")
    assert "A last word." in str([one.history for one in room.tom.messages()])
    assert not any("A last word." in one.words for one in room.tom.messages())


async def test_a_removal_that_failed_halfway_is_finished_by_the_next_try(room: Staffroom) -> None:
    ref = await opened(room)
    await room.helen.say(f"{ref}: A first word")
    await room.deliver()
    rooms, made = room.bot.incoming.rooms, room.bot.post.book.all(ROOM)[0]
    room.school.register.name_subject(ref, person(room, "head"), person(room, "teacher"), room.school.event())
    room.teams.faults.append(Fault(503, on="PUT activities"))
    with pytest.raises(RetryLater):
        await rooms.remove(Room("teams", made["id"]), person(room, "teacher"))
    await rooms.post(Room("teams", made["id"]), "Helen Head", "A second word.", "k1")
    await rooms.remove(Room("teams", made["id"]), person(room, "teacher"))
    shown = "".join(one.words for one in room.tom.messages())
    assert "A first word" not in shown
    assert "A second word" not in shown
    assert "Tom Teacher is not in this room any more." in lines(room.helen, ref)


async def test_a_stranger_with_the_right_reference_writes_nothing(room: Staffroom) -> None:
    ref = await opened(room)
    await room.charlie.say(f"{ref}: let me in")
    assert said(room, ref) == []
    assert ref not in room.charlie.last().words


async def test_the_home_shows_what_waits_before_what_is_open_before_what_is_closed(room: Staffroom) -> None:
    tom, helen, register = person(room, "teacher"), person(room, "head"), room.school.register
    refs = []
    for number in range(12):
        refs.append(register.open(report(Kind.MISUSE, f"matter {number}"), tom, room.school.event()).ref)
        room.school.clock.turn(minutes=1)
        if number < 11:
            register.acknowledge(refs[-1], helen, room.school.event())
        if number < 10:
            register.close(refs[-1], helen, "done", room.school.event())
    await room.helen.say("home")
    words = "\n".join(one.words for one in room.helen.messages()).partition("Incidents that you are part of")[2]
    shown = [ref for ref in sorted(refs, key=words.find) if ref in words]
    assert shown == [refs[11], refs[10], *reversed(refs[2:10])]
    assert "And 2 more." in words
