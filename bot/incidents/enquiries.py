"""Questions that the policy does not settle: passed to a person, answered, and kept so that they can become guidance.

They go through the same outbox as incidents, so none is lost. The words are sealed; the jobs that carry them hold none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.errors import NotFound, Refused
from bot.incidents import schema
from bot.incidents.audit import FORGOT
from bot.incidents.beside import answer_digest, question_digest
from bot.incidents.digests import new_salt
from bot.incidents.jobs import SOON
from bot.incidents.records import Records
from bot.people import Person, Role

REFERENCE = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Enquiry:
    """One question, and its answer once there is one. People are named by id, with the name to show beside it."""

    ref: str
    asker: str
    asker_name: str
    to: tuple[str, ...]
    to_name: str
    question: str
    asked_at: datetime
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


class Enquiries:
    """The enquiries of one school. Synchronous, as the register is."""

    def __init__(self, records: Records) -> None:
        """`records`: those of the register (`register.records`)."""
        self._records = records
        self._store = records.store

    def ask(self, question: str, by: Person, to_role: Role, event_id: str) -> Enquiry:
        """Pass a question to whoever holds the role (for `line_manager`: the asker's own). The same event again is the same enquiry.

        Refused where nobody can be asked.
        """
        by = self._records.directory.current(by)
        to = self._recipients(by, to_role)
        if not to:
            raise Refused("There is nobody whom this question could be passed to. Please ask the school office.")
        ref = hashlib.sha256(f"{self._records.school}|{by.id}|{event_id}".encode()).hexdigest()[:16]
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            asker = self._records.directory.key(conn, by)
            keys = [self._records.directory.key(conn, person) for person in to]
            sealed = self._records.vault.seal(self._records.place("enquiries", ref, "question"), question)
            now, salt = self._store.clock.now(), new_salt()
            row = {"id": ref, "asker": asker, "to_role": to_role, "to_person": " ".join(keys), "asked_at": now}
            salts = self._records.vault.seal_json(self._records.place("enquiries", ref, "salts"), {"question": salt})
            if self._store.insert_new(conn, schema.enquiries, **row, question=sealed, answered_by="", salts=salts):
                bound = question_digest(salt, row, question)
                self._records.trail.append(conn, asker, "asked", detail={"enquiry": ref}, bound=bound)
                for key in keys:
                    self._records.jobs.notify(conn, ref, key, "enquiry", priority=SOON)
            return self.one(conn, ref, by)

    def read(self, ref: str, by: Person) -> Enquiry:
        """The enquiry, for its asker and those who were asked. NotFound for anyone else and for a wrong reference; that is on record."""
        try:
            with self._store.reading() as conn:
                return self.one(conn, ref, by)
        except NotFound:
            self._note_refusal(ref, by, "read_enquiry")
            raise

    def answer(self, ref: str, by: Person, text: str, event_id: str) -> Enquiry:
        """Answer it; the answer goes to the asker. Refused where somebody has answered already. What is refused is on record."""
        try:
            with self._store.transaction() as conn:
                return self._answer(conn, ref, by, text, event_id)
        except (NotFound, Refused):
            self._note_refusal(ref, by, "answer_enquiry")
            raise

    def open_for(self, person: Person) -> tuple[Enquiry, ...]:
        """The questions that wait for this person's answer, the oldest first."""
        return tuple(found for found in self._all(schema.enquiries.c.answered_at.is_(None)) if person.id in found.to)

    def mine(self, person: Person) -> tuple[Enquiry, ...]:
        """The questions that this person has asked, the newest first."""
        return tuple(reversed([found for found in self._all() if found.asker == person.id]))

    def answered(self) -> tuple[Enquiry, ...]:
        """Every question that was answered: what the guidance could grow by."""
        return tuple(self._all(schema.enquiries.c.answered_at.is_not(None)))

    def forget(self, before: datetime) -> int:
        """Forget the words of what was answered before this moment; how many questions that were. What waits is kept."""
        with self._store.transaction() as conn:
            return self._forgotten(conn, schema.enquiries.c.answered_at < before)

    def erase(self, person: Person) -> int:
        """Forget the questions that this person asked, and the words of the answers that they gave; how many of both."""
        table = schema.enquiries
        with self._store.transaction() as conn:
            key = self._records.directory.known_key(conn, person.id) or "-"
            asked = self._forgotten(conn, table.c.asker == key)
            return asked + self._forgotten(conn, table.c.answered_by == key, answers_alone=True)

    def _forgotten(self, conn: Connection, *where: Any, answers_alone: bool = False) -> int:
        """Forget the words, and put on record of which questions or answers: what lacks its words without that was tampered with."""
        table, what = schema.enquiries, "answers" if answers_alone else "questions"
        self._records.trail.lock(conn)
        there = table.c.answer.is_not(None) if answers_alone else table.c.question.is_not(None)
        ids = sorted(conn.scalars(self._store.rows(table, table.c.id).where(*where, there)))
        if ids:
            emptied = {"answer": None} if answers_alone else {"question": None, "answer": None, "salts": None}
            self._store.change(conn, table, table.c.id.in_(ids), **emptied)
            self._records.trail.append(conn, "", FORGOT, detail={what: ids})
        return len(ids)

    def answered_by(self, person: Person) -> tuple[Enquiry, ...]:
        """The questions that this person has answered, the oldest first."""
        with self._store.reading() as conn:
            key = self._records.directory.known_key(conn, person.id) or "-"
        return tuple(self._all(schema.enquiries.c.answered_by == key))

    def _answer(self, conn: Connection, ref: str, by: Person, text: str, event_id: str) -> Enquiry:
        self._records.trail.lock(conn)
        enquiry = self.one(conn, ref, by)
        if by.id not in enquiry.to:
            raise NotFound
        if self._records.applied(conn, by, "answer", ref, event_id) is not None:
            return enquiry
        if enquiry.answered_at is not None:
            raise Refused("This question has been answered already.")
        key, now = self._records.directory.key(conn, by), self._store.clock.now()
        sealed = self._records.vault.seal(self._records.place("enquiries", ref, "answer"), text)
        mine = schema.enquiries.c.id == ref
        salt, place = new_salt(), self._records.place("enquiries", ref, "salts")
        kept = conn.scalar(self._store.rows(schema.enquiries, schema.enquiries.c.salts).where(mine))
        before = self._records.vault.open_json(place, kept) if kept else {}  # none where an earlier release asked it
        salts = self._records.vault.seal_json(place, {**before, "answer": salt})
        self._store.change(conn, schema.enquiries, mine, answer=sealed, answered_by=key, answered_at=now, salts=salts)
        bound = answer_digest(salt, ref, key, now, text)
        self._records.apply(conn, by, "answer", ref, event_id, ref=ref)
        self._records.trail.append(conn, key, "answered", detail={"enquiry": ref}, bound=bound)
        asker = conn.scalar(self._store.rows(schema.enquiries, schema.enquiries.c.asker).where(mine))
        self._records.jobs.notify(conn, ref, str(asker), "answer", priority=SOON)
        return self.one(conn, ref, by)

    def _note_refusal(self, ref: str, by: Person, action: str) -> None:
        """Record that somebody tried what they may not. A forged reference could be anything, so only one that can be is written down."""
        with self._store.transaction() as conn:
            self._records.trail.lock(conn)
            key = self._records.directory.key(conn, self._records.directory.current(by))
            enquiry = ref if REFERENCE.fullmatch(ref) else ""
            self._records.trail.append(conn, key, "refused", detail={"action": action, "enquiry": enquiry})

    def _recipients(self, by: Person, to_role: Role) -> tuple[Person, ...]:
        people = self._records.directory.people
        manager = people.line_manager_of(by)
        if to_role is Role.LINE_MANAGER and manager:
            return (manager,)
        # what goes to the chair is about the Headteacher: never to the Headteacher, even where there is no chair
        for role in (to_role,) if to_role is Role.CHAIR_OF_GOVERNORS else (to_role, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS):
            found = tuple(person for person in people.with_role(role) if person.id != by.id)
            if found:
                return found
        return ()

    def _all(self, *where: Any) -> list[Enquiry]:
        with self._store.reading() as conn:
            query = self._store.rows(schema.enquiries).where(schema.enquiries.c.question.is_not(None), *where)
            return [self._enquiry(conn, row) for row in conn.execute(query.order_by(schema.enquiries.c.asked_at)).mappings().all()]

    def one(self, conn: Connection, ref: str, by: Person) -> Enquiry:
        """As `read`, inside the caller's transaction."""
        row = conn.execute(self._store.rows(schema.enquiries).where(schema.enquiries.c.id == ref)).mappings().first()
        enquiry = None if row is None or row["question"] is None else self._enquiry(conn, row)
        if enquiry is None or by.id not in (enquiry.asker, *enquiry.to):
            raise NotFound
        return enquiry

    def _enquiry(self, conn: Connection, row: Mapping[Any, Any]) -> Enquiry:
        keys = row["to_person"].split()
        people = self._records.directory.persons(conn, {row["asker"], row["answered_by"], *keys})
        to = [people[key] for key in keys if key in people]
        opened = {
            column: self._records.vault.open(self._records.place("enquiries", row["id"], column), row[column]) if row[column] else ""
            for column in ("question", "answer")
        }
        asker, answered_by = people.get(row["asker"]), people.get(row["answered_by"])
        return Enquiry(
            row["id"], asker.id if asker else "", asker.name if asker else "Someone", tuple(person.id for person in to),
            " or ".join(person.name for person in to), opened["question"], row["asked_at"], opened["answer"],
            answered_by.name if answered_by else "", row["answered_at"],
        )  # fmt: skip
