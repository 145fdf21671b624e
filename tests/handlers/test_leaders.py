"""Whoever leads hears what leaders do, and nobody is told to report it to themselves."""

from __future__ import annotations

import pytest

from bot.cards import Quote, Steps
from handlers import leaders
from tests.support.dialogue import Dialogue, RecordingReply


def steps_of(reply: RecordingReply) -> str:
    return " ".join(line for card in reply.cards for block in card.blocks if isinstance(block, Steps) for line in block.items)


@pytest.mark.parametrize(
    ("who", "text"),
    [
        ("teacher", "Head here: a teacher has told me about abusive comments. What am I supposed to do"),
        ("teacher", "I'm on the SLT and a TA just told me parents are being vile about her online"),
        ("head", "a teacher has told me about abusive comments. What am I supposed to do"),
        ("head", "one of my TAs is being abused by parents on facebook"),
        ("deputy", "a parent threatened to kill one of our teachers, she told me today"),
    ],
)
async def test_a_leader_who_is_told_hears_the_leaders_duty(talk: Dialogue, who: str, text: str) -> None:
    reply = await talk.say(who, text)
    card = reply.cards[0]
    assert card.title == leaders.TITLE
    (quote,) = [block.number for block in card.blocks if isinstance(block, Quote)]
    assert quote == "69"
    assert "look into it promptly" in steps_of(reply)
    for number in ("68", "70", "71"):
        assert f"Clause {number}," in reply.text, "folded, but there"
    assert reply.text.index("that comes first (clause 71)") < reply.text.index("screen prints")
    assert "report.open" in [button.action for button in card.buttons]


@pytest.mark.parametrize("who", ["head", "teacher"])
async def test_a_headteacher_who_is_the_victim_is_not_told_to_report_it_to_the_headteacher(talk: Dialogue, who: str) -> None:
    reply = await talk.say(who, "I'm the headteacher. A parent is posting lies about me")
    assert reply.cards[0].title != leaders.TITLE
    assert "Report it to the Headteacher" not in reply.text
    assert "the chair of governors can stand by you" in steps_of(reply).replace("The chair", "the chair")
    assert "comes to you, as the Headteacher" in reply.text
    assert "these people are told: the Headteacher" not in reply.text


async def test_a_headteacher_can_report_as_anybody_can(talk: Dialogue) -> None:
    saved = await talk.report("head", "A parent is posting lies about me on facebook")
    assert "Your report is saved" in saved.text
    assert [button.label for card in await talk.alerts("head") for button in card.buttons].count("Acknowledge") == 1


@pytest.mark.parametrize(
    ("who", "text", "told", "as_well"),
    [
        ("dsl", "a girl in year 6 told me a man online asked to meet her", "the Headteacher (", "as the Designated Safeguarding Lead"),
        ("dpo", "I left my laptop with all the pupil records on the train", "the Headteacher (", "as the Data Protection Officer"),
        ("head", "I left my laptop with all the pupil records on the train", "the Data Protection Officer (", "as the Headteacher"),
    ],
)
async def test_the_others_on_the_way_are_told(talk: Dialogue, who: str, text: str, told: str, as_well: str) -> None:
    reply = await talk.say(who, text)
    assert f"these people are told: {told}" in reply.text
    assert f"It comes to you too, {as_well}." in reply.text
    assert any(line.startswith(f"Tell {told}") for line in steps_of(reply).replace(". ", ".\n").split("\n"))


@pytest.mark.parametrize(
    "text", ["the head is bullying a TA by email, she told me", "I don't trust the head, she ignores it. A TA is being abused by parents"]
)
async def test_nobody_who_works_for_the_headteacher_is_asked_to_look_into_the_headteacher(talk: Dialogue, text: str) -> None:
    assert (await talk.say("deputy", text)).cards[0].title != leaders.TITLE


@pytest.mark.parametrize(
    "text",
    [
        "A parent is writing horrible things about me on Facebook",
        "I am being abused by parents on facebook, a TA told me",
        "parents keep calling me a liar on facebook, one of our teachers showed me",
    ],
)
async def test_a_leader_who_is_abused_is_a_victim_like_others(talk: Dialogue, text: str) -> None:
    reply = await talk.say("deputy", text)
    assert reply.cards[0].title != leaders.TITLE
    assert "Report it to the Headteacher" in steps_of(reply)


async def test_a_teacher_who_tells_of_a_colleague_leads_nobody(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "one of our TAs is being abused by parents on facebook")
    assert reply.cards[0].title != leaders.TITLE


async def test_the_chair_who_tells_of_the_headteacher_is_the_one_to_whom_it_goes(talk: Dialogue) -> None:
    reply = await talk.say("chair", "the head is posting rude things about parents")
    assert "You are the one to whom this goes (not from the policy)" in steps_of(reply)
    assert "chair of governors can" not in steps_of(reply)
    assert "comes to you, as the Chair of Governors" in reply.text
    asked = await talk.say("chair", "who do I tell about the head")
    assert steps_of(asked).startswith("That is for you, as the Chair of Governors;")
    assert "tell the" not in steps_of(asked)


async def test_a_line_manager_whom_the_writer_avoids_is_left_out_of_the_support(talk: Dialogue) -> None:
    reply = await talk.say("ta", "I don't want to tell my line manager that parents are abusing me online")
    assert "line manager" not in steps_of(reply)
    assert "confidential counselling" in steps_of(reply)


async def test_the_leaders_card_is_not_said_twice(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "I'm on the SLT and a TA just told me a dad said he'd break her legs on Facebook. what do we owe her")
    assert [card.title for card in reply.cards] == [leaders.TITLE]
