"""Which clauses were quoted from which version, and what people said of the answers. Nobody who reads them sees a name.

A question's words are kept only where a person sends them with their judgement, and then sealed. Beside a judgement stands
its author's random key of the table persons, so that they can be given it, or have it erased; it is shown to nobody.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Float, LargeBinary, RowMapping, String, Table

from bot.incidents.audit import FORGOT, Trail
from bot.incidents.beside import judgement_digest
from bot.incidents.digests import new_salt
from bot.incidents.directory import Directory
from bot.incidents.migrations import Migration, adding, making
from bot.incidents.schema import Moment, metadata
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault
from bot.people import People, Person

answers = Table(
    "answers", metadata, Column("school", String, primary_key=True), Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False), Column("channel", String, nullable=False), Column("policy", String, nullable=False),
    Column("version", String, nullable=False), Column("verdict", String, nullable=False), Column("clauses", String, nullable=False),
    Column("confidence", Float, nullable=False),
)  # fmt: skip
judgements = Table(
    "judgements", metadata, Column("school", String, primary_key=True), Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False), Column("choice", String, nullable=False), Column("state", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False), Column("person", String, nullable=False, default="", server_default=""),
)  # fmt: skip
used = Table(
    "suggestions_used", metadata, Column("school", String, primary_key=True), Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False),
)  # fmt: skip
SEALED: tuple[tuple[Table, str, Callable[[Any], str]], ...] = ((judgements, "sealed", lambda row: str(row["id"])),)
MIGRATIONS = (
    Migration("answers 0001 answers and judgements", making(answers, judgements)),
    Migration("answers 0002 a judgement is its author's", adding(judgements.c.person)),
    Migration("answers 0003 suggestions that were used", making(used)),
)


@dataclass(frozen=True)
class Judgement:
    """What a person said of an answer: `choice` right, wrong_clause, wrong_verdict or not_clear; `state` new, kept or dropped."""

    id: str
    at: datetime
    choice: str
    state: str
    question: str
    clauses: tuple[str, ...]
    comment: str


class Feedback:
    """Writes and reads answers and judgements of one school."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._directory = Directory(store, vault, People(()))
        self._trail = Trail(store, vault)

    def answered(self, *, policy: str, version: str, verdict: str, clauses: Sequence[str], confidence: float, channel: str) -> None:
        """Record that an answer was given: what was quoted, from which version, and how sure the bot was."""
        with self._store.transaction() as conn:
            self._store.add(
                conn,
                answers,
                id=secrets.token_hex(8),
                at=self._store.clock.now(),
                channel=channel,
                policy=policy,
                version=version,
                verdict=verdict,
                clauses=",".join(clauses),
                confidence=confidence,
            )

    def judged(self, question: str, clauses: Sequence[str], choice: str, comment: str, event_id: str, by: Person) -> None:
        """Record a person's judgement, once for each event."""
        judgement_id = self._vault.index(self._store.school, "judgement", event_id)
        words = {"question": question, "clauses": list(clauses), "comment": comment, "salt": new_salt()}
        sealed = self._vault.seal_json(self._place(judgement_id), words)
        with self._store.transaction() as conn:
            self._trail.lock(conn)
            author = self._directory.key(conn, by)
            row = {"id": judgement_id, "at": self._store.clock.now(), "choice": choice, "person": author}
            if self._store.insert_new(conn, judgements, **row, state="new", sealed=sealed):
                self._trail.append(conn, author, "judged", detail={"judgement": judgement_id}, bound=judgement_digest(words, row))

    def waiting(self, limit: int = 20) -> tuple[Judgement, ...]:
        """Judgements that say that an answer was not right, and that nobody has looked at yet, newest first."""
        with self._store.reading() as conn:
            rows = conn.execute(
                self._store.rows(judgements)
                .where(judgements.c.state == "new", judgements.c.choice != "right")
                .order_by(judgements.c.at.desc())
                .limit(limit)
            ).mappings()
            return tuple(self._judgement(row) for row in rows)

    def kept(self) -> tuple[Judgement, ...]:
        """Judgements that somebody keeps for the next version of the guidance, the oldest first."""
        return self._all(judgements.c.state == "kept")

    def everything(self) -> tuple[Judgement, ...]:
        """Every judgement, the oldest first."""
        return self._all()

    def of(self, person: Person) -> tuple[Judgement, ...]:
        """What this person has said of answers, the oldest first."""
        with self._store.reading() as conn:
            author = self._directory.known_key(conn, person.id) or "-"
        return self._all(judgements.c.person == author)

    def erase(self, person: Person) -> int:
        """Forget what this person has said of answers; how many judgements that were."""
        with self._store.transaction() as conn:
            author = self._directory.known_key(conn, person.id) or "-"
            return self._removed(conn, judgements.c.person == author)

    def forget(self, *, judged: datetime | None, answered: datetime | None) -> int:
        """Forget judgements, and records of answers, from before these moments; how many."""
        count = 0
        with self._store.transaction() as conn:
            count += self._removed(conn, judgements.c.at < judged) if judged else 0
            count += self._store.remove(conn, answers, answers.c.at < answered) if answered else 0
        return count

    def _removed(self, conn: Connection, *where: Any) -> int:
        """Remove judgements, and put on record which; how many."""
        self._trail.lock(conn)
        ids = sorted(conn.scalars(self._store.rows(judgements, judgements.c.id).where(*where)))
        if ids:
            self._store.remove(conn, judgements, judgements.c.id.in_(ids))
            self._trail.append(conn, "", FORGOT, detail={"judgements": ids})
        return len(ids)

    def were_used(self) -> frozenset[str]:
        """Ids of the suggestions that went into the guidance already."""
        with self._store.reading() as conn:
            return frozenset(conn.scalars(self._store.rows(used, used.c.id)))

    def use(self, suggestion_ids: Sequence[str]) -> int:
        """Mark suggestions as used; how many were not marked before."""
        now = self._store.clock.now()
        with self._store.transaction() as conn:
            return sum(self._store.insert_new(conn, used, id=one, at=now) for one in suggestion_ids)

    def settle(self, judgement_id: str, state: str) -> bool:
        """Mark a judgement as "kept" (for the next version of the guidance) or "dropped"; whether it was still waiting."""
        with self._store.transaction() as conn:
            where = (judgements.c.id == judgement_id, judgements.c.state == "new")
            return bool(self._store.change(conn, judgements, *where, state=state))

    def _all(self, *where: Any) -> tuple[Judgement, ...]:
        with self._store.reading() as conn:
            rows = conn.execute(self._store.rows(judgements).where(*where).order_by(judgements.c.at)).mappings().all()
            return tuple(self._judgement(row) for row in rows)

    def _judgement(self, row: RowMapping) -> Judgement:
        words = self._vault.open_json(self._place(row["id"]), row["sealed"])
        return Judgement(row["id"], row["at"], row["choice"], row["state"], words["question"], tuple(words["clauses"]), words["comment"])

    def _place(self, judgement_id: str) -> Place:
        return Place(self._store.school, judgements.name, judgement_id, "sealed")


class Judgements:
    """Fulfils `Keeper` for judgements, and for the records of answers, which are nobody's."""

    name = "judgements"

    def __init__(self, feedback: Feedback, judged: timedelta | None, answered: timedelta | None) -> None:
        """How long each of the two is kept; None: until somebody decides."""
        self._feedback = feedback
        self._judged = judged
        self._answered = answered

    def export(self, person: Person) -> list[dict[str, Any]]:
        """What they said of answers."""
        return [
            {"at": one.at.isoformat(), "question": one.question, "quoted": list(one.clauses), "choice": one.choice, "comment": one.comment}
            for one in self._feedback.of(person)
        ]

    def erase(self, person: Person, words: Collection[str]) -> int:  # noqa: ARG002 they are shown to others, and sent to nobody
        """Forget what they said."""
        return self._feedback.erase(person)

    def forget(self, now: datetime) -> int:
        """Forget what is old enough."""
        judged, answered = (now - keep if keep else None for keep in (self._judged, self._answered))
        return self._feedback.forget(judged=judged, answered=answered)

    def forget_incidents(self, refs: Collection[str]) -> int:  # noqa: ARG002 words that disclose something are never kept here
        """Nothing of incidents is kept here."""
        return 0
