"""A colleague who may not want to live is heard; a pupil who may not is heard as a child; a figure of speech as neither."""

from __future__ import annotations

import pytest

from knowledge.own_life import life_at_risk
from tests.support.knowledge import adviser

AT_RISK = [
    "I want to kill myself",
    "i dont see a way out",
    "I don't want to be alive any more",
    "feeling suicidal again, its the comments",
    "i wish i was dead",
    "they'd all be better off without me",
    "ive got the tablets in front of me. i cant read any more of it",
    "who is there at night if im not safe with my own thoughts",
    "the kids wrote such awful things about me that I want to kill myself",
    "our TA has been cutting herself since that page went up",
    "my colleague says she doesn't want to live since the posts",
]
NOT = [
    "a boy in year 6 said i want to kill myself",
    "a pupil told me she wants to die",
    "one of my class wrote i wish i was dead in her book",
    "i want to die, the photocopier has jammed again",
    "I could kill myself laughing lol",
    "I don't see a way out of the car park with all these parents",
    "I cut myself on the laminator",
    "what does the policy say about suicide",
    "can I end it all by blocking the parent",
]


@pytest.mark.parametrize("told", AT_RISK)
def test_a_life_on_the_staff_is_heard_as_such(told: str) -> None:
    assert life_at_risk(told)
    disclosure = adviser().ask(told).disclosure
    assert disclosure is not None
    assert disclosure.kind == "staff_abuse"
    assert disclosure.life


@pytest.mark.parametrize("told", NOT)
def test_a_childs_life_is_another_matter_and_a_figure_of_speech_is_none(told: str) -> None:
    assert not life_at_risk(told)


@pytest.mark.parametrize("told", ["a pupil told me she wants to die", "one of my class keeps saying I want to kill myself"])
def test_a_childs_life_is_a_safeguarding_concern(told: str) -> None:
    disclosure = adviser().ask(told).disclosure
    assert disclosure is not None
    assert disclosure.kind == "safeguarding"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("A dad has threatened to kill me on Facebook and I don't want to live any more", "threat"),
        ("I lost the laptop with all the pupils' medical records on the train and I want to kill myself", "data_breach"),
        ("our TA has been messaging a pupil at night and now she wants to die", "safeguarding"),
        ("our TA has been touching her in PE, she told me, and she wants to die", "safeguarding"),
    ],
)
def test_what_is_graver_beside_it_stays_the_kind(told: str, kind: str) -> None:
    disclosure = adviser().ask(told).disclosure
    assert disclosure is not None
    assert disclosure.kind == kind


@pytest.mark.parametrize(
    "told",
    ["i fel suicidl", "i wnat to kil myself", "i dont wnat to live"],
)
def test_it_is_heard_through_misspelling(told: str) -> None:
    disclosure = adviser().ask(told).disclosure
    assert disclosure is not None
    assert disclosure.life
