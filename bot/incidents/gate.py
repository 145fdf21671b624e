"""The one place that decides who may do what with an incident. Everything asks here; nothing decides for itself.

What a person is to an incident, the strongest first: its subject (sees nothing, ever); gone (was a member, left); a
handler (routed, climbed to by the ladder, or handed over to); the reporter; an invited helper; a stranger.
Beside the table there is one fact: a police hold can be lifted only where one stands (clause 66).
docs/reliability.md shows the table below, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from bot.incidents.model import Member, State
from bot.people import Person


class Standing(StrEnum):
    """What a person is to an incident."""

    SUBJECT = "subject"
    GONE = "gone"
    HANDLER = "handler"
    REPORTER = "reporter"
    HELPER = "helper"
    STRANGER = "stranger"


class Action(StrEnum):
    """What can be done with an incident."""

    FOLLOW = "follow"  # be told how one's own report stands
    READ = "read"
    READ_NOTES = "read_notes"
    SAY = "say"
    NOTE = "note"
    ACKNOWLEDGE = "acknowledge"
    TAKE_IN_HAND = "in_hand"
    POLICE = "police"
    POLICE_OVER = "police_over"
    TICK_EVIDENCE = "tick_evidence"
    TICK = "tick"
    INVITE = "invite"
    HAND_OVER = "hand_over"
    NAME_SUBJECT = "name_subject"
    SEE_SUBJECTS = "see_subjects"
    HOLD = "hold"
    LEAVE = "leave"
    CLOSE = "close"
    REOPEN = "reopen"


class Guarded(Protocol):
    """What the gate must know of an incident."""

    @property
    def reporter(self) -> str:
        """The reporter's person id."""
        ...

    @property
    def state(self) -> State:
        """The present state."""
        ...

    @property
    def members(self) -> Iterable[Member]:
        """Everyone who is or was in on it."""
        ...

    @property
    def subjects(self) -> Iterable[str]:
        """Ids of those whom it is about."""
        ...

    @property
    def police_hold(self) -> bool:
        """Whether the police have it and have not finished."""
        ...


ALL = frozenset(State)
LIVE = ALL - {State.CLOSED}
H, R, I = Standing.HANDLER, Standing.REPORTER, Standing.HELPER  # noqa: E741 - the table's letters

TABLE: dict[Action, tuple[frozenset[Standing], frozenset[State]]] = {
    Action.FOLLOW: (frozenset({H, R}), ALL),
    Action.READ: (frozenset({H, R, I}), ALL),
    Action.READ_NOTES: (frozenset({H, I}), ALL),
    Action.SAY: (frozenset({H, R, I}), LIVE),
    Action.NOTE: (frozenset({H, I}), ALL),
    Action.ACKNOWLEDGE: (frozenset({H}), LIVE),
    Action.TAKE_IN_HAND: (frozenset({H}), LIVE - {State.IN_HAND}),
    Action.POLICE: (frozenset({H}), LIVE - {State.WITH_POLICE}),
    Action.POLICE_OVER: (frozenset({H}), ALL),
    Action.TICK_EVIDENCE: (frozenset({H, R, I}), LIVE),
    Action.TICK: (frozenset({H}), LIVE),
    Action.INVITE: (frozenset({H}), LIVE),
    Action.HAND_OVER: (frozenset({H}), LIVE),
    Action.NAME_SUBJECT: (frozenset({H}), ALL),
    Action.SEE_SUBJECTS: (frozenset({H, I}), ALL),
    Action.HOLD: (frozenset({H}), ALL),
    Action.LEAVE: (frozenset({H, R, I}), LIVE),
    Action.CLOSE: (frozenset({H}), LIVE - {State.OPEN}),
    Action.REOPEN: (frozenset({H}), frozenset({State.CLOSED})),
}


def standing(person: Person, incident: Guarded) -> Standing:
    """What this person is to this incident."""
    if person.id in frozenset(incident.subjects):
        return Standing.SUBJECT
    mine = [member for member in incident.members if member.person == person.id]
    if not mine:
        return Standing.STRANGER
    if all(member.left_at is not None for member in mine):
        return Standing.GONE
    if any(member.left_at is None and member.via in ("route", "ladder", "handed_over") for member in mine):
        return Standing.HANDLER
    return Standing.REPORTER if person.id == incident.reporter else Standing.HELPER


def may(person: Person, action: Action, incident: Guarded) -> bool:
    """Whether this person may do this, in the present state of the incident."""
    if action is Action.FOLLOW and person.id == incident.reporter:
        return True  # one's own report: also for somebody who reported themselves, or who has left the room
    if action is Action.POLICE_OVER and not incident.police_hold:
        return False
    standings, states = TABLE[action]
    return standing(person, incident) in standings and incident.state in states


def knows_of(person: Person, incident: Guarded) -> bool:
    """Whether a refusal may say more than "there is no such reference, or it is not for you to see"."""
    return may(person, Action.READ, incident)


def permitted(person: Person, incident: Guarded) -> frozenset[Action]:
    """Everything that this person may do now."""
    return frozenset(action for action in Action if may(person, action, incident))
