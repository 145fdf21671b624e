"""Which incident a message is about: answers to every card of it are for its room, and it is taken back from whoever may not see it."""

from __future__ import annotations

import asyncio

import pytest

from bot.cards import Card, Text
from bot.channels.teams.drawing import draw
from bot.incidents.model import Kind
from tests.channels.teams.conftest import Staffroom
from tests.channels.teams.stand_in import Fault
from tests.channels.teams.stand_in.reading import actions
from tests.channels.teams.stand_in.service import Posted
from tests.channels.teams.test_dialogues import reported
from tests.channels.teams.test_rooms import lines, opened, person, said

WORDS = "I have spoken to the parent, it is down now."
STORY = "Nobody else must read this."
SMILE = (
    '<p>Thank you <span title="Smile" type="(smile)"><img itemscope="" itemtype="http://schema.skype.com/Emoji" itemid="smile" '
    'src="https://statics.teams.cdn.office.net/20_f.png" alt="🙂"></span></p>'
)


def alert_of(room: Staffroom) -> Posted:
    return next(one for one in room.helen.messages() if "Please acknowledge" in one.words)


@pytest.mark.parametrize("pressed", [None, "Open", "Acknowledge"])
async def test_an_answer_to_the_alert_or_to_what_was_opened_from_it_is_for_the_room(room: Staffroom, pressed: str | None) -> None:
    ref = await reported(room)
    card = alert_of(room)
    if pressed:
        await room.helen.press(pressed, card)
        card = room.helen.last() if pressed == "Open" else card
    await room.deliver()
    room.school.clock.turn(minutes=30)
    await room.helen.quote(card, WORDS)
    assert said(room, ref) == [WORDS]
    assert room.helen.last().words == f"In the room of {ref}, and on the record."
    await room.deliver()
    assert lines(room.tom, ref)[-1] == WORDS


async def test_an_answer_to_what_one_was_told_of_ones_report_is_for_the_room_and_can_be_edited(room: Staffroom) -> None:
    ref = await opened(room)
    room.school.clock.turn(minutes=30)
    told = next(one for one in room.tom.messages() if "Acknowledged by Helen Head" in one.words)
    await room.tom.quote(told, "He has done it again.")
    await room.tom.edit(str(room.bot.post.book.all("line")[-1]["message"]), "She has done it again.")
    await room.deliver()
    assert lines(room.helen, ref)[-2:] == ["He has done it again.", "(changed a message to) She has done it again."]


async def test_what_somebody_opened_is_taken_back_when_they_leave(room: Staffroom) -> None:
    await opened(room, STORY)
    await room.tom.press("Open")
    assert STORY in room.tom.last().words
    await room.tom.press("Leave this room")
    await room.deliver()
    assert STORY not in "".join(one.words for one in room.tom.messages())


@pytest.mark.parametrize("pressed", ["Open", "Acknowledge"])
async def test_whoever_it_turns_out_to_be_about_keeps_nothing_of_what_they_opened(room: Staffroom, pressed: str) -> None:
    ref = await opened(room, STORY, Kind.SAFEGUARDING)
    alert = next(one for one in room.dana.messages() if "Please acknowledge" in one.words)
    await room.dana.press(pressed, alert)
    await room.deliver()
    room.school.register.name_subject(ref, person(room, "head"), person(room, "dsl"), room.school.event())
    await room.deliver()
    assert not [one.words for one in room.dana.messages() if STORY in one.words or ref in one.words]
    await room.dana.quote(alert, "What is this about?")
    assert said(room, ref) == []
    assert ref not in room.dana.last().words


async def test_whoever_was_brought_in_and_it_turns_out_to_be_about_keeps_nothing(room: Staffroom) -> None:
    ref = await opened(room, STORY)
    room.school.register.invite(ref, person(room, "head"), person(room, "dsl"), room.school.event())
    await room.deliver()
    card = next(one for one in room.dana.messages() if "You have been asked to help" in one.words)
    await room.dana.press("Open", card)
    assert STORY in "".join(one.words for one in room.dana.messages())
    room.school.register.name_subject(ref, person(room, "head"), person(room, "dsl"), room.school.event())
    await room.deliver()
    assert not [one.words for one in room.dana.messages() if STORY in one.words or ref in one.words or "asked to help" in one.words]


async def test_what_was_opened_from_an_alert_is_taken_back_from_somebody_who_had_left_the_room(room: Staffroom) -> None:
    ref = await opened(room, STORY, Kind.SAFEGUARDING)
    alert = next(one for one in room.dana.messages() if "Please acknowledge" in one.words)
    await room.dana.press("Leave this room")
    await room.deliver()
    assert "Acknowledge" in alert.buttons, "they are still asked"
    await room.dana.press("Open", alert)
    assert STORY in room.dana.last().words
    room.school.register.name_subject(ref, person(room, "head"), person(room, "dsl"), room.school.event())
    await room.deliver()
    assert not [one.words for one in room.dana.messages() if STORY in one.words]


async def test_words_for_a_closed_incident_are_said_to_be_sent_to_nobody(room: Staffroom) -> None:
    ref = await opened(room)
    room.school.register.close(ref, person(room, "head"), "Settled.", room.school.event())
    await room.deliver()
    await room.tom.say(f"{ref}: he has done it again")
    assert room.tom.last().words == f"{ref} is closed\nWhat you wrote was not sent to anybody."


