"""Jobs claimed, recorded and put off. A claim is a lease; a fence keeps a slow worker that lost its lease from recording.

A claim is written before anything is sent, and the outcome after it. Whatever dies in between leaves the claim behind;
when its lease has run out the job is claimed again, and whoever gets it looks before sending a second time.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, literal, or_

from bot.incidents import schema
from bot.incidents.jobs import FIRST, JobKind
from bot.incidents.store import Store

LEASE = timedelta(seconds=60)
CALL_SECONDS = 20.0  # how long one call of a channel may take; two of them fit into a lease
LONGEST_WAIT = {True: 60.0, False: 600.0}  # seconds between tries, for alerts and for the rest
LONGEST_ASKED = timedelta(hours=1)  # whatever a server asks for, it is asked again after an hour
PER_TARGET = 1  # in flight to one recipient by one channel, so that one who hangs takes no more than one place
SPLIT_AT_ONCE = 8  # what only makes other jobs waits for nobody
KNOWN = tuple(JobKind)  # what a newer release has planned beside these is left to it
OFTEN = 3  # tries after which a job stands behind those that may fare better


@dataclass(frozen=True)
class Job:
    """A claimed job. `unsure`: an earlier try may have arrived, for nothing says how it ended. `since`: by the process's own clock."""

    id: str
    kind: JobKind
    ref: str
    person: str
    channel: str
    purpose: str
    priority: int
    made_at: datetime
    wanted: int
    fence: int
    attempts: int
    unsure: bool
    since: float

    @property
    def target(self) -> str:
        """Who or what is at the other end: one that is slow or dead must not hold up another."""
        return f"{self.channel}:{self.person or self.ref}"

    @property
    def urgent(self) -> bool:
        """Whether this is an alert."""
        return self.priority == FIRST


def in_flight(channel: str) -> int:
    """How many jobs for one recipient may be at work at once in a channel; "" for the jobs that only make others."""
    return PER_TARGET if channel else SPLIT_AT_ONCE


