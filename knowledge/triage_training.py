"""Learns, from the authored disclosures and from everything else that staff write, what a disclosure sounds like.

Multinomial logistic regression, fitted with L-BFGS in numpy: deterministic, seconds. Every authored question and every look-alike
is an example of a message that discloses nothing; look-alikes count more, because they are the hard ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.guidance_files import Guidance, paraphrases
from knowledge.language import Reader, Reading
from knowledge.triage_features import features
from knowledge.triage_model import LABELS, TERM_WEIGHT, VECTOR_WEIGHT, Floats, Neighbours, TriageModel, Weights, nearness

Doubles = npt.NDArray[np.float64]

VERSION: Final = 7  # raise it when training or what it stores changes: bases are then trained again
FEWEST: Final = 3  # a feature must stand in so many examples
PENALTY: Final = 0.5
LOOKALIKES_COUNT: Final = 3.0
DISCLOSURES_COUNT: Final = 2.0
MOST: Final = 2500  # features that are kept
STEPS: Final = 60
MEMORY: Final = 8
RIDGE: Final = 0.3
KIND_TERMS: Final = 0.5
JITTER: Final = 1e-3
LATER_CLAUSE: Final = 0.7
LANDMARKS: Final = 3500


@dataclass(frozen=True)
class Examples:
    """Authored messages in rows. ``kind`` is the entry's kind, with which its vectors are stored; ``group`` its authored line."""

    texts: tuple[str, ...]
    readings: tuple[Reading, ...]
    kind: tuple[str, ...]
    label: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    entry: tuple[str, ...]
    clauses: tuple[tuple[str, ...], ...]


def examples_of(guidance: Guidance, reader: Reader) -> Examples:
    """Every authored wording with what it discloses; a wording that stands twice counts once, the graver first."""
    rows: dict[str, tuple[str, int, tuple[str, int], str, tuple[str, ...]]] = {}
    for entry in sorted(guidance.entries, key=lambda entry: entry.kind != "disclosure"):
        for line, text in entry.examples():
            rows.setdefault(text, (entry.kind, LABELS.index(entry.concern), (entry.id, line), entry.id, entry.clauses))
    for table in guidance.lookalikes:
        name = str(table["id"])
        for line, group in enumerate(paraphrases(table.get("messages", ()))):
            for text in group:
                rows[text] = ("lookalike", 0, (name, line), name, ())
    groups: dict[tuple[str, int], int] = {}
    return Examples(
        texts=tuple(rows), readings=tuple(reader.read(text) for text in rows), kind=tuple(row[0] for row in rows.values()),
        label=np.array([row[1] for row in rows.values()], dtype=np.int64),
        group=np.array([groups.setdefault(row[2], len(groups)) for row in rows.values()], dtype=np.int64),
        entry=tuple(row[3] for row in rows.values()), clauses=tuple(row[4] for row in rows.values()),
    )  # fmt: skip


def train(examples: Examples, vectors: Floats | None) -> TriageModel:
    """Fit the model, with the vectors and without. Without vectors only the part that works by words is fitted."""
    terms = [features(reading) for reading in examples.readings]
    vocabulary = vocabulary_of(terms, examples.label)
    table = table_of(terms, vocabulary)
    counts = counts_of(examples)
    words = fit(table, None, examples.label, counts)
    words_near = fit_neighbours(table, None, examples, counts)
    if vectors is None:
        return TriageModel(vocabulary, None, words, None, words_near, clauses_of(examples))
    full, full_near = fit(table, vectors, examples.label, counts), fit_neighbours(table, vectors, examples, counts)
    return TriageModel(vocabulary, full, words, full_near, words_near, clauses_of(examples))


