"""Several questions in one message: each is answered, or whoever asks is told which was not."""

from __future__ import annotations

import pytest

from knowledge.several import asked_in
from tests.support.knowledge import adviser


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Can I ring a mum and can I email a governor", ["Can I ring a mum", "can I email a governor"]),
        ("May I tag the school? Who checks the website photos?", ["May I tag the school?", "Who checks the website photos?"]),
        ("can I text a parent, and is that allowed at weekends", []),
        ("A boy in my class asked for my number. What do I do and who do I tell about it?", []),
        ("is Facebook banned or is it allowed", []),
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
