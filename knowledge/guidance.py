"""Shares of probability -> what is said: guidance, a choice between headings, or that the policy does not say.

Every threshold lives here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from knowledge.guidance_files import Entry
from knowledge.matcher import Floats

UNSURE: Final = 0.30  # below this share of the best clause, headings are offered instead of an answer
CHOICES: Final = 3
NOT_COVERED: Final = 0.5
FURTHER: Final = 3  # how many clauses are ranked at the least


@dataclass(frozen=True)
class Decision:
    """What to say. ``entry`` is the best one; ``clauses`` are ranked, best first; ``rivals`` are the next-best entries."""

    kind: str
    entry: Entry
    clauses: tuple[str, ...]
    confidence: float
    rivals: tuple[Entry, ...] = ()


def decide(entries: Sequence[Entry], shares: Floats) -> Decision:
    """The best thing to say for these shares (one for each entry, adding up to 1)."""
    covered = np.array([entry.kind != "not_covered" for entry in entries])
    outside = float(shares[~covered].sum())
    if outside > NOT_COVERED:
        best = int(np.argmax(np.where(covered, -1, shares)))
        return Decision("not_covered", entries[best], (), outside)
    order = [int(place) for place in np.argsort(-np.where(covered, shares, -1), kind="stable")]
    best = _best(entries, shares, order)
    clauses, confidence = ranked_clauses(entries, shares, best)
    rivals = tuple(entries[place] for place in order[: CHOICES + 2] if place != best)
    kind = "guidance" if confidence >= UNSURE or not entries[best].clauses else "clarification"
    return Decision(kind, entries[best], clauses, confidence, rivals)


def _best(entries: Sequence[Entry], shares: Floats, order: Sequence[int]) -> int:
    """The likeliest entry among those of the likeliest clause: entries that cite the same clause support each other."""
    weight: dict[str, float] = {}
    for place in order[:40]:
        for rank, number in enumerate(entries[place].clauses or (f"fact:{entries[place].id}",)):
            weight[number] = weight.get(number, 0.0) + float(shares[place]) * (0.5**rank)
    top = max(weight, key=lambda number: weight[number])
    return next(place for place in order if top in (entries[place].clauses or (f"fact:{entries[place].id}",))[:1]) if any(
        top in (entries[place].clauses or (f"fact:{entries[place].id}",))[:1] for place in order[:40]
    ) else order[0]


def ranked_clauses(entries: Sequence[Entry], shares: Floats, best: int) -> tuple[tuple[str, ...], float]:
    """The best entry's clauses first, then those that the other likely entries cite; and how sure the first one is."""
    weight: dict[str, float] = {}
    for place in np.argsort(-shares)[:40]:
        for rank, number in enumerate(entries[place].clauses):
            weight[number] = weight.get(number, 0.0) + float(shares[place]) * (0.5**rank)
    own = entries[best].clauses
    others = sorted((number for number in weight if number not in own), key=lambda number: -weight[number])
    ranked = (*own, *others[: max(0, FURTHER - len(own))])
    if not own:
        return ranked, float(shares[best])
    sure = sum(float(share) for entry, share in zip(entries, shares, strict=True) if own[0] in entry.clauses)
    return ranked, sure
