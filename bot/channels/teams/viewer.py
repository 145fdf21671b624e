"""The room's card as one viewer may see and use it. Looking is not opening: nobody is recorded as having read the report."""

from __future__ import annotations

from dataclasses import replace

from bot.cards import Card
from bot.channels.teams.blocks import Element
from bot.channels.teams.references import References
from bot.incidents.gate import Action, permitted
from bot.incidents.notices import room_card, withdrawn_card
from bot.incidents.register import Register
from bot.people import Person

REFRESH = "teams.refresh"
NEEDS = {
    "incident.acknowledge": Action.ACKNOWLEDGE,
    "incident.open": Action.READ,
    "incident.in_hand": Action.TAKE_IN_HAND,
    "incident.police": Action.POLICE,
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
            may = permitted(who, facts) if facts else frozenset()
            if facts is None or Action.READ not in may:
                return withdrawn_card()
            incident = views.incident(conn, facts, who)
        shown = card or room_card(incident)
        if not incident.unacknowledged:
            may -= {Action.ACKNOWLEDGE}
        return replace(shown, buttons=tuple(one for one in shown.buttons if NEEDS.get(one.action, Action.READ) in may))

    def refresh(self, ref: str, *people: Person) -> Element | None:
        """What makes Teams ask for the viewer's own card whenever one of these people has it in view."""
        found = [self._references.of(person) for person in people]
        users = [one.user for one in found if one and one.user]
        action = {"type": "Action.Execute", "title": "Look again", "verb": REFRESH, "data": {"usher": REFRESH, "value": ref}}
        return {"action": action, "userIds": users} if users else None
