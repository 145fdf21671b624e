"""One person's words planted wherever the bot keeps anything: all of it is exported, and nothing is left when it has to go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import LargeBinary, text

from bot.cards import Card, Text
from bot.channels.slack.installs import Installs
from bot.channels.teams.book import MIGRATIONS as TEAMS_TABLES
from bot.channels.teams.book import Book
from bot.channels.web.conversations import Conversations
from bot.channels.web.sessions import Sessions
from bot.channels.web.tables import MIGRATIONS as PAGE_TABLES
from bot.errors import Refused
from bot.feedback import MIGRATIONS as FEEDBACK_TABLES
from bot.feedback import Feedback
from bot.inbox_table import Pages
from bot.incidents import schema
from bot.incidents.chain import BY_NAME
from bot.incidents.enquiries import Enquiries
from bot.incidents.model import Kind
from bot.incidents.notices import answer_card, enquiry_card, incident_card
from bot.incidents.policy_of_school import Retention, SchoolRules
from bot.incidents.retention import erase_person, export_person, forget, purge
from bot.incidents.stranded import stranded
from bot.incidents.vault import Place, Sealed
from bot.incidents.verify import verify
from bot.kept import keepers
from bot.people import Person, Role
from bot.settings import Slack
from tests.support.people import DSL, HEAD, TEACHER
from tests.support.school import School, report

CANARY = "Canary-Quetzalcoatl"
NINA = Person("slack:UQUETZAL", f"Nina {CANARY}", addresses={"slack": "UQUETZAL", "mail": "nina.quetzal@school.test"})
KEPT = Retention(
    dict.fromkeys(Kind, timedelta(days=30)), conversations=timedelta(days=20), questions=timedelta(days=20), judgements=timedelta(days=20),
    answers=timedelta(days=20),
)  # fmt: skip
CLI = "the command line"


def opened(folder: Path, retention: Retention = KEPT) -> School:
    """A school with everything that a served one has."""
    school = School(f"sqlite:///{folder / 'usher.db'}", rules=SchoolRules(retention=retention))
    school.store.migrate((*FEEDBACK_TABLES, *PAGE_TABLES, *TEAMS_TABLES))
    school.register.keepers = keepers(school.register)
    return school


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = opened(tmp_path)
    yield made
    made.close()


class Planted:
    """Nina's words, in every place."""

    def __init__(self, school: School) -> None:
        self.school, register = school, school.register
        self.talk = Conversations(school.store, school.vault, register.records.directory)
        self.enquiries = Enquiries(register.records)
        self.feedback = Feedback(school.store, school.vault)
        told = report(Kind.STAFF_ABUSE, what=f"{CANARY}: in the report", address=f"https://{CANARY}.test")
        self.ref = register.open(told, NINA, "open").ref
        register.say(self.ref, NINA, f"{CANARY}: in the room", "say", "slack")
        self.talk.wrote(NINA, f"{CANARY}: on the page", "w1")
        self.talk.add(NINA, Card("An answer", (Text(f"{CANARY}: from Usher"),)), "w2")
        self.asked = self.enquiries.ask(f"May I, {CANARY}, do this?", NINA, Role.HEADTEACHER, "ask")
        self.talk.add(HEAD, enquiry_card(self.asked), "h1")
        self.feedback.judged(f"{CANARY}: the question", ["28"], "wrong_clause", f"{CANARY}: the comment", "judge", NINA)
        self.feedback.answered(policy="p", version="v", verdict="no", clauses=["28"], confidence=0.9, channel="web")
        book = Book(school.store, school.vault)
        account = {"account": "acc-nina", "user": "29:nina", "name": NINA.name, "mail": NINA.addresses["mail"], "conversation": "a:nina"}
        book.put("reference", "acc-nina", account)
        book.put("held", "h", {"text": f"{CANARY}: held", "files": 0, "person": NINA.id})
        book.put("sent", "s", {"conversation": "a:nina", "message": "1", "service_url": "https://teams.test"})
        book.put("room", "r", {"id": "19:room", "ref": self.ref, "members": ["acc-nina", "acc-head"]})
        self.book = book
        sessions = Sessions(school.store, register.records.directory, "https://page.test")
        sessions.sign_in(sessions.make_link(NINA).rpartition("/")[2])
        sessions.make_link(NINA)
        waiting = {"token": "secret-of-slack", "event": {"user": "UQUETZAL", "text": f"{CANARY}: waits"}}
        Pages(school.store, school.vault).put("name", "slack", waiting)
        Pages(school.store, school.vault).put("other", "slack", {"event": {"user": "UOTHER", "text": "somebody else's"}})

    def answer_and_close(self) -> None:
        register = self.school.register
        self.talk.add(NINA, answer_card(self.enquiries.answer(self.asked.ref, HEAD, "No, you may not.", "answer")), "w3")
        register.acknowledge(self.ref, HEAD, "ack")
        self.talk.add(HEAD, incident_card(register.read(self.ref, HEAD), HEAD), "h2")
        self.talk.wrote(HEAD, "Something of the Headteacher's own.", "h3")
        register.close(self.ref, HEAD, f"{CANARY}: the outcome", "close")


