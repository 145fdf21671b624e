"""`kill -9` at each moment and at random ones, and what must be true afterwards. Used by the tests and by `make soak`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bot.incidents import schema
from bot.incidents.model import State
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.verify import verify
from tests.support.bots import Bot
from tests.support.people import HEAD, TEACHER, school
from tests.support.product import Moment, Product, Running
from tests.support.school import KEY

CHANCE = random.Random()  # noqa: S311 - spreading, not secrecy
LIFE = (0.05, 0.6)  # seconds that a bot lives before it is killed at random
CALLS = ("send", "find", "open_room", "post", "confirm")
MOMENTS = frozenset(Moment(call, done) for call in CALLS for done in (False, True))
FIRST, LAST = 2, 8  # the transactions in which a bot is killed; its first one looks after the tables
UNDER_WAY = 4  # things that staff do, waiting to be done by a bot
PATIENCE = 60.0


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


class Staff:
    """Makes reports and acknowledges half of them: more wherever few wait, so that each kill finds something under way."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.reports = 0

    def do(self, count: int) -> None:
        """Report so many times, and acknowledge every other report."""
        for number in range(self.reports, self.reports + count):
            self._product.add(f"report-{number}", do="report", what=f"Report number {number}.")
            if number % 2:
                self._product.add(f"ack-{number}", do="acknowledge", after=f"report-{number}")
        self.reports += max(count, 0)

    def keep_busy(self) -> None:
        """Have some things under way."""
        self.do(UNDER_WAY - len(self._product.todo) + len(self._product.confirmed))

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Go on reporting until something has come about. TimeoutError where it does not."""
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                raise TimeoutError(f"in vain it was waited for {what}")
            self.keep_busy()
            time.sleep(0.05)


def kill_often(
    url: str, *, incidents: int, kills: int, bots: int = 1, can_find: bool = True, aimed: bool = True, never_back: bool = False
) -> Outcome:
    """Have staff make `incidents` reports or more while bots are killed: at each moment of their work, and `kills` times at random.

    `aimed` False leaves the former out. `never_back`: one of the bots is killed in the end, and not started again.
    """
    began, product = time.monotonic(), Product()
    staff = Staff(product)
    Store.ready(url).close()
    with Running(product) as running:
        fleet = [Bot(url, running.port, can_find=can_find) for _ in range(bots)]
        for bot in fleet:
            bot.start()
        moments = {one for one in MOMENTS if can_find or one.call != "find"}
        at_moments = kill_at_each_moment(product, staff, fleet, moments) if aimed else 0
        for _ in range(kills):
            staff.keep_busy()
            time.sleep(CHANCE.uniform(*LIFE))
            victim = CHANCE.choice(fleet)
            victim.kill()
            victim.start()
        staff.do(incidents - staff.reports)
        if never_back:
            fleet.pop().kill()
        _until_quiet(url, product, staff.reports + staff.reports // 2)
        for bot in fleet:
            bot.kill()
        return _judge(url, product, staff.reports, at_moments + kills, time.monotonic() - began)


def kill_at_each_moment(product: Product, staff: Staff, fleet: Sequence[Bot], moments: Collection[Moment]) -> int:
    """Kill a bot at each of its calls, before and after what is done there, and in each of its transactions; how often that was."""
    product.deadly |= moments

    def all_struck() -> bool:
        for bot in fleet:
            if bot.fallen:
                bot.start()
        return not product.deadly

    staff.until(all_struck, "the moments at which a bot is to be killed")
    transactions = [(number, committed) for number in range(FIRST, LAST + 1) for committed in (False, True)]
    for last in transactions:
        victim = CHANCE.choice(fleet)
        victim.kill()
        victim.start(last)
        staff.until(lambda victim=victim: victim.fallen, f"transaction {last[0]}")  # type: ignore[misc]
        victim.start()
    return len(moments) + len(transactions)


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
