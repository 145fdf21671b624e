"""A question -> how likely it is that each authored entry is what was meant.

Kernel ridge regression over four likenesses (meaning, words, concepts, letters), learnt at build time by
``knowledge.training``; here it is only applied.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.language import Reading, character_terms, concept_terms, lexical_terms
from knowledge.terms import TermIndex

Floats = npt.NDArray[np.float32]
TERMS = {"words": lexical_terms, "concepts": concept_terms, "letters": character_terms}


@dataclass(frozen=True)
class Likeness:
    """How much each likeness counts, and how fast meaning fades with distance."""

    sharpness: float = 4.0
    words: float = 0.3
    concepts: float = 0.15
    letters: float = 0.1

    def of_meaning(self, cosines: Floats) -> Floats:
        """Cosines -> likeness between 0 and 1."""
        return np.asarray(np.exp(self.sharpness * (cosines - 1.0)), dtype=np.float32)


@dataclass(frozen=True)
class Matcher:
    """The trained arrays. ``owner[i]`` is the entry of example ``i``; ``alpha`` turns likenesses into scores of entries."""

    entries: tuple[str, ...]
    vectors: Floats
    owner: npt.NDArray[np.int32]
    alpha: Floats
    alpha_words: Floats
    indexes: Mapping[str, TermIndex]
    vocabulary: Mapping[str, int]
    temperature: float
    likeness: Likeness = Likeness()

    def likenesses(self, reading: Reading, vector: Floats | None) -> Floats:
        """The likeness of a question to every example; without a vector, by words alone."""
        total = np.zeros(len(self.owner), dtype=np.float32)
        for name, terms in TERMS.items():
            total += getattr(self.likeness, name) * self.indexes[name].compare(terms(reading))
        return total if vector is None else total + self.likeness.of_meaning(self.vectors @ vector)

    def scores(self, reading: Reading, vector: Floats | None) -> Floats:
        """One score for each entry: about 1 where the question is its own, about 0 where it is not."""
        alpha = self.alpha_words if vector is None else self.alpha
        return np.asarray(self.likenesses(reading, vector) @ alpha, dtype=np.float32)

    def probabilities(self, reading: Reading, vector: Floats | None) -> Floats:
        """The scores on a scale that adds up to 1."""
        return softmax(self.scores(reading, vector) / self.temperature)

    def dump(self) -> bytes:
        """Everything as bytes for the clause base."""
        arrays: dict[str, npt.NDArray[np.generic]] = {
            "entries": _text(self.entries), "vectors": self.vectors.astype(np.float16), "owner": self.owner,
            "alpha": self.alpha.astype(np.float16), "alpha_words": self.alpha_words.astype(np.float16),
            "vocabulary": _text(self.vocabulary), "counts": np.array(list(self.vocabulary.values()), dtype=np.int32),
            "temperature": np.array([self.temperature]),
        }  # fmt: skip
        for name, index in self.indexes.items():
            arrays |= index.arrays(name)
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]
        return file.getvalue()

    @classmethod
    def restore(cls, data: bytes) -> Matcher:
        """The inverse of :meth:`dump`."""
        with np.load(io.BytesIO(data)) as file:
            arrays = {name: file[name] for name in file.files}
        return cls(
            entries=_lines(arrays["entries"]),
            vectors=arrays["vectors"].astype(np.float32),
            owner=arrays["owner"],
            alpha=arrays["alpha"].astype(np.float32),
            alpha_words=arrays["alpha_words"].astype(np.float32),
            indexes={name: TermIndex.restore(arrays, name) for name in TERMS},
            vocabulary=dict(zip(_lines(arrays["vocabulary"]), arrays["counts"].tolist(), strict=True)),
            temperature=float(arrays["temperature"][0]),
        )


def softmax(scores: Floats) -> Floats:
    """Scores -> shares that add up to 1 along the last axis."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


def _text(names: object) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(names).encode(), dtype=np.uint8)  # type: ignore[call-overload,no-any-return]


def _lines(array: npt.NDArray[np.generic]) -> tuple[str, ...]:
    text = array.tobytes().decode()
    return tuple(text.split("\n")) if text else ()
