"""A card as plain text says everything that the card says."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Button, Card, Facts, Fold, Outside, Quote, Steps, Text, Tone
from bot.channels.text import card_text

CLAUSE = "Staff should not:\n  • befriend pupils;\n  • accept  requests."


def test_the_verdict_comes_first_in_words():
    card = Card("You are advised not to.", tone=Tone.DEPENDS, badge="It depends")
    assert card_text(card) == "It depends: You are advised not to."


def test_a_badge_that_is_the_title_is_not_said_twice():
    assert card_text(Card("Not saved", badge="Not saved")) == "Not saved"


def test_a_clause_stands_word_for_word_with_number_section_and_source():
    card = Card("A", (Quote("22d", "Principles", CLAUSE, "The policy, ratified 17 November 2020", "Read together with"),))
    told = card_text(card)
    assert CLAUSE in told
    assert "Read together with: clause 22d, Principles" in told
    assert "ratified 17 November 2020" in told


def test_steps_keep_their_order_and_their_meaning():
    steps = (Steps("First", ("ring 999", "come back"), "ordered"), Steps("Not this", ("save it", "Do not send it"), "do_not"))
    told = card_text(Card("A", steps))
    assert "First:\n1. ring 999\n2. come back" in told
    assert "- Do not: save it\n- Do not send it" in told


def test_what_is_not_from_the_policy_says_so():
    told = card_text(Card("A", (Outside("Ring the helpline.", "NSPCC", "2026-11-01"),)))
    assert told.endswith("Not from the policy: Ring the helpline.\n(NSPCC, last checked 2026-11-01)")


def test_folds_are_unfolded_and_buttons_are_named_only_when_asked():
    card = Card("A", (Fold("More", (Facts((("State", "Open"),)),)),), (Button("Report something", "report.open"),))
    assert card_text(card) == "A\n\nMore:\n\nState: Open"
    assert card_text(card, buttons=True).endswith("You can choose: Report something.")


WORDS = st.text(string.printable + "é”<", min_size=1, max_size=80)


@given(title=WORDS, text=WORDS, clause=WORDS, item=WORDS)
def test_no_words_are_lost(title: str, text: str, clause: str, item: str):
    told = card_text(Card(title, (Text(text), Quote("1", "S", clause), Steps("T", (item,)))))
    for words in (title, text, clause, item):
        assert words in told
