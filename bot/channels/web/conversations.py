"""Each person's conversation with Usher: sealed, read by that person alone, kept across restarts.

A person's lines share one count. A line's `n` is where the count stood when it was written, its `seq` where it stood
when the line last changed: "what changed after 17" is one question, and the answer tells of nobody else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func

from bot.cards import Card
from bot.channels.packing import pack, unpack_card
from bot.channels.web.tables import lines, threads
from bot.incidents.directory import Directory
from bot.incidents.keeping import leaves
from bot.incidents.store import Store
from bot.incidents.vault import Place, Sealed, Vault
from bot.people import Person

USHER, PERSON = "usher", "person"
PAGE = 40


@dataclass(frozen=True)
class Line:
    """One line of a conversation: what the person wrote (`text`), or what Usher said (`card`)."""

    n: int
    seq: int
    key: str
    at: datetime
    text: str = ""
    card: Card | None = None


@dataclass(frozen=True)
class Standing:
    """Where a conversation stands: its count, how far it is read, and how many of Usher's lines are not."""

    seq: int
    read_to: int
    unread: int


class Conversations:
    """Keeps the lines. Every method is about one person's own conversation, and can reach no other."""

    def __init__(self, store: Store, vault: Vault, directory: Directory) -> None:
        self._store = store
        self._vault = vault
        self._directory = directory

    def wrote(self, person: Person, text: str, key: str) -> Line:
        """Keep what the person wrote; the same key again is the same line."""
        return self._add(person, PERSON, {"text": text}, key)

    def add(self, person: Person, card: Card, key: str) -> Line:
        """Keep what Usher says; the same key again is the same line, as it was first said."""
        return self._add(person, USHER, {"card": pack(card)}, key)

    def find(self, person: Person, key: str) -> Line | None:
        """The line with this key, or None."""
        found = self._lines(person, lambda owner: self._rows(owner).where(lines.c.key == key))
        return found[0] if found else None

    def replace(self, person: Person, n: int, card: Card) -> Line | None:
        """Put another card in the place of one of Usher's; None where there is no such line."""
        with self._store.transaction() as conn:
            owner = self._directory.known_key(conn, person.id) or ""
            line = conn.execute(self._rows(owner).where(lines.c.n == n, lines.c.author == USHER)).one_or_none()
            if line is None:
                return None
            sealed = self._vault.seal_json(self._place(owner, n), {"card": pack(card)})
            seq = self._next(conn, owner)
            self._store.change(conn, lines, lines.c.person == owner, lines.c.n == n, seq=seq, sealed=sealed)
            return Line(n, seq, line.key, line.at, card=card)

    def page(self, person: Person, before: int | None = None, limit: int = PAGE) -> tuple[Line, ...]:
        """The newest lines (before line `before`, if that is given), oldest first."""

        def wanted(owner: str) -> Select[Any]:
            rows = self._rows(owner) if before is None else self._rows(owner).where(lines.c.n < before)
            return rows.order_by(lines.c.n.desc()).limit(limit)

        return tuple(reversed(self._lines(person, wanted)))

    def since(self, person: Person, seq: int) -> tuple[Line, ...]:
        """What was said or changed after the count stood at `seq`, in the order of the changes."""
        return self._lines(person, lambda owner: self._rows(owner).where(lines.c.seq > seq).order_by(lines.c.seq).limit(200))

    def standing(self, person: Person) -> Standing:
        """Where the conversation stands."""
        with self._store.reading() as conn:
            owner = self._directory.known_key(conn, person.id)
            row = conn.execute(self._store.rows(threads).where(threads.c.person == owner)).one_or_none() if owner else None
            if row is None:
                return Standing(0, 0, 0)
            new = (lines.c.person == owner, lines.c.author == USHER, lines.c.n > row.read_to)
            unread = conn.scalar(self._store.rows(lines, func.count()).where(*new))
            return Standing(row.seq, row.read_to, unread or 0)

    def read(self, person: Person, n: int) -> None:
        """The person has read everything up to line `n`."""
        with self._store.transaction() as conn:
            owner = self._directory.known_key(conn, person.id)
            mine = (threads.c.person == owner, threads.c.read_to < n, threads.c.seq >= n)
            self._store.change(conn, threads, *mine, read_to=n)

    def erase(self, person: Person) -> int:
        """Forget the whole conversation; how many lines it had."""
        with self._store.transaction() as conn:
            owner = self._directory.known_key(conn, person.id)
            self._store.remove(conn, threads, threads.c.person == owner)
            return self._store.remove(conn, lines, lines.c.person == owner)

    def forget_saying(self, words: Collection[str]) -> int:
        """Forget the lines of everybody in which any of these words stand, whoever wrote them; how many there were."""
        wanted = [word.casefold() for word in words if word]
        with self._store.reading() as conn:
            rows = conn.execute(self._store.rows(lines)).all() if wanted else []
        found = [row for row in rows if any(word in text for text in self._texts(row) for word in wanted)]
        with self._store.transaction() as conn:
            return sum(self._store.remove(conn, lines, lines.c.person == row.person, lines.c.n == row.n) for row in found)

    def forget_before(self, moment: datetime) -> int:
        """Forget everybody's lines from before this moment; how many there were."""
        with self._store.transaction() as conn:
            return self._store.remove(conn, lines, lines.c.at < moment)

    def everything(self, person: Person) -> tuple[Line, ...]:
        """The whole conversation, for the person who asks what is kept about them."""
        return self._lines(person, lambda owner: self._rows(owner).order_by(lines.c.n))

    def _add(self, person: Person, author: str, body: dict[str, Any], key: str) -> Line:
        with self._store.transaction() as conn:
            owner = self._directory.key(conn, person)
            n = self._next(conn, owner)
            if row := conn.execute(self._rows(owner).where(lines.c.key == key)).one_or_none():
                return self._line(row)
            at = self._store.clock.now()
            sealed = self._vault.seal_json(self._place(owner, n), body)
            self._store.add(conn, lines, person=owner, n=n, seq=n, key=key, author=author, at=at, sealed=sealed)
            card = unpack_card(body["card"]) if "card" in body else None
            return Line(n, n, key, at, body.get("text", ""), card)

    def _next(self, conn: Connection, owner: str) -> int:
        # The update locks the row, so that two processes never give out the same number.
        self._store.insert_new(conn, threads, person=owner, seq=0, read_to=0)
        self._store.change(conn, threads, threads.c.person == owner, seq=threads.c.seq + 1)
        return int(conn.scalar(self._store.rows(threads, threads.c.seq).where(threads.c.person == owner)) or 0)

    def _rows(self, owner: str) -> Select[Any]:
        return self._store.rows(lines).where(lines.c.person == owner)

    def _lines(self, person: Person, wanted: Any) -> tuple[Line, ...]:
        with self._store.reading() as conn:
            owner = self._directory.known_key(conn, person.id)
            return tuple(self._line(row) for row in conn.execute(wanted(owner))) if owner else ()

    def _line(self, row: Row[Any]) -> Line:
        body = self._vault.open_json(self._place(row.person, row.n), row.sealed)
        card = unpack_card(body["card"]) if "card" in body else None
        return Line(row.n, row.seq, row.key, row.at, body.get("text", ""), card)

    def _texts(self, row: Row[Any]) -> list[str]:
        try:
            return list(leaves(self._vault.open_json(self._place(row.person, row.n), row.sealed)))
        except Sealed:
            return []  # no key opens it, so it tells nobody anything

    def _place(self, owner: str, n: int) -> Place:
        return Place(self._store.school, "web_lines", f"{owner}/{n}", "sealed")
