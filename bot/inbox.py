"""What has come in and is not handled yet: written down, sealed, before the chat product is told that it has arrived.

A process that dies between that and the end of the work loses nothing: another one, or this one at its next start, does the
work. What cannot be handled is tried a few times; then its sender and the IT contact are told, and it holds up nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, TypeVar

from bot.cards import Card
from bot.dispatch import Outcome
from bot.errors import NotSaved, RetryLater
from bot.inbox_cards import poison_card
from bot.inbox_table import Kept, Pages
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.logs import trail

log = logging.getLogger(__name__)
Json = dict[str, Any]
T = TypeVar("T")
Tell = Callable[[Card], Awaitable[None]]

KEEP_WITHIN = 1.2  # seconds that a chat product is let wait for the database; Slack gives three for everything
TRIES = 4  # that fail, in one process
STARTS = 20  # in all: a process that dies may take several others' work with it, so an event is not blamed soon
PAUSES = (1.0, 3.0, 8.0)  # seconds before the second, third and last try
BUSY_PAUSE = 5.0
# Where the chat product itself cannot take the answer it is waited for, longer each time and as long as it asks: ten minutes.
WAITS = (2.0, 5.0, 10.0, 20.0, 30.0, *(60.0,) * 9)
LONGEST_WAIT = 300.0
LOOK_EVERY = 2.0
WRITERS = 2
GRACE = 5.0
UNSAVED = ""  # the dispatcher's own words say what that means, and whom to ring


class Attendant(Protocol):
    """Handles what came in by one channel."""

    async def handle(self, payload: Json, *, last: bool) -> Outcome:
        """Do the work, which may be half done from an earlier try. `last`: tell the person where it fails, for it will not come again."""
        ...

    async def sorry(self, payload: Json, error: Exception) -> None:
        """Tell the person that this was not saved, or could not be handled."""
        ...


class Poison(Exception):
    """An event that could not be handled, however often it was tried."""


class Inbox:
    """One school's inbox in this process. `take` is for what is answered with "received"; `holding` for what is worked on at once."""

    def __init__(self, store: Store, vault: Vault, tell: Tell | None = None) -> None:
        """`tell`: gives a card to the IT contact."""
        self._pages = Pages(store, vault)
        self._tell = tell
        self._attendants: dict[str, Attendant] = {}
        self._active: dict[str, asyncio.Task[None]] = {}
        self._held: set[str] = set()
        self._failures: Counter[str] = Counter()
        self._waits: Counter[str] = Counter()
        self._besides: set[asyncio.Future[Any]] = set()
        # Threads of its own: those of the loop may all be waiting for the database, with Slack's three seconds running out.
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="inbox")

    def attend(self, channel: str, attendant: Attendant) -> None:
        """Have this one handle what comes in by a channel, and what an earlier process left of it."""
        self._attendants[channel] = attendant

    async def take(self, channel: str, key: str, payload: Json) -> asyncio.Task[None] | None:
        """Keep this, and begin to work on it; the work, or None where the same is here already. `key`: the same for every repeat.

        Raises:
            NotSaved: it is not kept, or nobody knows it in time. Should it be kept after all, it is worked on; else its sender is told.
        """
        name = row_name(channel, key)
        keeping = asyncio.ensure_future(self.ask(self._pages.put, name, channel, payload))
        done, _ = await asyncio.wait({keeping}, timeout=KEEP_WITHIN)
        if not done:
            self._beside(self._late(keeping, channel, payload))
            raise NotSaved(UNSAVED)
        try:
            kept = keeping.result()
        except NotSaved:
            self._beside(self._sorry(channel, payload, NotSaved(UNSAVED)))
            raise
        return self._begin(kept) if kept else self._active.get(name)

    @asynccontextmanager
    async def holding(self, channel: str, key: str, payload: Json) -> AsyncIterator[bool]:
        """Keep this while it is worked on here; whether it is kept. It stays only if this process dies: whatever else goes wrong is told.

        Where the database does not take it the work goes on all the same, for it tells the person itself.
        """
        name = row_name(channel, key)
        keeping = asyncio.ensure_future(self.ask(self._pages.put, name, channel, payload))
        done, _ = await asyncio.wait({keeping}, timeout=KEEP_WITHIN)
        ours = not done or (keeping.exception() is None and keeping.result() is not None)
        if ours:
            self._held.add(name)
        try:
            yield bool(done) and ours
        finally:
            if ours:
                self._beside(self._let_go(name, keeping))

    async def run(self, stop: asyncio.Event) -> None:
        """Work off what an earlier process left, and what must be tried again, until stopped."""
        await self._quietly(self._pages.recover)
        while not stop.is_set():
            await self.look()
            await asyncio.wait({pause := asyncio.ensure_future(stop.wait())}, timeout=LOOK_EVERY)
            pause.cancel()
        await self.close()

    async def look(self) -> int:
        """Keep hold of what is being worked on, and begin what nobody works on; how much that was."""
        try:
            due = await self.ask(self._pages.claim, frozenset(self._attendants), frozenset({*self._active, *self._held}))
        except NotSaved:
            log.warning("The database cannot be reached; what has come in is handled when it is back")
            return 0
        for kept in due:
            self._begin(kept)
        return len(due)

    async def close(self) -> None:
        """Let what is being worked on come to its end; what does not is left for the next process."""
        working = {*self._active.values(), *self._besides}
        if working:
            _, late = await asyncio.wait(working, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._writers.shutdown(wait=False)

    async def ask(self, work: Callable[..., T], *args: object) -> T:
        """Ask the database something that cannot wait. NotSaved where this inbox is closed, or the database does not answer."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writers, work, *args)
        except RuntimeError as error:  # the threads have been let go of: the process is ending
            raise NotSaved(UNSAVED) from error

    def _begin(self, kept: Kept) -> asyncio.Task[None]:
        task = asyncio.create_task(self._work(kept))
        self._active[kept.name] = task
        task.add_done_callback(lambda _: self._active.pop(kept.name, None))
        return task

    async def _work(self, kept: Kept) -> None:
        failures, waits = self._failures[kept.name], self._waits[kept.name]
        last = failures >= TRIES - 1 or waits >= len(WAITS) or kept.starts >= STARTS
        outcome = Outcome.FAILED
        try:
            if kept.payload is None:
                raise Poison
            if kept.starts > STARTS:
                raise Poison  # each try ended with the process
            outcome = await self._attendants[kept.channel].handle(kept.payload, last=last)
        except asyncio.CancelledError:
            await asyncio.shield(self._put_off(kept, 0.0))
            raise
        except Exception as error:
            if isinstance(error, RetryLater) and not last:  # Slack's or Teams' trouble does not count as a fault of what came in
                self._waits[kept.name] += 1
                await self._put_off(kept, min(LONGEST_WAIT, max(error.after or 0.0, WAITS[waits])), counts=False)
                return
            log.error("What came in by %s was not handled: %s", kept.channel, trail(error))
            if last and kept.payload is not None:
                await self._sorry(kept.channel, kept.payload, error)
        if outcome is Outcome.DONE:
            await self._forgotten(kept.name)
        elif outcome is Outcome.BUSY:
            await self._put_off(kept, BUSY_PAUSE, counts=False)
        elif not last:
            self._failures[kept.name] += 1
            await self._put_off(kept, PAUSES[failures])
        else:
            await self._given_up(kept)

    async def _late(self, keeping: asyncio.Future[Kept | None], channel: str, payload: Json) -> None:
        try:
            kept = await keeping
        except NotSaved:
            await self._sorry(channel, payload, NotSaved(UNSAVED))
        else:
            if kept:
                self._begin(kept)

    async def _let_go(self, name: str, keeping: asyncio.Future[Kept | None]) -> None:
        with suppress(NotSaved):
            await keeping
        await self._forgotten(name)
        self._held.discard(name)

    async def _given_up(self, kept: Kept) -> None:
        log.error("Something that came in by %s could not be handled, however often it was tried", kept.channel)
        if self._tell:
            try:
                await self._tell(poison_card(kept.channel))
            except Exception as error:
                log.error("The IT contact could not be told of it: %s", type(error).__name__)
        if kept.payload is None:
            await self._put_off(kept, 3600.0)  # a key is missing: with it, it can still be read
        else:
            await self._forgotten(kept.name)

    async def _sorry(self, channel: str, payload: Json, error: Exception) -> None:
        try:
            await self._attendants[channel].sorry(payload, error)
        except Exception as failure:
            log.error("The sender could not be told that something was not handled: %s", trail(failure))

    async def _forgotten(self, name: str) -> None:
        self._failures.pop(name, None)
        self._waits.pop(name, None)
        await self._quietly(self._pages.remove, name)

    async def _put_off(self, kept: Kept, seconds: float, *, counts: bool = True) -> None:
        await self._quietly(self._pages.put_off, kept.name, seconds, kept.starts if counts else kept.starts - 1)

    async def _quietly(self, work: Callable[..., object], *args: object) -> None:
        try:
            await self.ask(work, *args)
        except NotSaved:
            log.warning("The inbox could not be brought up to date; it is looked into again when a lease has run out")

    def _beside(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._besides.add(task)
        task.add_done_callback(self._besides.discard)


def row_name(channel: str, key: str) -> str:
    """The name of a row: it tells nothing of what is in it."""
    return hashlib.sha256(f"{channel} {key}".encode()).hexdigest()
