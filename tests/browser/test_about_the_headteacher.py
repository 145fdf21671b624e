"""An incident about the Headteacher: the chair gets it, and nothing that the Headteacher can see differs by a byte."""

from __future__ import annotations

import http.client
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import func

from bot.incidents import opening, schema
from bot.incidents.model import Kind, Report
from tests.browser.windows import Window
from tests.browser.world import World
from tests.support.clock import TurnableClock

Open = Callable[..., Window]
FIRST, HIDDEN, SECOND = "BCDF-2345", "GHJK-6789", "MNPQ-2345"
ABOUT_THE_HEAD = Report(Kind.STAFF_ABUSE, "The Headteacher sends me nasty messages at night.", done_by=("headteacher",))


def test_the_chair_is_alerted_and_the_headteacher_sees_nothing(window: Open):
    head, chair, teacher = window("head"), window("chair"), window("teacher")
    ref = teacher.report("The Headteacher sends me nasty messages at night.", Who_did_it="The Headteacher")
    expect(teacher.cards.last).to_contain_text("Chair of Governors")
    expect(teacher.cards.last).not_to_contain_text("on its way to the Headteacher")
    expect(chair.cards.last).to_contain_text(ref)
    chair.press("Acknowledge", chair.cards.last)
    expect(teacher.page.locator("#log")).to_contain_text("Acknowledged by Dr Carol Demo-Grant")
    chair.open_room(ref)
    expect(chair.page.locator("#panel .report")).to_have_text("The Headteacher sends me nasty messages at night.")

    expect(head.rows).to_have_count(0)
    expect(head.cards).to_have_count(0)
    assert head.page.title() == "Usher"
    answer = head.page.goto(f"{head.base}/room/{ref}")
    assert answer is not None
    assert answer.status == 404
    refused = head.page.content()
    head.page.goto(f"{head.base}/room/ZZZZ-2222")
    assert head.page.content() == refused, "an unknown reference reads differently"


class Paired:
    """One of two worlds, with the same clock, key and references."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, *, hidden: bool) -> None:
        folder.mkdir()
        self.clock = TurnableClock()
        self.world = World(folder, clock=self.clock)
        self.world.start()
        self._patch, self._hidden = patch, hidden

    def open(self, ref: str) -> None:
        """Report something; what is about the Headteacher happens in one of the worlds only."""
        world = self.world
        if ref != HIDDEN or self._hidden:
            self._patch.setattr(opening, "new_reference", lambda: ref)
            report = ABOUT_THE_HEAD if ref == HIDDEN else Report(Kind.MISUSE, f"Something about {ref}.")
            world.register.open(report, world.person("teacher"), f"open-{ref}")
            self.settle()
        self.clock.turn(minutes=3)

    def live(self) -> None:
        """What happens: two ordinary incidents, and in one of the worlds one about the Headteacher between them."""
        world, head = self.world, self.world.person("head")
        for ref in (FIRST, HIDDEN, SECOND):
            self.open(ref)
        if self._hidden:
            chair = world.person("chair")
            world.register.acknowledge(HIDDEN, chair, "chair-acknowledges")
            world.register.say(HIDDEN, chair, "Who else knows of this?", "chair-says", "web")
            self.settle()
        world.register.acknowledge(FIRST, head, "head-acknowledges")
        self.settle()

    def settle(self) -> None:
        """Wait until the outbox has nothing left to do now."""
        jobs, store = schema.jobs, self.world.store
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with store.reading() as conn:
                if not conn.scalar(store.rows(jobs, func.count()).where(jobs.c.done_at.is_(None), jobs.c.due_at <= self.clock.now())):
                    return
            time.sleep(0.05)
        raise AssertionError("the outbox did not come to rest")

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """What the Headteacher's browser would get: the status, the headers and the whole body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=20)
        host = f"127.0.0.1:{self.world.port}"
        csrf = self.world.page.seal("csrf", self.world.person("head"), "demo")
        body = urllib.parse.urlencode({"csrf": csrf, **fields}) if fields is not None else None
        sent = (
            {"Origin": f"http://{host}", "Content-Type": "application/x-www-form-urlencoded", **headers} if fields is not None else headers
        )
        connection.request(method, f"/as/head{path}", body, sent)
        answer = connection.getresponse()
        found = answer.status, {name: value for name, value in answer.getheaders() if name != "Date"}, answer.read()
        connection.close()
        return found

    def listen(self, path: str, seconds: float) -> bytes:
        """Everything that the live stream sends in this time."""
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=seconds)
        connection.request("GET", f"/as/head{path}")
        answer, found, end = connection.getresponse(), b"", time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                found += answer.read1(65536)
        except TimeoutError:
            pass
        connection.close()
        return found


