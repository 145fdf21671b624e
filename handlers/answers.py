"""An Answer, as the card that a person sees: the verdict, the clause word for word, what to do next."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.cards import Block, Button, Card, Fold, Outside, Quote, Steps, Text, Tone
from bot.cited import cited
from bot.people import Role
from handlers import wording
from handlers.carried import carried
from handlers.in_brackets import source_today
from handlers.known import Knowledge
from handlers.sent_elsewhere import instead_of, line_about, names_any, next_lines
from handlers.whom_it_is_about import NOBODY, Whom
from handlers.whom_to_tell import facts_about
from knowledge.answer import ASK_SOMEBODY, Answer, Quoted

VALUE_LIMIT = 1200
ASKED_FOR = ("clause", "section")  # asked for by name: all of it is shown


def answer_card(knowledge: Knowledge, answer: Answer, whom: Whom = NOBODY) -> Card:
    """Draw what the policy says, or that it says nothing, or what to choose between; nobody is sent to those whom it is about."""
    if answer.kind == "clarification":
        return choice_card(answer, whom)
    if answer.kind == "not_covered":
        return not_covered_card(answer, whom)
    blocks = clause_blocks(knowledge, answer)
    if answer.kind == "perhaps":
        return perhaps_card(knowledge, answer, blocks, whom)
    badge, tone = wording.BADGES[answer.verdict] if answer.show_verdict else wording.UNCLEAR_BADGE
    if steps := steps_for(answer, whom):
        blocks.append(Steps(wording.NEXT, steps))
    blocks += facts_about(outside(knowledge, answer.facts), whom.about)
    return Card(answer.summary, tuple(blocks), after_answer(answer, whom), tone, badge, wording.ANSWERED)


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


def steps_for(answer: Answer, whom: Whom) -> tuple[str, ...]:
    """What to do next; where the card would name only those whom it is about, one line more says whom to tell instead."""
    lines = next_lines(answer.next, whom)
    told = instead_of(whom).partition(" (")[0]
    quoted = " ".join([answer.summary, *(one.text for one in answer.clauses[:1])])
    named = names_any(" ".join(lines), whom.barred) or names_any(quoted, whom.about)
    reaches = Role.HEADTEACHER in whom.about and Role.CHAIR_OF_GOVERNORS in whom.own  # it has come to whom it goes to
    due = named or answer.verdict == "report" or (bool(whom.about) and not lines)
    wanted = whom.barred and due and not reaches and answer.kind not in ASKED_FOR
    return (*lines, line_about(whom)) if wanted and not any(told in line for line in lines) else lines


def perhaps_card(knowledge: Knowledge, answer: Answer, clauses: Sequence[Block], whom: Whom = NOBODY) -> Card:
    """Nothing was heard for certain, and nothing was asked: no step, no accusation, a way to say more. Clause 71 is never folded away."""
    quotes = [part for block in clauses for part in (block.blocks if isinstance(block, Fold) else (block,))]
    open_to_all = quotes[:1] if answer.clauses and knowledge.policy.clause(answer.clauses[0].number).emphasis else []
    rest = tuple(quotes[len(open_to_all) :])
    lines = [Text(text) for text in (wording.PERHAPS_THEN, line_about(whom)) if text]
    blocks = (*lines, *open_to_all, *((Fold(wording.PERHAPS_POLICY, rest),) if rest else ()))
    return Card(wording.PERHAPS, blocks, after_answer(answer, whom), Tone.INFO, "", wording.ANSWERED)


def choice_card(answer: Answer, whom: Whom = NOBODY) -> Card:
    """Offer up to three headings, and "none of these"."""
    buttons = [Button(choice.label, "ask.choose", carried(choice.question, whom)) for choice in answer.choices]
    buttons.append(Button(wording.NONE_OF_THESE, "ask.none", carried(answer.question, whom)))
    return Card(wording.CHOOSE, (), tuple(buttons), Tone.INFO, "", wording.ANSWERED)


def not_covered_card(answer: Answer, whom: Whom = NOBODY) -> Card:
    """Say that the policy does not settle it, name clause 16's route, and offer a person."""
    badge, tone = wording.BADGES["not_covered"]
    own = "" if answer.next == ASK_SOMEBODY else answer.next  # the route says it
    way = [*next_lines(own, whom), *next_lines(cited(wording.NOT_COVERED_ROUTE), whom)]
    lines = dict.fromkeys([*way, *([line_about(whom)] if names_any(" ".join(way), whom.avoided) else []), wording.HAND_ON])
    buttons = (ask_a_person(answer.question, whom, style="primary"), wording.REPORT)
    return Card(answer.summary or wording.NOT_COVERED_LEAD, tuple(map(Text, lines)), buttons, tone, badge, wording.ANSWERED)


def after_answer(answer: Answer, whom: Whom = NOBODY) -> tuple[Button, ...]:
    """The three buttons under every answer."""
    known = {"id": answer.answer_id, "q": answer.question[:VALUE_LIMIT], "c": [one.number for one in answer.clauses]}
    judged = json.dumps(known, ensure_ascii=False)
    return wording.REPORT, ask_a_person(answer.question, whom), Button("Was this right?", "feedback.open", judged)


def ask_a_person(question: str, whom: Whom = NOBODY, style: str = "plain") -> Button:
    """The button that passes a question on to a person."""
    return Button("Ask a person", "person.open", carried(question, whom), style)


def quote(one: Quoted, answer: Answer, label: str = "") -> Quote:
    """One clause, word for word, with the document's name and standing."""
    return Quote(one.number, one.section, one.text, f"{answer.policy.title}, {answer.policy.standing}", label)


def outside(knowledge: Knowledge, names: tuple[str, ...]) -> list[Outside]:
    """What is known from elsewhere, labelled as not from the policy, with its source and the day on which it was last checked."""
    facts = [knowledge.facts[name] for name in names if name in knowledge.facts]
    return [Outside(fact.text, source_today(cited(fact.source)), fact.checked) for fact in facts]
