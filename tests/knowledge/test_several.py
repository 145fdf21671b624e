"""Several questions in one message: each is answered, or whoever asks is told which was not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.concerns import Disclosure
from knowledge.several import all_of, asked_in, beside_a_question
from tests.support.knowledge import adviser


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Can I ring a mum and can I email a governor", ["Can I ring a mum", "can I email a governor"]),
        ("May I tag the school? Who checks the website photos?", ["May I tag the school?", "Who checks the website photos?"]),
        ("can I text a parent, and is that allowed at weekends", []),
        ("A boy in my class asked for my number. What do I do and who do I tell about it?", []),
        ("is Facebook banned or is it allowed", []),
        ("Can I approve a post about a pupil? Who do I ask?", []),
        ("is it ok to ring a mum and can I email a governor", ["is it ok to ring a mum", "can I email a governor"]),
        ("can I email a parent", []),
        ("", []),
    ],
)
def test_questions_that_stand_by_themselves_are_told_from_those_that_lean(said: str, asked: list[str]) -> None:
    assert asked_in(said) == asked


def test_every_question_of_a_message_is_answered_by_itself() -> None:
    answer = adviser().ask("Can I message parents on WhatsApp? And may I take photos of the class on my own phone?")
    found = {one.part: (one.verdict, one.ranked[0]) for one in (answer, *answer.also)}
    assert found == {
        "Can I message parents on WhatsApp?": ("no", "46"),
        "And may I take photos of the class on my own phone?": ("no", "51"),
    }
    assert answer.question.endswith("own phone?")
    assert not answer.rest


def test_a_question_without_a_likely_answer_is_not_passed_over_in_silence() -> None:
    answer = adviser().ask("Can I message parents on WhatsApp and can staff decorate the purple rota")
    assert answer.ranked[0] == "46" or answer.part == "Can I message parents on WhatsApp"
    assert [*answer.rest, *(one.part for one in answer.also)] == ["can staff decorate the purple rota"]


def test_a_story_and_a_single_question_are_answered_as_they_always_were() -> None:
    alone = adviser().ask("can I accept a friend request from a pupil")
    assert (alone.part, alone.also, alone.rest) == ("", (), ())


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("I have lost the school ipad. Can I use my own phone for photos?", "data_breach"),
        ("can I use my own phone for photos? I have lost the school ipad with photos of pupils on it", "data_breach"),
        ("a dad threatened to stab me at the gate, can I put it on facebook to warn others?", "threat"),
        ("my laptop has been stolen can i use my own", "data_breach"),
        ("Does the policy cover Discord? One of mine, 9, chats there to a man who wants to meet.", "safeguarding"),
        ("A parent posted that I am a paedo on facebook and can I post a picture of the class on the school page?", "staff_abuse"),
        ("could I be pen friends with a student on an app and kids made one of those ai naked ones of a classmate", "indecent_images"),
        ("is it right that we answer parents through official channels only and a volunteer has been texting a boy", "safeguarding"),
        ("Can I use my own phone for photos and what do I do if a pupil sends me a nude?", "indecent_images"),
    ],
)
def test_what_is_told_beside_a_question_is_heard(said: str, kind: str) -> None:
    heard = adviser().ask(said).disclosure
    assert heard is not None
    assert heard.kind == kind


@pytest.mark.parametrize(
    "said",
    [
        "Can I message parents on WhatsApp? And may I take photos of the class on my own phone?",
        "a pupil sends me GIFs on WhatsApp, can I send one back",
        "can I add a parent on Facebook and a governor who is a friend of mine?",
        "We are off to the farm on Friday and the sun is out, can I take photos on my own phone?",
    ],
)
def test_nothing_is_heard_where_nothing_is_told(said: str) -> None:
    assert adviser().ask(said).disclosure is None


def test_whom_the_first_half_is_about_is_kept_from_what_the_second_tells() -> None:
    heard = adviser().ask("The headteacher asked a pupil for nudes. Does LinkedIn count as social media?").disclosure
    assert heard is not None
    assert (heard.kind, heard.subject_roles) == ("indecent_images", ("headteacher",))
    assert not any(line.startswith("Tell the designated safeguarding lead and the Headteacher") for line in heard.do)


def test_what_is_supposed_is_not_told() -> None:
    assert beside_a_question("what if a parent threatens me and my address has been posted") == []


def test_clause_71_is_answered_alone() -> None:
    answer = adviser().ask("Can I keep the screenshot as evidence and who checks the photos on the website?")
    assert (answer.clauses[0].number, answer.also) == ("71", ())
    assert answer.rest == ("who checks the photos on the website?",)


def test_no_bare_yes_or_no_stands_over_several_questions_that_are_answered_as_one() -> None:
    told = adviser().ask("Should I tell the police about nudes? Should I tell the parents? Should I tell the pupil to delete it?")
    assert (told.clauses[0].number, told.verdict, told.show_verdict) == ("71", "yes", False)
    assert not adviser().ask("A pupil sent me a friend request. Can I accept it? Should I report it?").show_verdict
    assert adviser().ask("Can I accept a friend request from a pupil?").show_verdict


def test_questions_beyond_those_that_are_answered_are_named() -> None:
    answer = adviser().ask("Can I friend a pupil? Can I use my own phone? Can I tweet about politics? Can I add parents? Can I ring a mum?")
    assert answer.rest[-2:] == ("Can I add parents?", "Can I ring a mum?")


@pytest.mark.parametrize(
    "said",
    [
        "i got raped by a colleague",
        "A colleague groped me in the stock cupboard",
        "my TA sexually assaulted me, can i use my phone in class",
        "I've been raped. Who do I tell?",
        "the deputy tried to rape me at the party",
    ],
)
def test_somebody_who_tells_of_an_assault_is_never_asked_whether_something_has_happened(said: str) -> None:
    heard = adviser().ask(said).disclosure
    assert heard is not None
    assert heard.kind == "threat"
    assert heard.do
    assert heard.clauses


def test_whoever_did_it_is_kept_from_it() -> None:
    heard = adviser().ask("the headteacher raped me").disclosure
    assert heard is not None
    assert heard.subject_roles == ("headteacher",)
    assert any(line.startswith("Tell the chair of governors") for line in heard.do)


@pytest.mark.parametrize(
    "said", ["what if somebody groped me on a trip", "I felt up to it today", "the film about a girl who was raped, may we show it"]
)
def test_no_assault_is_heard_where_none_is_told(said: str) -> None:
    heard = adviser().ask(said).disclosure
    assert heard is None or heard.kind != "threat"


def test_only_a_part_whose_words_may_tell_of_something_is_read_again() -> None:
    triage = adviser()._triage
    assert triage is not None
    assert not triage.may_tell("The hall display is finished")
    assert triage.may_tell("I have lost the school ipad on the bus")


def test_a_loss_told_before_a_question_is_heard_and_the_question_answered() -> None:
    answer = adviser().ask("I have lost the school ipad on the bus. Can I use my own phone for photos now?")
    assert answer.disclosure is not None
    assert answer.disclosure.kind == "data_breach"
    assert (answer.verdict, answer.ranked[0]) == ("no", "51")


def test_what_one_question_discloses_is_kept_from_those_whom_the_others_are_about() -> None:
    whole = adviser().ask("can I email a parent")
    told = replace(whole, question="and another thing", disclosure=Disclosure("staff_abuse", ("61",), ("line_manager",)))
    found = all_of("the head", whole, [whole, told], about=("headteacher",)).disclosure
    assert found is not None
    assert set(found.subject_roles) == {"headteacher", "line_manager"}


@pytest.mark.parametrize("asked", ["who do I tell", "so who do I go to?", "Who can I tell then?", "ok, who should we report it to"])
def test_whom_to_tell_alone_is_answered_with_whom_the_policy_names(asked: str) -> None:
    answer = adviser().ask(asked)
    assert (answer.kind, answer.ranked[0]) == ("guidance", "37")
