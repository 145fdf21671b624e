"""Whom a message is about, in all that they are, and whom a report of it would go to in this school."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.incidents.model import Kind
from bot.incidents.routing import RouteStep, barred_roles, route_here
from bot.people import People, Person, Role

if TYPE_CHECKING:
    from knowledge.concerns import Disclosure


def in_all_their_roles(people: People, heard: Disclosure, sender: Person | None) -> Disclosure:
    """The same disclosure with every role of those whom it is about, so that who is promised to be told is who will be.

    A Headteacher may be the safeguarding lead as well; "my line manager" is somebody. A role that others hold, too, is not theirs
    alone. Where school.toml names no line manager, or nobody knows who asks, nothing is promised.
    """
    managed = sender is not None and people.line_manager_of(sender) is not None
    roles = [Role(role) for role in heard.subject_roles if role != Role.LINE_MANAGER or managed]
    barred = barred_roles(people, meant(people, roles, sender))
    roles += [role for role in Role if role in barred and role not in roles]
    return replace(heard, subject_roles=tuple(roles))


def goes_to(people: People, heard: Disclosure, sender: Person | None) -> tuple[RouteStep, ...]:
    """Whom a report of it would go to, by the decision that sends it: a role that nobody holds is promised to nobody."""
    return route_here(people, Kind(heard.kind), sorted(meant(people, map(Role, heard.subject_roles), sender)))


def meant(people: People, roles: Iterable[Role], sender: Person | None) -> set[str]:
    """Ids of those who are meant by roles."""
    return {one.id for role in roles for one in (people.meant_by(role, sender) if sender else people.with_role(role))}
