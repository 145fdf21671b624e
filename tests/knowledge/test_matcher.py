"""The matcher is learnt from examples, answers for words that it has not met, and comes back from the base as it went in."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from knowledge import ridge
from knowledge.concerns import Disclosure
from knowledge.guidance import Decision, covered_by, decide, standing_back, told, under_its_clause, unheard
from knowledge.guidance_files import Entry
from knowledge.language import Reader
from knowledge.matcher import Floats, Matcher
from knowledge.ridge import leave_groups_out
from knowledge.scale import Candidates, fit
from knowledge.terms import TermIndex
from knowledge.training import examples_of, train, vocabulary_of

ENTRIES = (
    Entry("friend-pupil", "answer", "no", ("29", "28"), groups=(
        ("can I accept a friend request from a pupil", "may I friend a pupil"), ("a student wants to follow me",),
        ("should I add a child on instagram",), ("pupils keep sending me requests",),
    )),
    Entry("photo-own-phone", "answer", "no", ("51",), groups=(
        ("can I take pictures on my own phone", "photos with my personal mobile"), ("using my phone to photograph the class",),
        ("is my own camera allowed for pictures",), ("snapping the display with my mobile",),
    )),
    Entry("parents-email", "answer", "yes", ("45",), groups=(
        ("can I email a parent", "is it ok to write to mum by email"), ("how do I contact a father",),
        ("letters to families",), ("telephone a carer",),
    )),
    Entry("lunch", "not_covered", "not_covered", (), groups=(
        ("what is for lunch",), ("when is pudding served",), ("menu for today",), ("is there custard",),
    )),
)  # fmt: skip


def decided(entries: tuple[Entry, ...], shares: Floats) -> Decision:
    return decide(entries, shares, covered_by(entries))


def vector_of(text: str) -> Floats:
    """A stand-in for the sentence model: words hashed to directions, so that shared words make texts alike."""
    total = np.zeros(64, dtype=np.float32)
    for word in text.lower().split():
        seed = int(hashlib.sha256(word.encode()).hexdigest()[:8], 16)
        total += np.random.default_rng(seed).standard_normal(64).astype(np.float32)
    return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(vocabulary_of(ENTRIES))


@pytest.fixture(scope="module")
def matcher(reader: Reader) -> Matcher:
    examples = examples_of(ENTRIES, reader)
    vectors = np.stack([vector_of(reading.text) for reading in examples.readings])
    return train(ENTRIES, examples, vectors, vocabulary_of(ENTRIES))


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("may I accept a request from a student", "friend-pupil"),
        ("pictures on my mobile", "photo-own-phone"),
        ("can I email a dad", "parents-email"),
        ("what is on the menu", "lunch"),
    ],
)
@pytest.mark.parametrize("with_model", [True, False])
def test_the_entry_that_is_meant_is_likeliest(matcher: Matcher, reader: Reader, asked: str, wanted: str, *, with_model: bool) -> None:
    reading = reader.read(asked)
    shares = matcher.probabilities(reading, vector_of(reading.text) if with_model else None)
    assert matcher.entries[int(np.argmax(shares))] == wanted
    assert float(shares.sum()) == pytest.approx(1, abs=1e-4)


def test_it_comes_back_as_it_was_stored(matcher: Matcher, reader: Reader) -> None:
    again = Matcher.restore(matcher.dump())
    reading = reader.read("can I take a photo of pupils")
    vector = vector_of(reading.text)
    assert again.entries == matcher.entries
    assert again.vocabulary == matcher.vocabulary
    assert np.allclose(again.probabilities(reading, vector), matcher.probabilities(reading, vector), atol=0.02)


def test_learning_twice_gives_the_same(reader: Reader) -> None:
    examples = examples_of(ENTRIES, reader)
    one, two = (train(ENTRIES, examples, None, {}) for _ in range(2))
    assert np.array_equal(one.by_words.landmarks, two.by_words.landmarks)


def test_leaving_a_group_out_is_what_training_without_it_would_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ridge, "BLOCK", 7)  # rows of several blocks, and groups that two blocks share
    rng = np.random.default_rng(3)
    points = rng.standard_normal((24, 6)).astype(np.float32)
    kernel = points @ points.T + np.eye(24, dtype=np.float32)
    target = (rng.random((24, 3)) > 0.5).astype(np.float32)
    group = np.repeat(np.arange(8), 3).astype(np.int32)
    unseen, _ = leave_groups_out(lambda rows: kernel[rows], kernel, target, group, np.arange(len(group), dtype=np.int32))
    kept = group != 2
    # the same landmarks, but the rows of group 2 never seen
    root = np.linalg.inv(np.linalg.cholesky(kernel.astype(np.float64) + 1e-3 * np.eye(24))).T
    rows = kernel @ root
    weights = np.linalg.solve(rows[kept].T @ rows[kept] + ridge.RIDGE * np.eye(24), rows[kept].T @ target[kept])
    assert np.allclose(unseen[~kept], rows[~kept] @ weights, atol=1e-2)


def test_the_scale_learns_which_feature_tells() -> None:
    rng = np.random.default_rng(0)
    features = rng.standard_normal((200, 5, 2)).astype(np.float32)
    right = np.zeros((200, 5), dtype=np.bool_)
    right[np.arange(200), np.argmax(features[:, :, 0], axis=1)] = True
    weights = fit(Candidates(features, right, right))
    assert weights[0] > 2
    assert abs(weights[1]) < 1


def test_an_index_of_terms_compares_as_cosines_do() -> None:
    index = TermIndex.build([["a", "b"], ["b", "c"], ["d"]])
    assert index.compare(["a", "b"])[0] == pytest.approx(1, abs=1e-5)
    assert index.compare(["d"]).tolist() == pytest.approx([0, 0, 1], abs=1e-5)
    assert index.compare(["unknown"]).tolist() == [0, 0, 0]
    assert index.coverage(["d", "unknown"]) < 1 == index.coverage(["d"])


def test_shares_become_guidance_a_choice_or_not_covered() -> None:
    sure = decided(ENTRIES, np.array([0.9, 0.05, 0.03, 0.02], dtype=np.float32))
    assert (sure.kind, sure.entry.id, sure.clauses[:2]) == ("guidance", "friend-pupil", ("29", "28"))
    assert sure.confidence == pytest.approx(0.9, abs=1e-3)
    assert decided(ENTRIES, np.array([0.2, 0.1, 0.1, 0.6], dtype=np.float32)).kind == "not_covered"
    several = tuple(replace(entry, id=f"{entry.id}-{turn}", clauses=tuple(f"{number}{turn}" for number in entry.clauses))
                    for turn in range(3) for entry in ENTRIES[:3])  # fmt: skip
    torn = decided(several, np.array([0.13, 0.12, *[0.75 / 7] * 7], dtype=np.float32))
    assert torn.kind == "clarification"
    assert [entry.id for entry in torn.rivals][:1] == ["photo-own-phone-0"]


def test_who_tells_of_harm_is_not_told_that_the_policy_does_not_say() -> None:
    outside = decided(ENTRIES, np.array([0.2, 0.1, 0.1, 0.6], dtype=np.float32))
    heard = told(outside, Disclosure("threat", ("61", "70"), confidence=0.8))
    assert (heard.kind, heard.entry.verdict, heard.clauses, heard.confidence) == ("guidance", "report", ("61", "70"), 0.8)
    assert told(outside, None) is outside
    sure = decided(ENTRIES, np.array([0.9, 0.05, 0.03, 0.02], dtype=np.float32))
    assert told(sure, Disclosure("threat", ("61",))) is sure


def test_what_is_told_stands_under_the_clause_that_settles_it_and_what_it_asks_is_answered() -> None:
    misuse, images = Disclosure("misuse", ("37",)), Disclosure("indecent_images", ("71",))
    heard = Entry("told", "disclosure", "report", ("37", "60"), concern="misuse")
    entries = (*ENTRIES, heard)
    shares = np.array([0.05, 0.15, 0.02, 0.08, 0.7], dtype=np.float32)
    decision = decided(entries, shares)
    assert decision.entry is heard
    tells = under_its_clause(entries, shares, decision, None, asks=True)
    assert (tells.entry, tells.clauses[0]) == (heard, "51")
    assert {"37", "60"} <= set(tells.clauses)
    asks = under_its_clause(entries, shares, decision, misuse, asks=True)
    assert (asks.entry.id, asks.entry.verdict, asks.clauses[0]) == ("photo-own-phone", "no", "51")
    told_thrice = tuple(replace(entry, verdict=v) for entry, v in zip(ENTRIES, ("no", "info", "yes", "not_covered"), strict=True))
    torn = np.array([0.1, 0.08, 0.1, 0.02, 0.7], dtype=np.float32)
    assert under_its_clause((*told_thrice, heard), torn, decision, misuse, asks=True).entry is heard, (
        "questions that disagree answer nothing"
    )
    assert under_its_clause(entries, shares, decision, images, asks=True).clauses[0] == "71", "clause 71 gives way to nothing"
    image = replace(heard, concern="indecent_images", clauses=("71",))
    entries = (*ENTRIES, image)
    decision = decided(entries, shares)
    assert under_its_clause(entries, shares, decision, None, asks=True).clauses[0] == "71"
    assert under_its_clause(entries, shares, decision, misuse, asks=False).clauses[:2] == ("51", "71")


def test_an_index_of_some_texts_weighs_as_the_index_of_all() -> None:
    index = TermIndex.build([["a", "b"], ["b", "c", "c"], ["d"], ["a", "d", "e"]])
    some = index.only(np.array([1, 3], dtype=np.int32))
    assert some.compare(["a", "b", "d"]) == pytest.approx(index.compare(["a", "b", "d"])[[1, 3]])


def test_a_yes_or_no_is_said_only_where_most_of_it_agrees() -> None:
    verdicts = [entry.verdict for entry in ENTRIES if entry.kind != "not_covered"]
    shares = np.array([0.4, *[0.6 / (len(ENTRIES) - 1)] * (len(ENTRIES) - 1)], dtype=np.float32)
    agreed = decided(ENTRIES, shares)
    others = sum(float(share) for share, entry in zip(shares, ENTRIES, strict=True) if entry.kind != "not_covered")
    same = sum(float(share) for share, entry in zip(shares, ENTRIES, strict=True) if entry.verdict == verdicts[0])
    assert agreed.agreed == pytest.approx(same / others, abs=1e-5)
    assert decided(ENTRIES, np.array([0.97, 0.01, 0.01, 0.01], dtype=np.float32)).verdict_is_clear


def test_where_nothing_was_heard_a_disclosure_has_little_to_say() -> None:
    told_of = np.array([True, False, False])
    quiet = unheard(np.array([0.5, 0.4, 0.1], dtype=np.float32), told_of)
    assert quiet.argmax() == 1
    assert float(quiet.sum()) == pytest.approx(1.0)
    sure = np.array([0.7, 0.2, 0.1], dtype=np.float32)
    assert unheard(sure, told_of) is sure


def test_what_answers_a_grave_disclosure_never_says_less() -> None:
    kinds = ("misuse", "data_breach", "staff_abuse", "threat", "safeguarding", "indecent_images")
    told_of = tuple(Entry(f"told-{kind}", "disclosure", "report", ("19",), concern=kind) for kind in kinds)
    assert standing_back((*told_of, ENTRIES[0])).tolist() == [True, True, True, False, False, False, False]


def test_several_texts_at_once_get_what_each_gets_alone(reader: Reader, matcher: Matcher) -> None:
    readings = [reader.read(text) for text in ("can I friend a pupil", "who owns the photo that I took")]
    vectors = [vector_of(reading.text) for reading in readings]
    alone = [matcher.probabilities(reading, vector) for reading, vector in zip(readings, vectors, strict=True)]
    assert np.allclose(matcher.shares(readings, vectors), alone, atol=1e-5)
    by_words = [matcher.probabilities(reading, None) for reading in readings]
    assert np.allclose(matcher.shares(readings, [None, None]), by_words, atol=1e-5)
    assert not np.allclose(by_words, alone, atol=1e-5)
