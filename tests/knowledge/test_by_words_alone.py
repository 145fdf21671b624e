"""Where the sentence model is missing, staff are still answered, and cries for help are still heard: by words alone."""

from __future__ import annotations

import pytest

from knowledge.advice import Adviser
from tests.support import knowledge


@pytest.fixture(scope="module")
def by_words() -> Adviser:
    knowledge.adviser()
    return Adviser.open(knowledge.BASE, aliases={}, encoder=None)


@pytest.mark.parametrize(
    ("asked", "clause", "verdicts"),
    [
        ("can I friend an ex-pupil?", "28", {"conditional"}),
        ("may i put a photo of my class on my own facebook", "31", {"no", "conditional"}),
        ("is it ok to follow a year 6 boy on insta", "29", {"no"}),
    ],
)
def test_an_answer_is_found(by_words: Adviser, asked: str, clause: str, verdicts: set[str]) -> None:
    answer = by_words.ask(asked)
    assert clause in answer.ranked[:3]
    assert answer.verdict in verdicts
    for one in answer.clauses:
        assert one.text == by_words.policy.clause(one.number).text


@pytest.mark.parametrize("asked", ["what is the capital of France?", "how do I reset the projector in the hall"])
def test_what_the_policy_does_not_say_is_said_so(by_words: Adviser, asked: str) -> None:
    assert by_words.ask(asked).verdict == "not_covered"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("a boy showed me a nude of a year 6 girl on his phone", "indecent_images"),
        ("a parent says on facebook that he will smash my face in", "threat"),
        ("our TA is messaging a pupil late at night on snapchat", "safeguarding"),
    ],
)
def test_a_cry_for_help_is_heard(by_words: Adviser, told: str, kind: str) -> None:
    disclosure = by_words.ask(told).disclosure
    assert disclosure is not None
    assert disclosure.kind == kind
