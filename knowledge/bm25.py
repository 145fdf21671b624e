"""BM25 (Robertson and Zaragoza, 2009) over postings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
K1: Final = 1.2
B: Final = 0.75
MOST_TIMES: Final = 2  # how often a word of the question may count


class Bm25:
    """BM25 over postings: the time of a question depends on how many texts share its terms, or on how many texts are asked for."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        """Index the terms of each text."""
        self._size = len(texts)
        lengths = np.array([max(len(terms), 1) for terms in texts], dtype=np.float32)
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(texts) else 1.0, 1.0))
        postings: dict[str, list[tuple[int, float]]] = {}
        for place, terms in enumerate(texts):
            for term, times in Counter(terms).items():
                postings.setdefault(term, []).append((place, times * (K1 + 1) / (times + float(norm[place]))))
        self._postings = {term: self._weighed(found) for term, found in postings.items()}

    def _weighed(self, found: list[tuple[int, float]]) -> tuple[npt.NDArray[np.int32], Floats]:
        rarity = np.log(1 + (self._size - len(found) + 0.5) / (len(found) + 0.5))
        return np.array([one for one, _ in found], dtype=np.int32), np.array([one * rarity for _, one in found], dtype=np.float32)

    def scores(self, terms: Sequence[str], among: Places | None = None) -> Floats:
        """One score for each text, or for each of those `among` which the question is asked."""
        found = np.zeros(self._size if among is None else len(among), dtype=np.float32)
        for term, times in Counter(terms).items():
            if term not in self._postings:
                continue
            places, weights = self._postings[term]
            if among is None:
                found[places] += min(times, MOST_TIMES) * weights
            else:
                at = np.minimum(np.searchsorted(places, among), len(places) - 1)
                found += np.where(places[at] == among, min(times, MOST_TIMES) * weights[at], np.float32(0))
        return found
