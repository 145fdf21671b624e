"""Runs the outbox and the ladder to the end of what is due now, in the test's own time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from bot.incidents.delivery import Delivery
from bot.incidents.worker import SPLITTING, Worker
from bot.ports import Channel
from tests.support.school import School


class Post:
    """Delivers when it is told to. `deliver()` carries out what is due; time goes on only where the test turns the clock."""

    def __init__(self, school: School, channels: Mapping[str, Channel], *, together: bool = True) -> None:
        """``together`` False: one job after another, so that two runs of one story do the same in the same order."""
        self.together = together
        self.school = school
        self.channels = channels
        self.worker = Worker(school.register, channels)
        self.executor = ThreadPoolExecutor(2)
        self._delivery = Delivery(self.worker._parts, self.executor)

    async def deliver(self) -> int:
        """Carry out everything that is due now, and what that makes due; how many jobs that was."""
        done = 0
        while True:
            jobs = [job for lane in (SPLITTING, *self.channels) for job in self.worker.outbox.claim(lane, 50)]
            if not jobs:
                return done
            if self.together:
                await asyncio.gather(*(self._delivery.carry_out(job) for job in jobs))
            else:
                for job in jobs:
                    await self._delivery.carry_out(job)
            done += len(jobs)

    async def pass_time(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass in steps; in each, climb what is due and deliver."""
        for _ in range(int(seconds / step)):
            self.school.clock.turn(seconds=step)
            self.worker.ladder.climb_all()
            await self.deliver()
