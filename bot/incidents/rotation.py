"""New keys for old: re-encrypts every sealed value with the first key, in small transactions, while the bot goes on serving.

Put the new key first in ENCRYPTION_KEYS, restart, run `app.py keys rotate`, and only then take the old key away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column, Table

from bot.incidents import schema
from bot.incidents.audit import Trail, head_message
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault

BATCH = 200
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
)


def rotate(store: Store, vault: Vault, more: tuple[Sealed, ...] = (), progress: Callable[[int], None] | None = None) -> int:
    """Re-encrypt whatever the first key did not encrypt, find people and rooms by its index, and sign the head with it.

    `more`: sealed columns of other parts, as (table, column, row's name). Returns how many values were re-encrypted.
    """
    count = 0
    for table, column, name in (*SEALED, *more):
        for rows in _batches(store, table):
            count += _reseal(store, vault, table, column, name, rows)
            if progress:
                progress(count)
    _reindex(store, vault)
    with store.transaction() as conn:
        head = Trail(store, vault).lock(conn)
        key_id, signature = vault.sign(head_message(store.school, head.seq, head.hash))
        store.change(conn, schema.audit_head, key_id=key_id, signature=signature)
        Trail(store, vault).append(conn, "", "keys_rotated", detail={"values": count})
    return count


def _batches(store: Store, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    """The keys of all rows, some at a time: rows that come later are sealed with the new key anyway."""
    keys = [column for column in table.primary_key.columns if column.name != "school"]
    with store.reading() as conn:
        found = [tuple(row) for row in conn.execute(store.rows(table, *keys))]
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]


def _reseal(store: Store, vault: Vault, table: Table, column: str, name: Callable[[Any], str], keys: list[tuple[Any, ...]]) -> int:
    columns = [one for one in table.primary_key.columns if one.name != "school"]
    count = 0
    with store.transaction() as conn:
        for key in keys:
            mine = [one == value for one, value in zip(columns, key, strict=True)]
            row = conn.execute(store.rows(table).where(*mine).with_for_update()).mappings().first()
            if row is None or row[column] is None or vault.is_current(row[column]):
                continue
            place = Place(store.school, table.name, name(row), column)
            store.change(conn, table, *mine, **{column: vault.seal(place, vault.open(place, row[column]))})
            count += 1
    return count


def _reindex(store: Store, vault: Vault) -> None:
    """Find people and rooms by the new key's index. A report's fingerprint is left: it only matters for a day."""
    with store.transaction() as conn:
        for row in conn.execute(store.rows(schema.persons)).mappings().all():
            person = vault.open_json(Place(store.school, "persons", row["key"], "sealed"), row["sealed"])
            _index(store, conn, schema.persons.c.key, row["key"], vault.index(store.school, "person", person["id"]))
        for row in conn.execute(store.rows(schema.rooms).where(schema.rooms.c.sealed.is_not(None))).mappings().all():
            conversation = vault.open(Place(store.school, "rooms", f"{row['ref']}/{row['channel']}", "sealed"), row["sealed"])
            found_by = vault.index(store.school, "room", f"{row['channel']}:{conversation}")
            store.change(conn, schema.rooms, schema.rooms.c.ref == row["ref"], schema.rooms.c.channel == row["channel"], found_by=found_by)


def _index(store: Store, conn: Any, column: Column[Any], key: str, found_by: str) -> None:
    store.change(conn, schema.persons, column == key, found_by=found_by)
