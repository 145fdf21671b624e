"""What people can do. A channel makes these from its SDK's payloads; handlers see nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.people import Person


class PlaceKind(StrEnum):
    """Who can read along."""

    PRIVATE = "private"  # the person and the bot alone
    GROUP = "group"  # a channel or team that others read
    ROOM = "room"  # the private room of an incident


@dataclass(frozen=True)
class Place:
    """Where something was said. `conversation` and `thread` are the channel's own ids; `incident` is set in a room.

    `answered_in`: the conversation in which the answer is read, where that is another one.
    """

    channel: str
    conversation: str
    kind: PlaceKind = PlaceKind.PRIVATE
    thread: str = ""
    incident: str = ""
    answered_in: str = ""


@dataclass(frozen=True)
class Message:
    """Somebody wrote something. `files` counts attachments, of which nothing is ever fetched."""

    event_id: str
    sender: Person
    text: str
    place: Place
    at: datetime
    files: int = 0
    message_id: str = ""


@dataclass(frozen=True)
class Press:
    """Somebody pressed a button of a card, or used a shortcut of the channel."""

    event_id: str
    sender: Person
    action: str
    value: str
    place: Place
    at: datetime
    message_id: str = ""


@dataclass(frozen=True)
class Submission:
    """Somebody sent a form. `values`: field name to text, or to a tuple of chosen values."""

    event_id: str
    sender: Person
    form: str
    values: Mapping[str, str | tuple[str, ...]]
    context: str
    place: Place
    at: datetime


@dataclass(frozen=True)
class Opened:
    """Somebody opened the bot's home, or met it for the first time (`first`)."""

    event_id: str
    sender: Person
    place: Place
    at: datetime
    first: bool = False


@dataclass(frozen=True)
class RoomChange:
    """Something changed in a room: `kind` is "edited", "deleted", "joined" or "left"; `text` is the new words of an edit."""

    event_id: str
    sender: Person
    kind: str
    place: Place
    at: datetime
    text: str = ""
    message_id: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


Event = Message | Press | Submission | Opened | RoomChange


def whole(text: str) -> str:
    """The text without halves of characters, which a client leaves where it cuts an emoji in two: nothing can encode or store them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def in_whole_characters(event: Event) -> Event:
    """The event with words that can be read, stored and sent on; half an emoji must not lose a report."""
    match event:
        case Message() | RoomChange():
            return replace(event, text=whole(event.text))
        case Submission():
            values = {name: whole(one) if isinstance(one, str) else tuple(map(whole, one)) for name, one in event.values.items()}
            return replace(event, values=values, context=whole(event.context))
        case Press():
            return replace(event, value=whole(event.value))
        case Opened():
            return event
