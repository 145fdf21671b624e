"""Shares of probability -> what is said: guidance, a choice between headings, or that the policy does not say.

Every threshold lives here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.concerns import Disclosure
from knowledge.guidance_files import IMAGES, Entry
from knowledge.matcher import Floats

UNSURE: Final = 0.15  # below this share of the best clause, headings are offered instead of an answer
NOT_COVERED: Final = 0.5  # above this share of all that is not covered, the policy does not say
SMALL_TALK: Final = 0.4  # below this share nothing is taken for a greeting or a question about the document itself
ONE_TOPIC: Final = 0.4  # of all that is not covered: below it no topic is named
AGREED: Final = 0.5
ALL_BUT_CERTAIN: Final = 0.6
GRAVE: Final = frozenset({"threat", "safeguarding", IMAGES})
LITTLE: Final = 0.1
LEAST: Final = 1e-6
CHOICES: Final = 3
FURTHER: Final = 3  # how many clauses are ranked at the least
QUOTED: Final = 4  # clauses on the card of a concern at the most
LOOKED_AT: Final = 60
QUARTER: Final = 0.25  # how much an entry speaks for its second clause; for the third, a quarter of that, and so on


@dataclass(frozen=True)
class Decision:
    """What to say. ``entry`` is the best one; ``clauses`` are ranked, best first; ``rivals`` are the next-best entries.

    ``confidence`` is how likely the clause that is quoted first is one of the right ones: the share of all entries that cite it (or,
    not covered, of all such topics). ``agreed`` is the share of what is covered that deserves the same verdict.
    """

    kind: str
    entry: Entry
    clauses: tuple[str, ...]
    confidence: float
    rivals: tuple[Entry, ...] = ()
    agreed: float = 1.0

    @property
    def verdict_is_clear(self) -> bool:
        """Whether a plain yes or no may be said: where hardly half of it agrees, one in five would be told the opposite of the rule."""
        return self.agreed >= AGREED

    @property
    def topic_is_clear(self) -> bool:
        """Whether the topic that is not covered may be named."""
        return self.kind != "not_covered" or self.agreed >= ONE_TOPIC


def covered_by(entries: Sequence[Entry]) -> npt.NDArray[np.bool_]:
    """For each entry, whether the policy settles it."""
    return np.array([entry.kind != "not_covered" for entry in entries], dtype=np.bool_)


def standing_back(entries: Sequence[Entry]) -> npt.NDArray[np.bool_]:
    """For each entry, whether it answers a disclosure and says less where none was heard: never where a child or a life may be at stake."""
    return np.array([entry.kind == "disclosure" and entry.concern not in GRAVE for entry in entries], dtype=np.bool_)


def settle(
    entries: Sequence[Entry],
    shares: Floats,
    disclosure: Disclosure | None,
    *,
    covered: npt.NDArray[np.bool_],
    disclosures: npt.NDArray[np.bool_],
    asks: bool,
) -> Decision:
    """What to say to a message for these shares, with what was heard in it; the masks: `covered_by`, `standing_back`."""
    heard = shares if disclosure else unheard(shares, disclosures)
    return under_its_clause(entries, heard, told(decide(entries, heard, covered), disclosure), disclosure, asks=asks)


def decide(entries: Sequence[Entry], shares: Floats, covered: npt.NDArray[np.bool_]) -> Decision:
    """The best thing to say for these shares (one for each entry, adding up to 1); ``covered`` is `covered_by` of the entries."""
    outside = float(shares[~covered].sum())
    if outside > NOT_COVERED:
        topic = int(np.argmax(np.where(covered, -1, shares)))
        return Decision("not_covered", entries[topic], (), outside, agreed=float(shares[topic]) / outside)
    order = [int(place) for place in np.argsort(-np.where(covered, shares, -1), kind="stable")[:LOOKED_AT]]
    if not entries[order[0]].clauses and shares[order[0]] < SMALL_TALK:
        order = [place for place in order if entries[place].clauses] or order
    best = entries[order[0]]
    confidence = sum(float(shares[place]) for place in order if _same_subject(entries[place], best))
    kind = "guidance" if confidence >= UNSURE or not best.clauses else "clarification"
    rivals = tuple(entries[place] for place in order[1 : CHOICES + 3])
    agreed = sum(float(shares[place]) for place in order if entries[place].verdict == best.verdict) / max(1 - outside, LEAST)
    return Decision(kind, best, ranked_clauses(entries, shares, order), confidence, rivals, agreed)


def unheard(shares: Floats, disclosures: npt.NDArray[np.bool_]) -> Floats:
    """The shares where nothing was heard: what answers a disclosure then has little to say, unless it is nearly certain."""
    if float(shares[disclosures].sum()) >= ALL_BUT_CERTAIN:
        return shares
    fewer = np.where(disclosures, shares * LITTLE, shares)
    return np.asarray(fewer / fewer.sum(), dtype=np.float32)


def _same_subject(entry: Entry, best: Entry) -> bool:
    """Whether the clause that is quoted first would be right for this entry's questions as well."""
    return best.clauses[0] in entry.clauses if best.clauses else entry.id == best.id


