"""Whatever a card, a form or a home says, and however long: Slack takes it, and nothing that matters is lost."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.cards import Block, Button, Card, Facts, Field, Fold, Form, Option, Outside, Quote, Steps, Text, Tone
from bot.channels.slack.blocks import messages, notification, one_message
from bot.channels.slack.buttons import actions, pressed
from bot.channels.slack.forms import card_modal, filled, modal, origin_and_context
from bot.channels.slack.home import home_view
from bot.channels.slack.limits import UNSEEN, fitted, units
from bot.channels.slack.submissions import form_again
from tests.channels.slack.stand_in import block_kit
from tests.channels.slack.stand_in.block_kit import Refused, length
from tests.channels.slack.stand_in.member import filled_in
from tests.channels.slack.stand_in.reading import text_of

Json = dict[str, Any]
T = TypeVar("T")
WORDS = (
    "", " ", "\n", "A few words.", "<!channel> *bold* <@U1>", "😀" * 1600, "a" * 3001, "word " * 900, "&<>" * 700, "“71” – naïve",
    "line\n" * 700, "\u200d", "子" * 3100,
    "👩🏽‍🏫 wrote 🏴󠁧󠁢󠁥󠁮󠁧󠁿 " * 300, "𝕬𝖇𝖘𝖊𝖓𝖙 " * 500, "e\u0301" * 2000, '"\\\n\t' * 700, "\x07" * 800, "𠀀" * 1501,
)  # fmt: skip
SHORT = ("", "x", "Contact", "x" * 300, "😀" * 80, "👩🏽‍🏫" * 40, "𠀀" * 74, "a (28–40)", "y" * 90 + " (28–40)")
MANY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SEEDS = st.integers(0, 2**32)


class Maker:
    """Makes cards, forms and homes of every shape and length; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - variety, not secrecy

    def words(self) -> str:
        return self.random.choice(WORDS)

    def short(self) -> str:
        return self.random.choice(SHORT)

    def several(self, make: Callable[[], T], most: int) -> tuple[T, ...]:
        return tuple(make() for _ in range(self.random.randint(0, most)))

    def leaf(self) -> Text | Quote | Steps | Facts | Outside:
        makers: tuple[Callable[[], Text | Quote | Steps | Facts | Outside], ...] = (
            lambda: Text(self.words(), self.random.random() < 0.5),
            lambda: Quote(self.short(), self.short(), self.words(), self.short(), self.short()),
            lambda: Steps(self.short(), self.several(self.words, 45), self.random.choice(["do", "do_not", "ordered", "plain"])),
            lambda: Facts(self.several(lambda: (self.short(), self.words()), 14)),
            lambda: Outside(self.words(), self.short(), self.short()),
        )
        return self.random.choice(makers)()

    def block(self) -> Block:
        return Fold(self.short(), self.several(self.leaf, 4)) if self.random.random() < 0.2 else self.leaf()

    def button(self) -> Button:
        action = self.random.choice(["report.open", "incident.tick", "x" * 300])
        style = self.random.choice(["plain", "plain", "primary", "danger"])
        value = self.random.choice(["", "AB12", "v" * 1500, "😀" * 1500, self.carried()])
        return Button(self.short(), action, value, style, self.random.choice(["", "", "Sure?", "x" * 900, "😀" * 200]))

    def carried(self) -> str:
        """What a button of a report carries, as the handlers build it."""
        known = {"kind": "threat", "subjects": ["headteacher"], "what": self.words()[:1200]}
        return json.dumps(known, ensure_ascii=self.random.random() < 0.5)

    def card(self) -> Card:
        blocks, buttons = self.several(self.block, 12), self.several(self.button, 60)
        return Card(self.words(), blocks, buttons, self.random.choice(list(Tone)), self.short(), self.words())

    def field(self, name: str) -> Field:
        options = tuple(Option(f"{number}{self.short()}", self.short()) for number in range(self.random.choice([0, 1, 3, 7, 99, 130])))
        kind = self.random.choice(["text", "long_text", "choice", "choices", "moment"])
        values = [option.value for option in options[:3]]
        initial = self.random.choice([self.words(), tuple(values), *values, "2026-11-22T10:00:00+00:00"])
        return Field(name, self.short(), kind, options, self.random.random() < 0.5, self.short(), initial, self.random.randint(1, 5000))

    def form(self) -> Form:
        fields = tuple(self.field(f"field{number}") for number in range(self.random.randint(1, 12)))
        context = self.random.choice(["", "AB12", "c" * 2500, self.carried()])
        return Form("report", self.short(), fields, self.short(), context, self.several(self.block, 3))


