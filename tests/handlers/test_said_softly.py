"""What is said where a life may be at risk, where nothing was heard for certain, and where the one to tell is the one it is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cards import Fold, Outside, Quote, Steps, Text, Tone
from handlers import wording
from handlers.answers import answer_card
from tests.support.dialogue import Dialogue


async def test_a_colleague_who_wants_to_die_is_given_a_number_before_anything_else(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "I can't read what they write about me any more. I want to kill myself.")
    card = reply.cards[0]
    assert card.tone is Tone.URGENT
    assert card.blocks[0] == Text(wording.LIFE_FIRST, strong=True)
    numbers = [block.text for block in card.blocks[1:3] if isinstance(block, Outside)]
    assert "999" in numbers[0]
    assert "Education Support" in numbers[1]
    assert wording.DANGER in [button.label for button in card.buttons]
    assert "naked" not in reply.text
    assert "Education Support" not in str([block for block in card.blocks if isinstance(block, Fold)])


async def test_clause_71_stays_first_whatever_else_is_said(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "I found a naked picture of a year 5 girl on a pupil's phone and I want to kill myself")
    assert "indecent image" in reply.cards[0].title
    first = next(block for block in reply.cards[0].blocks if isinstance(block, Steps))
    assert first.kind == "do_not"


async def test_who_tells_and_asks_gets_help_first_and_then_the_answer(talk: Dialogue) -> None:
    reply = await talk.say(
        "teacher", "Phase leader here. A parent keeps emailing vile insults to my TA. She wants to delete the emails. Do I let her?"
    )
    help_first, answer = reply.cards
    assert [button.action for button in help_first.buttons][:1] == ["report.open"]
    assert [block.number for block in answer.blocks if isinstance(block, Quote)] == ["71", "70"]
    assert answer.badge == "No"


async def test_a_card_about_the_headteacher_says_once_who_hears_of_it(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "The headteacher keeps posting insults about me on Facebook")
    assert str(reply.cards[0]).count("A concern about the Headteacher goes to") <= 1


def test_what_was_not_heard_for_certain_accuses_nobody(talk: Dialogue) -> None:
    knowledge = talk.bot.services.knowledge
    answer = replace(knowledge.adviser.ask("what do I do about abuse of me by parents online"), kind="perhaps", disclosure=None)
    card = answer_card(knowledge, answer)
    assert card.title == wording.PERHAPS
    assert card.badge == ""
    assert not [block for block in card.blocks if isinstance(block, Quote | Steps)]
    (fold,) = [block for block in card.blocks if isinstance(block, Fold)]
    assert {block.number for block in fold.blocks if isinstance(block, Quote)} >= {clause.number for clause in answer.clauses}
    assert wording.REPORT in card.buttons


def test_clause_71_is_not_folded_away_even_where_nothing_was_heard_for_certain(talk: Dialogue) -> None:
    knowledge = talk.bot.services.knowledge
    answer = replace(knowledge.adviser.ask("clause 71"), kind="perhaps")
    card = answer_card(knowledge, answer)
    assert card.title == wording.PERHAPS
    assert [block.number for block in card.blocks if isinstance(block, Quote)] == ["71"]


@pytest.mark.parametrize(
    "asked",
    ["if my complaint is about the headteacher's facebook post do I have to tell the headteacher", "the head did it, who do I tell"],
)
async def test_an_answer_sends_nobody_to_the_one_it_is_about(talk: Dialogue, asked: str) -> None:
    reply = await talk.say("teacher", asked)
    steps = [item for card in reply.cards for block in card.blocks if isinstance(block, Steps) for item in block.items]
    assert not [item for item in steps if item.casefold().startswith(("tell the headteacher", "report it to the headteacher"))]


async def test_a_question_that_is_about_nobody_goes_to_the_headteacher_as_ever(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "who do I report misuse of social media to")
    assert "Headteacher" in reply.text
