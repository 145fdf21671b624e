"""Clauses that stand in brackets behind an authored step: one that the policy of today does not have is left out of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.cited import in_a_row

GONE: Final = " of an earlier edition"  # what the knowledge says of a clause that is gone
BRACKETS: Final = re.compile(r" \(([^()]*)\)")
PARTS: Final = re.compile(r"; |, and (?=[a-z])")
LIST: Final = re.compile(rf"clauses? ((?:(?:, | and )?\d+[a-z]?(?:{GONE})?)+)")


def without_what_is_gone(steps: Iterable[str]) -> tuple[str, ...]:
    """The steps, their brackets without what is gone; brackets in which nothing is left go, too."""
    return tuple(BRACKETS.sub(_left, step) if GONE in step else step for step in steps)


def source_today(source: str) -> str:
    """Where a fact is from, without a part that names a clause which is gone."""
    return "; ".join(part for part in source.split("; ") if GONE not in part)


def _left(brackets: re.Match[str]) -> str:
    parts = [part for one in PARTS.split(brackets[1]) if (part := _part(one))]
    return f" ({'; '.join(parts)})" if parts else ""


def _part(text: str) -> str:
    listed = LIST.fullmatch(text)
    if listed is None:
        return "" if GONE in text else text
    found = [one for one in re.split(", | and ", listed[1]) if GONE not in one]
    return f"clause{'s' * (len(found) > 1)} {in_a_row(found)}" if found else ""
