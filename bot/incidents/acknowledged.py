"""What is said of acknowledgements, to those who handle an incident and to its reporter.

An acknowledgement is of what was known then. Where the matter was raised to a graver kind since, the timeline keeps it, nobody
takes it for one of the graver matter, and whoever owes one is asked again (docs/decisions/0011).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func

from bot.incidents import schema
from bot.incidents.model import Acknowledgement, Kind, Urgency
from bot.incidents.records import RAISED, Facts, Records
from bot.incidents.routing import because
from bot.incidents.times import full

GIVEN = "acknowledged"
NO_ARTICLE = frozenset({Kind.MISUSE, Kind.STAFF_ABUSE})


def of_the_smaller_matter(conn: Connection, records: Records, facts: Facts) -> Mapping[str, tuple[str, datetime]]:
    """By role: who acknowledged the matter before it was raised, and when; nobody whom it is about. Nothing where it never was."""
    entries, audit, store = schema.entries, schema.audit, records.store
    raised = records.raised(conn, facts.ref)
    if raised is None:
        return {}
    before = (entries.c.ref == facts.ref, entries.c.what == GIVEN, entries.c.number < raised.number)
    given = conn.execute(store.rows(entries, entries.c.person, entries.c.at, entries.c.audit).where(*before)).all()
    bound = store.rows(audit, audit.c.seq, audit.c.detail).where(audit.c.seq.in_([one.audit for one in given]))
    roles = {row.seq: json.loads(row.detail).get("role", "") for row in conn.execute(bound)}
    barred = {facts.keys.get(one) for one in facts.subjects}
    return {roles.get(one.audit, ""): (one.person, one.at) for one in sorted(given, key=_when) if one.person not in barred}


def _when(row: Any) -> datetime:
    at: datetime = row.at
    return at


def before_what(kind: Kind) -> str:
    """The end of a sentence about an acknowledgement of the smaller matter."""
    label = kind.label[:1].lower() + kind.label[1:]
    known_as = label if kind in NO_ARTICLE else f"{'an' if label[:1] in 'aeiou' else 'a'} {label}"
    return f"before it was known to be {known_as}; not yet acknowledged since"


def line(ack: Acknowledgement, kind: Kind, *, reasons: bool) -> str:
    """One line of a card; with `reasons` also why this role is told. `kind`: what it is known to be now."""
    reason = because(ack.why.split()) if reasons else ""
    role = f"{ack.role.label} ({reason})" if reason else ack.role.label
    if ack.at:
        return f"{role}: acknowledged by {ack.name} at {full(ack.at)}."
    if ack.earlier_at:
        return f"{role}: seen by {ack.earlier} at {full(ack.earlier_at)}, {before_what(kind)}."
    return f"{role}: not yet acknowledged."


def as_reported(conn: Connection, records: Records, facts: Facts) -> tuple[Kind, Urgency]:
    """What it was reported as: all that somebody may know of it who may only follow their own report."""
    audit = schema.audit
    opened = records.store.rows(audit, audit.c.detail).where(audit.c.ref == facts.ref, audit.c.action == "opened")
    if records.raised(conn, facts.ref) is None or (detail := conn.scalar(opened.limit(1))) is None:
        return facts.kind, facts.urgency
    kind = Kind(json.loads(detail)["kind"])
    return kind, replace(records.report(facts), kind=kind).urgency


def owed_as_reported(conn: Connection, records: Records, ref: str) -> frozenset[str] | None:
    """The roles that owed one before it was raised; None where it never was. Whose the graver kind's are would tell what it turned into."""
    entries, alerted, rows = schema.entries, schema.alerted, records.store.rows
    raised = conn.scalar(rows(entries, func.min(entries.c.at)).where(entries.c.ref == ref, entries.c.what == RAISED))
    if raised is None:
        return None
    return frozenset(conn.scalars(rows(alerted, alerted.c.role).where(alerted.c.ref == ref, alerted.c.at < raised)))


def telephone(conn: Connection, records: Records, facts: Facts, known: frozenset[str] | None) -> str:
    """Whom to telephone, with the numbers that are known. `known`: of whoever was asked for these roles alone."""
    named = {facts.keys[member.person] for member in facts.active() if member.via in ("route", "ladder", "handed_over")}
    if known is not None:
        alerted = schema.alerted
        asked = records.store.rows(alerted, alerted.c.person).where(alerted.c.ref == facts.ref, alerted.c.role.in_(known))
        named &= set(conn.scalars(asked))
    people = [person for person in records.directory.people if facts.keys.get(person.id) in named and person.telephone]
    return " ".join(f"{person.name}: {person.telephone}." for person in people)


def raised_refs(conn: Connection, records: Records) -> frozenset[str]:
    """The incidents that were raised to a graver kind."""
    entries = schema.entries
    return frozenset(conn.scalars(records.store.rows(entries, entries.c.ref).where(entries.c.what == RAISED)))
