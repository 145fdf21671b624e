"""Learns, from the authored examples alone, how likeness to examples becomes a score for each entry.

Kernel ridge regression has a closed form, and so has its leave-one-group-out prediction: one matrix inversion gives, for every
example, what the matcher would have said had it never seen that example's whole line. Everything that is fitted afterwards is
fitted on those predictions, so that what is measured here is what unseen questions will meet. Deterministic; seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.guidance_files import Entry
from knowledge.language import Reader, Reading, tokens
from knowledge.matcher import TERMS, Floats, Likeness, Matcher, softmax
from knowledge.terms import TermIndex

RIDGE = 0.3
VERSION = 1  # raise it when training or what it stores changes: bases are then trained again


@dataclass(frozen=True)
class Examples:
    """Authored examples in rows: what was written, how it was read, the entry it belongs to, its paraphrase group."""

    texts: tuple[str, ...]
    readings: tuple[Reading, ...]
    owner: npt.NDArray[np.int32]
    group: npt.NDArray[np.int32]


def vocabulary_of(entries: Sequence[Entry], policy_text: str = "") -> dict[str, int]:
    """Words that guidance uses at least twice, or the policy at all, with their counts: what spelling leans towards."""
    counts = Counter(word for entry in entries for _, text in entry.examples() for word in tokens(text))
    policy = Counter(tokens(policy_text))
    return {word: counts[word] + policy[word] for word in counts | policy if counts[word] > 1 or word in policy}


def examples_of(entries: Sequence[Entry], reader: Reader) -> Examples:
    """Every wording of every entry, in order."""
    rows = [(number, line, text) for number, entry in enumerate(entries) for line, text in entry.examples()]
    groups: dict[tuple[int, int], int] = {}
    return Examples(
        texts=tuple(text for _, _, text in rows),
        readings=tuple(reader.read(text) for _, _, text in rows),
        owner=np.array([number for number, _, _ in rows], dtype=np.int32),
        group=np.array([groups.setdefault((number, line), len(groups)) for number, line, _ in rows], dtype=np.int32),
    )


def train(entries: Sequence[Entry], examples: Examples, vectors: Floats | None, vocabulary: Mapping[str, int]) -> Matcher:
    """Fit the matcher. Without vectors only the part that works by words is fitted."""
    likeness = Likeness()
    indexes = {name: TermIndex.build([terms(reading) for reading in examples.readings]) for name, terms in TERMS.items()}
    by_words = sum((getattr(likeness, name) * _table(indexes[name], name, examples) for name in TERMS), np.float32(0))
    target = np.zeros((len(examples.owner), len(entries)), dtype=np.float32)
    target[np.arange(len(examples.owner)), examples.owner] = 1
    words, alpha_words = leave_groups_out(by_words, target, examples.group)
    unseen, alpha = words, alpha_words
    if vectors is not None:
        unseen, alpha = leave_groups_out(by_words + likeness.of_meaning(vectors @ vectors.T), target, examples.group)
    return Matcher(
        entries=tuple(entry.id for entry in entries),
        vectors=vectors if vectors is not None else np.zeros((len(examples.owner), 0), dtype=np.float32),
        owner=examples.owner, alpha=alpha, alpha_words=alpha_words, indexes=indexes, vocabulary=vocabulary,
        temperature=best_temperature(unseen, examples.owner), likeness=likeness,
    )  # fmt: skip


def _table(index: TermIndex, name: str, examples: Examples) -> Floats:
    """The likeness of every example to every other."""
    return np.stack([index.compare(TERMS[name](reading)) for reading in examples.readings])


def leave_groups_out(kernel: Floats, target: Floats, group: npt.NDArray[np.int32], ridge: float = RIDGE) -> tuple[Floats, Floats]:
    """Kernel ridge regression: (predictions for every row without its group, weights fitted on all rows)."""
    inverse = np.linalg.inv(kernel + ridge * np.eye(len(kernel), dtype=np.float32))
    weights = inverse @ target
    unseen = np.empty_like(target)
    for rows in groups_of(group):
        unseen[rows] = target[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], weights[rows])
    return unseen, weights


def groups_of(group: npt.NDArray[np.int32]) -> Iterator[npt.NDArray[np.int64]]:
    """The rows of each group."""
    order = np.argsort(group, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(group[order])) + 1)


def best_temperature(unseen: Floats, owner: npt.NDArray[np.int32]) -> float:
    """The temperature under which the shares of unseen examples fit best (least negative log likelihood)."""
    rows = np.arange(len(owner))
    candidates = np.geomspace(0.01, 0.5, 60)
    losses = [-np.log(np.maximum(softmax(unseen / value)[rows, owner], 1e-9)).mean() for value in candidates]
    return float(candidates[int(np.argmin(losses))])
