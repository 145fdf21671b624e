"""Every query and every change there is, called from another school with the first one's own references, keys and tokens.

The list is made by looking at the code, so what is new and has nothing to be called with fails here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import event, text
from sqlalchemy import inspect as looked_at

from bot.cards import Card, Text
from bot.channels.slack.install_tables import BOTS, INSTALLATIONS
from bot.channels.slack.installers import Installers
from bot.channels.slack.installs import Installs
from bot.channels.teams.book import MIGRATIONS as TEAMS_TABLES
from bot.channels.teams.book import Book
from bot.channels.teams.references import References
from bot.channels.teams.viewer import Viewer
from bot.channels.web.conversations import Conversations
from bot.channels.web.keeping import SigningIn
from bot.channels.web.sessions import Sessions
from bot.channels.web.site import Site
from bot.channels.web.tables import MIGRATIONS as PAGE_TABLES
from bot.errors import UsherError
from bot.feedback import MIGRATIONS as FEEDBACK_TABLES
from bot.feedback import Feedback, judgements
from bot.guidance_states import GuidanceStates
from bot.inbox_table import Pages
from bot.incidents import schema
from bot.incidents.beside import Beside
from bot.incidents.chain import Bad, Chain
from bot.incidents.enquiries import Enquiries
from bot.incidents.gate import Action
from bot.incidents.keeping import SealedRows
from bot.incidents.policy_of_school import SchoolRules
from bot.incidents.rooms import Rooms, Step
from bot.incidents.rows import Rows
from bot.incidents.sending import Sending
from bot.incidents.turns import Turn
from bot.incidents.verify import Verifier, verify
from bot.kept import keepers
from bot.people import Person, Role
from bot.ports import Room, Sent
from bot.settings import Slack
from tests.bot.asked import arguments, everything
from tests.bot.test_everything_kept import CANARY, KEPT, NINA, Planted
from tests.bot.test_schools import FIRST, SECOND
from tests.bot.test_schools import OWN as OWN_TABLES
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import HEAD, TEACHER
from tests.support.school import School, report

METHODS = everything()
OURS = re.compile(rf"\b(FROM|UPDATE|INTO|JOIN) ({'|'.join([*OWN_TABLES, BOTS, INSTALLATIONS])})\b")
SHE = Person(NINA.id, "Somebody", addresses={"slack": "UQUETZAL"})  # Nina, for those who call: nothing of what they bring may be told
WAITS = report(what="It waits", subjects=("sbm",))


def made(url: str, name: str) -> School:
    school = School(url, name=name, rules=SchoolRules(retention=KEPT))
    school.store.migrate((*FEEDBACK_TABLES, *PAGE_TABLES, *TEAMS_TABLES))
    school.register.keepers = keepers(school.register)
    return school


class Parts:
    """Everything of one school that works on the database, by the name of its class."""

    def __init__(self, school: School) -> None:
        self.school, register, store, vault = school, school.register, school.store, school.vault
        records, directory = register.records, register.records.directory
        self.post = Post(school, {"slack": RecordingChannel("slack"), "mail": RecordingChannel("mail", has_rooms=False)})
        worker = self.post.worker
        sessions = Sessions(store, directory, "https://page.test")
        page = Mock(store=store, register=register, sessions=sessions)
        installs = Installs(Slack("", "", "", "", "1.2", "secret"), store.engine, vault, "https://x.test", store.school)
        self.by_name: dict[str, Any] = {
            type(one).__name__: one
            for one in (
                register, register.membership, register.opening, register.views, register.turns, records, records.trail, records.jobs,
                directory, store, worker.outbox, worker.ladder, worker.rooms, worker._parts.composing, Sending(worker._parts),
                Enquiries(records), Feedback(store, vault), GuidanceStates(store), Pages(store, vault), Book(store, vault),
                Conversations(store, vault, directory), sessions, SigningIn(store, directory), installs, Rooms(worker._parts),
                Site(page, Mock(), Mock(), Mock()), Verifier(store, vault), Installers(store),
                next(one for one in keepers(register) if isinstance(one, SealedRows) and one.name == "waiting"),
            )
        }  # fmt: skip

    def of(self, name: str, conn: Any) -> Any:
        if name == "Beside":
            return Beside(self.school.store, self.school.vault, conn, Chain())
        if name == "Rows":
            return Rows(self.school.store, self.school.vault, conn, Chain())
        if name == "Viewer":
            return Viewer(self.school.register, References(self.by_name["Book"], self.school.people))
        return self.by_name[name]


class World:
    """Two schools in one database. The first has something of every sort, which `known` names; the second has nothing."""

    def __init__(self, url: str) -> None:
        self.first, self.second = made(url, FIRST), made(url, SECOND)
        self.parts = {FIRST: Parts(self.first), SECOND: Parts(self.second)}
        self.planted = Planted(self.first)
        self.known: dict[str, Any] = {}

    async def fill(self) -> None:
        first, parts, planted = self.first, self.parts[FIRST], self.planted
        of = parts.by_name
        await parts.post.deliver()
        planted.answer_and_close()
        await of["Installs"].sealed.async_save(
            Installation(app_id="A", team_id="T1", user_id="UQUETZAL", bot_token=f"xoxb-{CANARY}", bot_id="B", bot_user_id="U")
        )
        GuidanceStates(first.store).note([CANARY])
        of["Feedback"].use([CANARY])
        first.store.claim_event("handled")
        first.store.finish_event("handled")
        first.store.claim_event("claimed")
        first.store.beat("outbox")
        other = first.register.open(WAITS, TEACHER, "another").ref
        first.register.tick(other, TEACHER, "date", "ticked")
        link = of["Sessions"].make_link(NINA).rpartition("/")[2]
        session = of["Sessions"].sign_in(of["Sessions"].make_link(NINA).rpartition("/")[2])
        jobs = of["Outbox"].claim("", 1)
        with first.store.reading() as conn:
            facts = first.register.records.facts(conn, other)
            key = first.register.records.directory.known_key(conn, NINA.id)
            judged = conn.scalar(first.store.rows(judgements, judgements.c.id))
            room = conn.execute(first.store.rows(schema.rooms)).mappings().first()
        assert facts is not None
        assert key
        assert jobs
        assert session
        for school in (first, self.second):
            school.clock.turn(seconds=60)  # the leases of what came in have run out
        now = first.clock.now()
        self.known = {
            "ref": other, "by": SHE, "person": SHE, "people": (SHE,), "event_id": "handled", "event": ("open", "another"),
            "facts": facts,
            "person_id": NINA.id, "person_key": key, "keys": {key}, "token": session.token, "link": link, "job": jobs[0],
            "question": "May I?",
            "judgement_id": judged, "conversation": "room1", "channel": "slack", "name": "outbox", "kind": "reference", "key": "w1",
            "before": None, "limit": 50, "seq": 0, "n": 1, "card": Card("Other", (Text("words"),)), "text": "other words",
            "words": {CANARY.casefold()},
            "moment": now + timedelta(days=999), "now": now + timedelta(days=999), "refs": {other, planted.ref}, "value": {"account": "x"},
            "policy": "p", "version": "v", "verdict": "no", "clauses": ["28"], "confidence": 0.9, "choice": "wrong_clause", "comment": "c",
            "judged": now + timedelta(days=999), "answered": now + timedelta(days=999), "suggestion_ids": ["x"],
            "state": "kept", "ids": ["x"],
            "channels": frozenset({"slack"}), "held": frozenset({"name"}), "payload": {"x": "y"}, "seconds": 1.0, "starts": 1,
            "actor": key, "action": "read", "detail": {}, "bound": "", "report": WAITS, "purpose": "alert:0",
            "unsure": False, "priority": 0, "due": now, "to_role": Role.HEADTEACHER, "turn": None, "number": 1, "via": "invited",
            "busy": frozenset(), "ended": "sent", "after": 1.0, "arrived": True, "silent": frozenset(), "table": "x", "row": "x",
            "column": "sealed", "what": "said", "hidden": False, "message": "m", "written": Mock(number=1, what="said", hidden=False),
            "entry": 1, "cursor": 0, "reason": "because", "change": "edited", "told": "told", "item": "date", "outcome": "done", "on": True,
            "about": True, "opened": Room("slack", "room1"), "step": Step("open", Room("slack", "room1"), member_keys=(key,)), "closed": {},
            "addressed": Mock(person=SHE, card=Card("x")), "sent": Sent("slack", "c", "m"), "how": "gone", "needs": None,
            "act": lambda _: None, "kept_heads": (), "progress": None, "reported": True, "register": None, "store": None, "vault": None,
            "more": (), "others": (), "team": "T1", "known": None, "earlier": True, "only": None, "role": "",
        }  # fmt: skip
        assert room is not None, "the first school has a room"

    async def call(self, name: str, where: str) -> Any:
        """Call it in one of the schools with what the first one knows. What it raises of ours counts as nothing said."""
        made_by, function = METHODS[name]
        school = self.parts[where].school
        records = school.register.records
        parameters = inspect.signature(function).parameters
        with ExitStack() as stack:
            inside = bool({"conn", "turn"} & set(parameters)) or made_by in (Rows, Beside)
            conn = stack.enter_context(school.store.transaction()) if inside else None
            if conn is not None:
                records.trail.lock(conn)
            known = {
                **self.known,
                "conn": conn,
                "register": school.register,
                "records": records,
                "store": school.store,
                "vault": school.vault,
            }
            if conn is not None:
                known["turn"] = Turn(conn, self.known["facts"], SHE, self.known["person_key"], school.clock.now())
            given, named = arguments(function, known, {**OWN.get(name, {}), **self.own(name)})
            call = function if made_by is None else getattr(self.parts[where].of(made_by.__name__, conn), function.__name__)
            try:
                told = call(*given, **named)
                return await told if inspect.isawaitable(told) else told
            except (UsherError, Bad) as error:
                return error

    def told(self, shown: str) -> bool:
        """Whether this tells anything of the first school."""
        return bool(re.search(f"{CANARY}|{self.planted.ref}", shown, re.IGNORECASE))

    def own(self, name: str) -> dict[str, Any]:
        """Arguments whose names mean something else there."""
        key, known = self.known["person_key"], self.known
        return {
            "Sessions.sign_in": {"token": known["link"]}, "Directory.person": {"key": key}, "Jobs.notify": {"person": key},
            "Jobs.send": {"person": key}, "Records.feed": {"person": key}, "Records.write": {"by": key}, "Opening.again": {"by": key},
            "Records.note_reading": {"by": key}, "Ladder.hurry": {"person": key}, "Records.apply": {"event": ("fresh", "one")},
            "Enquiries.read": {"ref": self.planted.asked.ref}, "Enquiries.one": {"ref": self.planted.asked.ref},
            "Enquiries.answer": {"ref": self.planted.asked.ref, "by": HEAD}, "Records.facts": {"ref": self.planted.ref},
            "Register.read": {"ref": self.planted.ref, "by": HEAD}, "Viewer.now": {"value": f"alert|{self.planted.ref}"},
        }.get(name, {})  # fmt: skip


OWN: dict[str, dict[str, Any]] = {
    "Pages.claim": {"held": frozenset()},
    "Pages.put": {"name": "another", "channel": "slack"},
    "Pages.put_off": {"name": "name"},
    "Pages.remove": {"name": "name"},
    "Book.put": {"name": "acc-nina"},
    "Book.get": {"name": "acc-nina"},
    "Book.remove": {"name": "acc-nina"},
    "Book.change": {"name": "acc-nina", "work": lambda value: value},
    "Enquiries.forget": {"before": schema.EPOCH + timedelta(days=99999)},
    "Turns.take": {"action": Action.READ},
    "Turns.begin": {"needs": Action.READ},
    "Turns.note_refusal": {"action": Action.READ},
    "export_person": {"by": "somebody"},
    "erase_person": {"by": "somebody"},
    "rotate": {"by": "somebody"},
    "Store.rows": {"table": schema.incidents, "columns": ()},
    "Store.insert_new": {"table": schema.beats, "values": {"name": "fresh", "at": schema.EPOCH}},
    "Store.add": {"table": schema.beats, "values": {"name": "fresher", "at": schema.EPOCH}},
    "Store.change": {"table": schema.beats, "where": [], "values": {"at": schema.EPOCH}},
    "Store.remove": {"table": schema.beats, "where": []},
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    url = f"sqlite:///{tmp_path / 'usher.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    one = World(url)
    await one.fill()
    yield one
    one.first.close()
    one.second.close()


def rows_of(world: World, school: str) -> dict[str, list[str]]:
    """Every row of a school in every table that there is."""
    found: dict[str, list[str]] = {}
    with world.first.store.engine.connect() as conn:
        for name in looked_at(conn).get_table_names():
            if "school" in {column["name"] for column in looked_at(conn).get_columns(name)}:
                rows = conn.execute(text(f"SELECT * FROM {name} WHERE school = :school"), {"school": school}).all()  # noqa: S608
                found[name] = sorted(repr(tuple(row)) for row in rows)
    return found


def heard(world: World) -> Iterator[list[tuple[str, str]]]:
    statements: list[tuple[str, str]] = []

    def look(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any) -> None:
        statements.append((statement, repr(parameters)))

    event.listen(world.second.store.engine, "before_cursor_execute", look)
    yield statements
    event.remove(world.second.store.engine, "before_cursor_execute", look)


async def test_the_first_school_has_something_in_every_table(world: World) -> None:
    empty = {name for name, rows in rows_of(world, FIRST).items() if not rows}
    assert empty <= {"slack_oauth_states"}, empty


async def test_nothing_there_is_tells_or_changes_anything_of_another_school(world: World) -> None:
    assert len(METHODS) > 150
    before = rows_of(world, FIRST)
    silent = set()
    for name in METHODS:
        for statements in heard(world):
            told = await world.call(name, SECOND)
            assert not world.told(shown(told)), f"{name} tells of another school"
            for statement, values in statements:
                assert FIRST not in values, f"{name}: {statement}"
                if OURS.search(statement):
                    assert SECOND in values, f"{name}: {statement}"
            if not statements:
                silent.add(name)
        changed = [table for table, rows in rows_of(world, FIRST).items() if rows != before[table]]
        assert not changed, f"{name} changes {changed} of another school"
    assert silent <= PURE, silent - PURE
    assert verify(world.first.store, world.first.vault).problem == ""


def shown(told: Any) -> str:
    """What was told, or why not."""
    if isinstance(told, UsherError | Bad):
        return str(told)
    return repr(told)


PURE = frozenset(
    {
        "Directory.current", "Directory.has_left", "Opening.resolve", "Opening.route", "Opening.whom_to_telephone", "Opening.not_known",
        "Records.place", "Records.report", "Views.telephone", "Store.rows", "Viewer.now", "Viewer.refresh_of",
        "SigningIn.forget_incidents", "Pages.recover",
        "Installers.forget", "Installers.forget_incidents", "Installs.invites",
    }
)  # fmt: skip


async def test_the_same_calls_in_the_first_school_do_tell(world: World) -> None:
    """What is asked above is there to be told: else it would prove nothing."""
    telling = set()
    for name in sorted(READING):
        if world.told(repr(await world.call(name, FIRST))):
            telling.add(name)
    assert telling == READING, READING - telling


READING = frozenset(
    {
        "Register.read", "Register.visible_to", "Enquiries.read", "Enquiries.mine", "Enquiries.answered", "Feedback.everything",
        "Feedback.of", "Feedback.were_used", "Conversations.page", "Conversations.since", "Conversations.everything", "Conversations.find",
        "Sessions.person", "Sessions.sign_in", "SealedRows.export", "Book.get", "Book.all", "Installs.token", "export_person",
        "Directory.person", "Directory.persons", "Records.facts", "Pages.claim",
    }
)  # fmt: skip
