"""A key that was lost, or another machine's: the bot does not start with it, for every open incident would seem to be gone."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.incidents.store import Store
from bot.incidents.vault import new_key
from bot.settings import EXAMPLE, Settings, load
from bot.start import key_file, open_register
from tests.support.school import report


def settings(folder: Path, url: str = "", keys: str = "") -> Settings:
    folder.mkdir(exist_ok=True)
    (folder / "school.example.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return load(folder, {"DATA_DIR": str(folder), "DATABASE_URL": url, "ENCRYPTION_KEYS": keys})


def reported(where: Settings, what: str = "Something.") -> str:
    register = open_register(where)
    teacher = register.records.directory.people.get("teacher")
    assert teacher is not None
    ref = register.open(report(what=what), teacher, what).ref
    register.store.close()
    return ref


def test_a_lost_key_file_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    where = settings(tmp_path)
    ref, key = reported(where), key_file(where).read_bytes()
    key_file(where).unlink()
    with pytest.raises(SettingsError, match="written with another key"):
        open_register(where)
    assert not key_file(where).exists()
    key_file(where).write_bytes(key)
    register = open_register(where)
    head = register.records.directory.people.get("head")
    assert head is not None
    assert [one.ref for one in register.visible_to(head)] == [ref]
    register.store.close()


def test_a_second_machine_does_not_start_with_a_key_of_its_own(tmp_path: Path) -> None:
    first = settings(tmp_path / "first")
    open_register(first).store.close()  # nothing is written yet but that it has started
    second = settings(tmp_path / "second", url=first.database_url)
    with pytest.raises(SettingsError, match="written with another key"):
        open_register(second)
    assert not key_file(second).exists()
    with pytest.raises(SettingsError, match="written with another key"):
        open_register(settings(tmp_path / "second", url=first.database_url, keys=new_key()))


def test_one_that_is_being_changed_starts_and_one_that_went_too_soon_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    old, new = new_key(), new_key()
    url = f"sqlite:///{tmp_path / 'usher.db'}"
    reported(settings(tmp_path, url, old))
    with caplog.at_level(logging.ERROR):
        reported(settings(tmp_path, url, f"{new},{old}"), "Something else.")
        assert not caplog.records
        open_register(settings(tmp_path, url, new)).store.close()
    assert ["a key that is not here" in one.getMessage() for one in caplog.records] == [True]


def test_a_thief_who_changes_the_end_of_the_record_stops_nobody_from_starting(tmp_path: Path) -> None:
    where = settings(tmp_path)
    reported(where)
    store = Store(where.database_url)
    with store.transaction() as conn:
        conn.exec_driver_sql("UPDATE audit_head SET key_id = 'no key'")
    store.close()
    open_register(where).store.close()
