"""Help first: what a person sees when their message discloses something."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from bot.cards import Block, Button, Card, Fold, Quote, Steps, Text, Tone
from bot.cited import cited, in_a_row, number
from bot.incidents.model import ALWAYS_URGENT, Kind
from bot.incidents.notices import CLAUSE_71_FIRST
from bot.incidents.routing import RouteStep, facts_for, route, who_and_why
from bot.people import Role
from handlers import wording
from handlers.answers import outside
from handlers.in_brackets import without_what_is_gone
from handlers.known import Knowledge
from handlers.whom_to_tell import facts_about, steps_about
from knowledge.answer import Answer
from knowledge.particulars import particulars

if TYPE_CHECKING:
    from knowledge.concerns import Disclosure

WHAT_LIMIT = 1000
EVIDENCE_CLAUSES = ("61", "70")
IMAGES_CLAUSE = "71"
LIFE_FACTS = ("emergency-999", "education-support")


def concern_card(knowledge: Knowledge, answer: Answer, disclosure: Disclosure, goes_to: Sequence[RouteStep] | None = None) -> Card:
    """Draw the help that this kind of concern needs, who would be told, and the button that reports it.

    Clause 71 comes with what must not be done before anything else, and never with the evidence advice of 61 and 70.
    """
    kind = Kind(disclosure.kind)
    subjects = tuple(Role(role) for role in disclosure.subject_roles)
    life = kind is not Kind.INDECENT_IMAGES and disclosure.life
    urgent = life or kind in ALWAYS_URGENT
    blocks: list[Block] = []
    if life:
        blocks += [Text(wording.LIFE_FIRST, strong=True), *outside(knowledge, LIFE_FACTS)]
    elif urgent:
        blocks.append(Text(wording.DANGER_FIRST, strong=True))
    beside = facts_for(kind, subjects)
    said = {*beside, *(LIFE_FACTS if life else ())}
    disclosure = replace(disclosure, facts=tuple(one for one in disclosure.facts if one not in said))
    named = (*subjects, *(Role(role) for role in knowledge.adviser.about(answer.question)))  # also "my line manager", whoever that is
    blocks += help_blocks(knowledge, kind, disclosure, named)
    blocks.append(Text(told(route(kind, subjects) if goes_to is None else goes_to, subjects)))
    blocks += facts_about(outside(knowledge, beside), named)
    blocks.append(Text(wording.NOTHING_SENT))
    prefill = json.dumps(known_from(answer.question, kind, subjects), ensure_ascii=False)
    buttons = [Button(wording.CONCERN_ASK[kind], "report.open", prefill, "primary")]
    if urgent:
        buttons.append(Button(wording.DANGER, "report.danger", prefill, "danger"))
    tone = Tone.URGENT if urgent else Tone.REPORT
    return Card(
        wording.CONCERN_TITLES[kind],
        tuple(blocks),
        tuple(buttons),
        tone,
        "Urgent" if tone is Tone.URGENT else "Report this",
        wording.ANSWERED,
    )


def known_from(words: str, kind: Kind, subjects: tuple[Role, ...]) -> dict[str, object]:
    """What the report form can be filled in with, from what was said; a field of which it tells nothing is left out."""
    told_of = {name: value for name, value in asdict(particulars(words)).items() if value}
    cut = {"cut": True} if len(words) > WHAT_LIMIT else {}  # a button carries no more
    what = f"{words[:WHAT_LIMIT].rsplit(maxsplit=1)[0]} …" if cut else words
    return {"kind": kind, "subjects": [str(role) for role in subjects], "what": what, **cut, **told_of}


def help_blocks(knowledge: Knowledge, kind: Kind, disclosure: Disclosure, subjects: Iterable[Role]) -> list[Block]:
    """The steps, the clause they rest on, and what is known from outside the policy; none sends anybody to one of the subjects.

    Where the steps or the clauses ask for evidence to be kept, clause 71's caution stands before them, once.
    """
    barred = frozenset(subjects)
    evidence = kind is not Kind.INDECENT_IMAGES and keeps_evidence(disclosure)
    said_above = cited(f"clause {IMAGES_CLAUSE}")
    do_not = without_what_is_gone(line for line in disclosure.do_not if not (evidence and said_above in line))
    must_not = [Steps("Do not", do_not, "do_not")] if do_not else []
    must = [Steps("Do", do, "do")] if (do := without_what_is_gone(steps_about(kind, disclosure.do, barred))) else []
    blocks: list[Block] = [*must_not, *must] if kind is Kind.INDECENT_IMAGES else [*must, *must_not]
    if evidence:
        blocks.insert(0, Text(cited(CLAUSE_71_FIRST), strong=True))
    policy = knowledge.adviser.policy_ref
    clauses = knowledge.adviser.together(disclosure.clauses[:1] if kind is Kind.INDECENT_IMAGES else disclosure.clauses)
    quotes = [Quote(one.number, one.section, one.text, f"{policy.title}, {policy.standing}") for one in clauses]
    blocks += quotes[:1]
    if quotes[1:]:
        blocks.append(Fold(wording.ALSO, tuple(quotes[1:])))
    if facts := facts_about(outside(knowledge, disclosure.facts), barred):
        blocks.append(Fold(wording.OUTSIDE_HELP, tuple(facts)))
    return blocks


def keeps_evidence(disclosure: Disclosure) -> bool:
    """Whether the help asks for a record or screen prints to be kept (clauses 61 and 70)."""
    steps = " ".join(disclosure.do).casefold()
    return any(number(one) in disclosure.clauses for one in EVIDENCE_CLAUSES) or "screen print" in steps or "keep a record" in steps


def told(steps: Iterable[RouteStep], subjects: tuple[Role, ...]) -> str:
    """One sentence on who would be told, each with the clause that says so, and who would not."""
    names = [who_and_why(step) for step in steps if step.alerted]
    sentence = (
        f"If you report it, these people are told: {in_a_row(names)}." if names else "If you report it, it goes to a person who can act."
    )
    if subjects:
        left_out = in_a_row([f"the {role.label}" for role in subjects])
        sentence += f" It is kept from {left_out}, because it is about them."
    return sentence
