"""Every change to the record is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.incidents import schema
from bot.incidents.audit import head_message
from bot.incidents.verify import verify
from tests.faults.tampering import CHANGES, fill, tamper
from tests.support.people import TEACHER
from tests.support.school import School, report


@pytest.mark.slow
def test_every_random_change_is_found(tmp_path: Path) -> None:
    found = tamper(School(f"sqlite:///{tmp_path / 'usher.db'}"), 2000, seed=71)
    assert found.missed == ()
    assert len(CHANGES) == 10


@pytest.mark.postgres
def test_changes_on_postgresql_are_found_too(postgres_url: str) -> None:
    school = School(postgres_url)
    assert tamper(school, 60, seed=72).missed == ()
    school.close()


def test_a_tail_cut_off_and_signed_anew_shows_against_a_kept_head(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    school.register.open(report(), TEACHER, school.event())
    short = school.register.records.trail.head()
    school.register.open(report(what="and more"), TEACHER, school.event())
    kept = school.register.records.trail.head().line
    with school.store.transaction() as conn:  # somebody who has the keys cuts the tail off, and signs
        for table in (schema.audit,):
            school.store.remove(conn, table, table.c.seq > short.seq)
        rows = conn.execute(school.store.rows(schema.incidents).where(schema.incidents.c.ref.not_in(
            [row.ref for row in conn.execute(school.store.rows(schema.audit, schema.audit.c.ref))]))).mappings().all()  # fmt: skip
        for row in rows:
            school.store.remove(conn, schema.incidents, schema.incidents.c.ref == row["ref"])
            for table in (schema.entries, schema.members, schema.subjects):
                school.store.remove(conn, table, table.c.ref == row["ref"])
        key_id, signature = school.vault.sign(head_message("school", short.seq, short.hash))
        school.store.change(conn, schema.audit_head, seq=short.seq, hash=short.hash, key_id=key_id, signature=signature)
    assert verify(school.store, school.vault).sound
    assert "the tail was cut off" in verify(school.store, school.vault, [kept]).problem


def test_the_first_bad_entry_is_named(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    fill(school)
    with school.store.transaction() as conn:
        school.store.change(conn, schema.audit, schema.audit.c.seq == 5, actor="somebody")
    verdict = verify(school.store, school.vault)
    assert (verdict.sound, verdict.entries) == (False, 5)
    assert "Entry 5" in verdict.problem
