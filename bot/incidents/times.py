"""Moments as staff read them, in the school's own time.

What a person is shown carries the school's zone with it (`local`), so that no card has to be told of it.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

ENGLAND = "Europe/London"


def local(at: datetime, zone: str) -> datetime:
    """The same moment, to be shown in this zone."""
    return at.astimezone(ZoneInfo(zone))


def hour(at: datetime, now: datetime, zone: str = ENGLAND) -> str:
    """The hour, and the day where it is not today: "14:05", "14:05 on 3 March 2026"."""
    shown, today = local(at, zone), local(now, zone).date()
    return f"{shown:%H:%M}" if shown.date() == today else full(shown)


def full(at: datetime) -> str:
    """The hour and the day: "14:05 on 3 March 2026". In the zone that the moment carries; England's where it carries none of its own."""
    shown = at if isinstance(at.tzinfo, ZoneInfo) else local(at, ENGLAND)
    return f"{shown:%H:%M} on {shown.day} {shown:%B %Y}"
