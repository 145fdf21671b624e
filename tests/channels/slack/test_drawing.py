"""Whatever a card, a form or a home says, and however long: Slack takes it, and nothing that matters is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cards import Button, Card, Facts, Field, Fold, Form, Option, Outside, Quote, Steps, Text, Tone
from bot.channels.slack.blocks import messages, notification, one_message
from bot.channels.slack.forms import card_modal, filled, modal, origin_and_context
from bot.channels.slack.home import home_view
from tests.channels.slack.stand_in import block_kit
from tests.channels.slack.stand_in.block_kit import Refused
from tests.channels.slack.stand_in.reading import text_of

Json = dict[str, Any]
WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", " ", "\n", "<!channel> *bold* <@U1>", "😀" * 1600, "a" * 3001, "word " * 900, "&<>" * 700, "“71” – naïve"]),
)
SHORT = st.one_of(st.text(max_size=12), st.sampled_from(["x" * 300, "😀" * 80, ""]))
LEAVES = st.one_of(
    st.builds(Text, WORDS, st.booleans()),
    st.builds(Quote, SHORT, SHORT, WORDS, SHORT, SHORT),
    st.builds(Steps, SHORT, st.lists(WORDS, max_size=12).map(tuple), st.sampled_from(["do", "do_not", "ordered", "plain"])),
    st.builds(Facts, st.lists(st.tuples(SHORT, WORDS), max_size=14).map(tuple)),
    st.builds(Outside, WORDS, SHORT, SHORT),
)
PIECES = st.one_of(LEAVES, st.builds(Fold, SHORT, st.lists(LEAVES, max_size=4).map(tuple)))
BUTTONS = st.builds(
    Button, SHORT, st.sampled_from(["report.open", "incident.tick", "x" * 300]), st.text(max_size=20) | st.just("v" * 1500),
    st.sampled_from(["plain", "primary", "danger"]), SHORT,
)  # fmt: skip
CARDS = st.builds(
    Card, WORDS, st.lists(PIECES, max_size=8).map(tuple), st.lists(BUTTONS, max_size=12).map(tuple), st.sampled_from(Tone), SHORT, WORDS
)
OPTIONS = st.lists(st.builds(Option, SHORT, SHORT), max_size=130, unique_by=lambda one: one.value[:100]).map(tuple)
FIELDS = st.builds(
    Field, st.text(min_size=1, max_size=10), SHORT, st.sampled_from(["text", "long_text", "choice", "choices", "moment"]), OPTIONS,
    st.booleans(), SHORT, st.one_of(WORDS, st.lists(SHORT, max_size=3).map(tuple)), st.integers(1, 5000),
)  # fmt: skip
FORMS = st.builds(
    Form, st.sampled_from(["report", "feedback"]), SHORT,
    st.lists(FIELDS, min_size=1, max_size=10, unique_by=lambda one: one.name).map(tuple),
    SHORT, st.text(max_size=2500), st.lists(PIECES, max_size=3).map(tuple),
)  # fmt: skip
# The examples are large, so there are few of them; limits are met by the sampled texts, not by chance.
MANY = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@MANY
@given(CARDS)
def test_every_card_is_taken_whole_and_as_one_message(card: Card) -> None:
    for blocks in messages(card):
        block_kit.message(blocks)
    block_kit.message(one_message(card))
    assert 0 < len(notification(card)) <= 3000


@MANY
@given(FORMS)
def test_every_form_is_a_modal_that_carries_its_context(form: Form) -> None:
    drawn = modal(form, "direct|C1|1.2|AB12", {form.fields[0].name: "Please write something."})
    block_kit.view(drawn)
    assert origin_and_context(drawn) == ("direct|C1|1.2|AB12", form.context)


@settings(MANY, max_examples=8)
@given(st.lists(CARDS, max_size=3).map(tuple))
def test_every_home_and_every_modal_of_cards_is_taken(cards: tuple[Card, ...]) -> None:
    block_kit.view(home_view(cards))
    if cards:
        block_kit.view(card_modal(cards))


@MANY
@given(st.text(min_size=1, max_size=4000).filter(lambda text: text.strip() and "**" not in text * 3))
def test_a_clause_of_any_length_stands_word_for_word(text: str) -> None:
    text *= 3
    parts = messages(Card("A", (Quote("28", "Contact", text),)))
    runs = [run["text"] for blocks in parts for block in blocks for part in block.get("elements", ())
            if part.get("type") == "rich_text_quote" for run in part["elements"]]  # fmt: skip
    assert "".join(runs) == text


def test_what_the_document_emphasises_is_strong() -> None:
    (drawn,) = [block for block in one_message(Card("A", (Quote("71", "", "**It is an offence.** Therefore"),))) if "quote" in str(block)]
    assert drawn["elements"][1]["elements"] == [
        {"type": "text", "text": "It is an offence.", "style": {"bold": True}}, {"type": "text", "text": " Therefore"},
    ]  # fmt: skip


def test_people_cannot_mention_or_link_through_what_they_write() -> None:
    drawn = one_message(Card("<!channel>", (Text("<@U1> *x* <http://bad.example|good>"), Facts((("Where", "<!here>"),)))))
    kinds = {run["type"] for block in drawn for part in block.get("elements", ()) for run in part.get("elements", ())}
    assert kinds == {"text"}
    assert not any("mrkdwn" in str(block) for block in drawn)


def test_a_long_card_as_one_message_keeps_its_head_and_its_buttons() -> None:
    card = Card("The head", tuple(Text("word " * 500) for _ in range(20)), (Button("Acknowledge", "incident.acknowledge", "AB12"),))
    said = text_of(one_message(card))
    assert "The head" in said
    assert "There is more than a message can hold." in said
    assert "[Acknowledge]" in said


def test_a_home_of_very_many_cards_is_taken() -> None:
    cards = tuple(Card(f"Card {number}", tuple(Text("words " * 600) for _ in range(12))) for number in range(30))
    block_kit.view(home_view(cards))
    block_kit.view(card_modal(cards))


def test_many_buttons_of_one_kind_are_a_menu() -> None:
    ticks = tuple(Button(f"Done: item {number}", "incident.tick", f"AB12|{number}") for number in range(7))
    rows = [
        block for block in one_message(Card("A", (), (Button("Close", "incident.close", "AB12"), *ticks))) if block["type"] == "actions"
    ]
    assert [element["type"] for row in rows for element in row["elements"]] == ["button", "static_select"]
    menu = rows[1]["elements"][0]
    assert menu["placeholder"]["text"] == "Done"
    assert [option["text"]["text"] for option in menu["options"]][:2] == ["item 0", "item 1"]


def test_what_was_filled_in_comes_back_by_name() -> None:
    values = {
        "field:what": {"value": {"type": "plain_text_input", "value": "Words"}},
        "field:kind": {"value": {"type": "radio_buttons", "selected_option": {"value": "misuse"}}},
        "field:who": {"value": {"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]}},
        "field:at": {"value": {"type": "datetimepicker", "selected_date_time": 1_700_000_000}},
        "field:empty": {"value": {"type": "plain_text_input", "value": None}},
    }
    assert filled({"state": {"values": values}}) == {
        "what": "Words", "kind": "misuse", "who": ("a", "b"), "at": "2023-11-14T22:13:20+00:00",
    }  # fmt: skip


BAD: dict[str, Json] = {
    "empty section text": {"type": "section", "text": {"type": "mrkdwn", "text": ""}},
    "a field of 2,001 characters": {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]},
    "a markdown header": {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
    "an unknown property": {"type": "divider", "colour": "red"},
    "two buttons with one action_id": {
        "type": "actions", "elements": [{"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x"}}] * 2,
    },
}  # fmt: skip


@pytest.mark.parametrize("why", BAD)
def test_the_stand_in_refuses_what_slack_refuses(why: str) -> None:
    with pytest.raises(Refused):
        block_kit.message([BAD[why]])


def test_the_stand_in_refuses_51_blocks_and_an_input_modal_without_submit() -> None:
    with pytest.raises(Refused):
        block_kit.message([{"type": "divider"}] * 51)
    drawn = modal(Form("report", "A", (Field("what", "What?"),)))
    drawn.pop("submit")
    with pytest.raises(Refused):
        block_kit.view(drawn)
