"""A one-time link to the page, for whoever asks for it in a chat product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.cards import Card, Text, Tone
from bot.events import Message, PlaceKind
from bot.people import Person
from handlers import wording

WORDS = frozenset({"link", "sign in", "sign me in", "login link", "page link", "open the page"})


@dataclass
class Links:
    """Makes links, once the page is there. `make` is set when the parts are put together."""

    make: Callable[[Person], str] | None = None

    def wanted(self, message: Message) -> bool:
        """Whether a private message asks for a link and nothing else."""
        return self.make is not None and message.place.kind is PlaceKind.PRIVATE and message.text.strip().casefold() in WORDS

    def card(self, person: Person) -> Card:
        """The link: once, for this person, for ten minutes."""
        link = self.make(person) if self.make else ""
        return Card(wording.LINK, (Text(link), Text(wording.LINK_ONCE)), tone=Tone.INFO, notice=wording.LINK)
