"""What a channel must be able to do. Handlers and the outbox know these Protocols and no chat product.

Two ways out: `Reply` answers the event at hand, at once; `Channel` delivers what the outbox holds, however often it must try.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.cards import Card, Form
from bot.people import Person


@dataclass(frozen=True)
class Sent:
    """Where a message went, in the channel's own ids, so that it can be found, updated or linked to."""

    channel: str
    conversation: str
    message: str


@dataclass(frozen=True)
class Room:
    """A private room in a channel. `conversation` is the channel's own id."""

    channel: str
    conversation: str


class Reply(Protocol):
    """Answers one event, to the person who caused it, privately wherever the event came from."""

    async def say(self, card: Card) -> None:
        """Say this to the person privately."""
        ...

    async def point(self, card: Card) -> None:
        """Where others read along, leave a pointer there that tells nothing of the matter; elsewhere do nothing."""
        ...

    async def replace(self, card: Card) -> None:
        """Put this card in the place of the one whose button was pressed."""
        ...

    async def open_form(self, form: Form) -> None:
        """Open a form for the person."""
        ...

    async def field_errors(self, errors: Mapping[str, str]) -> None:
        """Say beside each field what is wrong with it, and keep the form open."""
        ...

    async def show_home(self, cards: tuple[Card, ...]) -> None:
        """Show the person's home: what they can do, and what waits for them."""
        ...

    async def working(self) -> None:
        """Show that an answer is on its way, where the channel can."""
        ...


class Channel(Protocol):
    """Delivers to people and rooms. Every sending call carries a `key`, the same for every try of the same job.

    Each method may raise RetryLater, RecipientGone or ChannelRefused of bot.errors, those about a room RoomGone as well. A channel may
    say of itself, as attributes, that it has no rooms (`has_rooms` False), cannot be asked what has arrived (`can_find`), or cannot
    change it (`can_update`).
    """

    name: str

    def reaches(self, person: Person) -> bool:
        """Whether this channel has an address of this person."""
        ...

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        """Send a card to one person privately."""
        ...

    async def find(self, person: Person, key: str) -> Sent | None:
        """Whether a message with this key has already arrived: look before posting again. None where it has not."""
        ...

    async def update(self, sent: Sent, card: Card) -> None:
        """Put another card in the place of one that was sent."""
        ...

    async def open_room(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """Open a private room with these members, or return the one already opened with this key; pin `card` in it."""
        ...

    async def update_room(self, room: Room, card: Card) -> None:
        """Put another card in the place of the pinned one."""
        ...

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """Carry into the room what `author` wrote elsewhere (empty: the bot itself); at most once for each key."""
        ...

    async def invite(self, room: Room, person: Person) -> None:
        """Add a member; no error where they are in already."""
        ...

    async def remove(self, room: Room, person: Person) -> None:
        """Take a member out; no error where they are not in."""
        ...

    async def close_room(self, room: Room) -> None:
        """Close (archive) the room; no error where it is closed already."""
        ...


@runtime_checkable
class TakesBack(Protocol):
    """A channel that can tell how often a message arrived, and can take one out again."""

    async def copies(self, person: Person, key: str) -> tuple[Sent, ...]:
        """Every message with this key that has arrived, the first that did first."""
        ...

    async def take_back(self, sent: Sent) -> None:
        """Take a message out; no error where it is gone already."""
        ...
