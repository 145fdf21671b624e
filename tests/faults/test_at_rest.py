"""What people wrote, and who they are, is in no file: not in the database, its WAL, the log, a backup, or anything temporary."""

from __future__ import annotations

import base64
import logging
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import Refused
from bot.incidents import backup as backups
from bot.incidents import schema
from bot.incidents.audit import COMMAND_LINE
from bot.incidents.enquiries import Enquiries
from bot.incidents.model import Kind
from bot.incidents.policy_of_school import Retention, SchoolRules
from bot.incidents.retention import erase_person, export_person, purge
from bot.incidents.rotation import rotate
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.verify import verify
from bot.people import Person, Role
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import HEAD, SBM, TEACHER
from tests.support.postgres import fresh_database
from tests.support.school import KEY, School, report

CANARY = "Canary-Quetzalcoatl"
STRANGER = Person("chat:UQUETZAL", f"Nina {CANARY}", addresses={"chat": "UQUETZAL", "mail": f"{CANARY}@school.test"})
NEW_KEY = bytes(range(1, 33))


def spellings(word: str) -> Iterator[bytes]:
    for text in (word, word.lower(), word.upper()):
        yield text.encode()
        yield text.encode("utf-16-le")
        yield text.encode().hex().encode()
        for shift in range(3):  # wherever it may stand in a longer text
            yield base64.b64encode(b" " * shift + text.encode())[4:-4]


def found_in(folder: Path, *words: str) -> list[str]:
    hits = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            hits += [f"{path.name}: {word}" for word in words for spelling in spellings(word) if spelling in data]
    return hits


async def fill(school: School) -> str:
    """Write the canary wherever people can write."""
    register = school.register
    chat, mail = RecordingChannel("chat"), RecordingChannel("mail", can_find=False, has_rooms=False, can_update=False)
    post = Post(school, {"chat": chat, "mail": mail})
    told = report(
        Kind.STAFF_ABUSE, what=f"{CANARY} happened", platform=CANARY, address=f"https://{CANARY}", noticed=CANARY, affected=("me",)
    )
    ref = register.open(told, STRANGER, f"event-{CANARY}").ref
    await post.deliver()
    register.read(ref, HEAD)
    register.say(ref, STRANGER, f"said {CANARY}", school.event(), "chat", message=f"m-{CANARY}")
    register.change_room_entry(ref, STRANGER, "edited", school.event(), "chat", text=f"edited {CANARY}", message="m1")
    register.change_room_entry(ref, STRANGER, "deleted", school.event(), "chat", message="m1")
    register.add_note(ref, HEAD, f"noted {CANARY}", school.event())
    register.file_shown(ref, STRANGER, f"a file {CANARY}.png", school.event(), "chat")
    register.invite(ref, HEAD, Person("chat:U2", CANARY, addresses={"chat": "U2"}), school.event())
    asked = Enquiries(register.records).ask(f"May I {CANARY}?", STRANGER, Role.HEADTEACHER, f"q-{CANARY}")
    Enquiries(register.records).answer(asked.ref, HEAD, f"No {CANARY}", school.event())
    school.store.claim_event(f"event-{CANARY}")
    register.acknowledge(ref, HEAD, school.event())
    await post.deliver()
    register.close(ref, HEAD, f"ended {CANARY}", school.event())
    await post.deliver()
    return ref


async def test_no_file_holds_what_was_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    school = School(f"sqlite:///{tmp_path / 'data' / 'usher.db'}")
    ref = await fill(school)
    backups.backup(school.store, school.vault, tmp_path / "data" / "copy.db", by=COMMAND_LINE)
    assert list((tmp_path / "data").glob("*-wal")), "the WAL must be among what is searched"
    assert found_in(tmp_path, CANARY, "UQUETZAL", "happened") == []
    assert CANARY not in caplog.text
    assert CANARY in school.register.read(ref, HEAD).report.what
    (tmp_path / "data" / "proof").write_text(f"xx{CANARY}xx")
    assert found_in(tmp_path, CANARY), "the search must be able to find it"


