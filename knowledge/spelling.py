"""Mends spelling towards the words that staff and the policy use, and leaves real words alone.

The dictionary is the English word list with frequencies that the package ``symspellpy`` ships (MIT): 82,834 words, British
spellings included. Only its data file is read. Without it, only words that are very close to the vocabulary are mended.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

WORD_LIST: Final = "frequency_dictionary_en_82_765.txt"
SHORT: Final = 3  # letters; too few to tell what was meant
MIDDLING: Final = 5  # letters; up to here one slip is mended, above it two
COMMON: Final = 30_000  # mend only towards words that people really use; rarer ones are known but never suggested


@lru_cache(maxsize=1)
def dictionary() -> Mapping[str, int]:
    """Every English word with its frequency, most frequent first; empty where the package is not installed."""
    spec = importlib.util.find_spec("symspellpy")
    if spec is None or spec.origin is None:
        return {}
    path = Path(spec.origin).parent / WORD_LIST
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return {word: int(count) for word, _, count in (line.partition(" ") for line in lines)}


class Speller:
    """Knows which words are right, and what a wrong one was probably meant to be."""

    def __init__(self, vocabulary: Mapping[str, int], names: Iterable[str] = ()) -> None:
        """``vocabulary``: the words of the policy and its guidance with their counts; ``names``: words never to touch."""
        self._vocabulary = vocabulary
        self._names = frozenset(names)
        self._by_length: dict[tuple[int, str], list[str]] = {}
        self._repair = lru_cache(maxsize=4096)(self._find)

    def knows(self, word: str) -> bool:
        """Whether the word is right as it stands."""
        return word in self._vocabulary or word in self._names or word in dictionary()

    def repair(self, word: str, *, vocabulary_only: bool = False) -> str:
        """The word that was meant; the word itself when it is right, too short to judge, or nothing is near."""
        if len(word) <= SHORT or not word.isalpha() or self.knows(word):
            return word
        return self._repair(word, vocabulary_only=vocabulary_only)

    def _find(self, word: str, *, vocabulary_only: bool) -> str:
        allowed = 1 if len(word) <= MIDDLING else 2
        found = process.extract(word, self._candidates(word, allowed), scorer=OSA.distance, score_cutoff=allowed, limit=40, processor=None)
        options = [
            (self._cost(word, option, distance), option)
            for option, distance, _ in found
            if option in self._vocabulary or not vocabulary_only
        ]
        return min(options)[1] if options else word

    def _cost(self, word: str, option: str, distance: float) -> float:
        """Lower is likelier: few edits, the same first letter, a word of the field, a common word."""
        field = math.log1p(self._vocabulary.get(option, 0))
        common = math.log1p(dictionary().get(option, 0))
        return distance + 0.7 * (option[0] != word[0]) - 0.16 * field - 0.03 * common

    def _candidates(self, word: str, allowed: int) -> list[str]:
        """Words of about the same length: all of the vocabulary, and common ones that begin with one of the word's first letters."""
        if not self._by_length:
            for option in self._vocabulary:
                if option.isalpha() and len(option) >= SHORT:
                    self._by_length.setdefault((len(option), ""), []).append(option)
            for option in islice(dictionary(), COMMON):
                if option.isalpha() and len(option) >= SHORT and option not in self._vocabulary:
                    self._by_length.setdefault((len(option), option[0]), []).append(option)
        sizes = range(len(word) - allowed, len(word) + allowed + 1)
        return [option for size in sizes for first in ("", *set(word[:2])) for option in self._by_length.get((size, first), ())]
