"""What is new in a policy: since when the current text is in use, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from knowledge.changes import Diff
from knowledge.reader import Base


@dataclass(frozen=True)
class PolicyNews:
    """``since``: when the current text was taken in; ``diff``: what it changed, None where it is the only one that the base has seen."""

    since: datetime
    ratified: date | None = None
    diff: Diff | None = None


def policy_news(base_path: Path, name: str | None = None) -> PolicyNews:
    """The news of a policy (the first where none is named), from the base's versions. Raises BaseError where there is no base."""
    with Base.open(base_path) as base:
        now = base.find_version(None, name)
        before = [one for one in base.versions(now.policy) if one.id != now.id]
        earlier = [one for one in before if one.id < now.id] or before
        diff = base.diff(earlier[-1].id, now.id, now.policy) if earlier else None
        return PolicyNews(now.imported_at, now.ratified, diff)
