"""Load, latency, and a year of ladders, measured. Used by the tests and by `make soak`."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

from sqlalchemy import func

from bot.cards import Card
from bot.errors import RetryLater
from bot.incidents import schema
from bot.incidents.ladder import Ladder
from bot.incidents.model import Kind, Urgency
from bot.incidents.policy_of_school import Ladder as Rungs
from bot.incidents.policy_of_school import LadderStep, Quiet, SchoolRules
from bot.incidents.worker import Worker
from bot.people import Person, Role
from bot.ports import Sent
from tests.faults.due import due_times
from tests.support.channels import RecordingChannel, drop, later
from tests.support.clock import TurnableClock
from tests.support.delivering import Post
from tests.support.people import HEAD, TEACHER
from tests.support.school import School, report


class OneASecond(RecordingChannel):
    """Takes one message a second, by the test's clock, and answers 429 with Retry-After to all others."""

    def __init__(self, clock: TurnableClock) -> None:
        super().__init__("chat")
        self._clock = clock
        self._next = clock.now()
        self.refused = 0

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        if self._clock.now() < self._next:
            self.refused += 1
            raise RetryLater("rate_limited", (self._next - self._clock.now()).total_seconds())
        self._next = self._clock.now() + timedelta(seconds=1)
        return await super().send(person, card, key)


@dataclass(frozen=True)
class Flood:
    """What came of many reports at once. `minutes`: until the last alert arrived, in the test's own time."""

    reports: int
    lost: int
    doubled: int
    refused: int
    minutes: float


async def flood(school: School, reports: int) -> Flood:
    """Many reports at once, against a channel that takes one message a second and with no e-mail beside it."""
    chat = OneASecond(school.clock)
    post = Post(school, {"chat": chat})
    began = school.clock.now()
    told = [report(Kind.SAFEGUARDING, what=f"Number {number}") for number in range(reports)]
    refs = [school.register.open(one, TEACHER, one.what).ref for one in told]
    last = began
    for _ in range(reports * 20):
        await post.deliver()
        alerted = {one.card.notice.rpartition(", ")[2] for one in chat.to(HEAD)}
        if alerted >= set(refs):
            break
        last = school.clock.turn(seconds=1)
    keys = [one.key for one in chat.delivered]
    lost = len(set(refs) - {one.card.notice.rpartition(", ")[2] for one in chat.to(HEAD)})
    return Flood(reports, lost, len(keys) - len(set(keys)), chat.refused, (last - began).total_seconds() / 60)


@dataclass(frozen=True)
class Latency:
    """Seconds from the report to the acceptance of the Headteacher's alert."""

    reports: int
    p50: float
    p99: float
    worst: float


