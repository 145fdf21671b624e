"""Everything that is said in reply to one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.cards import Card, Text, Tone
from bot.cited import cited, number
from bot.incidents.model import Kind
from bot.incidents.routing import RouteStep
from handlers import wording
from handlers.answers import answer_card
from handlers.concern_cards import concern_card
from handlers.facts import fact_card
from handlers.known import Knowledge
from handlers.leaders import CLAUSES, is_for_a_leader
from handlers.whom_it_is_about import NOBODY, Whom, whom_of
from knowledge.answer import Answer
from knowledge.polarity import asks


def cards_for(
    knowledge: Knowledge, answer: Answer, *, files: int = 0, goes_to: Sequence[RouteStep] | None = None, whom: Whom | None = None
) -> list[Card]:
    """Everything that is said in reply to one message, in order: help first.

    `goes_to`: whom a report would really go to in this school; `whom`: who stands around it, by its words alone where nobody says.
    """
    cards = []
    around = whom or whom_of(knowledge.adviser, answer.question)
    if answer.disclosure:
        cards.append(concern_card(knowledge, answer, answer.disclosure, goes_to, around))
    if answer.disclosure is None or asks_too(answer, around):
        cards += [in_part(answered(knowledge, one, around), one) for one in (answer, *answer.also)]
    if files:
        cards.append(Card(wording.FILE_IGNORED, (Text(cited(wording.FILE_CLAUSE_71)),), tone=Tone.INFO, notice=wording.ANSWERED))
    return cards


def answered(knowledge: Knowledge, answer: Answer, whom: Whom) -> Card:
    """The answer's card; somebody who says that a colleague did something, and asks nothing, is not met with small talk."""
    if answer.kind != "fact" or not answer.fact:
        return answer_card(knowledge, answer, whom)
    if whom.about and not asks(answer.question) and knowledge.adviser.about(answer.question):
        return answer_card(knowledge, replace(answer, kind="perhaps", clauses=(), read_with=(), beside=()), whom)
    return fact_card(knowledge, answer.fact)


def in_part(card: Card, answer: Answer) -> Card:
    """The card under the words of the message that it answers, where that asks several things; and what else was asked."""
    above = (Text(wording.YOU_ASKED.format(answer.part)),) if answer.part else ()
    below = (Text(wording.ASKED_BESIDES.format("”, “".join(answer.rest))),) if answer.rest else ()
    return replace(card, blocks=(*above, *card.blocks, *below))


def asks_too(answer: Answer, whom: Whom = NOBODY) -> bool:
    """Whether a message that discloses something also asks a question that the concern's card does not already answer.

    Clause 71 stands alone: nothing may distract from it, and the evidence advice of 61 and 70 must not stand beside it.
    """
    if answer.disclosure is None or answer.disclosure.kind == Kind.INDECENT_IMAGES:
        return False
    shown = set(answer.disclosure.clauses)
    if is_for_a_leader(answer.question, Kind(answer.disclosure.kind), whom):
        shown.update(map(number, CLAUSES))
    return answer.kind == "guidance" and answer.verdict != "report" and not shown & {one.number for one in answer.clauses[:1]}
