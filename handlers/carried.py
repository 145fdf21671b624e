"""What a button under an answer carries: the question, and those to whom nobody is to be sent, for its own words may no longer tell."""

from __future__ import annotations

import json
from typing import Final

from bot.people import Role
from handlers.whom_it_is_about import Whom

LIMIT: Final = 1200
MOST: Final = 1500  # characters that a button carries
CUT: Final = 100


def carried(question: str, whom: Whom) -> str:
    """The question alone where it is about nobody, else both as JSON."""
    words = question[:LIMIT]
    if not whom.barred:
        return words
    while len(both := json.dumps({"q": words, **_kept(whom)}, ensure_ascii=False)) > MOST:
        words = words[:-CUT]
    return both


def brought(value: str) -> tuple[str, Whom]:
    """(the question, those to whom nobody is to be sent) of a button; a button of another time carries the question alone."""
    try:
        found = json.loads(value) if value.startswith("{") else None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("q"), str):
        return value, Whom()
    return found["q"], Whom(_roles(found.get("about")), _roles(found.get("not")), called=_roles(found.get("called")))


def _kept(whom: Whom) -> dict[str, list[str]]:
    return {"about": sorted(whom.about), "not": sorted(whom.avoided), "called": sorted(whom.called)}


def _roles(found: object) -> frozenset[Role]:
    names = found if isinstance(found, list) else []
    return frozenset(role for role in Role if role in names)
