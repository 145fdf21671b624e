"""What every handler is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.clock import Clock
from bot.feedback import Feedback
from bot.incidents.enquiries import Enquiries
from bot.incidents.register import Register
from bot.people import People
from handlers.memory import Memory
from knowledge.advice import Adviser
from knowledge.clauses import Policy
from knowledge.outside import OutsideFact


@dataclass(frozen=True)
class Knowledge:
    """What can be answered without knowing any person: the policy, the guidance about it, and facts from outside it."""

    adviser: Adviser
    policy: Policy
    facts: Mapping[str, OutsideFact]
    clock: Clock


@dataclass(frozen=True)
class Services:
    """The parts of the bot, put together by app.py. `telephone` is the school's number."""

    knowledge: Knowledge
    register: Register
    enquiries: Enquiries
    feedback: Feedback
    people: People
    memory: Memory
    school: str
    telephone: str