async def test_an_emoji_is_no_file(room: Staffroom) -> None:
    ref = await opened(room, kind=Kind.INDECENT_IMAGES)
    before = len(room.dana.messages())
    await room.tom.say(f"{ref}: Thank you 🙂", attachments=[{"contentType": "text/html", "content": SMILE}])
    assert room.tom.last().words == f"In the room of {ref}, and on the record."
    assert len(room.dana.messages()) == before, "nobody is warned"
    quote = f'<blockquote itemtype="http://schema.skype.com/Reply" itemid="{room.tom.messages()[-2].id}"><p>Usher</p></blockquote>'
    await room.tom.say("Usher Thank you", attachments=[{"contentType": "text/html", "content": quote + SMILE}])
    assert said(room, ref) == ["Thank you 🙂", "Thank you 🙂"]
    await room.tom.say("look", attachments=[{"contentType": "text/html", "content": '<img itemtype="http://schema.skype.com/AMSImage">'}])
    assert "file" in room.tom.last().words or "Who is this for?" in room.tom.last().words


async def test_words_that_were_changed_while_they_waited_to_be_placed_are_sent_as_they_are_now(room: Staffroom) -> None:
    ref = await opened(room)
    await room.tom.say(f"{ref}: hello")
    await room.deliver()
    for text, now in (("Mr Smith did it", "I do not know who did it"), ("Delete me", "")):
        activity = room.helen.activity("message", text=text)
        await room.helen.post(activity)
        asked = room.helen.last()
        await (room.helen.edit(activity["id"], now) if now else room.helen.delete(activity["id"]))
        await room.helen.press(f"The room of {ref}", asked)
    assert said(room, ref) == ["hello", "I do not know who did it"]
    assert "That has been dealt with already" in asked.words


async def test_whoever_asks_in_a_team_without_having_the_app_is_told_that_nothing_was_answered(room: Staffroom) -> None:
    pat = room.teams.user("Pat New", "pat@school.test", installed=False)
    channel = room.teams.group("19:staff@thread.tacv2", pat, room.helen)
    told = []
    for words in ("can I friend an ex-pupil?", "a parent is threatening to hurt me on facebook"):
        await pat.mention(channel, words)
        told.append(room.teams.in_conversation(channel)[-1].words)
    assert len(room.teams.in_conversation(channel)) == 2
    assert told[0] == told[1], "it tells nothing of the matter"
    assert "I have not answered" in told[0]


async def test_a_report_from_a_team_without_the_app_is_saved_and_said_to_be_so(room: Staffroom) -> None:
    pat = room.teams.user("Pat New", "pat@school.test", installed=False)
    channel = room.teams.group("19:staff@thread.tacv2", pat, room.helen)
    after = await (await pat.report_message(channel, "Pat Parent", "<p>You are useless</p>")).send()
    assert after is not None
    assert "Your report is saved. Its reference is" in after.words
    assert "Not saved" not in after.words
    assert room.teams.in_conversation(channel) == []


async def test_what_is_on_the_record_is_never_said_not_to_be(room: Staffroom) -> None:
    ref = await opened(room)
    room.teams.faults.append(Fault(429, after=1))
    await room.tom.say(f"{ref}: hello")
    for _ in range(3):
        room.teams.faults.append(Fault(429, after=1))
        room.school.clock.turn(minutes=1)
        await room.bot.incoming.inbox.look()
        await asyncio.sleep(0.5)
    assert said(room, ref) == ["hello"]
    assert not any("saved" in one.words for one in room.tom.messages()), "Teams' asking to wait is no fault of the words"


async def test_looking_for_a_clause_about_something_that_happened_denies_nothing(room: Staffroom) -> None:
    found = await room.tom.search("a pupil sent me a nude picture of herself")
    assert "no clause" not in found["text"]
    assert "tell what has happened" in found["text"]


async def test_the_link_to_the_page_can_be_pressed_and_no_other_address_can(room: Staffroom) -> None:
    url = "https://usher.school.example/sign-in/q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"
    (card,) = draw(Card("Your link to the page", (Text(url), Text("It works once.")), notice="Your link to the page"))
    assert [(one["type"], one["url"]) for one in actions(card)] == [("Action.OpenUrl", url)]
    ref = await opened(room)
    await room.tom.say(f"{ref}: https://pictures.example/look/at/this")
    await room.deliver()
    assert "Action.OpenUrl" not in room.everything_shown()


@pytest.mark.parametrize("channel", ["directline", "webchat"])
async def test_nobody_is_heard_through_another_channel_of_the_bot(room: Staffroom, channel: str) -> None:
    said_there = {**room.tom.activity("message", text="can I friend an ex-pupil?"), "channelId": channel}
    assert (await room.tom.post(said_there)).status == 202
    pressed = room.tom.activity("invoke", name="task/fetch", value={"data": {"usher": "report.open"}})
    assert (await room.tom.post({**pressed, "channelId": channel})).status == 403
    assert room.tom.messages() == []


async def test_an_answer_to_what_says_that_the_report_is_saved_waits_for_the_room(room: Staffroom) -> None:
    await room.tom.say("report something")
    await (await room.tom.dialog("Report something")).send(what=STORY)
    saved = room.tom.last()
    await room.tom.quote(saved, WORDS)
    ref = saved.words.partition("Its reference is ")[2][:9]
    assert said(room, ref) == [WORDS]
    await room.deliver()
    assert lines(room.helen, ref)[-1] == WORDS


async def test_a_guest_is_refused_in_the_shape_that_teams_wants(room: Staffroom) -> None:
    guest = room.teams.user("Gus Guest", "g@elsewhere.test", role="guest")
    pressed = await guest.invoke("adaptiveCard/action", {"action": {"data": {"usher": "home.open"}}})
    assert (pressed.body["statusCode"], pressed.body["value"]) == (200, "Usher is for the school's staff")
    assert (await guest.search("can I friend an ex-pupil?"))["text"] == "Usher is for the school's staff"
