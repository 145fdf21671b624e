"""The plain tools that a school might use instead: each ranks the clauses by their text alone."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence

import bm25s
import numpy as np
from rapidfuzz import fuzz, process

from knowledge.encoder import Encoder

Rank = Callable[[str], list[str]]
DEEP = 10


def fts5(texts: Mapping[str, str]) -> Rank:
    """SQLite's full-text search, any of the words, by its own BM25."""
    store = sqlite3.connect(":memory:")
    store.execute("create virtual table found using fts5(id unindexed, text, tokenize='porter unicode61')")
    store.executemany("insert into found values (?, ?)", texts.items())

    def rank(question: str) -> list[str]:
        query = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
        sql = "select id from found where found match ? order by bm25(found) limit ?"
        return [row[0] for row in store.execute(sql, (query, DEEP))] if query else []

    return rank


def bm25(texts: Mapping[str, str]) -> Rank:
    """bm25s with English stop words, as its page shows it."""
    ids = list(texts)
    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(list(texts.values()), stopwords="en", show_progress=False), show_progress=False)

    def rank(question: str) -> list[str]:
        asked = bm25s.tokenize([question], stopwords="en", show_progress=False)
        places, _ = retriever.retrieve(asked, k=min(DEEP, len(ids)), show_progress=False)
        return [ids[place] for place in places[0]]

    return rank


def fuzzy(texts: Mapping[str, str]) -> Rank:
    """rapidfuzz, token set ratio on the clause's text."""
    ids, listed = list(texts), list(texts.values())
    return lambda question: [ids[place] for _, _, place in process.extract(question, listed, scorer=fuzz.token_set_ratio, limit=DEEP)]


def vectors(texts: Mapping[str, str], encoder: Encoder) -> Rank:
    """The sentence model as it is packaged: the cosine of question and clause."""
    ids, table = list(texts), encoder.encode(list(texts.values()))
    return lambda question: [ids[place] for place in np.argsort(-(table @ encoder.encode_one(question)), kind="stable")[:DEEP]]


def recall(ranked: Sequence[Sequence[str]], gold: Sequence[Sequence[str]]) -> tuple[float, float]:
    """The parts of the questions with a right clause first, and among the first three."""
    pairs = list(zip(ranked, gold, strict=True))
    first = sum(bool(found[:1]) and found[0] in right for found, right in pairs) / len(pairs)
    three = sum(bool(set(found[:3]) & set(right)) for found, right in pairs) / len(pairs)
    return first, three
