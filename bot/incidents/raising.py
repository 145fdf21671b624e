"""What is written in a room may show that the matter is graver than what was reported: its kind is raised then, and never lowered.

The bot does it, not the person who wrote: it stands in the timeline and the audit trail as the bot's own. Everybody whom the
graver kind's route names is asked to acknowledge, those who handle it already are told again, and what the kind owes from
then on (for clause 71 no evidence at all) comes from the report as it is kept.
"""

from __future__ import annotations

from dataclasses import replace

from bot.incidents import schema
from bot.incidents.checklist import held_from_the_start
from bot.incidents.escalation import next_due
from bot.incidents.gate import Action
from bot.incidents.jobs import FIRST
from bot.incidents.model import Incident, Kind, Report
from bot.incidents.records import report_to
from bot.incidents.register import Register
from bot.incidents.routing import holders
from bot.incidents.turns import Turn
from bot.people import Person

ASKED = frozenset({"route", "ladder", "handed_over"})
AGAIN = "alert:over:raised"  # an alert for those, too, who have acknowledged what it was before


def raise_kind(register: Register, ref: str, by: Person, kind: Kind, told: str, event_id: str, channel: str) -> Incident:
    """Raise an incident to a graver kind because of what a member wrote. `told`: what everybody in the room is told of it.

    Nothing happens where it is as grave already. NotFound and Refused as for writing in the room.
    """

    def act(turn: Turn) -> None:
        if kind.gravity > turn.facts.kind.gravity:
            _raise(register, turn, kind, told, channel)

    return register.turns.take(ref, by, event_id, Action.SAY, act)


def _raise(register: Register, turn: Turn, kind: Kind, told: str, channel: str) -> None:
    records, store, conn, ref = register.records, register.store, turn.conn, turn.facts.ref
    report, mine = replace(records.report(turn.facts), kind=kind), schema.incidents.c.ref == ref
    store.change(conn, schema.incidents, mine, kind=kind, urgency=report.urgency)
    if turn.facts.row["sealed"] is not None:  # not where the words of a case that was opened again are gone
        store.change(conn, schema.incidents, mine, sealed=records.vault.seal_json(records.place("incidents", ref), report_to(report)))
    if held := held_from_the_start(report):
        register.turns.police_hold(turn)
    people = _ask(register, turn, replace(report, subjects=turn.facts.subjects))
    detail = {"kind": kind, "people": sorted(people), **({"police_hold": True} if held else {})}
    written = records.write(conn, ref, "", "raised", told, channel=channel, detail=detail)
    records.spread(conn, ref, written)


def _ask(register: Register, turn: Turn, report: Report) -> set[str]:
    """Ask those whom the graver kind's route names and who were not asked; tell the others again. Keys of those who came in."""
    records, store, conn, ref = register.records, register.store, turn.conn, turn.facts.ref
    acks, soon = schema.acknowledgements, next_due(register.rules, report.urgency, turn.now, 0)
    store.change(conn, acks, acks.c.ref == ref, acks.c.at.is_(None), acks.c.next_at > soon, next_at=soon)
    asked = set(conn.scalars(store.rows(acks, acks.c.role).where(acks.c.ref == ref)))
    for member in turn.facts.active():
        if member.via in ASKED:
            records.jobs.notify(conn, ref, turn.facts.keys[member.person], AGAIN, priority=FIRST)
    came: set[str] = set()
    steps = [step for step in register.opening.route(report) if step.alerted and step.role not in asked]
    for place, step in enumerate(steps, start=len(asked)):
        store.add(conn, acks, ref=ref, role=step.role, why=" ".join(step.reasons), place=place, step=0, next_at=soon)
        for person in holders(records.directory.people, step.role, report.subjects):
            key = register.membership.join(turn, person, "route")
            store.insert_new(conn, schema.alerted, ref=ref, role=step.role, person=key, at=turn.now)
            records.jobs.notify(conn, ref, key, AGAIN, priority=FIRST)
            came.add(key)
    return came
