"""Everything that is said in reply to one message."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards import Card, Text, Tone
from bot.cited import cited
from bot.incidents.routing import RouteStep
from handlers import wording
from handlers.answers import answer_card
from handlers.concern_cards import concern_card
from handlers.facts import fact_card
from handlers.known import Knowledge
from knowledge.answer import Answer


def cards_for(knowledge: Knowledge, answer: Answer, *, files: int = 0, goes_to: Sequence[RouteStep] | None = None) -> list[Card]:
    """Everything that is said in reply to one message, in order: help first. `goes_to`: whom a report would really go to in this school."""
    cards = []
    if answer.disclosure:
        cards.append(concern_card(knowledge, answer, answer.disclosure, goes_to))
    if answer.disclosure is None or asks_too(answer):
        cards.append(fact_card(knowledge, answer.fact) if answer.kind == "fact" and answer.fact else answer_card(knowledge, answer))
    if files:
        cards.append(Card(wording.FILE_IGNORED, (Text(cited(wording.FILE_CLAUSE_71)),), tone=Tone.INFO, notice=wording.ANSWERED))
    return cards


def asks_too(answer: Answer) -> bool:
    """Whether a message that discloses something also asks a question that the concern's card does not already answer.

    Clause 71 stands alone: nothing may distract from it, and the evidence advice of 61 and 70 must not stand beside it.
    """
    if answer.disclosure is None or answer.disclosure.kind == "indecent_images":
        return False
    shown = set(answer.disclosure.clauses)
    return answer.kind == "guidance" and answer.verdict != "report" and not shown & {one.number for one in answer.clauses[:1]}
