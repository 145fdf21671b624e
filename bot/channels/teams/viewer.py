"""The room's card as one viewer may see and use it. Looking is not opening: nobody is recorded as having read the report."""

from __future__ import annotations

from dataclasses import replace

from bot.cards import Card, Facts
from bot.channels.teams.blocks import Element
from bot.channels.teams.references import References
from bot.incidents.gate import Action, may, permitted
from bot.incidents.model import State
from bot.incidents.notices import alert_card, room_card, withdrawn_card
from bot.incidents.register import Register
from bot.people import Person

REFRESH = "teams.refresh"
ALERT = "alert"
VIEWERS = 60
NEEDS = {
    "incident.acknowledge": Action.ACKNOWLEDGE,
    "incident.open": Action.READ,
    "incident.in_hand": Action.TAKE_IN_HAND,
    "incident.police": Action.POLICE,
    "incident.police_over": Action.POLICE_OVER,
    "incident.note": Action.NOTE,
    "incident.close": Action.CLOSE,
}


class Viewer:
    """Asks the gate, and draws the card accordingly. Synchronous but for `refresh`."""

    def __init__(self, register: Register, references: References) -> None:
        self._register = register
        self._references = references

    def own(self, person: Person, ref: str, card: Card | None = None) -> Card:
        """The room's card with the buttons that this person may use now; what is withdrawn where they may not read the incident.

        `card`: as it is to be shown; None draws it as it should look now.
        """
        records, views = self._register.records, self._register.views
        with self._register.store.reading() as conn:
            facts, who = records.facts(conn, ref), records.directory.current(person)
            allowed = permitted(who, facts) if facts else frozenset()
            if facts is None or Action.READ not in allowed:
                return withdrawn_card()
            incident = views.incident(conn, facts, who)
        shown = card or room_card(incident)
        if not incident.awaits:
            allowed -= {Action.ACKNOWLEDGE}
        return replace(shown, buttons=tuple(one for one in shown.buttons if NEEDS.get(one.action, Action.READ) in allowed))

    def now(self, person: Person, value: str) -> Card:
        """What a card asks for when somebody has it in view: the alert or the room's card, as it should look now for this person."""
        sort, _, ref = value.rpartition("|")
        return self.alert(person, ref) if sort == ALERT else self.own(person, ref)

    def alert(self, person: Person, ref: str) -> Card:
        """The alert as it should look now for this person; what is withdrawn where it is not, or no longer, for them."""
        records, views = self._register.records, self._register.views
        with self._register.store.reading() as conn:
            facts, who = records.facts(conn, ref), records.directory.current(person)
            if facts is None or not may(who, Action.READ, facts):
                return withdrawn_card()
            return alert_card(views.incident(conn, facts, who), who)

    def closed(self, person: Person, ref: str) -> bool | None:
        """Whether an incident is closed; None where there is no such incident, or not for this person."""
        with self._register.store.reading() as conn:
            facts, who = self._register.records.facts(conn, ref), self._register.records.directory.current(person)
            return facts.state is State.CLOSED if facts is not None and may(who, Action.READ, facts) else None

    def in_room(self, person_id: str, ref: str) -> bool:
        """Whether this person is in the incident's room at this moment, by the register, which knows before any channel does."""
        with self._register.store.reading() as conn:
            facts = self._register.records.facts(conn, ref)
            return facts is not None and any(one.person == person_id and one.in_room for one in facts.active())

    def on_record(self, person: Person, ref: str, channel: str, message: str) -> bool:
        """Whether this message of theirs has been written into the incident's record."""
        records = self._register.records
        with self._register.store.reading() as conn:
            return records.applied(conn, records.directory.current(person), Action.SAY, ref, f"{channel}/{message}") is not None

    def refresh_of(self, card: Card, person: Person) -> Element | None:
        """What makes an alert ask for its present state; None where the card is no alert."""
        ref = next((value for block in card.blocks if isinstance(block, Facts) for label, value in block.items if label == "Reference"), "")
        return self.refresh(f"{ALERT}|{ref}", person) if ref else None

    def refresh(self, ref: str, *people: Person) -> Element | None:
        """What makes Teams ask for the viewer's own card whenever one of these people has it in view: sixty at the most, says Teams."""
        found = [self._references.of(person) for person in people]
        users = [one.user for one in found if one and one.user][:VIEWERS]
        action = {"type": "Action.Execute", "title": "Look again", "verb": REFRESH, "data": {"usher": REFRESH, "value": ref}}
        return {"action": action, "userIds": users} if users else None
