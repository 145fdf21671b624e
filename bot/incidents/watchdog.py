"""Notices that delivery has stopped, whatever stopped it, and tells /readyz and the IT contact within two minutes.

It notices as well where nothing has stopped and yet nobody can be told: no address leads to anybody who is owed an alert.
It runs in a thread of its own and sends its own e-mail: it depends neither on the event loop nor on the outbox it watches.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.errors import NotSaved
from bot.incidents.bounded import Bounded
from bot.incidents.jobs import SILENT as SILENT_CHANNELS
from bot.incidents.outbox import Outbox
from bot.incidents.stranded import Stranded, stranded
from bot.incidents.times import local
from bot.incidents.worker import BEAT, Worker

log = logging.getLogger(__name__)

LOOK_EVERY = 10.0
SILENT = 60.0  # seconds without a sign of life before something counts as stopped
LATE = timedelta(seconds=90)
TELL_AGAIN = timedelta(hours=1)
TELL_OF_STRANDED_AGAIN = timedelta(days=1)
ANSWERS_WITHIN = 20.0  # seconds; a database that is frozen takes connections and answers nothing, for ever
GONE = "The database cannot be reached, so nothing can be delivered. Check that it runs, and its disk."
TOLD_OF_STRANDED = "told of stranded alerts"  # a sign in the store: a restart must not tell it again
STRANDED = "An alert can reach nobody: whoever should get it has no address that works. `app.py doctor` says who."

Tell = Callable[[tuple[str, ...], datetime], None]


class Watchdog:
    """Watches one worker, and the outbox of the whole school beside it."""

    def __init__(self, worker: Worker, tell: Tell | None = None) -> None:
        """`tell`: gives the problems to the IT contact; it may raise, and is tried again then."""
        self._worker = worker
        self._outbox = Outbox(worker.register.store)
        self._bounded: Bounded[tuple[tuple[str, ...], Stranded, bool]] = Bounded(ANSWERS_WITHIN)
        self._bounded_sign: Bounded[None] = Bounded(ANSWERS_WITHIN)
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
        """Look once, and tell the IT contact where something is wrong that they have not been told of within the hour.

        Of alerts that nobody can receive they are told once, and again every day, for that is not mended within the hour.
        """
        silent = self._silent()
        if silent:
            # Before the database is asked: where it is what hangs, it may not answer for long, and nobody would hear of it.
            self._problems = (*silent, *(one for one in self._problems if one not in silent))
            self._tell_hourly(self._clock.now())
        try:
            found, left, daily = self._bounded.run(self._ask)
        except NotSaved:
            found, left, daily = (GONE,), Stranded(0, None), False
        stopped = (*silent, *found)
        self._problems = (*stopped, *((STRANDED,) if left else ()))
        now = self._clock.now()
        if not stopped:
            self._told_at = None
        told = self._tell_hourly(now) if stopped else False
        if left and (told or (daily and self._told(now))):
            self._bounded_sign.run(lambda: self._worker.register.store.beat(TOLD_OF_STRANDED))
        return self._problems

    def _tell_hourly(self, now: datetime) -> bool:
        """Tell of what has stopped, unless it was told within the hour; whether it was told now."""
        if self._told_at is not None and now - self._told_at < TELL_AGAIN:
            return False
        told = self._told(now)
        self._told_at = now if told else self._told_at
        return told

    def _told(self, now: datetime) -> bool:
        """Tell the IT contact; whether they were told, or there is none and the log has it."""
        if self._tell is None:
            log.error("Delivery needs attention, and there is no IT contact with an e-mail address to tell: run `app.py doctor`")
            return True
        try:
            self._tell(self._problems, local(now, self._worker.register.rules.quiet.zone))
        except Exception as error:
            log.error("The IT contact could not be told that delivery needs attention: %s", type(error).__name__)
            return False
        return True

    def _ask(self) -> tuple[tuple[str, ...], Stranded, bool]:
        """What the database knows: what has stopped, the alerts that nobody can receive, whether to tell of those now."""
        found, left = tuple(self._look()), self._stranded()
        return found, left, self._daily(left, self._clock.now())

    def _stranded(self) -> Stranded:
        try:
            return stranded(self._worker.register.store)
        except NotSaved:
            return Stranded(0, None)  # that the database is gone is told by itself

    def _daily(self, left: Stranded, now: datetime) -> bool:
        """Whether to tell of stranded alerts now: once for each that is new, and every day while one is left."""
        if not left:
            return False
        last = self._worker.register.store.last_beat(TOLD_OF_STRANDED)
        return last is None or now - last >= TELL_OF_STRANDED_AGAIN or (left.newest is not None and left.newest > last)

    def _silent(self) -> tuple[str, ...]:
        """Whether delivery has stopped in this process; the database is not asked."""
        name, silence = self._worker.oldest_pulse()
        if silence > SILENT and self._since is not None and self._clock.now() - self._since > timedelta(seconds=SILENT):
            return (f"The part that delivers messages ({name}) has stopped in this process. Check the database, then restart the bot.",)
        return ()

    def _look(self) -> list[str]:
        now, found = self._clock.now(), list[str]()
        last, oldest = self._worker.register.store.last_beat(BEAT), self._outbox.oldest_alert(SILENT_CHANNELS)
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
