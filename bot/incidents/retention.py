"""How long words are kept, and what a person may ask for: purge, subject access, erasure. Each is on the audit trail.

A purge removes what was written and keeps that there was an incident, of which kind, and when. A legal hold, or a matter
with the police (clause 66), keeps everything.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, or_

from bot.errors import Refused
from bot.incidents import schema
from bot.incidents.enquiries import Enquiries
from bot.incidents.model import Kind, State
from bot.incidents.register import Register
from bot.people import Person

EVENTS_KEPT = timedelta(days=7)
EPOCH = schema.EPOCH


def due_for_purge(register: Register) -> tuple[str, ...]:
    """References of closed incidents whose time is up and that nothing holds."""
    incidents, now, found = schema.incidents, register.store.clock.now(), []
    free = (*_unheld(), incidents.c.purged_at.is_(None))
    with register.store.reading() as conn:
        for row in conn.execute(register.store.rows(incidents).where(*free)).mappings():
            keep = register.rules.retention.keep.get(Kind(row["kind"]))
            if keep is not None and row["closed_at"] is not None and max(row["closed_at"], row["hold_ended_at"] or EPOCH) + keep <= now:
                found.append(row["ref"])
    return tuple(sorted(found))


def purge(register: Register) -> tuple[str, ...]:
    """Remove the words of every incident whose time is up; the references. Each is looked at again inside its own transaction."""
    return tuple(ref for ref in due_for_purge(register) if _purge(register, ref))


def tidy(register: Register) -> int:
    """Forget the ids of events that can no longer come again; how many."""
    seen, store = schema.seen_events, register.store
    with store.transaction() as conn:
        return store.remove(conn, seen, seen.c.claimed_at < store.clock.now() - EVENTS_KEPT)


def export_person(register: Register, person: Person, *, about: bool = False) -> dict[str, Any]:
    """Everything that is kept about one person, for a subject access request, as plain values for JSON.

    `about`: also the incidents that this person is the subject of. Whether the law lets them have those is for the data
    protection officer to decide first, so they are left out unless asked for.
    """
    records, store = register.records, register.store
    with store.transaction() as conn:
        records.trail.lock(conn)
        key = records.directory.known_key(conn, person.id) or ""
        refs = _refs(register, conn, key, about=about)
        records.trail.append(conn, "", "exported", detail={"person": key, "incidents": len(refs)})
        found = {ref: _incident(register, conn, ref, key) for ref in sorted(refs)}
        trail = conn.execute(store.rows(schema.audit).where(schema.audit.c.actor == key).order_by(schema.audit.c.seq)).mappings()
        acts = [{"at": row["at"].isoformat(), "action": row["action"], "ref": row["ref"]} for row in trail]
    asked = [asdict(enquiry) for enquiry in Enquiries(records).mine(person)]
    known = records.directory.current(person)
    return {
        "person": {"id": known.id, "name": known.name, "addresses": dict(known.addresses), "roles": sorted(known.roles)},
        "incidents": found, "questions": [{name: str(value) for name, value in one.items()} for one in asked], "acts": acts,
    }  # fmt: skip


def erase_person(register: Register, person: Person) -> None:
    """Forget who somebody was. Refused while an incident that still has its words concerns them: that is kept for others' sake."""
    records, store = register.records, register.store
    with store.transaction() as conn:
        records.trail.lock(conn)
        key = records.directory.known_key(conn, person.id)
        if key is None:
            return
        for ref in _refs(register, conn, key, about=True):
            row = conn.execute(store.rows(schema.incidents).where(schema.incidents.c.ref == ref)).mappings().one()
            if row["purged_at"] is None:
                raise Refused("This person is part of an incident that is still kept, so they cannot be erased yet.")
        enquiries = schema.enquiries
        theirs = or_(enquiries.c.asker == key, enquiries.c.answered_by == key)
        store.change(conn, enquiries, theirs, question=None, answer=None)
        store.remove(conn, schema.persons, schema.persons.c.key == key)
        records.trail.append(conn, "", "erased", detail={"person": key})


def _purge(register: Register, ref: str) -> bool:
    store, incidents = register.store, schema.incidents
    with store.transaction() as conn:
        register.records.trail.lock(conn)
        if not store.change(
            conn, incidents, incidents.c.ref == ref, *_unheld(), sealed=None, outcome=None, fingerprint="", purged_at=store.clock.now()
        ):
            return False
        store.change(conn, schema.entries, schema.entries.c.ref == ref, sealed=None)
        store.change(conn, schema.rooms, schema.rooms.c.ref == ref, sealed=None, found_by="")
        for table in (schema.sent, schema.jobs, schema.feed):
            store.remove(conn, table, table.c.ref == ref)
        register.records.trail.append(conn, "", "purged", ref=ref)
    return True


def _unheld() -> tuple[Any, ...]:
    """Closed, and held neither by law nor for the police (clause 66)."""
    incidents = schema.incidents
    return incidents.c.state == State.CLOSED, incidents.c.legal_hold.is_(False), incidents.c.police_hold_at.is_(None)


def _refs(register: Register, conn: Connection, key: str, *, about: bool) -> set[str]:
    store, incidents, members, subjects = register.store, schema.incidents, schema.members, schema.subjects
    refs = set(conn.scalars(store.rows(incidents, incidents.c.ref).where(incidents.c.reporter == key)))
    refs |= set(conn.scalars(store.rows(members, members.c.ref).where(members.c.person == key)))
    theirs = set(conn.scalars(store.rows(subjects, subjects.c.ref).where(subjects.c.person == key)))
    mine = set(conn.scalars(store.rows(incidents, incidents.c.ref).where(incidents.c.reporter == key)))
    return refs | theirs if about else (refs - theirs) | (mine & theirs)


def _incident(register: Register, conn: Connection, ref: str, key: str) -> dict[str, Any]:
    """The incident's facts, and of its words those that this person wrote; the others' words are theirs."""
    facts = register.records.facts(conn, ref)
    if facts is None:
        return {}
    report = register.records.report(facts)
    mine = facts.reporter_key == key
    person = facts.people.get(key) or Person("", "")
    timeline = register.views.timeline(conn, facts, person)
    return {
        "kind": facts.kind, "state": facts.state, "opened_at": facts.opened_at.isoformat(), "reported_by_them": mine,
        "report": {name: value for name, value in asdict(report).items() if name != "subjects"} if mine else None,
        "timeline": [
            {"at": entry.at.isoformat(), "what": entry.what, "text": entry.text} for entry in timeline if entry.by == person.id
        ],
    }  # fmt: skip
