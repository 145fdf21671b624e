"""Random changes to the record, each of which must be found. Used by the tests and by `make soak`."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from bot.feedback import MIGRATIONS as FEEDBACK_TABLES
from bot.feedback import Feedback
from bot.incidents.enquiries import Enquiries
from bot.incidents.verify import Verifier
from bot.people import Role
from tests.faults.quiet import QUIET
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import HEAD, TEACHER
from tests.support.school import School, report

Change = Callable[[Connection, random.Random, int], str]


def flip(conn: Connection, dice: random.Random, entries: int) -> str:
    """Change one field of one audit entry."""
    column = dice.choice(["at", "actor", "action", "ref", "detail", "digest", "hash"])
    seq = dice.randint(1, entries)
    value = "at + 1" if column == "at" else f"{column} || 'x'"
    conn.execute(text(f"UPDATE audit SET {column} = {value} WHERE seq = :seq"), {"seq": seq})  # noqa: S608
    return f"audit {seq} {column}"


def flip_words(conn: Connection, dice: random.Random, entries: int) -> str:
    """Change one field of one timeline entry."""
    rows = conn.execute(text("SELECT ref, number, sealed FROM entries ORDER BY ref, number")).all()
    row = dice.choice(rows)
    column = dice.choice(["sealed", "person", "what", "hidden", "channel", "number", "at", "audit"])
    where = {"ref": row.ref, "number": row.number}
    if column == "sealed":
        sealed = bytearray(row.sealed)
        sealed[dice.randrange(len(sealed))] ^= 1 << dice.randrange(8)
        conn.execute(text("UPDATE entries SET sealed = :sealed WHERE ref = :ref AND number = :number"), {**where, "sealed": bytes(sealed)})
        return f"words of {row.ref}/{row.number}"
    value = {"hidden": "NOT hidden", "number": "number + 1000", "at": "at + 1", "audit": "audit + 1"}.get(column, f"{column} || 'x'")
    conn.execute(text(f"UPDATE entries SET {column} = {value} WHERE ref = :ref AND number = :number"), where)  # noqa: S608
    return f"{column} of {row.ref}/{row.number}"


def swap_words(conn: Connection, dice: random.Random, entries: int) -> str:
    """Put the words of one entry in the place of another's."""
    rows = dice.sample(conn.execute(text("SELECT ref, number, sealed FROM entries ORDER BY ref, number")).all(), 2)
    for row, other in (rows, rows[::-1]):
        values = {"sealed": other.sealed, "ref": row.ref, "number": row.number}
        conn.execute(text("UPDATE entries SET sealed = :sealed WHERE ref = :ref AND number = :number"), values)
    return "swapped words"


def delete(conn: Connection, dice: random.Random, entries: int) -> str:
    """Delete an audit entry, or a timeline entry."""
    if dice.random() < 0.5:
        conn.execute(text("DELETE FROM audit WHERE seq = :seq"), {"seq": dice.randint(1, entries)})
        return "deleted audit"
    row = dice.choice(conn.execute(text("SELECT ref, number FROM entries ORDER BY ref, number")).all())
    conn.execute(text("DELETE FROM entries WHERE ref = :ref AND number = :number"), row._asdict())
    return "deleted words"


def delete_and_renumber(conn: Connection, dice: random.Random, entries: int) -> str:
    """Delete an audit entry and close the gap, head included."""
    seq = dice.randint(1, entries - 1)
    conn.execute(text("DELETE FROM audit WHERE seq = :seq"), {"seq": seq})
    for later in range(seq + 1, entries + 1):
        conn.execute(text("UPDATE audit SET seq = seq - 1 WHERE seq = :seq"), {"seq": later})
    conn.execute(text("UPDATE audit_head SET seq = seq - 1"))
    return "deleted and renumbered"


def reorder(conn: Connection, dice: random.Random, entries: int) -> str:
    """Swap two audit entries."""
    first, second = dice.sample(range(1, entries + 1), 2)
    for old, new in ((first, -1), (second, first), (-1, second)):
        conn.execute(text("UPDATE audit SET seq = :new WHERE seq = :old"), {"new": new, "old": old})
    return "reordered"


