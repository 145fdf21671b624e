"""What is written in a room may show that the matter is graver than what was reported: its kind is raised then, and never lowered.

The bot does it, not the person who wrote: it stands in the timeline and the audit trail as the bot's own. An acknowledgement is
of what was known then, so everybody who owes one is asked again, with those whom the graver kind's route names as well; the
ladder begins anew. What the kind owes from then on (for clause 71 no evidence at all) comes from the report as it is kept.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.incidents import schema
from bot.incidents.checklist import held_from_the_start
from bot.incidents.escalation import next_due
from bot.incidents.gate import Action, may
from bot.incidents.jobs import FIRST, SOON
from bot.incidents.model import Incident, Kind, Report, State, Urgency
from bot.incidents.records import RAISED, report_to
from bot.incidents.register import Register
from bot.incidents.routing import holders
from bot.incidents.turns import Turn
from bot.people import Person, Role

ASKED = frozenset({"route", "ladder", "handed_over"})


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
    urgency = Urgency.URGENT if Urgency.URGENT in (turn.facts.urgency, report.urgency) else report.urgency
    state = State.OPEN if turn.facts.state is State.ACKNOWLEDGED else turn.facts.state  # who has it in hand has it in hand
    store.change(conn, schema.incidents, mine, kind=kind, urgency=urgency, state=state)
    if turn.facts.row["sealed"] is not None:  # not where the words of a case that was opened again are gone
        store.change(conn, schema.incidents, mine, sealed=records.vault.seal_json(records.place("incidents", ref), report_to(report)))
    if held := held_from_the_start(report):
        register.turns.police_hold(turn)
    came = _owe(register, turn, replace(report, subjects=turn.facts.subjects), next_due(register.rules, urgency, turn.now, 0))
    detail = {"kind": kind, "state": state, "people": sorted(came), **({"police_hold": True} if held else {})}
    written = records.write(conn, ref, "", RAISED, told, channel=channel, detail=detail)
    asked = {turn.facts.keys[one.person] for one in turn.facts.active() if one.via in ASKED}
    for key in sorted(asked | came):
        records.jobs.notify(conn, ref, key, f"alert:over:{written.number}", priority=FIRST)
    records.spread(conn, ref, written)
    reporter = turn.facts.people.get(turn.facts.reporter_key)
    if reporter is not None and may(reporter, Action.READ, turn.facts):  # who may only follow is told nothing of what it turned into
        records.jobs.notify(conn, ref, turn.facts.reporter_key, f"tell:{written.number}", priority=SOON)


def _owe(register: Register, turn: Turn, report: Report, due: datetime) -> set[str]:
    """Have every acknowledgement owed again, and those of the graver kind's route as well. Keys of those who come in for it.

    `due`: the first rung. Whoever holds a role by now is asked, too.
    """
    records, store, conn, ref = register.records, register.store, turn.conn, turn.facts.ref
    acks, people = schema.acknowledgements, records.directory.people
    afresh = {"person": "", "at": None, "seen_by": "", "seen_at": None, "delivered_at": None, "step": 0, "next_at": due}
    store.change(conn, acks, acks.c.ref == ref, **afresh)
    owed = [Role(role) for role in conn.scalars(store.rows(acks, acks.c.role).where(acks.c.ref == ref).order_by(acks.c.place))]
    steps = [step for step in register.opening.route(report) if step.alerted and step.role not in owed]
    for place, step in enumerate(steps, start=len(owed)):
        store.add(conn, acks, ref=ref, role=step.role, why=" ".join(step.reasons), place=place, step=0, next_at=due)
    handling = {member.person for member in turn.facts.active() if member.via in ASKED}
    came: set[str] = set()
    for role in (*owed, *(step.role for step in steps)):
        for person in holders(people, role, report.subjects):
            there = person.id in handling
            key = turn.facts.keys[person.id] if there else register.membership.join(turn, person, "route")
            store.insert_new(conn, schema.alerted, ref=ref, role=role, person=key, at=turn.now)
            came |= set() if there else {key}
    for member in turn.facts.active():
        if member.via == "handed_over":
            register.membership.ask(turn, turn.facts.keys[member.person])
    return came
