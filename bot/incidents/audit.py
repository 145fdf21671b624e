"""The audit trail: who read, wrote, acknowledged, exported what, and when. Append-only, chained, its head signed.

Each entry's hash covers the entry and the hash before it, so a changed, deleted, inserted or reordered entry breaks the
chain; the signed head shows that the tail was not cut. The trail holds no words and no names: people are the random keys
of the table persons, and words are bound by a digest with a salt that is kept beside the words and goes when they go.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.incidents import schema
from bot.incidents.store import Store
from bot.incidents.vault import Vault

START = "0" * 64


@dataclass(frozen=True)
class Head:
    """The end of the trail: how many entries there are, the hash of the last, and the signature over both."""

    school: str
    seq: int
    hash: str
    key_id: str
    signature: str

    @property
    def line(self) -> str:
        """The head as one line that can be kept elsewhere and given to `incidents verify --head`."""
        return f"{self.school}:{self.seq}:{self.hash}"


def entry_hash(row: Mapping[str, Any], before: str) -> str:
    """The hash of one entry, given the hash of the entry before it."""
    at: datetime = row["at"]
    parts = [row["school"], row["seq"], (at - schema.EPOCH) // schema.MICROSECOND, row["actor"], row["action"], row["ref"]]
    return hashlib.sha256(json.dumps([*parts, row["detail"], row["digest"], before]).encode()).hexdigest()


def head_message(school: str, seq: int, last: str) -> bytes:
    """What the head's signature is made over."""
    return json.dumps(["usher audit head", school, seq, last]).encode()


def new_salt() -> str:
    """A salt for `digest`."""
    return secrets.token_hex(16)


def digest(salt: str, *parts: str) -> str:
    """Binds words into the trail without telling them: with the salt gone they cannot even be guessed at."""
    return hmac.new(salt.encode(), json.dumps(parts).encode(), hashlib.sha256).hexdigest()


class Trail:
    """Appends to one school's audit trail, always inside the transaction of the thing that is recorded."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def lock(self, conn: Connection) -> Head:
        """Take the school's write lock, so that entries are appended one after the other. Call it first in a transaction."""
        rows = self._store.rows(schema.audit_head).with_for_update()
        row = conn.execute(rows).mappings().first()
        if row is None:
            key_id, signature = self._vault.sign(head_message(self._store.school, 0, START))
            self._store.insert_new(conn, schema.audit_head, seq=0, hash=START, key_id=key_id, signature=signature)
            row = conn.execute(rows).mappings().one()
        return Head(**row)

    def append(
        self, conn: Connection, actor: str, action: str, *, ref: str = "", detail: Mapping[str, Any] | None = None, bound: str = ""
    ) -> int:
        """Append one entry and sign the new head; returns its number. `detail` must hold no names and no words of people."""
        head = self.lock(conn)
        row = {
            "school": self._store.school, "seq": head.seq + 1, "at": self._store.clock.now(), "actor": actor, "action": action, "ref": ref,
            "detail": json.dumps(detail or {}, sort_keys=True), "digest": bound,
        }  # fmt: skip
        last = entry_hash(row, head.hash)
        conn.execute(schema.audit.insert().values(**row, hash=last))
        key_id, signature = self._vault.sign(head_message(self._store.school, head.seq + 1, last))
        self._store.change(conn, schema.audit_head, seq=head.seq + 1, hash=last, key_id=key_id, signature=signature)
        return head.seq + 1

    def head(self) -> Head:
        """The present head."""
        with self._store.transaction() as conn:
            return self.lock(conn)
