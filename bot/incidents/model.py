"""What an incident is, as values. No input, no output, no decisions but those that a value makes about itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.cited import clauses
from bot.people import Role


class Kind(StrEnum):
    """What kind of matter it is: the contract's concern names, in the order of their gravity."""

    MISUSE = "misuse"
    STAFF_ABUSE = "staff_abuse"
    THREAT = "threat"
    DATA_BREACH = "data_breach"
    SAFEGUARDING = "safeguarding"
    INDECENT_IMAGES = "indecent_images"

    @property
    def label(self) -> str:
        """The kind as staff read it: it tells the kind and nothing of the story."""
        return KIND_TITLES.get(self) or f"{clauses(IMAGES) or 'urgent'} matter".capitalize()

    @property
    def gravity(self) -> int:
        """0 for the least grave; where two kinds fit, the graver one is taken."""
        return list(Kind).index(self)


IMAGES = ("71",)
KIND_TITLES = {
    Kind.MISUSE: "Misuse of social media",
    Kind.STAFF_ABUSE: "Abuse of a member of staff",
    Kind.THREAT: "Threat",
    Kind.DATA_BREACH: "Data breach",
    Kind.SAFEGUARDING: "Safeguarding concern",
}  # an indecent image is named by its clause alone, for a lock screen shows it


class State(StrEnum):
    """How far an incident has come."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    IN_HAND = "in_hand"
    WITH_POLICE = "with_police"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The state as staff read it."""
        return STATE_TITLES[self]


STATE_TITLES = {
    State.OPEN: "Open",
    State.ACKNOWLEDGED: "Acknowledged",
    State.IN_HAND: "In hand",
    State.WITH_POLICE: "With the police",
    State.CLOSED: "Closed",
}


class Urgency(StrEnum):
    """Which ladder is climbed. Urgent knows no quiet hours."""

    URGENT = "urgent"
    NORMAL = "normal"


ALWAYS_URGENT = frozenset({Kind.THREAT, Kind.SAFEGUARDING, Kind.INDECENT_IMAGES})

WHO = {
    "me": "the person who reported it", "colleague": "a colleague", "pupil": "a pupil", "parent": "a parent or carer",
    "school": "the school", "staff": "a member of staff", "headteacher": "the Headteacher", "public": "somebody else",
    "unknown": "not known",
}  # fmt: skip


def who_in_words(values: Iterable[str]) -> str:
    """Who is affected by it, or did it, for those who read the report."""
    return ", ".join(WHO.get(one, one) for one in values)


@dataclass(frozen=True)
class Report:
    """What a person reports. Every field but `kind` and `what` may stay empty.

    `done_by`: any of "staff", "headteacher", "pupil", "parent", "public", "unknown". `subjects`: ids of the
    role-holders whom it is about; they never learn of it. `danger`: is anyone in danger now; None: not said.
    """

    kind: Kind
    what: str
    affected: tuple[str, ...] = ()
    done_by: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    platform: str = ""
    address: str = ""
    noticed: str = ""
    danger: bool | None = None
    police_told: bool | None = None

    @property
    def urgency(self) -> Urgency:
        """Urgent where somebody is in danger now, and for threats, safeguarding and clause 71."""
        return Urgency.URGENT if self.danger or self.kind in ALWAYS_URGENT else Urgency.NORMAL


@dataclass(frozen=True)
class Member:
    """Somebody who is in on an incident. `via`: "reporter", "route", "ladder" or "invited"; `in_room`: shares the room."""

    person: str
    name: str
    via: str
    in_room: bool
    left_at: datetime | None = None
    role: Role | None = None


@dataclass(frozen=True)
class Owed:
    """Something that must be done: `item` names it for `tick`. `group`: "evidence", "support", "path", "safety".

    `held`: the matter is with the police and this is part of an internal investigation (clause 66), so it waits.
    """

    item: str
    text: str
    clause: str
    group: str
    done_by: str = ""
    done_at: datetime | None = None
    held: bool = False


@dataclass(frozen=True)
class Acknowledgement:
    """One that is owed by `role`; `person`, `name`, `at` are set once it is given. `earlier`: who gave it before the matter was raised."""

    role: Role
    why: str
    person: str = ""
    name: str = ""
    at: datetime | None = None
    seen_by: str = ""
    seen_at: datetime | None = None
    delivered_at: datetime | None = None
    next_at: datetime | None = None
    earlier: str = ""
    earlier_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline. `what` is its sort, such as "opened", "acknowledged", "said", "note".

    `by` is a person's id, empty for the bot itself. `message` is a channel's id of a room message, so that an edit finds it.
    """

    number: int
    at: datetime
    by: str
    name: str
    what: str
    text: str = ""
    channel: str = ""
    message: str = ""


@dataclass(frozen=True)
class Incident:
    """An incident as one permitted person may see it; what is not for them is not in it.

    `subjects`: ids of those whom it is about, `about`: their names; only those whom the gate lets this person see, and for the
    reporter those whom they named themselves. `police_hold`: the police have it and have not finished (clause 66). `awaits`: an
    acknowledgement is owed that this person can still give.
    """

    ref: str
    kind: Kind
    state: State
    urgency: Urgency
    reporter: str
    reporter_name: str
    opened_at: datetime
    members: tuple[Member, ...]
    subjects: tuple[str, ...]
    owed: tuple[Owed, ...]
    acknowledgements: tuple[Acknowledgement, ...]
    report: Report
    timeline: tuple[Entry, ...]
    outcome: str = ""
    legal_hold: bool = False
    purged: bool = False
    about: tuple[str, ...] = ()
    police_hold: bool = False
    awaits: bool = False

    @property
    def unacknowledged(self) -> bool:
        """Whether any acknowledgement that is owed has not been given."""
        return any(owed.at is None for owed in self.acknowledgements)

    @property
    def raised(self) -> bool:
        """Whether it turned out graver than what was reported."""
        return any(entry.what == "raised" for entry in self.timeline)

    @property
    def owes_evidence(self) -> bool:
        """Whether evidence of clauses 61 and 70 is owed: then clause 71's caution stands before it, wherever it is drawn."""
        return any(owed.group == "evidence" for owed in self.owed)


@dataclass(frozen=True)
class Summary:
    """One row of a list."""

    ref: str
    kind: Kind
    state: State
    urgency: Urgency
    opened_at: datetime
    unacknowledged: bool
    unread: int


@dataclass(frozen=True)
class Change:
    """Something in an incident that this person may see has changed: draw it again. `entry` is the timeline's number."""

    ref: str
    what: str
    entry: int


@dataclass(frozen=True)
class Changes:
    """The changes since a cursor, and the cursor to ask with next. It counts this person's own changes alone."""

    cursor: int
    items: tuple[Change, ...]
