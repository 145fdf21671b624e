"""A question -> how likely it is that each authored entry is what was meant.

Two steps, both learnt at build time by ``knowledge.training`` and only applied here. Kernel ridge regression turns likeness to the
examples (in meaning, words, concepts and letters) into a score for each entry; then a few weights put these scores, the
likeness of the nearest examples, and the support that entries of one clause or one verdict give each other on one scale that
adds up to 1.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.forms import FORMS, form_of
from knowledge.language import Reading, character_terms, concept_terms, lexical_terms
from knowledge.packed import Packed, restored, stored
from knowledge.terms import TermIndex

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

TERMS: Final = {"words": lexical_terms, "concepts": concept_terms, "letters": character_terms}
MIXTURE: Final = {"words": 0.35, "concepts": 0.45, "letters": 0.2}
SHARPNESS: Final = 1.5  # how fast likeness of meaning fades with distance
BY_WORDS: Final = 0.7  # how much likeness by words counts beside likeness of meaning
NEARNESS: Final = 15.0  # how strongly the nearest examples outweigh the others
OUTSIDE: Final = 0.5


@dataclass(frozen=True)
class Layout:
    """How entries hang together; the same for every question.

    ``starts[e]`` is the first example of entry ``e`` (examples stand in the order of their entries). ``support`` (entries x
    clauses) says how much an entry speaks for a clause, ``clause_of`` which clause an entry is about first, ``alike`` (entries x
    verdicts) its verdict. Not-covered topics share one "clause". ``flags`` (entries x flags): not covered; a disclosure.
    ``by_form`` (forms of question x entries) says how much more or less usual a form is with such a verdict than elsewhere (logarithm).
    """

    starts: Ints
    support: Floats
    clause_of: Ints
    alike: Floats
    flags: Floats
    by_form: Floats


@dataclass(frozen=True)
class Head:
    """One way of scoring, with vectors or by words alone: ridge weights of the landmarks, and the weights of the features."""

    landmarks: Floats
    features: Floats


@dataclass(frozen=True)
class Matcher:
    """The trained arrays.

    ``vectors`` are the examples', projected (None without a sentence model); ``landmarks`` the places of those that the ridge stands on;
    ``unseen`` tells how often the clause, and how often the verdict, was right for an authored line that was left out.
    """

    entries: tuple[str, ...]
    layout: Layout
    mean: Floats
    basis: Floats
    vectors: Packed | None
    landmarks: Ints
    indexes: Mapping[str, TermIndex]
    full: Head
    by_words: Head
    vocabulary: Mapping[str, int]
    unseen: tuple[float, float] = (0.0, 0.0)

    def probabilities(self, reading: Reading, vector: Floats | None) -> Floats:
        """One share for each entry, adding up to 1; by words alone where there is no vector."""
        shares: Floats = self.shares([reading], [vector])[0]
        return shares

    def shares(self, readings: Sequence[Reading], vectors: Sequence[Floats | None]) -> Floats:
        """The same for several texts, a row each: what is large is gone through once for all of them. All have a vector, or none has."""
        words = np.stack([likeness_by_words(self.indexes, reading) for reading in readings])
        given = [vector for vector in vectors if vector is not None]
        meaning = self.vectors.products(project(np.stack(given), self.mean, self.basis)) if self.vectors and given else None
        head = self.by_words if meaning is None else self.full
        scores = kernel_of(words[:, self.landmarks], None if meaning is None else meaning[:, self.landmarks]) @ head.landmarks
        found = []
        for place, reading in enumerate(readings):
            near = nearest(self.layout, words[place])
            if meaning is not None:
                near = [*nearest(self.layout, meaning[place]), *near]
            known = self.indexes["words"].coverage(lexical_terms(reading))
            form = self.layout.by_form[FORMS.index(form_of(reading.text))]
            found.append(head.features @ features_of(self.layout, scores[place], np.stack(near), form, known))
        return softmax(np.stack(found))

    def dump(self) -> bytes:
        """Everything as bytes for the clause base."""
        arrays: dict[str, npt.NDArray[np.generic]] = {f"layout_{name}": value for name, value in vars(self.layout).items()}
        for name, head in (("full", self.full), ("by_words", self.by_words)):
            arrays |= {f"{name}_landmarks": head.landmarks.astype(np.float16), f"{name}_features": head.features}
        for name, index in self.indexes.items():
            arrays |= index.arrays(name)
        arrays |= {
            "entries": _text(self.entries), "mean": self.mean, "basis": self.basis, "vectors": stored(self.vectors),
            "landmarks": self.landmarks, "vocabulary": _text(self.vocabulary),
            "counts": np.array(list(self.vocabulary.values()), dtype=np.int32), "unseen": np.array(self.unseen),
        }  # fmt: skip
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]
        return file.getvalue()

    @classmethod
    def restore(cls, data: bytes) -> Matcher:
        """The inverse of :meth:`dump`."""
        with np.load(io.BytesIO(data)) as file:
            arrays = {name: file[name] for name in file.files}
        heads = [Head(arrays[f"{name}_landmarks"].astype(np.float32), arrays[f"{name}_features"]) for name in ("full", "by_words")]
        return cls(
            entries=_lines(arrays["entries"]), layout=Layout(**{name: arrays[f"layout_{name}"] for name in Layout.__dataclass_fields__}),
            mean=arrays["mean"], basis=arrays["basis"], vectors=restored(arrays["vectors"]), landmarks=arrays["landmarks"],
            indexes={name: TermIndex.restore(arrays, name) for name in TERMS}, full=heads[0], by_words=heads[1],
            vocabulary=dict(zip(_lines(arrays["vocabulary"]), arrays["counts"].tolist(), strict=True)),
            unseen=(float(arrays["unseen"][0]), float(arrays["unseen"][1])),
        )  # fmt: skip


def project(vectors: Floats, mean: Floats, basis: Floats) -> Floats:
    """Vectors without what all questions share, in fewer dimensions, at unit length."""
    turned = (vectors - mean) @ basis
    return np.asarray(turned / np.maximum(np.linalg.norm(turned, axis=-1, keepdims=True), 1e-9), dtype=np.float32)


def likeness_by_words(indexes: Mapping[str, TermIndex], reading: Reading) -> Floats:
    """How alike a question is to every example in words, concepts and letters together, between 0 and 1."""
    found = [(MIXTURE[name], *indexes[name].matches(terms(reading))) for name, terms in TERMS.items()]
    places = np.concatenate([places for _, places, _ in found])
    shares = np.concatenate([weight * shares for weight, _, shares in found])
    return np.bincount(places, shares, minlength=indexes["words"].size).astype(np.float32)


def kernel_of(words: Floats, meaning: Floats | None) -> Floats:
    """The likeness on which the ridge stands."""
    if meaning is None:
        return words
    return np.asarray(np.exp(SHARPNESS * (meaning - 1)) + BY_WORDS * words, dtype=np.float32)


def features_of(layout: Layout, ridge: Floats, near: Floats, form: Floats, known: float) -> Floats:
    """Features x entries: what the learnt weights are applied to.

    What tells only whether anything at all is meant (how near the nearest example is, how many words are known) bears on the
    topics that are not covered, against all others.
    """
    outside = layout.flags[:, 0]
    rows = [ridge, (ridge @ layout.support)[layout.clause_of], layout.alike @ (ridge @ layout.alike), *near, form, *layout.flags.T]
    inside = outside < OUTSIDE
    familiar = [float(ridge[inside].sum()), float(ridge[inside].max()), *near[::3, inside].max(axis=1), *near[::3].max(axis=1), known]
    return np.stack([*rows, *(outside * np.float32(value) for value in familiar)]).astype(np.float32)


def nearest(layout: Layout, likeness: Floats) -> list[Floats]:
    """For each entry: its nearest example, its nearest few together, and the nearest example of its clause."""
    best = np.maximum.reduceat(likeness, layout.starts)
    several = np.log(np.add.reduceat(np.exp(NEARNESS * (likeness - 1)), layout.starts) + 1e-7) / NEARNESS
    of_clause = np.full(layout.support.shape[1], -1, dtype=np.float32)
    np.maximum.at(of_clause, layout.clause_of, best)
    return [best, several, of_clause[layout.clause_of]]


def softmax(scores: Floats) -> Floats:
    """Scores -> shares that add up to 1 along the last axis."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


def _text(names: Iterable[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(names).encode(), dtype=np.uint8)


def _lines(array: npt.NDArray[np.generic]) -> tuple[str, ...]:
    text = array.tobytes().decode()
    return tuple(text.split("\n")) if text else ()
