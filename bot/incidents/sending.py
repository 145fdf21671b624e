"""The records of delivery: one notice becomes sends, each send is composed and then recorded, and a failure finds another way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func

from bot.cards import Card
from bot.incidents import schema
from bot.incidents.composing import Addressed, Composing, digest
from bot.incidents.jobs import SILENT, JobKind
from bot.incidents.ladder import Ladder
from bot.incidents.notices import withdrawn_card
from bot.incidents.outbox import Job, Outbox
from bot.incidents.records import Records
from bot.people import Person, Role
from bot.ports import Channel, Sent

MAIL = "mail"
WAYS = {"web": "on Usher's page", MAIL: "by e-mail", "slack": "in Slack", "teams": "in Teams"}
NEXT_CHAT = {True: timedelta(seconds=20), False: timedelta(minutes=5)}  # for alerts, and for the rest
NEXT_MAIL = {True: timedelta(seconds=45), False: timedelta(minutes=15)}
KEPT = ("alert:", "intruder:", "room_lost:", "invited:", "handed_on:")  # kept up to date, and withdrawn from whoever it is no longer for
TOO_LONG = 40.0  # seconds: an alert that must wait longer than this goes another way at once


@dataclass(frozen=True)
class Parts:
    """What delivery works with. `channels`: those that reach a person are tried in this order, e-mail last."""

    records: Records
    outbox: Outbox
    composing: Composing
    ladder: Ladder
    channels: Mapping[str, Channel]


class Sending:
    """Synchronous; every method is one transaction, and records nothing once the lease is lost."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._records = parts.records
        self._outbox = parts.outbox
        self._store = parts.outbox.store

    def split(self, job: Job) -> None:
        """One notice becomes one send for each channel that reaches the person, those after the first for when it fails."""
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            person = self._records.directory.person(conn, job.person)
            now, urgent = self._store.clock.now(), job.urgent
            chats, mail = self._ways(person)
            silent = [name for name in SILENT if name in self._parts.channels and self._parts.channels[name].reaches(person)]
            delays = [(name, timedelta(0)) for name in silent]
            delays += [(name, NEXT_CHAT[urgent] * place) for place, name in enumerate(chats)]
            delays += [(MAIL, NEXT_MAIL[urgent] if chats else timedelta(0))] if mail else []
            if not (self._outbox.finish(conn, job, "split") if delays else self._end(conn, job, "unreachable")):
                return
            for name, delay in delays:
                self._records.jobs.send(conn, job.ref, job.person, job.purpose, channel=name, due=now + delay, priority=job.priority)
            if not delays:
                self._unreachable(conn, job, person)

    def compose(self, job: Job) -> Addressed | None:
        """The card to send, or None where there is nothing to send any more; that is recorded here."""
        with self._store.reading() as conn:
            channel = self._parts.channels.get(job.channel)
            person = self._records.directory.person(conn, job.person)
            reached = channel is not None and channel.reaches(person)
            others = job.channel not in SILENT and self._ways(person)[0][:1] != [job.channel]
            needed = not (others and self._outbox.arrived(conn, job, SILENT))
            unsure = job.unsure and not getattr(channel, "can_find", True)
            addressed = self._parts.composing.notice(conn, job.ref, job.person, job.purpose, unsure=unsure) if reached and needed else None
            if addressed is None and reached and needed and job.unsure and job.purpose.startswith(KEPT):
                return Addressed(person, withdrawn_card(), left_over=True)
        if addressed is None:
            self._nothing_to_send(job, "gone" if not reached else "not for them" if needed else "not needed")
        return addressed

    def renewed(self, job: Job) -> bool:
        """Hold the job for longer. False where the lease was lost."""
        with self._store.transaction() as conn:
            return self._outbox.renew(conn, job)

    def sent(self, job: Job, addressed: Addressed, sent: Sent) -> bool:
        """The channel has it. False where the lease was lost: then whoever holds the job looks before sending again."""
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            self._records.trail.watch(conn, job.ref)
            if not self._end(conn, job, "sent"):
                return False
            if job.purpose.startswith(KEPT):
                self._keep(conn, job, "" if addressed.left_over else digest(addressed.card), sent)
            if job.purpose.startswith("alert:"):
                rang = job.channel not in SILENT or self._ways(addressed.person) == ([], False)
                if rang and self._counts(conn, job) and self._of_today(conn, job):
                    self._delivered(conn, job, addressed.person)
            return True

    def stray(self, job: Job, sent: Sent) -> None:
        """It arrived by whoever had lost the lease. Is the notice over and on record nowhere, it is brought into line, or withdrawn."""
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            self._records.trail.watch(conn, job.ref)
            over = conn.scalar(self._store.rows(schema.jobs, schema.jobs.c.done_at).where(schema.jobs.c.id == job.id))
            there = conn.execute(self._store.rows(schema.sent).where(*self._row(job))).first()
            if job.purpose.startswith(KEPT) and over and not there:
                self._keep(conn, job, "", sent)

    def not_for_them(self, job: Job) -> None:
        """What is no longer for this person has not arrived, and never will."""
        self._nothing_to_send(job, "not for them")

    def to_update(self, job: Job) -> tuple[Sent, Card] | None:
        """Where a notice was sent and how it should look now; None where it looks so already."""
        with self._store.transaction() as conn:
            row = conn.execute(self._store.rows(schema.sent).where(*self._row(job))).mappings().first()
            card = None if row is None else self._parts.composing.now(conn, job.ref, job.person, job.purpose)
            if row is None or card is None or digest(card) == row["card"] or job.channel not in self._parts.channels:
                self._outbox.finish(conn, job, "as it should be")
                return None
            return Sent(*self._records.vault.open_json(self._place(job), row["sealed"])), card

    def updated(self, job: Job, card: Card) -> None:
        """The notice looks as it should."""
        with self._store.transaction() as conn:
            if self._outbox.finish(conn, job, "sent"):
                self._store.change(conn, schema.sent, *self._row(job), card=digest(card))

    def whom(self, job: Job) -> Person:
        """Whom a job's message is for."""
        with self._store.reading() as conn:
            return self._records.directory.person(conn, job.person)

    def failed(self, job: Job, how: str, after: float | None, *, arrived: bool | None) -> bool:
        """A try failed: "later", "gone", "refused" or "failed". Put it off, and where it is an alert find another way or another person.

        False where the lease was lost.
        """
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            if how == "gone" and job.kind in (JobKind.SEND, JobKind.UPDATE):
                over = self._end(conn, job, "gone") if job.kind is JobKind.SEND else self._outbox.finish(conn, job, "gone")
                if over and job.kind is JobKind.SEND and not self._outbox.hurry(conn, job, SILENT):
                    self._unreachable(conn, job, self._records.directory.person(conn, job.person))
                return over
            if self._outbox.put_off(conn, job, after, arrived=arrived) is None:
                return False
            if not (job.kind is JobKind.SEND and job.urgent):
                return True
            others = True
            if how == "refused" or (after or 0) > TOO_LONG:
                others = self._outbox.hurry(conn, job, SILENT)
            last_way = job.channel == MAIL or not others
            if last_way and self._counts(conn, job) and not self._outbox.arrived(conn, job, SILENT):
                self._parts.ladder.hurry(conn, job.ref, job.person)
            return True

    def _end(self, conn: Connection, job: Job, how: str) -> bool:
        """A notice is over, and on record: who was told what, by what, or why not. False where the lease was lost."""
        if not self._outbox.finish(conn, job, how):
            return False
        action = ("alerted" if job.purpose.startswith("alert:") else "told") if how == "sent" else "not_told"
        detail = {"to": job.person, "channel": job.channel, "job": job.id, "how": how}
        self._records.trail.append(conn, "", action, ref=job.ref, detail=detail)
        return True

    def _nothing_to_send(self, job: Job, how: str) -> None:
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            if how == "not needed":
                self._outbox.finish(conn, job, how)  # the other way that arrived is on record
                return
            self._end(conn, job, how)
            if how == "gone":
                person = self._records.directory.person(conn, job.person)
                silent = job.channel in SILENT  # a page that was closed meanwhile is no reason to hurry what will be tried anyway
                if not (self._ways(person) != ([], False) if silent else self._outbox.hurry(conn, job, SILENT)):
                    self._unreachable(conn, job, person)

    def _ways(self, person: Person) -> tuple[list[str], bool]:
        reached = [name for name, channel in self._parts.channels.items() if channel.reaches(person)]
        return [name for name in reached if name != MAIL and name not in SILENT], MAIL in reached

    def _keep(self, conn: Connection, job: Job, shown: str, sent: Sent) -> None:
        """Remember where the notice is, to bring it into line; at once, if `shown` is not today's: "" where nobody knows what it showed."""
        if not getattr(self._parts.channels[job.channel], "can_update", True):
            return
        sealed = self._records.vault.seal_json(self._place(job), [sent.channel, sent.conversation, sent.message])
        self._store.insert_new(
            conn, schema.sent, ref=job.ref, person=job.person, channel=job.channel, purpose=job.purpose, sealed=sealed, card=shown
        )
        if digest(self._parts.composing.now(conn, job.ref, job.person, job.purpose)) != shown:
            self._records.jobs.updates(conn, job.ref)

    def _counts(self, conn: Connection, job: Job) -> bool:
        """Whether what has reached this person counts as having told anybody: not where they were barred while it was on its way."""
        subjects = schema.subjects
        barred = self._store.rows(subjects, subjects.c.ref).where(subjects.c.ref == job.ref, subjects.c.person == job.person)
        return conn.scalar(barred) is None

    def _of_today(self, conn: Connection, job: Job) -> bool:
        """Whether the alert is of what the matter is known to be now, and not of the smaller one that it was."""
        raised = self._records.raised(conn, job.ref)
        return raised is None or job.made_at >= raised.at

    def _delivered(self, conn: Connection, job: Job, person: Person) -> None:
        """The reporter may know that it has arrived: once for each acknowledgement that is owed."""
        acks, alerted, now = schema.acknowledgements, schema.alerted, self._store.clock.now()
        asked = self._store.rows(alerted, alerted.c.role).where(alerted.c.ref == job.ref, alerted.c.person == job.person)
        first = [
            Role(role)
            for role in conn.scalars(asked).all()
            if self._store.change(conn, acks, acks.c.ref == job.ref, acks.c.role == role, acks.c.delivered_at.is_(None), delivered_at=now)
        ]
        if first:
            whom = self._records.directory.people.acting(person.name, first)
            self._enter(conn, job.ref, "delivered", f"to {whom} {WAYS.get(job.channel, f'by {job.channel}')}")

    def _unreachable(self, conn: Connection, job: Job, person: Person) -> None:
        """No channel reaches this person: it is on the record, and the next person is asked at once."""
        if not job.purpose.startswith("alert:") or not self._counts(conn, job):
            return
        jobs = schema.jobs
        notices = self._store.rows(jobs, func.count()).where(
            jobs.c.ref == job.ref, jobs.c.person == job.person, jobs.c.kind == JobKind.NOTIFY, jobs.c.purpose.startswith("alert:")
        )
        if conn.scalar(notices) == 1:
            self._enter(conn, job.ref, "undelivered", f"{person.name} cannot be reached by any channel")
        self._parts.ladder.hurry(conn, job.ref, job.person)

    def _enter(self, conn: Connection, ref: str, what: str, text: str) -> None:
        """A timeline entry that live pages show, and that rooms need not."""
        written = self._records.write(conn, ref, "", what, text)
        facts = self._records.facts(conn, ref)
        if facts is not None:
            for member in facts.active():
                self._records.feed(conn, facts.keys[member.person], ref, what, written.number)

    def _place(self, job: Job) -> Any:
        return self._records.place("sent", f"{job.ref}/{job.person}/{job.channel}/{job.purpose}")

    def _row(self, job: Job) -> tuple[Any, ...]:
        sent = schema.sent
        return (sent.c.ref == job.ref, sent.c.person == job.person, sent.c.channel == job.channel, sent.c.purpose == job.purpose)