@pytest.fixture
def worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Paired, Paired]]:
    made = Paired(tmp_path / "with", monkeypatch, hidden=True), Paired(tmp_path / "without", monkeypatch, hidden=False)
    yield made
    for one in made:
        one.world.stop()


def assert_same(found: list[tuple[int, dict[str, str], bytes]], where: str) -> None:
    """Both answers are the same to the byte; else show where they part."""
    first, second = (b"%d %r " % (status, sorted(headers.items())) + body for status, headers, body in found)
    at = next((place for place, (one, other) in enumerate(zip(first, second, strict=False)) if one != other), -1)
    assert first == second, f"{where} differs at {at}: {first[max(0, at - 200) : at + 200]!r} / {second[max(0, at - 200) : at + 200]!r}"


LOOKS = ["/", "/home", f"/room/{FIRST}", f"/room/{SECOND}", f"/room/{HIDDEN}", f"/room/{HIDDEN.lower()}", f"/stream?room={HIDDEN}"]
DOES: list[tuple[str, dict[str, str]]] = [
    ("/press", {"action": "incident.open", "value": HIDDEN, "event": "press-0001"}),
    ("/press", {"action": "incident.acknowledge", "value": HIDDEN, "event": "press-0002"}),
    ("/press", {"action": "incident.status", "value": HIDDEN, "event": "press-0003"}),
    ("/press", {"action": "incident.tick", "value": f"{HIDDEN}|date", "room": HIDDEN, "event": "press-0004"}),
    ("/press", {"action": "incident.note", "value": HIDDEN, "event": "press-0005"}),
    ("/message", {"text": "Hello?", "room": HIDDEN, "event": "says-0001"}),
    ("/message", {"text": f"How does {HIDDEN} stand?", "event": "says-0002"}),
    ("/press", {"action": "report.open", "value": "", "event": "press-0006"}),
    ("/typing", {"room": HIDDEN}),
]


def test_nothing_that_the_headteacher_can_look_at_or_do_differs_by_a_byte(worlds: tuple[Paired, Paired]):
    for one in worlds:
        one.live()
    with_it = worlds[0]
    chair = with_it.world.person("chair")
    assert HIDDEN in {row.ref for row in with_it.world.register.visible_to(chair)}, "the two worlds are the same by mistake"
    for path in LOOKS:
        assert_same([one.ask("GET", path) for one in worlds], path)
    for path, fields in DOES:
        for accept in ("text/html", "application/json"):
            sent = {**fields, "event": f"{fields.get('event', '')}-{accept[-4:]}", "chat": "yes", "since": "0.0.0"}
            found = [one.ask("POST", path, sent, Accept=accept) for one in worlds]
            assert_same(found, f"{path} {fields} {accept}")
    for path in LOOKS[:-1]:
        assert_same([one.ask("GET", path) for one in worlds], f"{path} afterwards")
    everything = [one.listen("/stream?chat=yes&since=0.0.0", 2) for one in worlds]
    assert FIRST.encode() in everything[0]
    assert everything[0] == everything[1]
    assert HIDDEN.encode() not in everything[0].replace(f"How does {HIDDEN} stand?".encode(), b"")


def test_the_live_stream_of_the_headteacher_stays_silent(worlds: tuple[Paired, Paired]):
    heard: list[bytes] = []
    for one in worlds:
        one.open(FIRST)
        cursor = re.findall(rb"^id: (\S+)$", one.listen("/stream?chat=yes&since=0.0.0", 2), re.MULTILINE)[-1].decode()
        ear = threading.Thread(target=lambda one=one, at=cursor: heard.append(one.listen(f"/stream?chat=yes&since={at}", 6)))
        ear.start()
        time.sleep(0.5)
        one.open(HIDDEN)
        ear.join()
    assert heard[0] == heard[1] == b"retry: 1500\n\n"


def test_an_ordinary_incident_is_heard_on_that_stream(worlds: tuple[Paired, Paired]):
    """The control: the silence above is not that of a stream which never says anything."""
    one = worlds[1]
    heard: list[bytes] = []
    ear = threading.Thread(target=lambda: heard.append(one.listen("/stream?chat=yes&since=0.0.0", 5)))
    ear.start()
    time.sleep(0.5)
    one.open(FIRST)
    ear.join()
    assert FIRST.encode() in heard[0]
