"""Two worlds that differ only in an incident about somebody: what is erased, exported and mailed is the same in both for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import cli
from bot.cards import Card
from bot.channels.text import card_text
from bot.channels.web.conversations import Conversations
from bot.errors import NotFound, Refused
from bot.incidents import schema
from bot.incidents.audit import COMMAND_LINE
from bot.incidents.enquiries import Enquiries
from bot.incidents.policy_of_school import SchoolRules
from bot.incidents.register import Register
from bot.incidents.retention import erase_person, export_person, purge
from bot.incidents.rotation import rotate
from bot.incidents.telling import send_head
from bot.incidents.vault import Vault, parse_keys
from bot.incidents.verify import verify
from bot.kept import keepers
from bot.people import Person, Role
from bot.ports import Sent
from bot.settings import load
from bot.start import open_register
from tests.bot.test_everything_kept import KEPT, opened
from tests.support.knowledge import EXAMPLE
from tests.support.people import HEAD, SBM, TA, TEACHER
from tests.support.school import KEY, School, report

KEYS = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
STRANGER = Person("slack:USUBJECT", "Sub Subject", addresses={"slack": "USUBJECT"})


def lived(folder: Path, who: Person, *, secret: bool) -> tuple[School, str]:
    """Somebody has a conversation and asks a question; in one of the worlds there is an incident about them, under a legal hold."""
    folder.mkdir()
    school = opened(folder)
    talk = Conversations(school.store, school.vault, school.register.records.directory)
    talk.wrote(who, "May I do this?", "w1")
    Enquiries(school.register.records).ask("May I do that?", who, Role.HEADTEACHER, "e1")
    ref = ""
    if secret:
        ref = school.register.open(report(what="Somebody did something."), TEACHER, "secret").ref
        school.register.name_subject(ref, HEAD, who, "named")
        school.register.hold(ref, HEAD, "held", on=True)
        talk.add(HEAD, Card(f"It is about {who.name}"), "h1")
    return school, ref


def seen_by(school: School, who: Person) -> str:
    """What a subject access request tells."""
    return json.dumps(export_person(school.register, who), default=str, sort_keys=True)


@pytest.mark.parametrize("who", [TA, STRANGER], ids=["named in school.toml", "known by their channel"])
def test_erasing_somebody_tells_nothing_of_an_incident_about_them(tmp_path: Path, who: Person) -> None:
    plain, _ = lived(tmp_path / "plain", who, secret=False)
    other, ref = lived(tmp_path / "secret", who, secret=True)
    assert seen_by(plain, who) == seen_by(other, who)
    for school in (plain, other):
        erase_person(school.register, who, by=COMMAND_LINE)  # refused in neither
    assert seen_by(plain, who) == seen_by(other, who)
    for school in (plain, other):
        Conversations(school.store, school.vault, school.register.records.directory).wrote(who, "I am back.", "w2")
    assert seen_by(plain, who) == seen_by(other, who)
    # And what has to be kept is kept: the incident knows whom it is about, and they are still kept out of it.
    assert [person.id for person in other.register.records.directory.people if person.id == who.id] == ([who.id] if who is TA else [])
    with other.store.reading() as conn:
        facts = other.register.records.facts(conn, ref)
    assert facts is not None
    assert facts.subjects == (who.id,)
    assert facts.people[facts.keys[who.id]].name == who.name
    with pytest.raises(NotFound):
        other.register.read(ref, who)
    with pytest.raises(Refused):
        other.register.invite(ref, HEAD, who, "invite")
    for school in (plain, other):
        assert verify(school.store, school.vault).problem == ""


def test_whom_an_incident_needed_goes_with_it_also_when_keys_have_changed(tmp_path: Path) -> None:
    school, ref = lived(tmp_path / "one", STRANGER, secret=True)
    erase_person(school.register, STRANGER, by=COMMAND_LINE)
    vault = Vault([bytes(range(1, 33)), KEY])
    rotate(school.store, vault)
    register = Register(school.store, Vault([bytes(range(1, 33))]), school.people, SchoolRules(retention=KEPT))
    register.keepers = keepers(register)
    assert verify(school.store, register.records.vault).problem == ""
    with school.store.reading() as conn:
        assert register.records.directory.known_key(conn, STRANGER.id) is None
    register.acknowledge(ref, HEAD, "a")
    register.close(ref, HEAD, "Done.", "c")
    register.hold(ref, HEAD, "off", on=False)
    school.clock.turn(days=40)
    with school.store.reading() as conn:
        before = len(conn.execute(school.store.rows(schema.persons)).all())
    assert purge(register) == (ref,)
    with school.store.reading() as conn:
        assert len(conn.execute(school.store.rows(schema.persons)).all()) == before - 1
    assert verify(school.store, register.records.vault).problem == ""


def test_who_knows_of_the_incident_is_told_why_not(tmp_path: Path) -> None:
    school, ref = lived(tmp_path / "one", STRANGER, secret=False)
    ref = school.register.open(report(what="Mine."), STRANGER, "mine").ref
    with pytest.raises(Refused, match="part of an incident"):
        erase_person(school.register, STRANGER)
    assert ref in seen_by(school, STRANGER)


@pytest.fixture
def worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Path]]:
    """Two folders with a served school's database, the second with an incident about the teaching assistant."""
    monkeypatch.setenv("ENCRYPTION_KEYS", KEYS)
    folders = (tmp_path / "plain", tmp_path / "secret")
    for folder in folders:
        folder.mkdir()
        (folder / "school.example.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
        register = open_register(load(folder, {"ENCRYPTION_KEYS": KEYS, "DATA_DIR": str(folder)}))
        person = register.records.directory.people.get("ta")
        assert person is not None
        Enquiries(register.records).ask("May I do that?", person, Role.HEADTEACHER, "e1")
        if folder == folders[1]:
            register.open(report(what="Somebody did something.", subjects=("ta",)), TEACHER, "secret")
        register.store.close()
    yield folders
    assert parse_keys(KEYS) == (KEY,)


def test_the_command_says_the_same_in_both_worlds(worlds: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for folder in worlds:
        monkeypatch.setenv("DATA_DIR", str(folder))
        for words in (["people", "erase", "ta", "--yes"], ["people", "erase", "ta", "--yes"], ["people", "export", "ta"]):
            done = CliRunner().invoke(cli, words)
            told.append((done.exit_code, done.output))
    assert told[:3] == told[3:]
    assert told[0] == (0, "Erased. What the law has the school keep goes when its time is up.\n")


class Mails:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.keys: list[str] = []

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        assert person.id == SBM.id
        self.sent.append(f"{card.notice}\n{card_text(card)}")
        self.keys.append(key)
        return Sent("mail", "", "")


async def heads(folder: Path, *, secret: bool) -> tuple[School, Mails]:
    """A week of daily heads to the business manager; in one of the worlds there are incidents about them on some days."""
    school = School(f"sqlite:///{folder}.db", rules=SchoolRules(audit_head_to=SBM.id))
    mails = Mails()
    school.register.open(report(what="Known to everybody."), TEACHER, "e1")
    for day in range(7):
        if secret and day in (2, 3, 5):
            ref = school.register.open(report(what=f"{day}", subjects=(SBM.id,)), TEACHER, f"secret {day}").ref
            for number in range(12):  # the numbers pass from two digits to three, too
                school.register.add_note(ref, HEAD, f"{number}", f"note {day} {number}")
        school.clock.turn(hours=25)
        await send_head(school.register, mails)
    return school, mails


async def test_the_daily_heads_tell_their_keeper_nothing_of_what_was_added(tmp_path: Path) -> None:
    plain, known = await heads(tmp_path / "plain", secret=False)
    other, mails = await heads(tmp_path / "secret", secret=True)
    random = re.compile(r"[0-9a-f]{20,}")
    assert len(mails.sent) == len(known.sent) == 7
    for one, two in zip(known.sent, mails.sent, strict=True):
        assert random.sub(lambda found: "x" * len(found[0]), one) == random.sub(lambda found: "x" * len(found[0]), two)
    for sent in (known, mails):  # neither is there anything that stays the same on a day on which nothing was added
        lines = [random.findall(one) for one in sent.sent]
        assert len({words for one in lines for words in one}) == 7 * 3 + 1, "a salt, a digest and a signature each day, and one key"
    for school, sent in ((plain, known), (other, mails)):
        lines = [found for one in sent.sent for found in re.findall(r"school:\S+", one)]
        assert len(lines) == 7
        assert verify(school.store, school.vault, lines).problem == ""
    assert not verify(plain.store, plain.vault, re.findall(r"school:\S+", mails.sent[0])).sound, "another trail's head is not on this one"


def test_refused_looks_at_questions_are_on_the_trail(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    enquiries = Enquiries(school.register.records)
    asked = enquiries.ask("May I?", TEACHER, Role.HEADTEACHER, "e1")
    enquiries.answer(asked.ref, HEAD, "No.", "e2")
    tries = (
        lambda: enquiries.read(asked.ref, TA), lambda: enquiries.read("Tess Taylor told me something", TA),
        lambda: enquiries.answer(asked.ref, TA, "Yes.", "e3"), lambda: enquiries.answer(asked.ref, TEACHER, "Yes.", "e4"),
        lambda: enquiries.answer(asked.ref, HEAD, "Again.", "e5"),
    )  # fmt: skip
    for each in tries:
        with pytest.raises((NotFound, Refused)):
            each()
    with school.store.reading() as conn:
        key = {name: school.register.records.directory.known_key(conn, name) for name in ("ta", "teacher", "head")}
        rows = conn.execute(
            school.store.rows(schema.audit).where(schema.audit.c.action == "refused").order_by(schema.audit.c.seq)
        ).mappings()
        found = [(row["actor"], json.loads(row["detail"])) for row in rows]
    assert found == [
        (key["ta"], {"action": "read_enquiry", "enquiry": asked.ref}),
        (key["ta"], {"action": "read_enquiry", "enquiry": ""}),
        (key["ta"], {"action": "answer_enquiry", "enquiry": asked.ref}),
        (key["teacher"], {"action": "answer_enquiry", "enquiry": asked.ref}),
        (key["head"], {"action": "answer_enquiry", "enquiry": asked.ref}),
    ]
    assert enquiries.read(asked.ref, TEACHER).answer == "No."
    assert verify(school.store, school.vault).problem == ""
