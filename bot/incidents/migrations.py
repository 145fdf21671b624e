"""Named, append-only steps that bring any database to the present tables. A step that has run anywhere is never changed.

Other parts (the page's own tables, say) keep a tuple of their own and hand it to `Store.migrate`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, insert, select, text

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


MIGRATIONS = (
    Migration(
        "0001 incidents",
        making(
            schema.persons, schema.incidents, schema.subjects, schema.members, schema.acknowledgements, schema.alerted, schema.entries,
            schema.ticks, schema.rooms, schema.sent, schema.jobs, schema.feed, schema.audit, schema.audit_head, schema.applied,
            schema.seen_events, schema.enquiries, schema.beats,
        ),
    ),
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
