"""What changed between two versions of a policy, clause by clause and word by word."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from knowledge.clauses import Clause, Policy


@dataclass(frozen=True, slots=True)
class Run:
    """Some words that stayed, went or came."""

    change: Literal["same", "removed", "added"]
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A clause whose words (or whose number or section) differ between two versions."""

    old: Clause
    new: Clause
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """All that differs: clauses that came, that went, whose words changed, and that only have another number or section."""

    added: tuple[Clause, ...] = ()
    removed: tuple[Clause, ...] = ()
    changed: tuple[Changed, ...] = ()
    moved: tuple[Changed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.moved)


def compare(old: Policy, new: Policy) -> Diff:
    """Compare two policies: by equal words first (so that a clause which was only renumbered is not a change), then by number."""
    before, after = list(_keyed(old)), list(_keyed(new))
    moved: list[Changed] = []
    pairs: list[tuple[Clause, Clause]] = []
    by_key = dict(after)
    settled_old: set[str] = set()
    settled_new: set[str] = set()
    for key, clause in before:
        other = by_key.get(key)
        if other is not None and _words(other.text) == _words(clause.text):
            settled_old.add(key)
            settled_new.add(key)
            if _words(other.section) != _words(clause.section):
                moved.append(Changed(clause, other, ()))
    for key, clause in before:
        if key in settled_old:
            continue
        twin = next((name for name, other in after if name not in settled_new and _words(other.text) == _words(clause.text)), None)
        if twin is not None:
            settled_old.add(key)
            settled_new.add(twin)
            moved.append(Changed(clause, by_key[twin], ()))
    for key, clause in before:
        if key not in settled_old and key in by_key and key not in settled_new:
            settled_old.add(key)
            settled_new.add(key)
            pairs.append((clause, by_key[key]))
    return Diff(
        added=tuple(clause for key, clause in after if key not in settled_new),
        removed=tuple(clause for key, clause in before if key not in settled_old),
        changed=tuple(Changed(one, other, word_runs(one.text, other.text)) for one, other in pairs),
        moved=tuple(moved),
    )


def word_runs(old: str, new: str) -> tuple[Run, ...]:
    """The words of two texts as runs that stayed, went and came; put together they give either text back (but for white space)."""
    before, after = _words(old), _words(new)
    runs: list[Run] = []
    for change, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if change == "equal":
            runs.append(Run("same", " ".join(before[old_from:old_to])))
            continue
        if old_to > old_from:
            runs.append(Run("removed", " ".join(before[old_from:old_to])))
        if new_to > new_from:
            runs.append(Run("added", " ".join(after[new_from:new_to])))
    return tuple(runs)


def _words(text: str) -> list[str]:
    return re.findall(r"\S+", text)


def _keyed(policy: Policy) -> Iterator[tuple[str, Clause]]:
    """Each clause under its number; where numbers begin again in each section, under section and number."""
    counts = Counter(clause.number for clause in policy.clauses)
    seen: Counter[str] = Counter()
    for clause in policy.clauses:
        key = clause.number if counts[clause.number] == 1 else f"{clause.section} {clause.number}"
        seen[key] += 1
        yield (key if seen[key] == 1 else f"{key} ({seen[key]})"), clause