def insert(conn: Connection, dice: random.Random, entries: int) -> str:
    """Put in an audit entry at the end, or a timeline entry."""
    if dice.random() < 0.5:
        conn.execute(text("INSERT INTO audit SELECT school, :seq, at, actor, action, ref, detail, digest, hash, state, jobs FROM audit"
                          " WHERE seq = :one"), {"seq": entries + 1, "one": dice.randint(1, entries)})  # fmt: skip
        return "inserted audit"
    row = dice.choice(conn.execute(text("SELECT ref, number FROM entries ORDER BY ref, number")).all())
    conn.execute(text("INSERT INTO entries SELECT school, ref, number + 500, at, person, what, hidden, channel, sealed, audit FROM entries"
                      " WHERE ref = :ref AND number = :number"), row._asdict())  # fmt: skip
    return "inserted words"


def truncate(conn: Connection, dice: random.Random, entries: int) -> str:
    """Cut off the tail, with the head moved back to match."""
    keep = dice.randint(0, entries - 1)
    last: Any = conn.scalar(text("SELECT hash FROM audit WHERE seq = :keep"), {"keep": keep}) or "0" * 64
    conn.execute(text("DELETE FROM audit WHERE seq > :keep"), {"keep": keep})
    conn.execute(text("UPDATE audit_head SET seq = :keep, hash = :last"), {"keep": keep, "last": last})
    return "cut off"


def change_state(conn: Connection, dice: random.Random, entries: int) -> str:
    """Change an incident's state behind the register's back, or delete the incident."""
    ref = dice.choice(conn.execute(text("SELECT ref FROM incidents ORDER BY ref")).all()).ref
    if dice.random() < 0.5:
        conn.execute(text("DELETE FROM incidents WHERE ref = :ref"), {"ref": ref})
        return "deleted incident"
    other = "CASE WHEN state = 'closed' THEN 'open' ELSE 'closed' END"
    conn.execute(text(f"UPDATE incidents SET state = {other} WHERE ref = :ref"), {"ref": ref})  # noqa: S608
    return "changed state"


CHANGES: tuple[Change, ...] = (
    flip, flip_words, swap_words, delete, delete_and_renumber, reorder, insert, truncate, change_state, *QUIET,
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """How many changes were made, and those that were not found."""

    made: int
    missed: tuple[str, ...]


def fill(school: School) -> int:
    """Make a record worth changing, with messages that went out, others that wait, and ladders; how many audit entries it has."""
    school.store.migrate(FEEDBACK_TABLES)
    questions, judging = Enquiries(school.register.records), Feedback(school.store, school.vault)
    for number in range(3):
        asked = questions.ask(f"May I do {number}?", TEACHER, Role.HEADTEACHER, school.event()).ref
        judging.judged(f"May I do {number}?", ["28"], "not_clear", "Please say more.", school.event(), TEACHER)
        if number:
            questions.answer(asked, HEAD, "No.", school.event())
    register, post = school.register, Post(school, {"chat": RecordingChannel("chat"), "mail": RecordingChannel("mail", has_rooms=False)})
    register.open(report(what="Nobody has acknowledged this"), TEACHER, school.event())
    for number in range(3):
        ref = register.open(report(what=f"Number {number}", subjects=("sbm",)), TEACHER, school.event()).ref
        register.read(ref, HEAD)
        register.say(ref, TEACHER, f"More on {number}", school.event(), "chat")
        asyncio.run(post.deliver())
        register.tick(ref, HEAD, "date", school.event())
        register.acknowledge(ref, HEAD, school.event())
    register.close(ref, HEAD, "Done.", school.event())
    school.clock.turn(hours=3)
    post.worker.ladder.climb_all()
    asyncio.run(post.deliver())
    register.hold(register.open(report(what="Just now"), TEACHER, school.event()).ref, HEAD, school.event(), on=True)
    return register.records.trail.head().seq


def tamper(school: School, times: int, seed: int) -> Found:
    """Change the record `times` times, each time from the same sound one, and verify."""
    dice, entries, missed = random.Random(seed), fill(school), []  # noqa: S311
    verifier = Verifier(school.store, school.vault)
    assert verifier.verify().sound
    for _ in range(times):
        with school.store.engine.connect() as conn:
            what = dice.choice(CHANGES)(conn, dice, entries)
            if verifier.verify_in(conn).sound:
                missed.append(what)
            conn.rollback()
    assert verifier.verify().sound
    return Found(times, tuple(missed))
