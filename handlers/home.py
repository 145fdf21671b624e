"""The home of each person: what they can do, what they reported, and what waits for them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.cards import Block, Button, Card, Facts, Steps, Text, Tone
from bot.dispatch import Dispatcher
from bot.events import Opened, Press
from bot.incidents.bounded import in_time
from bot.incidents.model import State, Summary, Urgency
from bot.incidents.times import full
from bot.people import Person
from bot.ports import Reply
from handlers import wording
from handlers.curate import curators, waiting_card
from handlers.help import sections_card
from handlers.news import News
from handlers.services import Services

ROWS = 10
ALL = 100  # what one list can hold in every channel
OTHERS, MINE = ("Incidents that you are part of", "incident.open"), ("My reports", "incident.status")


class Home:
    """Draws the home; a channel that has no home of its own shows it as messages."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._news = News(services)

    def attach(self, dispatch: Dispatcher) -> None:
        """Take the opening of the home, and the button that leads there."""
        dispatch.on_opened(self.opened)
        dispatch.on_press("home.open", self.pressed)
        dispatch.on_press("home.all", self.show_all)

    async def opened(self, opened: Opened, reply: Reply) -> None:
        """Show the home."""
        await reply.show_home(await in_time(self.cards, opened.sender))

    async def pressed(self, press: Press, reply: Reply) -> None:
        """Show the home."""
        await reply.show_home(await in_time(self.cards, press.sender))

    async def show_all(self, press: Press, reply: Reply) -> None:
        """Show the whole of a list of which the home has the first rows."""
        mine, others = await in_time(self._lists, press.sender)
        rows, (title, action) = (mine, MINE) if press.value == MINE[1] else (others, OTHERS)
        await reply.say(incidents_card(title, rows, action, ALL))

    def _lists(self, person: Person) -> tuple[list[Summary], list[Summary]]:
        mine = {row.ref: row for row in self._services.register.reported_by(person)}
        others = (row for row in self._services.register.visible_to(person) if row.ref not in mine)
        return in_order(mine.values()), in_order(others)

    def cards(self, person: Person) -> tuple[Card, ...]:
        """Every part of this person's home; parts with nothing in them are left out."""
        mine, others = self._lists(person)
        parts = [
            Card(wording.GREETING, (Steps("", wording.HELP_LINES),), (wording.REPORT, Button("Help", "help.open"))),
            incidents_card(OTHERS[0], others, OTHERS[1]) if others else None,
            enquiries_card(self._services, person),
            incidents_card(MINE[0], mine, MINE[1]) if mine else None,
            waiting_card(self._services) if person.roles & curators() else None,
            self._news.card(),
            sections_card(self._services.knowledge),
        ]
        return tuple(part for part in parts if part)


def in_order(rows: Iterable[Summary]) -> list[Summary]:
    """What waits to be acknowledged first, then what is open, each with the most urgent and then the oldest first.

    What is closed comes last, the newest of it first.
    """

    def place(row: Summary) -> tuple[bool, bool, bool, float]:
        closed, at = row.state is State.CLOSED, row.opened_at.timestamp()
        return closed, not row.unacknowledged, not closed and row.urgency is not Urgency.URGENT, -at if closed else at

    return sorted(rows, key=place)


def incidents_card(title: str, rows: list[Summary], action: str, most: int = ROWS) -> Card:
    """A list of incidents: reference, kind and state; never the story."""
    blocks: list[Block] = [Facts(tuple((row.ref, line(row)) for row in rows[:most]))]
    if len(rows) > most:
        blocks.append(Text(f"And {len(rows) - most} more."))
    buttons = tuple(Button(row.ref, action, row.ref, "primary" if row.unacknowledged else "plain") for row in rows[:most])
    if most < len(rows) and most == ROWS:
        buttons = (*buttons, Button(f"Show all {len(rows)}" if len(rows) <= ALL else "Show more", "home.all", action))
    waiting = any(row.unacknowledged for row in rows)
    return Card(title, tuple(blocks), buttons, Tone.REPORT if waiting else Tone.INFO, "Not yet acknowledged" if waiting else "")


def line(row: Summary) -> str:
    """One incident in a few words."""
    parts = [row.kind.label, row.state.label.lower(), f"opened {full(row.opened_at)}"]
    if row.unacknowledged:
        parts.append("not yet acknowledged")
    if row.unread:
        parts.append(f"{row.unread} new")
    return ", ".join(parts)


def enquiries_card(services: Services, person: Person) -> Card | None:
    """The questions that wait for this person's reply, or None."""
    waiting = services.enquiries.open_for(person)
    if not waiting:
        return None
    facts = Facts(tuple((enquiry.asker_name, enquiry.question[:200]) for enquiry in waiting[:ROWS]))
    buttons = tuple(Button(f"Reply to {enquiry.asker_name}", "enquiry.answer", enquiry.ref) for enquiry in waiting[:ROWS])
    return Card("Questions for you", (facts,), buttons, Tone.INFO, f"{len(waiting)} waiting")
