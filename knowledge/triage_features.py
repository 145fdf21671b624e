"""A message -> the features by which the triage hears: words as they stand, classes of words, and the form of the sentences.

``triage_words.toml`` lists the classes (people, harm, data, child, images, misuse, harmless). A class may stand where many words
may stand, so that "a mum has slated our cook" and "my dad's carer mocked a TA" look alike to what is learnt.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from knowledge.language import Concepts, Reading, sentences, stem, tokens
from knowledge.triage_forms import ASKS_LEAVE, ASKS_WHAT, DONE_TO, GOES_ON, HAPPENED, NOTHING, SUPPOSES, WANTS, is_question, without_pleas

MARK: Final = "§"
PEOPLE: Final = frozenset({"me", "us", "him", "someone", "pupil", "parent", "staff", "head"})

OPENERS: Final = 2
LONG: Final = 25
LONGER: Final = 50


@dataclass(frozen=True)
class Lexicon:
    """Stems of a phrase -> the class that stands for it; the table of concepts serves for what is not listed."""

    phrases: Mapping[tuple[str, ...], str]
    areas: Mapping[str, str]
    longest: int

    @classmethod
    def load(cls, concepts: Concepts | None = None, path: Path | None = None) -> Lexicon:
        """Read the table of classes; by default the one beside this file."""
        data = tomllib.loads((path or Path(__file__).with_name("triage_words.toml")).read_text(encoding="utf-8"))
        phrases = dict((concepts or Concepts.load()).phrases)
        for classes in data.values():
            for name, listed in classes.items():
                phrases.update({tuple(stem(word) for word in tokens(phrase)): name for phrase in listed})
        areas = {name: area for area, classes in data.items() for name in classes}
        return cls(phrases, areas, max(map(len, phrases)))

    def classes(self, stems: Sequence[str]) -> list[tuple[str, bool]]:
        """The text as (class, True) where a phrase is listed and (stem, False) where none is; the longest phrase wins."""
        found: list[tuple[str, bool]] = []
        at = 0
        while at < len(stems):
            for length in range(min(self.longest, len(stems) - at), 0, -1):
                name = self.phrases.get(tuple(stems[at : at + length]))
                if name is not None:
                    found.append((name, True))
                    at += length
                    break
            else:
                found.append((stems[at], False))
                at += 1
        return found


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon beside this file."""
    return Lexicon.load()


def features(reading: Reading) -> list[str]:
    """Everything that is learnt from beside the vector, each once, in a fixed order."""
    found: dict[str, None] = {}
    text = reading.text.lower()
    stems = [stem(word) for word in reading.words]
    framed = ["^", *stems, "?" if text.rstrip().endswith("?") else "$"]
    found.update(dict.fromkeys(stems))
    found.update(dict.fromkeys(f"{left} {right}" for left, right in pairwise(framed)))
    found.update(dict.fromkeys(_class_features(stems)))
    found.update(dict.fromkeys(_form_features(text, stems)))
    return list(found)


def _class_features(stems: Sequence[str]) -> Iterator[str]:
    """Classes, runs of classes and words, and who stands before what."""
    table = lexicon()
    sequence = table.classes(stems)
    names = [f"{MARK}{name}" if listed else name for name, listed in sequence]
    classes = [name for name, listed in sequence if listed]
    areas = {table.areas[name] for name in classes if name in table.areas and name not in PEOPLE}
    yield from (f"{MARK}{name}" for name in classes)
    yield from (f"area:{area}" for area in sorted(areas))
    if not areas - {"harmless"}:
        yield "area:nothing"
    yield from (f"{left} {right}" for left, right in pairwise(names) if MARK in left + right)
    yield from (
        f"{one} {two} {three}" for one, two, three in zip(names, names[1:], names[2:], strict=False) if f"{one}{two}{three}".count(MARK) > 1
    )
    told = [name for name in classes if name in table.areas]
    yield from (f"{left}>{right}" for place, left in enumerate(told) for right in told[place + 1 : place + 6] if left != right)


def _form_features(text: str, stems: Sequence[str]) -> Iterator[str]:
    """Whether it asks, supposes, tells, wants; whether anything is told beside what is asked."""
    told = asked = 0
    bare = without_pleas(text)
    if bare != text:
        yield "form:plea"
    for sentence in sentences(bare):
        asking = is_question(sentence)
        asked += asking
        happened = HAPPENED.search(sentence) is not None or GOES_ON.search(sentence) is not None
        told += happened and not asking and not SUPPOSES.search(sentence)
    yield f"form:asks{min(asked, 1)}tells{min(told, 1)}"
    for name, pattern in (
        ("leave", ASKS_LEAVE), ("what", ASKS_WHAT), ("supposes", SUPPOSES), ("happened", HAPPENED), ("goes_on", GOES_ON),
        ("nothing", NOTHING),
        ("done_to", DONE_TO), ("wants", WANTS),
    ):  # fmt: skip
        if pattern.search(text):
            yield f"form:{name}"
    yield f"form:opens:{' '.join(stems[:OPENERS])}"
    if stems:
        yield f"form:opens:{stems[0]}"
    yield "form:long" if len(stems) > LONG else "form:short"
    if len(stems) > LONGER:
        yield "form:longer"
