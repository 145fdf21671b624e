"""Work that may hang, such as asking a database that is frozen: its caller waits so long and no longer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from bot.errors import NotSaved

T = TypeVar("T")


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
