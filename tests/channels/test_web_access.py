"""Who gets in, by which way, and what is turned away: the demo school and a real one."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import CookieJar, FormData, web
from aiohttp.test_utils import TestClient, TestServer

from bot.cards import Field, Form, Option
from bot.channels.web import forms
from bot.channels.web.hub import Ear
from bot.channels.web.server import make_app
from bot.channels.web.visitors import COOKIE, Pace
from bot.errors import Refused
from bot.incidents.model import Kind, Report
from bot.people import Person
from tests.browser.world import World
from tests.support.clock import TurnableClock

pytestmark = pytest.mark.timeout(900)
Client = TestClient[web.Request, web.Application]
JSON = {"Accept": "application/json"}


async def serve(world: World) -> AsyncIterator[Client]:
    client: Client = TestClient(TestServer(make_app(world.page)), cookie_jar=CookieJar(unsafe=True))
    await client.start_server()
    yield client
    await client.close()
    world.store.close()


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def demo_world(tmp_path: Path, clock: TurnableClock) -> World:
    return World(tmp_path, clock=clock)


@pytest.fixture
async def demo(demo_world: World) -> AsyncIterator[Client]:
    async for client in serve(demo_world):
        yield client


@pytest.fixture
def real_world(tmp_path: Path, clock: TurnableClock) -> World:
    return World(tmp_path, clock=clock, demo=False)


@pytest.fixture
async def real(real_world: World) -> AsyncIterator[Client]:
    async for client in serve(real_world):
        yield client


def origin(client: Client) -> str:
    return str(client.make_url("/")).rstrip("/")


async def token_of(client: Client, path: str, cookie: str = "") -> str:
    """The token that a page of ours carries."""
    answer = await client.get(path, headers={"Cookie": f"{COOKIE}={cookie}"} if cookie else {})
    found = re.search(r'data-csrf="([0-9a-f]+)"', await answer.text())
    assert found, await answer.text()
    return found[1]


# ---- The demo school ----


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080", "[::2]"])
async def test_the_demo_school_answers_to_no_other_name(demo: Client, host: str):
    for path in ("/", "/as/head/", "/as/head/stream"):
        answer = await demo.get(path, headers={"Host": host})
        assert answer.status == 421
        assert "Demo-Blake" not in await answer.text()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "127.0.0.2"])
async def test_the_demo_school_answers_to_this_machines_names(demo: Client, host: str):
    assert (await demo.get("/as/head/", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    ("headers", "with_token", "status"),
    [
        ({"Origin": "SAME"}, True, 303),
        ({"Sec-Fetch-Site": "same-origin"}, True, 303),
        ({"Origin": "https://evil.example"}, True, 403),
        ({"Origin": "null"}, True, 403),
        ({"Sec-Fetch-Site": "cross-site"}, True, 403),
        ({}, True, 403),
        ({"Origin": "SAME"}, False, 403),
    ],
)
async def test_a_post_must_come_from_our_own_page(demo: Client, headers: dict[str, str], with_token: bool, status: int):  # noqa: FBT001
    token = await token_of(demo, "/as/teacher/") if with_token else "0" * 40
    sent = {name: origin(demo) if value == "SAME" else value for name, value in headers.items()}
    answer = await demo.post("/as/teacher/message", data={"csrf": token, "text": "hello"}, headers=sent, allow_redirects=False)
    assert answer.status == status


async def test_one_persons_token_is_no_good_for_another(demo: Client):
    token = await token_of(demo, "/as/teacher/")
    answer = await demo.post("/as/head/message", data={"csrf": token, "text": "hello"}, headers={"Origin": origin(demo)})
    assert answer.status == 403


async def test_every_page_forbids_what_it_does_not_need(demo: Client):
    for path in ("/", "/as/teacher/", "/as/teacher/room/ZZZZ-2222", "/static/usher.css", "/nowhere"):
        headers = (await demo.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


async def test_no_page_has_an_inline_script_style_or_outside_address(demo: Client):
    for path in ("/", "/as/teacher/", "/as/teacher/home"):
        text = await (await demo.get(path)).text()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)


async def test_what_people_write_is_never_markup(demo_world: World, demo: Client):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    demo_world.page.conversations.wrote(demo_world.person("teacher"), evil, "one")
    demo_world.register.open(Report(Kind.MISUSE, evil, platform=evil), demo_world.person("teacher"), "open")
    ref = demo_world.register.reported_by(demo_world.person("teacher"))[0].ref
    for path in ("/as/teacher/", f"/as/teacher/room/{ref}"):
        text = await (await demo.get(path)).text()
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "&lt;script&gt;alert(1)" in text


async def test_a_room_reads_the_same_for_a_stranger_as_one_that_is_not_there(demo_world: World, demo: Client):
    ref = demo_world.register.open(Report(Kind.MISUSE, "x"), demo_world.person("teacher"), "open").ref
    for path in ("room/{}", "stream?room={}"):
        found = [await demo.get(f"/as/ta/{path.format(one)}") for one in (ref, "ZZZZ-2222", "nonsense")]
        assert {answer.status for answer in found} == {404}
        assert len({await answer.text() for answer in found}) == 1


async def typed(client: Client, who: str, room: str) -> tuple[int, str]:
    data = {"csrf": await token_of(client, f"/as/{who}/"), "room": room}
    answer = await client.post(f"/as/{who}/typing", data=data, headers={"Origin": origin(client), **JSON})
    return answer.status, await answer.text()


async def test_typing_asks_the_gate_and_a_stranger_learns_nothing_by_it(demo_world: World, demo: Client):
    ref = demo_world.register.open(Report(Kind.MISUSE, "x"), demo_world.person("teacher"), "open").ref
    assert await typed(demo, "teacher", ref) == (204, "")
    found = {await typed(demo, "ta", room) for room in (ref, "ZZZZ-2222", "nonsense", "")}
    assert {status for status, _ in found} == {404}
    assert len(found) == 1


async def test_whoever_was_barred_while_the_room_was_open_hears_no_typing(demo_world: World, demo: Client):
    register, teacher, head, other = demo_world.register, *(demo_world.person(one) for one in ("teacher", "head", "ta"))
    ref = register.open(Report(Kind.MISUSE, "x"), teacher, "open").ref
    register.invite(ref, head, other, "invite")
    hub = demo_world.page.hub
    with hub.listen(Ear("teacher", ref)), hub.listen(Ear("head", ref)) as reads, hub.listen(Ear("ta", ref)) as barred:
        await typed(demo, "teacher", ref)
        assert [len(ear.take()) for ear in (reads, barred)] == [1, 1]
        register.name_subject(ref, head, other, "barred")
        await typed(demo, "teacher", ref)
        assert [len(ear.take()) for ear in (reads, barred)] == [1, 0]
        assert (await typed(demo, "ta", ref))[0] == 404
        assert reads.take() == []


async def test_sending_too_fast_waits_and_never_locks_out(demo_world: World, demo: Client, clock: TurnableClock):
    token = await token_of(demo, "/as/teacher/")
    headers = {"Origin": origin(demo), **JSON}

    async def press() -> int:
        data = {"csrf": token, "action": "report.open", "value": ""}
        return (await demo.post("/as/teacher/press", data=data, headers=headers)).status

    answers = [await press() for _ in range(45)]
    assert answers[:40] == [200] * 40
    assert answers[40:] == [429] * 5
    clock.turn(seconds=2)
    assert await press() == 200
    # Nobody else waits for it.
    other = await token_of(demo, "/as/head/")
    data = {"csrf": other, "action": "report.open", "value": ""}
    assert (await demo.post("/as/head/press", data=data, headers=headers)).status == 200


def test_an_allowance_comes_back_with_time():
    clock = TurnableClock()
    pace = Pace(burst=2, per_second=0.5)
    assert [pace.wait("a", clock.now()) for _ in range(3)] == [0, 0, 2.0]
    clock.turn(seconds=2)
    assert pace.wait("a", clock.now()) == 0
    assert pace.wait("b", clock.now()) == 0


async def test_an_event_sent_twice_is_one(demo_world: World, demo: Client):
    token = await token_of(demo, "/as/teacher/")
    headers = {"Origin": origin(demo), **JSON}
    data = {"csrf": token, "text": "can I friend an ex-pupil?", "event": "11111111-1111-4111-8111-111111111111", "chat": "yes"}
    for _ in range(3):
        assert (await demo.post("/as/teacher/message", data=data, headers=headers)).status == 200
    lines = demo_world.page.conversations.page(demo_world.person("teacher"))
    assert [bool(line.card) for line in lines] == [False, True]


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "-1", "²"])
async def test_a_number_that_no_page_was_given_is_no_number(demo: Client, number: str):
    token, headers = await token_of(demo, "/as/teacher/"), {"Origin": origin(demo), **JSON}
    assert (await demo.get("/as/teacher/", params={"before": number})).status == 200
    sent = {"csrf": token, "line": number}
    assert (await demo.post("/as/teacher/read", data=sent, headers=headers)).status == 204
    pressed = {**sent, "action": "ask.person", "value": "", "since": f"{number}.{number}.0", "chat": "yes", "event": f"press-{number[:9]}"}
    assert (await demo.post("/as/teacher/press", data=pressed, headers=headers)).status == 200


async def test_files_are_refused_before_they_are_read(demo: Client):
    body = FormData()
    body.add_field("csrf", await token_of(demo, "/as/teacher/"))
    body.add_field("text", "look")
    body.add_field("file", b"\x89PNG", filename="x.png", content_type="image/png")
    answer = await demo.post("/as/teacher/message", data=body, headers={"Origin": origin(demo)})
    assert answer.status == 415
    assert "clause 71" in await answer.text()


async def test_probes(demo_world: World, demo: Client, monkeypatch: pytest.MonkeyPatch):
    assert (await demo.get("/healthz")).status == 200
    assert (await demo.get("/readyz")).status == 200
    demo_world.store.engine.dispose()
    database = demo_world.folder / "usher.db"
    database.rename(database.with_suffix(".away"))
    database.mkdir()
    answer = await demo.get("/readyz")
    assert answer.status == 503
    assert await answer.text() == "the database does not answer\n"
    assert (await demo.get("/healthz")).status == 200


async def test_without_the_store_the_person_is_told_and_still_answered(demo_world: World, demo: Client):
    token = await token_of(demo, "/as/teacher/")
    demo_world.store.engine.dispose()
    database = demo_world.folder / "usher.db"
    database.rename(database.with_suffix(".away"))
    database.mkdir()
    data = {"csrf": token, "text": "Somebody is in danger", "event": "11111111-1111-4111-8111-111111111111", "chat": "yes"}
    answer = await demo.post("/as/teacher/message", data=data, headers={"Origin": origin(demo), **JSON})
    said = await answer.json()
    assert answer.status == 200
    assert said["unsaved"] is True
    assert said["notes"], "the person was told nothing"
    assert "01235 000000" in "".join(said["notes"]) or "clause" in "".join(said["notes"]).lower()


# ---- A real school ----


async def test_without_a_session_there_is_one_page_that_says_how_to_get_a_link(real: Client):
    for path in ("/", "/home", "/room/ZZZZ-2222"):
        answer = await real.get(path)
        assert answer.status == 401
        assert "Ask Usher for a link" in await answer.text()
    assert (await real.get("/stream", headers=JSON)).status == 401
    assert (await real.get("/as/head/")).status == 404, "nobody can be somebody else in a real school"


async def signed_in(world: World, client: Client, person: Person) -> str:
    """Sign in by a link; the session's token."""
    path = world.page.make_link(person).removeprefix(world.url)
    looked = await client.get(path)
    assert "Sign in" in await looked.text()
    answer = await client.post(path, headers={"Origin": world.url}, allow_redirects=False)
    assert answer.status == 303
    cookie = answer.headers["Set-Cookie"]
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    found = re.match(rf"{COOKIE}=([\w-]+);", cookie)
    assert found
    client.session.cookie_jar.clear()
    return found[1]


