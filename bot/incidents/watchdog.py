"""Notices that delivery has stopped, whatever stopped it, and tells /readyz and the IT contact within two minutes.

It runs in a thread of its own and sends its own e-mail: it depends neither on the event loop nor on the outbox it watches.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.errors import NotSaved
from bot.incidents.outbox import Outbox
from bot.incidents.sending import SILENT as SILENT_CHANNELS
from bot.incidents.worker import BEAT, Worker

log = logging.getLogger(__name__)

LOOK_EVERY = 10.0
SILENT = 60.0  # seconds without a sign of life before something counts as stopped
LATE = timedelta(seconds=90)
TELL_AGAIN = timedelta(hours=1)

Tell = Callable[[tuple[str, ...], datetime], None]


class Watchdog:
    """Watches one worker, and the outbox of the whole school beside it."""

    def __init__(self, worker: Worker, tell: Tell | None = None) -> None:
        """`tell`: gives the problems to the IT contact; it may raise, and is tried again then."""
        self._worker = worker
        self._outbox = Outbox(worker.register.store)
        self._clock = worker.register.store.clock
        self._tell = tell
        self._told_at: datetime | None = None
        self._problems: tuple[str, ...] = ()
        self._since: datetime | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._since = self._clock.now()
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong now, one sentence each; nothing where delivery works. For /readyz: it names no incident."""
        return self._problems

    def look(self) -> tuple[str, ...]:
        """Look once, and tell the IT contact where something is wrong that they have not been told of within the hour."""
        self._problems = tuple(self._look())
        now = self._clock.now()
        if not self._problems:
            self._told_at = None
        elif self._tell and (self._told_at is None or now - self._told_at >= TELL_AGAIN):
            try:
                self._tell(self._problems, now)
                self._told_at = now
            except Exception as error:
                log.error("The IT contact could not be told that delivery has stopped: %s", type(error).__name__)
        return self._problems

    def _look(self) -> list[str]:
        now, found = self._clock.now(), []
        name, silence = self._worker.oldest_pulse()
        if silence > SILENT and self._since is not None and now - self._since > timedelta(seconds=SILENT):
            found.append(f"The part that delivers messages ({name}) has stopped in this process. Restart the bot.")
        try:
            last, oldest = self._worker.register.store.last_beat(BEAT), self._outbox.oldest_alert(SILENT_CHANNELS)
        except NotSaved:
            return [*found, "The database cannot be reached, so nothing can be delivered. Check that it runs, and its disk."]
        if last is not None and now - last > timedelta(seconds=SILENT):
            found.append("No process delivers messages. Restart the bot.")
        if oldest is not None and now - oldest > LATE:
            found.append("An alert has reached nobody yet. Check the chat product's and the mail server's settings with `app.py doctor`.")
        return found

    def _run(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            try:
                self.look()
            except Exception as error:
                log.error("The watchdog could not look: %s", type(error).__name__)
