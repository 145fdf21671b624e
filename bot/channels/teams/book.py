"""What the Teams channel must remember, sealed, in the same database as incidents: where people are, what was sent, which rooms there are.

One table of small values. `kind` tells the sort, `name` what is looked up: it stands as a blind index, and encrypted beside the
value, so that it can be found by another key's index when keys are rotated.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, String, Table

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
BATCH = 50


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
            # Locked, so that a rotation of keys that gives the row its new id waits, or has been.
            row = conn.execute(self._rows(kind, name).with_for_update()).mappings().first()
            key = row["id"] if row else self._vault.index(self._store.school, f"teams {kind}", name)
            values = {"sealed": self._vault.seal_json(place_of(self._store, kind, key), [name, value]), "at": self.now}
            if row or not self._store.insert_new(conn, items, kind=kind, id=key, **values):
                self._store.change(conn, items, items.c.kind == kind, items.c.id == key, **values)

    def first(self, kind: str, name: str, value: dict[str, Any]) -> dict[str, Any]:
        """Keep a value under this name, unless there is one; what is there then."""
        with self._store.transaction() as conn:
            row = conn.execute(self._rows(kind, name).with_for_update()).mappings().first()
            if row is None:
                key = self._vault.index(self._store.school, f"teams {kind}", name)
                sealed = self._vault.seal_json(place_of(self._store, kind, key), [name, value])
                if self._store.insert_new(conn, items, kind=kind, id=key, sealed=sealed, at=self.now):
                    return value
                row = conn.execute(self._rows(kind, name)).mappings().one()
            return self._opened(row)

    def change(self, kind: str, name: str, work: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any] | None:
        """Change a value, whoever else changes it at the same time; what it is then. None where there is none."""
        with self._store.transaction() as conn:
            row = conn.execute(self._rows(kind, name).with_for_update()).mappings().first()
            if row is None:
                return None
            value = work(self._opened(row))
            sealed = self._vault.seal_json(place_of(self._store, kind, row["id"]), [name, value])
            self._store.change(conn, items, items.c.kind == kind, items.c.id == row["id"], sealed=sealed, at=self.now)
            return value

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
        return opened(self._store, self._vault, row)[1]


def reindex(store: Store, vault: Vault) -> int:
    """Seal with the first key what another one sealed, and find it by the first key's index; how many values that were."""
    with store.reading() as conn:
        found = conn.execute(store.rows(items, items.c.kind, items.c.id)).all()
    count = 0
    for start in range(0, len(found), BATCH):
        with store.transaction() as conn:
            count += sum(_renewed(store, vault, conn, kind, key) for kind, key in found[start : start + BATCH])
    return count


def _renewed(store: Store, vault: Vault, conn: Connection, kind: str, key: str) -> bool:
    mine = (items.c.kind == kind, items.c.id == key)
    row = conn.execute(store.rows(items).where(*mine).with_for_update()).mappings().first()
    if row is None:
        return False
    name, value = opened(store, vault, row)
    new = key if name is None else vault.index(store.school, f"teams {kind}", name)
    if new == key and vault.is_current(row["sealed"]):
        return False
    body = value if name is None else [name, value]
    store.change(conn, items, *mine, id=new, sealed=vault.seal_json(place_of(store, kind, new), body))
    return True


def opened(store: Store, vault: Vault, row: Any) -> tuple[str | None, dict[str, Any]]:
    """The name and the value of a row; the name is None where it was not kept yet and cannot be told from the value."""
    body = vault.open_json(place_of(store, row["kind"], row["id"]), row["sealed"])
    if isinstance(body, list):
        return body[0], body[1]
    likely = (str(body.get("account", "")).casefold(), str(body.get("id", "")), f"{body.get('conversation')}/{body.get('message')}")
    names = (name for name in likely if row["id"] in vault.indexes(store.school, f"teams {row['kind']}", name))
    return next(names, None), body


def place_of(store: Store, kind: str, key: str) -> Place:
    """Where a value stands."""
    return Place(store.school, items.name, f"{kind}/{key}", "sealed")