async def test_a_link_signs_in_once_and_looking_at_it_takes_nothing(real_world: World, real: Client):
    link = real_world.page.make_link(real_world.person("head"))
    path = link.removeprefix(real_world.url)
    for _ in range(3):  # a chat product looks at links by itself
        assert (await real.get(path)).status == 200
    first = await real.post(path, headers={"Origin": real_world.url}, allow_redirects=False)
    second = await real.post(path, headers={"Origin": real_world.url}, allow_redirects=False)
    assert (first.status, second.status) == (303, 410)
    assert "Set-Cookie" not in second.headers


async def test_a_link_lasts_ten_minutes(real_world: World, real: Client, clock: TurnableClock):
    path = real_world.page.make_link(real_world.person("head")).removeprefix(real_world.url)
    clock.turn(minutes=10)
    assert (await real.post(path, headers={"Origin": real_world.url}, allow_redirects=False)).status == 410


async def test_a_link_cannot_be_taken_from_another_site(real_world: World, real: Client):
    path = real_world.page.make_link(real_world.person("head")).removeprefix(real_world.url)
    assert (await real.post(path, headers={"Origin": "https://evil.example"}, allow_redirects=False)).status == 403


async def test_a_session_is_its_persons_alone_and_ends(real_world: World, real: Client, clock: TurnableClock):
    token = await signed_in(real_world, real, real_world.person("head"))
    cookie = {"Cookie": f"{COOKIE}={token}"}
    assert "Mrs Helen Demo-Blake" in await (await real.get("/", headers=cookie)).text()
    for step in range(12):  # in use it lasts, but not for ever
        clock.turn(hours=1)
        wanted = 200 if step < 11 else 401
        assert (await real.get("/", headers=cookie)).status == wanted, step

    token = await signed_in(real_world, real, real_world.person("head"))
    clock.turn(hours=2)
    assert (await real.get("/", headers={"Cookie": f"{COOKIE}={token}"})).status == 401, "it has been idle"


