"""Somebody who asks two things at once is answered twice, or told which was not."""

from __future__ import annotations

from bot.cards import Quote, Text
from handlers import wording
from tests.support.dialogue import Dialogue


async def test_two_questions_get_two_answers_each_under_its_words(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "Can I message parents on WhatsApp? And may I take photos of the class on my own phone?")
    said = {card.blocks[0]: (card.badge, [block.number for block in card.blocks if isinstance(block, Quote)][:1]) for card in reply.cards}
    assert said == {
        Text(wording.YOU_ASKED.format("Can I message parents on WhatsApp?")): ("No", ["46"]),
        Text(wording.YOU_ASKED.format("And may I take photos of the class on my own phone?")): ("No", ["51"]),
    }


async def test_what_has_no_likely_answer_is_not_passed_over(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "Can I message parents on WhatsApp and can staff decorate the purple rota")
    assert "can staff decorate the purple rota" in reply.text


async def test_one_question_stands_without_its_own_words(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "Can I message parents on WhatsApp?")
    (card,) = reply.cards
    assert not str(card.blocks[0]).startswith(wording.YOU_ASKED[:9])
    assert "You asked" not in reply.text


async def test_help_comes_before_the_answer_where_something_is_told_beside_a_question(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "I have lost the school ipad. Can I use my own phone for photos?")
    assert [card.badge for card in reply.cards] == ["Report this", "No"]
    assert reply.button("Report it now").action == "report.open"


async def test_a_life_at_risk_is_helped_under_the_clause_on_support_whatever_else_was_asked(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "Can I have a drink with a parent and do I have to tell school? I feel like ending it all")
    (card,) = reply.cards
    assert [block.number for block in card.blocks if isinstance(block, Quote)] == ["66"]
