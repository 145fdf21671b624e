"""PostgreSQL stands still: whoever has pressed Send is told within seconds, by whichever way they came, and one report stays one."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import event, text

from bot.channels.web import forms
from bot.channels.web.server import make_app
from bot.channels.web.visitors import COOKIE
from bot.dispatch import Dispatcher, Outcome
from bot.errors import NotSaved
from bot.events import Place, Press
from bot.incidents import bounded
from bot.incidents.bounded import NoAnswer, in_time
from bot.incidents.store import Store
from bot.incidents.verify import verify
from bot.settings import load
from handlers.report import Reporting
from tests.browser import world as worlds
from tests.channels.slack import bench as benches
from tests.channels.slack.stand_in.member import until
from tests.channels.teams.conftest import put_together, serve, staff, teams  # noqa: F401 a fixture
from tests.channels.teams.stand_in import Teams
from tests.channels.teams.test_dialogues import REPORT
from tests.support import postgres
from tests.support.clock import TurnableClock
from tests.support.dialogue import RecordingReply
from tests.support.people import HEAD, TEACHER
from tests.support.postgres import Server
from tests.support.school import School, report

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(300)]
PATIENCE = 10.0  # seconds that a person may be left without a word, on a machine that has other work
UNKNOWN = "It is not known whether your report was saved."


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if not postgres.binaries():
        pytest.skip(postgres.MISSING)
    with postgres.server() as made:
        yield made


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    with postgres.fresh_database(server.url) as made:
        yield made
        server.thaw()  # whatever a test did, the next one finds the server going


def freeze_at_commit(store: Store, server: Server) -> None:
    """The next COMMIT is sent, and stays without an answer."""

    def freeze(conn: Any) -> None:
        if not frozen:
            frozen.append(True)
            server.freeze()

    frozen: list[bool] = []
    event.listen(store.engine, "commit", freeze)


async def goes_on(store: Store) -> None:
    """Until the store takes something again."""
    async with asyncio.timeout(30):
        while True:
            with suppress(NotSaved):
                await asyncio.to_thread(written, store)
                return
            await asyncio.sleep(0.1)


def written(store: Store) -> None:
    with store.transaction() as conn:
        conn.execute(text("SELECT 1"))


def test_a_store_that_does_not_answer_is_told_as_such_and_goes_on_by_itself(server: Server, url: str) -> None:
    school = School(url)
    server.freeze()
    for _ in range(3):
        began = time.monotonic()
        with pytest.raises(NotSaved) as told:
            school.register.open(report(), TEACHER, "e1")
        assert HEAD.telephone in str(told.value)
        assert time.monotonic() - began < PATIENCE
    server.thaw()
    # Whoever asks all the while does not keep the store from being asked again.
    for _ in range(40):
        with suppress(NotSaved):
            school.register.visible_to(HEAD)
        time.sleep(0.1)
    assert school.register.visible_to(HEAD) == ()
    school.register.open(report(), TEACHER, "e1")
    assert verify(school.store, school.vault).problem == ""
    school.close()


async def test_a_report_whose_commit_stays_without_an_answer(server: Server, url: str) -> None:
    """The reporter hears that nobody knows; it is saved after all when the server goes on; the next press is the same incident."""
    school = School(url)
    freeze_at_commit(school.store, server)
    began = time.monotonic()
    with pytest.raises(NoAnswer):
        await in_time(school.register.open, report(), TEACHER, "e1", late="x")
    assert time.monotonic() - began < PATIENCE
    server.thaw()
    await asyncio.sleep(1)
    (saved,) = school.register.visible_to(HEAD)
    assert school.register.open(report(), TEACHER, "e1").ref == saved.ref
    assert school.register.open(report(), TEACHER, "another press").ref == saved.ref
    assert len(school.register.visible_to(HEAD)) == 1
    assert verify(school.store, school.vault).problem == ""
    school.close()


def test_the_thread_itself_lets_go_and_says_that_nobody_knows(server: Server, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.incidents.postgres.SILENCE", 1.5)
    school = School(url)
    freeze_at_commit(school.store, server)
    with pytest.raises(NoAnswer) as told:
        school.register.open(report(), TEACHER, "e1")
    assert str(told.value).startswith(UNKNOWN)
    assert HEAD.telephone in str(told.value)
    server.thaw()
    time.sleep(1)
    assert len(school.register.visible_to(HEAD)) == 1
    school.close()


async def test_on_the_page(server: Server, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worlds, "Store", type("On", (), {"ready": staticmethod(lambda _, clock: Store.ready(url, clock=clock))}))
    world = worlds.World(tmp_path)
    client: TestClient[web.Request, web.Application] = TestClient(TestServer(make_app(world.page)), cookie_jar=CookieJar(unsafe=True))
    await client.start_server()
    csrf = re.search(r'data-csrf="([0-9a-f]+)"', await (await client.get("/as/teacher/")).text())
    assert csrf
    teacher = world.person("teacher")
    form = Reporting(world.services).form("", teacher)

    async def send(number: int) -> dict[str, Any]:
        sent = {"csrf": csrf[1], "form": forms.sign(world.page, teacher, form), "event": f"{number}" * 8, "what": REPORT, "chat": "yes"}
        headers = {"Origin": str(client.make_url("/")).rstrip("/"), "Accept": "application/json"}
        answer: dict[str, Any] = await (await client.post("/as/teacher/submit", data=sent, headers=headers)).json()
        return answer

    for number, frozen in enumerate((server.freeze, lambda: freeze_at_commit(world.store, server)), start=1):
        frozen()
        began = time.monotonic()
        said = "".join((await send(number))["notes"])
        assert time.monotonic() - began < PATIENCE
        assert "not saved" in said.lower() or UNKNOWN in said
        assert "Please telephone now: " in said
        assert world.person("head").telephone in said
        server.thaw()
        await goes_on(world.store)
        for again in (number, 3):
            await send(again)
        assert len(world.register.visible_to(world.person("head"))) == 1
    await client.close()
    world.store.close()


async def test_on_the_page_before_it_is_known_who_asks(server: Server, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a real school the session is looked up first: that does not wait either."""
    monkeypatch.setattr(worlds, "Store", type("On", (), {"ready": staticmethod(lambda _, clock: Store.ready(url, clock=clock))}))
    world = worlds.World(tmp_path, demo=False)
    client: TestClient[web.Request, web.Application] = TestClient(TestServer(make_app(world.page)), cookie_jar=CookieJar(unsafe=True))
    await client.start_server()
    session = world.page.sessions.sign_in(world.page.make_link(world.person("teacher")).rpartition("/")[2])
    assert session
    headers = {"Cookie": f"{COOKIE}={session.token}", "Accept": "application/json"}
    assert (await client.get("/home", headers=headers)).status == 200
    server.freeze()
    began = time.monotonic()
    answers = await asyncio.gather(*(client.post("/submit", data={"form": "x"}, headers=headers) for _ in range(12)))
    assert time.monotonic() - began < PATIENCE
    for answer in answers:
        assert answer.status == 503
        assert world.file.school.telephone in (await answer.json())["problem"]
    await client.close()
    world.store.close()


