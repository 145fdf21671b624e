"""Learnt weights -> how likely a message is to disclose nothing, or each kind of concern. Applied here; learnt in triage_training."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.guidance_files import CONCERNS
from knowledge.packed import Packed, restored, stored

Floats = npt.NDArray[np.float32]

LABELS: Final = ("none", *CONCERNS)
VECTOR_WEIGHT: Final = 4.0
TERM_WEIGHT: Final = 4.0
SHARPNESS: Final = 3.0
TEMPERATURE: Final = 0.112
NEAR_SHARE: Final = 0.6  # how much the neighbours say on whether it is a disclosure, beside the linear model
KIND_SHARE: Final = 0.7  # the same, on the kind
BEFORE_CLAUSES: Final = len(LABELS) + len(CONCERNS)
NEAR_PARTS: Final = ("alpha", "of_terms")


@dataclass(frozen=True)
class Weights:
    """A linear model over a vector and features: ``of_vector`` (dimensions x labels), ``of_terms`` (features x labels), ``bias``."""

    of_vector: Floats
    of_terms: Floats
    bias: Floats


@dataclass(frozen=True)
class Neighbours:
    """A kernel model: how near a message is to each authored disclosure and look-alike, in meaning (``vectors``) and in features.

    The columns of ``alpha`` and ``of_terms`` are the labels, and after them, learnt from the disclosures alone, the kinds and the clauses.
    """

    vectors: Packed | None
    alpha: Floats
    of_terms: Floats

    def shares(self, numbers: Sequence[int], vector: Floats | None) -> tuple[Floats, Floats]:
        """The share of each label (``LABELS``), and of each kind (``CONCERNS``) if it is one; both add up to 1."""
        scores = self.scores(numbers, vector)
        return _softmax(scores[: len(LABELS)] / TEMPERATURE), _softmax(scores[len(LABELS) : BEFORE_CLAUSES] / TEMPERATURE)

    def scores(self, numbers: Sequence[int], vector: Floats | None) -> Floats:
        """One score for each column."""
        scores = np.zeros(self.of_terms.shape[1], dtype=np.float32)
        if numbers:
            scores += self.of_terms[list(numbers)].sum(axis=0) / np.sqrt(len(numbers))
        if vector is not None and self.vectors:
            scores += nearness(self.vectors.products(vector[None])[0]) @ self.alpha
        return scores


@dataclass(frozen=True)
class TriageModel:
    """The learnt model, with vectors and without. ``vocabulary`` numbers the features."""

    vocabulary: Mapping[str, int]
    full: Weights | None
    words_only: Weights
    full_neighbours: Neighbours | None
    words_neighbours: Neighbours
    clauses: tuple[str, ...] = ()

    def probabilities(self, terms: Sequence[str], vector: Floats | None) -> Floats:
        """The share of each label (``LABELS``), adding up to 1; by words alone where there is no vector."""
        numbers = [self.vocabulary[term] for term in terms if term in self.vocabulary]
        weights = self.full if vector is not None and self.full is not None else self.words_only
        scores = weights.bias.copy()
        if numbers:
            scores += weights.of_terms[numbers].sum(axis=0) * (TERM_WEIGHT / np.sqrt(len(numbers)))
        if weights is self.full:
            scores += VECTOR_WEIGHT * (vector @ weights.of_vector)  # type: ignore[operator]
        shares = _softmax(scores)
        near = self.full_neighbours if weights is self.full and self.full_neighbours else self.words_neighbours
        labels, kinds = near.shares(numbers, vector if near is self.full_neighbours else None)
        return _together(shares, labels, kinds)

    def cited(self, terms: Sequence[str], vector: Floats | None) -> list[tuple[str, float]]:
        """The clauses that disclosures like this one cite, best first, with a score (1: certainly the first)."""
        numbers = [self.vocabulary[term] for term in terms if term in self.vocabulary]
        near = self.full_neighbours if vector is not None and self.full_neighbours is not None else self.words_neighbours
        scores = near.scores(numbers, vector if near is self.full_neighbours else None)[BEFORE_CLAUSES:]
        return [(self.clauses[place], float(scores[place])) for place in np.argsort(-scores, kind="stable")]

    def dump(self) -> bytes:
        """Everything as bytes for the clause base."""
        arrays: dict[str, npt.NDArray[np.generic]] = {"vocabulary": _text(self.vocabulary), "clauses": _text(self.clauses)}
        for name, weights in (("full", self.full), ("words", self.words_only)):
            if weights is not None:
                arrays |= {
                    f"{name}_vector": weights.of_vector.astype(np.float16), f"{name}_terms": weights.of_terms.astype(np.float16),
                    f"{name}_bias": weights.bias,
                }  # fmt: skip
        for name, near in (("full", self.full_neighbours), ("words", self.words_neighbours)):
            if near is not None:
                arrays |= {f"{name}_near_{part}": getattr(near, part).astype(np.float16) for part in NEAR_PARTS}
                arrays[f"{name}_near_vectors"] = stored(near.vectors)
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]
        return file.getvalue()

    @classmethod
    def restore(cls, data: bytes) -> TriageModel:
        """The inverse of :meth:`dump`."""
        with np.load(io.BytesIO(data)) as file:
            arrays = {name: file[name] for name in file.files}
        terms = _lines(arrays["vocabulary"])
        full = "full_bias" in arrays
        return cls(
            {term: number for number, term in enumerate(terms)}, _weights(arrays, "full") if full else None, _weights(arrays, "words"),
            _near(arrays, "full") if full else None, _near(arrays, "words"), _lines(arrays["clauses"]),
        )  # fmt: skip


def nearness(cosines: Floats) -> Floats:
    """Cosines -> nearness between 0 and 1."""
    return np.asarray(np.exp(SHARPNESS * (cosines - 1.0)), dtype=np.float32)


def _softmax(scores: Floats) -> Floats:
    shares = np.exp(scores - scores.max())
    return np.asarray(shares / shares.sum(), dtype=np.float32)


def _text(lines: Iterable[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


def _lines(array: npt.NDArray[np.generic]) -> tuple[str, ...]:
    text = array.tobytes().decode()
    return tuple(text.split("\n")) if text else ()


def _together(linear: Floats, labels: Floats, kinds: Floats) -> Floats:
    """Both models' shares as one: their odds of a disclosure multiplied, and the kinds averaged."""
    odds = (1 - NEAR_SHARE) * _log_odds(1 - float(linear[0])) + NEAR_SHARE * _log_odds(1 - float(labels[0]))
    heard = 1.0 / (1.0 + math.exp(-odds))
    own = linear[1:] / max(float(linear[1:].sum()), 1e-9)
    return np.concatenate([[1.0 - heard], heard * ((1 - KIND_SHARE) * own + KIND_SHARE * kinds)]).astype(np.float32)


def _log_odds(share: float) -> float:
    kept = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def _near(arrays: Mapping[str, npt.NDArray[np.generic]], name: str) -> Neighbours:
    alpha, of_terms = (np.asarray(arrays[f"{name}_near_{part}"], dtype=np.float32) for part in NEAR_PARTS)
    return Neighbours(restored(arrays[f"{name}_near_vectors"]), alpha, of_terms)


def _weights(arrays: Mapping[str, npt.NDArray[np.generic]], name: str) -> Weights:
    vector, terms, bias = (np.asarray(arrays[f"{name}_{part}"], dtype=np.float32) for part in ("vector", "terms", "bias"))
    return Weights(vector, terms, bias)
