"""Checks the record: the audit trail's chain and head, the timeline against the trail, every other row against both (see rows).

Finds an entry that was changed, deleted, reordered or inserted, and a tail that was cut off: by the signed head, and by
heads that were kept elsewhere (the daily e-mail) even where somebody with the keys has signed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.errors import UsherError
from bot.incidents import schema
from bot.incidents.audit import BLIND, START, entry_hash, head_message
from bot.incidents.beside import Beside
from bot.incidents.chain import PURGED, Bad, Chain
from bot.incidents.digests import digest
from bot.incidents.postgres import patient
from bot.incidents.rows import Rows
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Verdict:
    """`problem` is empty where all is well; else one sentence about the first bad entry. `entries` is how many were checked."""

    entries: int
    problem: str = ""

    @property
    def sound(self) -> bool:
        """Whether nothing was changed."""
        return not self.problem


@dataclass(frozen=True)
class Verdicts:
    """The verdict on each school of a database."""

    by_school: Mapping[str, Verdict]

    @property
    def sound(self) -> bool:
        """Whether nothing was changed in any of them."""
        return all(verdict.sound for verdict in self.by_school.values())

    @property
    def entries(self) -> int:
        """How many entries were checked."""
        return sum(verdict.entries for verdict in self.by_school.values())

    @property
    def problem(self) -> str:
        """A line for each school whose record is not as it was written; "" where all is well. It is named where there are several."""
        several = len(self.by_school) > 1
        wrong = [(school, verdict.problem) for school, verdict in sorted(self.by_school.items()) if not verdict.sound]
        return "\n".join(f"School {school}: {problem}" if several else problem for school, problem in wrong)


class KeptHeads:
    """Heads that were kept elsewhere: those that tell their number, and those that can only be recognised."""

    def __init__(self, school: str, lines: Iterable[str]) -> None:
        """`lines`: "school:seq:hash", or as `Head.blind` gives them; those of other schools are left out."""
        parts = [line.strip().rsplit(":", 2) for line in lines]
        own = [(number, last) for name, number, last in parts if name == school]
        self._school = school
        self._plain = {int(number): last for number, last in own if not number.startswith(BLIND)}
        self._blind = {(number.removeprefix(BLIND), last) for number, last in own if number.startswith(BLIND)}

    @property
    def latest(self) -> int:
        """The highest number that one of them tells."""
        return max(self._plain, default=0)

    @property
    def unseen(self) -> bool:
        """Whether some have not been recognised yet."""
        return bool(self._blind)

    def agree(self, seq: int, last: str) -> bool:
        """Whether they allow that entry `seq` has this hash."""
        self._blind -= {(salt, known) for salt, known in self._blind if digest(salt, self._school, str(seq), last) == known}
        return self._plain.get(seq, last) == last


class Verifier:
    """Verifies one school's record, from one moment of the database."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def verify(self, kept_heads: Iterable[str] = (), progress: Progress | None = None) -> Verdict:
        """Check everything. `kept_heads`: lines of earlier heads, "school:seq:hash" or blind ones, that must lie on the chain."""
        with self._store.reading() as conn:
            return self.verify_in(conn, kept_heads, progress)

    def verify_in(self, conn: Connection, kept_heads: Iterable[str] = (), progress: Progress | None = None) -> Verdict:
        """As `verify`, inside the caller's transaction."""
        patient(conn)  # a long record takes a while between one question and the next
        kept = KeptHeads(self._store.school, kept_heads)
        try:
            chain = self._chain(conn, kept, progress)
            closed = self._timeline(conn, chain.bound)
            Rows(self._store, self._vault, conn, chain).check(closed)
            Beside(self._store, self._vault, conn, chain).check()
        except Bad as bad:
            return Verdict(bad.entries, str(bad))
        return Verdict(chain.entries)

    def _chain(self, conn: Connection, kept: KeptHeads, progress: Progress | None) -> Chain:
        head = conn.execute(self._store.rows(schema.audit_head)).mappings().first()
        total = head["seq"] if head else 0
        before, seq, chain = START, 0, Chain()
        kept.agree(0, START)
        for row in conn.execute(self._store.rows(schema.audit).order_by(schema.audit.c.seq)).mappings():
            seq += 1
            if row["seq"] != seq:
                raise Bad(seq, f"Entry {seq} of the audit trail is missing.")
            before_hash, before = before, row["hash"]
            if entry_hash(dict(row), before_hash) != row["hash"]:
                raise Bad(seq, f"Entry {seq} of the audit trail was changed, or one before it was put in or taken out.")
            if not kept.agree(seq, before):
                raise Bad(seq, f"Entry {seq} of the audit trail is not the one whose head was kept elsewhere.")
            chain.take(row)
            if progress and seq % 500 == 0:
                progress(seq, total)
        self._head(head, seq, before, kept)
        chain.entries = seq
        return chain

    def _head(self, head: Any, seq: int, last: str, kept: KeptHeads) -> None:
        if head is None:
            if seq or kept.latest or kept.unseen:
                raise Bad(seq, "The head of the audit trail is missing.")
            return
        if head["seq"] != seq or head["hash"] != last:
            raise Bad(seq, f"The audit trail ends at entry {seq}, but its head says {head['seq']}: entries were cut off or added.")
        if not self._vault.signed(head["key_id"], head_message(self._store.school, seq, last), head["signature"]):
            raise Bad(seq, "The head of the audit trail is not signed with a key of this school.")
        if kept.latest > seq:
            raise Bad(seq, f"The audit trail ends at entry {seq}, but a head of entry {kept.latest} was kept: the tail was cut off.")
        if kept.unseen:
            raise Bad(seq, "A head that was kept elsewhere is not on the audit trail: the tail was cut off, or entries were changed.")

    def _timeline(self, conn: Connection, bound: dict[Any, tuple[int, str]]) -> dict[str, str]:
        """Every entry is as it was written. Returns the outcome with which each incident was closed the last time."""
        closed: dict[str, tuple[int, str]] = {}
        missing = {key for key in bound if key[1] != PURGED}
        for row in conn.execute(self._store.rows(schema.entries)).mappings():
            name, key = f"Entry {row['number']} of the timeline of {row['ref']}", (row["ref"], row["number"])
            if key not in bound:
                raise Bad(0, f"{name} is not in the audit trail: it was put in, or its number was changed.")
            seq, wanted = bound[key]
            missing.discard(key)
            if row["sealed"] is None:
                if (row["ref"], PURGED) not in bound:
                    raise Bad(seq, f"{name} has lost its words, and no purge is on record.")
                continue
            try:
                body = self._vault.open_json(Place(self._store.school, "entries", f"{row['ref']}/{row['number']}", "sealed"), row["sealed"])
                said = (row["ref"], str(row["number"]), str(row["at"]), row["person"], row["what"], row["channel"])
                made = digest(body["salt"], *said, body["text"], body["message"], str(row["hidden"]))
            except (UsherError, ValueError, KeyError):
                made = ""
            if made != wanted or row["audit"] != seq:
                raise Bad(seq, f"{name} was changed.")
            if row["what"] == "closed":
                closed[row["ref"]] = max(closed.get(row["ref"], (0, "")), (row["number"], body["text"]))
        if missing:
            ref, number = min(missing)
            raise Bad(bound[ref, number][0], f"Entry {number} of the timeline of {ref} was deleted.")
        return {ref: text for ref, (_, text) in closed.items()}


def verify(store: Store, vault: Vault, kept_heads: Iterable[str] = (), progress: Progress | None = None) -> Verdict:
    """Check one school's record."""
    return Verifier(store, vault).verify(kept_heads, progress)


def verify_all(store: Store, vault: Vault, kept_heads: Iterable[str] = ()) -> Verdicts:
    """`app.py incidents verify`: check the record of every school in the database. The vault must hold the keys of all of them."""
    heads = list(kept_heads)
    named = {line.strip().rsplit(":", 2)[0] for line in heads}
    every = sorted({*store.schools(), *named})
    return Verdicts({school: verify(store.for_school(school), vault, heads) for school in every})