async def test_in_slack(server: Server, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benches, "load", lambda folder, _: load(folder, {"DATABASE_URL": url}))
    async with benches.Bench(tmp_path, "http") as bench:
        teacher, head = bench.who("teacher"), bench.bot.services.people.get("head")
        assert head is not None
        await teacher.commands("/report", REPORT)
        await teacher.form()
        began = time.monotonic()
        server.freeze()
        await teacher.submits()
        await until(lambda: "Please telephone now: " in all_that(bench, teacher.id), "whom to telephone")
        assert time.monotonic() - began < PATIENCE
        assert head.telephone in all_that(bench, teacher.id)
        server.thaw()
        await goes_on(bench.bot.store)
        await teacher.commands("/report", REPORT)
        await teacher.submits()
        await until(lambda: "Your report is saved" in all_that(bench, teacher.id), "that it is saved")
        await asyncio.sleep(1)
        assert len(bench.bot.register.visible_to(head)) == 1


def all_that(bench: benches.Bench, user: str) -> str:
    """All that this person has on their screen, the forms included."""
    world = bench.slack.world
    return repr([modal.view for modal in world.modals.values() if modal.user == user]) + bench.who("teacher").reads()


async def test_in_teams(server: Server, url: str, teams: Teams) -> None:  # noqa: F811
    school = School(url, people=staff())
    runner = await serve(teams, put_together(teams, school))
    tom = teams.user("Tom Teacher", "teacher@school.test")
    await tom.install()
    await tom.say("report something")
    dialog = await tom.dialog("Report something")
    began = time.monotonic()
    server.freeze()
    answer = await dialog.send(what=REPORT)
    told = repr(answer) + tom.last().words
    assert time.monotonic() - began < PATIENCE
    assert "telephone" in told.lower()
    server.thaw()
    await goes_on(school.store)
    await dialog.send(what=REPORT)
    await asyncio.sleep(1)
    head = school.people.get("head")
    assert head is not None
    assert len(school.register.visible_to(head)) == 1
    await runner.cleanup()
    school.close()


class Hanging:
    """A store's claims while it hangs: they come to an end long after anybody waits for them."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def claim_event(self, event_id: str) -> bool:
        time.sleep(1.0)
        self.calls.append("claimed")
        return True

    def event_done(self, event_id: str) -> bool:
        raise AssertionError

    def finish_event(self, event_id: str) -> None:
        time.sleep(1.0)

    def release_event(self, event_id: str) -> None:
        self.calls.append("released")


async def test_a_claim_that_comes_too_late_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.dispatch.MARKED_WITHIN", 0.2)
    monkeypatch.setattr(bounded, "WITHIN", 0.3)
    claims = Hanging()
    dispatch, reply = Dispatcher(claims, telephone="01235 000000"), RecordingReply()

    async def slow(press: Press, reply: Any) -> None:
        await in_time(time.sleep, 1.0)

    dispatch.on_press("slow", slow)
    began = time.monotonic()
    press = Press("e", TEACHER, "slow", "", Place("web", "teacher"), TurnableClock().now())
    outcome = await dispatch.handle(press, reply)
    assert outcome is Outcome.FAILED
    assert time.monotonic() - began < 0.9
    assert "this may not have been saved" in reply.text
    assert "01235 000000" in reply.text
    await asyncio.sleep(1.2)
    assert claims.calls[0] == "released"
    assert claims.calls[1:] == ["claimed", "released"]
