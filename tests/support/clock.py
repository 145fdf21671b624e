"""A clock that a test turns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class TurnableClock:
    """Stands still until it is turned."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """The present moment in UTC."""
        return self._now

    def turn(self, **by: float) -> datetime:
        """Go on by `seconds=`, `minutes=`, `hours=` or `days=`."""
        self._now += timedelta(**by)
        return self._now

    def set(self, at: datetime) -> None:
        """Go to this moment."""
        self._now = at
