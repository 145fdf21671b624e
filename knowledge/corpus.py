"""Ranks the texts of any corpus for a question, by the texts alone: no authored guidance, nothing learnt from this corpus.

Four likenesses, each put on one scale for the question at hand and added with fixed weights: BM25 of stemmed words and word pairs
(Robertson and Zaragoza, 2009), BM25 of letter groups (robust to spelling), the cosine of the sentence model with the whole text, and
with the best of its sentences. A question may come with a scenario, told by the person: its words and its meaning count less than the
question's own. The weights were found by random search on one half of OR-ShARC's development part, and looked at on the other.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.bm25 import Bm25, Floats, Places
from knowledge.document import DocumentError
from knowledge.encoder import Encoder
from knowledge.language import STOP, stem, tokens

LETTERS = (4, 5)
SHORT = 12  # characters; what is shorter is no sentence of its own
SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+|\n+")
FIRST_THREE = 3
BATCH = 256


@dataclass(frozen=True)
class Weights:
    """How much each likeness counts: words, pairs, letters, the whole text, its best sentence, the whole text with all that was told."""

    words: float
    pairs: float
    letters: float
    whole: float
    sentence: float
    together: float = 0.0


ALONE = Weights(words=0.05, pairs=0.33, letters=0.14, whole=0.03, sentence=0.45)
WITH_SCENARIO = Weights(words=0.22, pairs=0.04, letters=0.01, whole=0.34, sentence=0.08, together=0.31)
TOLD_WORDS, TOLD_LETTERS, TOLD_MEANING = 0.6, 0.4, 0.5  # what the scenario counts beside the question


def words_of(text: str) -> list[str]:
    """Stemmed words without the commonest ones, and pairs of neighbours."""
    words = [stem(word) for word in tokens(text) if word not in STOP]
    return words + [f"{one} {two}" for one, two in pairwise(words)]


def letters_of(text: str) -> list[str]:
    """Overlapping groups of letters."""
    plain = " ".join(tokens(text))
    return [plain[start : start + size] for size in LETTERS for start in range(len(plain) - size + 1)]


def sentences_of(text: str) -> list[str]:
    """The sentences of a text; the text itself where it has none of any length."""
    return [part.strip() for part in SENTENCE_END.split(text) if len(part.strip()) > SHORT] or [text]


class Corpus:
    """Texts with ids, indexed once, asked often."""

    def __init__(self, texts: Mapping[str, str], encoder: Encoder | None, progress: Callable[[str, int, int], None] | None = None) -> None:
        """Index `texts` (id to text). Without an encoder words must do."""
        self.ids = list(texts)
        self._place = {name: place for place, name in enumerate(self.ids)}
        self._encoder = encoder
        listed = list(texts.values())
        self._words = Bm25([single(words_of(text)) for text in listed])
        self._pairs = Bm25([words_of(text) for text in listed])
        self._letters = Bm25([letters_of(text) for text in listed])
        if encoder:
            sentences = [sentences_of(text) for text in listed]
            self._owner = np.repeat(np.arange(len(listed)), [len(one) for one in sentences])
            self._starts = np.searchsorted(self._owner, np.arange(len(listed) + 1))
            parts = [part for one in sentences for part in one]
            self._whole = encoded(encoder, listed, progress)
            self._sentences = encoded(encoder, parts, progress)

    def rank(self, question: str, scenario: str = "", candidates: Iterable[str] | None = None) -> list[str]:
        """The ids, best first; only those of `candidates` where given.

        Raises:
            KeyError: a candidate is not an id of this corpus.
        """
        if candidates is None:
            order = np.argsort(-self.scores(question, scenario), kind="stable")
        else:
            places = np.array([self._place[name] for name in candidates], dtype=np.int64)
            order = places[np.argsort(-self.scores(question, scenario, places), kind="stable")]
        return [self.ids[place] for place in order]

    def scores(self, question: str, scenario: str = "", among: Places | None = None) -> Floats:
        """One score for each text, or for each of those `among` which the question is asked; on the scale of this question alone."""
        told = scenario.strip()
        weights = WITH_SCENARIO if told else ALONE
        parts = [(question, 1.0, 1.0), (told, TOLD_WORDS, TOLD_LETTERS)] if told else [(question, 1.0, 1.0)]
        words = blend((share, self._words.scores(single(words_of(text)), among)) for text, share, _ in parts)
        pairs = blend((share, self._pairs.scores(words_of(text), among)) for text, share, _ in parts)
        letters = blend((share, self._letters.scores(letters_of(text), among)) for text, _, share in parts)
        total = weights.words * even(words) + weights.pairs * even(pairs) + weights.letters * even(letters)
        return (
            total if self._encoder is None else blend([(1.0, total), (1.0, self._meaning(self._encoder, question, told, weights, among))])
        )

    def _meaning(self, encoder: Encoder, question: str, told: str, weights: Weights, among: Places | None) -> Floats:
        vector = encoder.encode_one(question)
        if told:
            vector = vector + TOLD_MEANING * encoder.encode_one(told)
            vector /= np.linalg.norm(vector)
        whole = self._whole if among is None else self._whole[among]
        found = weights.whole * even(whole @ vector)
        if told and weights.together:
            found = found + weights.together * even(whole @ encoder.encode_one(f"{told} {question}"))
        if weights.sentence:
            found = found + weights.sentence * even(self._best_sentence(vector, among))
        return np.asarray(found, dtype=np.float32)

    def _best_sentence(self, vector: Floats, among: Places | None) -> Floats:
        """How near the nearest sentence of each text is."""
        if among is None:
            return np.asarray(np.maximum.reduceat(self._sentences @ vector, self._starts[:-1]), dtype=np.float32)
        sizes = self._starts[among + 1] - self._starts[among]
        first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        rows = np.repeat(self._starts[among] - first, sizes) + np.arange(int(sizes.sum()))
        return np.asarray(np.maximum.reduceat(self._sentences[rows] @ vector, first), dtype=np.float32)


def blend(parts: Iterable[tuple[float, Floats]]) -> Floats:
    """Scores added up, each with its share."""
    return np.asarray(np.sum([share * scores for share, scores in parts], axis=0), dtype=np.float32)


def single(terms: Sequence[str]) -> list[str]:
    """The terms without the pairs of neighbours."""
    return [term for term in terms if " " not in term]


def encoded(encoder: Encoder, texts: Sequence[str], progress: Callable[[str, int, int], None] | None) -> Floats:
    """One vector for each text."""
    rows = []
    for start in range(0, len(texts), BATCH):
        rows.append(encoder.encode(texts[start : start + BATCH]))
        if progress:
            progress("sentence vectors", min(start + BATCH, len(texts)), len(texts))
    return np.concatenate(rows)


def even(scores: Floats) -> Floats:
    """Scores around 0 with a spread of 1, so that different likenesses can be added."""
    return np.asarray((scores - scores.mean()) / (scores.std() + 1e-6), dtype=np.float32)


@dataclass(frozen=True)
class Row:
    """One labelled question of a corpus."""

    question: str
    scenario: str
    gold: frozenset[str]
    candidates: tuple[str, ...] | None


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file. Raises DocumentError, naming the line, where one is not an object."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise DocumentError(f"There is no file {path}: check the name.") from None
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise DocumentError(f"{path.name}, line {number}: this is not a JSON object.")
        found.append(value)
    return found


def read_corpus(clauses: Path, questions: Path) -> tuple[dict[str, str], list[Row]]:
    """Read a corpus and its questions. Raises DocumentError where a key is missing or a gold id is no clause."""
    try:
        texts = {str(one["id"]): str(one["text"]) for one in read_lines(clauses)}
        rows = [
            Row(
                str(one["question"]), str(one.get("scenario") or ""), frozenset(map(str, one["gold"])),
                tuple(map(str, one["candidates"])) if one.get("candidates") else None,
            )
            for one in read_lines(questions)
        ]  # fmt: skip
    except KeyError as error:
        raise DocumentError(f"A line lacks the key {error}: clauses need id and text, questions need question and gold.") from None
    unknown = {name for row in rows for name in (*row.gold, *(row.candidates or ()))} - set(texts)
    if unknown:
        raise DocumentError(f"{questions.name} names {len(unknown)} clauses that are not in {clauses.name}, such as {min(unknown)}.")
    return texts, rows


def evaluate_corpus(
    corpus: Corpus, rows: Sequence[Row], *, scenario: bool = True, progress: Callable[[str, int, int], None] | None = None
) -> dict[str, float | int]:
    """Rank every question and reckon the contract's figures. `scenario` False: with the question alone."""
    ranks, times = [], []
    for done, row in enumerate(rows, start=1):
        if progress:
            progress("questions", done, len(rows))
        start = time.perf_counter()
        ranked = corpus.rank(row.question, row.scenario if scenario else "", row.candidates)
        times.append((time.perf_counter() - start) * 1000)
        ranks.append(next((place for place, name in enumerate(ranked, start=1) if name in row.gold), 0))
    count = max(len(rows), 1)
    return {
        "recall_at_1": round(sum(rank == 1 for rank in ranks) / count, 4),
        "recall_at_3": round(sum(0 < rank <= FIRST_THREE for rank in ranks) / count, 4),
        "mrr": round(sum(1 / rank for rank in ranks if rank) / count, 4),
        "p50_ms": round(float(np.percentile(times, 50)), 2) if times else 0.0,
        "p99_ms": round(float(np.percentile(times, 99)), 2) if times else 0.0,
        "questions": len(rows),
    }
