"""What is wrong with authored guidance: contradictions, orphans, and clauses that too few examples lead to.

Two examples contradict each other when they say nearly the same and lead to another first clause or another verdict. Nearly the same
means: of one meaning by the sentence model, and of the same words but for order and spelling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from knowledge.clauses import Policy
from knowledge.guidance_files import CONCERNS, Entry, Guidance

FEWEST = 8  # examples that should lead to a clause first
SAME_MEANING = 0.9
SAME_WORDS = 88.0
BLOCK = 512
KINDS = ("answer", "not_covered", "disclosure")
# Words that change what is asked: "can I" and "must I", "when do I" and "do I" may well deserve different verdicts.
TURNING = frozenset(
    "not never no without dont shouldnt cant neednt have must should decline refuse ex former current "
    "when what who how which where why".split()
)


@dataclass(frozen=True)
class Checked:
    """`mistakes` must be mended; `hints` are worth a thought. One line each."""

    mistakes: tuple[str, ...]
    hints: tuple[str, ...]


def check(policy: Policy, guidance: Guidance, vectors: npt.NDArray[np.float32] | None, facts: Iterable[str]) -> Checked:
    """Check the guidance of one policy.

    Args:
        policy: the document that is quoted.
        guidance: what was authored about it.
        vectors: one unit vector for each example, in the order of the entries; None checks words alone.
        facts: ids of the outside facts that may be named.
    """
    mistakes = [*orphans(policy, guidance, frozenset(facts)), *contradictions(guidance.entries, vectors)]
    return Checked(tuple(mistakes), tuple(scarce(policy, guidance)))


def orphans(policy: Policy, guidance: Guidance, facts: frozenset[str]) -> Iterator[str]:
    """What names something that is not there."""
    for entry in guidance.entries:
        for number in (*entry.clauses, *entry.near):
            if policy.find(number) is None:
                yield f"{entry.source}: {entry.id}: the policy has no clause {number}"
        for name in set(entry.facts) - facts:
            yield f"{entry.source}: {entry.id}: there is no fact {name!r}"
    for note in guidance.notes.values():
        for number in (note.number, *note.read_with):
            if policy.find(number) is None:
                yield f"clause.{note.number}: the policy has no clause {number}"
    known = {entry.id for entry in guidance.entries}
    for table in guidance.lookalikes:
        if table.get("answer") and table["answer"] not in known:
            yield f"look-alike {table.get('id', '')}: there is no answer {table['answer']!r}"
    kinds = {str(table.get("kind")) for table in guidance.concerns}
    if kinds:
        yield from (f"there is no [[concern]] of the kind {kind}" for kind in CONCERNS if kind not in kinds)


def scarce(policy: Policy, guidance: Guidance) -> Iterator[str]:
    """Clauses that too few examples lead to, and clauses without a summary."""
    led = Counter[str]()
    for entry in guidance.entries:
        if entry.clauses:
            led[entry.clauses[0]] += len(entry.groups)
    for clause in policy.clauses:
        parts = sum(count for number, count in led.items() if number.rstrip("abcdefghijklmnopqrstuvwxyz") == clause.number)
        if parts < FEWEST:
            yield f"clause {clause.number} has {parts} lines of examples that lead to it first; {FEWEST} or more are wanted"
        if not guidance.summary_of(clause.number):
            yield f"clause {clause.number} has no summary"


def contradictions(entries: Sequence[Entry], vectors: npt.NDArray[np.float32] | None) -> Iterator[str]:
    """Pairs of nearly identical examples that lead elsewhere."""
    examples = [(entry, text) for entry in entries for _, text in entry.examples()]
    plain = [" ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split()) for _, text in examples]
    for left, right in pairs(plain, vectors):
        one, other = examples[left][0], examples[right][0]
        if (
            verdict(one) != verdict(other)
            and fuzz.token_sort_ratio(plain[left], plain[right]) >= SAME_WORDS
            and same_polarity(plain, left, right)
        ):
            yield (
                f"{one.source}: {one.id} ({label(one)}) and {other.source}: {other.id} ({label(other)}) "
                f"both answer {examples[left][1]!r} / {examples[right][1]!r}"
            )


def pairs(plain: Sequence[str], vectors: npt.NDArray[np.float32] | None) -> Iterator[tuple[int, int]]:
    """Candidates for a contradiction: the same words, or nearly the same meaning."""
    if vectors is None or len(vectors) != len(plain):
        seen: dict[str, int] = {}
        for place, text in enumerate(plain):
            if text in seen:
                yield seen[text], place
            seen.setdefault(text, place)
        return
    for start in range(0, len(vectors), BLOCK):
        near = vectors[start : start + BLOCK] @ vectors.T >= SAME_MEANING
        for row, column in np.argwhere(near):
            if column > start + row:
                yield int(start + row), int(column)


def same_polarity(plain: Sequence[str], left: int, right: int) -> bool:
    """Whether two texts have the same words of permission, duty and kind of question."""
    return TURNING & set(plain[left].split()) == TURNING & set(plain[right].split())


def verdict(entry: Entry) -> tuple[str, str]:
    """What an example leads to."""
    return (entry.clauses[0] if entry.clauses else entry.kind), entry.verdict


def label(entry: Entry) -> str:
    """What an entry leads to, in words."""
    return f"{'clause ' + entry.clauses[0] if entry.clauses else 'no clause'}, {entry.verdict}"


def check_base(base_path: Path, facts: Mapping[str, object]) -> dict[str, Checked]:
    """Check the guidance of every policy in a built base, by the policy's name."""
    from knowledge.build import guidance_of  # noqa: PLC0415 the matcher's parts are heavy, and needed here alone
    from knowledge.reader import Base  # noqa: PLC0415

    found = {}
    with Base.open(base_path) as base:
        for name in base.names:
            guidance = guidance_of(base, name)
            rows = {(row.kind, row.id): base.vectors(row.kind, row.texts) for row in base.guidance(name, *KINDS)}
            stacked = [rows.get((entry.kind, entry.id)) for entry in guidance.entries]
            known = [one for one in stacked if one is not None]
            found[name] = check(base.policy(name), guidance, np.concatenate(known) if len(known) == len(stacked) else None, facts)
    return found
