"""Cards and forms as Adaptive Cards: valid by the published 1.5 schema, small enough, and with every word of any text."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import adaptive_cards
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from bot.cards import Button, Card, Facts, Field, Fold, Form, Option, Outside, Quote, Steps, Text, Tone
from bot.channels.teams.book import Book
from bot.channels.teams.drawing import BUDGET, draw, draw_together
from bot.channels.teams.fitting import Forms
from bot.channels.teams.forms import draw_form, read_form
from bot.channels.teams.presses import dialog
from bot.incidents.store import Store
from bot.incidents.vault import Vault

SCHEMA = json.loads((Path(adaptive_cards.__file__).parent / "schemas" / "schema-1.5.json").read_text(encoding="utf-8"))
VALIDATOR = validator_for(SCHEMA)(SCHEMA)
TEAMS_TAKES = 28 * 1024

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=3500)
SHORT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=120)
ANY = st.text(max_size=300)
BLOCKS = st.one_of(
    st.builds(Text, WORDS, st.booleans()),
    st.builds(Quote, SHORT, SHORT, WORDS, SHORT, SHORT),
    st.builds(Steps, SHORT, st.lists(WORDS, max_size=4).map(tuple), st.sampled_from(["do", "do_not", "ordered", "plain"])),
    st.builds(Facts, st.lists(st.tuples(SHORT, WORDS), max_size=5).map(tuple)),
    st.builds(Outside, WORDS, SHORT, SHORT),
    st.builds(Fold, SHORT, st.lists(st.builds(Text, WORDS), max_size=3).map(tuple)),
)
BUTTONS = st.builds(
    Button,
    SHORT,
    st.sampled_from(["report.open", "incident.open", "incident.tick"]),
    st.text(max_size=1500),
    st.sampled_from(["plain", "primary", "danger"]),
    st.sampled_from(["", "Sure?"]),
)
MANY_BLOCKS, MANY_BUTTONS = st.lists(BLOCKS, max_size=6).map(tuple), st.lists(BUTTONS, max_size=20).map(tuple)
CARDS = st.builds(Card, SHORT, MANY_BLOCKS, MANY_BUTTONS, st.sampled_from(Tone), SHORT)


def check(card: dict[str, Any]) -> None:
    """Valid by the schema once Microsoft's extension is taken out, and within what Teams takes."""
    bare = {name: value for name, value in card.items() if name != "msteams"}
    assert [error.message for error in VALIDATOR.iter_errors(bare)] == []
    assert len(json.dumps(card)) < TEAMS_TAKES


def words(value: Any) -> str:
    """Everything that is read in a card, in order."""
    if isinstance(value, list):
        return "".join(words(one) for one in value)
    if not isinstance(value, dict):
        return ""
    own = value.get("text", "") if value.get("type") in ("TextRun", "TextBlock") else ""
    return own + "".join(words(value.get(name)) for name in ("body", "items", "columns", "inlines", "card"))


def actions(value: Any) -> list[dict[str, Any]]:
    """Every action in a card, in order."""
    if isinstance(value, list):
        return [found for one in value for found in actions(one)]
    if not isinstance(value, dict):
        return []
    own = [value] if str(value.get("type", "")).startswith("Action.") else []
    return own + [found for one in value.values() for found in actions(one)]


@settings(max_examples=60, deadline=None)
@given(CARDS)
def test_every_card_is_valid_and_small_enough(card: Card) -> None:
    for drawn in draw(card):
        check(drawn)


@settings(max_examples=60, deadline=None)
@given(WORDS)
def test_a_clause_stands_word_for_word(text: str) -> None:
    drawn = draw(Card("Title", (Quote("28", "Section", text, "Source"),)))
    shown = "".join(words(card) for card in drawn).replace("\u2060", "")
    heads = "Clause 28, Section (continued)"
    plain = text.replace("**", "") if text.count("**") % 2 == 0 else text
    assert "".join(plain.split()) in "".join(shown.replace(heads, "").split())


