"""What may be shown in Slack at all. Where the words of an incident stay out, Slack holds a link to the page and no more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.cards import Button, Card, Facts, Text, Tone
from bot.channels.slack.neutral import neutral
from bot.channels.slack.staff import Staff
from bot.errors import NotSaved
from bot.people import Person

OPEN_PAGE = "slack.page"
STATUS = "incident.status"
ENQUIRY, ANSWERED = "enquiry.answer", "Your question has been answered"
ANY_PAGE = "page"
TITLE = re.compile(r"Incident \S+")
ELSEWHERE = "What is written about this incident is kept out of Slack. Please open it on Usher's own page."
ASKED_ELSEWHERE = "The words are kept out of Slack. Please read them on Usher's own page."
ON_PAGE = "asks something; the words are on Usher's own page"
WRITTEN = "There is something new about this incident on Usher's own page."
WHOEVER = "whoever it is about"
PARTS = 2  # of a line of the record after its time: what was done, and words
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

    async def came_out(self, ref: str) -> bool:
        """Whether this incident's words stay out though the school's setting lets them in: since somebody was named, perhaps."""
        return self._content and await self.keeps_out(ref)

    async def shown(self, card: Card, ref: str) -> Card:
        """The card, or a link in its place where it holds an incident's words that stay out."""
        if ref and TITLE.fullmatch(card.title):
            return link_card(ref, card.tone, card.badge) if await self.keeps_out(ref) else card
        about = ref or next((one.value.partition("|")[0] for one in card.buttons if one.action.startswith("incident.")), "")
        try:
            if not about or not await self.keeps_out(about):
                return card
            return without_names(card, [one.name for one in await asyncio.to_thread(self._subjects_of, about) if one.id])
        except NotSaved:  # nobody can look whom it is about; what was done is done, and that must still be said
            return replace(card, blocks=(*(one for one in card.blocks if not isinstance(one, Text)), Text(ELSEWHERE)))

    def on_home(self, card: Card) -> Card:
        """A part of the home. Where words stay out, it says who asks and not what."""
        if self._content or not is_enquiry(card):
            return card
        hidden = [
            replace(one, items=tuple((name, ON_PAGE) for name, _ in one.items)) if isinstance(one, Facts) else one for one in card.blocks
        ]
        return replace(card, blocks=tuple(hidden))

    async def lasting(self, card: Card) -> Card:
        """A reporter's card as it may stand in a conversation, which lasts: where words stay out it says nothing of who has it."""
        if not self._content and is_enquiry(card):
            return replace(card, blocks=(Text(ASKED_ELSEWHERE),), buttons=(*card.buttons, page_button(ANY_PAGE)))
        ref = next((one.value for one in card.buttons if one.action == STATUS), "")
        try:
            out = bool(ref) and await self.keeps_out(ref)
        except NotSaved:  # nobody can look whom it is about
            out = True
        return neutral(card, [person.name for person in self._staff.people], page_button(ref)) if out else card


def is_enquiry(card: Card) -> bool:
    """Whether this carries a question that was passed on to a person, or its answer."""
    return card.title == ANSWERED or any(one.action == ENQUIRY for one in card.buttons)


def page_button(ref: str, style: str = "plain") -> Button:
    """The button that leads to the page."""
    return Button("Open on the page", OPEN_PAGE, ref, style)


def link_card(ref: str, tone: Tone = Tone.INFO, badge: str = "") -> Card:
    """The card that leads to the page."""
    return Card(f"Incident {ref}", (Text(ELSEWHERE),), (page_button(ref, "primary"),), tone, badge, f"Incident {ref}")


def without_names(card: Card, names: Iterable[str]) -> Card:
    """The card with nothing in its sentences that names one of these people."""
    either = "|".join(re.escape(one) for one in sorted(names, key=len, reverse=True))
    if not either:
        return card
    found = re.compile(rf"(?:{either})(?: and (?:{either}))*")
    blocks = tuple(replace(one, text=found.sub(WHOEVER, one.text)) if isinstance(one, Text) else one for one in card.blocks)
    return replace(card, blocks=blocks)


def without_words(line: str) -> str:
    """A line of the record ("when: who did what: their words") without the words."""
    when, *rest = line.split(": ", 2)
    return line if len(rest) < PARTS else f"{when}: {rest[0]}. {WRITTEN}"
