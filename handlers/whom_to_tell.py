"""Help that never sends anybody to the person whom it is about: whom to tell comes from the route, not from the authored steps alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bot.cards import Outside
from bot.cited import cited, in_a_row
from bot.incidents.model import Kind
from bot.incidents.routing import route, who_and_why
from bot.people import Role

TELL: Final = {
    Kind.MISUSE: "Report it to {names} as soon as you can.",
    Kind.STAFF_ABUSE: "Report it to {names} straight away.",
    Kind.THREAT: "Tell {names} straight away.",
    Kind.DATA_BREACH: "Tell {names} at once, even if you are not sure.",
    Kind.SAFEGUARDING: "Tell {names} today, in person or by telephone; do not wait until you are certain.",
    Kind.INDECENT_IMAGES: "Tell {names} now, in person or by telephone, in words only.",
}
YOURSELF: Final = (
    "You are the one to whom this goes ({why}): put it on record with the button, and act on it. {beside} (not from the policy)."
)
BESIDE_THE_HEAD: Final = "The chair of governors can stand by you"
BESIDE_THE_CHAIR: Final = "The local authority designated officer can advise you"
CHILD_AT_RISK: Final = "If a child may be at risk"
LADO: Final = "the local authority designated officer (not from the policy)"
NAMES: Final = {role: role.label.casefold() for role in Role} | {
    Role.HEADTEACHER: r"(?<!deputy )headteacher", Role.BUSINESS_MANAGER: "business manager", Role.SLT: "senior lead",
}  # fmt: skip
# What stands in a longer step and can be left out of it.
ASIDES: Final = {Role.LINE_MANAGER: "your line manager, ", Role.SLT: "; senior leaders consider advising you to"}
TELLS: Final = re.compile(r"(?:tell|report it to|inform|contact|ask) ")
FACT_SENDS_TO: Final = r"(?:\btell|\bgoes to) the {name}"


def named(text: str, roles: Iterable[Role]) -> frozenset[Role]:
    """Those of these roles that a text sends somebody to; "not the Headteacher" sends nobody there."""
    plain = text.casefold()
    return frozenset(role for role in roles if re.search(rf"(?<!not the )(?<!about the )\b{NAMES[role]}", plain))


def whom_to_tell(kind: Kind, subjects: Iterable[Role], own: Iterable[Role] = ()) -> str:
    """Those to whom a matter goes but the writer, in words, each with the reason; where nobody is left, the local authority's officer."""
    alone = frozenset(own)
    steps = [step for step in route(kind, subjects) if step.alerted]
    names = [who_and_why(step) for step in steps if step.role not in alone]
    return in_a_row(names) or ("" if steps else LADO)


def steps_about(kind: Kind, steps: Sequence[str], subjects: Iterable[Role], own: Iterable[Role] = ()) -> tuple[str, ...]:
    """The authored steps without any that names somebody whom it is about, or the writer (`own`: the roles that they hold alone).

    Where a line that says whom to tell names one of them, one line from the route stands for all such lines. What is left
    out of a longer step is the mention alone; a step that cannot do without it is not shown.
    """
    about, alone = frozenset(subjects), frozenset(own)
    barred = about | alone
    found: list[str] = []
    steps = [without(step, barred) for step in steps]
    telling = [step for step in steps if TELLS.match(step.casefold()) and named(step, Role)]
    rerouted = any(named(step, barred) for step in telling)
    for step in steps:
        if rerouted and step in telling:
            names = whom_to_tell(kind, about, alone)
            line = TELL[kind].format(names=names) if names else yourself(alone)
            found += [line] if line not in found else []
        elif not named(step, barred):
            found.append(step)
        elif step.startswith(CHILD_AT_RISK):
            names = whom_to_tell(Kind.SAFEGUARDING, about, alone)
            found += [f"{CHILD_AT_RISK}, tell {names} too."] if names else []
    return tuple(found)


def yourself(own: Iterable[Role]) -> str:
    """What stands in place of whom to tell for the one who would be told: the Headteacher, or whoever hears of the Headteacher."""
    if Role.HEADTEACHER in own:
        return cited(YOURSELF.format(why="clauses 19 and 37", beside=BESIDE_THE_HEAD))
    return YOURSELF.format(why="not from the policy", beside=BESIDE_THE_CHAIR)


def without(step: str, barred: Iterable[Role]) -> str:
    """A step without the mention of these roles, where it can do without them."""
    for role in barred:
        step = step.replace(ASIDES.get(role, ""), "") if role in ASIDES else step
    return step


def facts_about(facts: Iterable[Outside], subjects: Iterable[Role]) -> list[Outside]:
    """What is known from elsewhere, without what sends somebody to those whom it is about."""
    sends = [re.compile(FACT_SENDS_TO.format(name=NAMES[role])) for role in subjects]
    return [fact for fact in facts if not any(one.search(fact.text.casefold()) for one in sends)]
