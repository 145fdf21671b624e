"""The police hold of clause 66: a fact of the incident, which nothing lifts but somebody who says that the police have finished."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.web.rooms import room_view
from bot.errors import NotFound, Refused
from bot.incidents import schema
from bot.incidents.model import Incident, Kind, State
from bot.incidents.notices import POLICE_HOLD, incident_card, room_card
from bot.incidents.policy_of_school import Retention, SchoolRules
from bot.incidents.retention import due_for_purge, erase_person, purge
from bot.incidents.verify import verify
from tests.support.people import CHAIR, HEAD, SBM, TA, TEACHER
from tests.support.school import School, report

KEPT = timedelta(days=365)


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = School(f"sqlite:///{tmp_path / 'usher.db'}", rules=SchoolRules(retention=Retention(dict.fromkeys(Kind, KEPT))))
    yield made
    made.close()


def by_a_pupil(school: School, *, police_told: bool | None = None, subjects: tuple[str, ...] = ()) -> str:
    told = report(Kind.STAFF_ABUSE, done_by=("pupil", "staff"), police_told=police_told, subjects=subjects)
    return school.register.open(told, TEACHER, school.event()).ref


def prompts(incident: Incident) -> list[str]:
    """What the school's own investigation is asked for, to be done now."""
    pressed = [button.label for button in incident_card(incident, HEAD).buttons if button.action == "incident.tick"]
    return [label for label in pressed if "nvestigated" in label or "behaviour and bullying" in label]


def test_it_survives_take_in_hand_closing_and_opening_again(school: School) -> None:
    register, ref = school.register, by_a_pupil(school)
    assert len(prompts(register.read(ref, HEAD))) == 2
    steps: tuple[Callable[[], Incident], ...] = (
        lambda: register.police_informed(ref, HEAD, school.event()),
        lambda: register.take_in_hand(ref, HEAD, school.event()),
        lambda: register.close(ref, HEAD, "Nothing more for us.", school.event()),
        lambda: register.reopen(ref, HEAD, school.event()),
    )
    for step in steps:
        incident = step()
        assert incident.police_hold
        assert [owed.item for owed in incident.owed if owed.held] == ["staff_path", "pupil_path"]
        assert prompts(incident) == []
        assert POLICE_HOLD in str(incident_card(incident, HEAD).blocks)
        if incident.state is not State.CLOSED:
            assert "incident.police_over" in {button.action for button in room_card(incident).buttons}
    with pytest.raises(Refused, match="until the police have finished"):
        register.tick(ref, HEAD, "staff_path", school.event())


@pytest.mark.parametrize("taken_in_hand", [False, True])
def test_nothing_is_purged_and_nobody_erased_while_it_stands(school: School, *, taken_in_hand: bool) -> None:
    register, ref = school.register, by_a_pupil(school)
    register.police_informed(ref, HEAD, school.event())
    if taken_in_hand:
        register.take_in_hand(ref, HEAD, school.event())
    register.close(ref, HEAD, "Closed.", school.event())
    school.clock.turn(days=3 * 365)
    assert due_for_purge(register) == purge(register) == ()
    with pytest.raises(Refused):
        erase_person(register, TEACHER)
    lifted = register.police_finished(ref, HEAD, "The officer rang: no further action.", school.event())
    assert (lifted.state, lifted.police_hold) == (State.CLOSED, False)
    assert purge(register) == ()  # the time begins when the hold ends
    school.clock.turn(days=366)
    assert purge(register) == (ref,)
    assert verify(school.store, school.vault).sound


def test_a_legal_hold_stops_the_clock_too(school: School) -> None:
    register, ref = school.register, by_a_pupil(school)
    register.hold(ref, HEAD, school.event(), on=True)
    register.acknowledge(ref, HEAD, school.event())
    register.close(ref, HEAD, "Closed.", school.event())
    school.clock.turn(days=366)
    register.hold(ref, HEAD, school.event(), on=False)
    assert purge(register) == ()
    school.clock.turn(days=366)
    assert purge(register) == (ref,)


def test_lifting_it_is_on_the_record_with_the_reason_and_who(school: School) -> None:
    register, ref = school.register, by_a_pupil(school)
    register.police_informed(ref, HEAD, school.event())
    incident = register.police_finished(ref, HEAD, "No further action, PC 1212.", school.event())
    assert (incident.state, incident.police_hold) == (State.IN_HAND, False)
    assert len(prompts(incident)) == 2
    entry = next(entry for entry in incident.timeline if entry.what == "police_over")
    assert (entry.name, entry.text) == (HEAD.name, "No further action, PC 1212.")
    assert "PC 1212" not in str(register.read(ref, TEACHER))  # why is for those who handle it
    audit = schema.audit
    with school.store.reading() as conn:
        (row,) = conn.execute(school.store.rows(audit).where(audit.c.action == "police_over")).mappings().all()
    assert row["actor"]
    assert json.loads(row["detail"])["police_hold"] is False
    assert verify(school.store, school.vault).sound


def test_only_who_handles_it_may_lift_it(school: School) -> None:
    register, ref = school.register, by_a_pupil(school, subjects=("ta",))
    register.police_informed(ref, HEAD, school.event())
    register.invite(ref, HEAD, SBM, school.event())
    for who, wanted in ((TEACHER, Refused), (SBM, Refused), (TA, NotFound), (CHAIR, NotFound)):
        with pytest.raises(wanted):
            register.police_finished(ref, who, "I say so.", school.event())
    assert register.read(ref, HEAD).police_hold


def test_it_stands_from_the_report_where_the_police_were_told_and_for_clause_71(school: School) -> None:
    assert school.register.read(by_a_pupil(school, police_told=True), HEAD).police_hold
    images = school.register.open(report(Kind.INDECENT_IMAGES, what="A picture."), TEACHER, school.event())
    assert images.police_hold
    assert not school.register.open(report(what="Something else."), TEACHER, school.event()).police_hold


def test_taking_it_away_behind_the_records_back_is_found(school: School) -> None:
    ref = by_a_pupil(school, police_told=True)
    assert verify(school.store, school.vault).sound
    with school.store.transaction() as conn:
        school.store.change(conn, schema.incidents, schema.incidents.c.ref == ref, police_hold_at=None)
    assert not verify(school.store, school.vault).sound


def test_the_page_says_so_too_and_whom_it_is_about(school: School) -> None:
    ref = by_a_pupil(school, police_told=True, subjects=("ta",))
    shown = dict(room_view(school.register.read(ref, HEAD), HEAD).facts)
    assert shown["About"] == TA.name
    assert shown["Police hold"].startswith("Until the police have finished")
    assert "Police hold" not in dict(room_view(school.register.police_finished(ref, HEAD, "They rang.", school.event()), HEAD).facts)


def test_it_begins_once_and_a_second_time_after_it_was_lifted(school: School) -> None:
    register, ref = school.register, by_a_pupil(school, police_told=True)
    school.clock.turn(hours=1)
    register.police_informed(ref, HEAD, school.event())
    incidents = schema.incidents
    since = school.store.rows(incidents, incidents.c.police_hold_at)
    with school.store.reading() as conn:
        assert conn.scalar(since) < school.clock.now()
    register.police_finished(ref, HEAD, "They rang.", school.event())
    assert register.police_informed(ref, HEAD, school.event()).police_hold
