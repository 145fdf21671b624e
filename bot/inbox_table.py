"""The rows of the inbox. Synchronous; NotSaved where the database does not answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Table

from bot.incidents import schema
from bot.incidents.store import Store
from bot.incidents.vault import Place, Sealed, Vault

LEASE = timedelta(seconds=20)
AT_ONCE = 20
SEALED: tuple[tuple[Table, str, Any], ...] = ((schema.inbox, "sealed", lambda row: str(row["id"])),)


@dataclass(frozen=True)
class Kept:
    """One thing that came in. `starts`: how often it was begun, this time included. `payload`: None where no key opens it."""

    name: str
    channel: str
    payload: dict[str, Any] | None
    starts: int


class Pages:
    """Reads and writes the rows of one school."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def put(self, name: str, channel: str, payload: dict[str, Any]) -> Kept | None:
        """Keep this, held by this process; None where it is here already."""
        now, sealed = self._store.clock.now(), self._vault.seal_json(self._place(name), payload)
        with self._store.transaction() as conn:
            new = self._store.insert_new(
                conn, schema.inbox, id=name, channel=channel, at=now, tries=1, lease_until=now + LEASE, sealed=sealed
            )
        return Kept(name, channel, payload, 1) if new else None

    def claim(self, channels: frozenset[str], held: frozenset[str]) -> list[Kept]:
        """Hold on to what this process works on, and take what nobody works on; each row goes to one process alone."""
        inbox, now = schema.inbox, self._store.clock.now()
        free = (inbox.c.lease_until <= now, inbox.c.channel.in_(channels), inbox.c.id.not_in(held))
        with self._store.reading() as conn:
            if not held and conn.scalar(self._store.rows(inbox, inbox.c.id).where(*free).limit(1)) is None:
                return []
        taken = []
        with self._store.transaction() as conn:
            self._store.change(conn, inbox, inbox.c.id.in_(held), lease_until=now + LEASE)
            for row in conn.execute(self._store.rows(inbox).where(*free).order_by(inbox.c.at).limit(AT_ONCE)).mappings().all():
                mine = (inbox.c.id == row["id"], inbox.c.lease_until == row["lease_until"])
                if self._store.change(conn, inbox, *mine, lease_until=now + LEASE, tries=row["tries"] + 1):
                    taken.append(Kept(row["id"], row["channel"], self._opened(row), row["tries"] + 1))
        return taken

    def put_off(self, name: str, seconds: float, starts: int) -> None:
        """Let go of it until then."""
        inbox, until = schema.inbox, self._store.clock.now() + timedelta(seconds=seconds)
        with self._store.transaction() as conn:
            self._store.change(conn, inbox, inbox.c.id == name, lease_until=until, tries=starts)

    def remove(self, name: str) -> None:
        """It is handled."""
        with self._store.transaction() as conn:
            self._store.remove(conn, schema.inbox, schema.inbox.c.id == name)

    def recover(self) -> None:
        """At the start: on SQLite every lease is that of a process that has ended."""
        inbox, now = schema.inbox, self._store.clock.now()
        if self._store.is_sqlite:
            with self._store.transaction() as conn:
                self._store.change(conn, inbox, inbox.c.lease_until > now, lease_until=now)

    def _opened(self, row: Any) -> dict[str, Any] | None:
        try:
            value: dict[str, Any] = self._vault.open_json(self._place(row["id"]), row["sealed"])
        except Sealed:
            return None
        return value

    def _place(self, name: str) -> Place:
        return Place(self._store.school, "inbox", name, "sealed")
