"""Learns, from the authored disclosures and from everything else that staff write, what a disclosure sounds like.

Multinomial logistic regression and kernel ridge regression, in numpy: deterministic, seconds. Every authored question and every look-alike
is an example of a message that discloses nothing; look-alikes count more, because they are the hard ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from knowledge.guidance_files import Guidance, paraphrases
from knowledge.language import Reader, Reading
from knowledge.logistic import fit
from knowledge.packed import Packed
from knowledge.triage_features import features
from knowledge.triage_model import LABELS, TERM_WEIGHT, VECTOR_WEIGHT, Floats, Neighbours, TriageModel, Weights, nearness

VERSION: Final = 9  # raise it when training or what it stores changes: bases are then trained again
FEWEST: Final = 3  # a feature must stand in so many examples
PENALTY: Final = 1.0
LOOKALIKES_COUNT: Final = 3.0
DISCLOSURES_COUNT: Final = 2.0
MOST: Final = 2500  # features that are kept
RIDGE: Final = 0.3
KIND_TERMS: Final = 0.5
JITTER: Final = 1e-3
LATER_CLAUSE: Final = 0.7
LANDMARKS: Final = 6000
BLOCK: Final = 2000  # examples at a time


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
    words = fit_weights(table, None, examples.label, counts)
    words_near = fit_neighbours(table, None, examples, counts)
    if vectors is None:
        return TriageModel(vocabulary, None, words, None, words_near, clauses_of(examples))
    full, full_near = fit_weights(table, vectors, examples.label, counts), fit_neighbours(table, vectors, examples, counts)
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
        return Neighbours(None, of_terms[:0], of_terms)

    def kernel(rows: slice | npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Floats:
        found = KIND_TERMS * (terms[rows] @ terms[columns].T) + nearness(vectors[rows] @ vectors[columns].T)
        return np.asarray(found, dtype=np.float32)

    spread = marks[:: -(-len(marks) // LANDMARKS)]
    system, wished = np.zeros((len(spread), len(spread)), dtype=np.float32), np.zeros((len(spread), len(LABELS)), dtype=np.float32)
    for start in range(0, len(label), BLOCK):
        rows = slice(start, start + BLOCK)
        near = kernel(rows, spread)
        weighted = near * counts[rows, None]
        system += weighted.T @ near
        wished += weighted.T @ target[rows]
    steady = system + RIDGE * kernel(spread, spread) + JITTER * np.eye(len(spread), dtype=np.float32)
    alpha = np.zeros((len(marks), len(LABELS)), dtype=np.float32)
    alpha[np.searchsorted(marks, spread)] = _solved(steady, wished)
    kinds = np.zeros((len(marks), wanted.shape[1]), dtype=np.float32)
    kinds[np.searchsorted(marks, told)] = _solved(kernel(told, told) + RIDGE * np.eye(len(told), dtype=np.float32), wanted)
    both = np.concatenate([alpha, kinds], axis=1).astype(np.float32)
    return Neighbours(Packed.of(vectors[marks]), both, np.asarray(KIND_TERMS * (terms[marks].T @ both), dtype=np.float32))


def _linear(terms: Floats, target: Floats, counts: Floats) -> Floats:
    """Ridge weights of the features, for the kernel KIND_TERMS x (terms . terms)."""
    weighted = terms * counts[:, None]
    steady = RIDGE / KIND_TERMS * np.eye(terms.shape[1], dtype=np.float32)
    return _solved(weighted.T @ terms + steady, weighted.T @ target)


def _solved(system: npt.NDArray[np.floating[Any]], wanted: npt.NDArray[np.floating[Any]]) -> Floats:
    """Solved in double precision: in single, the order of the sums, which is the machine's own, would show in the weights."""
    return np.asarray(np.linalg.solve(system.astype(np.float64), wanted.astype(np.float64)), dtype=np.float32)


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


def fit_weights(table: Floats, vectors: Floats | None, label: npt.NDArray[np.int64], counts: Floats) -> Weights:
    """The linear model under which the labels are likeliest."""
    dense = table[:, :0] if vectors is None else VECTOR_WEIGHT * vectors
    weights, bias = fit(dense, table, label, counts, labels=len(LABELS), penalty=PENALTY)
    return Weights(weights[: dense.shape[1]], weights[dense.shape[1] :], bias)
