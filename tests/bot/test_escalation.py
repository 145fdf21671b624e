"""The ladder in virtual time: clock changes, nights, weekends, holidays, restarts, a year of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.incidents.escalation import end_of_quiet, is_school_day, next_due, roles_on
from bot.incidents.ladder import Ladder as LadderOfSchool
from bot.incidents.model import Kind, Urgency
from bot.incidents.policy_of_school import Ladder, LadderStep, Quiet, SchoolRules, Term
from bot.people import Role
from tests.support.clock import TurnableClock
from tests.support.people import DEPUTY, HEAD, TEACHER
from tests.support.school import School, report

LONDON = ZoneInfo("Europe/London")
NIGHTS = Quiet(time(18), time(7), weekends=True, bank_holidays=True)
RULES = SchoolRules(quiet=NIGHTS)


def london(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        (london(2026, 3, 3, 12), london(2026, 3, 3, 12)),  # a Tuesday at noon
        (london(2026, 3, 3, 18), london(2026, 3, 4, 7)),
        (london(2026, 3, 3, 6, 59), london(2026, 3, 3, 7)),
        (london(2026, 3, 6, 20), london(2026, 3, 9, 7)),  # over a weekend
        (london(2026, 3, 27, 20), london(2026, 3, 30, 7)),  # the clocks go forward in between
        (london(2026, 10, 23, 20), london(2026, 10, 26, 7)),  # and back
        (london(2026, 4, 30, 20), london(2026, 5, 1, 7)),
        (london(2026, 5, 4, 9), london(2026, 5, 5, 7)),  # a bank holiday
        (london(2026, 4, 2, 20), london(2026, 4, 5, 20)),  # Easter is longer than the longest wait
    ],
)
def test_the_end_of_quiet(at: datetime, wanted: datetime) -> None:
    assert end_of_quiet(at, NIGHTS) == wanted


def test_no_quiet_hours_means_no_waiting() -> None:
    assert end_of_quiet(london(2026, 12, 25, 3), Quiet()) == london(2026, 12, 25, 3)


def test_quiet_at_lunch_leaves_both_sides_of_the_day() -> None:
    lunch = Quiet(time(12), time(13))
    assert end_of_quiet(london(2026, 3, 3, 12, 30), lunch) == london(2026, 3, 3, 13)
    assert end_of_quiet(london(2026, 3, 3, 23, 59), lunch) == london(2026, 3, 3, 23, 59)


def test_term_dates() -> None:
    terms = Quiet(terms=(Term(date(2026, 1, 5), date(2026, 2, 13)), Term(date(2026, 2, 23), date(2026, 3, 27))), longest=timedelta(days=30))
    assert not is_school_day(date(2026, 2, 16), terms)
    assert end_of_quiet(london(2026, 2, 16, 9), terms) == london(2026, 2, 23, 0)


def test_urgent_knows_no_quiet() -> None:
    opened = london(2026, 12, 25, 3)
    assert next_due(RULES, Urgency.URGENT, opened, 0) == opened + timedelta(minutes=5)


def test_rungs_that_fall_into_one_night_keep_their_distance() -> None:
    opened = london(2026, 3, 3, 17)
    first = next_due(RULES, Urgency.NORMAL, opened, 0)
    second = next_due(RULES, Urgency.NORMAL, opened, 1, first)
    third = next_due(RULES, Urgency.NORMAL, opened, 2, second)
    assert [first, second, third] == [london(2026, 3, 4, 7), london(2026, 3, 4, 9), london(2026, 3, 4, 17)]


@pytest.mark.parametrize("night", [date(2026, 3, 28), date(2026, 10, 24)])
def test_a_clock_change_neither_shortens_nor_lengthens_a_wait(night: date) -> None:
    opened = datetime.combine(night, time(23, 50), tzinfo=LONDON).astimezone(UTC)
    due = [next_due(RULES, Urgency.URGENT, opened, step) - opened for step in range(3)]
    assert due == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]


def test_repeats_never_end_and_never_go_back() -> None:
    for urgency in Urgency:
        opened = london(2026, 1, 1, 0, 1)
        previous, step = next_due(RULES, urgency, opened, 0), 0
        while previous < opened + timedelta(days=366):
            step += 1
            due = next_due(RULES, urgency, opened, step, previous)
            assert previous < due <= previous + timedelta(days=4, hours=1)
            previous = due


def test_a_ladder_without_rungs_repeats() -> None:
    rules = SchoolRules(ladders={Urgency.URGENT: Ladder((), timedelta(minutes=10))})
    opened = london(2026, 3, 3, 12)
    first = next_due(rules, Urgency.URGENT, opened, 0)
    assert first == opened + timedelta(minutes=10)
    assert next_due(rules, Urgency.URGENT, opened, 1, first) == opened + timedelta(minutes=20)


def test_who_works_for_the_headteacher_is_not_asked_about_them() -> None:
    ladder = Ladder((LadderStep(timedelta(minutes=1), (Role.DEPUTY_HEADTEACHER, Role.SLT, Role.CHAIR_OF_GOVERNORS)),), timedelta(hours=1))
    assert roles_on(ladder, 0, about_the_head=True) == (Role.CHAIR_OF_GOVERNORS,)
    assert roles_on(ladder, 5, about_the_head=False) == ()


def test_a_morning_on_which_many_rungs_are_due_leaves_none(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", clock=TurnableClock(london(2026, 3, 3, 20)), rules=RULES)
    for number in range(70):
        school.register.open(report(what=f"Number {number}"), TEACHER, f"e{number}")
    ladder = LadderOfSchool(school.register)
    assert ladder.climb_all() == 0
    school.clock.set(london(2026, 3, 4, 7))
    assert ladder.climb_all() == 70
    assert ladder.climb_all() == 0


def test_the_reporter_is_told_the_truth_at_each_step(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    ref = school.register.open(report(Kind.THREAT), TEACHER, "e").ref
    assert "not yet delivered" in school.register.delivery_state(ref, TEACHER)
    school.clock.turn(minutes=6)
    LadderOfSchool(school.register).climb_all()
    assert f"please telephone. Helen Head: {HEAD.telephone}" in school.register.delivery_state(ref, TEACHER)
    school.clock.turn(minutes=10)
    LadderOfSchool(school.register).climb_all()
    school.register.acknowledge(ref, DEPUTY, "a")
    assert "Acknowledged by Dev Deputy for the Headteacher at 10:16." in school.register.delivery_state(ref, TEACHER)
    school.clock.turn(days=30)
    assert LadderOfSchool(school.register).climb_all() == 0