@settings(max_examples=40, deadline=None)
@given(ANY, ANY)
def test_any_text_at_all_can_be_drawn(first: str, second: str) -> None:
    blocks = (Text(second), Facts(((first, second),)), Steps(first, (second,), "do"))
    card = Card(first, blocks, (Button(first, "x.y", second),), badge=second)
    for drawn in draw(card):
        json.dumps(drawn, ensure_ascii=False).encode("utf-8")  # half a character would raise


def test_markdown_and_mentions_of_people_are_shown_as_they_were_written() -> None:
    text = "*bold* _it_ [x](http://a.example) # head\n- item\n1. one <at>Head</at> {{DATE(2026-01-01)}}"
    (drawn,) = draw(Card("*Title* [a](b)", (Text(text),)))
    assert all(element["type"] == "RichTextBlock" for element in drawn["body"])
    assert "*bold* _it_ [x](http://a.example) # head" in words(drawn)
    assert "{{DATE" not in words(drawn)


def test_the_verdict_is_said_in_words_and_with_a_sign() -> None:
    (drawn,) = draw(Card("Summary", tone=Tone.NO, badge="No"))
    assert drawn["body"][0]["style"] == "attention"
    assert words(drawn["body"][0]) == "⛔ No"


def test_the_emphasis_of_clause_71_is_bold() -> None:
    (drawn,) = draw(Card("T", (Quote("71", "S", "**Stop here.** Then go on."),)))
    runs = [run for element in drawn["body"][1]["items"] for run in element.get("inlines", [])]
    assert [(run["text"], run.get("weight")) for run in runs] == [("Stop here.", "bolder"), (" Then go on.", None)]


def test_buttons_that_open_a_form_say_so_beforehand_and_others_act_in_place() -> None:
    (drawn,) = draw(Card("T", buttons=(Button("Report", "report.open", "v"), Button("Open", "incident.open", "R1", confirm="Sure?"))))
    opens, asks, acts = actions(drawn)
    assert (opens["type"], opens["data"]) == ("Action.Submit", {"usher": "report.open", "value": "v", "msteams": {"type": "task/fetch"}})
    assert asks["type"] == "Action.ShowCard"
    assert (acts["type"], acts["verb"], acts["data"]["value"]) == ("Action.Execute", "incident.open", "R1")


def test_a_very_long_card_is_parted_and_loses_no_button() -> None:
    blocks = tuple(Quote(str(number), "Section", "Clause text. " * 200) for number in range(20))
    drawn = draw(Card("Long", blocks, tuple(Button(f"Button {number}", "a.b", "x" * 1500) for number in range(12))))
    assert len(drawn) > 2
    assert [found["title"] for card in drawn for found in actions(card)] == [f"Button {number}" for number in range(12)]
    assert all(len(json.dumps(card)) <= BUDGET + 500 for card in drawn)


def test_the_home_is_one_card() -> None:
    cards = (Card("Hello", (Text("a"),)), Card("Incidents", (Fold("More", (Text("b"),)),)), Card("Reports", (Fold("More", (Text("c"),)),)))
    (drawn,) = draw_together(cards)
    check(drawn)
    names = [element["id"] for element in drawn["body"] if "id" in element]
    assert len(names) == len(set(names)) == 2


FIELDS = (
    Field("what", "What happened?", "long_text", required=True, hint="A few words"),
    Field("kind", "Kind", "choice", (Option("a", "First"), Option("b,c", "Second"))),
    Field("who", "Who?", "choices", tuple(Option(f"o{number}", f"Option {number}") for number in range(9)), initial=("o1", "o3")),
    Field("when", "When?", "moment", initial="2026-11-20T09:30"),
)


def sent(form: Form, **inputs: str) -> dict[str, Any]:
    """What comes back from a dialog: the data of its button and the inputs."""
    (button,) = actions(draw_form(form))
    return {**button["data"], **inputs}


def test_a_form_comes_back_with_its_values_and_its_context() -> None:
    form = Form("report", "Report something", FIELDS, context="ctx")
    check(draw_form(form))
    data = sent(form, what="It *hurt*", kind="1", who="0,8,99", **{"when.day": "2026-11-22", "when.hour": "10:00"})
    found = read_form(json.loads(json.dumps(data)))
    assert found is not None
    again, values = found
    assert (again.name, again.context) == ("report", "ctx")
    assert values == {"what": "It *hurt*", "kind": "b,c", "who": ("o0", "o8"), "when": "2026-11-22T10:00"}


