"""An index of term weights (TF-IDF, unit length) that compares one text with many, in numpy alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

FEW: Final = 100  # a term that no more texts have is not common


@dataclass(frozen=True)
class TermIndex:
    """Postings by term: ``documents[starts[t]:starts[t+1]]`` hold term ``t`` with the weights beside them."""

    numbers: Mapping[str, int]
    idf: Floats
    starts: Ints
    documents: Ints
    weights: Floats
    size: int

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]], most: float = 1.0) -> TermIndex:
        """Index the terms of each text, in order; of many texts, without the terms that a greater share than ``most`` of them have."""
        found = Counter(term for terms in texts for term in dict.fromkeys(terms))
        common = max(most * len(texts), FEW)
        numbers = {term: number for number, term in enumerate(term for term, times in found.items() if times <= common)}
        counts = np.zeros(len(numbers), dtype=np.int64)
        for terms in texts:
            counts[[numbers[term] for term in set(terms) if term in numbers]] += 1
        idf = np.log((len(texts) + 1) / (counts + 0.5)).astype(np.float32)
        rows = [_weighted(terms, numbers, idf) for terms in texts]
        ids = np.concatenate([row[0] for row in rows]) if rows else np.zeros(0, dtype=np.int32)
        weights = np.concatenate([row[1] for row in rows]) if rows else np.zeros(0, dtype=np.float32)
        documents = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row[0]) for row in rows])
        order = np.argsort(ids, kind="stable")
        starts = np.zeros(len(numbers) + 1, dtype=np.int32)
        np.cumsum(np.bincount(ids, minlength=len(numbers)), out=starts[1:])
        return cls(numbers, idf, starts, documents[order], weights[order].astype(np.float32), len(texts))

    def only(self, places: Ints) -> TermIndex:
        """The same weights for some of the texts alone, renumbered in the order of ``places``, which rises."""
        number = np.full(self.size, -1, dtype=np.int32)
        number[places] = np.arange(len(places), dtype=np.int32)
        kept = number[self.documents] >= 0
        starts = np.concatenate(([0], np.cumsum(kept)))[self.starts].astype(np.int32)
        return TermIndex(self.numbers, self.idf, starts, number[self.documents[kept]], self.weights[kept], len(places))

    def compare(self, terms: Sequence[str]) -> Floats:
        """The cosine of a text's terms with every indexed text."""
        documents, products = self.matches(terms)
        return np.bincount(documents, products, minlength=self.size).astype(np.float32)

    def matches(self, terms: Sequence[str]) -> tuple[Ints, Floats]:
        """The places where terms are shared, and what each adds to the cosine of that text."""
        ids, weights = _weighted(terms, self.numbers, self.idf)
        if not len(ids):
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        starts, ends = self.starts[ids], self.starts[ids + 1]
        lengths = ends - starts
        places = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths) + np.arange(int(lengths.sum()))
        return self.documents[places], self.weights[places] * np.repeat(weights, lengths)

    def coverage(self, terms: Sequence[str]) -> float:
        """The share of a text's single words, the rarer the weightier, that any indexed text has; 1 for no words at all."""
        single = [term for term in set(terms) if " " not in term]
        rare = float(self.idf.max()) if len(self.idf) else 1.0
        weights = [float(self.idf[self.numbers[term]]) if term in self.numbers else rare for term in single]
        known = [weight for term, weight in zip(single, weights, strict=True) if term in self.numbers]
        return sum(known) / sum(weights) if weights else 1.0

    def texts_with(self, term: str) -> list[int]:
        """The places of the texts that have a term; none for a term that nobody has."""
        number = self.numbers.get(term)
        return [] if number is None else [int(place) for place in self.documents[self.starts[number] : self.starts[number + 1]]]

    def arrays(self, prefix: str) -> dict[str, npt.NDArray[np.generic]]:
        """What has to be stored, by name; :meth:`restore` is its inverse."""
        return {
            f"{prefix}_terms": np.frombuffer("\n".join(self.numbers).encode(), dtype=np.uint8),
            f"{prefix}_idf": self.idf,
            f"{prefix}_starts": self.starts,
            f"{prefix}_documents": self.documents,
            f"{prefix}_weights": self.weights,
            f"{prefix}_size": np.array([self.size]),
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, npt.NDArray[np.generic]], prefix: str) -> TermIndex:
        """An index as :meth:`arrays` stored it."""
        terms = arrays[f"{prefix}_terms"].tobytes().decode()
        numbers = {term: number for number, term in enumerate(terms.split("\n"))} if terms else {}
        idf, starts, documents, weights = (np.asarray(arrays[f"{prefix}_{name}"]) for name in ("idf", "starts", "documents", "weights"))
        return cls(numbers, idf, starts, documents, weights, int(arrays[f"{prefix}_size"][0]))


def _weighted(terms: Sequence[str], numbers: Mapping[str, int], idf: Floats) -> tuple[Ints, Floats]:
    """The known terms of a text and their weights, scaled to unit length."""
    counted = Counter(numbers[term] for term in terms if term in numbers)
    ids = np.fromiter(counted.keys(), dtype=np.int32, count=len(counted))
    times = np.fromiter(counted.values(), dtype=np.float32, count=len(counted))
    weights = (1 + np.log(times)) * idf[ids]
    length = float(np.linalg.norm(weights))
    return ids, (weights / length if length else weights).astype(np.float32)