async def latency(school: School, reports: int) -> Latency:
    """One report after the other, in real time, with the real worker."""
    arrived: dict[str, float] = {}

    class Timed(RecordingChannel):
        async def send(self, person: Person, card: Card, key: str) -> Sent:
            if person.id == HEAD.id:
                arrived.setdefault(card.notice.rpartition(", ")[2], time.perf_counter())
            return await super().send(person, card, key)

    worker = Worker(school.register, {"chat": Timed("chat")})
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.5)
    took = []
    for number in range(reports):
        began = time.perf_counter()
        ref = (await asyncio.to_thread(school.register.open, report(what=f"Number {number}"), TEACHER, f"e{number}")).ref
        while ref not in arrived:  # noqa: ASYNC110 - what is waited for is the thing that is measured
            await asyncio.sleep(0.002)
        took.append(arrived[ref] - began)
    worker.stop()
    await running
    took.sort()
    return Latency(reports, took[len(took) // 2], took[int(len(took) * 0.99)], took[-1])


PLANTED = ("Zebedee", "Quillfeather", TEACHER.name, "@zebedee")
FORTNIGHT = timedelta(days=14)
URGENT = (LadderStep(timedelta(minutes=5)), LadderStep(timedelta(minutes=10), (Role.CHAIR_OF_GOVERNORS,)))
NORMAL = (LadderStep(timedelta(hours=2)), LadderStep(timedelta(hours=4), (Role.DEPUTY_HEADTEACHER,)))
YEAR_RULES = SchoolRules(
    ladders={Urgency.URGENT: Rungs(URGENT, FORTNIGHT), Urgency.NORMAL: Rungs(NORMAL, FORTNIGHT)},
    quiet=Quiet(clock_time(18), clock_time(7), weekends=True, bank_holidays=True),
)


@dataclass
class Year:
    """A year of ladders. `late`, `early`: seconds by which a rung was off at worst, but for those that were due while nothing ran."""

    incidents: int
    rungs: int = 0
    late: float = 0.0
    early: float = 0.0
    ended: int = 0
    restarts: int = 0


def year(url: str, incidents: int, *, restarts: int, seed: int = 1) -> Year:
    """Climb every rung of a year, over both clock changes; at some of them the bot has been down, and starts again when it is late."""
    dice = random.Random(seed)  # noqa: S311
    clock = TurnableClock(datetime(2026, 1, 5, 10, tzinfo=UTC))
    school, outcome = School(url, clock=clock, rules=YEAR_RULES), Year(incidents)
    for number in range(incidents):
        clock.turn(seconds=dice.randint(0, 600))
        school.register.open(report(dice.choice([Kind.MISUSE, Kind.THREAT]), what=f"Number {number}"), TEACHER, f"e{number}")
    end, acks = clock.now() + timedelta(days=365), schema.acknowledgements
    up_since = clock.now()
    when_down = {dice.randint(1, 25 * incidents) for _ in range(restarts)}
    with school.store.reading() as conn:
        opened = {row.ref: row.opened_at for row in conn.execute(school.store.rows(schema.incidents))}
        urgent = {row.ref: Urgency(row.urgency) for row in conn.execute(school.store.rows(schema.incidents))}
        steps = {(row.ref, row.role): 0 for row in conn.execute(school.store.rows(acks))}
    calendars = {key: due_times(opened[key[0]], urgent[key[0]]) for key in steps}
    while True:
        with school.store.reading() as conn:
            due = conn.scalar(school.store.rows(acks, func.min(acks.c.next_at)).where(acks.c.at.is_(None)))
            outcome.ended = incidents - (conn.scalar(school.store.rows(acks, func.count()).where(acks.c.next_at.is_not(None))) or 0)
        if due is None or due > end:
            school.close()
            return outcome
        down = outcome.rungs in when_down
        clock.set(max(clock.now(), due + timedelta(seconds=dice.uniform(0, 2) if not down else dice.uniform(60, 86400))))
        if down:
            school.close()
            school, outcome.restarts, up_since = School(url, clock=clock, rules=YEAR_RULES), outcome.restarts + 1, clock.now()
        taken = Ladder(school.register).climb()
        with school.store.reading() as conn:
            stands = {(row.ref, row.role): row.step for row in conn.execute(school.store.rows(acks))}
        for key, step in stands.items():
            if step > steps[key]:
                wanted = [next(calendars[key]) for _ in range(step - steps[key])]
                outcome.late = max(outcome.late, (clock.now() - max(wanted[0], up_since)).total_seconds())
                outcome.early = max(outcome.early, (wanted[-1] - clock.now()).total_seconds())
        steps = stands
        assert taken, "a rung that is due must be taken"
        outcome.rungs += taken


@dataclass(frozen=True)
class Names:
    """Names that were planted in reports, and where they were found: in what was shown, or in the log."""

    incidents: int
    looked_at: int
    logged: int
    found: tuple[str, ...]


class Lines(logging.Handler):
    """Keeps the lines of the log that hold one of these words, and counts all of them."""

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__(logging.DEBUG)
        self._words, self.count, self.found = words, 0, list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        line, self.count = f"{record.getMessage()} {record.exc_info or ''}", self.count + 1
        self.found += [line] if any(word in line for word in self._words) else []


@contextmanager
def listening(words: tuple[str, ...]) -> Iterator[Lines]:
    """Listen to everything that is logged, down to the smallest, and to no more of it than before elsewhere."""
    root, lines = logging.getLogger(), Lines(words)
    level, disabled = root.level, root.manager.disable
    root.setLevel(logging.DEBUG)
    logging.disable(logging.NOTSET)
    root.addHandler(lines)
    try:
        yield lines
    finally:
        root.removeHandler(lines)
        logging.disable(disabled)
        root.setLevel(level)


async def names(school: School, incidents: int) -> Names:
    """Reports full of names: none may be in a notification, an alert, a subject line, a room's name or the log."""
    with listening(PLANTED) as lines:
        shown, found = await _names(school, incidents)
        return Names(incidents, shown, lines.count, (*found, *lines.found))


async def _names(school: School, incidents: int) -> tuple[int, tuple[str, ...]]:
    chat, mail = RecordingChannel("chat"), RecordingChannel("mail", can_find=False, has_rooms=False, can_update=False)
    post, planted = Post(school, {"chat": chat, "mail": mail}), PLANTED
    for number in range(incidents):
        kind = list(Kind)[number % len(Kind)]
        words = f"{planted[0]} {planted[1]} ({number}) wrote to {TEACHER.name} as {planted[3]}"
        ref = school.register.open(report(kind, what=words, platform=planted[0], address=planted[3]), TEACHER, f"e{number}").ref
        if number % 3 == 0:
            school.register.say(ref, TEACHER, words, f"s{number}", "web")
        if number % 5 == 0:
            school.register.acknowledge(ref, HEAD, f"a{number}")
        if number % 50 == 0:
            chat.faults.extend([later(), drop()])  # a log tells most where something fails
            await post.deliver()
            school.clock.turn(seconds=60)
    await post.deliver()
    shown = [card.notice for channel in (chat, mail) for one in channel.delivered for card in one.cards]
    shown += [repr(card) for channel in (chat, mail) for one in channel.delivered if one.person.id != TEACHER.id for card in one.cards]
    shown += [room.name for room in chat.rooms.values()] + [card.notice for room in chat.rooms.values() for card in room.cards]
    return len(shown), tuple(text for text in shown if any(name in text for name in planted))