class Outbox:
    """Claims and records the jobs of one school. Synchronous."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def claim(self, channel: str, limit: int, busy: frozenset[str] = frozenset()) -> list[Job]:
        """Lease up to `limit` due jobs of a channel ("" for those that only make other jobs), none of a `busy` target."""
        jobs, now, since = schema.jobs, self.store.clock.now(), time.monotonic()
        target = jobs.c.channel + ":" + case((jobs.c.person != "", jobs.c.person), else_=jobs.c.ref)
        free = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now)
        due = (jobs.c.channel == channel, jobs.c.done_at.is_(None), jobs.c.due_at <= now, free, jobs.c.kind.in_(KNOWN))
        if not self._any_due(*due):
            return []
        order = (jobs.c.priority, case((jobs.c.attempts > OFTEN, 1), else_=0), jobs.c.due_at, jobs.c.made_at)
        ranked = func.row_number().over(partition_by=target, order_by=order)
        first = self.store.rows(jobs, jobs.c.id, ranked.label("place")).where(*due, target.not_in(busy)).subquery()
        few = first.c.place <= in_flight(channel)
        wanted = self.store.rows(jobs).where(jobs.c.id.in_(first.select().with_only_columns(first.c.id).where(few)))
        query = wanted.where(*due).order_by(*order).limit(limit)
        with self.store.transaction() as conn:
            rows = conn.execute(query.with_for_update(skip_locked=True)).mappings().all()
            for row in rows:
                self.store.change(
                    conn, jobs, jobs.c.id == row["id"], lease_until=now + LEASE, fence=row["fence"] + 1, attempts=row["attempts"] + 1,
                    unsure=True,
                )  # fmt: skip
        return [_job(row, since) for row in rows]

    def finish(self, conn: Connection, job: Job, ended: str) -> bool:
        """The job is over. False where the lease was lost: then nothing may be recorded. Wanted again meanwhile: due again."""
        jobs, now = schema.jobs, self.store.clock.now()
        again = jobs.c.wanted != job.wanted
        return bool(
            self.store.change(
                conn, jobs, *self._mine(job), lease_until=None, unsure=False, due_at=now, attempts=0,
                done_at=case((again, None), else_=literal(now, schema.Moment())), ended=case((again, ""), else_=ended),
            )
        )  # fmt: skip

    def renew(self, conn: Connection, job: Job) -> bool:
        """Hold the lease for longer, between the steps of a long job. False where it was lost."""
        return bool(self.store.change(conn, schema.jobs, *self._mine(job), lease_until=self.store.clock.now() + LEASE))

    def put_off(self, conn: Connection, job: Job, after: float | None, *, arrived: bool | None) -> datetime | None:
        """Try again later: after what the server asked for, else with growing, uneven waits, without end.

        `arrived`: False where it certainly did not arrive, None where nobody knows. Returns when; None where the lease was lost.
        What else waits for the same recipient waits as long where the server named a time.
        """
        jobs, now = schema.jobs, self.store.clock.now()
        asked = min(after or 0, LONGEST_ASKED.total_seconds())
        wait = _backoff(job) if after is None else asked + random.uniform(0, 2)  # noqa: S311 - spreading, not secrecy
        due = now + timedelta(seconds=wait)
        unsure = job.unsure if arrived is False else True
        if not self.store.change(conn, jobs, *self._mine(job), lease_until=None, due_at=due, unsure=unsure):
            return None
        if after is not None:
            others = (jobs.c.channel == job.channel, jobs.c.person == job.person, jobs.c.done_at.is_(None), jobs.c.due_at < due)
            if job.person:
                self.store.change(conn, jobs, *others, jobs.c.lease_until.is_(None), due_at=due)
        return due

    def hurry(self, conn: Connection, job: Job, silent: frozenset[str] = frozenset()) -> bool:
        """Have the other ways of delivering the same notice tried now. False where none is left but those that ring nobody's bell."""
        jobs, now = schema.jobs, self.store.clock.now()
        same = (jobs.c.ref == job.ref, jobs.c.person == job.person, jobs.c.purpose == job.purpose, jobs.c.kind == JobKind.SEND)
        waiting = (*same, jobs.c.id != job.id, jobs.c.done_at.is_(None))
        self.store.change(conn, jobs, *waiting, jobs.c.attempts == 0, due_at=now)
        alive = or_(jobs.c.done_at.is_(None), jobs.c.ended == "sent")
        others = (*same, jobs.c.id != job.id, jobs.c.channel.not_in(silent), alive)
        return bool(conn.scalar(self.store.rows(jobs, func.count()).where(*others)))

    def arrived(self, conn: Connection, job: Job, silent: frozenset[str] = frozenset()) -> bool:
        """Whether the same notice has reached the person by another way, but for those that ring nobody's bell."""
        jobs = schema.jobs
        same = (jobs.c.ref == job.ref, jobs.c.person == job.person, jobs.c.purpose == job.purpose, jobs.c.kind == JobKind.SEND)
        return bool(conn.scalar(self.store.rows(jobs, func.count()).where(
            *same, jobs.c.id != job.id, jobs.c.ended == "sent", jobs.c.channel.not_in(silent))))  # fmt: skip

    def recover(self) -> int:
        """Take back every lease at once: for the start of the only process on a SQLite database."""
        jobs = schema.jobs
        with self.store.transaction() as conn:
            return self.store.change(conn, jobs, jobs.c.lease_until.is_not(None), jobs.c.done_at.is_(None), lease_until=None)

    def oldest_alert(self, silent: frozenset[str] = frozenset()) -> datetime | None:
        """Since when the oldest alert that has reached nobody's channel has been waiting; `silent` channels ring nobody's bell."""
        jobs = schema.jobs
        waiting = (jobs.c.priority == FIRST, jobs.c.done_at.is_(None), jobs.c.kind.in_([JobKind.NOTIFY, JobKind.SEND]))
        other = jobs.alias()
        arrived = (other.c.purpose == jobs.c.purpose, other.c.ended == "sent", other.c.channel.not_in(silent))
        same = (other.c.school == jobs.c.school, other.c.ref == jobs.c.ref, other.c.person == jobs.c.person)
        reached = self.store.rows(jobs, func.min(jobs.c.made_at)).where(*waiting, ~other.select().where(*same, *arrived).exists())
        with self.store.reading() as conn:
            found: Any = conn.scalar(reached)
            return found if found is None or isinstance(found, datetime) else None

    def _any_due(self, *due: Any) -> bool:
        # Most looks find nothing; a look that only reads does not queue with those who write.
        with self.store.reading() as conn:
            return conn.scalar(self.store.rows(schema.jobs, schema.jobs.c.id).where(*due).limit(1)) is not None

    def _mine(self, job: Job) -> tuple[Any, ...]:
        jobs = schema.jobs
        return (jobs.c.id == job.id, jobs.c.fence == job.fence, jobs.c.done_at.is_(None), jobs.c.lease_until.is_not(None))


def _job(row: Any, since: float) -> Job:
    return Job(
        row["id"], JobKind(row["kind"]), row["ref"], row["person"], row["channel"], row["purpose"], row["priority"], row["made_at"],
        row["wanted"], row["fence"] + 1, row["attempts"] + 1, row["unsure"], since,
    )  # fmt: skip


def _backoff(job: Job) -> float:
    longest = LONGEST_WAIT[job.urgent]
    return float(min(longest, 2.0 ** min(job.attempts, 10))) * random.uniform(0.5, 1.0)  # noqa: S311 - spreading, not secrecy
