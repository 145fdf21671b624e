"""Which clauses were quoted from which version, and what people said of the answers. Without anybody's name.

A question's words are kept only where a person sends them with their judgement, and then sealed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Float, LargeBinary, RowMapping, String, Table

from bot.incidents.migrations import Migration, making
from bot.incidents.schema import Moment, metadata
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault

answers = Table(
    "answers", metadata, Column("school", String, primary_key=True), Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False), Column("channel", String, nullable=False), Column("policy", String, nullable=False),
    Column("version", String, nullable=False), Column("verdict", String, nullable=False), Column("clauses", String, nullable=False),
    Column("confidence", Float, nullable=False),
)  # fmt: skip
judgements = Table(
    "judgements", metadata, Column("school", String, primary_key=True), Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False), Column("choice", String, nullable=False), Column("state", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)  # fmt: skip
SEALED: tuple[tuple[Table, str, Callable[[Any], str]], ...] = ((judgements, "sealed", lambda row: str(row["id"])),)
MIGRATIONS = (Migration("answers 0001 answers and judgements", making(answers, judgements)),)


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

    def judged(self, question: str, clauses: Sequence[str], choice: str, comment: str, event_id: str) -> None:
        """Record a person's judgement, once for each event."""
        judgement_id = self._vault.index(self._store.school, "judgement", event_id)
        words = {"question": question, "clauses": list(clauses), "comment": comment}
        sealed = self._vault.seal_json(self._place(judgement_id), words)
        with self._store.transaction() as conn:
            self._store.insert_new(conn, judgements, id=judgement_id, at=self._store.clock.now(), choice=choice, state="new", sealed=sealed)

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

    def settle(self, judgement_id: str, state: str) -> bool:
        """Mark a judgement as "kept" (for the next version of the guidance) or "dropped"; whether it was still waiting."""
        with self._store.transaction() as conn:
            where = (judgements.c.id == judgement_id, judgements.c.state == "new")
            return bool(self._store.change(conn, judgements, *where, state=state))

    def _judgement(self, row: RowMapping) -> Judgement:
        words = self._vault.open_json(self._place(row["id"]), row["sealed"])
        return Judgement(row["id"], row["at"], row["choice"], row["state"], words["question"], tuple(words["clauses"]), words["comment"])

    def _place(self, judgement_id: str) -> Place:
        return Place(self._store.school, judgements.name, judgement_id, "sealed")
