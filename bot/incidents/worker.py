"""Runs the outbox and the ladder: one lane for each channel, so that a dead channel holds up no other.

`Worker(...)`, then `await worker.run()` until `worker.stop()`. Any number of processes may run one on PostgreSQL; on
SQLite there is one, and it takes back at once whatever a killed process had claimed.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from bot.errors import NotSaved
from bot.incidents.composing import Composing
from bot.incidents.delivery import Delivery
from bot.incidents.enquiries import Enquiries
from bot.incidents.handing_on import hand_on
from bot.incidents.ladder import Ladder
from bot.incidents.outbox import Job, Outbox, in_flight
from bot.incidents.register import Register
from bot.incidents.retention import forget, purge, tidy
from bot.incidents.rooms import Rooms
from bot.incidents.sending import Parts
from bot.incidents.telling import send_head
from bot.logs import trail
from bot.ports import Channel

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds; what this process itself writes is looked at without waiting
CLIMB_EVERY = 2.0
BEAT_EVERY = 10.0
NOW_AND_THEN = 600.0
AT_ONCE = 8
SLOW = 0.5  # seconds after which a job that still hangs gives its place to another, for it costs nothing but waiting
MOST = 64  # in one lane, those that hang among them
SPLITTING = ""  # the lane of jobs that only make other jobs
BEAT = "outbox"


class Worker:
    """Delivers for one school."""

    def __init__(self, register: Register, channels: Mapping[str, Channel]) -> None:
        """`channels`: by name; those that reach a person are tried in this order, e-mail ("mail") last."""
        self.register = register
        self.channels = dict(channels)
        self.outbox = Outbox(register.store)
        self.ladder = Ladder(register)
        composing = Composing(register, Enquiries(register.records))
        self._parts = Parts(register.records, self.outbox, composing, self.ladder, self.channels)
        self.rooms = Rooms(self._parts)
        self._executor = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="outbox")
        self._delivery = Delivery(self._parts, self._executor)
        self._pulses: dict[str, float] = {}
        self._bells: dict[str, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._stopped = asyncio.Event()
        register.store.on_commit(self.ring)

    def add_channel(self, channel: Channel) -> None:
        """Deliver by this channel too, after those that are there already. Before `run`."""
        self.channels[channel.name] = channel

    async def run(self) -> None:
        """Deliver until stopped."""
        self._loop, self._stopping, self._stopped = asyncio.get_running_loop(), False, asyncio.Event()
        alone = self.register.store.only_worker()
        if alone:
            await self._quietly(self.outbox.recover)
        lanes = [SPLITTING, *self.channels]
        self._bells = {lane: asyncio.Event() for lane in lanes}
        try:
            async with asyncio.TaskGroup() as group:
                for lane in lanes:
                    group.create_task(self._lane(lane))
                group.create_task(self._regularly("ladder", CLIMB_EVERY, self.ladder.climb_all))
                group.create_task(self._now_and_then())
                group.create_task(self._regularly("beat", BEAT_EVERY, lambda: self.register.store.beat(BEAT)))
        finally:
            self._bells = {}
            if alone:
                os.close(alone)
            self._executor.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """End `run` once what is being delivered has ended. Safe from any thread."""
        self._stopping = True
        self.ring()

    def ring(self) -> None:
        """Something may be due: look now. Safe from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):  # the loop was closed just now
                loop.call_soon_threadsafe(self._ring)

    def oldest_pulse(self) -> tuple[str, float]:
        """Which part has been silent for the longest, and for how many seconds."""
        if not self._pulses:
            return "outbox", float("inf")
        name = min(self._pulses, key=lambda lane: self._pulses[lane])
        return name or "outbox", time.monotonic() - self._pulses[name]

    def _ring(self) -> None:
        if self._stopping:
            self._stopped.set()
        for bell in self._bells.values():
            bell.set()

    async def _lane(self, channel: str) -> None:
        """Claim and carry out the jobs of one channel, several at once, few of them for the same recipient."""
        active: dict[asyncio.Task[None], tuple[Job, float]] = {}
        bell = self._bells[channel]
        while not (self._stopping and not active):
            self._pulses[channel] = time.monotonic()
            bell.clear()
            claimed: list[Job] = []
            quick = [began for _, began in active.values() if time.monotonic() - began < SLOW]
            free = min(AT_ONCE - len(quick), MOST - len(active))
            if not self._stopping and free > 0:
                claimed = await self._claim(channel, free, [job for job, _ in active.values()])
            for job in claimed:
                active[asyncio.create_task(self._delivery.carry_out(job))] = (job, time.monotonic())
            if not claimed:
                until_slow = min(quick, default=time.monotonic()) + SLOW - time.monotonic()
                await self._wait(bell, active, max(0.01, min(LOOK_EVERY, until_slow)))
            for task in [task for task in active if task.done()]:
                job, _ = active.pop(task)
                if not task.cancelled() and (error := task.exception()):
                    log.error("A job of kind %s ended badly: %s", job.kind, type(error).__name__)

    async def _claim(self, channel: str, limit: int, active: Iterable[Job]) -> list[Job]:
        at_work = Counter(job.target for job in active)
        busy = frozenset(target for target, count in at_work.items() if count >= in_flight(channel))
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, self.outbox.claim, channel, limit, busy)
        except NotSaved:
            log.warning("The database cannot be reached; the outbox tries again")
        except Exception as error:
            log.error("The outbox could not see what is due, and tries again: %s", trail(error))  # one lane must not end them all
        await asyncio.sleep(LOOK_EVERY)
        return []

    @staticmethod
    async def _wait(bell: asyncio.Event, active: Iterable[asyncio.Task[None]], seconds: float) -> None:
        """Until the bell rings, a job ends, or it is time to look."""
        ringing = asyncio.ensure_future(bell.wait())
        try:
            await asyncio.wait({ringing, *active}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ringing.cancel()

    async def _regularly(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        while not self._stopping:
            self._pulses[name] = time.monotonic()
            await self._quietly(work)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), seconds)

    async def _now_and_then(self) -> None:
        """What is not urgent: what somebody who left had in hand is passed on, old words go, the record's head goes out once a day."""
        while not self._stopping:
            await self._quietly(lambda: hand_on(self.register))
            await self._quietly(lambda: tidy(self.register))
            await self._quietly(lambda: purge(self.register))
            await self._quietly(lambda: forget(self.register))
            mail = self.channels.get("mail")
            try:
                if mail is not None:
                    await send_head(self.register, mail)
            except Exception as error:
                log.warning("The head of the audit trail could not be sent: %s", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), NOW_AND_THEN)

    async def _quietly(self, work: Callable[[], object]) -> None:
        """Do it in another thread; what goes wrong is logged, and done again the next time."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._executor, work)
        except Exception as error:
            log.warning("The outbox could not do its work: %s", type(error).__name__)
