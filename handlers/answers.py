"""An Answer, as the card that a person sees: the verdict, the clause word for word, what to do next."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final

from bot.cards import Block, Button, Card, Fold, Outside, Quote, Steps, Text, Tone
from bot.cited import cited
from bot.incidents.model import Kind
from bot.people import Role
from handlers import wording
from handlers.in_brackets import source_today
from handlers.known import Knowledge
from handlers.whom_to_tell import steps_about
from knowledge.answer import ASK_SOMEBODY, Answer, Quoted

VALUE_LIMIT = 1200
TELLS_OF_IT: Final = re.compile(r"(?:tell|report|inform)\b", re.IGNORECASE)
ASKED_FOR = ("clause", "section")  # asked for by name: all of it is shown


def answer_card(knowledge: Knowledge, answer: Answer) -> Card:
    """Draw what the policy says, or that it says nothing, or what to choose between."""
    if answer.kind == "clarification":
        return choice_card(answer)
    if answer.kind == "not_covered":
        return not_covered_card(answer)
    blocks = clause_blocks(knowledge, answer)
    if answer.kind == "perhaps":
        return perhaps_card(knowledge, answer, blocks)
    badge, tone = wording.BADGES[answer.verdict] if answer.show_verdict else wording.UNCLEAR_BADGE
    if answer.next:
        blocks.append(Steps(wording.NEXT, steps_for(knowledge, answer)))
    blocks += outside(knowledge, answer.facts)
    return Card(answer.summary, tuple(blocks), after_answer(answer), tone, badge, wording.ANSWERED)


def clause_blocks(knowledge: Knowledge, answer: Answer) -> list[Block]:
    """The clauses word for word: what is to be read first, what answers, what is read with it; the others folded."""
    first = answer.clauses if answer.kind in ASKED_FOR else answer.clauses[:1]
    shown = {one.number for one in first}
    together = [one for one in answer.read_with if one.number not in shown]
    shown |= {one.number for one in together}
    before = [one for one in together if knowledge.policy.clause(one.number).emphasis]
    blocks: list[Block] = [quote(one, answer, label=wording.READ_FIRST) for one in before]
    blocks += [quote(one, answer) for one in first]
    blocks += [quote(one, answer, label=wording.READ_TOGETHER) for one in together if one not in before]
    others = {one.number: one for one in (*answer.clauses, *answer.beside) if one.number not in shown}
    if others:
        blocks.append(Fold(wording.ALSO, tuple(quote(one, answer) for one in others.values())))
    return blocks


def steps_for(knowledge: Knowledge, answer: Answer) -> tuple[str, ...]:
    """What to do next; where that is to tell somebody whom the question is about, those to tell instead."""
    about = [Role(role) for role in knowledge.adviser.about(answer.question)]
    telling = about and TELLS_OF_IT.match(answer.next)
    return steps_about(Kind.MISUSE, (answer.next,), about) or (answer.next,) if telling else (answer.next,)


def perhaps_card(knowledge: Knowledge, answer: Answer, clauses: Sequence[Block]) -> Card:
    """Nothing was heard for certain, and nothing was asked: no step, no accusation, a way to say more. Clause 71 is never folded away."""
    quotes = [part for block in clauses for part in (block.blocks if isinstance(block, Fold) else (block,))]
    open_to_all = quotes[:1] if answer.clauses and knowledge.policy.clause(answer.clauses[0].number).emphasis else []
    rest = tuple(quotes[len(open_to_all) :])
    blocks = (Text(wording.PERHAPS_THEN), *open_to_all, *((Fold(wording.PERHAPS_POLICY, rest),) if rest else ()))
    return Card(wording.PERHAPS, blocks, after_answer(answer), Tone.INFO, "", wording.ANSWERED)


def choice_card(answer: Answer) -> Card:
    """Offer up to three headings, and "none of these"."""
    buttons = [Button(choice.label, "ask.choose", choice.question) for choice in answer.choices]
    buttons.append(Button(wording.NONE_OF_THESE, "ask.none", answer.question[:VALUE_LIMIT]))
    return Card(wording.CHOOSE, (), tuple(buttons), Tone.INFO, "", wording.ANSWERED)


def not_covered_card(answer: Answer) -> Card:
    """Say that the policy does not settle it, name clause 16's route, and offer a person."""
    badge, tone = wording.BADGES["not_covered"]
    next_step = "" if answer.next == ASK_SOMEBODY else answer.next  # the route says it
    blocks: list[Block] = [Text(text) for text in (next_step, cited(wording.NOT_COVERED_ROUTE), wording.HAND_ON) if text]
    buttons = (ask_a_person(answer.question, style="primary"), wording.REPORT)
    return Card(answer.summary or wording.NOT_COVERED_LEAD, tuple(blocks), buttons, tone, badge, wording.ANSWERED)


def after_answer(answer: Answer) -> tuple[Button, ...]:
    """The three buttons under every answer."""
    known = {"id": answer.answer_id, "q": answer.question[:VALUE_LIMIT], "c": [one.number for one in answer.clauses]}
    judged = json.dumps(known, ensure_ascii=False)
    return wording.REPORT, ask_a_person(answer.question), Button("Was this right?", "feedback.open", judged)


def ask_a_person(question: str, style: str = "plain") -> Button:
    """The button that passes a question on to a person."""
    return Button("Ask a person", "person.open", question[:VALUE_LIMIT], style)


def quote(one: Quoted, answer: Answer, label: str = "") -> Quote:
    """One clause, word for word, with the document's name and standing."""
    return Quote(one.number, one.section, one.text, f"{answer.policy.title}, {answer.policy.standing}", label)


def outside(knowledge: Knowledge, names: tuple[str, ...]) -> list[Outside]:
    """What is known from elsewhere, labelled as not from the policy, with its source and the day on which it was last checked."""
    facts = [knowledge.facts[name] for name in names if name in knowledge.facts]
    return [Outside(fact.text, source_today(cited(fact.source)), fact.checked) for fact in facts]
