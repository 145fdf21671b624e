"""Alerts that nobody can receive: the next person is asked at once, and where there is none the IT contact hears of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.channels.web import server
from bot.errors import NotSaved
from bot.incidents.model import Kind
from bot.incidents.stranded import stranded
from bot.incidents.verify import verify
from bot.incidents.watchdog import GONE, STRANDED, Watchdog
from bot.incidents.worker import BEAT, Worker
from bot.people import People, Person
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import CHAIR, DEPUTY, DSL, EVERYBODY, HEAD, TEACHER
from tests.support.school import School, report


def mute(*silent: Person) -> People:
    """The school's people, some of them with no address at all."""
    return People(replace(one, addresses={}) if one in silent else one for one in EVERYBODY)


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[School]:
    made = School(f"sqlite:///{tmp_path / 'usher.db'}", people=mute(*(one for one in EVERYBODY if one.roles)))
    yield made
    made.close()


class Watched:
    """A watchdog over a worker that beats, and what the IT contact was told."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.chat = RecordingChannel("chat")
        self.post = Post(school, {"chat": self.chat})
        self.worker: Worker = self.post.worker
        self.told: list[tuple[str, ...]] = []
        self.fails = False
        self.restart()

    def restart(self) -> None:
        self.dog = Watchdog(self.worker, self._tell)

    def _tell(self, problems: tuple[str, ...], at: datetime) -> None:
        if self.fails:
            raise ConnectionError
        self.told.append(problems)

    def look(self) -> tuple[str, ...]:
        """One look, with delivery itself in order."""
        self.school.store.beat(BEAT)
        self.worker._pulses = {"chat": time.monotonic()}
        return self.dog.look()


async def test_the_next_person_on_the_ladder_is_asked_at_once(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", people=mute(HEAD))
    watched = Watched(school)
    ref = school.register.open(report(), TEACHER, school.event()).ref
    await watched.post.deliver()
    assert watched.chat.to(DEPUTY), "no minute passes before the next person is asked"
    assert not stranded(school.store)
    assert watched.look() == ()
    timeline = [(entry.what, entry.text) for entry in school.register.read(ref, DEPUTY).timeline]
    assert ("undelivered", "Helen Head cannot be reached by any channel") in timeline
    school.close()


async def test_where_two_in_a_row_cannot_be_reached_the_third_is_asked(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", people=mute(HEAD, DEPUTY))
    watched = Watched(school)
    school.register.open(report(), TEACHER, school.event())
    await watched.post.deliver()
    assert watched.chat.to(CHAIR)
    school.close()


@pytest.mark.parametrize("closed", [False, True])
async def test_a_page_alone_holds_up_nobody(tmp_path: Path, *, closed: bool) -> None:
    """Chat has lost the Headteacher, and only the page is open; or was open, and is closed before the alert is put there."""
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", people=mute(HEAD) if closed else mute())
    page, chat = RecordingChannel("web", has_rooms=False), RecordingChannel("chat")
    page.reaches = lambda person: person.id == HEAD.id  # type: ignore[method-assign]
    chat.gone.add(HEAD.id)
    post = Post(school, {"web": page, "chat": chat})
    ref = school.register.open(report(), TEACHER, school.event()).ref
    if closed:
        (job,) = [one for one in post.worker.outbox.claim("", 10) if one.person]
        await post._delivery.carry_out(job)
        page.reaches = lambda person: False  # type: ignore[method-assign]
    await post.deliver()
    assert chat.to(DEPUTY), "the next person is asked at once"
    assert not stranded(school.store)
    timeline = [(entry.what, entry.text) for entry in school.register.read(ref, DEPUTY).timeline]
    assert ("undelivered", "Helen Head cannot be reached by any channel") in timeline
    school.close()


async def test_the_it_contact_is_told_once_and_again_daily_and_after_a_restart_not_again(nobody: School) -> None:
    watched = Watched(nobody)
    assert watched.look() == ()
    nobody.register.open(report(Kind.SAFEGUARDING), TEACHER, nobody.event())
    assert watched.look() == (), "it is still on its way"
    await watched.post.deliver()
    assert watched.look() == (STRANDED,)
    for _ in range(3):
        nobody.clock.turn(hours=1)
        watched.restart()
        assert watched.look() == (STRANDED,)
    assert watched.told == [(STRANDED,)]
    nobody.clock.turn(hours=22)
    watched.look()
    assert watched.told == [(STRANDED,)] * 2
    assert "Helen" not in STRANDED


async def test_a_new_one_within_the_day_is_told_too(nobody: School) -> None:
    watched = Watched(nobody)
    for number in range(2):
        nobody.clock.turn(hours=1)
        nobody.register.open(report(what=f"Number {number}"), TEACHER, nobody.event())
        await watched.post.deliver()
        watched.look()
    assert len(watched.told) == 2


async def test_telling_is_tried_again_where_it_failed(nobody: School) -> None:
    watched = Watched(nobody)
    nobody.register.open(report(), TEACHER, nobody.event())
    await watched.post.deliver()
    watched.fails = True
    watched.look()
    watched.fails = False
    watched.look()
    assert watched.told == [(STRANDED,)]


async def test_without_an_it_contact_the_log_has_it(nobody: School, caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(nobody)
    watched.dog = Watchdog(watched.worker)
    nobody.register.open(report(), TEACHER, nobody.event())
    await watched.post.deliver()
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            assert watched.look() == (STRANDED,)
    assert caplog.text.count("no IT contact") == 1


async def test_who_reads_it_on_the_page_has_been_told(nobody: School) -> None:
    watched = Watched(nobody)
    ref = nobody.register.open(report(Kind.SAFEGUARDING), TEACHER, nobody.event()).ref
    await watched.post.deliver()
    assert stranded(nobody.store).count == 2
    nobody.register.read(ref, DSL)  # who was asked in the Headteacher's place as well
    assert watched.look() == ()


async def test_what_was_delivered_to_somebody_who_is_named_later_reached_nobody(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", people=mute(*(one for one in EVERYBODY if one.roles and one is not HEAD)))
    post = Post(school, {"chat": RecordingChannel("chat")})
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "a").ref
    await post.deliver()
    school.register.acknowledge(ref, DSL, "acknowledges")
    assert "Delivered to the Headteacher" in school.register.delivery_state(ref, TEACHER)
    school.register.name_subject(ref, DSL, HEAD, "names")
    await post.deliver()
    assert stranded(school.store).count == 1
    assert "Delivered" not in school.register.delivery_state(ref, TEACHER)
    assert verify(school.store, school.vault).problem == ""
    school.close()


async def test_what_another_has_got_as_well_stays_delivered(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    post = Post(school, {"chat": RecordingChannel("chat")})
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "a").ref
    await post.deliver()
    await post.pass_time(1500, step=300)
    state = school.register.delivery_state(ref, TEACHER)
    school.register.name_subject(ref, DSL, HEAD, "names")
    assert school.register.delivery_state(ref, TEACHER).count("Delivered") == state.count("Delivered") == 2
    assert verify(school.store, school.vault).problem == ""
    school.close()


async def test_another_schools_are_not_ours(nobody: School, tmp_path: Path) -> None:
    nobody.register.open(report(), TEACHER, nobody.event())
    await Post(nobody, {}).deliver()
    other = School(nobody.url, name="other")
    assert stranded(nobody.store)
    assert not stranded(other.store)
    other.close()


def test_a_database_that_is_gone_is_told_by_itself(nobody: School, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(nobody)

    def gone(*_: object) -> None:
        raise NotSaved("gone")

    monkeypatch.setattr("bot.incidents.watchdog.stranded", gone)
    assert watched.look() == ()


def test_a_frozen_database_holds_up_neither_the_watchdog_nor_its_telling(nobody: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the question and never answers."""
    monkeypatch.setattr("bot.incidents.watchdog.ANSWERS_WITHIN", 0.1)
    watched, thawed, asked, real = Watched(nobody), threading.Event(), list[str](), nobody.store.last_beat

    def frozen(name: str) -> datetime | None:
        asked.append(name)
        assert list(watched.told) == [watched.dog.problems], "told before the database was asked"
        thawed.wait(30)
        return real(name)

    monkeypatch.setattr(nobody.store, "last_beat", frozen)
    watched.worker._pulses = {"chat": time.monotonic() - 100}
    watched.dog._since = nobody.clock.now() - timedelta(minutes=2)
    began = time.monotonic()
    assert [problem for problem in watched.dog.look() if "(chat) has stopped" in problem]
    assert GONE in watched.dog.look()
    assert time.monotonic() - began < 5
    assert (len(asked), len(watched.told)) == (1, 1)
    thawed.set()
    while watched.dog._bounded._hangs is not None and watched.dog._bounded._hangs.is_alive():
        time.sleep(0.01)
    monkeypatch.undo()
    assert watched.look() == ()


async def test_a_frozen_database_does_not_hold_up_the_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "READY_WITHIN", 0.1)
    thawed = threading.Event()
    page = SimpleNamespace(store=SimpleNamespace(last_beat=lambda _: thawed.wait(30)), problems=lambda: ())
    began = time.monotonic()
    answer = await server.readyz(SimpleNamespace(page=page), None)  # type: ignore[arg-type]
    assert time.monotonic() - began < 5
    assert (answer.status, answer.text) == (503, "the database does not answer\n")
    thawed.set()
