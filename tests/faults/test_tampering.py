"""Every change to the record is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.incidents import schema
from bot.incidents.audit import START, entry_hash, head_message
from bot.incidents.verify import Verifier, verify
from tests.faults.tampering import CHANGES, fill, tamper
from tests.support.people import HEAD, TEACHER
from tests.support.school import School, report


@pytest.mark.slow
def test_every_random_change_is_found(tmp_path: Path) -> None:
    found = tamper(School(f"sqlite:///{tmp_path / 'usher.db'}"), 500, seed=71)
    assert found.missed == ()
    assert len(CHANGES) == 18


@pytest.mark.postgres
def test_changes_on_postgresql_are_found_too(postgres_url: str) -> None:
    school = School(postgres_url)
    assert tamper(school, 40, seed=72).missed == ()
    school.close()


STATEMENTS = """
UPDATE incidents SET kind = 'data_breach'
UPDATE incidents SET urgency = 'normal', kind = 'threat'
UPDATE incidents SET urgency = CASE urgency WHEN 'urgent' THEN 'normal' ELSE 'urgent' END
UPDATE incidents SET state = 'closed' WHERE state = 'acknowledged'
UPDATE incidents SET legal_hold = NOT legal_hold
UPDATE incidents SET sealed = NULL
UPDATE incidents SET outcome = NULL
UPDATE incidents SET outcome = sealed
UPDATE incidents SET closed_at = closed_at - 31536000000000
UPDATE incidents SET reporter = (SELECT person FROM subjects)
UPDATE acknowledgements SET at = 1 WHERE at IS NULL
UPDATE acknowledgements SET at = NULL
UPDATE acknowledgements SET at = at + 1
UPDATE acknowledgements SET next_at = NULL
UPDATE acknowledgements SET next_at = next_at + 3600000000
UPDATE acknowledgements SET person = 'somebody'
UPDATE acknowledgements SET seen_by = 'somebody'
UPDATE members SET via = 'invited' WHERE via = 'route'
UPDATE members SET left_at = joined_at
UPDATE members SET person = person || 'x'
UPDATE members SET in_room = NOT in_room
UPDATE subjects SET person = 'somebody'
UPDATE ticks SET person = 'somebody'
UPDATE persons SET sealed = x'00'
UPDATE persons SET found_by = found_by || 'x'
UPDATE rooms SET sealed = NULL
UPDATE jobs SET done_at = 1, ended = 'sent' WHERE done_at IS NULL
UPDATE jobs SET due_at = due_at + 31536000000000 WHERE done_at IS NULL
UPDATE jobs SET person = 'somebody' WHERE kind = 'send'
UPDATE jobs SET done_at = 1, ended = 'not needed' WHERE ended = 'sent'
UPDATE enquiries SET to_person = asker
UPDATE enquiries SET asker = answered_by WHERE answered_by != ''
UPDATE enquiries SET to_role = 'chair_of_governors'
UPDATE enquiries SET asked_at = asked_at + 1
UPDATE enquiries SET answered_by = asker WHERE answered_by != ''
UPDATE enquiries SET answered_at = 1 WHERE answered_at IS NULL
UPDATE enquiries SET answered_at = NULL, answered_by = '', answer = NULL
UPDATE enquiries SET answer = NULL
UPDATE enquiries SET question = NULL, answer = NULL, salts = NULL
UPDATE enquiries SET salts = NULL
UPDATE judgements SET choice = 'right'
UPDATE judgements SET at = at + 1
UPDATE judgements SET person = 'somebody'
DELETE FROM enquiries
DELETE FROM judgements
DELETE FROM alerted
DELETE FROM jobs
DELETE FROM members
DELETE FROM acknowledgements
DELETE FROM subjects
DELETE FROM ticks
DELETE FROM persons
DELETE FROM rooms
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> School:
    school = School(f"sqlite:///{tmp_path_factory.mktemp('full') / 'usher.db'}")
    fill(school)
    return school


