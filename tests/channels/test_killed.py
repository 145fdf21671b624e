"""kill -9 between "received" and the end of the work loses no word that was said in a room, and doubles none."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from bot.channels.teams.book import Book
from bot.channels.teams.rooms import ROOM
from bot.clock import SystemClock
from bot.incidents import schema
from bot.people import People
from tests.channels import lives
from tests.channels.slack.stand_in.member import Member
from tests.channels.slack.stand_in.server import Slack
from tests.channels.slack.stand_in.world import Conversation
from tests.channels.teams.conftest import staff
from tests.channels.teams.stand_in import Teams
from tests.channels.teams.stand_in.service import APP_ID, TENANT
from tests.support.people import HEAD, TEACHER, person
from tests.support.school import School, report

CHANCE = random.Random()  # noqa: S311 - spreading, not secrecy
CANARY = "zebra-crossing"
PATIENCE = 60.0  # on a busy machine


def waiting(school: School) -> int:
    with school.store.reading() as conn:
        return len(conn.execute(school.store.rows(schema.inbox, schema.inbox.c.id)).all())


def said(school: School, ref: str, by: str = "head") -> list[str]:
    reader = school.people.get(by)
    assert reader
    return [one.text for one in school.register.read(ref, reader).timeline if one.what == "said"]


async def until(look: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.05)


def raw(school: School) -> bytes:
    return b"".join(path.read_bytes() for path in Path(str(school.store.url.database)).parent.glob("usher.db*"))


class Room:
    """A room of an incident in the stand-in of Slack, its teacher, and the bot's process."""

    def __init__(self, slack: Slack, url: str) -> None:
        people = People((person("teacher", "Tess Taylor", slack="UTEACH"), person("head", "Helen Blake", *HEAD.roles, slack="UHEAD")))
        slack.world.add("UTEACH", "Tess Taylor")
        self.slack, self.teacher = slack, Member(slack, "UTEACH")
        self.school = School(url, clock=SystemClock(), people=people)  # type: ignore[arg-type]
        self.ref = self.school.register.open(report(), TEACHER, "e").ref
        self.place: Conversation = slack.world.channel("usher-x", "UTEACH", slack.world.BOT, private=True)
        more = (f"{slack.url}/api/", slack.world.signing_secret, {self.place.id: self.ref})
        self.lives = [lives.Life(lives.slack, url, people, *more) for _ in range(2)]

    def aim(self, life: lives.Life) -> None:
        self.slack.events_url = f"http://127.0.0.1:{life.port}/slack/events"

    async def send(self, text: str) -> None:
        """As Slack does: again and again, until it hears that it has arrived."""
        message = self.slack.world.post(self.place, "UTEACH", text)
        event, tries = self.teacher.as_event(self.place, message), 0
        while True:
            try:
                if await self.slack.event(event, retry=tries) == 200:
                    return
            except aiohttp.ClientError:
                pass
            tries += 1
            await asyncio.sleep(0.05)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Room]:
    url = f"sqlite:///{tmp_path / 'usher.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    async with Slack() as slack:
        made = Room(slack, url)
        yield made
        for life in made.lives:
            life.kill()
        made.school.close()


async def test_slack_what_was_received_is_on_record_though_the_process_was_killed_before_it_could_be(room: Room) -> None:
    first, second = room.lives
    await first.begin(dead=True)
    room.aim(first)
    await room.send(f"It was {CANARY} again.")
    await until(lambda: waiting(room.school) == 1)
    first.kill()
    assert said(room.school, room.ref) == []
    if room.school.store.is_sqlite:
        assert CANARY.encode() not in raw(room.school)
    await second.begin()
    await until(lambda: said(room.school, room.ref) == [f"It was {CANARY} again."])
    await until(lambda: waiting(room.school) == 0)


@pytest.mark.slow
async def test_slack_killed_at_random_moments_no_word_is_lost_or_doubled(room: Room) -> None:
    fleet = room.lives if not room.school.store.is_sqlite else room.lives[:1]
    for life in fleet:
        await life.begin()
    words = [f"Sentence number {number}." for number in range(20)]

    async def talk() -> None:
        for text in words:
            room.aim(CHANCE.choice(fleet))
            await room.send(text)

    talking = asyncio.create_task(talk())
    for _ in range(4):
        await asyncio.sleep(CHANCE.uniform(0.05, 0.3))
        victim = CHANCE.choice(fleet)
        victim.kill()
        await victim.begin()
    await talking
    await until(lambda: sorted(said(room.school, room.ref)) == sorted(words) and waiting(room.school) == 0)


async def test_teams_what_was_received_is_on_record_though_the_process_was_killed_before_it_could_be(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", clock=SystemClock(), people=staff())  # type: ignore[arg-type]
    teacher = school.people.get("teacher")
    assert teacher
    ref = school.register.open(report(), teacher, "e").ref
    people = {"teacher": {"name": teacher.name, "addresses": {}, "card": ["", ""]}}
    Book(school.store, school.vault).put(ROOM, "relay:k", {"id": "relay:k", "ref": ref, "closed": False, "left": 0, "people": people})
    async with Teams() as teams:
        tom = teams.user("Tom Teacher", "teacher@school.test")
        life = lives.Life(lives.teams, f"sqlite:///{tmp_path / 'usher.db'}", school.people, teams.url, APP_ID, TENANT)
        try:
            await life.begin(dead=True)
            teams.bot_url = f"http://127.0.0.1:{life.port}/api/messages"
            sending = asyncio.create_task(tom.say(f"{ref}: It was {CANARY} again."))
            await until(lambda: waiting(school) == 1)
            assert CANARY.encode() not in raw(school)
            life.kill()
            with pytest.raises(aiohttp.ClientError):
                await sending
            await life.begin()
            await until(lambda: said(school, ref) == [f"It was {CANARY} again."] and waiting(school) == 0)
            assert [one.words for one in tom.messages()] == [f"In the room of {ref}, and on the record."]
        finally:
            life.kill()
            school.close()
