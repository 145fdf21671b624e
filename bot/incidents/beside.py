"""What the record binds beside incidents: questions that were passed on, their answers, and judgements of the guidance.

Their audit entries carry a salted digest, as those of a timeline do; the salts are sealed beside the words and go with them.
An act of an earlier release carries none, and is held to what it carried: that somebody asked, and that somebody answered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, inspect

from bot.errors import UsherError
from bot.incidents import schema
from bot.incidents.chain import Bad, Chain
from bot.incidents.digests import digest
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault


def question_digest(salt: str, row: Mapping[str, Any], text: str) -> str:
    """What binds a question: who asked it of whom, when, and in which words."""
    return digest(salt, "question", row["id"], row["asker"], row["to_role"], row["to_person"], str(row["asked_at"]), text)


def answer_digest(salt: str, ref: str, by: str, at: datetime, text: str) -> str:
    """What binds an answer: who gave it, when, and in which words."""
    return digest(salt, "answer", ref, by, str(at), text)


def judgement_digest(words: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """What binds a judgement; whether it is kept or dropped later is not part of it."""
    said = json.dumps({name: value for name, value in words.items() if name != "salt"}, sort_keys=True)
    return digest(words["salt"], "judgement", row["id"], row["person"], row["choice"], str(row["at"]), said)


class Beside:
    """One check of one school's rows beside incidents, in one moment of the database. Raises Bad at the first that is wrong."""

    def __init__(self, store: Store, vault: Vault, conn: Connection, chain: Chain) -> None:
        self._store = store
        self._vault = vault
        self._conn = conn
        self._chain = chain

    def check(self) -> None:
        """Check all of them."""
        self._questions()
        if inspect(self._conn).has_table("judgements"):
            self._judgements()

    def _questions(self) -> None:
        rows = {row["id"]: row for row in self._conn.execute(self._store.rows(schema.enquiries)).mappings()}
        if gone := set(self._chain.asked) - set(rows):
            raise Bad(self._chain.asked[min(gone)][0], "A question that was passed on was taken out behind the record's back.")
        lost = 0
        for ref, row in sorted(rows.items()):
            if ref not in self._chain.asked or (row["answered_at"] is not None) != (ref in self._chain.answered):
                raise Bad(0, "A question or an answer was put in or taken out behind the record's back.")
            if row["answered_at"] is None and (row["answered_by"] or row["answer"] is not None):
                raise Bad(0, "An answer was put in behind the record's back.")
            if row["question"] is None:
                lost += ref not in self._chain.forgot["questions"]
                continue
            if row["answer"] is None and row["answered_at"] is not None:
                lost += ref not in self._chain.forgot["answers"]
            self._question(ref, row)
        if lost > self._chain.counted["questions"]:
            raise Bad(0, "A question or an answer has lost its words, and nothing on record says why.")

    def _question(self, ref: str, row: Mapping[Any, Any]) -> None:
        salts = json.loads(self._open("enquiries", ref, "salts", row["salts"])) if row["salts"] else {}
        seq, asked = self._chain.asked[ref]
        text = self._open("enquiries", ref, "question", row["question"])
        if asked and question_digest(salts.get("question", ""), dict(row), text) != asked:
            raise Bad(seq, "A question that was passed on was changed behind the record's back.")
        if row["answer"] is None:
            return
        seq, answered = self._chain.answered.get(ref, (0, ""))
        text = self._open("enquiries", ref, "answer", row["answer"])
        if answered and answer_digest(salts.get("answer", ""), ref, row["answered_by"], row["answered_at"], text) != answered:
            raise Bad(seq, "An answer to a question was changed behind the record's back.")

    def _judgements(self) -> None:
        rows = {row["id"]: row for row in self._conn.execute(self._store.rows(schema.metadata.tables["judgements"])).mappings()}
        missing = set(self._chain.judged) - set(rows) - self._chain.forgot["judgements"]
        if len(missing) > self._chain.counted["judgements"]:
            raise Bad(self._chain.judged[min(missing)][0], "A judgement of an answer was taken out behind the record's back.")
        for ref, row in sorted(rows.items()):
            words = json.loads(self._open("judgements", ref, "sealed", row["sealed"]))
            if ref not in self._chain.judged and "salt" not in words:
                continue  # from before the record vouched for judgements
            seq, judged = self._chain.judged.get(ref, (0, ""))
            if "salt" not in words or judgement_digest(words, dict(row)) != judged:
                raise Bad(seq, "A judgement of an answer was changed behind the record's back.")

    def _open(self, table: str, row: str, column: str, sealed: bytes) -> str:
        try:
            return self._vault.open(Place(self._store.school, table, row, column), sealed)
        except (UsherError, ValueError) as error:
            raise Bad(0, f"What stands in {table} does not open: it was changed or moved, or its key is missing.") from error