@MANY
@given(SEEDS)
@example(176280)
def test_every_card_is_taken_whole_and_as_one_message(seed: int) -> None:
    card = Maker(seed).card()
    for blocks in messages(card):
        block_kit.message(blocks)
    block_kit.message(one_message(card))
    assert 0 < len(notification(card)) <= 3000


@MANY
@given(SEEDS)
def test_every_form_is_a_modal_that_carries_its_context(seed: int) -> None:
    form = Maker(seed).form()
    drawn = modal(form, "direct|C1|1.2|AB12", {form.fields[0].name: "Please write something."})
    block_kit.view(drawn)
    origin, context = origin_and_context(drawn)
    assert origin == "direct|C1|1.2|AB12"
    whole = units(form.context) + units(origin) < 3000
    assert context == form.context if whole else json.loads(context)["subjects"] == ["headteacher"]


@MANY
@given(SEEDS)
def test_what_a_button_carries_comes_back_and_where_it_is_too_long_its_words_give_way(seed: int) -> None:
    value = Maker(seed).carried()
    (row,) = actions((Button("Report it", "report.open", value),))
    drawn = row["elements"][0]
    assert length(drawn["value"]) <= 2000
    name, carried = pressed(drawn)
    known, back = json.loads(value), json.loads(carried)
    assert (name, back["kind"], back["subjects"]) == ("report.open", "threat", ["headteacher"])
    assert known["what"].startswith(back["what"])
    assert back["what"] == known["what"] or length(carried) > 1950


@MANY
@given(SEEDS)
def test_a_form_that_comes_back_with_its_mistakes_is_taken(seed: int) -> None:
    maker = Maker(seed)
    drawn = modal(maker.form(), "direct|C1|1.2|AB12")
    drawn["state"] = {"values": filled_in(drawn, {})} if all(block.get("optional", True) for block in drawn["blocks"]) else {}
    block_kit.view(form_again(drawn, {"what": maker.words() or "x"}))


@pytest.mark.parametrize(
    "value", ["x" * 4000, "😀" * 4000, '{"what": ' + "9" * 3000 + "}", "[" + "1," * 2000 + "1]", '{"a": "' + "x" * 3000]
)
def test_what_is_no_object_with_words_is_cut_and_never_refused(value: str) -> None:
    assert 0 < length(fitted(value, 2000)) <= 2000
    assert value.startswith(fitted(value, 2000))


@settings(MANY, max_examples=40)
@given(SEEDS)
def test_every_home_and_every_modal_of_cards_is_taken(seed: int) -> None:
    maker = Maker(seed)
    cards = (maker.card(), *maker.several(maker.card, 5))
    block_kit.view(home_view(cards))
    block_kit.view(card_modal(cards))


@MANY
@given(SEEDS)
def test_nothing_on_a_card_that_is_sent_whole_is_lost(seed: int) -> None:
    maker = Maker(seed)
    card = Card("Title", tuple(Text(f"{number}:{maker.words()}") for number in range(30)), notice="n")
    said = "\n".join(text_of(blocks) for blocks in messages(card)).replace("\n", "")
    assert all(block.text.replace("\n", "").translate(UNSEEN) in said for block in card.blocks if isinstance(block, Text))


@settings(MANY, max_examples=30)
@given(st.text(min_size=1, max_size=4000).filter(lambda text: text.strip() and "**" not in text * 3))
def test_a_clause_of_any_length_stands_word_for_word(text: str) -> None:
    text *= 3
    parts = messages(Card("A", (Quote("28", "Contact", text),)))
    runs = [run["text"] for blocks in parts for block in blocks for part in block.get("elements", ())
            if part.get("type") == "rich_text_quote" for run in part["elements"]]  # fmt: skip
    assert "".join(runs) == text.translate(UNSEEN)


