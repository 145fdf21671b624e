"""Help first: what a person sees when their message discloses something."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from bot.cards import Block, Button, Card, Fold, Quote, Steps, Text, Tone
from bot.cited import cited, in_a_row, number
from bot.incidents.model import ALWAYS_URGENT, Kind
from bot.incidents.notices import CLAUSE_71_FIRST
from bot.incidents.routing import RouteStep, facts_for, route, who_and_why
from bot.people import Role
from handlers import leaders, wording
from handlers.answers import outside
from handlers.in_brackets import without_what_is_gone
from handlers.known import Knowledge
from handlers.leaders import is_for_a_leader, leaders_help
from handlers.sent_elsewhere import line_about
from handlers.spoken_of import speaks_of_money, speaks_of_pictures
from handlers.whom_it_is_about import NOBODY, Whom
from handlers.whom_to_tell import facts_about, named, steps_about, without
from knowledge.answer import Answer
from knowledge.particulars import particulars

if TYPE_CHECKING:
    from knowledge.concerns import Disclosure

WHAT_LIMIT = 1000
EVIDENCE_CLAUSES = ("61", "70")
IMAGES_CLAUSE = "71"
SUPPORT_CLAUSE = "66"
LONG = 100  # words of a clause
LIFE_FACTS = ("emergency-999", "education-support")
KEEPS = re.compile(r"screen.prints?|\bkeep (?:a record|the record|any records|emails|the evidence)", re.IGNORECASE)
IN_DANGER = ("If anyone is in danger now", "If a child is in danger now")


def concern_card(
    knowledge: Knowledge, answer: Answer, disclosure: Disclosure, goes_to: Sequence[RouteStep] | None = None, whom: Whom = NOBODY
) -> Card:
    """Draw the help that this kind of concern needs, who would be told, and the button that reports it; what can wait stands folded below.

    Clause 71 comes with what must not be done before anything else, and never with the evidence advice of 61 and 70.
    """
    kind, words = Kind(disclosure.kind), answer.question
    subjects = tuple(Role(role) for role in disclosure.subject_roles)
    life = kind is not Kind.INDECENT_IMAGES and disclosure.life
    urgent = life or kind in ALWAYS_URGENT
    leading = not life and is_for_a_leader(words, kind, whom)
    first: list[Block] = []
    if life:
        first += [Text(wording.LIFE_FIRST, strong=True), *outside(knowledge, LIFE_FACTS)]
    elif urgent:
        first.append(Text(wording.DANGER_FIRST, strong=True))
    beside = facts_for(kind, subjects)
    facts = tuple(one for one in disclosure.facts if not (life and one in LIFE_FACTS))
    help_now = replace(leaders_help(disclosure, whom) if leading else disclosure, facts=facts)
    about = frozenset({*subjects, *(Role(role) for role in knowledge.adviser.about(words))})  # also "my line manager", whoever that is
    around = replace(whom, about=about, own=whom.own - about - ({Role.LINE_MANAGER} if leading else set()), avoided=whom.avoided - about)
    help_now = with_money(replace(help_now, facts=tuple(dict.fromkeys([*beside, *help_now.facts]))), kind, words)
    blocks = help_blocks(knowledge, kind, help_now, about, whom=around, words=words, danger_said=bool(first))
    tell = Text(told(route(kind, subjects) if goes_to is None else goes_to, subjects, around.own))
    now = [block for block in blocks if not isinstance(block, Fold)]
    more = [block for block in blocks if isinstance(block, Fold)]
    prefill = json.dumps(known_from(words, kind, subjects), ensure_ascii=False)
    buttons = [Button(wording.CONCERN_ASK[kind], "report.open", prefill, "primary")]
    if urgent:
        buttons.append(Button(wording.DANGER, "report.danger", prefill, "danger"))
    tone = Tone.URGENT if urgent else Tone.REPORT
    return Card(
        leaders.TITLE if leading else wording.CONCERN_TITLES[kind],
        (*first, *now, tell, Text(wording.NOTHING_SENT), *more),
        tuple(buttons),
        tone,
        "Urgent" if tone is Tone.URGENT else "Report this",
        wording.ANSWERED,
    )


def with_money(help_now: Disclosure, kind: Kind, words: str) -> Disclosure:
    """The help with the bank first, where money may have gone to a fraud."""
    if kind is Kind.INDECENT_IMAGES or not speaks_of_money(words):
        return help_now
    return replace(help_now, do=(wording.MONEY, *help_now.do))


def known_from(words: str, kind: Kind, subjects: tuple[Role, ...]) -> dict[str, object]:
    """What the report form can be filled in with, from what was said; a field of which it tells nothing is left out."""
    told_of = {name: value for name, value in asdict(particulars(words)).items() if value}
    cut = {"cut": True} if len(words) > WHAT_LIMIT else {}  # a button carries no more
    what = f"{words[:WHAT_LIMIT].rsplit(maxsplit=1)[0]} …" if cut else words
    return {"kind": kind, "subjects": [str(role) for role in subjects], "what": what, **cut, **told_of}


def help_blocks(
    knowledge: Knowledge,
    kind: Kind,
    disclosure: Disclosure,
    subjects: Iterable[Role],
    *,
    whom: Whom = NOBODY,
    words: str = "",
    danger_said: bool = False,
) -> list[Block]:
    """The steps, the clause they rest on, and, folded, what else there is to read; none sends anybody to one of the subjects.

    Where the steps or the clauses ask for evidence to be kept, clause 71's caution is said once, before that: before everything where
    the words speak of any picture, with the clause itself in the open, and after the first steps where they speak of none.
    `danger_said`: the card has said 999 already.
    """
    barred = frozenset(subjects)
    evidence = kind is not Kind.INDECENT_IMAGES and keeps_evidence(disclosure)
    picture = kind is Kind.INDECENT_IMAGES or speaks_of_pictures(words)
    said_above = cited(f"clause {IMAGES_CLAUSE}")
    do_not = without_what_is_gone(line for line in disclosure.do_not if not (evidence and said_above in line))
    must_not = listed("Do not", do_not, "do_not")
    do = [one for one in steps_about(kind, disclosure.do, barred, whom.own) if not (danger_said and one.startswith(IN_DANGER))]
    do = [without(one, whom.avoided) for one in do]
    if named(" ".join(do), whom.avoided):
        do.insert(1, line_about(replace(whom, about=frozenset())))
    steps = without_what_is_gone(do)
    must = listed("Do", [one for one in steps if not (evidence and KEEPS.search(one))])
    keep = listed("", [one for one in steps if evidence and KEEPS.search(one)])
    caution = [Text(cited(CLAUSE_71_FIRST), strong=True)] if evidence else []
    gentle = disclosure.life and not picture  # for whoever may not want to live: what helps, and no more than that in the open
    if kind is Kind.INDECENT_IMAGES:
        blocks: list[Block] = [*must_not, *must]
    elif gentle:
        blocks = [*must]
    else:
        blocks = [*caution, *must, *must_not] if picture else [*must, *caution, *must_not]
    numbers = disclosure.clauses[:1] if kind is Kind.INDECENT_IMAGES else disclosure.clauses
    if gentle:
        numbers = tuple(dict.fromkeys(filter(None, (number(SUPPORT_CLAUSE), *numbers))))
    quotes = quotes_of(knowledge, numbers, picture=picture)
    blocks += quotes[:1]
    later: list[Text | Steps] = [*caution, *keep, *must_not] if gentle else [*keep]
    if later:
        blocks.append(Fold(wording.TO_KEEP, tuple(later)))
    if quotes[1:]:
        blocks.append(Fold(wording.ALSO, tuple(quotes[1:])))
    if facts := facts_about(outside(knowledge, disclosure.facts), barred):
        blocks.append(Fold(wording.OUTSIDE_HELP, tuple(facts)))
    return blocks


def listed(title: str, steps: Sequence[str], sort: str = "do") -> list[Steps]:
    """A list of steps, or nothing where there are none."""
    return [Steps(title, tuple(steps), sort)] if steps else []


def quotes_of(knowledge: Knowledge, numbers: Sequence[str], *, picture: bool) -> list[Quote]:
    """The clauses, the one that answers first; what the document emphasises (71) comes before it where there is a picture.

    A clause that is a long list stands behind a shorter one.
    """
    policy = knowledge.adviser.policy_ref
    clauses = list(knowledge.adviser.together(numbers))
    if not picture:
        clauses.sort(key=lambda one: (len(one.text.split()) > LONG, one.number != numbers[0]))
    return [Quote(one.number, one.section, one.text, f"{policy.title}, {policy.standing}") for one in clauses]


def keeps_evidence(disclosure: Disclosure) -> bool:
    """Whether the help asks for a record or screen prints to be kept (clauses 61 and 70)."""
    steps = " ".join(disclosure.do).casefold()
    return any(number(one) in disclosure.clauses for one in EVIDENCE_CLAUSES) or "screen print" in steps or "keep a record" in steps


def told(steps: Iterable[RouteStep], subjects: tuple[Role, ...], own: Container[Role] = ()) -> str:
    """One sentence on who would be told, each with the clause that says so, and who would not. `own`: roles of the writer, who knows."""
    alerted = [step for step in steps if step.alerted]
    names = [who_and_why(step) for step in alerted if step.role not in own]
    writer = in_a_row([f"the {step.role.label}" for step in alerted if step.role in own])
    if names:
        sentence = f"If you report it, these people are told: {in_a_row(names)}." + (
            f" It comes to you too, as {writer}." if writer else ""
        )
    elif writer:
        sentence = (
            f"If you report it, it is on record and comes to you, as {writer}. If you do not acknowledge it, the next person is asked."
        )
    else:
        sentence = "If you report it, it goes to a person who can act."
    if subjects:
        left_out = in_a_row([f"the {role.label}" for role in subjects])
        sentence += f" It is kept from {left_out}, because it is about them."
    return sentence
