"""The lists on the left: what this person's conversations are, and which have something new."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels.web.page import Page
from bot.incidents.model import State, Summary
from bot.people import Person


@dataclass(frozen=True)
class SideView:
    """The lists, those not acknowledged first. `unread`: lines of Usher's; `total`: everything that is new."""

    unread: int
    total: int
    title: str
    incidents: tuple[Summary, ...]
    reports: tuple[Summary, ...]
    closed: tuple[Summary, ...]


def side_view(page: Page, person: Person) -> SideView:
    """Ask the register and the conversation; both show a person nothing but their own. Synchronous."""
    unread = page.conversations.standing(person).unread
    mine = page.register.reported_by(person)
    reported = {row.ref for row in mine}
    others = tuple(row for row in page.register.visible_to(person) if row.ref not in reported)
    both = others + mine
    return SideView(
        unread=unread,
        total=unread + sum(row.unread for row in both),
        title="Open incidents" if person.roles else "Rooms",
        incidents=tuple(row for row in others if row.state is not State.CLOSED),
        reports=tuple(row for row in mine if row.state is not State.CLOSED),
        closed=tuple(row for row in both if row.state is State.CLOSED),
    )
