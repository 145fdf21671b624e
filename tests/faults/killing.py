"""`kill -9` at random moments, and what must be true afterwards. Used by the tests and by `make soak`."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from bot.incidents import schema
from bot.incidents.model import State
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.verify import verify
from tests.support.bots import Bot
from tests.support.people import HEAD, TEACHER, school
from tests.support.product import Product, Running
from tests.support.school import KEY

CHANCE = random.Random()  # noqa: S311 - spreading, not secrecy
LIFE = (0.05, 0.6)  # seconds that a bot lives before it is killed


@dataclass(frozen=True)
class Outcome:
    """`lost`: reports that were confirmed and have no incident, or whose alert never came. `doubled`: messages that came twice."""

    incidents: int
    kills: int
    lost: int
    doubled: int
    unmarked: int
    problem: str
    seconds: float


def kill_at_random(url: str, *, incidents: int, kills: int, bots: int = 1, can_find: bool = True, never_back: bool = False) -> Outcome:
    """Have staff make `incidents` reports and acknowledge half of them while bots are killed `kills` times."""
    began, product = time.monotonic(), Product()
    for number in range(incidents):
        product.add(f"report-{number}", do="report", what=f"Report number {number}.")
        if number % 2:
            product.add(f"ack-{number}", do="acknowledge", after=f"report-{number}")
    Store.ready(url).close()
    with Running(product) as running:
        fleet = [Bot(url, running.port, can_find=can_find) for _ in range(bots)]
        for bot in fleet:
            bot.start()
        for _ in range(kills):
            time.sleep(CHANCE.uniform(*LIFE))
            victim = CHANCE.choice(fleet)
            victim.kill()
            victim.start()
        if never_back:
            fleet.pop().kill()
        _until_quiet(url, product, incidents + incidents // 2)
        for bot in fleet:
            bot.kill()
        return _judge(url, product, incidents, kills, time.monotonic() - began)


def _until_quiet(url: str, product: Product, things: int) -> None:
    """Until everything that staff did is saved and everything that is due is delivered. TimeoutError where that does not end."""
    store, jobs, deadline = Store(url), schema.jobs, time.monotonic() + 300 + things
    try:
        while time.monotonic() < deadline:
            time.sleep(0.3)
            if len(product.confirmed) < things:
                continue
            with store.reading() as conn:
                if conn.execute(store.rows(jobs, jobs.c.id).where(jobs.c.done_at.is_(None)).limit(1)).first() is None:
                    return
    finally:
        store.close()
    raise TimeoutError(f"{len(product.confirmed)} of {things} things were saved, and then the time was up")


def _judge(url: str, product: Product, incidents: int, kills: int, seconds: float) -> Outcome:
    store, vault = Store(url), Vault([KEY])
    register = Register(store, vault, school())
    rows = {row.ref: row for row in register.visible_to(HEAD)}
    mine = [product.confirmed.get(f"report-{number}", "") for number in range(incidents)]
    alerted = {notice.rpartition(", ")[2] for (person, _, notice) in product.alerts() if person == HEAD.id}
    lost = sum(1 for ref in mine if ref not in rows or ref not in alerted)
    lost += abs(len(rows) - len(set(mine)))  # one report, one incident: neither more nor fewer
    for number in range(1, incidents, 2):
        lost += rows[mine[number]].state is State.OPEN
        lost += not any(person == TEACHER.id and mine[number] in notice for person, _, notice in product.alerts())
    counts = product.alerts()
    doubled = sum(count - 1 for count in counts.values())
    repeats = [one for one in product.messages if counts[one["person"], one["key"], one["notice"]] > 1]
    unmarked = len({one["key"] for one in repeats} - {one["key"] for one in repeats if one["again"]})
    problem = verify(store, vault).problem
    store.close()
    return Outcome(incidents, kills, lost, doubled, unmarked, problem, seconds)
