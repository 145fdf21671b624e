"""Named, append-only steps that bring any database to the present tables. A step that has run anywhere is never changed.

Other parts (the page's own tables, say) keep a tuple of their own and hand it to `Store.migrate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Table, insert, inspect, select, text

from bot.incidents import schema

LOCK = 0x75736865  # one number of our own for PostgreSQL's advisory lock


@dataclass(frozen=True)
class Migration:
    """One step: a name that is never used again, and what it does."""

    name: str
    up: Callable[[Connection], None]


def making(*tables: Table) -> Callable[[Connection], None]:
    """A step that creates these tables and their indexes where they are not there yet."""

    def up(conn: Connection) -> None:
        for table in tables:
            table.create(conn, checkfirst=True)

    return up


def adding(column: Column[Any]) -> Callable[[Connection], None]:
    """A step that adds a column to a table that was made before the column was thought of."""

    def up(conn: Connection) -> None:
        table = column.table
        assert isinstance(table, Table)  # noqa: S101 - a column of ours belongs to a table
        if column.name not in {known["name"] for known in inspect(conn).get_columns(table.name)}:
            kind = column.type.compile(conn.dialect)
            must = "" if column.nullable else " NOT NULL DEFAULT ''"
            conn.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}{must}"))

    return up


def police_hold(conn: Connection) -> None:
    """The police hold becomes a fact of its own (clause 66); it stands wherever the police were informed, and for clause 71."""
    known = {column["name"] for column in inspect(conn).get_columns(schema.incidents.name)}
    for name in ("police_hold_at", "hold_ended_at"):
        if name not in known:
            conn.execute(text(f"ALTER TABLE incidents ADD COLUMN {name} BIGINT"))
    told = "SELECT 1 FROM entries WHERE entries.school = incidents.school AND entries.ref = incidents.ref AND entries.what = 'police'"
    conn.execute(text(
        "UPDATE incidents SET police_hold_at = opened_at"  # noqa: S608 - no value of anybody's
        f" WHERE police_hold_at IS NULL AND (state = 'with_police' OR kind = 'indecent_images' OR EXISTS ({told}))"
    ))  # fmt: skip


def indexing(index: Index) -> Callable[[Connection], None]:
    """A step that makes an index of a table that was made before the index was thought of."""

    def up(conn: Connection) -> None:
        index.create(conn, checkfirst=True)

    return up


MIGRATIONS = (
    Migration(
        "0001 incidents",
        making(
            schema.persons, schema.incidents, schema.subjects, schema.members, schema.acknowledgements, schema.alerted, schema.entries,
            schema.ticks, schema.rooms, schema.sent, schema.jobs, schema.feed, schema.audit, schema.audit_head, schema.applied,
            schema.seen_events, schema.enquiries, schema.beats,
        ),
    ),
    Migration("0002 rooms are found by their conversation", adding(schema.rooms.c.found_by)),
    Migration("0003 inbox", making(schema.inbox)),
    Migration("0004 the police hold is a fact", police_hold),
    Migration("0005 the audit trail binds how an incident stands", adding(schema.audit.c.state)),
    Migration("0006 the audit trail binds the jobs that were planned", adding(schema.audit.c.jobs)),
    Migration("0007 the audit trail of one incident is found in its order", indexing(schema.audit_by_ref)),
    Migration("0008 the audit trail binds questions and answers", adding(schema.enquiries.c.salts)),
)  # fmt: skip


def run(conn: Connection, steps: Iterable[Migration], now: datetime) -> list[str]:
    """Take every step that has not been taken, in order, inside the caller's transaction. Returns the names of those taken.

    On PostgreSQL an advisory lock lets one process do it while the others wait; on SQLite the write lock does.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    schema.migrations.create(conn, checkfirst=True)
    done = set(conn.scalars(select(schema.migrations.c.name)))
    taken = []
    for step in steps:
        if step.name not in done:
            step.up(conn)
            conn.execute(insert(schema.migrations).values(name=step.name, at=now))
            taken.append(step.name)
    return taken