def fit_neighbours(table: Floats, vectors: Floats | None, examples: Examples, counts: Floats) -> Neighbours:
    """Kernel ridge regression in closed form, from all examples on to disclosures and look-alikes, evenly spread (Nystroem).

    The kinds are learnt from the disclosures alone, and from all of them. Without vectors the kernel is linear, so weights of the
    features are solved for themselves.
    """
    label, terms = examples.label, table / TERM_WEIGHT
    target = np.eye(len(LABELS), dtype=np.float32)[label]
    marks = np.flatnonzero((label > 0) | (np.array(examples.kind) == "lookalike"))
    told = marks[label[marks] > 0]
    wanted = np.concatenate([target[:, 1:], cited_by(examples)], axis=1)[told]
    if vectors is None:
        of_terms = np.concatenate(
            [_linear(terms, target, counts), _linear(terms[told], wanted, np.ones(len(told), dtype=np.float32))], axis=1
        )
        return Neighbours(np.zeros((0, 0), dtype=np.float32), of_terms[:0], of_terms)

    def kernel(rows: slice | npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Floats:
        found = KIND_TERMS * (terms[rows] @ terms[columns].T) + nearness(vectors[rows] @ vectors[columns].T)
        return np.asarray(found, dtype=np.float32)

    spread = marks[:: -(-len(marks) // LANDMARKS)]
    near = kernel(slice(None), spread)
    weighted = near * counts[:, None]
    steady = RIDGE * near[spread] + JITTER * np.eye(len(spread), dtype=np.float32)
    alpha = np.zeros((len(marks), len(LABELS)), dtype=np.float32)
    alpha[np.searchsorted(marks, spread)] = np.linalg.solve(weighted.T @ near + steady, weighted.T @ target)
    kinds = np.zeros((len(marks), wanted.shape[1]), dtype=np.float32)
    kinds[np.searchsorted(marks, told)] = np.linalg.solve(kernel(told, told) + RIDGE * np.eye(len(told), dtype=np.float32), wanted)
    both = np.concatenate([alpha, kinds], axis=1).astype(np.float32)
    return Neighbours(vectors[marks].astype(np.float32), both, np.asarray(KIND_TERMS * (terms[marks].T @ both), dtype=np.float32))


def _linear(terms: Floats, target: Floats, counts: Floats) -> Floats:
    """Ridge weights of the features, for the kernel KIND_TERMS x (terms . terms)."""
    weighted = terms * counts[:, None]
    steady = RIDGE / KIND_TERMS * np.eye(terms.shape[1], dtype=np.float32)
    return np.asarray(np.linalg.solve(weighted.T @ terms + steady, weighted.T @ target), dtype=np.float32)


def cited_by(examples: Examples) -> Floats:
    """How much each disclosure cites each clause: the first most."""
    names = clauses_of(examples)
    table = np.zeros((len(examples.texts), len(names)), dtype=np.float32)
    for row, label, clauses in zip(table, examples.label, examples.clauses, strict=True):
        for rank, number in enumerate(clauses if label else ()):
            row[names.index(number)] = LATER_CLAUSE**rank
    return table


def clauses_of(examples: Examples) -> tuple[str, ...]:
    """Every clause that a disclosure cites."""
    return tuple(sorted({number for label, clauses in zip(examples.label, examples.clauses, strict=True) if label for number in clauses}))


def vocabulary_of(terms: Sequence[Sequence[str]], label: npt.NDArray[np.int64]) -> dict[str, int]:
    """The features that say most about the label, numbered: the ones most unevenly spread (by their G statistic)."""
    counted: dict[str, npt.NDArray[np.float64]] = {}
    for row, number in zip(terms, label, strict=True):
        for term in row:
            counted.setdefault(term, np.zeros(len(LABELS)))[number] += 1
    names = sorted(term for term, counts in counted.items() if counts.sum() >= FEWEST)
    table = np.array([counted[name] for name in names])
    share = np.bincount(label, minlength=len(LABELS)) / len(label)
    expected = table.sum(axis=1, keepdims=True) * share
    uneven = (table * np.log(np.maximum(table, 1e-9) / np.maximum(expected, 1e-9))).sum(axis=1)
    best = sorted(np.argsort(-uneven, kind="stable")[:MOST])
    return {names[place]: number for number, place in enumerate(best)}


def table_of(terms: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> Floats:
    """One row of features for each example, there or not, each row scaled to the same length."""
    table = np.zeros((len(terms), len(vocabulary)), dtype=np.float32)
    for row, found in zip(table, terms, strict=True):
        numbers = [vocabulary[term] for term in found if term in vocabulary]
        row[numbers] = TERM_WEIGHT / np.sqrt(max(len(numbers), 1))
    return table


def counts_of(examples: Examples) -> Floats:
    """How much each example counts."""
    weights = {"lookalike": LOOKALIKES_COUNT, "disclosure": DISCLOSURES_COUNT}
    return np.array([weights.get(kind, 1.0) for kind in examples.kind], dtype=np.float32)


def fit(table: Floats, vectors: Floats | None, label: npt.NDArray[np.int64], counts: Floats) -> Weights:
    """The weights under which the labels are likeliest, with a penalty on large ones."""
    wide = 0 if vectors is None else vectors.shape[1]
    rows = table if vectors is None else np.concatenate([VECTOR_WEIGHT * vectors, table], axis=1, dtype=np.float32)
    target = np.zeros((len(label), len(LABELS)), dtype=np.float32)
    target[np.arange(len(label)), label] = 1

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        weights = flat.reshape(-1, len(LABELS))
        scores = rows @ weights[:-1].astype(np.float32) + weights[-1].astype(np.float32)
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        wrong = (shares - target) * counts[:, None]
        slope = np.concatenate([rows.T @ wrong, wrong.sum(axis=0, keepdims=True)]).astype(np.float64)
        slope[:-1] += PENALTY * weights[:-1]
        missed = -(counts * np.log(np.maximum(shares[target > 0], 1e-12))).sum(dtype=np.float64)
        return float(missed + 0.5 * PENALTY * (weights[:-1] ** 2).sum()), slope.ravel()

    best = minimise(loss, np.zeros((rows.shape[1] + 1) * len(LABELS))).reshape(-1, len(LABELS)).astype(np.float32)
    return Weights(best[:wide], best[wide:-1], best[-1])


def minimise(loss: Callable[[Doubles], tuple[float, Doubles]], start: Doubles) -> Doubles:
    """L-BFGS with a backtracking line search."""
    at, (value, slope) = start, loss(start)
    steps: list[tuple[Doubles, Doubles, float]] = []
    for _ in range(STEPS):
        direction = -_curved(slope, steps)
        downhill = float(direction @ slope)
        size = 1.0 if steps else min(1.0, 1.0 / float(np.abs(slope).sum()))
        while size > 1e-10:  # noqa: PLR2004
            there, (new_value, new_slope) = at + size * direction, loss(at + size * direction)
            if new_value <= value + 1e-4 * size * downhill:
                break
            size *= 0.5
        else:
            return at
        moved, bent = there - at, new_slope - slope
        if float(moved @ bent) > 1e-10:  # noqa: PLR2004
            steps = [*steps[-MEMORY + 1 :], (moved, bent, 1.0 / float(moved @ bent))]
        settled = value - new_value < 1e-5 * max(1.0, abs(value))
        at, value, slope = there, new_value, new_slope
        if settled:
            break
    return at


def _curved(slope: Doubles, steps: Sequence[tuple[Doubles, Doubles, float]]) -> Doubles:
    """The slope, corrected by the curvature that the last steps have shown."""
    direction = slope.copy()
    kept: list[float] = []
    for moved, bent, scale in reversed(steps):
        share = scale * float(moved @ direction)
        kept.append(share)
        direction -= share * bent
    if steps:
        moved, bent, _ = steps[-1]
        direction *= float(moved @ bent) / float(bent @ bent)
    for (moved, bent, scale), share in zip(steps, reversed(kept), strict=True):
        direction += moved * (share - scale * float(bent @ direction))
    return direction
