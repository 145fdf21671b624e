"""The batches from which the encoder's few numbers are learnt: which lines may be seen, and which stand together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from knowledge.build import POLICIES
from knowledge.guidance_files import Entry, load, paraphrases
from knowledge.language import Reader
from knowledge.training import vocabulary_of
from knowledge.weights import LARGE

PAIRS, STORIES, BATCH, HELD_OUT = 36, 20, 128, 5
SHORT, LONGEST, STORY = 28, 48, 144  # tokens
CONFUSED = 0.5
HARMLESS, LURES = -1, 20
PADDING = 1


def examples() -> list[tuple[str, int, int, str]]:
    """(text as read, entry, line, what it is about) of every line that may be seen."""
    folder = POLICIES / "harwell-social-media"
    guidance = load(folder)
    reader = Reader(vocabulary_of(guidance.entries, (folder / "policy.txt").read_text(encoding="utf-8")))
    lines = [
        (number, line, group, about(entry, number))
        for number, entry in enumerate(guidance.entries)
        for line, group in enumerate(entry.groups)
    ]
    harmless = [group for table in guidance.lookalikes for group in paraphrases(table.get("messages", ()))]
    lines += [(HARMLESS, line, group, "harmless") for line, group in enumerate(harmless)]
    seen = [one for one in lines if int(hashlib.sha256(one[2][0].encode()).hexdigest(), 16) % HELD_OUT]
    return [(reader.read(text).text, number, line, what) for number, line, group, what in seen for text in group]


def about(entry: Entry, number: int) -> str:
    """Entries of one name are not driven apart."""
    if entry.kind == "not_covered":
        return f"not covered {number}"
    return f"{entry.kind} {entry.clauses[0]} {entry.verdict}" if entry.clauses else entry.id


@dataclass(frozen=True)
class Lines:
    """The lines that may be seen: their tokens, and by entry and line the places of their wordings."""

    tokens: list[list[int]]
    of_entry: dict[int, dict[int, list[int]]]
    owner: npt.NDArray[np.int64]
    line: list[int]
    about: npt.NDArray[np.int64]
    entries: list[int]
    harmless: list[int]
    share: npt.NDArray[np.float64]


def lines_of(rows: list[tuple[str, int, int, str]]) -> Lines:
    """The rows as batches are drawn from them; entries with one line alone teach nothing."""
    tokenizer = Tokenizer.from_file(str(LARGE.tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(STORY)
    found: dict[int, dict[int, list[int]]] = {}
    for place, (_, entry, line, _) in enumerate(rows):
        found.setdefault(entry, {}).setdefault(line, []).append(place)
    harmless = [place for places in found.pop(HARMLESS, {}).values() for place in places]
    entries = [entry for entry, lines in found.items() if len(lines) > 1]
    share = np.array([sum(map(len, found[entry].values())) for entry in entries], dtype=float) ** 0.75
    return Lines(
        [tokenizer.encode(row[0]).ids for row in rows], found, np.array([row[1] for row in rows]), [row[2] for row in rows],
        np.unique([row[3] for row in rows], return_inverse=True)[1], entries, harmless, share / share.sum(),
    )  # fmt: skip


def padded(lines: Lines, places: Sequence[int], longest: int) -> tuple[Any, Any]:
    """Token numbers and mask of a batch, as long as its longest text, but no longer than `longest`."""
    length = min(longest, max(len(lines.tokens[place]) for place in places))
    ids, mask = np.full((len(places), length), PADDING, np.int64), np.zeros((len(places), length), np.float32)
    for row, place in enumerate(places):
        tokens = lines.tokens[place][:length]
        ids[row, : len(tokens)], mask[row, : len(tokens)] = tokens, 1
    return ids, mask


def neighbours(lines: Lines, vectors_of: Callable[[Any, Any], Any]) -> npt.NDArray[np.int64]:
    """For each entry the dozen that the model confuses it with most, by the means of their first few lines."""
    shown = [(number, found[0]) for number, entry in enumerate(lines.entries) for found in list(lines.of_entry[entry].values())[:4]]
    vectors = []
    for start in range(0, len(shown), BATCH):
        part = [place for _, place in shown[start : start + BATCH]]
        vectors.append(np.asarray(vectors_of(*padded(lines, part, SHORT))))
    means = np.zeros((len(lines.entries), vectors[0].shape[1]))
    np.add.at(means, [number for number, _ in shown], np.concatenate(vectors))
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    alike = means @ means.T
    np.fill_diagonal(alike, -1)
    return np.argsort(-alike, axis=1)[:, :12]


def story_batch(lines: Lines, stories: list[int], chance: np.random.Generator) -> list[int]:
    """Long lines, each with another line of its entry."""
    batch = []
    for place in chance.choice(stories, STORIES, replace=False):
        found = lines.of_entry[int(lines.owner[place])]
        others = [line for line in found if line != lines.line[place]]
        batch += [int(place), int(chance.choice(found[others[chance.integers(len(others))]]))]
    return batch


def usual_batch(lines: Lines, near: npt.NDArray[np.int64], chance: np.random.Generator) -> list[int]:
    """Two lines of each of many entries; a third of the entries are drawn because they are confused with another."""
    drawn = [int(one) for one in chance.choice(len(lines.entries), PAIRS // 2, replace=False, p=lines.share)]
    drawn += [int(chance.choice(near[one])) for one in drawn if chance.random() < CONFUSED]
    chosen = dict.fromkeys(drawn)
    while len(chosen) < PAIRS:
        chosen[int(chance.choice(len(lines.entries), p=lines.share))] = None
    batch = []
    for entry in list(chosen)[:PAIRS]:
        found = list(lines.of_entry[lines.entries[entry]].values())
        batch += [int(chance.choice(found[line])) for line in chance.choice(len(found), 2, replace=False)]
    return batch + [int(place) for place in chance.choice(lines.harmless, min(LURES, len(lines.harmless)), replace=False)]