async def test_signing_out_ends_the_session(real_world: World, real: Client):
    token = await signed_in(real_world, real, real_world.person("teacher"))
    cookie = {"Cookie": f"{COOKIE}={token}", "Origin": real_world.url}
    data = {"csrf": await token_of(real, "/", token)}
    assert (await real.post("/sign-out", data={"csrf": "0" * 40}, headers=cookie)).status == 403
    assert (await real.post("/sign-out", data=data, headers=cookie)).status == 200
    assert (await real.get("/", headers=cookie)).status == 401


async def test_everybody_can_be_signed_out_at_once(real_world: World, real: Client):
    person = real_world.person("teacher")
    token = await signed_in(real_world, real, person)
    unused = real_world.page.make_link(person).removeprefix(real_world.url)
    assert real_world.page.sessions.sign_out_everywhere(person) == 1
    assert (await real.get("/", headers={"Cookie": f"{COOKIE}={token}"})).status == 401
    assert (await real.post(unused, headers={"Origin": real_world.url}, allow_redirects=False)).status == 410


async def test_staff_whom_the_school_file_does_not_name_can_sign_in_too(real_world: World, real: Client):
    token = await signed_in(real_world, real, Person("slack:U123", "Nia Not-Named", addresses={"slack": "U123"}))
    text = await (await real.get("/", headers={"Cookie": f"{COOKIE}={token}"})).text()
    assert "Nia Not-Named" in text
    assert "Open incidents" not in text


