"""Learns, from the authored examples alone, how a question's likeness to them becomes a share for each entry.

Ridge regression has a closed form, and so has its prediction for a group of rows that it has not seen: one inversion gives, for
every example, what the matcher would have said had it never met that example's whole line (for a topic that is not covered: the
whole topic, because the next such question will be about something that nobody thought of). The weights that put everything on
one scale are fitted on those predictions, so what is measured here is what unseen questions will meet. Deterministic; seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.forms import FORMS, form_of
from knowledge.guidance_files import VERDICTS, Entry
from knowledge.language import Reader, Reading, tokens
from knowledge.matcher import (
    TERMS,
    Floats,
    Head,
    Ints,
    Layout,
    Matcher,
    features_of,
    kernel_of,
    likeness_by_words,
    nearest,
    project,
)  # fmt: skip
from knowledge.packed import Packed
from knowledge.ridge import leave_groups_out
from knowledge.scale import Candidates, fit
from knowledge.terms import TermIndex

VERSION: Final = 8  # raise it when training or what it stores changes: bases are then trained again
LANDMARKS: Final = 5000
BY_WORDS_ALONE: Final = 2000  # landmarks where there is no sentence model
DIMENSIONS: Final = 256
CANDIDATES: Final = 50
FITTED: Final = 4000  # examples, evenly spread, on which the few weights of the scale are fitted
COMMON: Final = {"letters": 0.075}  # runs of letters in a greater share of the examples tell nothing, and take most of the time
HALF: Final = 0.5  # how much an entry speaks for its second clause; for the third, half of that, and so on


@dataclass(frozen=True)
class Examples:
    """Authored examples in rows, in the order of their entries; ``group`` is what is left out together."""

    texts: tuple[str, ...]
    readings: tuple[Reading, ...]
    owner: Ints
    group: Ints


def vocabulary_of(entries: Sequence[Entry], policy_text: str = "") -> dict[str, int]:
    """Words that guidance uses at least twice, or the policy at all, with their counts: what spelling leans towards."""
    counts = Counter(word for entry in entries for _, text in entry.examples() for word in tokens(text))
    policy = Counter(tokens(policy_text))
    return {word: counts[word] + policy[word] for word in counts | policy if counts[word] > 1 or word in policy}


def examples_of(entries: Sequence[Entry], reader: Reader) -> Examples:
    """Every wording of every entry."""
    rows = [(number, line, text) for number, entry in enumerate(entries) for line, text in entry.examples()]
    groups: dict[tuple[int, int], int] = {}
    keys = [(number, -1 if entries[number].kind == "not_covered" else line) for number, line, _ in rows]
    return Examples(
        texts=tuple(text for _, _, text in rows),
        readings=tuple(reader.read(text) for _, _, text in rows),
        owner=np.array([number for number, _, _ in rows], dtype=np.int32),
        group=np.array([groups.setdefault(key, len(groups)) for key in keys], dtype=np.int32),
    )


def layout_of(entries: Sequence[Entry], owner: Ints, readings: Sequence[Reading]) -> Layout:
    """How the entries hang together."""
    about = [_about(entry) for entry in entries]
    clauses = {name: number for number, name in enumerate(dict.fromkeys(about))}
    support = np.zeros((len(entries), len(clauses)), dtype=np.float32)
    for row, entry in enumerate(entries):
        support[row, clauses[about[row]]] = 1
        for place, number in enumerate(entry.clauses[1:], start=1):
            if number in clauses:
                support[row, clauses[number]] = max(support[row, clauses[number]], HALF**place)
    verdicts = [*sorted(VERDICTS), "not_covered"]
    alike = np.array([[float(entry.verdict == verdict) for verdict in verdicts] for entry in entries], dtype=np.float32)
    flags = np.array([[float(entry.kind == kind) for kind in ("not_covered", "disclosure")] for entry in entries], dtype=np.float32)
    starts = np.searchsorted(owner, np.arange(len(entries))).astype(np.int32)
    forms = np.zeros((len(FORMS), len(entries)), dtype=np.float32)
    for entry_number, reading in zip(owner, readings, strict=True):
        forms[FORMS.index(form_of(reading.text)), entry_number] += 1
    about_of = np.array([clauses[name] for name in about], dtype=np.int32)
    return Layout(starts, support, about_of, alike, flags, by_form(forms, alike))


def by_form(forms: Floats, alike: Floats) -> Floats:
    """Forms x entries: how usual a form is with entries of the same verdict, against all entries (logarithm)."""
    of_verdict = forms @ alike + 1
    shares = of_verdict / of_verdict.sum(axis=0)
    overall = (forms.sum(axis=1) + 1) / (forms.sum() + len(forms))
    return np.asarray(np.log(shares / overall[:, None]) @ alike.T, dtype=np.float32)


def _about(entry: Entry) -> str:
    if entry.kind == "not_covered":
        return "not covered"
    return entry.clauses[0] if entry.clauses else f"fact {entry.id}"


def train(entries: Sequence[Entry], examples: Examples, vectors: Floats | None, vocabulary: Mapping[str, int]) -> Matcher:
    """Fit the matcher. Without vectors only the part that works by words is fitted."""
    layout = layout_of(entries, examples.owner, examples.readings)
    indexes = {name: TermIndex.build([terms(one) for one in examples.readings], COMMON.get(name, 1.0)) for name, terms in TERMS.items()}
    mean, basis = _basis(vectors) if vectors is not None else (np.zeros(0, np.float32), np.zeros((0, 0), np.float32))
    projected = project(vectors, mean, basis) if vectors is not None else np.zeros((len(examples.owner), 0), np.float32)
    landmarks = choose_landmarks(examples)
    gathered = _gather(layout, examples, indexes, projected, landmarks)
    by_words, unseen = _head(layout, entries, examples, gathered, with_meaning=False)
    full, unseen = _head(layout, entries, examples, gathered, with_meaning=True) if vectors is not None else (by_words, unseen)
    names = tuple(entry.id for entry in entries)
    packed = Packed.of(projected) if vectors is not None else None
    return Matcher(names, layout, mean, basis, packed, landmarks, indexes, full, by_words, vocabulary, unseen)


def _basis(vectors: Floats) -> tuple[Floats, Floats]:
    """What all examples share, and the directions in which they differ most."""
    mean = vectors.mean(axis=0)
    _, directions = np.linalg.eigh(np.cov((vectors - mean).T.astype(np.float64)))
    return mean.astype(np.float32), np.ascontiguousarray(directions[:, ::-1][:, :DIMENSIONS]).astype(np.float32)


def choose_landmarks(examples: Examples, most: int = LANDMARKS) -> Ints:
    """The examples that the ridge stands on: every entry's first lines before any entry's second."""
    seen: Counter[int] = Counter()
    lines: dict[int, int] = {}
    rank = []
    for owner, group in zip(examples.owner.tolist(), examples.group.tolist(), strict=True):
        turn = lines.setdefault(group, seen[owner])
        rank.append(turn + (0 if turn == seen[owner] else 100))
        seen[owner] = max(seen[owner], turn + 1)
    return np.sort(np.argsort(np.array(rank), kind="stable")[:most]).astype(np.int32)


@dataclass(frozen=True)
class _Gathered:
    """What both heads need: the likeness by words of all rows to the landmarks, and of some rows to the nearest outside their group."""

    words: Floats
    projected: Floats
    landmarks: Ints
    few: Ints
    rows: Ints
    near_words: Floats
    near_meaning: Floats
    known: Floats

    def kernel(self, rows: slice | Ints, *, with_meaning: bool) -> Floats:
        """The likeness on which the ridge stands: of some rows to the landmarks; by words alone, to the first few of them."""
        if not with_meaning:
            return kernel_of(self.words[rows][:, self.few], None)
        return kernel_of(self.words[rows], self.projected[rows] @ self.projected[self.landmarks].T)


def _gather(layout: Layout, examples: Examples, indexes: Mapping[str, TermIndex], projected: Floats, landmarks: Ints) -> _Gathered:
    rows = evenly_spread(examples)
    few = {name: index.only(landmarks) for name, index in indexes.items()}
    words = np.empty((len(examples.readings), len(landmarks)), dtype=np.float32)
    for place, reading in enumerate(examples.readings):
        words[place] = likeness_by_words(few, reading)
    near_words = np.empty((len(rows), 3, len(layout.starts)), dtype=np.float32)
    near_meaning = np.empty((len(rows) if projected.size else 0, 3, len(layout.starts)), dtype=np.float32)
    for place, row in enumerate(rows):
        own = examples.group == examples.group[row]
        likeness = likeness_by_words(indexes, examples.readings[row])
        near_words[place] = nearest(layout, np.where(own, np.float32(0), likeness))
        if projected.size:
            near_meaning[place] = nearest(layout, np.where(own, np.float32(-1), projected @ projected[row]))
    known = np.array([_known_elsewhere(indexes["words"], examples, int(row)) for row in rows], dtype=np.float32)
    first = np.searchsorted(landmarks, choose_landmarks(examples, BY_WORDS_ALONE))
    return _Gathered(words, projected, landmarks, first.astype(np.int32), rows, near_words, near_meaning, known)


def evenly_spread(examples: Examples, most: int = FITTED) -> Ints:
    """The rows of every so many groups, so that there are no more than about ``most``."""
    step = -(-len(examples.owner) // most)
    return np.flatnonzero(examples.group % step == 0).astype(np.int32)


def _head(
    layout: Layout, entries: Sequence[Entry], examples: Examples, found: _Gathered, *, with_meaning: bool
) -> tuple[Head, tuple[float, float]]:
    """Fit the ridge, then the scale on its predictions for unseen rows; and how often the clause, and the verdict, of these is right."""
    target = np.zeros((len(examples.owner), len(entries)), dtype=np.float32)
    target[np.arange(len(target)), examples.owner] = 1
    kernel = partial(found.kernel, with_meaning=with_meaning)
    stands_on = np.arange(len(found.landmarks)) if with_meaning else found.few
    unseen, learnt = leave_groups_out(kernel, kernel(found.landmarks[stands_on]), target, examples.group, found.rows)
    weights = np.zeros((len(found.landmarks), len(entries)), dtype=np.float32)
    weights[stands_on] = learnt
    near = [found.near_meaning, found.near_words] if with_meaning else [found.near_words]
    forms = [layout.by_form[FORMS.index(form_of(examples.readings[row].text))] for row in found.rows]
    rows = [
        _candidates(features_of(layout, unseen[at], np.concatenate([part[at] for part in near]), forms[at], float(found.known[at])))
        for at in range(len(unseen))
    ]
    places = np.stack([place for place, _ in rows])
    owner = examples.owner[found.rows]
    candidates = Candidates(
        features=np.stack([features for _, features in rows]),
        own=_own(entries, places, owner), right=layout.clause_of[places] == layout.clause_of[owner][:, None],
    )  # fmt: skip
    scale = fit(candidates)
    best = places[np.arange(len(places)), np.argmax(candidates.features @ scale, axis=1)]
    verdicts = layout.alike.argmax(axis=1)
    right = layout.clause_of[best] == layout.clause_of[owner], verdicts[best] == verdicts[owner]
    return Head(weights, scale), (float(right[0].mean()), float(right[1].mean()))


def _known_elsewhere(index: TermIndex, examples: Examples, row: int) -> float:
    """The share of a row's words that are known from other groups."""
    own = set(np.flatnonzero(examples.group == examples.group[row]).tolist())
    terms = [term for term in set(TERMS["words"](examples.readings[row])) if " " not in term]
    kept = [term for term in terms if not own.issuperset(index.texts_with(term))]
    rare = float(index.idf.max())
    total = sum(float(index.idf[index.numbers[term]]) if term in kept else rare for term in terms)
    return sum(float(index.idf[index.numbers[term]]) for term in kept) / total if total else 1.0


def _candidates(features: Floats) -> tuple[Ints, Floats]:
    """The likeliest entries for one row, and their features (candidates x features)."""
    rough = features[0] + 0.7 * features[1] + 0.3 * features[3]
    places = np.argpartition(-rough, CANDIDATES)[:CANDIDATES] if len(rough) > CANDIDATES else np.arange(len(rough))
    return places.astype(np.int32), np.ascontiguousarray(features[:, places].T)


def _own(entries: Sequence[Entry], places: Ints, owner: Ints) -> npt.NDArray[np.bool_]:
    """Which candidates are exactly right: the row's own entry; for what is not covered any such topic; for disclosures any of its kind."""
    names = {name: number for number, name in enumerate(dict.fromkeys(map(_exact, entries)))}
    exact = np.array([names[_exact(entry)] for entry in entries])
    return np.asarray(exact[places] == exact[owner][:, None])


def _exact(entry: Entry) -> str:
    return {"not_covered": "not covered", "disclosure": f"disclosed {entry.concern} {entry.clauses[:1]}"}.get(entry.kind, entry.id)
