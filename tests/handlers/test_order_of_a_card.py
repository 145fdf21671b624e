"""What stands in the open on a card for somebody whose hands shake, in which order, and what is folded."""

from __future__ import annotations

import pytest

from bot.cards import Block, Card, Fold, Quote, Steps, Text
from bot.channels.text import block_text
from bot.incidents.notices import CLAUSE_71_FIRST
from handlers import wording
from handlers.spoken_of import speaks_of_money, speaks_of_pictures
from tests.support.dialogue import Dialogue

STORIES = {
    "A parent is writing horrible things about me on Facebook": 240,
    "A parent has just posted that he is coming to school to stab me": 270,
    "our head has posted photos of pupils on her own facebook, is that allowed": 220,
    "a girl in year 6 told me a man online asked to meet her": 260,
    "I left my laptop with all the pupil records on the train": 220,
    "someone rang pretending to be IT and i gave them my login": 230,
    "I want to kill myself": 240,
}


def in_the_open(card: Card) -> list[Block]:
    return [block for block in card.blocks if not isinstance(block, Fold)]


def place(blocks: list[Block], words: str) -> int:
    return next(at for at, block in enumerate(blocks) if words in block_text(block))


@pytest.mark.parametrize(("text", "most"), STORIES.items())
async def test_a_concern_card_is_short_above_its_folds(talk: Dialogue, text: str, most: int) -> None:
    card = (await talk.say("teacher", text)).cards[0]
    shown = in_the_open(card)
    words = sum(len(block_text(block).split()) for block in shown)
    assert words <= most
    assert card.blocks[: len(shown)] == tuple(shown), "what is folded stands last"
    assert any(isinstance(block, Quote) for block in shown)
    assert Text(wording.NOTHING_SENT) in shown
    assert card.buttons[0].action == "report.open"


@pytest.mark.parametrize(
    "text", ["A parent is writing horrible things about me on Facebook", "A parent has just posted that he is coming to school to stab me"]
)
async def test_the_caution_follows_what_comes_first_and_comes_before_any_evidence(talk: Dialogue, text: str) -> None:
    card = (await talk.say("teacher", text)).cards[0]
    shown = in_the_open(card)
    caution = shown.index(Text(CLAUSE_71_FIRST, strong=True))
    assert place(shown, "Headteacher straight away") < caution < place(shown, "screen prints")
    assert [block.number for block in shown if isinstance(block, Quote)] == ["61"]
    (keep,) = [block for block in card.blocks if isinstance(block, Fold) and block.title == wording.TO_KEEP]
    assert "screen prints" in block_text(keep)
    assert "“**In the event that such evidence contains indecent images" in "".join(map(block_text, card.blocks)), "folded, but there"


@pytest.mark.parametrize(
    "text",
    [
        "pupils made a fake video of me",
        "a parent posted photos of me and called me names",
        "they put my picture in a vile meme on instagram",
    ],
)
async def test_where_a_picture_is_spoken_of_the_caution_comes_first_and_clause_71_is_open(talk: Dialogue, text: str) -> None:
    shown = in_the_open((await talk.say("teacher", text)).cards[0])
    assert shown[0] == Text(CLAUSE_71_FIRST, strong=True)
    assert "71" in [block.number for block in shown if isinstance(block, Quote)]


async def test_nothing_of_clause_71_is_folded_where_there_is_an_image(talk: Dialogue) -> None:
    card = (await talk.say("teacher", "there are naked pictures of a year 6 girl on a phone I found")).cards[0]
    shown = in_the_open(card)
    assert [block.kind for block in shown if isinstance(block, Steps)] == ["do_not", "do"]
    assert [block.number for block in shown if isinstance(block, Quote)] == ["71"]


async def test_whoever_may_not_want_to_live_reads_of_help_alone(talk: Dialogue) -> None:
    card = (await talk.say("teacher", "I want to kill myself")).cards[0]
    shown = "".join(map(block_text, in_the_open(card)))
    assert "999" in shown
    assert "counselling" in shown
    assert "indecent" not in shown
    assert "screen print" not in shown
    folded = "".join(block_text(block) for block in card.blocks if isinstance(block, Fold))
    assert folded.index("that comes first (clause 71)") < folded.index("screen prints")


async def test_999_is_said_once_above_the_steps(talk: Dialogue) -> None:
    for text in (
        "A parent has just posted that he is coming to school to stab me",
        "a girl in year 6 told me a man online asked to meet her",
    ):
        shown = "".join(map(block_text, in_the_open((await talk.say("teacher", text)).cards[0])))
        assert shown.count("999") == 1
        assert shown.startswith(wording.DANGER_FIRST)


@pytest.mark.parametrize(
    "text",
    ["someone changed our supplier's bank details by email and the money has gone", "I think I paid a fake invoice, the email was a scam"],
)
async def test_the_bank_comes_first_where_money_may_have_gone(talk: Dialogue, text: str) -> None:
    card = (await talk.say("teacher", text)).cards[0]
    steps = next(block for block in card.blocks if isinstance(block, Steps))
    assert steps.items[0] == wording.MONEY


def test_what_a_message_speaks_of() -> None:
    assert speaks_of_pictures("he sent a selfie")
    assert speaks_of_pictures("There is a VIDEO going round")
    assert not speaks_of_pictures("they take the mick out of how i talk")
    assert speaks_of_money("the sort code was changed")
    assert not speaks_of_money("the register was emailed to the wrong parent")
