"""Quiet changes of an incident's own rows, behind the register's back: any column of any row, rows put in and taken out."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Table, delete, insert, select, update

from bot.feedback import judgements
from bot.incidents import schema
from bot.incidents.bindings import BOUND, FREE
from bot.incidents.jobs import FIRST, JobKind
from bot.incidents.schema import EPOCH, enquiries

FAR = timedelta(days=365)
JOB_NAMES = ("school", "id", "kind", "ref", "person", "channel", "purpose")


def some(conn: Connection, dice: random.Random, table: Table, *where: Any) -> dict[str, Any]:
    """One of the rows, in an order that is the same for the same dice."""
    keys = list(table.primary_key.columns)
    return dict(dice.choice(conn.execute(select(table).where(*where).order_by(*keys)).mappings().all()))


def mine(table: Table, row: dict[str, Any]) -> list[Any]:
    return [one == row[one.name] for one in table.primary_key.columns]


def other(dice: random.Random, column: Column[Any], value: Any) -> Any:
    """Another value for the column than the one that is there; nothing at all, now and then, where there may be nothing."""
    if value is None:
        return b"x" if isinstance(column.type, LargeBinary) else EPOCH
    if column.nullable and dice.random() < 0.4:
        return None
    if isinstance(value, bytes):
        place = dice.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1 << dice.randrange(8)]) + value[place + 1 :]
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime):
        return value + dice.choice([1, -1]) * timedelta(microseconds=dice.choice([1, 10**6, 10**12]))
    return value + 1 if isinstance(value, int) else value + "x"


def change(conn: Connection, dice: random.Random, table: Table, names: tuple[str, ...], *where: Any) -> str:
    row, column = some(conn, dice, table, *where), table.c[dice.choice(names)]
    conn.execute(update(table).where(*mine(table, row)).values({column.name: other(dice, column, row[column.name])}))
    return f"{table.name}.{column.name}: {row[column.name]!r}"


def change_bound(conn: Connection, dice: random.Random, entries: int) -> str:
    """Change a column of an incident, a member, a subject, an acknowledgement, an alert or a tick."""
    table = dice.choice(BOUND)
    return change(conn, dice, table, tuple(one.name for one in table.c if one.name not in FREE - {"school"}))


def take_out(conn: Connection, dice: random.Random, entries: int) -> str:
    """Take a row out."""
    table = dice.choice([*BOUND, schema.jobs, schema.persons, schema.rooms])
    row = some(conn, dice, table)
    conn.execute(delete(table).where(*mine(table, row)))
    return f"took out of {table.name}"


def put_in(conn: Connection, dice: random.Random, entries: int) -> str:
    """Put a row in: the copy of another, for somebody else."""
    table = dice.choice([schema.members, schema.subjects, schema.alerted])
    row = some(conn, dice, table)
    conn.execute(insert(table).values({**row, "person": "intruder"}))
    return f"put into {table.name}"


def change_person(conn: Connection, dice: random.Random, entries: int) -> str:
    """Change who somebody is."""
    return change(conn, dice, schema.persons, tuple(schema.persons.c.keys()))


def change_room(conn: Connection, dice: random.Random, entries: int) -> str:
    """Have an incident speak in another room."""
    return change(conn, dice, schema.rooms, ("school", "ref", "channel", "sealed", "found_by"))


def change_job(conn: Connection, dice: random.Random, entries: int) -> str:
    """Have a message go to somebody else, go never, or seem to have gone."""
    jobs, far = schema.jobs, EPOCH + 100 * FAR
    notices = jobs.c.kind.in_([JobKind.NOTIFY, JobKind.SEND])
    sort = dice.randrange(5)
    if sort == 0:
        return change(conn, dice, jobs, JOB_NAMES)
    if sort == 1:
        row = some(conn, dice, jobs, notices, jobs.c.purpose.startswith("alert:"))
        conn.execute(update(jobs).where(*mine(jobs, row)).values(priority=FIRST + 2))
    elif sort == 2:
        row = some(conn, dice, jobs, notices, jobs.c.done_at.is_(None))
        conn.execute(update(jobs).where(*mine(jobs, row)).values(done_at=EPOCH, ended=dice.choice(["sent", "gone", "barred", "split", ""])))
    elif sort == 3:
        # One that was not needed is looked at again, and is not needed again: that changes nothing.
        row = some(conn, dice, jobs, notices, jobs.c.done_at.is_not(None), jobs.c.ended != "not needed")
        conn.execute(update(jobs).where(*mine(jobs, row)).values(done_at=None, ended=dice.choice(["", row["ended"]])))
    else:
        row = some(conn, dice, jobs, jobs.c.done_at.is_(None))
        conn.execute(update(jobs).where(*mine(jobs, row)).values({dice.choice(["due_at", "lease_until"]): far}))
    return f"jobs, sort {sort}: {row['kind']} {row['purpose']} {row['ended']}"


def change_beside(conn: Connection, dice: random.Random, entries: int) -> str:
    """Change a question, an answer or a judgement, take one out, empty it, or swap two."""
    table, names = dice.choice(BESIDE)
    sort = dice.randrange(5)
    if sort < 3:
        return change(conn, dice, table, names)
    if sort == 3:
        row = some(conn, dice, table)
        conn.execute(delete(table).where(*mine(table, row)))
        return f"took out of {table.name}"
    sealed = table.c.sealed if table is judgements else table.c.question
    rows = dice.sample(conn.execute(select(table).order_by(*table.primary_key.columns)).mappings().all(), 2)
    for row, another in (rows, rows[::-1]):
        conn.execute(update(table).where(*mine(table, dict(row))).values({sealed.name: another[sealed.name]}))
    return f"swapped in {table.name}"


BESIDE = (
    (enquiries, tuple(column.name for column in enquiries.c)),
    (judgements, ("at", "choice", "sealed", "person")),
)
QUIET = (change_bound, change_bound, take_out, put_in, change_person, change_room, change_job, change_job, change_beside)