def everything(school: School) -> str:
    """All that the database holds, with every sealed value opened."""
    found: list[str] = []
    with school.store.engine.connect() as conn:
        names = list(conn.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
        for name in names:
            for row in conn.execute(text(f"SELECT * FROM {name}")).mappings():  # noqa: S608 - a table of our own
                found += [opened_value(school, name, dict(row), column) for column in row]
    return "\n".join(found)


def opened_value(school: School, table: str, row: dict[str, Any], column: str) -> str:
    value = row[column]
    if not isinstance(value, bytes):
        return str(value)
    parts = {
        "entries": ("ref", "number"), "rooms": ("ref", "channel"), "sent": ("ref", "person", "channel", "purpose"),
        "web_lines": ("person", "n"), "teams_items": ("kind", "id"), "persons": ("key",), "incidents": ("ref",),
    }.get(table, ("id",))  # fmt: skip
    return school.vault.open(Place("school", table, "/".join(str(row[part]) for part in parts), column), value)


def test_all_of_it_is_exported_and_the_export_is_on_the_record(school: School) -> None:
    planted = Planted(school)
    found = export_person(school.register, NINA, by=CLI)
    text_of = {part: json.dumps(value, default=str, ensure_ascii=False) for part, value in found.items()}
    for part in ("person", "incidents", "conversation", "questions", "judgements", "teams", "waiting"):
        assert CANARY in text_of[part], part
    assert f"{CANARY}: held" in text_of["teams"]
    assert "29:nina" in text_of["teams"]
    assert "a:nina" in text_of["teams"]  # a message sent to her, found by her conversation
    assert len(found["sessions"]) == 1
    assert f"{CANARY}: waits" in text_of["waiting"]
    assert "secret-of-slack" not in text_of["waiting"]
    assert "somebody else's" not in str(text_of)
    assert planted.ref in found["incidents"]
    assert {act["action"] for act in found["acts"]} >= {"opened", "said", "asked"}
    with school.store.reading() as conn:
        (row,) = conn.execute(school.store.rows(schema.audit).where(schema.audit.c.action == "exported")).mappings()
    assert row["actor"] == CLI
    nobody = export_person(school.register, Person("slack:UNOBODY", "slack:UNOBODY"))
    assert CANARY not in str(nobody)
    assert not any(nobody[part] for part in ("incidents", "conversation", "questions", "judgements", "teams", "waiting", "acts"))


def test_erasure_waits_for_the_law_and_then_leaves_nothing(school: School) -> None:
    planted = Planted(school)
    planted.answer_and_close()
    with pytest.raises(Refused, match="still kept"):
        erase_person(school.register, NINA, by=CLI)
    assert CANARY in everything(school), "the search must be able to find it"
    school.clock.turn(days=31)
    assert purge(school.register) == (planted.ref,)
    assert f"{CANARY}: the outcome" not in everything(school)
    assert [line.text for line in planted.talk.everything(HEAD) if line.text] == ["Something of the Headteacher's own."]
    assert planted.book.get("room", "r") is None, "the room of a purged incident is forgotten"
    counts = erase_person(school.register, Person(NINA.id, NINA.id), by=CLI)
    assert set(counts) == {"conversation", "sessions", "questions", "judgements", "teams", "waiting"}
    left = everything(school)
    for word in (CANARY, CANARY.casefold(), "UQUETZAL", "uquetzal", "nina.quetzal", "29:nina", "a:nina"):
        assert word not in left, word
    assert "somebody else's" in left
    assert erase_person(school.register, NINA) == {}
    # The facts stand, and so does the chain.
    incident = school.register.read(planted.ref, HEAD)
    assert (incident.purged, incident.kind, incident.reporter_name) == (True, Kind.STAFF_ABUSE, "Someone")
    with school.store.reading() as conn:
        actions = set(conn.scalars(school.store.rows(schema.audit, schema.audit.c.action)))
    assert {"opened", "said", "acknowledged", "closed", "asked", "answered", "purged", "erased"} <= actions
    assert verify(school.store, school.vault).sound


@pytest.mark.parametrize("hold", ["police", "legal"])
def test_a_hold_keeps_what_erasure_would_take(school: School, hold: str) -> None:
    planted = Planted(school)
    if hold == "police":
        school.register.police_informed(planted.ref, HEAD, "police")
    planted.answer_and_close()
    if hold == "legal":
        school.register.hold(planted.ref, HEAD, "hold", on=True)
    school.clock.turn(days=3650)
    assert purge(school.register) == ()
    before = everything(school)
    with pytest.raises(Refused):
        erase_person(school.register, NINA)
    assert everything(school) == before, "a refusal takes nothing"


def test_what_has_been_kept_for_long_enough_goes_by_itself_and_that_is_on_the_record(school: School) -> None:
    planted = Planted(school)
    waits = planted.enquiries.ask("Nobody has answered this yet.", TEACHER, Role.HEADTEACHER, "waits")
    planted.answer_and_close()
    assert forget(school.register) == {}
    school.clock.turn(days=21)
    planted.talk.wrote(TEACHER, "Written today.", "today")
    counts = forget(school.register)
    assert set(counts) == {"conversation", "sessions", "questions", "judgements", "teams"}
    left = everything(school)
    for part in ("on the page", "from Usher", "the question", "the comment", "held"):
        assert f"{CANARY}: {part}" not in left, part
    assert f"May I, {CANARY}" not in left
    assert "Written today." in left
    assert planted.enquiries.read(waits.ref, HEAD).question == "Nobody has answered this yet."
    assert planted.book.get("reference", "acc-nina"), "an alert must still reach her"
    assert school.register.read(planted.ref, HEAD).report.what, "an incident's words have a time of their own"
    with school.store.reading() as conn:
        (row,) = conn.execute(school.store.rows(schema.audit).where(schema.audit.c.action == "forgotten")).mappings()
    assert json.loads(row["detail"]) == {**counts, BY_NAME: True}
    assert forget(school.register) == {}
    assert verify(school.store, school.vault).sound


@pytest.mark.postgres
def test_on_postgresql(postgres_url: str) -> None:
    school = School(postgres_url, rules=SchoolRules(retention=KEPT))
    school.store.migrate((*FEEDBACK_TABLES, *PAGE_TABLES, *TEAMS_TABLES))
    school.register.keepers = keepers(school.register)
    planted = Planted(school)
    assert stranded(school.store).count == 0, "it is on its way"
    found = export_person(school.register, NINA)
    assert all(CANARY in str(found[part]) for part in ("incidents", "conversation", "questions", "judgements", "teams", "waiting"))
    planted.answer_and_close()
    school.clock.turn(days=31)
    assert purge(school.register) == (planted.ref,)
    assert set(forget(school.register)) == {"conversation", "sessions", "questions", "judgements", "teams", "waiting"}
    erase_person(school.register, NINA)
    left = export_person(school.register, NINA, about=True)
    assert not any(left[part] for part in left if part != "person")
    assert school.register.read(planted.ref, HEAD).purged
    assert verify(school.store, school.vault).sound
    school.close()


async def test_who_installed_the_bot_in_slack_is_exported_and_forgotten(school: School) -> None:
    installs = Installs(Slack("", "", "", "", "1.2", "secret"), school.store.engine, school.vault, "https://x.test", "school")
    others = Installs(Slack("", "", "", "", "1.2", "secret"), school.store.engine, school.vault, "https://x.test", "other")
    for team, user in (("T1", "UQUETZAL"), ("T2", "UQUETZAL"), ("T3", "UOTHER")):
        await installs.sealed.async_save(Installation(app_id="A", team_id=team, user_id=user, bot_token="xoxb", bot_id="B"))
    await others.sealed.async_save(Installation(app_id="A", team_id="T9", user_id="UQUETZAL", bot_token="xoxb", bot_id="B"))
    in_one = Person("slack:T2/UQUETZAL", "Somebody", addresses={"slack": "T2/UQUETZAL"})
    assert [row["workspace"] for row in export_person(school.register, in_one)["installed"]] == ["T2"]
    found = export_person(school.register, NINA)["installed"]
    assert [(row["workspace"], row["user"]) for row in found] == [("T1", "UQUETZAL"), ("T2", "UQUETZAL")]
    assert all(row["at"].startswith("20") for row in found)
    assert "xoxb" not in str(found)
    assert erase_person(school.register, NINA)["installed"] == 2
    assert export_person(school.register, NINA)["installed"] == []
    assert await installs.token("T1") == "xoxb", "the bot stays installed"
    with school.store.engine.connect() as conn:
        kept = conn.execute(text("SELECT school, user_id FROM slack_installations ORDER BY id")).all()
    assert [tuple(row) for row in kept] == [("school", ""), ("school", ""), ("school", "UOTHER"), ("other", "UQUETZAL")]


def test_who_answered_keeps_the_askers_question(school: School) -> None:
    planted = Planted(school)
    planted.enquiries.answer(planted.asked.ref, HEAD, f"{CANARY}: the reply of the Headteacher", "answer")
    exported = export_person(school.register, HEAD)
    assert f"{CANARY}: the reply" in str(exported["questions"])
    assert "May I," not in str(exported["questions"]), "the question is the asker's"


def test_one_who_was_named_later_is_given_no_reference_of_it(school: School) -> None:
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "open").ref
    school.register.read(ref, DSL)
    school.register.acknowledge(ref, DSL, "ack")
    school.register.name_subject(ref, HEAD, DSL, "name")
    assert ref not in json.dumps(export_person(school.register, DSL), default=str)
    assert ref in json.dumps(export_person(school.register, DSL, about=True), default=str)


