"""What the outbox has to do, written in the same transaction as the thing that makes it necessary.

Two sorts. A notice ("notify", split into one "send" for each channel) is delivered once. The others bring something into
line with the record ("update" a message, "room" a room), so one row for each suffices: wanting it again marks the row.
Jobs carry no words and no names; a card is made from the record at the moment of sending, for the person who gets it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from bot.incidents import schema
from bot.incidents.bindings import plan
from bot.incidents.store import Store


class JobKind(StrEnum):
    """What is to be done."""

    NOTIFY = "notify"
    SEND = "send"
    UPDATE = "update"
    ROOMS = "rooms"
    ROOM = "room"


SILENT = frozenset({"web"})  # a page that is open rings nobody's bell, so it is told at once and never counts as having told
FIRST, SOON, LATER = 0, 1, 2


def job_id(*parts: str) -> str:
    """The job's id, which is also the key that travels with the message: opaque, and the same for the same thing."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


class Jobs:
    """Adds jobs inside the caller's transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def notify(self, conn: Connection, ref: str, person: str, purpose: str, *, priority: int = SOON) -> None:
        """Have one person told something, by whatever reaches them. The same purpose twice is one notice."""
        self._new(conn, JobKind.NOTIFY, ref=ref, person=person, purpose=purpose, priority=priority)

    def send(self, conn: Connection, ref: str, person: str, purpose: str, *, channel: str, due: datetime, priority: int) -> None:
        """Have one channel carry a notice."""
        self._new(conn, JobKind.SEND, ref=ref, person=person, purpose=purpose, channel=channel, due=due, priority=priority)

    def noticed(self, conn: Connection, ref: str, purpose: str) -> bool:
        """Whether anybody was, or is being, told something for this purpose."""
        jobs = schema.jobs
        query = self._store.rows(jobs, jobs.c.id).where(jobs.c.ref == ref, jobs.c.kind == JobKind.NOTIFY, jobs.c.purpose == purpose)
        return conn.scalar(query.limit(1)) is not None

    def rooms(self, conn: Connection, ref: str) -> None:
        """Bring the rooms of an incident into line, opening those that are missing."""
        self._again(conn, JobKind.ROOMS, ref=ref)

    def room(self, conn: Connection, ref: str, channel: str) -> None:
        """Bring the room in one channel into line."""
        self._again(conn, JobKind.ROOM, ref=ref, channel=channel)

    def updates(self, conn: Connection, ref: str) -> None:
        """Bring every alert that was sent about an incident into line."""
        sent = schema.sent
        for row in conn.execute(self._store.rows(sent, sent.c.person, sent.c.channel, sent.c.purpose).where(sent.c.ref == ref)):
            self._again(conn, JobKind.UPDATE, ref=ref, person=row.person, channel=row.channel, purpose=row.purpose)

    def _new(
        self, conn: Connection, kind: JobKind, *, ref: str, person: str = "", channel: str = "", purpose: str = "",
        due: datetime | None = None, priority: int = SOON,
    ) -> bool:  # fmt: skip
        now, name = self._store.clock.now(), job_id(self._store.school, kind, ref, person, channel, purpose)
        made = self._store.insert_new(
            conn, schema.jobs, id=name, kind=kind, ref=ref, person=person, channel=channel, purpose=purpose, priority=priority,
            made_at=now, wanted=0, due_at=due or now, fence=0, attempts=0, unsure=False, ended="",
        )  # fmt: skip
        if made:
            plan(conn, ref, name)
        return made

    def _again(self, conn: Connection, kind: JobKind, *, ref: str, person: str = "", channel: str = "", purpose: str = "") -> None:
        if self._new(conn, kind, ref=ref, person=person, channel=channel, purpose=purpose, priority=LATER):
            return
        jobs, now = schema.jobs, self._store.clock.now()
        mine = jobs.c.id == job_id(self._store.school, kind, ref, person, channel, purpose)
        # A job that is waiting out a fault keeps its time; one that was done starts afresh.
        self._store.change(conn, jobs, mine, jobs.c.done_at.is_not(None), done_at=None, ended="", due_at=now, attempts=0)
        self._store.change(conn, jobs, mine, wanted=jobs.c.wanted + 1)
