"""One act by one person on one incident: found, allowed, done once for each event, recorded, and shown; in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.errors import NotFound, Refused
from bot.incidents import schema
from bot.incidents.gate import TABLE, Action, Guarded, may, standing
from bot.incidents.jobs import SOON
from bot.incidents.model import Incident, State
from bot.incidents.opening import as_reference
from bot.incidents.records import Facts, Records
from bot.incidents.views import Views
from bot.people import Person


@dataclass(frozen=True)
class Turn:
    """What an act has to work with. `key` is the acting person's key in the tables."""

    conn: Connection
    facts: Facts
    by: Person
    key: str
    now: datetime


class Turns:
    """Takes turns."""

    def __init__(self, records: Records, views: Views) -> None:
        self._records = records
        self._store = records.store
        self._views = views

    def take(self, ref: str, by: Person, event_id: str, action: Action, act: Callable[[Turn], None]) -> Incident:
        """Do `act` if this person may, and if this event has not done it before; the incident as it is then.

        NotFound for a wrong person and a wrong reference alike (and the attempt is recorded); Refused where the person
        may see the incident but not do this, or not in its present state.
        """
        wanted, by = as_reference(ref), self._records.directory.current(by)
        try:
            with self._store.transaction() as conn:
                turn = self.begin(conn, wanted, by, Action.READ)
                if self._records.applied(conn, by, action, wanted, event_id) is None:
                    check(by, action, turn.facts)
                    act(turn)
                    self._records.apply(conn, by, action, wanted, event_id, ref=wanted)
                facts = self._records.facts(conn, wanted) or turn.facts
                return self._views.incident(conn, facts, by)
        except (NotFound, Refused):
            self.note_refusal(wanted, by, action)
            raise

    def begin(self, conn: Connection, ref: str, by: Person, needs: Action | None = None) -> Turn:
        """Take the school's write lock and find the incident. NotFound where there is none, or the person may not do `needs`."""
        self._records.trail.lock(conn)
        facts = self._records.facts(conn, ref)
        if facts is None or (needs is not None and not may(by, needs, facts)):
            raise NotFound
        return Turn(conn, facts, by, self._records.directory.key(conn, by), self._store.clock.now())

    def note_refusal(self, ref: str, by: Person, action: Action) -> None:
        """Record that somebody tried what they may not."""
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            key = self._records.directory.key(conn, by)
            self._records.trail.append(conn, key, "refused", ref=ref, detail={"action": action})

    def record(
        self, turn: Turn, what: str, text: str = "", *, hidden: bool = False, channel: str = "", message: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """Write a timeline entry by the acting person and show it to everyone whom it concerns; its number."""
        written = self._records.write(
            turn.conn, turn.facts.ref, turn.key, what, text, hidden=hidden, channel=channel, message=message, detail=detail
        )
        self._records.spread(turn.conn, turn.facts.ref, written)
        return written.number

    def police_hold(self, turn: Turn) -> None:
        """The police have it from now on; where they have it already, since then."""
        held = schema.incidents.c.police_hold_at
        self._store.change(turn.conn, schema.incidents, schema.incidents.c.ref == turn.facts.ref, held.is_(None), police_hold_at=turn.now)

    def lift_police_hold(self, turn: Turn, reason: str) -> None:
        """The police have finished: what is with them goes on in hand, and the time for which words are kept begins."""
        mine = schema.incidents.c.ref == turn.facts.ref
        self._store.change(turn.conn, schema.incidents, mine, police_hold_at=None, hold_ended_at=turn.now)
        self.record(turn, "police_over", reason, hidden=True, detail={"police_hold": False})
        if turn.facts.state is State.WITH_POLICE:
            self.move(turn, State.IN_HAND)

    def move(self, turn: Turn, state: State, text: str = "", *, detail: Mapping[str, Any] | None = None) -> None:
        """Put the incident into another state, record it, and tell the reporter."""
        self._store.change(turn.conn, schema.incidents, schema.incidents.c.ref == turn.facts.ref, state=state)
        what = {State.OPEN: "reopened", State.IN_HAND: "in_hand", State.WITH_POLICE: "police"}.get(state, str(state))
        self.tell_reporter(turn, self.record(turn, what, text, detail={"state": state, **(detail or {})}))

    def tell_reporter(self, turn: Turn, number: int) -> None:
        """Have the reporter told of this entry, unless it is their own doing."""
        if turn.facts.reporter_key != turn.key:
            self._records.jobs.notify(turn.conn, turn.facts.ref, turn.facts.reporter_key, f"tell:{number}", priority=SOON)


def check(by: Person, action: Action, facts: Guarded) -> None:
    """Refused, with the reason, where this person may not do this now."""
    if not may(by, action, facts):
        raise Refused(why_not(by, action, facts))


def why_not(by: Person, action: Action, facts: Guarded) -> str:
    """Why somebody who may see an incident may not do this now, in one sentence."""
    standings, _ = TABLE[action]
    if standing(by, facts) not in standings:
        return "This is for those who handle the incident. You can write to them in its room."
    if action is Action.POLICE_OVER:
        return "The police do not have this incident, so there is nothing to lift."
    if facts.state is State.CLOSED:
        return "This incident is closed. Whoever handles it can open it again."
    if action is Action.CLOSE:
        return "Nobody has acknowledged this incident yet, so it cannot be closed."
    if action is Action.REOPEN:
        return "This incident is not closed."
    return f"This incident is already {facts.state.label.lower()}."
