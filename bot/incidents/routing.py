"""Who is told first: from the kind of matter and from who is its subject, to roles, each with its reason.

A reason is a clause number of the policy ("19"), or the id of a fact from elsewhere ("concern-about-head"), which is
always labelled as not from the policy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.cited import clauses
from bot.incidents.model import Kind
from bot.people import People, Person, Role

KCSIE = "concern-about-head"
LADO = "concern-lado"
NOT_THE_POLICY = "from Keeping Children Safe in Education, not this policy"


@dataclass(frozen=True)
class RouteStep:
    """One role on the way, the reasons for it ("19", "37", …), the first of them in `why`, and whether it is alerted.

    A role that is not alerted owes support only, and is told by a person, not by the bot.
    """

    role: Role
    reasons: tuple[str, ...]
    alerted: bool = True

    @property
    def why(self) -> str:
        """The first reason: a clause number or the id of a fact."""
        return self.reasons[0]


HEAD = Role.HEADTEACHER
DSL = Role.DESIGNATED_SAFEGUARDING_LEAD
DPO = Role.DATA_PROTECTION_OFFICER
CHAIR = Role.CHAIR_OF_GOVERNORS

TO_HEAD = RouteStep(HEAD, ("19", "37", "60"))
CHILD = (RouteStep(DSL, ("18", "40")), RouteStep(HEAD, ("19", "37")))

ROUTES: dict[Kind, tuple[RouteStep, ...]] = {
    Kind.MISUSE: (TO_HEAD,),
    Kind.STAFF_ABUSE: (TO_HEAD, RouteStep(Role.LINE_MANAGER, ("66",), alerted=False)),
    Kind.THREAT: (TO_HEAD,),
    Kind.DATA_BREACH: (RouteStep(DPO, ("18",)), RouteStep(HEAD, ("19", "37"))),
    Kind.SAFEGUARDING: CHILD,
    Kind.INDECENT_IMAGES: (RouteStep(DSL, ("71", "18", "40")), RouteStep(HEAD, ("71", "19", "37"))),
}
# Who is asked when everyone whom the route names is a subject, best first.
INSTEAD = (CHAIR, HEAD, DSL, DPO, Role.DEPUTY_HEADTEACHER, Role.SLT, Role.BUSINESS_MANAGER)
# They work for the Headteacher, so they are not asked to judge, or even to know, when it is about the Headteacher.
UNDER_THE_HEAD = frozenset({Role.DEPUTY_HEADTEACHER, Role.SLT, Role.BUSINESS_MANAGER, Role.LINE_MANAGER})


def route(kind: Kind, subjects_roles: Iterable[Role] = (), done_by: Iterable[str] = ()) -> tuple[RouteStep, ...]:
    """The roles to alert, best first. `subjects_roles`: roles that nobody but a subject holds. Never names one of them.

    Where the Headteacher is a subject the chair of governors comes first, and nobody who works for the Headteacher comes
    unless there is nobody else. Empty only when every role is a subject's: then the local authority's officer (the fact
    "concern-lado") is what is left.
    """
    barred = set(subjects_roles) | ({HEAD} if "headteacher" in done_by else set())
    steps = [step for step in ROUTES[kind] if step.role not in barred]
    instead = [role for role in INSTEAD if role not in barred]
    if HEAD in barred:
        steps = [step for step in steps if step.role not in UNDER_THE_HEAD]
        preferred = [role for role in instead if role not in UNDER_THE_HEAD]
        instead = preferred or instead
        if CHAIR not in barred:
            steps.insert(0, RouteStep(CHAIR, (KCSIE,)))
    if not any(step.alerted for step in steps) and instead:
        steps.insert(0, RouteStep(instead[0], (KCSIE,)))
    return tuple(steps)


def because(reasons: Iterable[str]) -> str:
    """Reasons in words: "clauses 19, 37 and 60", as today's edition numbers them; what is not from the policy is said not to be."""
    given = [reason for reason in reasons if reason]
    return NOT_THE_POLICY if any(reason in (KCSIE, LADO) for reason in given) else clauses(given)


def who_and_why(step: RouteStep) -> str:
    """A role on the way, with the reason for it where there is one to name."""
    reason = because(step.reasons)
    return f"the {step.role.label} ({reason})" if reason else f"the {step.role.label}"


def facts_for(kind: Kind, barred: Iterable[Role]) -> tuple[str, ...]:
    """Ids of the facts from outside the policy that go with such a route."""
    roles = set(barred)
    found = [KCSIE] if HEAD in roles else []
    if HEAD in roles and (CHAIR in roles or kind in (Kind.SAFEGUARDING, Kind.INDECENT_IMAGES)):
        found.append(LADO)
    return tuple(found)


def subjects_of(people: People, subjects: Iterable[str], done_by: Iterable[str]) -> frozenset[str]:
    """Ids of everyone whom a report is about: those named, and every Headteacher where "headteacher" did it."""
    named = set(subjects)
    if "headteacher" in done_by:
        named |= {person.id for person in people.with_role(HEAD)}
    return frozenset(named)


def barred_roles(people: People, subjects: Iterable[str], done_by: Iterable[str] = ()) -> frozenset[Role]:
    """Roles in which nobody is left to tell: all their holders are subjects. A subject with two roles counts for both."""
    named = frozenset(subjects)
    barred = {role for role in Role if (held := people.with_role(role)) and all(person.id in named for person in held)}
    return frozenset(barred | ({HEAD} if "headteacher" in done_by else set()))


def about_the_head(people: People, subjects: Iterable[str], barred: Iterable[str]) -> bool:
    """Whether whoever works for the Headteacher must be left out. `barred`: the roles that were left out from the start."""
    return HEAD in barred or bool({person.id for person in people.with_role(HEAD)} & set(subjects))


def vacant_roles(people: People) -> frozenset[Role]:
    """Roles that nobody holds. Line managers are found from each person, not from a role."""
    return frozenset(role for role in Role if role is not Role.LINE_MANAGER and not people.with_role(role))


def holders(people: People, role: Role, subjects: Iterable[str]) -> tuple[Person, ...]:
    """Those who hold a role and are not subjects."""
    named = frozenset(subjects)
    return tuple(person for person in people.with_role(role) if person.id not in named)


def route_here(people: People, kind: Kind, subjects: Iterable[str], done_by: Iterable[str] = ()) -> tuple[RouteStep, ...]:
    """Whom a report goes to in this school, its subjects given by id: roles that somebody holds who is not a subject."""
    done_by = tuple(done_by)
    barred, vacant = barred_roles(people, subjects, done_by), vacant_roles(people)
    filled = tuple(step for step in route(kind, barred, done_by) if step.role not in vacant)
    return filled if any(step.alerted for step in filled) else route(kind, barred | vacant, done_by)
