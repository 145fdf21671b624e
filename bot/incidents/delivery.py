"""Carries out one claimed job: looks, sends, records. What a channel answers decides what happens next; nothing is dropped."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from bot.errors import ChannelRefused, DeliveryError, NotSaved, RecipientGone, RetryLater, RoomGone
from bot.incidents.jobs import JobKind
from bot.incidents.outbox import CALL_SECONDS, LEASE, Job
from bot.incidents.rooms import Rooms, Step
from bot.incidents.sending import Parts, Sending
from bot.people import Person
from bot.ports import Channel, Room, Sent, TakesBack

log = logging.getLogger(__name__)
SETTLING = (0.0, 3.0, 30.0)  # seconds between looks of one who lost the lease: what was on its way then has arrived by the last
T = TypeVar("T")


class Delivery:
    """Carries out jobs. Database calls run in `executor`, so that a slow database holds up nothing else."""

    def __init__(self, parts: Parts, executor: Executor) -> None:
        self._channels = parts.channels
        self._executor = executor
        self._sending = Sending(parts)
        self._rooms = Rooms(parts)

    async def carry_out(self, job: Job) -> None:
        """Carry out one job and record how it ended. Never raises, but for cancellation."""
        try:
            await self._by_kind(job)
        except RetryLater as error:
            await self._failed(job, "later", error.after, arrived=False if error.after is not None else None)
        except RecipientGone:
            await self._failed(job, "gone", None, arrived=False)
        except ChannelRefused:
            await self._failed(job, "refused", None, arrived=False)
        except NotSaved:
            log.warning("How a job ended could not be recorded; it is looked into again when its lease has run out")
        except Exception as error:
            log.error("A job of kind %s failed: %s", job.kind, type(error).__name__)
            await self._failed(job, "failed", None, arrived=None)

    async def _by_kind(self, job: Job) -> None:
        match job.kind:
            case JobKind.NOTIFY:
                await self._db(self._sending.split, job)
            case JobKind.SEND:
                await self._send(job)
            case JobKind.UPDATE:
                await self._update(job)
            case JobKind.ROOMS:
                await self._db(self._rooms.split, job)
            case JobKind.ROOM:
                await self._room(job)

    async def _send(self, job: Job) -> None:
        addressed = await self._db(self._sending.compose, job)
        if addressed is None:
            return
        channel, sent = self._channels[job.channel], None
        if job.attempts > 1:
            sent = await self._call(channel.find(addressed.person, job.id))
        if sent is None and addressed.left_over:
            await self._db(self._sending.not_for_them, job)
            return
        if sent is None and not await self._in_time(job):
            log.warning("A lease ran out before a message was sent; whoever holds the job now sends it")
            return
        if sent is None:
            sent = await self._call(channel.send(addressed.person, addressed.card, job.id))
            if job.unsure:  # whoever tried before may have stood still inside the very call, and have sent meanwhile
                with suppress(RecipientGone):  # it has arrived all the same
                    sent = await self._only_one(channel, addressed.person, job.id) or sent
        if not await self._db(self._sending.sent, job, addressed, sent):
            log.warning("A lease ran out before a message was recorded; whoever holds the job now looks before sending")
            await self._after_all(job, sent)

    async def _after_all(self, job: Job, sent: Sent | None = None) -> None:
        """Whoever lost the lease inside the call finds out whether their message arrived beside another's, and takes the later out.

        Whoever has the lease looks as well, after their own has arrived: so whichever came second sees both. What arrived alone,
        after the other had found that there was nothing to send any more, is kept up to date as any other, and so withdrawn.
        """
        channel = self._channels[job.channel]
        if sent is not None:
            await self._db(self._sending.stray, job, sent)
        if not isinstance(channel, TakesBack):
            return
        person = await self._db(self._sending.whom, job)
        for wait in SETTLING:
            await asyncio.sleep(wait)
            try:
                if (first := await self._only_one(channel, person, job.id)) is not None:
                    await self._db(self._sending.stray, job, first)
            except (DeliveryError, OSError, TimeoutError):
                log.warning("It could not be seen whether a message arrived twice; looked for again")

    async def _only_one(self, channel: Channel, person: Person, key: str) -> Sent | None:
        """Of messages that arrived twice the first stays. None where there is none, or the channel cannot tell."""
        if not isinstance(channel, TakesBack):
            return None
        copies = await self._call(channel.copies(person, key))
        for one in copies[1:]:
            log.warning("A message had arrived twice; the later one is taken out")
            await self._call(channel.take_back(one))
        return copies[0] if copies else None

    async def _in_time(self, job: Job) -> bool:
        """Whether a call ends before the lease does, which is made longer for that. False where it was lost: another may be sending now."""
        since = job.since
        while (now := time.monotonic()) - since > LEASE.total_seconds() / 2:
            since = now
            if not await self._db(self._sending.renewed, job):
                return False
        return True

    async def _update(self, job: Job) -> None:
        found = await self._db(self._sending.to_update, job)
        if found is not None:
            await self._call(self._channels[job.channel].update(*found))
            await self._db(self._sending.updated, job, found[1])

    async def _room(self, job: Job) -> None:
        """Mend one difference after the other, until there is none or the lease is lost."""
        lost = False
        while (step := await self._db(self._rooms.next_step, job)) is not None:
            try:
                opened = await self._take(self._channels[job.channel], step)
            except RoomGone as error:
                if lost:  # the next one as well: that needs a pause
                    raise RetryLater("Rooms do not last.") from error
                lost = True
                if not await self._db(self._rooms.lost, job):
                    return
                continue
            if not await self._db(self._rooms.taken, job, step, opened):
                return

    async def _take(self, channel: Channel, step: Step) -> Room | None:
        match step.kind:
            case "open" if step.card:
                return await self._call(channel.open_room(step.name, step.members, step.card, step.key))
            case "post":
                await self._call(channel.post(step.room, step.author, step.text, step.key))
            case "card" if step.card:
                await self._call(channel.update_room(step.room, step.card))
            case "close":
                await self._call(channel.close_room(step.room))
            case "invite" | "remove" if step.person:
                await self._person(channel, step)
        return None

    async def _person(self, channel: Channel, step: Step) -> None:
        if step.person is None:
            return
        change = channel.invite if step.kind == "invite" else channel.remove
        try:
            await self._call(change(step.room, step.person))
        except RecipientGone:
            what = "brought into" if step.kind == "invite" else "taken out of"
            log.warning("Somebody could not be %s a room, for the channel does not know them", what)

    async def _failed(self, job: Job, how: str, after: float | None, *, arrived: bool | None) -> None:
        try:
            kept = await self._db(partial(self._sending.failed, job, how, after, arrived=arrived))
        except NotSaved:
            log.warning("A failed delivery could not be recorded; it is tried again when its lease has run out")
            return
        if not kept and arrived is None and job.kind is JobKind.SEND:
            await self._after_all(job)

    async def _db(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, partial(work, *args))

    async def _call(self, call: Awaitable[T]) -> T:
        async with asyncio.timeout(CALL_SECONDS):
            return await call
