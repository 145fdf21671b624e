"""Alerts that nobody can receive: somebody owes an acknowledgement, nothing has arrived, and nothing is on its way any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, func, select

from bot.incidents import schema
from bot.incidents.jobs import FIRST, JobKind
from bot.incidents.model import State
from bot.incidents.store import Store


@dataclass(frozen=True)
class Stranded:
    """How many acknowledgements are owed of which nobody could be told, and when the newest of their incidents was opened."""

    count: int
    newest: datetime | None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.count > 0


def stranded(store: Store) -> Stranded:
    """Those of one school, now. An alert that is still being tried is not among them, nor one that anybody has got or seen."""
    incidents, acks, alerted, jobs = schema.incidents, schema.acknowledgements, schema.alerted, schema.jobs
    live = and_(incidents.c.school == store.school, incidents.c.state != State.CLOSED)
    asked = and_(alerted.c.school == acks.c.school, alerted.c.ref == acks.c.ref, alerted.c.role == acks.c.role)
    trying = exists(
        select(jobs.c.id).where(
            jobs.c.school == acks.c.school, jobs.c.ref == acks.c.ref, jobs.c.done_at.is_(None), jobs.c.priority == FIRST,
            jobs.c.kind.in_([JobKind.NOTIFY, JobKind.SEND]), jobs.c.person.in_(select(alerted.c.person).where(asked)),
        )
    )  # fmt: skip
    same = and_(acks.c.school == incidents.c.school, acks.c.ref == incidents.c.ref)
    untold = and_(acks.c.at.is_(None), acks.c.seen_at.is_(None), acks.c.delivered_at.is_(None), ~trying)
    counted = (func.count(), func.max(incidents.c.opened_at))
    nobody_found = ~exists(select(acks.c.ref).where(same))
    with store.reading() as conn:
        owed = conn.execute(select(*counted).select_from(incidents.join(acks, same)).where(live, untold)).one()
        unowed = conn.execute(select(*counted).select_from(incidents).where(live, nobody_found)).one()
    moments = [at for at in (owed[1], unowed[1]) if at is not None]
    return Stranded(owed[0] + unowed[0], max(moments, default=None))
