"""The audit trail: who read, wrote, acknowledged, exported what, and when. Append-only, chained, its head signed.

Each entry's hash covers the entry and the hash before it, so a changed, deleted, inserted or reordered entry breaks the
chain; the signed head shows that the tail was not cut. The trail holds no words and no names: people are the random keys
of the table persons, and words are bound by a digest with a salt that is kept beside the words and goes when they go. How an
incident stands after an act, and the jobs that the act planned, are bound as well (see bindings).
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func

from bot.incidents import schema
from bot.incidents.bindings import LATEST, VERSIONS, pending, states, version_of
from bot.incidents.digests import digest, new_salt
from bot.incidents.store import OPEN_WORK, Store
from bot.incidents.vault import Vault

log = logging.getLogger(__name__)

START = "0" * 64
ALTERED = "altered"  # an incident did not stand as the record had left it
COMMAND_LINE = "the command line"  # who acts where a command was typed: the one actor that is no person's key
FORGOT = "forgot"  # words of questions, answers or judgements went, and which
BLIND = "x"  # what a salt begins with in a line that stands for a head
BOUND = "bound"  # nobody's act, but something that the record must vouch for has changed


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
        """The head as one line that can be kept elsewhere and given to `incidents verify --heads`."""
        return f"{self.school}:{self.seq}:{self.hash}"

    def blind(self) -> str:
        """The same as a line that tells neither how many entries there are nor whether there are more than in the last one."""
        salt = new_salt()
        return f"{self.school}:{BLIND}{salt}:{digest(salt, self.school, str(self.seq), self.hash)}"


def entry_hash(row: Mapping[str, Any], before: str) -> str:
    """The hash of one entry, given the hash of the entry before it."""
    at: datetime = row["at"]
    parts = [row["school"], row["seq"], (at - schema.EPOCH) // schema.MICROSECOND, row["actor"], row["action"], row["ref"]]
    # Entries that bind neither hash as they did before there was anything more to bind.
    more = [row["state"], row["jobs"]] if row["state"] or row["jobs"] else []
    return hashlib.sha256(json.dumps([*parts, row["detail"], row["digest"], *more, before]).encode()).hexdigest()


def head_message(school: str, seq: int, last: str) -> bytes:
    """What the head's signature is made over."""
    return json.dumps(["usher audit head", school, seq, last]).encode()