def ranked_clauses(entries: Sequence[Entry], shares: Floats, order: Sequence[int]) -> tuple[str, ...]:
    """The best entry's first clause, then what all likely entries cite, that entry among them. Small talk and facts cite none."""
    own = entries[order[0]].clauses
    if not own:
        return ()
    weight: dict[str, float] = {}
    for place in order:
        for rank, number in enumerate(entries[place].clauses):
            weight[number] = weight.get(number, 0.0) + float(shares[place]) * QUARTER**rank
    others = sorted((number for number in weight if number != own[0]), key=lambda number: -weight[number])
    return (own[0], *others[: max(FURTHER, len(own)) - 1])


def told(decision: Decision, disclosure: Disclosure | None) -> Decision:
    """Somebody who tells of harm is never answered that the policy does not say: it needs reporting, under the disclosure's clauses."""
    if disclosure is None or decision.kind != "not_covered":
        return decision
    entry = Entry(f"heard-{disclosure.kind}", "disclosure", "report", disclosure.clauses, concern=disclosure.kind)
    return Decision("guidance", entry, disclosure.clauses, disclosure.confidence)


def under_its_clause(
    entries: Sequence[Entry], shares: Floats, decision: Decision, disclosure: Disclosure | None, *, asks: bool
) -> Decision:
    """An answer to what is told, under the clauses by which the policy settles the matter.

    Disclosures cite what to do about their kind of concern; the questions nearest to the message tell which clause it is about. Where it
    ``asks`` as well, and these questions agree on what the policy says, that is the answer. Clause 71 gives way to nothing.
    """
    image = decision.entry.clauses[:1] if decision.entry.concern == IMAGES else ()
    if (disclosure.kind if disclosure else decision.entry.concern) == IMAGES:
        return _led_by(disclosure.clauses[:1] if disclosure else image, decision)
    if decision.entry.kind != "disclosure":
        return decision
    # Lost data must not frighten with what is said of indecent images, though there were photographs among it.
    lost = (disclosure.kind if disclosure else decision.entry.concern) == "data_breach"
    first = {entry.clauses[0] for entry in entries if lost and entry.concern == IMAGES and entry.clauses}
    questions = np.array([_asks_of(entry) and entry.clauses[0] not in first for entry in entries], dtype=np.bool_)
    of_these = np.where(questions, shares, 0)
    if float(of_these.sum()) < LEAST:
        return decision
    own = decide(entries, of_these / of_these.sum(), questions)
    if asks and disclosure and own.kind == "guidance" and own.verdict_is_clear:
        return own
    return replace(_led_by((*own.clauses[:1], *image, *own.clauses), decision), confidence=own.confidence)


def _asks_of(entry: Entry) -> bool:
    """Whether it answers a question by what the policy says."""
    return entry.kind not in {"not_covered", "disclosure"} and bool(entry.clauses)


def under_what_leads(disclosure: Disclosure | None, decision: Decision) -> Disclosure | None:
    """The disclosure under the clause that leads the decision, and under 71 where the decision speaks of an image.

    Where a life may be at risk it stays under its own: what else was spoken of matters little then.
    """
    if disclosure is None or disclosure.kind == IMAGES or disclosure.life or decision.entry.kind != "disclosure":
        return disclosure
    leading = decision.clauses[: 2 if decision.entry.concern == IMAGES else 1]
    return replace(disclosure, clauses=tuple(dict.fromkeys((*leading, *disclosure.clauses)))[:QUOTED])


def _led_by(clauses: Sequence[str], decision: Decision) -> Decision:
    return replace(decision, clauses=tuple(dict.fromkeys((*clauses, *decision.clauses))))