@pytest.mark.parametrize("statement", STATEMENTS.strip().splitlines())
def test_quiet_changes_of_an_incidents_own_rows_are_found(full: School, statement: str) -> None:
    assert verify(full.store, full.vault).problem == ""
    with full.store.engine.connect() as conn:
        assert conn.execute(text(statement)).rowcount > 0
        assert not Verifier(full.store, full.vault).verify_in(conn).sound
        conn.rollback()


def test_a_quiet_change_is_not_covered_up_by_the_next_act(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    ref = school.register.open(report(), TEACHER, school.event()).ref
    school.register.hold(ref, HEAD, school.event(), on=True)
    with school.store.engine.begin() as conn:
        conn.execute(text("UPDATE incidents SET legal_hold = 0"))
    school.register.say(ref, TEACHER, "Somebody writes.", school.event(), "chat")
    assert "changed behind the record's back; entry" in verify(school.store, school.vault).problem
    assert "behind the record's back" in caplog.text
    assert ref not in caplog.text


def test_a_tail_that_was_cut_off_is_not_covered_up_by_the_next_act(tmp_path: Path) -> None:
    """Without the keys the head cannot be signed; the next act signs it, and must say what it found."""
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    school.register.open(report(), TEACHER, school.event())
    entries = school.register.records.trail.head().seq
    school.register.hold(school.register.visible_to(HEAD)[0].ref, HEAD, school.event(), on=True)
    with school.store.engine.begin() as conn:
        last = conn.scalar(text("SELECT hash FROM audit WHERE seq = :seq"), {"seq": entries})
        conn.execute(text("DELETE FROM audit WHERE seq > :seq"), {"seq": entries})
        conn.execute(text("DELETE FROM entries WHERE audit > :seq"), {"seq": entries})
        conn.execute(text("UPDATE incidents SET legal_hold = 0"))
        conn.execute(text("UPDATE audit_head SET seq = :seq, hash = :last"), {"seq": entries, "last": last})
    assert "not signed" in verify(school.store, school.vault).problem
    school.register.open(report(what="Another."), TEACHER, school.event())
    assert "was changed or cut off" in verify(school.store, school.vault).problem


def test_a_record_from_before_rows_were_bound_still_verifies_and_is_bound_by_the_next_act(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    fill(school)
    last, head = START, school.register.records.trail.head()
    with school.store.engine.begin() as conn:
        for row in conn.execute(school.store.rows(schema.audit).order_by(schema.audit.c.seq)).mappings().all():
            detail = json.dumps({name: value for name, value in json.loads(row["detail"]).items() if name not in ("job", "how", "room")})
            last = entry_hash({**row, "detail": detail, "state": "", "jobs": ""}, last)
            school.store.change(conn, schema.audit, schema.audit.c.seq == row["seq"], detail=detail, state="", jobs="", hash=last)
        key_id, signature = school.vault.sign(head_message("school", head.seq, last))
        school.store.change(conn, schema.audit_head, hash=last, key_id=key_id, signature=signature)
    assert verify(school.store, school.vault).problem == ""
    ref = school.register.visible_to(HEAD)[0].ref
    school.register.add_note(ref, HEAD, "An act of today.", school.event())
    assert verify(school.store, school.vault).problem == ""
    with school.store.engine.begin() as conn:
        conn.execute(text("UPDATE incidents SET legal_hold = NOT legal_hold WHERE ref = :ref"), {"ref": ref})
    assert not verify(school.store, school.vault).sound


def test_a_tail_cut_off_and_signed_anew_shows_against_a_kept_head(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    school.register.open(report(), TEACHER, school.event())
    short = school.register.records.trail.head()
    school.register.open(report(what="and more"), TEACHER, school.event())
    head = school.register.records.trail.head()
    kept, blind = head.line, head.blind()
    assert verify(school.store, school.vault, [kept, blind]).problem == ""
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
    assert "the tail was cut off" in verify(school.store, school.vault, [blind]).problem


def test_the_first_bad_entry_is_named(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    fill(school)
    with school.store.transaction() as conn:
        school.store.change(conn, schema.audit, schema.audit.c.seq == 5, actor="somebody")
    verdict = verify(school.store, school.vault)
    assert (verdict.sound, verdict.entries) == (False, 5)
    assert "Entry 5" in verdict.problem
