"""New keys for old: re-encrypts every sealed value with the first key, in small transactions, while the bot goes on serving.

Put the new key first in ENCRYPTION_KEYS, restart, run `app.py keys rotate`, and only then take the old key away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Table

from bot.incidents import schema
from bot.incidents.audit import Trail
from bot.incidents.directory import LET_GO
from bot.incidents.model import Kind
from bot.incidents.opening import SAME_REPORT
from bot.incidents.records import canonical, report_from
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault

BATCH = 50
Sealed = tuple[Table, str, Callable[[Any], str]]

SEALED: tuple[Sealed, ...] = (
    (schema.persons, "sealed", lambda row: str(row["key"])),
    (schema.incidents, "sealed", lambda row: str(row["ref"])),
    (schema.incidents, "outcome", lambda row: str(row["ref"])),
    (schema.entries, "sealed", lambda row: f"{row['ref']}/{row['number']}"),
    (schema.rooms, "sealed", lambda row: f"{row['ref']}/{row['channel']}"),
    (schema.sent, "sealed", lambda row: f"{row['ref']}/{row['person']}/{row['channel']}/{row['purpose']}"),
    (schema.enquiries, "question", lambda row: str(row["id"])),
    (schema.enquiries, "answer", lambda row: str(row["id"])),
    (schema.enquiries, "salts", lambda row: str(row["id"])),
    (schema.inbox, "sealed", lambda row: str(row["id"])),
)


def rotate(
    store: Store, vault: Vault, more: tuple[Sealed, ...] = (), others: tuple[Callable[[Store, Vault], int], ...] = (), *, by: str = ""
) -> int:
    """Re-encrypt whatever the first key did not encrypt, find by its index what is found by one, and sign the head with it.

    `more`: sealed columns of other parts, as (table, column, row's name). `others`: what those parts do themselves, each
    returning how many values it re-encrypted. `by`: who does it, for the audit trail. Returns how many values in all.
    """
    rotation = _Rotation(store, vault)
    columns = {(table.name, column): (table, column, name) for table, column, name in (*SEALED, *more)}
    count = sum(rotation.reseal(*sealed) for sealed in columns.values())
    rotation.reindex()
    count += sum(work(store, vault) for work in others)
    with store.transaction() as conn:
        rotation.trail.append(conn, by, "keys_rotated", detail={"values": count})  # the new head is signed with the new key
    return count


class _Rotation:
    """Goes through tables in small transactions, each of which takes the school's lock first, as every act does.

    Otherwise two that hold rows and wait for each other's would be stopped by the database.
    """

    def __init__(self, store: Store, vault: Vault) -> None:
        self.trail = Trail(store, vault)
        self._store = store
        self._vault = vault

    def reseal(self, table: Table, column: str, name: Callable[[Any], str]) -> int:
        """Seal a column anew wherever another key sealed it; how many values that were."""
        count = 0
        for conn, row, mine in self._rows(table):
            if row[column] is not None and not self._vault.is_current(row[column]):
                place = Place(self._store.school, table.name, name(row), column)
                count += self._store.change(conn, table, *mine, **{column: self._vault.seal(place, self._vault.open(place, row[column]))})
        return count

    def reindex(self) -> None:
        """Find people, rooms and reports by the new key's index."""
        for conn, row, mine in self._rows(schema.persons):
            gone = row["found_by"] in self._vault.indexes(self._store.school, LET_GO, row["key"])
            found_by = self._index(LET_GO, row["key"]) if gone else self._index("person", self._id(row))
            self._store.change(conn, schema.persons, *mine, found_by=found_by)
        for conn, row, mine in self._rows(schema.rooms):
            if row["sealed"] is not None:
                conversation = self._vault.open(self._place("rooms", f"{row['ref']}/{row['channel']}"), row["sealed"])
                self._store.change(conn, schema.rooms, *mine, found_by=self._index("room", f"{row['channel']}:{conversation}"))
        for conn, row, mine in self._rows(schema.incidents):
            # A report that may still come again is recognised again. It only matters for a day.
            persons = schema.persons
            who = conn.execute(self._store.rows(persons).where(persons.c.key == row["reporter"])).mappings().first()
            if who is not None and row["sealed"] is not None and row["opened_at"] > self._store.clock.now() - SAME_REPORT:
                self.trail.watch(conn, row["ref"])
                report = report_from(self._vault.open_json(self._place("incidents", row["ref"]), row["sealed"]))
                audit = schema.audit
                opened = self._store.rows(audit, audit.c.detail).where(audit.c.ref == row["ref"], audit.c.action == "opened")
                told = json.loads(conn.scalar(opened.limit(1)) or "{}")
                report = replace(report, kind=Kind(told.get("kind", report.kind)))  # as it was reported, whatever it turned into
                fingerprint = self._index("report", canonical(report, self._id(who)))
                self._store.change(conn, schema.incidents, *mine, fingerprint=fingerprint)

    def _rows(self, table: Table) -> Iterator[tuple[Connection, Any, list[Any]]]:
        """Every row, held until its transaction ends, with the condition that finds it. Rows that come later need nothing done."""
        keys = [column for column in table.primary_key.columns if column.name != "school"]
        with self._store.reading() as conn:
            found = [tuple(row) for row in conn.execute(self._store.rows(table, *keys))]
        for start in range(0, len(found), BATCH):
            with self._store.transaction() as conn:
                self.trail.lock(conn)
                for key in found[start : start + BATCH]:
                    mine = [one == value for one, value in zip(keys, key, strict=True)]
                    row = conn.execute(self._store.rows(table).where(*mine).with_for_update()).mappings().first()
                    if row is not None:
                        yield conn, row, mine

    def _id(self, row: Any) -> str:
        return str(self._vault.open_json(self._place("persons", row["key"]), row["sealed"])["id"])

    def _index(self, column: str, value: str) -> str:
        return self._vault.index(self._store.school, column, value)

    def _place(self, table: str, row: str) -> Place:
        return Place(self._store.school, table, row, "sealed")