async def test_a_backup_is_restored_and_verified(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    ref = await fill(school)
    backups.backup(school.store, school.vault, tmp_path / "copy.db", by=COMMAND_LINE)
    school.register.open(report(what="after the backup"), TEACHER, school.event())
    with pytest.raises(backups.BackupError, match="is there already"):
        backups.restore(school.store, tmp_path / "copy.db")
    with pytest.raises(backups.BackupError, match="is there already"):
        backups.backup(school.store, school.vault, tmp_path / "copy.db", by=COMMAND_LINE)
    (tmp_path / "new").mkdir()
    backups.restore(Store(f"sqlite:///{tmp_path / 'new' / 'usher.db'}"), tmp_path / "copy.db")
    again = School(f"sqlite:///{tmp_path / 'new' / 'usher.db'}")
    assert backups.check(again.store, again.vault, by=COMMAND_LINE).sound
    assert CANARY in again.register.read(ref, HEAD).report.what
    assert len(again.register.visible_to(HEAD)) == 1
    with again.store.reading() as conn:
        rows = conn.execute(
            again.store.rows(schema.audit).where(schema.audit.c.actor == COMMAND_LINE).order_by(schema.audit.c.seq)
        ).mappings()
        assert [row["action"] for row in rows] == ["backed_up", "restored"]
    assert verify(again.store, again.vault).problem == ""


@pytest.mark.parametrize("left", ["usher.db-wal", "usher.db-shm", "usher.db-journal"])
def test_what_an_old_database_left_beside_it_is_not_mixed_into_a_backup(tmp_path: Path, left: str) -> None:
    school, old, new = School(f"sqlite:///{tmp_path / 'usher.db'}"), tmp_path / "old", tmp_path / "new"
    school.register.open(report(), TEACHER, school.event())
    backups.backup(school.store, school.vault, tmp_path / "copy.db", by=COMMAND_LINE)
    school.register.open(report(what="after the backup"), TEACHER, school.event())
    new.mkdir()
    (new / left).write_bytes((tmp_path / "usher.db-wal").read_bytes())  # as a process leaves it that is killed
    with pytest.raises(backups.BackupError, match=left):
        backups.restore(Store(f"sqlite:///{new / 'usher.db'}"), tmp_path / "copy.db")
    assert [path.name for path in new.iterdir()] == [left]
    (new / left).rename(old)
    backups.restore(Store(f"sqlite:///{new / 'usher.db'}"), tmp_path / "copy.db")
    again = School(f"sqlite:///{new / 'usher.db'}")
    assert backups.check(again.store, again.vault, by=COMMAND_LINE).sound
    assert len(again.register.visible_to(HEAD)) == 1


def test_a_place_that_ends_elsewhere_than_the_backup_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old log is not seen here, as if it had come between the look and the restoring."""
    school, new = School(f"sqlite:///{tmp_path / 'usher.db'}"), tmp_path / "new"
    school.register.open(report(), TEACHER, school.event())
    backups.backup(school.store, school.vault, tmp_path / "copy.db", by=COMMAND_LINE)
    school.register.open(report(what="after the backup"), TEACHER, school.event())
    new.mkdir()
    (new / "usher.db-wal").write_bytes((tmp_path / "usher.db-wal").read_bytes())
    monkeypatch.setattr(backups, "BESIDE", ())
    with pytest.raises(backups.BackupError):
        backups.restore(Store(f"sqlite:///{new / 'usher.db'}"), tmp_path / "copy.db")


@pytest.mark.postgres
async def test_backup_and_restore_on_postgresql(postgres_server: str, postgres_url: str, tmp_path: Path) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    school = School(postgres_url)
    ref = await fill(school)
    backups.backup(school.store, school.vault, tmp_path / "copy.dump", by=COMMAND_LINE)
    assert found_in(tmp_path, CANARY) == []
    with fresh_database(postgres_server) as other:
        store = Store(other)
        backups.restore(store, tmp_path / "copy.dump")
        store.close()
        again = School(other)
        assert backups.check(again.store, again.vault, by=COMMAND_LINE).sound
        assert CANARY in again.register.read(ref, HEAD).report.what
        again.close()
    school.close()


async def test_keys_are_rotated_while_serving(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    ref = await fill(school)
    both = Vault([NEW_KEY, KEY])
    count = rotate(school.store, both)
    assert count > 10
    assert rotate(school.store, both) == 0
    new = School(f"sqlite:///{tmp_path / 'usher.db'}")
    new.vault = Vault([NEW_KEY])
    new.register = type(school.register)(new.store, new.vault, new.people, new.rules)
    assert CANARY in new.register.read(ref, HEAD).report.what
    assert [row.ref for row in new.register.reported_by(STRANGER)] == [ref]
    assert verify(new.store, new.vault).sound


async def test_a_purge_removes_the_words_and_keeps_the_fact(tmp_path: Path) -> None:
    rules = SchoolRules(retention=Retention({Kind.STAFF_ABUSE: timedelta(days=365)}))
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", rules=rules)
    ref = await fill(school)
    held = school.register.open(report(Kind.STAFF_ABUSE, what="held"), TEACHER, school.event()).ref
    school.register.acknowledge(held, HEAD, school.event())
    school.register.close(held, HEAD, "x", school.event())
    school.register.hold(held, HEAD, school.event(), on=True)
    police = school.register.open(report(Kind.STAFF_ABUSE, what="police"), TEACHER, school.event()).ref
    school.register.police_informed(police, HEAD, school.event())
    assert purge(school.register) == ()
    school.clock.turn(days=366)
    assert purge(school.register) == (ref,)
    assert purge(school.register) == ()
    incident = school.register.read(ref, HEAD)
    assert (incident.purged, incident.report.what, incident.outcome, incident.kind) == (True, "", "", Kind.STAFF_ABUSE)
    assert {entry.text for entry in incident.timeline} == {""}
    assert school.register.read(held, HEAD).report.what == "held"
    assert school.register.read(police, HEAD).report.what == "police"
    assert verify(school.store, school.vault).sound


async def test_subject_access_and_erasure(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", rules=SchoolRules(retention=Retention({Kind.STAFF_ABUSE: timedelta(days=1)})))
    ref = await fill(school)
    about = school.register.open(report(subjects=("sbm",), what="about the manager"), TEACHER, school.event()).ref
    mine = export_person(school.register, STRANGER)
    assert mine["person"]["name"] == STRANGER.name
    assert CANARY in mine["incidents"][ref]["report"]["what"]
    assert f"said {CANARY}" in [entry["text"] for entry in mine["incidents"][ref]["timeline"]]
    assert f"noted {CANARY}" not in repr(mine)
    assert about not in repr(export_person(school.register, SBM))
    assert about in repr(export_person(school.register, SBM, about=True))
    with pytest.raises(Refused):
        erase_person(school.register, STRANGER)
    school.clock.turn(days=2)
    purge(school.register)
    erase_person(school.register, STRANGER)
    assert school.register.read(ref, HEAD).reporter_name == "Someone"
    assert export_person(school.register, STRANGER)["incidents"] == {}
    assert verify(school.store, school.vault).sound
