"""The register of incidents: everything that people do with them goes through here.

Synchronous; call it with `asyncio.to_thread`. Every method takes the acting person, asks the gate, and writes its audit
entry in the same transaction as what it does. NotSaved where the database did not take it: then nothing has happened.
"""

from __future__ import annotations

from bot.cited import cited
from bot.errors import NotFound, NotSaved, Refused
from bot.incidents import schema
from bot.incidents.bounded import NoAnswer
from bot.incidents.checklist import items
from bot.incidents.directory import Directory
from bot.incidents.gate import Action, knows_of, may
from bot.incidents.keeping import Keeper
from bot.incidents.membership import Membership
from bot.incidents.model import Changes, Incident, Report, State, Summary
from bot.incidents.opening import Opening, as_reference
from bot.incidents.policy_of_school import SchoolRules
from bot.incidents.records import Records
from bot.incidents.store import NOT_SAVED, Store
from bot.incidents.turns import Turn, Turns
from bot.incidents.vault import Vault
from bot.incidents.views import Views
from bot.people import People, Person


class Register:
    """The incidents of one school."""

    def __init__(self, store: Store, vault: Vault, people: People, rules: SchoolRules | None = None) -> None:
        self.store = store
        self.rules = rules or SchoolRules()
        self.records = Records(store, vault, Directory(store, vault, people))
        self.views = Views(self.records, self.rules)
        self.turns = Turns(self.records, self.views)
        self.opening = Opening(self.records, self.rules)
        self.membership = Membership(self.records, self.turns, self.rules)
        self.keepers: tuple[Keeper, ...] = ()  # what else is kept of people; see bot/kept.py

    def open(self, report: Report, by: Person, event_id: str) -> Incident:
        """Open an incident and everything that delivers it. The same report again, by whatever event, gives the same incident.

        NotSaved, with whom to telephone, where it could not be written.
        """
        by = self.records.directory.current(by)
        report = self.opening.resolve(report)
        try:
            with self.store.transaction() as conn:
                self.records.trail.lock(conn)
                known = self.records.applied(conn, by, "open", event_id)
                facts = self.records.facts(conn, known) if known else self.opening.same(conn, report, by)
                if facts is not None and known is None:
                    self.opening.again(conn, facts, self.records.directory.key(conn, by))
                ref = facts.ref if facts else self.opening.new(conn, report, by)
                if known is None:
                    self.records.apply(conn, by, "open", event_id, ref=ref)
                facts = self.records.facts(conn, ref) or facts
                if facts is None:
                    raise NotSaved(NOT_SAVED)
                return self.views.incident(conn, facts, by)
        except NoAnswer as error:
            raise NoAnswer(self.opening.not_known(report)) from error
        except NotSaved as error:
            raise NotSaved(f"Your report could not be saved. {self.opening.whom_to_telephone(report)}") from error

    def read(self, ref: str, by: Person) -> Incident:
        """The incident, as this person may see it; recorded, and shown to the reporter where the reader owes an acknowledgement."""
        wanted, by = as_reference(ref), self.records.directory.current(by)
        try:
            with self.store.transaction() as conn:
                turn = self.turns.begin(conn, wanted, by, Action.READ)
                self.records.note_reading(conn, wanted, turn.key)
                self.membership.seen(turn)
                incident = self.views.incident(conn, turn.facts, by)
                self.membership.read_to(turn, incident.timeline[-1].number if incident.timeline else 0)
                return incident
        except NotFound:
            self.turns.note_refusal(wanted, by, Action.READ)
            raise

    def visible_to(self, by: Person) -> tuple[Summary, ...]:
        """Every incident that this person may read, those not acknowledged first."""
        by = self.records.directory.current(by)
        with self.store.reading() as conn:
            return self.views.rows(conn, by, reported=False)

    def reported_by(self, by: Person) -> tuple[Summary, ...]:
        """Every incident that this person has reported."""
        by = self.records.directory.current(by)
        with self.store.reading() as conn:
            return self.views.rows(conn, by, reported=True)

    def delivery_state(self, ref: str, by: Person) -> str:
        """How a report stands, for its reporter and those who handle it: delivered, seen, acknowledged, or "please telephone"."""
        wanted, by = as_reference(ref), self.records.directory.current(by)
        with self.store.reading() as conn:
            facts = self.records.facts(conn, wanted)
            if facts is not None and may(by, Action.FOLLOW, facts):
                return self.views.delivery(conn, facts, by)
        self.turns.note_refusal(wanted, by, Action.FOLLOW)
        raise NotFound

    def changes_since(self, cursor: int, by: Person) -> Changes:
        """What has changed for this person since the cursor (0 at first): for live pages."""
        with self.store.reading() as conn:
            return self.views.changes(conn, cursor, by)

    def acknowledge(self, ref: str, by: Person, event_id: str, known: str | None = None) -> Incident:
        """This person knows: the ladders on which they stand stop. `known`: what it was shown to them as, since it was raised."""
        return self.turns.take(ref, by, event_id, Action.ACKNOWLEDGE, lambda turn: self.membership.acknowledge(turn, known))

    def take_in_hand(self, ref: str, by: Person, event_id: str, known: str | None = None) -> Incident:
        """Somebody is dealing with it. Whoever takes it in hand has acknowledged it, too."""

        def act(turn: Turn) -> None:
            self.membership.acknowledge(turn, known)
            self.turns.move(turn, State.IN_HAND)

        return self.turns.take(ref, by, event_id, Action.TAKE_IN_HAND, act)

    def police_informed(self, ref: str, by: Person, event_id: str, known: str | None = None) -> Incident:
        """The police know: until they have finished the school's own investigation waits (clause 66), and nothing is purged."""

        def act(turn: Turn) -> None:
            self.membership.acknowledge(turn, known)
            self.turns.police_hold(turn)
            self.turns.move(turn, State.WITH_POLICE, detail={"police_hold": True})

        return self.turns.take(ref, by, event_id, Action.POLICE, act)

    def police_finished(self, ref: str, by: Person, reason: str, event_id: str) -> Incident:
        """The police have finished, and why that is known: the hold of clause 66 is lifted. Refused where none stands."""
        return self.turns.take(ref, by, event_id, Action.POLICE_OVER, lambda turn: self.turns.lift_police_hold(turn, reason))

    def add_note(self, ref: str, by: Person, text: str, event_id: str) -> Incident:
        """Add to the record, for those who handle it; the reporter does not see it."""
        return self.turns.take(ref, by, event_id, Action.NOTE, lambda turn: self._write(turn, "note", text, hidden=True))

    def say(self, ref: str, by: Person, text: str, event_id: str, channel: str, *, message: str = "") -> Incident:
        """Write in the room. `channel`: where it was written; `message`: that channel's id of it, so that an edit can name it.

        The same message delivered again, under whatever event id, is written once.
        """
        event = f"{channel}/{message}" if message else event_id
        return self.turns.take(ref, by, event, Action.SAY, lambda turn: self._write(turn, "said", text, channel=channel, message=message))

    def change_room_entry(
        self, ref: str, by: Person, change: str, event_id: str, channel: str, *, text: str = "", message: str = ""
    ) -> Incident | None:
        """What happened in a channel's room: `change` is "edited", "deleted", "joined" or "left". Nothing is ever taken out.

        None where somebody joined who may not be there: that is on the record, they are taken out, and those who handle it are told.
        """
        if change in ("edited", "deleted"):
            what = "edited" if change == "edited" else "deleted"
            return self.turns.take(
                ref, by, event_id, Action.SAY, lambda turn: self._write(turn, what, text, channel=channel, message=message)
            )
        if change == "left":
            return self.turns.take(ref, by, event_id, Action.LEAVE, lambda turn: self.membership.left(turn, channel, text))
        return self.membership.joined(ref, by, event_id, channel, text)

    def file_shown(self, ref: str, by: Person, told: str, event_id: str, channel: str, message: str = "") -> Incident:
        """A member put a file into the room. Nothing was fetched; the record says so, and what they were told."""
        return self.turns.take(
            ref, by, event_id, Action.SAY, lambda turn: self._write(turn, "file", told, channel=channel, message=message)
        )

    def tick(self, ref: str, by: Person, item: str, event_id: str) -> Incident:
        """Something that was owed is done. Evidence can be ticked by the reporter, everything else by those who handle it."""

        def act(turn: Turn) -> None:
            wanted = next((owed for owed in items(self.records.report(turn.facts)) if owed.id == item), None)
            if wanted is None:
                raise Refused("There is no such item on this incident's list.")
            if wanted.group != "evidence" and not may(by, Action.TICK, turn.facts):
                raise Refused("This is for those who handle the incident. You can write to them in its room.")
            if wanted.investigation and turn.facts.police_hold:
                raise Refused(cited("This waits until the police have finished (clause 66)."))
            if self.store.insert_new(turn.conn, schema.ticks, ref=turn.facts.ref, item=item, person=turn.key, at=turn.now):
                self.turns.record(turn, "ticked", wanted.text)

        return self.turns.take(ref, by, event_id, Action.TICK_EVIDENCE, act)

    def close(self, ref: str, by: Person, outcome: str, event_id: str) -> Incident:
        """Close it, with its outcome. Refused while an acknowledgement is still owed."""

        def act(turn: Turn) -> None:
            if self.records.raised(turn.conn, turn.facts.ref) is None:  # a form may have been open since before it was graver
                self.membership.acknowledge(turn)
            owing = [ack.role.label for ack in self.views.acknowledgements(turn.conn, turn.facts) if ack.at is None]
            if owing:
                raise Refused(f"It cannot be closed yet: the {' and the '.join(owing)} must acknowledge it first.")
            sealed = self.records.vault.seal(self.records.place("incidents", turn.facts.ref, "outcome"), outcome)
            mine = schema.incidents.c.ref == turn.facts.ref
            self.store.change(turn.conn, schema.incidents, mine, outcome=sealed, closed_at=turn.now)
            self.turns.move(turn, State.CLOSED, outcome)

        return self.turns.take(ref, by, event_id, Action.CLOSE, act)

    def reopen(self, ref: str, by: Person, event_id: str) -> Incident:
        """Open a closed incident again; it is in hand then."""

        def act(turn: Turn) -> None:
            self.store.change(turn.conn, schema.incidents, schema.incidents.c.ref == turn.facts.ref, closed_at=None)
            acks = schema.acknowledgements
            self.store.change(turn.conn, acks, acks.c.ref == turn.facts.ref, acks.c.at.is_(None), next_at=turn.now)
            self.turns.move(turn, State.IN_HAND, "reopened")

        return self.turns.take(ref, by, event_id, Action.REOPEN, act)

    def hold(self, ref: str, by: Person, event_id: str, *, on: bool) -> Incident:
        """Set or lift a legal hold: while it stands nothing is purged."""

        def act(turn: Turn) -> None:
            ended = {} if on else {"hold_ended_at": turn.now}
            self.store.change(turn.conn, schema.incidents, schema.incidents.c.ref == turn.facts.ref, legal_hold=on, **ended)
            self._write(turn, "hold", "on" if on else "off", hidden=True)

        return self.turns.take(ref, by, event_id, Action.HOLD, act)

    def invite(self, ref: str, by: Person, person: Person, event_id: str) -> Incident:
        """Bring somebody in to help: they can read and write, and decide nothing. Never a subject."""
        return self.turns.take(ref, by, event_id, Action.INVITE, lambda turn: self.membership.bring_in(turn, person, "invited"))

    def hand_over(self, ref: str, by: Person, person: Person, event_id: str) -> Incident:
        """Have somebody else handle it as well: they can do everything, and are alerted. Never a subject."""
        return self.turns.take(ref, by, event_id, Action.HAND_OVER, lambda turn: self.membership.bring_in(turn, person, "handed_over"))

    def name_subject(self, ref: str, by: Person, person: Person, event_id: str) -> Incident:
        """It is about this person as well: they are taken out of everything, for good, and somebody else is alerted in their place."""
        return self.turns.take(ref, by, event_id, Action.NAME_SUBJECT, lambda turn: self.membership.name_subject(turn, person))

    def knows_of(self, ref: str, by: Person) -> bool:
        """Whether this person may read this incident: for deciding whether a room's message is one of theirs. Not recorded."""
        with self.store.reading() as conn:
            facts = self.records.facts(conn, as_reference(ref))
            return facts is not None and knows_of(self.records.directory.current(by), facts)

    def subjects_of(self, ref: str) -> tuple[Person, ...]:
        """Everybody whom an incident is about: for a channel, so that it never tells them. Nobody sees this. Not recorded."""
        with self.store.reading() as conn:
            facts = self.records.facts(conn, as_reference(ref))
            found = (self.records.directory.people.get(name) for name in facts.subjects) if facts else ()
            return tuple(person for person in found if person)

    def _write(self, turn: Turn, what: str, text: str, *, hidden: bool = False, channel: str = "", message: str = "") -> None:
        self.turns.record(turn, what, text, hidden=hidden, channel=channel, message=message)
