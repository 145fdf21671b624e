"""What may be shown in Slack at all. Where the words of an incident stay out, Slack holds a link to the page and no more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable

from bot.cards import Button, Card, Text, Tone
from bot.channels.slack.staff import Staff
from bot.people import Person

OPEN_PAGE = "slack.page"
TITLE = re.compile(r"Incident \S+")
ELSEWHERE = "What is written about this incident is kept out of Slack. Please open it on Usher's own page."
WRITTEN = "There is something new about this incident on Usher's own page."
SubjectsOf = Callable[[str], Iterable[Person]]


class Discretion:
    """Decides for each incident whether its words may stand in Slack."""

    def __init__(self, staff: Staff, subjects_of: SubjectsOf, *, content_in_slack: bool) -> None:
        """`subjects_of`: a reference to the people whom that incident is about; one has no id where nobody knows who it is.

        It reads the store, so it runs in a thread.
        """
        self._staff = staff
        self._subjects_of = subjects_of
        self._content = content_in_slack

    async def keeps_out(self, ref: str) -> bool:
        """Whether this incident's words stay out: by the school's setting, or because a subject owns or administers the workspace.

        Where a member of staff did it and nobody has said which, it may be whoever owns the workspace.
        """
        if not self._content:
            return True
        subjects = list(await asyncio.to_thread(self._subjects_of, ref)) if ref else []
        return any([not person.id or await self._staff.is_admin(person) for person in subjects])

    async def shown(self, card: Card, ref: str) -> Card:
        """The card, or a link in its place where it holds an incident's words that stay out."""
        if ref and TITLE.fullmatch(card.title) and await self.keeps_out(ref):
            return link_card(ref, card.tone, card.badge)
        return card


def link_card(ref: str, tone: Tone = Tone.INFO, badge: str = "") -> Card:
    """The card that leads to the page."""
    button = Button("Open on the page", OPEN_PAGE, ref, "primary")
    return Card(f"Incident {ref}", (Text(ELSEWHERE),), (button,), tone, badge, f"Incident {ref}")
