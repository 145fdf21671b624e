"""When the rungs of a year are due, worked out apart from the bot: the measure of its ladders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.incidents.model import Urgency

LONDON = ZoneInfo("Europe/London")
BANK_HOLIDAYS = {  # of England, as gov.uk lists them
    *(date(2026, month, day) for month, day in ((1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28))),
    date(2027, 1, 1),
}  # fmt: skip


def due_times(opened: datetime, urgency: Urgency) -> Iterator[datetime]:
    """When each rung of the year's rules is due, worked out by walking the clock: no word of it is from the bot."""

    def waking(at: datetime) -> datetime:
        end = at + timedelta(days=3)
        while urgency is Urgency.NORMAL:
            local = at.astimezone(LONDON)
            if local.weekday() < 5 and local.date() not in BANK_HOLIDAYS and 7 <= local.hour < 18:
                break
            quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
            at = quarter + timedelta(minutes=15)
        return min(at, end)

    first, second = (timedelta(minutes=5), timedelta(minutes=10)) if urgency is Urgency.URGENT else (timedelta(hours=2), timedelta(hours=4))
    due = waking(opened + first)
    yield due
    due = after if (after := waking(opened + second)) > due else waking(due + second - first)
    while True:
        yield due
        due = waking(due + timedelta(days=14))
