"""What is said to a question, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from knowledge.concerns import Disclosure

ASK_SOMEBODY: Final = "Ask the Headteacher or your line manager; your union can advise too (clause 16)."


@dataclass(frozen=True)
class Quoted:
    """One clause, word for word."""

    number: str
    section: str
    text: str


@dataclass(frozen=True)
class Choice:
    """One heading to choose from, and the question that asking it stands for."""

    label: str
    question: str


@dataclass(frozen=True)
class PolicyRef:
    """Which document, in which version, an answer was taken from; ``standing`` says how old it is."""

    name: str
    title: str
    version: str
    ratified: str
    standing: str


@dataclass(frozen=True)
class Answer:
    """What is said to a question.

    ``kind`` is guidance, perhaps (something may have happened, though nothing was heard), clarification, not_covered, clause, section or
    fact. ``clauses`` are quoted, best first; ``read_with`` are
    to be shown beside the first, ``beside`` beside the others. ``ranked`` lists clause numbers, best first, beyond those that are
    quoted. ``confidence`` is how likely the answer is to be the right one. Where a message asks several things, ``part`` is what this
    answers of it, ``also`` the answers to other parts, and ``rest`` the questions that have none.
    """

    question: str
    kind: str
    verdict: str
    show_verdict: bool
    clauses: tuple[Quoted, ...]
    read_with: tuple[Quoted, ...]
    summary: str
    next: str
    role: str | None
    choices: tuple[Choice, ...]
    disclosure: Disclosure | None
    confidence: float
    policy: PolicyRef
    answer_id: str
    fact: str
    ranked: tuple[str, ...] = ()
    beside: tuple[Quoted, ...] = ()
    entry_id: str = ""
    facts: tuple[str, ...] = ()
    part: str = ""
    also: tuple[Answer, ...] = ()
    rest: tuple[str, ...] = ()
