"""Whom a message is about, in all that they are, who writes it, and whom a report of it would go to in this school."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.incidents.model import Kind
from bot.incidents.routing import RouteStep, barred_roles, route_here
from bot.people import People, Person, Role

if TYPE_CHECKING:
    from knowledge.advice import Adviser
    from knowledge.concerns import Disclosure

LEADERS: Final = frozenset({Role.HEADTEACHER, Role.DEPUTY_HEADTEACHER, Role.SLT})
SHARED: Final = frozenset({Role.SLT, Role.LINE_MANAGER})  # held by several: a member can be sent to the others


@dataclass(frozen=True)
class Whom:
    """Who stands around a message.

    `about`: roles of those whom it is about, to whom no reply sends anybody; `avoided`: of those to whom the writer would rather not go,
    beside whom another is named.
    `own`: roles that the writer holds alone, `leads`: whether the writer is a senior leader (clauses 68 to 70). `called`: the roles
    by which they were named, for one person may hold several.
    """

    about: frozenset[Role] = frozenset()
    avoided: frozenset[Role] = frozenset()
    own: frozenset[Role] = frozenset()
    leads: bool = False
    called: frozenset[Role] = frozenset()

    @property
    def barred(self) -> frozenset[Role]:
        """The roles beside which, or in place of which, another is named."""
        return self.about | self.avoided

    def after(self, earlier: Whom) -> Whom:
        """The same, with what an earlier message of the conversation told."""
        about = self.about | earlier.about
        avoided = (self.avoided | earlier.avoided) - about
        own = (self.own | earlier.own) - about
        return Whom(about, avoided, own, self.leads or earlier.leads, self.called | earlier.called)


NOBODY: Final = Whom()


def whom_of(adviser: Adviser, words: str, people: People | None = None, sender: Person | None = None) -> Whom:
    """Who stands around some words: those whom they are about, those whom the writer avoids, and what the writer is."""
    said, avoided = adviser.around(words)
    known = people or People(())
    called = frozenset(map(Role, adviser.about(words)))
    about = in_all_roles(known, called, sender)
    shunned = in_all_roles(known, map(Role, avoided), sender) - about
    declared = frozenset(map(Role, said))
    holds = declared | (sender.roles if sender else frozenset())
    own = (declared | (barred_roles(known, [sender.id]) if sender else frozenset())) - SHARED
    if Role.HEADTEACHER in own:
        own |= {Role.LINE_MANAGER}  # nobody in the school manages them
    return Whom(about, shunned, own - about, bool(LEADERS & holds), called | frozenset(map(Role, avoided)))


def in_all_roles(people: People, roles: Iterable[Role], sender: Person | None) -> frozenset[Role]:
    """These roles, and every other that none but their holders hold, the writer's own line manager among them."""
    named = frozenset(roles)
    ids = meant(people, named, sender)
    manager = people.line_manager_of(sender) if sender else None
    return named | barred_roles(people, ids) | ({Role.LINE_MANAGER} if manager and manager.id in ids else frozenset())


def in_all_their_roles(people: People, heard: Disclosure, sender: Person | None, earlier: Sequence[str] = ()) -> Disclosure:
    """The same disclosure with every role of those whom it is about, so that who is promised to be told is who will be.

    A Headteacher may be the safeguarding lead as well; "my line manager" is somebody. A role that others hold, too, is not theirs
    alone. Where school.toml names no line manager, or nobody knows who asks, nothing is promised. `earlier`: whom it goes on about.
    """
    managed = sender is not None and people.line_manager_of(sender) is not None
    roles = [Role(role) for role in dict.fromkeys([*heard.subject_roles, *earlier]) if role != Role.LINE_MANAGER or managed]
    barred = barred_roles(people, meant(people, roles, sender))
    roles += [role for role in Role if role in barred and role not in roles]
    return replace(heard, subject_roles=tuple(roles))


def goes_to(people: People, heard: Disclosure, sender: Person | None) -> tuple[RouteStep, ...]:
    """Whom a report of it would go to, by the decision that sends it: a role that nobody holds is promised to nobody."""
    return route_here(people, Kind(heard.kind), sorted(meant(people, map(Role, heard.subject_roles), sender)))


def meant(people: People, roles: Iterable[Role], sender: Person | None) -> set[str]:
    """Ids of those who are meant by roles."""
    return {one.id for role in roles for one in (people.meant_by(role, sender) if sender else people.with_role(role))}
