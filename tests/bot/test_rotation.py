"""New keys for old: everything works without the old key afterwards, and nothing that is written meanwhile is lost."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import LargeBinary, text
from sqlalchemy import inspect as look_into

from bot.channels.slack.installs import Installs
from bot.channels.teams.book import Book, items, place_of
from bot.channels.teams.references import Reference, References
from bot.channels.web.conversations import Conversations
from bot.channels.web.sessions import Sessions
from bot.channels.web.tables import MIGRATIONS as PAGE_TABLES
from bot.feedback import MIGRATIONS as FEEDBACK_TABLES
from bot.feedback import Feedback
from bot.incidents.directory import Directory
from bot.incidents.enquiries import Enquiries
from bot.incidents.model import Kind
from bot.incidents.raising import raise_kind
from bot.incidents.register import Register
from bot.incidents.rooms import Rooms
from bot.incidents.vault import Vault
from bot.incidents.verify import verify
from bot.people import Person, Role
from bot.settings import Slack
from commands.rotating import rotate_everything
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import HEAD, TEACHER
from tests.support.school import KEY, School, report

NEW = bytes(range(1, 33))
CLIENT = Slack("", "secret", "", "", "1.2", "client-secret")
VISITOR = Person("chat:U7", "Vi Visitor", addresses={"chat": "U7"})


class Everything:
    """All that seals something, with these keys."""

    def __init__(self, school: School, *keys: bytes) -> None:
        self.vault = Vault(keys)
        school.vault = self.vault
        school.register = self.register = Register(school.store, self.vault, school.people, school.rules)
        school.store.migrate((*FEEDBACK_TABLES, *PAGE_TABLES))
        self.book = Book(school.store, self.vault)
        self.references = References(self.book, school.people)
        self.installs = Installs(CLIENT, school.store.engine, self.vault, "https://usher.example")
        self.feedback = Feedback(school.store, self.vault)
        directory = Directory(school.store, self.vault, school.people)
        self.sessions = Sessions(school.store, directory, "https://usher.example")
        self.conversations = Conversations(school.store, self.vault, directory)
        self.chat = RecordingChannel("chat")
        self.post = Post(school, {"chat": self.chat})
        self.rooms = Rooms(self.post.worker._parts)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def school(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[School]:
    url = f"sqlite:///{tmp_path / 'usher.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = School(url)
    yield made
    made.close()


async def fill(every: Everything, school: School) -> tuple[str, str, str]:
    ref = every.register.open(report(what="Words of old."), VISITOR, "e1").ref
    await every.post.deliver()
    every.register.say(ref, VISITOR, "More words.", "e2", "chat")
    every.register.acknowledge(ref, HEAD, "e3")
    asked = Enquiries(every.register.records).ask("May I?", TEACHER, Role.HEADTEACHER, "e4").ref
    await every.post.deliver()
    every.references.met(Reference("abc-1", user="29:x", conversation="a:1", service_url="https://teams.example"))
    every.book.put("room", "19:room", {"id": "19:room", "ref": ref})
    every.book.put("sent", "a-key", {"message": "m1"})
    await every.installs.sealed.async_save(Installation(app_id="A1", team_id="TA", user_id="U1", bot_token="xoxb-1", bot_id="B1"))
    every.feedback.judged("May I?", ["4"], "not_clear", "words", "e5", TEACHER)
    token = every.sessions.make_link(TEACHER).rpartition("/")[2]
    session = every.sessions.sign_in(token)
    assert session is not None
    return ref, asked, session.token


async def test_everything_works_without_the_old_key(school: School) -> None:
    ref, asked, session = await fill(Everything(school, KEY), school)
    both = Everything(school, NEW, KEY)
    both.book.put("room", "19:room", {"id": "19:room", "ref": ref, "closed": True})  # written between the restart and the rotation
    assert rotate_everything(school.store, both.vault) > 10
    assert rotate_everything(school.store, both.vault) == 0
    new = Everything(school, NEW)
    assert new.register.read(ref, HEAD).report.what == "Words of old."
    assert [row.ref for row in new.register.reported_by(VISITOR)] == [ref]
    assert new.register.open(report(what="Words of old."), VISITOR, "again").ref == ref
    assert new.rooms.find("chat", room_of(school)) == ref
    found = new.references.at("abc-1")
    assert found is not None
    assert (found.user, found.conversation) == ("29:x", "a:1")
    assert new.book.get("room", "19:room") == {"id": "19:room", "ref": ref, "closed": True}
    assert new.book.get("sent", "a-key") == {"message": "m1"}
    new.book.remove("sent", "a-key")
    assert new.book.all("sent") == []
    assert await new.installs.token("TA") == "xoxb-1"
    assert new.feedback.waiting()[0].comment == "words"
    who = new.sessions.person(session)
    assert who is not None
    assert who.id == TEACHER.id
    assert Enquiries(new.register.records).read(asked, TEACHER).question == "May I?"
    assert verify(school.store, new.vault).problem == ""
    assert sealed_with_another(school, new.vault) == []


def room_of(school: School) -> str:
    """The conversation of the only room, as the database has it."""
    with school.store.reading() as conn:
        row = conn.execute(text("SELECT ref, channel, sealed FROM rooms")).one()
    return school.vault.open(school.register.records.place("rooms", f"{row.ref}/{row.channel}"), bytes(row.sealed))


def sealed_with_another(school: School, vault: Vault) -> list[str]:
    """Every binary value of every table that the first key did not seal: whatever part it belongs to."""
    found = []
    tables = look_into(school.store.engine)
    with school.store.reading() as conn:
        for table in tables.get_table_names():
            for column in tables.get_columns(table):
                if isinstance(column["type"], LargeBinary):
                    rows = conn.execute(text(f"SELECT {column['name']} FROM {table}")).scalars()  # noqa: S608
                    found += [f"{table}.{column['name']}" for value in rows if value and not vault.is_current(bytes(value))]
    return found


def test_what_was_kept_before_names_were_kept_is_found_where_its_name_can_be_told(school: School) -> None:
    old = Everything(school, KEY)
    value = {"account": "ABC-2", "user": "29:y"}
    key = old.vault.index("school", "teams reference", "abc-2")
    with school.store.transaction() as conn:
        sealed = old.vault.seal_json(place_of(school.store, "reference", key), value)
        school.store.add(conn, items, kind="reference", id=key, sealed=sealed, at=school.clock.now())
    rotate_everything(school.store, Vault([NEW, KEY]))
    assert Book(school.store, Vault([NEW])).get("reference", "abc-2") == value


def test_nothing_that_is_written_meanwhile_is_lost(school: School) -> None:
    old = Everything(school, KEY)
    refs = [old.register.open(report(what=f"Number {number}"), VISITOR, f"e{number}").ref for number in range(4)]
    for number in range(20):
        old.book.put("line", f"early/{number}", {"n": -1})
        old.register.say(refs[number % 4], VISITOR, f"early {number}", f"early{number}", "chat")
    both, over, done = Everything(school, NEW, KEY), threading.Event(), itertools.count()

    def write(part: int) -> list[int]:
        mine: list[int] = []
        while not over.wait(0.02) and len(mine) < 30:
            number = next(done)
            both.register.say(refs[part], VISITOR, f"late {number}", f"late{number}", "chat")
            both.book.put("line", f"early/{part}", {"n": number})
            both.register.open(report(what=f"Late {number}"), Person(f"chat:N{number}", "New"), f"new{number}")
            mine.append(number)
        return mine

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, part) for part in range(3)]
        try:
            rotate_everything(school.store, both.vault)
        finally:
            over.set()
        wrote = [one.result() for one in writing]
    assert all(wrote), "each wrote something while the keys were rotated"
    rotate_everything(school.store, both.vault)
    new = Everything(school, NEW)
    for part, numbers in enumerate(wrote):
        said = [entry.text for entry in new.register.read(refs[part], HEAD).timeline if entry.what == "said"]
        assert [f"late {number}" for number in numbers] == [line for line in said if line.startswith("late")]
        for number in numbers:
            assert [row.ref for row in new.register.reported_by(Person(f"chat:N{number}", "New"))]
        assert new.book.get("line", f"early/{part}") == {"n": numbers[-1]}
    assert len(new.book.all("line")) == 20
    assert verify(school.store, new.vault).problem == ""
    assert sealed_with_another(school, new.vault) == []


def test_the_same_report_stays_one_though_it_turned_graver_before_the_keys_were_changed(school: School) -> None:
    ref = school.register.open(report(), TEACHER, "e").ref
    raise_kind(school.register, ref, TEACHER, Kind.INDECENT_IMAGES, "Do not save it.", "r", "chat")
    rotate_everything(school.store, Everything(school, NEW, KEY).vault)
    assert Everything(school, NEW).register.open(report(), TEACHER, "again").ref == ref
