"""How long words are kept, and what a person may ask for: purge, subject access, erasure. Each is on the audit trail.

A purge removes what was written and keeps that there was an incident, of which kind, and when. A legal hold, or a police
hold (clause 66), keeps everything. What other parts keep of people they answer for themselves (`register.keepers`).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from bot.errors import Refused
from bot.incidents import schema
from bot.incidents.chain import BY_NAME
from bot.incidents.directory import LET_GO
from bot.incidents.model import Kind, State
from bot.incidents.register import Register
from bot.people import Person

EVENTS_KEPT = timedelta(days=7)
NOBODYS = frozenset({"", "someone", "a member of staff"})  # what stands where no name is known


def due_for_purge(register: Register) -> tuple[str, ...]:
    """References of closed incidents whose time is up and that nothing holds. The time begins at the closing or the end of a hold."""
    incidents, now, found = schema.incidents, register.store.clock.now(), []
    free = (*_unheld(), incidents.c.purged_at.is_(None), incidents.c.closed_at.is_not(None))
    with register.store.reading() as conn:
        for row in conn.execute(register.store.rows(incidents).where(*free)).mappings():
            keep = register.rules.retention.keep.get(Kind(row["kind"]))
            since = max(row["closed_at"], row["hold_ended_at"] or row["closed_at"])
            if keep is not None and since + keep <= now:
                found.append(row["ref"])
    return tuple(sorted(found))


def purge(register: Register) -> tuple[str, ...]:
    """Remove the words of every incident whose time is up; the references. Each is looked at again inside its own transaction."""
    refs = tuple(ref for ref in due_for_purge(register) if _purge(register, ref))
    if refs:
        for keeper in register.keepers:
            keeper.forget_incidents(refs)
        _sweep(register)
    return refs


def forget(register: Register) -> dict[str, int]:
    """Have every part forget what it has kept for long enough; how much each forgot. On the audit trail where it was anything."""
    now = register.store.clock.now()
    counts = {keeper.name: count for keeper in register.keepers if (count := keeper.forget(now))}
    if counts:
        with register.store.transaction() as conn:
            register.records.trail.lock(conn)
            register.records.trail.append(conn, "", "forgotten", detail={**counts, BY_NAME: True})
    return counts


def tidy(register: Register) -> int:
    """Forget the ids of events that can no longer come again; how many."""
    seen, store = schema.seen_events, register.store
    with store.transaction() as conn:
        return store.remove(conn, seen, seen.c.claimed_at < store.clock.now() - EVENTS_KEPT)


def export_person(register: Register, person: Person, *, about: bool = False, by: str = "") -> dict[str, Any]:
    """Everything that is kept about one person, for a subject access request, as plain values for JSON.

    `about`: also the incidents that this person is the subject of. Whether the law lets them have those is for the data
    protection officer to decide first, so they are left out unless asked for. `by`: who asked for the export, for the record.
    """
    records, store = register.records, register.store
    with store.transaction() as conn:
        records.trail.lock(conn)
        key = records.directory.known_key(conn, person.id) or ""
        refs = _refs(register, conn, key, about=about)
        records.trail.append(conn, by, "exported", detail={"person": key, "incidents": len(refs)})
        found = {ref: _incident(register, conn, ref, key) for ref in sorted(refs)}
        known = _known(register, conn, person, key)
        acts = _acts(register, conn, key, refs)
    beside = {keeper.name: keeper.export(known) for keeper in register.keepers}
    return {
        "person": {
            "id": known.id, "name": known.name, "addresses": dict(known.addresses), "telephone": known.telephone, "job": known.job,
            "roles": sorted(known.roles),
        },
        "incidents": found, **beside, "acts": acts,
    }  # fmt: skip


def erase_person(register: Register, person: Person, *, by: str = "") -> dict[str, int]:
    """Forget who somebody was, and all that is kept of them; how much of each sort went. Twice does no harm.

    Refused while an incident that they know of still has its words: that is kept for others' sake, and under a hold by law.
    Of one that they may not hear of nobody is told here: who they were stays for it alone, found by nobody, until it is purged.
    """
    records, store = register.records, register.store
    with store.reading() as conn:
        key = records.directory.known_key(conn, person.id) or ""
        _refuse_if_needed(register, conn, key)
        known = _known(register, conn, person, key)
    words = {known.name} if known.name.casefold() not in NOBODYS and known.name != known.id else set()
    words |= {text for keeper in register.keepers for text in _said(keeper.export(known))}
    counts = {keeper.name: count for keeper in register.keepers if (count := keeper.erase(known, words))}
    with store.transaction() as conn:
        records.trail.lock(conn)
        _refuse_if_needed(register, conn, key)  # somebody may have reported meanwhile
        store.remove(conn, schema.feed, schema.feed.c.person == key)
        if _let_go(register, conn, key) or counts:
            records.trail.append(conn, by, "erased", detail={"person": key, **counts, BY_NAME: True})
    return counts


def _let_go(register: Register, conn: Connection, key: str) -> bool:
    """Forget who somebody was; whether they were known. Where an incident needs it still, it is kept there, and found no more."""
    records, persons = register.records, schema.persons
    if not _kept(register, conn, key, about=True):
        return bool(register.store.remove(conn, persons, persons.c.key == key))
    found_by = records.vault.index(records.school, LET_GO, key)
    return bool(register.store.change(conn, persons, persons.c.key == key, found_by=found_by))


def _sweep(register: Register) -> None:
    """Forget those who were let go of, where no incident needs them any more."""
    records, store, persons = register.records, register.store, schema.persons
    with store.transaction() as conn:
        records.trail.lock(conn)
        for row in conn.execute(store.rows(persons, persons.c.key, persons.c.found_by)).all():
            gone = row.found_by in records.vault.indexes(records.school, LET_GO, row.key)
            if gone and not _kept(register, conn, row.key, about=True):
                store.remove(conn, persons, persons.c.key == row.key)


def _purge(register: Register, ref: str) -> bool:
    store, incidents = register.store, schema.incidents
    with store.transaction() as conn:
        register.records.trail.lock(conn)
        still = (incidents.c.ref == ref, *_unheld())
        emptied = {"sealed": None, "outcome": None, "fingerprint": ""}
        if not store.change(conn, incidents, *still, **emptied, purged_at=store.clock.now()):
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


def _refuse_if_needed(register: Register, conn: Connection, key: str) -> None:
    if _kept(register, conn, key, about=False):
        raise Refused("This person is part of an incident that is still kept, so they cannot be erased yet.")


def _kept(register: Register, conn: Connection, key: str, *, about: bool) -> bool:
    """Whether an incident that concerns them still has its words. `about`: also one that they may not hear of."""
    incidents = schema.incidents
    mine = incidents.c.ref.in_(_refs(register, conn, key, about=about))
    return conn.scalar(register.store.rows(incidents, incidents.c.ref).where(mine, incidents.c.purged_at.is_(None)).limit(1)) is not None


def _known(register: Register, conn: Connection, person: Person, key: str) -> Person:
    """All that is known of who they are: from school.toml, else from what their channel told, else from their id alone."""
    directory = register.records.directory
    if named := directory.people.get(person.id):
        return named
    stored = directory.person(conn, key) if key else person
    channel, _, address = person.id.partition(":")
    return stored if stored.addresses or not address else Person(person.id, stored.name, addresses={channel: address})


def _said(parts: list[dict[str, Any]]) -> set[str]:
    """The person's own questions and answers, which the bot has repeated to others."""
    return {str(one[name]) for one in parts for name in ("question", "answer") if one.get(name)}


def _acts(register: Register, conn: Connection, key: str, refs: set[str]) -> list[dict[str, str]]:
    """What they did, but for incidents that they may not hear of: they may have been named as the subject later."""
    audit = schema.audit
    rows = conn.execute(register.store.rows(audit).where(audit.c.actor == key, audit.c.actor != "").order_by(audit.c.seq)).mappings()
    return [{"at": row["at"].isoformat(), "action": row["action"], "ref": row["ref"]} for row in rows if row["ref"] in {"", *refs}]


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
