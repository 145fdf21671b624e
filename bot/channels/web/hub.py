"""The open pages of this process: whoever writes to the store wakes them, and each then asks what is new for its own person.

A waking carries nothing, so nothing can leak by it. What passes by without being kept (somebody is typing) goes to named ears.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

Passing = tuple[str, dict[str, str]]


class Ear:
    """One open page. `room`: the reference of the incident that it shows, once the gate has let it."""

    def __init__(self, person: str, room: str = "") -> None:
        self.person = person
        self.room = room
        self.passing: list[Passing] = []
        self._news = asyncio.Event()

    def ring(self) -> None:
        """There may be something new."""
        self._news.set()

    async def wait(self, seconds: float) -> None:
        """Wait until there may be something new, or for this long."""
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return
        self._news.clear()

    def take(self) -> list[Passing]:
        """What passed by since the last time."""
        taken, self.passing = self.passing, []
        return taken


class Hub:
    """All ears of this process."""

    def __init__(self) -> None:
        self._ears: dict[str, set[Ear]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closing = False

    @contextmanager
    def listen(self, ear: Ear) -> Iterator[Ear]:
        """Have this ear woken while inside."""
        self._loop = asyncio.get_running_loop()
        self._ears[ear.person].add(ear)
        try:
            yield ear
        finally:
            self._ears[ear.person].discard(ear)
            if not self._ears[ear.person]:
                del self._ears[ear.person]

    def wake(self) -> None:
        """Something was committed. May be called from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._ring)

    def count(self, person: str) -> int:
        """How many pages this person has open here."""
        return len(self._ears.get(person, ()))

    def tell_person(self, person: str, passing: Passing) -> None:
        """Something passing, for every page of one person."""
        for ear in self._ears.get(person, ()):
            ear.passing.append(passing)
            ear.ring()

    def listening(self, room: str) -> frozenset[str]:
        """Who has this room open; they may have been barred from it since."""
        return frozenset(person for person, ears in self._ears.items() if any(ear.room == room for ear in ears))

    def tell_room(self, room: str, sender: str, passing: Passing, allowed: frozenset[str]) -> None:
        """Something passing, for everybody else of those allowed who has this room open; only if the sender has it open, too."""
        if not any(ear.room == room for ear in self._ears.get(sender, ())):
            return
        for person, ears in self._ears.items():
            for ear in ears:
                if person != sender and person in allowed and ear.room == room:
                    ear.passing.append(passing)
                    ear.ring()

    def close(self) -> None:
        """End every stream: the process is about to stop."""
        self.closing = True
        self._ring()

    def _ring(self) -> None:
        for ears in self._ears.values():
            for ear in ears:
                ear.ring()
