"""What can be said without knowing any person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # half of the time that a start takes: whoever only shows the page's front need not wait for it
    from bot.clock import Clock
    from knowledge.advice import Adviser
    from knowledge.clauses import Policy
    from knowledge.news import PolicyNews
    from knowledge.outside import OutsideFact


@dataclass(frozen=True)
class Knowledge:
    """What can be answered without knowing any person: the policy, the guidance about it, and facts from outside it."""

    adviser: Adviser
    policy: Policy
    facts: Mapping[str, OutsideFact]
    clock: Clock
    news: PolicyNews | None = None
