"""The card for a notice, made from the record at the moment of sending, for the one person who gets it.

None where it is no longer for them: they are a subject, they have left, or there is nothing to ask of them any more.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.cards import Card
from bot.errors import NotFound
from bot.incidents import notices, schema
from bot.incidents.enquiries import Enquiries
from bot.incidents.gate import Action, may
from bot.incidents.member_notices import member_card
from bot.incidents.model import Incident, State
from bot.incidents.records import Facts
from bot.incidents.register import Register
from bot.people import Person


@dataclass(frozen=True)
class Addressed:
    """A card and whom it is for. `left_over`: it is for them no longer, and an earlier try may have left it there."""

    person: Person
    card: Card
    left_over: bool = False


class Composing:
    """Makes cards for the outbox. It reads as the person it writes to, so the gate decides what is in them."""

    def __init__(self, register: Register, enquiries: Enquiries) -> None:
        self._register = register
        self._records = register.records
        self._enquiries = enquiries

    def notice(self, conn: Connection, ref: str, person_key: str, purpose: str, *, unsure: bool = False) -> Addressed | None:
        """The card for this notice, or None where it is not to be sent. `unsure`: it may have arrived before, and says so."""
        found = self._notice(conn, ref, person_key, purpose)
        return replace(found, card=notices.marked_as_repeat(found.card)) if found and unsure else found

    def _notice(self, conn: Connection, ref: str, person_key: str, purpose: str) -> Addressed | None:
        person = self._records.directory.person(conn, person_key)
        sort = purpose.partition(":")[0]
        if sort in ("enquiry", "answer"):
            return self._enquiry(conn, ref, person, sort)
        facts = self._records.facts(conn, ref)
        if facts is None:
            return None
        if sort in ("tell", "waiting"):
            return self._told(conn, facts, person, sort)
        return self._member(conn, facts, person, purpose) if may(person, Action.READ, facts) else None

    def now(self, conn: Connection, ref: str, person_key: str, purpose: str) -> Card:
        """How a notice that was sent, and is kept up to date, should look now."""
        person, facts = self._records.directory.person(conn, person_key), self._records.facts(conn, ref)
        if facts is None or not may(person, Action.READ, facts):
            return notices.withdrawn_card()
        incident = self._register.views.incident(conn, facts, person)
        return member_card(incident, purpose) or notices.alert_card(incident, person)

    def room(self, conn: Connection, facts: Facts) -> Incident:
        """The incident as the room may see it: as its reporter does, who is the member with the least."""
        reporter = facts.people.get(facts.reporter_key) or Person(facts.reporter, "")
        if not may(reporter, Action.READ, facts):
            handler = next((facts.people[facts.keys[member.person]] for member in facts.active()), reporter)
            incident = self._register.views.incident(conn, facts, handler)
            hidden = {"note", "subject_named", "hold", "intruder", "police_over"}
            timeline = tuple(entry for entry in incident.timeline if entry.what not in hidden)
            return replace(incident, timeline=timeline, subjects=(), about=(), report=replace(incident.report, subjects=()))
        return self._register.views.incident(conn, facts, reporter)

    def _member(self, conn: Connection, facts: Facts, person: Person, purpose: str) -> Addressed | None:
        which = purpose.partition(":")[2]
        incident = self._register.views.incident(conn, facts, person)
        if (card := member_card(incident, purpose)) is not None:
            return Addressed(person, card)
        again = which.split(":")[0] not in ("0", "over", "instead")
        if again and not self._register.views.owes(conn, facts.ref, facts.keys[person.id]):
            return None
        return Addressed(person, notices.alert_card(incident, person, again=again))

    def _told(self, conn: Connection, facts: Facts, person: Person, sort: str) -> Addressed | None:
        if not may(person, Action.FOLLOW, facts):
            return None
        if sort == "waiting" and (facts.state is State.CLOSED or not self._waiting(conn, facts.ref)):
            return None
        told = self._register.views.delivery(conn, facts, person)
        return Addressed(person, notices.status_card(facts.ref, told))

    def _waiting(self, conn: Connection, ref: str) -> bool:
        acks = schema.acknowledgements
        waiting = self._records.store.rows(acks, acks.c.role).where(acks.c.ref == ref, acks.c.at.is_(None))
        return conn.scalar(waiting.limit(1)) is not None

    def _enquiry(self, conn: Connection, ref: str, person: Person, sort: str) -> Addressed | None:
        try:
            enquiry = self._enquiries.one(conn, ref, person)
        except NotFound:
            return None
        if sort == "answer":
            return Addressed(person, notices.answer_card(enquiry))
        return None if enquiry.answered_at else Addressed(person, notices.enquiry_card(enquiry))


def digest(card: Card) -> str:
    """Tells whether a card differs from the one that was sent."""
    return hashlib.sha256(repr(card).encode()).hexdigest()[:32]
