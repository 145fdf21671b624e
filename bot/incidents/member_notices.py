"""What tells a member something of an incident and asks for no acknowledgement. As all notices do, it tells nothing of the story."""

from __future__ import annotations

from bot.cards import Button, Card, Text, Tone
from bot.incidents.model import Incident
from bot.incidents.notices import notice

HELP = "You have been asked to help with an incident."
PASSED_ON = (
    "Whoever had acknowledged this incident is no longer in their role, so it is passed on to you. Nothing has to be acknowledged. "
    "Please open it when you can, and see how it stands."
)
INTRUDER = "Somebody who is not a member was added to this incident's room by hand. The bot takes them out; the record says who it was."
ROOM_LOST = "This incident's room was closed by hand, or cannot be kept private. Nothing is lost. The bot opens another for its members."


def member_card(incident: Incident, purpose: str) -> Card | None:
    """The card for such a notice; None where its purpose is another."""
    ref, what = incident.ref, incident.kind.label
    match purpose.partition(":")[0]:
        case "invited":
            return _card(incident, f"{what}: {ref}", HELP, Tone.REPORT, incident.state.label, notice(incident))
        case "handed_on":
            return _card(incident, f"{what}: {ref}", PASSED_ON, Tone.INFO, incident.state.label, f"Passed on to you: {what}, {ref}")
        case "intruder":
            return _card(incident, f"Incident {ref}", INTRUDER, Tone.URGENT, "Check this", f"Check the members of {ref}")
        case "room_lost":
            return _card(incident, f"Incident {ref}", ROOM_LOST, Tone.REPORT, "Check this", f"The room of {ref} was closed")
    return None


def _card(incident: Incident, title: str, text: str, tone: Tone, badge: str, told: str) -> Card:
    check = badge == "Check this"
    return Card(title, (Text(text, strong=check),), (Button("Open", "incident.open", incident.ref),), tone, badge, told)
