"""Moments as staff read them, in the school's own time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

ENGLAND = "Europe/London"


def hour(at: datetime, now: datetime, zone: str = ENGLAND) -> str:
    """The hour, and the day where it is not today: "14:05", "14:05 on 3 March 2026"."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    return f"{local:%H:%M}" if local.date() == today else full(at, zone)


def full(at: datetime, zone: str = ENGLAND) -> str:
    """The hour and the day: "14:05 on 3 March 2026"."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%H:%M} on {local.day} {local:%B %Y}"
