"""Open incidents that somebody had in hand who is in that role no more: whoever holds it now is told, once, and can see them.

The ladder asks today's holder on each rung while an acknowledgement is owed (see ladder). Here it was given, so nobody is asked
for anything; but an incident that nobody at the school knows of is as good as lost. Never told: whom it is about, and, where it is
about the Headteacher, whoever works for the Headteacher.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import NotSaved
from bot.incidents import schema
from bot.incidents.jobs import SOON
from bot.incidents.model import Member, State
from bot.incidents.records import Facts
from bot.incidents.register import Register
from bot.incidents.routing import INSTEAD, UNDER_THE_HEAD, about_the_head, holders
from bot.incidents.turns import Turn
from bot.logs import trail
from bot.people import Person, Role

log = logging.getLogger(__name__)
HANDED_ON = "handed_on"


@dataclass(frozen=True)
class Left:
    """Somebody who acknowledged and is in that role no more. `acted_as`: by which role they did it; `owed`: for which."""

    key: str
    name: str
    acted_as: Role
    owed: tuple[Role, ...]


def hand_on(register: Register) -> int:
    """Tell whoever holds a role by now of what its former holder had in hand; how many incidents that were."""
    incidents, acks, store = schema.incidents, schema.acknowledgements, register.store
    given = store.rows(acks, acks.c.ref).where(acks.c.at.is_not(None))
    with store.reading() as conn:
        live = conn.scalars(store.rows(incidents, incidents.c.ref).where(incidents.c.state != State.CLOSED, incidents.c.ref.in_(given)))
        wanted = [ref for ref in live.all() if _wanted(register, conn, ref)]
    return sum(_handed_on(register, ref) for ref in wanted)


def _wanted(register: Register, conn: Connection, ref: str) -> bool:
    """Whether somebody has left it; also where it cannot be read, which is told by whoever takes it."""
    try:
        facts = register.records.facts(conn, ref)
        return facts is not None and bool(_left(register, conn, facts))
    except (SQLAlchemyError, NotSaved):
        raise
    except Exception:
        return True


def _handed_on(register: Register, ref: str) -> bool:
    """One incident, in a transaction of its own; one that cannot be read must not keep the others back."""
    try:
        with register.store.transaction() as conn:
            register.records.trail.lock(conn)
            facts = register.records.facts(conn, ref)
            told = [_tell(register, conn, facts, one) for one in _left(register, conn, facts)] if facts else []
            return any(told)
    except NotSaved:
        raise
    except Exception as error:
        log.error("An incident could not be passed on, and is looked at again: %s", trail(error))
        return False


def _left(register: Register, conn: Connection, facts: Facts) -> list[Left]:
    """Those who acknowledged it and hold that role no more; nobody for whom somebody who is here has been told already."""
    acks, store, people = schema.acknowledgements, register.store, register.records.directory.people
    rows = conn.execute(store.rows(acks).where(acks.c.ref == facts.ref, acks.c.at.is_not(None)).order_by(acks.c.place)).mappings().all()
    members = {facts.keys[one.person]: one for one in facts.members}
    found: list[Left] = []
    for key in dict.fromkeys(str(row["person"]) for row in rows):
        owed = tuple(Role(row["role"]) for row in rows if row["person"] == key)
        member, now = members.get(key), people.get(facts.people[key].id) if key in facts.people else None
        if member is None or not _gone(member, now, owed) or member.role is None or _told(register, conn, facts, key):
            continue
        found.append(Left(key, facts.people[key].name, member.role, owed))
    return found


def _gone(member: Member, now: Person | None, owed: tuple[Role, ...]) -> bool:
    """Whether somebody has left the school, or neither acts by the role that they had nor holds one for which they acknowledged."""
    return now is None or not now.roles & {member.role, *owed}


def _told(register: Register, conn: Connection, facts: Facts, key: str) -> bool:
    """Whether somebody who is at the school has been told of it in this one's place."""
    audit, directory = schema.audit, register.records.directory
    told = register.store.rows(audit, audit.c.detail).where(audit.c.ref == facts.ref, audit.c.action == HANDED_ON)
    keys: set[str] = set()
    for detail in conn.scalars(told):
        said = json.loads(detail)
        keys |= set(said["people"]) if said["from"] == key else set()
    here = (directory.people.get(person.id) for person in directory.persons(conn, keys).values())
    return any(person is not None and person.roles and person.id not in facts.subjects for person in here)


def _tell(register: Register, conn: Connection, facts: Facts, left: Left) -> bool:
    records = register.records
    new = _successors(register, facts, left)
    if not new:
        return False
    turn = Turn(conn, facts, Person("", ""), "", register.store.clock.now())
    keys = []
    for person in new:
        key = register.membership.join(turn, person, "ladder")
        for role in left.owed:  # asked, should it ever be owed again
            register.store.insert_new(conn, schema.alerted, ref=facts.ref, role=role, person=key, at=turn.now)
        keys.append(key)
    text = f"{left.name}, who had acknowledged this, is no longer the {left.acted_as.label}; told: {', '.join(one.name for one in new)}"
    detail = {"from": left.key, "people": sorted(keys)}
    written = records.write(conn, facts.ref, "", HANDED_ON, text, detail=detail)
    for key in keys:
        records.jobs.notify(conn, facts.ref, key, f"{HANDED_ON}:{written.number}", priority=SOON)
    records.spread(conn, facts.ref, written)
    return True


def _successors(register: Register, facts: Facts, left: Left) -> tuple[Person, ...]:
    """Who holds the role by now; else whoever it was acknowledged for; else the first of those who stand in for anybody."""
    people = register.records.directory.people
    about = about_the_head(people, facts.subjects, facts.row["barred"].split())
    for role in (left.acted_as, *left.owed, *INSTEAD):
        if about and role in UNDER_THE_HEAD:
            continue
        gone = {one.person for one in facts.members if one.left_at is not None and one.person in facts.people}
        found = tuple(one for one in holders(people, role, facts.subjects) if one.id not in gone and facts.keys.get(one.id) != left.key)
        if found:
            return found
    return ()
