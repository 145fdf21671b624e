"""What `policy check` finds in guidance, and that ours has nothing to mend."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.checking import check, check_base
from knowledge.clauses import Policy
from knowledge.guidance_files import ClauseNote, Entry, Guidance
from knowledge.outside import outside_facts
from knowledge.parsing import parse
from tests.support.knowledge import BASE, adviser

CONCERNS = tuple({"kind": kind} for kind in ("misuse", "staff_abuse", "threat", "data_breach", "safeguarding", "indecent_images"))


@pytest.fixture(scope="module")
def policy() -> Policy:
    return parse("A policy\n\nRules\n\n1. Staff must be kind.\n2. Staff must be quiet.\n", "rules")


def answer(name: str, clause: str, verdict: str, *questions: str, **more: object) -> Entry:
    return Entry(name, "answer", verdict, (clause,), groups=tuple((one,) for one in questions), source="rules.toml", **more)  # type: ignore[arg-type]


def guidance(*entries: Entry, **more: object) -> Guidance:
    notes = {number: ClauseNote(number, "A summary.") for number in "12"}
    return Guidance(notes, entries, CONCERNS, **more)  # type: ignore[arg-type]


def test_the_same_words_with_two_verdicts_contradict_each_other(policy: Policy) -> None:
    found = check(policy, guidance(answer("a", "1", "yes", "Can I shout?"), answer("b", "2", "no", "can i shout")), None, ())
    (mistake,) = found.mistakes
    assert "a (clause 1, yes)" in mistake
    assert "b (clause 2, no)" in mistake


def test_nearly_the_same_meaning_and_words_contradict_each_other_too(policy: Policy) -> None:
    entries = guidance(answer("a", "1", "yes", "can I shout at a pupil"), answer("b", "1", "no", "can I shout at a pupils"))
    alike = np.array([[1.0, 0.0], [0.99, 0.14]], dtype=np.float32)
    apart = np.eye(2, dtype=np.float32)
    assert len(check(policy, entries, alike, ()).mistakes) == 1
    assert check(policy, entries, apart, ()).mistakes == ()


def test_can_i_and_must_i_are_different_questions(policy: Policy) -> None:
    entries = guidance(answer("a", "1", "yes", "can I be quiet here"), answer("b", "1", "no", "must I be quiet here"))
    assert check(policy, entries, np.ones((2, 1), dtype=np.float32), ()).mistakes == ()


def test_what_names_something_that_is_not_there_is_an_orphan(policy: Policy) -> None:
    entries = guidance(answer("a", "9", "yes", "q", facts=("no-such-fact",)), lookalikes=({"id": "x", "answer": "gone"},))
    told = "\n".join(check(policy, entries, None, ()).mistakes)
    assert "no clause 9" in told
    assert "no-such-fact" in told
    assert "'gone'" in told


def test_a_clause_that_too_few_examples_lead_to_is_named(policy: Policy) -> None:
    hints = check(policy, guidance(answer("a", "1", "yes", *(f"question {n}" for n in range(8)))), None, ()).hints
    assert hints == ("clause 2 has 0 lines of examples that lead to it first; 8 or more are wanted",)


def test_our_own_guidance_has_nothing_to_mend() -> None:
    adviser()
    (checked,) = check_base(BASE, outside_facts()).values()
    assert checked.mistakes == ()
    assert checked.hints == ()