def test_what_the_document_emphasises_is_strong() -> None:
    (drawn,) = [block for block in one_message(Card("A", (Quote("71", "", "**It is an offence.** Therefore"),))) if "quote" in str(block)]
    assert drawn["elements"][1]["elements"] == [
        {"type": "text", "text": "It is an offence.", "style": {"bold": True}}, {"type": "text", "text": " Therefore"},
    ]  # fmt: skip


def test_a_name_cannot_call_a_channel_from_the_text_beside_the_blocks() -> None:
    assert notification(Card("A card", notice="<!channel> & <@U1> wrote")) == "&lt;!channel&gt; &amp; &lt;@U1&gt; wrote"
    assert len(notification(Card("A card", notice="&" * 5000))) <= 4000


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
    assert menu["placeholder"]["text"] == "Mark something as done"
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


X: Json = {"type": "plain_text", "text": "x"}
ONE: Json = {"text": X, "value": "x"}
SURE: Json = {"title": X, "text": X, "confirm": X, "deny": X}


def section_with(accessory: Json) -> Json:
    return {"type": "section", "text": X, "accessory": accessory}


def row_of(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def asks(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": X, "element": element, **more}


def rich_with(part: Json) -> Json:
    return {"type": "rich_text", "elements": [part]}


def menu_of(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "a", "options": [ONE], **more}


RUNS: list[Json] = [{"type": "text", "text": "x"}]
GOOD: tuple[Json, ...] = (
    section_with({"type": "button", "action_id": "a", "text": X, "confirm": SURE}),
    section_with({"type": "image", "image_url": "https://x.example/x.png", "alt_text": "A sign"}),
    section_with(menu_of(placeholder=X)),
    row_of(menu_of(), {"type": "overflow", "action_id": "b", "options": [{**ONE, "url": "https://x.example"}]}),
    asks({"type": "plain_text_input", "action_id": "a", "min_length": 1, "max_length": 9, "initial_value": "x"}, optional=True),
    asks({"type": "multi_static_select", "action_id": "a", "options": [ONE], "initial_options": [ONE], "max_selected_items": 1}),
    {"type": "image", "image_url": "https://x.example/x.png", "alt_text": "A sign", "title": X},
    {"type": "context", "elements": [X, {"type": "image", "image_url": "https://x.example/x.png", "alt_text": "A sign"}]},
    rich_with({"type": "rich_text_list", "style": "ordered", "indent": 8, "offset": 4, "border": 1,
               "elements": [{"type": "rich_text_section", "elements": RUNS}]}),
)  # fmt: skip
BAD: dict[str, Json] = {
    "a section with a field beside it": section_with({"type": "plain_text_input", "action_id": "a"}),
    "a section with a time": section_with({"type": "datetimepicker", "action_id": "a"}),
    "a section with something unknown": section_with({"type": "slider", "action_id": "a"}),
    "a section with a button that says nothing": section_with({"type": "button", "action_id": "a"}),
    "a section with a picture nobody describes": section_with({"type": "image", "image_url": "https://x.example/x.png"}),
    "a picture nobody describes": {"type": "image", "image_url": "https://x.example/x.png"},
    "a picture described with nothing": {"type": "image", "image_url": "https://x.example/x.png", "alt_text": ""},
    "a picture from nowhere": {"type": "image", "alt_text": "A sign"},
    "a picture from two places": {"type": "image", "alt_text": "A sign", "image_url": "https://x.example", "slack_file": {"id": "F"}},
    "a small picture nobody describes": {"type": "context", "elements": [{"type": "image", "image_url": "https://x.example/x.png"}]},
    "a menu without an action_id": row_of({"type": "static_select", "options": [ONE]}),
    "a menu beside a section without an action_id": section_with({"type": "static_select", "options": [ONE]}),
    "a field without an action_id": asks({"type": "plain_text_input"}),
    "a menu of several in a row": row_of({"type": "multi_static_select", "action_id": "a", "options": [ONE]}),
    "a field in a row": row_of({"type": "plain_text_input", "action_id": "a"}),
    "a button to fill in": asks({"type": "button", "action_id": "a", "text": X}),
    "a menu with options and groups": row_of(menu_of(option_groups=[{"label": X, "options": [ONE]}])),
    "a menu without options": row_of(menu_of(options=[])),
    "a menu of 101": row_of(menu_of(options=[{"text": X, "value": str(n)} for n in range(101)])),
    "a menu with one value twice": row_of(menu_of(options=[ONE, {"text": {**X, "text": "y"}, "value": "x"}])),
    "a menu that begins elsewhere": row_of(menu_of(initial_option={"text": X, "value": "y"})),
    "a menu with an address": row_of(menu_of(options=[{**ONE, "url": "https://x.example"}])),
    "a menu with a long description": row_of(menu_of(options=[{**ONE, "description": {**X, "text": "x" * 76}}])),
    "a menu with markdown": row_of(menu_of(options=[{"text": {"type": "mrkdwn", "text": "x"}, "value": "x"}])),
    "a menu with a long prompt": row_of(menu_of(placeholder={**X, "text": "x" * 151})),
    "an overflow of six": row_of({"type": "overflow", "action_id": "a", "options": [{"text": X, "value": str(n)} for n in range(6)]}),
    "11 boxes": row_of({"type": "checkboxes", "action_id": "a", "options": [{"text": X, "value": str(n)} for n in range(11)]}),
    "more chosen than may be": asks({"type": "multi_static_select", "action_id": "a", "options": [ONE, {"text": X, "value": "y"}],
                                     "initial_options": [ONE, {"text": X, "value": "y"}], "max_selected_items": 1}),
    "a question in markdown": row_of({"type": "button", "action_id": "a", "text": X,
                                      "confirm": {**SURE, "text": {"type": "mrkdwn", "text": "x"}}}),
    "a menu's question without an answer": row_of(menu_of(confirm={"title": X, "text": X, "confirm": X})),
    "a button of a colour of its own": row_of({"type": "button", "action_id": "a", "text": X, "style": "plain"}),
    "a long name for a screen reader": row_of({"type": "button", "action_id": "a", "text": X, "accessibility_label": "x" * 76}),
    "a field of 3,001 characters": asks({"type": "plain_text_input", "action_id": "a", "max_length": 3001}),
    "a field longer than itself": asks({"type": "plain_text_input", "action_id": "a", "min_length": 5, "max_length": 4}),
    "a field sent on something unknown": asks({"type": "plain_text_input", "action_id": "a",
                                               "dispatch_action_config": {"trigger_actions_on": ["blur"]}}),
    "optional as a word": asks({"type": "plain_text_input", "action_id": "a"}, optional="yes"),
    "two fields that begin": row_of(menu_of(focus_on_load=True), menu_of(action_id="b", focus_on_load=True)),
    "a list within a list": rich_with({"type": "rich_text_list", "style": "bullet", "elements": [
        {"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": RUNS}]}]}),
    "a list indented by nine": rich_with({"type": "rich_text_list", "style": "bullet", "indent": 9,
                                          "elements": [{"type": "rich_text_section", "elements": RUNS}]}),
    "a section with a border": rich_with({"type": "rich_text_section", "elements": RUNS, "border": 1}),
    "a quote with half a border": rich_with({"type": "rich_text_quote", "elements": RUNS, "border": 2}),
    "a style that is a word": rich_with({"type": "rich_text_section", "elements": [{**RUNS[0], "style": {"bold": "yes"}}]}),
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


def test_the_stand_in_takes_what_slack_takes() -> None:
    block_kit.message(list(GOOD))
    home: Json = {"type": "home", "blocks": [asks({"type": "datetimepicker", "action_id": "a"})]}
    block_kit.view({**home, "type": "modal", "title": X, "submit": X})
    with pytest.raises(Refused):
        block_kit.view(home)


def test_a_menu_offers_each_value_once() -> None:
    options = tuple(Option("v" * 160 + str(number), f"Person {number}") for number in range(12))
    block_kit.view(modal(Form("report", "A", (Field("who", "Who?", "choice", options), Field("whom", "Whom?", "choices", options)))))
    block_kit.message(one_message(Card("A", (), tuple(Button(f"Item {number % 3}", "incident.tick", "AB12|1") for number in range(7)))))


def test_the_stand_in_refuses_51_blocks_and_an_input_modal_without_submit() -> None:
    with pytest.raises(Refused):
        block_kit.message([{"type": "divider"}] * 51)
    drawn = modal(Form("report", "A", (Field("what", "What?"),)))
    drawn.pop("submit")
    with pytest.raises(Refused):
        block_kit.view(drawn)
