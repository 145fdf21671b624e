"""What the Teams channel must remember, sealed, in the same database as incidents: where people are, what was sent, which rooms there are.

One table of small values. `kind` tells the sort, `name` what is looked up: it stands as a blind index, the value encrypted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, String, Table

from bot.incidents.migrations import Migration, making
from bot.incidents.schema import Moment, metadata
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault

items = Table(
    "teams_items",
    metadata,
    Column("school", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
MIGRATIONS = (Migration("teams 0001 items", making(items)),)
SEALED: tuple[tuple[Table, str, Callable[[Any], str]], ...] = ((items, "sealed", lambda row: f"{row['kind']}/{row['id']}"),)


class Book:
    """Reads and writes those values. Synchronous; NotSaved where the database does not answer."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        store.migrate(MIGRATIONS)

    @property
    def now(self) -> datetime:
        """The present moment of the store's clock."""
        return self._store.clock.now()

    def put(self, kind: str, name: str, value: dict[str, Any]) -> None:
        """Keep a value under this name, in the place of any other."""
        with self._store.transaction() as conn:
            row = conn.execute(self._rows(kind, name)).mappings().first()
            key = row["id"] if row else self._vault.index(self._store.school, f"teams {kind}", name)
            sealed = self._vault.seal_json(self._place(kind, key), value)
            if row:
                self._store.change(conn, items, items.c.kind == kind, items.c.id == key, sealed=sealed, at=self.now)
            else:
                self._store.add(conn, items, kind=kind, id=key, sealed=sealed, at=self.now)

    def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """The value under this name, or None."""
        with self._store.reading() as conn:
            row = conn.execute(self._rows(kind, name)).mappings().first()
            return self._opened(row) if row else None

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Every value of a kind, the oldest first."""
        with self._store.reading() as conn:
            rows = conn.execute(self._store.rows(items).where(items.c.kind == kind).order_by(items.c.at)).mappings().all()
            return [self._opened(row) for row in rows]

    def remove(self, kind: str, name: str) -> None:
        """Forget a value; no error where there is none."""
        found = self._vault.indexes(self._store.school, f"teams {kind}", name)
        with self._store.transaction() as conn:
            self._store.remove(conn, items, items.c.kind == kind, items.c.id.in_(found))

    def forget_before(self, kind: str, moment: datetime) -> int:
        """Forget the values of a kind that were kept before this moment; how many there were."""
        with self._store.transaction() as conn:
            return self._store.remove(conn, items, items.c.kind == kind, items.c.at < moment)

    def _rows(self, kind: str, name: str) -> Any:
        found = self._vault.indexes(self._store.school, f"teams {kind}", name)
        return self._store.rows(items).where(items.c.kind == kind, items.c.id.in_(found))

    def _opened(self, row: Any) -> dict[str, Any]:
        value: dict[str, Any] = self._vault.open_json(self._place(row["kind"], row["id"]), row["sealed"])
        return value

    def _place(self, kind: str, key: str) -> Place:
        return Place(self._store.school, "teams_items", f"{kind}/{key}", "sealed")
