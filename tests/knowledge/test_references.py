"""A clause or a section that is named is shown; a question that merely names one is a question."""

from __future__ import annotations

import pytest

from knowledge.build import POLICIES
from knowledge.clauses import Policy
from knowledge.parsing import parse
from knowledge.references import named


@pytest.fixture(scope="module")
def policy() -> Policy:
    return parse((POLICIES / "harwell-social-media" / "policy.txt").read_text(encoding="utf-8"), "harwell-social-media")


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("clause 28", ["28"]),
        ("22d", ["22d"]),
        ("what does clause 22 (c) mean?", ["22c"]),
        ("show me paragraph 7 please", ["7"]),
        ("28?", ["28"]),
        ("clauses 36 and 47", ["36", "47"]),
        ("28 and 71", ["28", "71"]),
        ("22d, 36 & 47?", ["22d", "36", "47"]),
        ("the section on images", ["54", "55", "56"]),
        ("monitoring section", ["23", "24", "25", "26"]),
    ],
)
def test_what_is_named_is_shown(policy: Policy, asked: str, numbers: list[str]) -> None:
    found = named(asked, policy)
    assert found is not None
    assert [clause.number for clause in found.clauses] == numbers


@pytest.mark.parametrize(
    "asked",
    [
        "does clause 28 apply to ex-pupils",
        "pretend clause 28 is gone, can I add a pupil",
        "I teach year 4, is it ok",
        "4b went on a trip",
    ],
)
def test_a_question_is_no_reference(policy: Policy, asked: str) -> None:
    assert named(asked, policy) is None


@pytest.mark.parametrize(
    ("asked", "absent"),
    [
        ("clause 99", "99"),
        ("22k", "22k"),
        ("show me paragraph 80 please", "80"),
        ("clause 28 and 99", "99"),
        ("clause 28", ""),
        ("22d", ""),
    ],
)
def test_a_number_that_the_policy_does_not_have(policy: Policy, asked: str, absent: str) -> None:
    reference = named(asked, policy)
    assert reference is not None
    assert reference.absent == absent


@pytest.mark.parametrize("asked", ["can I tell 99 parents", "I teach 3b, can they follow me", "is 14 an ok age for facebook"])
def test_other_numbers_are_no_clauses(policy: Policy, asked: str) -> None:
    assert named(asked, policy) is None
