"""When the next rung of the ladder is due, and who stands on it. Pure: from times and settings to times and roles.

Durations are real time, so a clock change neither shortens nor lengthens a wait. What is not urgent skips quiet hours,
weekends, holidays: a rung that falls into them moves to their end, and rungs that would meet there keep their distance.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bot.incidents.model import Urgency
from bot.incidents.policy_of_school import Ladder, Quiet, SchoolRules
from bot.incidents.routing import UNDER_THE_HEAD
from bot.people import Role

MIDNIGHT = time(0)
DAY = timedelta(days=1)


def next_due(rules: SchoolRules, urgency: Urgency, opened_at: datetime, step: int, previous: datetime | None = None) -> datetime:
    """When rung `step` (0 for the first after the opening alert) is due. `previous`: when the rung before it was due."""
    ladder = rules.ladder(urgency)
    gap = _after(ladder, step) - (_after(ladder, step - 1) if step else timedelta(0))
    natural = opened_at + _after(ladder, step) if step < len(ladder.steps) or previous is None else previous + ladder.repeat
    if urgency is Urgency.URGENT:
        return natural
    due = end_of_quiet(natural, rules.quiet)
    if previous is not None and due <= previous:
        due = end_of_quiet(previous + gap, rules.quiet)
    return due


def ladder_began(rules: SchoolRules, urgency: Urgency, opened_at: datetime, step: int, due: datetime) -> datetime:
    """From when this ladder's rungs count, told by when its present one is due: the opening, unless it was begun or moved later.

    Somebody who is asked for the first time days after the opening has not missed the rungs of those days.
    """
    wanted = None
    for one in range(min(step, len(rules.ladder(urgency).steps)) + 1):
        wanted = next_due(rules, urgency, opened_at, one, wanted)
    return opened_at if wanted == due else max(opened_at, due - _after(rules.ladder(urgency), step))


def roles_on(ladder: Ladder, step: int, *, about_the_head: bool) -> tuple[Role, ...]:
    """The roles that this rung adds; none on a rung that only repeats. Whoever works for the Headteacher is never asked about them."""
    if step >= len(ladder.steps):
        return ()
    return tuple(role for role in ladder.steps[step].roles if not (about_the_head and role in UNDER_THE_HEAD))


def end_of_quiet(at: datetime, quiet: Quiet) -> datetime:
    """The first moment from `at` on that is not quiet, and never later than `quiet.longest` after it."""
    zone = ZoneInfo(quiet.zone)
    latest, day = at + quiet.longest, at.astimezone(zone).date()
    while _moment(day, MIDNIGHT, zone) <= latest:
        for start, end in _waking(day, quiet):
            if at < _moment(end[0], end[1], zone):
                return min(max(at, _moment(day, start, zone)), latest)
        day += DAY
    return latest


def is_school_day(day: date, quiet: Quiet) -> bool:
    """Whether people are at school on this day, as far as the settings go."""
    if quiet.weekends and day.weekday() >= 5:  # noqa: PLR2004 - Saturday
        return False
    if quiet.bank_holidays and day in _bank_holidays(day.year):
        return False
    return not quiet.terms or any(term.first <= day <= term.last for term in quiet.terms)


def _after(ladder: Ladder, step: int) -> timedelta:
    if not ladder.steps:
        return ladder.repeat * (step + 1)
    beyond = max(0, step - len(ladder.steps) + 1)
    return ladder.steps[min(step, len(ladder.steps) - 1)].after + ladder.repeat * beyond


def _waking(day: date, quiet: Quiet) -> list[tuple[time, tuple[date, time]]]:
    """The parts of a day that are not quiet: each a start, and an end with its own date, for midnight belongs to the next day."""
    midnight_after = (day + DAY, MIDNIGHT)
    if not is_school_day(day, quiet):
        return []
    if quiet.start is None or quiet.end is None or quiet.start == quiet.end:
        return [(MIDNIGHT, midnight_after)]
    if quiet.start > quiet.end:  # over the night, as most are
        return [(quiet.end, (day, quiet.start))]
    return [(MIDNIGHT, (day, quiet.start)), (quiet.end, midnight_after)]


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=16)
def _bank_holidays(year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 needed on a quiet day alone, and slow to load

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