class Trail:
    """Appends to one school's audit trail, always inside the transaction of the thing that is recorded.

    Entries get their hashes just before the commit, when it is known how each incident stands after the act: the last
    entry of an incident binds that, and the jobs that were planned.
    """

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def lock(self, conn: Connection) -> Head:
        """Take the school's write lock, so that entries are appended one after the other. Call it first in a transaction.

        The head, as it was before this transaction.
        """
        waiting = pending(conn)
        if waiting.head is None:
            waiting.head = self._locked(conn)
            conn.info[OPEN_WORK]["finish"] = self._finish
            if not self._signed(waiting.head):
                # The head is about to be signed anew, which would cover up that the tail was cut off.
                waiting.altered.add("")
                log.error("The end of the audit trail was changed behind the record's back; run `app.py incidents verify`")
        return waiting.head

    def watch(self, conn: Connection, ref: str) -> None:
        """Before an act on an incident: see that it stands as the record left it. Where it does not, that goes on record.

        Does nothing in a transaction that only reads. The act goes on: an alert must not be lost because of a thief.
        """
        waiting = pending(conn)
        if waiting.head is None or not ref or ref in waiting.known:
            return
        audit = schema.audit
        query = self._store.rows(audit, audit.c.state).where(audit.c.ref == ref, audit.c.state != "").order_by(audit.c.seq.desc())
        known = waiting.known[ref] = conn.scalar(query.limit(1)) or ""
        stood = states(conn, self._store, ref)
        waiting.stood |= stood
        made = version_of(known)
        if made != LATEST:
            # Another release acted last. What it bound is looked at as it did; where this one cannot, it says nothing.
            stood = states(conn, self._store, ref, made)
        if known and made in VERSIONS and stood.get(ref) != known:
            waiting.altered.add(ref)
            log.error("An incident was changed behind the record's back; run `app.py incidents verify`")

    def append(
        self, conn: Connection, actor: str, action: str, *, ref: str = "", detail: Mapping[str, Any] | None = None, bound: str = ""
    ) -> int:
        """Append one entry; returns its number. `detail` must hold no names and no words of people."""
        self.lock(conn)
        audit = schema.audit
        seq = 1 + (conn.scalar(self._store.rows(audit, func.max(audit.c.seq))) or 0)
        self._store.add(
            conn, audit, seq=seq, at=self._store.clock.now(), actor=actor, action=action, ref=ref,
            detail=json.dumps(detail or {}, sort_keys=True), digest=bound, hash="", state="", jobs="",
        )  # fmt: skip
        return seq

    def head(self) -> Head:
        """The present head."""
        with self._store.transaction() as conn:
            return self.lock(conn)

    def _signed(self, head: Head) -> bool:
        return self._vault.signed(head.key_id, head_message(head.school, head.seq, head.hash), head.signature)

    def _locked(self, conn: Connection) -> Head:
        rows = self._store.rows(schema.audit_head).with_for_update()
        row = conn.execute(rows).mappings().first()
        if row is None:
            key_id, signature = self._vault.sign(head_message(self._store.school, 0, START))
            self._store.insert_new(conn, schema.audit_head, seq=0, hash=START, key_id=key_id, signature=signature)
            row = conn.execute(rows).mappings().one()
        return Head(**row)

    def _finish(self, conn: Connection) -> None:
        """Bind what this transaction left behind into its last entries, chain them, and sign the head."""
        waiting, head, audit = pending(conn), self.lock(conn), schema.audit
        for ref in sorted(waiting.altered):
            self.append(conn, "", ALTERED, ref=ref)
        new = self._store.rows(audit, audit.c.ref).where(audit.c.seq > head.seq)
        touched = set(conn.scalars(new)) | set(waiting.known)
        stands = {ref: states(conn, self._store, ref).get(ref, "") for ref in touched - {""}}
        acted = set(conn.scalars(new))
        # Where nobody acted, and nothing was changed, what another release has bound stays bound as it is.
        changed = {
            ref: state
            for ref, state in stands.items()
            if state and state != (waiting.known.get(ref) if ref in acted else waiting.stood.get(ref, waiting.known.get(ref)))
        }
        planned = self._planned(conn, waiting.planned)
        for ref in sorted((set(changed) | set(planned)) - set(conn.scalars(new))):
            self.append(conn, "", BOUND, ref=ref)
        rows = [dict(row) for row in conn.execute(self._store.rows(audit).where(audit.c.seq > head.seq).order_by(audit.c.seq)).mappings()]
        for row in {row["ref"]: row for row in rows}.values():
            row["state"], row["jobs"] = changed.get(row["ref"], ""), " ".join(planned.get(row["ref"], ()))
        last = head.hash
        for row in rows:
            last = entry_hash(row, last)
            self._store.change(conn, audit, audit.c.seq == row["seq"], hash=last, state=row["state"], jobs=row["jobs"])
        if rows:
            self._set_head(conn, rows[-1]["seq"], last)

    def _planned(self, conn: Connection, planned: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Those of the planned jobs that are there: a part of a transaction may have been taken back."""
        jobs = schema.jobs
        there = {ref: set(conn.scalars(self._store.rows(jobs, jobs.c.id).where(jobs.c.id.in_(ids)))) for ref, ids in planned.items()}
        return {ref: sorted(ids) for ref, ids in there.items() if ids}

    def _set_head(self, conn: Connection, seq: int, last: str) -> None:
        key_id, signature = self._vault.sign(head_message(self._store.school, seq, last))
        self._store.change(conn, schema.audit_head, seq=seq, hash=last, key_id=key_id, signature=signature)
