"""A staff member's words -> the policy's words: shorthand, spelling, platforms, concepts, sentences.

The table of concepts (``concepts.toml``) is data that people maintain. Nothing here decides anything.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from knowledge.spelling import Speller

WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
SENTENCE: Final = re.compile(r"(?<=[.!?…])[\"')\]]*\s+|\n+")
PLATFORM_PLACE: Final = re.compile(r"\b(?:on|via|using|through|over)\s+(?:my\s+|our\s+|the\s+|an?\s+)?$", re.IGNORECASE)
DETERMINER: Final = re.compile(r"\b(?:my|our|the|an?|his|her|their|your|this|that)\s+$", re.IGNORECASE)
TITLE: Final = re.compile(r"\b(?:mr|mrs|ms|miss|mx|dr|cllr|rev|fr)\.?\s+$", re.IGNORECASE)
BEGINS: Final = re.compile(r"(?:^|[.!?…:;\n])[\s\"'“‘(\[\-–—•*]*$")
ANOTHER_NAME: Final = re.compile(r"^\s+[A-Z][a-z]")  # Clarendon Park, Pontprennau Primary
AFTER_PLATFORM: Final = re.compile(r"^\s+(?:account|profile|page|app|group|chat|request|server|story|stories|dm|dms)\b", re.IGNORECASE)
STOP: Final = frozenset("a an the of to in on at for and or is are be am was it its i me my we our us you your s t m ve re d ll".split())
CONCEPT_MARK: Final = "§"
SHORT: Final = 3  # letters; too few to tell what was meant


@dataclass(frozen=True)
class Reading:
    """A text as it was understood. ``text`` is what is encoded; ``words`` and ``concepts`` are what words are matched by."""

    text: str
    words: tuple[str, ...]
    concepts: tuple[str, ...]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A rough stem: plural, -ing, -ed and a final e are dropped, so that share, shares, shared and sharing meet."""
    word = word.replace("’", "'")
    word = word.removesuffix("'s")
    if len(word) > SHORT + 1 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > SHORT and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix, least in (("ing", 6), ("ed", 5)):
        if len(word) >= least and word.endswith(suffix):
            word = word[: -len(suffix)]
            if len(word) > SHORT and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > SHORT + 1 and word.endswith("e") else word


def tokens(text: str) -> list[str]:
    """The words of a text in lower case; hyphens part them, apostrophes do not."""
    return [word.replace("’", "'") for word in WORD.findall(text.lower())]


def plain(text: str) -> str:
    """A text as the patterns are written for: in lower case, with straight apostrophes and single spaces."""
    return " ".join(text.lower().replace("’", "'").split())


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order; a line break ends one too."""
    return [part.strip() for part in SENTENCE.split(text) if part and part.strip()]


@dataclass(frozen=True)
class Concepts:
    """The table of concepts: stems of a phrase -> the concept, and shorthand -> the words that it stands for."""

    phrases: Mapping[tuple[str, ...], str]
    shorthand: Mapping[str, str]
    longest: int
    words: frozenset[str]
    names: tuple[str, ...]

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, path: Path | None = None) -> Concepts:
        """Read the table; by default the one beside this file."""
        data = tomllib.loads((path or Path(__file__).with_name("concepts.toml")).read_text(encoding="utf-8"))
        phrases = {tuple(stem(word) for word in tokens(phrase)): name for name, listed in data["concepts"].items() for phrase in listed}
        words = frozenset(word for listed in data["concepts"].values() for phrase in listed for word in tokens(phrase))
        return cls(phrases, data["shorthand"], max(map(len, phrases)), words, tuple(data["concepts"]))

    def find(self, stems: Sequence[str]) -> list[str]:
        """The concepts that are named, in order; at each place the longest phrase wins."""
        found, at = [], 0
        while at < len(stems):
            for length in range(min(self.longest, len(stems) - at), 0, -1):
                name = self.phrases.get(tuple(stems[at : at + length]))
                if name is not None:
                    found.append(name)
                    at += length
                    break
            else:
                at += 1
        return found


class Reader:
    """Reads what people type. One for each clause base, because spelling leans towards its vocabulary. People's names stay as they are."""

    def __init__(self, vocabulary: Mapping[str, int], concepts: Concepts | None = None, names: Iterable[str] = ()) -> None:
        self.concepts = concepts or Concepts.load()
        known = dict.fromkeys(self.concepts.words, 3)
        self.speller = Speller({**known, **vocabulary}, names)
        self._names = Speller(known, names)  # what is written as a name may only be a platform or a role, misspelt

    def read(self, text: str) -> Reading:
        """Shorthand written out, spelling mended, unknown platforms named as such, concepts found."""
        clean = self._rewrite(text.replace("’", "'").strip())
        words = tuple(tokens(clean))
        found = tuple(self.concepts.find([stem(word) for word in words]))
        return Reading(clean, words, found)

    def _rewrite(self, text: str) -> str:
        pieces: list[str] = []
        end = 0
        for match in WORD.finditer(text):
            pieces.append(text[end : match.start()])
            end = match.end()
            pieces.append(self._word(match.group(), text[: match.start()], text[end:]))
        return "".join([*pieces, text[end:]])

    def _word(self, written: str, before: str, after: str) -> str:
        word = written.lower()
        if word in self.concepts.shorthand:
            return self.concepts.shorthand[word]
        root = word.removesuffix("'s")
        if len(root) <= SHORT or not root.isalpha() or self.speller.knows(root) or TITLE.search(before):
            return written
        own = AFTER_PLATFORM.match(after) is not None
        if own or PLATFORM_PLACE.search(before):
            mended = self.speller.repair(root, vocabulary_only=True)
            named = own or _plain_on(before) or written[0].isupper()
            if mended != root or not named or ANOTHER_NAME.match(after):
                return mended if mended != root else written
            return "social media app" if DETERMINER.search(before) else "a social media app"
        if _is_name(written, before):
            mended = self._names.repair(root, vocabulary_only=True)
            return written if mended == root else mended
        return self.speller.repair(root)


def _plain_on(before: str) -> bool:
    return re.search(r"\bon\s+$", before, re.IGNORECASE) is not None


def _is_name(written: str, before: str) -> bool:
    """Whether a word is written as names are: Sugden, but not SUGDEN, nor where a sentence begins."""
    return written[0].isupper() and not written.isupper() and BEGINS.search(before) is None


def lexical_terms(reading: Reading) -> list[str]:
    """Stems without the commonest words, pairs of neighbours, and concepts: what texts share when they share words."""
    stems = [stem(word) for word in reading.words if word not in STOP]
    pairs = [f"{left} {right}" for left, right in pairwise(stems)]
    return [*stems, *pairs]


def concept_terms(reading: Reading) -> list[str]:
    """Concepts and pairs of them: who does what to whom, whatever the words."""
    names = sorted(set(reading.concepts))
    return [CONCEPT_MARK + name for name in names] + [
        f"{CONCEPT_MARK}{left}+{right}" for index, left in enumerate(names) for right in names[index + 1 :]
    ]


def character_terms(reading: Reading) -> list[str]:
    """Runs of three and four letters within words: kin of misspelt and inflected words."""
    terms: list[str] = []
    for word in reading.words:
        framed = f" {word} "
        terms += [framed[at : at + size] for size in (3, 4) for at in range(len(framed) - size + 1)]
    return terms
