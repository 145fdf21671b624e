"""Guidance that was written for one edition of a policy, read for another: it follows the words of a clause, not its number.

A clause that stands word for word under another number is cited there; one whose words were edited is still cited; one that is
gone is not, and what was said under it first is no longer said at all: the policy does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from rapidfuzz import fuzz

from knowledge.clauses import Policy
from knowledge.guidance_files import Entry, Guidance

Moved = Mapping[str, str | None]

SAME_PLACE: Final = 60.0  # likeness (0 to 100) from which the text under the same number is the same clause, edited
ELSEWHERE: Final = 80.0  # and under another number
NUMBER: Final = re.compile(r"\d+[a-z]?\b")
MENTION: Final = re.compile(rf"\b[Cc]lauses? {NUMBER.pattern}(?:(?:, | and | or |, and ){NUMBER.pattern})*")


def moved(written_for: Policy, current: Policy) -> Moved:
    """Where the clauses and lettered parts of one edition stand in another, those that stand elsewhere; None where one is gone."""
    old, new = _texts(written_for), _texts(current)
    places: dict[str, str] = {}
    for number, text in new.items():
        places.setdefault(text, number)
    found: dict[str, str | None] = {}
    for number, text in old.items():
        found[number] = number if new.get(number) == text else places.get(text)
    taken = {number for number in found.values() if number}
    for number in [number for number, place in found.items() if place is None]:
        found[number] = _edited(number, old[number], {place: text for place, text in new.items() if place not in taken})
        taken.add(found[number] or "")
    return {number: place for number, place in found.items() if number != place}


def _texts(policy: Policy) -> dict[str, str]:
    """Every number that can be quoted, with its words; white space does not count."""
    parts = {f"{clause.number}{part.label}" for clause in policy.clauses for part in clause.parts}
    numbers = [*(clause.number for clause in policy.clauses), *sorted(parts)]
    return {number: " ".join(clause.text.split()) for number in numbers if (clause := policy.find(number)) is not None}


def _edited(number: str, text: str, left: Mapping[str, str]) -> str | None:
    """The clause among those that are left which is this one, edited."""
    if number in left and fuzz.ratio(text, left[number]) >= SAME_PLACE:
        return number
    best = max(left, key=lambda place: fuzz.ratio(text, left[place]), default=None)
    return best if best is not None and fuzz.ratio(text, left[best]) >= ELSEWHERE else None


def numbers_in(where: Moved, numbers: Iterable[str]) -> tuple[str, ...]:
    """Clause numbers as they stand in the current edition, without those that are gone."""
    return tuple(place for number in numbers if (place := where.get(number, number)) is not None)


def in_edition(guidance: Guidance, where: Moved) -> Guidance:
    """The guidance with the numbers of the current edition."""
    if not where:
        return guidance
    notes = [replace(note, read_with=numbers_in(where, note.read_with)) for note in guidance.notes.values()]
    kept = {place: replace(note, number=place) for note in notes for place in numbers_in(where, (note.number,))}
    return Guidance(
        kept, tuple(_entry(entry, where) for entry in guidance.entries),
        tuple(_told(table, where) for table in guidance.concerns), guidance.lookalikes,
    )  # fmt: skip


def _entry(entry: Entry, where: Moved) -> Entry:
    """One entry; where its first clause is gone, a topic that is not covered (a disclosure stays one)."""
    clauses = numbers_in(where, entry.clauses)
    if entry.kind == "answer" and entry.clauses and where.get(entry.clauses[0], entry.clauses[0]) is None:
        return replace(entry, kind="not_covered", verdict="not_covered", clauses=(), summary="", next="", fact="", facts=())
    return replace(
        entry, clauses=clauses, near=numbers_in(where, entry.near), summary=_said(entry.summary, where), next=_said(entry.next, where)
    )


def _told(table: Mapping[str, Any], where: Moved) -> Mapping[str, Any]:
    """The help for a kind of concern."""
    told: dict[str, Any] = {
        name: [_said(line, where) for line in value] for name, value in table.items() if name in {"do", "do_not", "do_about_headteacher"}
    }
    cited = {name: list(numbers_in(where, table[name])) for name in ("clauses", "read_with") if name in table}
    return {**table, **told, **cited}


def _said(text: str, where: Moved) -> str:
    """Words that name clauses, with today's numbers; a clause that is gone is said to be of an earlier edition."""

    def placed(match: re.Match[str]) -> str:
        place = where.get(match[0], match[0])
        return place or f"{match[0]} of an earlier edition"

    return MENTION.sub(lambda mention: NUMBER.sub(placed, mention[0]), text)
