"""What people type is read as they meant it."""

from __future__ import annotations

import pytest

from knowledge.follow_up import in_full
from knowledge.forms import form_of
from knowledge.language import Reader, sentences, stem
from knowledge.polarity import is_open, is_plain, worded
from knowledge.spelling import dictionary


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader({"pupil": 9, "photograph": 5})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("can i text a pupl on facbook", "can i text a pupil on facebook"),
        ("recieved a freind requst from a studnet", "received a friend request from a student"),
        ("wats the rule on wotsapp", "what is the rule on whatsapp"),
        ("can u post pics", "can you post pictures"),
    ],
)
def test_shorthand_and_spelling_are_mended(reader: Reader, typed: str, read: str) -> None:
    assert reader.read(typed).text == read


@pytest.mark.parametrize(
    "word", ["headteacher", "behaviour", "whilst", "colour", "paedophile", "nativity", "snoop", "lunch", "defame", "parsnip"]
)
def test_real_words_are_left_alone(reader: Reader, word: str) -> None:
    assert reader.read(f"the {word} today").text == f"the {word} today"


def test_the_dictionary_is_a_real_one_with_british_spellings() -> None:
    assert len(dictionary()) > 80_000
    assert {"colour", "organise", "headteacher"} <= set(dictionary())


def test_an_unknown_name_in_a_platforms_place_is_a_platform(reader: Reader) -> None:
    reading = reader.read("Can I follow pupils on Quorvix?")
    assert "platform" in reading.concepts
    assert "Quorvix" not in reading.text


@pytest.mark.parametrize(
    ("said", "there", "not_there"),
    [
        ("an ex-pupil added me", "ex_pupil", "pupil"),
        ("someone I used to teach", "ex_pupil", "pupil"),
        ("my own son is in year 3", "own_child", "colleague"),
        ("on my own phone", "own_phone", "school_device"),
        ("with the school ipad", "school_device", "own_phone"),
        ("from the school account", "school_page", "own_account"),
        ("from my personal account", "own_account", "school_page"),
    ],
)
def test_who_is_who_and_whose_is_what(reader: Reader, said: str, there: str, not_there: str) -> None:
    concepts = reader.read(said).concepts
    assert there in concepts
    assert not_there not in concepts


def test_forms_of_a_word_share_a_stem() -> None:
    assert len({stem(word) for word in ("share", "shares", "shared", "sharing")}) == 1
    assert stem("policies") == stem("policy")


def test_a_story_falls_into_sentences() -> None:
    assert sentences("I had a bad day. A parent rang me!\nCan I ring back?") == [
        "I had a bad day.",
        "A parent rang me!",
        "Can I ring back?",
    ]


@pytest.mark.parametrize(
    ("asked", "form"),
    [
        ("Can I add a pupil?", "leave"),
        ("do I have to decline it", "duty"),
        ("who approves posts", "person"),
        ("a parent has written to me", "statement"),
    ],
)
def test_the_form_of_a_question(asked: str, form: str) -> None:
    assert form_of(asked) == form


@pytest.mark.parametrize(
    "asked", ["can I accept a pupil's request?", "should I decline it?", "am I allowed to text parents", "ok to tag the school"]
)
def test_yes_and_no_read_the_right_way_round(asked: str) -> None:
    assert is_plain(asked)


@pytest.mark.parametrize(
    "asked",
    [
        "is it wrong to accept a request?",
        "I shouldn't post this, should I?",
        "nobody minds if I add parents",
        "governors are volunteers so they're exempt, right?",
        "my weekend is my own affair, even if somebody feels bullied",
        "does the ban cover texts, or only calls?",
    ],
)
def test_yes_and_no_would_mislead(asked: str) -> None:
    assert not is_plain(asked)


@pytest.mark.parametrize(
    "asked",
    [
        "how often must I change my password",
        "How locked down does my page have to be?",
        "a governor asks: what must leadership do when somebody is harassed",
        "quiet word please. who decides what goes on the website",
        "Why is friends-only not enough for them?",
    ],
)
def test_neither_yes_nor_no_answers_who_what_how_and_why(asked: str) -> None:
    assert is_open(asked)
    assert worded(asked, "yes") == "info"
    assert worded(asked, "conditional") == "conditional"


@pytest.mark.parametrize(
    "asked",
    [
        "what if I just accept her request",
        "Who's right, my wife or me?",
        "how can that be the school's business",
        "My husband, who works for a bank, said check first. Is he right?",
        "why not",
        "Can I copy the picture for the police? How do I do that?",
        "What happens if a pupil adds me, am I allowed to accept?",
        "Do I have to know who posted it?",
    ],
)
def test_yes_and_no_answer_what_only_sounds_so(asked: str) -> None:
    assert not is_open(asked)
    assert worded(asked, "no") == "no"


@pytest.mark.parametrize(
    ("before", "then", "means"),
    [
        ("can I accept a request from a pupil?", "what about parents?", "can I accept a request from parents?"),
        ("can I add pupils on Facebook", "and on LinkedIn?", "can I add pupils on LinkedIn"),
        ("can I add pupils on Facebook", "How do I report a hate page?", "How do I report a hate page?"),
    ],
)
def test_a_short_question_leans_on_the_one_before(reader: Reader, before: str, then: str, means: str) -> None:
    assert in_full(then, [before], reader) == means


def test_the_first_question_stands_alone(reader: Reader) -> None:
    assert in_full("what about LinkedIn?", [], reader) == "what about LinkedIn?"