def test_without_a_setting_nothing_goes(tmp_path: Path) -> None:
    school = opened(tmp_path, Retention())
    planted = Planted(school)
    planted.answer_and_close()
    school.clock.turn(days=36500)
    assert purge(school.register) == ()
    assert set(forget(school.register)) <= {"sessions", "waiting", "teams"}
    assert f"{CANARY}: on the page" in everything(school)
    school.close()


def test_every_sealed_column_is_searched_here(school: School) -> None:
    """A new table with words in it must be thought of: in the search above, and by a keeper."""
    Planted(school)
    with school.store.engine.connect() as conn:
        columns = {
            (table, row["name"])
            for table in conn.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
            for row in conn.execute(text(f"PRAGMA table_info({table})")).mappings()
            if row["type"] in ("BLOB", str(LargeBinary()))
        }
    assert columns == {
        ("persons", "sealed"), ("incidents", "sealed"), ("incidents", "outcome"), ("entries", "sealed"), ("rooms", "sealed"),
        ("sent", "sealed"), ("enquiries", "question"), ("enquiries", "answer"), ("enquiries", "salts"), ("inbox", "sealed"),
        ("judgements", "sealed"),
        ("web_lines", "sealed"), ("teams_items", "sealed"),
    }  # fmt: skip
    with pytest.raises(Sealed):
        school.vault.open(Place("school", "persons", "x", "sealed"), b"not a sealed value at all")
