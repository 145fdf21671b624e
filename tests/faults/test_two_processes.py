"""Two processes and one PostgreSQL: one ladder for both, and what one of them writes is seen in the other."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.web.page import Page
from bot.channels.web.server import make_app
from bot.clock import SystemClock
from bot.dispatch import Dispatcher
from bot.incidents import schema
from bot.incidents.verify import verify
from bot.people import Person
from tests.support.bots import Bot
from tests.support.people import DEPUTY, HEAD, TEACHER
from tests.support.product import Product, Running
from tests.support.school import School

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]
PATIENCE = 60.0


@contextmanager
def others(url: str, product: Product, count: int, *, quick: bool = False) -> Iterator[list[Bot]]:
    """So many bots in processes of their own."""
    with Running(product) as running:
        fleet = [Bot(url, running.port, quick=quick) for _ in range(count)]
        for bot in fleet:
            bot.start()
        try:
            yield fleet
        finally:
            for bot in fleet:
                bot.kill()


async def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.05)


def told(product: Product, person: Person) -> set[str]:
    """The references of the incidents of which this person has had an alert."""
    with product.lock:
        return {one["notice"].rpartition(", ")[2] for one in product.messages if one["person"] == person.id}


def climbed(school: School) -> dict[str, int]:
    """The next rung of each incident."""
    with school.store.reading() as conn:
        rows = conn.execute(school.store.rows(schema.acknowledgements)).mappings().all()
    return {row["ref"]: row["step"] for row in rows}


@pytest.mark.slow
async def test_two_processes_climb_one_ladder(postgres_url: str) -> None:
    school, product = School(postgres_url, clock=SystemClock()), Product()  # type: ignore[arg-type]
    for number in range(6):
        product.add(f"report-{number}", do="report", what=f"Number {number}")
    with others(postgres_url, product, 2, quick=True):
        await until(lambda: all(len(told(product, person)) == 6 for person in (HEAD, DEPUTY)))
        await until(lambda: min(climbed(school).values()) >= 4)
    with school.store.reading() as conn:
        acts = conn.execute(school.store.rows(schema.audit).where(schema.audit.c.action.in_(["reminded", "escalated"]))).mappings().all()
    steps = climbed(school)
    rungs = Counter((row["ref"], json.loads(row["detail"])["step"]) for row in acts if row["action"] == "reminded")
    assert set(rungs.values()) == {1}, "a rung was climbed twice"
    climbs, asked = Counter(row["ref"] for row in acts), Counter(row["ref"] for row in acts if row["action"] == "escalated")
    for ref, step in steps.items():
        # Fewer climbs than rungs where a slow machine took two at once; never more.
        assert 1 <= asked[ref] <= 2, "somebody was brought in twice"
        assert climbs[ref] <= step, "a rung was climbed twice"
    assert set(product.alerts().values()) == {1}, "a step was sent twice"
    assert verify(school.store, school.vault).problem == ""
    school.close()


async def test_what_one_process_writes_appears_in_the_other(postgres_url: str) -> None:
    """This process serves the page, the other one delivers; neither hears of the other but through the database."""
    school, product = School(postgres_url, clock=SystemClock()), Product()  # type: ignore[arg-type]
    page = Page.build(
        dispatch=Dispatcher(school.store), register=school.register, store=school.store, vault=school.vault, people=school.people,
        school="School", public_url="http://127.0.0.1", demo=True,
    )  # fmt: skip
    async with TestClient(TestServer(make_app(page))) as browser:
        with others(postgres_url, product, 1):
            product.add("report", do="report", what="Told to the other process.")
            await until(lambda: "report" in product.confirmed)
            ref = product.confirmed["report"]
            await until(lambda: product.rooms)
            async with browser.get(f"/as/head/stream?room={ref}") as open_page:
                assert open_page.status == 200
                product.add("line", do="say", after="report", what="Said in the other process.")
                await shows(open_page, "Said in the other process.")
                posted = set(product.posts)
                school.register.say(ref, HEAD, "Said on this page.", "e1", "web")
                await shows(open_page, "Said on this page.")
                await until(lambda: set(product.posts) - posted)
            school.register.acknowledge(ref, HEAD, "e2")
            await until(lambda: any(one["person"] == TEACHER.id for one in product.messages))
    assert verify(school.store, school.vault).problem == ""
    school.close()


async def shows(stream: web.StreamResponse | object, words: str) -> None:
    """Read the open page until these words are on it."""
    async with asyncio.timeout(PATIENCE):
        async for line in stream.content:  # type: ignore[union-attr]
            if words.encode() in line:
                return
