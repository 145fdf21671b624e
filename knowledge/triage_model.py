"""Learnt weights -> how likely a message is to disclose nothing, or each kind of concern. Applied here; learnt in triage_training."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.guidance_files import CONCERNS

Floats = npt.NDArray[np.float32]

LABELS: Final = ("none", *CONCERNS)
VECTOR_WEIGHT: Final = 4.0
TERM_WEIGHT: Final = 4.0


@dataclass(frozen=True)
class Weights:
    """A linear model over a vector and features: ``of_vector`` (dimensions x labels), ``of_terms`` (features x labels), ``bias``."""

    of_vector: Floats
    of_terms: Floats
    bias: Floats


@dataclass(frozen=True)
class TriageModel:
    """The learnt model, with vectors and without. ``vocabulary`` numbers the features."""

    vocabulary: Mapping[str, int]
    full: Weights | None
    words_only: Weights

    def probabilities(self, terms: Sequence[str], vector: Floats | None) -> Floats:
        """The share of each label (``LABELS``), adding up to 1; by words alone where there is no vector."""
        numbers = [self.vocabulary[term] for term in terms if term in self.vocabulary]
        weights = self.full if vector is not None and self.full is not None else self.words_only
        scores = weights.bias.copy()
        if numbers:
            scores += weights.of_terms[numbers].sum(axis=0) * (TERM_WEIGHT / np.sqrt(len(numbers)))
        if weights is self.full:
            scores += VECTOR_WEIGHT * (vector @ weights.of_vector)  # type: ignore[operator]
        shares = np.exp(scores - scores.max())
        return np.asarray(shares / shares.sum(), dtype=np.float32)

    def dump(self) -> bytes:
        """Everything as bytes for the clause base."""
        arrays: dict[str, npt.NDArray[np.generic]] = {"vocabulary": np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8)}
        for name, weights in (("full", self.full), ("words", self.words_only)):
            if weights is not None:
                arrays |= {
                    f"{name}_vector": weights.of_vector.astype(np.float16), f"{name}_terms": weights.of_terms.astype(np.float16),
                    f"{name}_bias": weights.bias,
                }  # fmt: skip
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]
        return file.getvalue()

    @classmethod
    def restore(cls, data: bytes) -> TriageModel:
        """The inverse of :meth:`dump`."""
        with np.load(io.BytesIO(data)) as file:
            arrays = {name: file[name] for name in file.files}
        terms = arrays["vocabulary"].tobytes().decode().split("\n")
        words = _weights(arrays, "words")
        return cls({term: number for number, term in enumerate(terms)}, _weights(arrays, "full") if "full_bias" in arrays else None, words)


def _weights(arrays: Mapping[str, npt.NDArray[np.generic]], name: str) -> Weights:
    vector, terms, bias = (np.asarray(arrays[f"{name}_{part}"], dtype=np.float32) for part in ("vector", "terms", "bias"))
    return Weights(vector, terms, bias)
