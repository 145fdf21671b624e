"""A backup holds every school of the database: restoring checks each of them, and keeps nothing where one was changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect, text

from app import cli
from bot.incidents import backup as backups
from bot.incidents import schema
from bot.incidents.audit import COMMAND_LINE
from bot.incidents.store import Store
from bot.incidents.verify import verify, verify_all
from tests.support.people import HEAD, TEACHER
from tests.support.postgres import fresh_database
from tests.support.school import School, report

NAMES = ("school", "north", "south")
CHANGES = {
    "flipped": "UPDATE audit SET detail = detail || ' ' WHERE school = 'south' AND seq = 2",
    "cut off": "DELETE FROM audit WHERE school = 'south' AND seq > 2",
    "without its head": "DELETE FROM audit_head WHERE school = 'south'",
    "without its trail": "DELETE FROM audit_head WHERE school = 'south'; DELETE FROM audit WHERE school = 'south'",
    "closed": "UPDATE incidents SET state = 'closed' WHERE school = 'south'",
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Where the schools are, and an empty place."""
    if request.param == "sqlite":
        (tmp_path / "new").mkdir()
        yield f"sqlite:///{tmp_path / 'usher.db'}", f"sqlite:///{tmp_path / 'new' / 'usher.db'}"
        return
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    server = request.getfixturevalue("postgres_server")
    with fresh_database(server) as old, fresh_database(server) as new:
        yield old, new


def three(url: str) -> list[School]:
    schools = [School(url, name=name) for name in NAMES]
    for school in schools:
        for number in range(2):
            ref = school.register.open(report(what=f"{number} in {school.name}"), TEACHER, school.event()).ref
        school.register.acknowledge(ref, HEAD, school.event())
    return schools


def change(school: School, how: str) -> None:
    with school.store.engine.begin() as conn:
        for statement in CHANGES[how].split("; "):
            assert conn.execute(text(statement)).rowcount > 0


def test_every_school_is_checked_and_says_that_it_was_restored(places: tuple[str, str], tmp_path: Path) -> None:
    schools = three(places[0])
    backups.backup(schools[0].store, schools[0].vault, tmp_path / "copy", by=COMMAND_LINE)
    store = Store(places[1])
    backups.restore(store, tmp_path / "copy")
    verdicts = backups.check(store, schools[0].vault, by=COMMAND_LINE)
    assert (verdicts.sound, sorted(verdicts.by_school)) == (True, sorted(NAMES))
    for name in NAMES:
        own = store.for_school(name)
        with own.reading() as conn:
            last = conn.execute(own.rows(schema.audit).order_by(schema.audit.c.seq.desc())).mappings().first()
        assert last is not None
        assert (last["action"], json.loads(last["detail"])) == ("restored", {"sound": True})
        assert verify(own, schools[0].vault).problem == ""
    for one in (*schools, store):
        one.close()


@pytest.mark.parametrize("how", CHANGES)
def test_where_another_schools_record_was_changed_nothing_is_kept(places: tuple[str, str], tmp_path: Path, how: str) -> None:
    schools = three(places[0])
    change(schools[2], how)
    assert verify(schools[0].store, schools[0].vault).sound, "the first school knows of nothing"
    backups.backup(schools[0].store, schools[0].vault, tmp_path / "copy", by=COMMAND_LINE)
    store = Store(places[1])
    backups.restore(store, tmp_path / "copy")
    verdicts = backups.check(store, schools[0].vault, by=COMMAND_LINE)
    assert not verdicts.sound
    assert verdicts.problem.startswith("School south: ")
    assert "\n" not in verdicts.problem
    if store.is_sqlite:
        assert list((tmp_path / "new").iterdir()) == []
    else:
        assert inspect(store.engine).get_table_names() == []
    backups.restore(store, tmp_path / "copy")  # the place is as empty as it was
    kept = backups.check(store, schools[0].vault, by=COMMAND_LINE, despite=True)
    assert not kept.sound
    assert verify_all(store, schools[0].vault).by_school["school"].sound
    for one in (*schools, store):
        one.close()


def test_the_command_says_so_plainly_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schools = three(f"sqlite:///{tmp_path / 'usher.db'}")
    change(schools[2], "cut off")
    backups.backup(schools[0].store, schools[0].vault, tmp_path / "copy", by=COMMAND_LINE)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "new"))
    monkeypatch.setenv("ENCRYPTION_KEYS", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    done = CliRunner().invoke(cli, ["restore", str(tmp_path / "copy")])
    assert done.exit_code == 1
    assert "School south: " in done.output
    assert "Nothing was restored." in done.output
    assert not (tmp_path / "new" / "usher.db").exists()
    again = CliRunner().invoke(cli, ["restore", str(tmp_path / "copy"), "--despite-findings"])
    assert again.exit_code == 1
    assert "It was restored all the same." in again.output
    verified = CliRunner().invoke(cli, ["incidents", "verify"])
    assert verified.exit_code == 1
    assert "School south: " in verified.output
