"""What the bot of a dialogue knows."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from bot.clock import Clock
from handlers.known import Knowledge
from knowledge.advice import Adviser
from knowledge.outside import outside_facts
from tests.support import knowledge


@cache
def opened(base: str) -> Adviser:
    """A base that is built already."""
    return Adviser.open(Path(base), aliases={}, encoder=None)


def known(clock: Clock) -> Knowledge:
    """The real clause base; TEST_CLAUSES may name one that is built already, for running one test many times."""
    if built := os.environ.get("TEST_CLAUSES"):
        adviser = opened(built)
        return Knowledge(adviser, adviser.policy, outside_facts(), clock)
    return knowledge.knowledge(clock)