async def test_no_token_stands_in_the_database(real_world: World, real: Client):
    link = real_world.page.make_link(real_world.person("head"))
    token = await signed_in(real_world, real, real_world.person("head"))
    real_world.store.engine.dispose()
    connection = sqlite3.connect(real_world.folder / "usher.db")
    dump = "\n".join(connection.iterdump())
    connection.close()
    assert token not in dump
    assert link.rpartition("/")[2] not in dump


async def test_teams_may_show_the_page_where_that_is_set(tmp_path: Path, clock: TurnableClock):
    world = World(tmp_path, clock=clock, demo=False, frame_ancestors=("https://teams.microsoft.com",))
    async for client in serve(world):
        assert "frame-ancestors https://teams.microsoft.com" in (await client.get("/")).headers["Content-Security-Policy"]
        path = world.page.make_link(world.person("head")).removeprefix(world.url)
        cookie = (await client.post(path, headers={"Origin": world.url}, allow_redirects=False)).headers["Set-Cookie"]
        assert "SameSite=None" in cookie
        assert "Partitioned" in cookie


async def test_the_page_counts_as_a_way_to_somebody_only_while_they_look(real_world: World, clock: TurnableClock):
    head = real_world.person("head")
    assert real_world.page.channel.reaches(head) is False
    real_world.store.close()


# ---- Forms ----

FORM = Form(
    "f", "F", (Field("what", "What?", required=True, max_length=5), Field("who", "Who?", "choices", (Option("a", "A"),))), context="c"
)


def test_a_form_comes_back_as_it_was_opened_and_for_its_person_alone(demo_world: World):
    teacher, head = demo_world.person("teacher"), demo_world.person("head")
    token = forms.sign(demo_world.page, teacher, FORM)
    assert forms.signed_form(demo_world.page, teacher, token) == FORM
    for person, forged in ((head, token), (teacher, "x" + token), (teacher, token[:-1]), (teacher, "")):
        with pytest.raises(Refused):
            forms.signed_form(demo_world.page, person, forged)
    demo_world.store.close()


@pytest.mark.parametrize(
    ("what", "who", "wrong"),
    [("ok", ["a"], set()), ("", ["a"], {"what"}), ("too long", [], {"what"}), ("ok", ["b"], {"who"}), ("  ", [], {"what"})],
)
def test_what_is_wrong_with_a_form_is_said_by_field(what: str, who: list[str], wrong: set[str]):
    from multidict import MultiDict  # noqa: PLC0415 the shape in which a browser sends it

    sent: MultiDict[object] = MultiDict([("what", what), *(("who", one) for one in who)])
    assert set(forms.filled(FORM, sent)[1]) == wrong