def test_errors_stand_beside_their_field_and_nothing_that_was_filled_in_is_lost() -> None:
    form = Form("report", "Report something", FIELDS)
    drawn = draw_form(form, {"what": "", "kind": "b,c", "who": ("o2",), "when": ""}, {"what": "Please say what happened.", "other": "Odd."})
    check(drawn)
    kinds = [(element["type"], words(element)) for element in drawn["body"]]
    assert kinds[0][1] == "⚠ Odd."
    assert kinds[1][1] == "⚠ Please say what happened."
    assert drawn["body"][2]["id"] == "what"
    chosen = {element["id"]: element.get("value") for element in drawn["body"] if element["type"] == "Input.ChoiceSet"}
    assert chosen == {"kind": "1", "who": "2"}


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=3000)
LABELS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
TEXT_FIELDS = st.builds(lambda label, length: Field("", label, "long_text", max_length=length), LABELS, st.just(3000))
CHOICE_FIELDS = st.builds(
    lambda label, sort, number, word: Field("", label, sort, tuple(Option(f"o{place}", f"{word} {place}") for place in range(number))),
    LABELS, st.sampled_from(["choice", "choices"]), st.integers(0, 400), LABELS,
)  # fmt: skip
MANY_FIELDS = st.lists(st.one_of(TEXT_FIELDS, CHOICE_FIELDS), min_size=1, max_size=9)


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Forms:
    return Forms(Book(Store.ready(f"sqlite:///{tmp_path_factory.mktemp('forms') / 'x.db'}"), Vault([bytes(range(32))])))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MANY_FIELDS, st.data())
def test_a_form_fits_whatever_is_in_it_and_loses_nothing_of_what_was_filled_in(
    forms: Forms, fields: list[Field], data: st.DataObject
) -> None:
    named = tuple(replace(one, name=f"f{place}") for place, one in enumerate(fields))
    form = Form("report", "Report something", named, blocks=(Text("Ring 999 first."),), context="ctx")
    values: dict[str, str | tuple[str, ...]] = {}
    for one in named:
        picked = data.draw(st.lists(st.sampled_from(one.options), unique=True, max_size=5) if one.options else TEXTS)
        chosen = tuple(option.value for option in sorted(picked, key=one.options.index)) if isinstance(picked, list) else ()
        values[one.name] = (
            picked if isinstance(picked, str) and one.kind == "long_text" else chosen if one.kind == "choices" else next(iter(chosen), "")
        )
    wrong = data.draw(st.lists(st.sampled_from(named), unique=True))
    errors = {one.name: data.draw(LABELS) for one in wrong}
    card = asyncio.run(forms.drawn(form, "p1", values, errors))
    assert len(json.dumps(dialog("Report something", card), ensure_ascii=False).encode()) < TEAMS_TAKES
    assert [error.message for error in VALIDATOR.iter_errors({name: one for name, one in card.items() if name != "msteams"})] == []
    (button,) = actions(card)
    filled = {one["id"]: one.get("value", "") for one in card["body"] if one["type"].startswith("Input.")}
    found = asyncio.run(forms.read({**button["data"], **filled}, "p1"))
    assert found is not None
    again, back = found
    assert (again.name, again.context, [one.name for one in again.fields]) == ("report", "ctx", [one.name for one in named])
    assert {name: sorted(one) if isinstance(one, tuple) else one for name, one in back.items()} == {
        name: sorted(one) if isinstance(one, tuple) else one for name, one in values.items()
    }
    if "usher.kept" in button["data"]:
        assert asyncio.run(forms.read({**button["data"], **filled}, "p2")) is None, "what one person filled in is theirs alone"


@pytest.mark.parametrize("form", [None, "x", {"@": "Card", "title": "x"}, {"@": "Nobody"}, [1]])
def test_what_is_no_form_of_ours_is_not_read(form: object) -> None:
    assert read_form({"usher.form": form}) is None
    assert read_form({}) is None
