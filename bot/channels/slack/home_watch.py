"""Keeps App Homes up to date by itself: whoever has opened theirs lately sees a change within seconds."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from bot.people import Person

log = logging.getLogger(__name__)
WATCHED = 500
LASTS = 12 * 3600.0  # seconds after which nobody is assumed to look any more
LOOK_EVERY = 3.0
Changed = Callable[[int, Person], int]
Besides = Callable[[], Hashable]
Redraw = Callable[[str, str, Person], Awaitable[bool]]


def nothing_else() -> Hashable:
    """For a school whose homes show incidents alone."""
    return None


class HomeWatch:
    """Knows whose home is open.

    `changed`: a cursor and a person to the new cursor; `besides`: something that is another where anything else that homes show
    has changed. Both are synchronous, and read the store.
    """

    def __init__(self, changed: Changed, besides: Besides = nothing_else) -> None:
        self._changed = changed
        self._besides = besides
        self._open: OrderedDict[tuple[str, str], tuple[Person, float]] = OrderedDict()
        self._drawn: dict[tuple[str, str], tuple[int, Hashable]] = {}  # what stood at the time of the last drawing
        self._poked: set[tuple[str, str]] = set()

    def opened(self, team: str, user: str, person: Person) -> None:
        """Somebody has opened their home. The first look draws it once more: something may have changed while it was drawn."""
        if (team, user) not in self._drawn:
            self._poked.add((team, user))
        self._open[team, user] = (person, time.monotonic())
        self._open.move_to_end((team, user))
        while len(self._open) > WATCHED:
            old, _ = self._open.popitem(last=False)
            self._drawn.pop(old, None)

    def poke(self, team: str, user: str) -> None:
        """Somebody has done something: their own home may have changed in ways that no incident tells of."""
        if (team, user) in self._open:
            self._poked.add((team, user))

    def closed(self, team: str, user: str) -> None:
        """This home is looked after no more."""
        self._open.pop((team, user), None)

    async def look(self, redraw: Redraw) -> int:
        """Draw every home anew in which something has changed; how many there were. What Slack does not take is drawn the next time."""
        drawn, besides = 0, await asyncio.to_thread(self._besides)
        for key, (person, since) in list(self._open.items()):
            if time.monotonic() - since > LASTS:
                self._open.pop(key, None)
                self._drawn.pop(key, None)
                continue
            before = self._drawn.get(key)
            now = (await asyncio.to_thread(self._changed, before[0] if before else 0, person), besides)
            if key in self._poked or (before and before != now):
                self._poked.discard(key)  # whatever comes while it is drawn counts for the next time
                if not await redraw(*key, person):
                    self._poked.add(key)
                    continue
                drawn += 1
            self._drawn[key] = now
        return drawn

    async def run(self, redraw: Redraw, stop: asyncio.Event) -> None:
        """Look every few seconds, until stopped."""
        while not stop.is_set():
            try:
                await self.look(redraw)
            except Exception as error:
                log.warning("Homes could not be brought up to date: %s", type(error).__name__)
            await asyncio.wait({wait := asyncio.ensure_future(stop.wait())}, timeout=LOOK_EVERY)
            wait.cancel()
