"""Work that may hang, such as asking a database that is frozen: its caller waits so long and no longer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from bot.errors import NotSaved

T = TypeVar("T")

WITHIN = 5.0  # seconds for which a person who has pressed something is let wait for the database
THREADS = 64  # of their own: those of the loop may all hang for other reasons
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="asked")


class NoAnswer(NotSaved):
    """The store has not answered in time: what was asked may be done or not, or be done later."""


async def in_time(work: Callable[..., T], *args: object, late: str = "", within: float | None = None, **more: Any) -> T:
    """What `work` returns or raises, for somebody who waits. It runs in a thread, which goes on where nobody waits any longer.

    `late`: what the person is told then. Where it had not begun yet it never does.

    Raises:
        NoAnswer: it has not ended within `within` seconds, WITHIN unless named.
    """
    asked = asyncio.get_running_loop().run_in_executor(_threads, partial(work, *args, **more))
    try:
        done, _ = await asyncio.wait({asked}, timeout=WITHIN if within is None else within)
    finally:
        if not asked.done():
            asked.cancel()
    if not done:
        raise NoAnswer(late)
    return asked.result()


class Bounded(Generic[T]):
    """Runs one piece of work at a time in a thread of its own. While one still hangs no other is begun, so they do not pile up."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: how long a caller waits."""
        self._seconds = seconds
        self._hangs: threading.Thread | None = None

    def run(self, work: Callable[[], T]) -> T:
        """What the work returns or raises; NotSaved where it, or an earlier one, has not ended in time. For one caller at a time."""
        if self._hangs is not None and self._hangs.is_alive():
            raise NotSaved("There is no answer yet.")
        done: list[T] = []
        failed: list[Exception] = []

        def carry_out() -> None:
            try:
                done.append(work())
            except Exception as error:
                failed.append(error)

        self._hangs = threading.Thread(target=carry_out, name="bounded", daemon=True)
        self._hangs.start()
        self._hangs.join(self._seconds)
        if failed:
            raise failed[0]
        if not done:
            raise NotSaved("There is no answer in time.")
        return done[0]
