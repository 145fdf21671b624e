"""Whom an incident is about: who may see the name, and who never."""

from __future__ import annotations

import pytest

from bot.errors import NotFound
from bot.incidents.composing import Composing
from bot.incidents.enquiries import Enquiries
from bot.incidents.model import Incident, Kind
from bot.incidents.notices import alert_card, incident_card, room_card, saved_card
from tests.support.people import CHAIR, DSL, HEAD, SBM, TA, TEACHER
from tests.support.school import School, report


def drawn(incident: Incident, *, by: object) -> str:
    """Everything that the person is shown of it, and the value that it is drawn from."""
    cards = (incident_card(incident, by), alert_card(incident, by), room_card(incident), saved_card(incident))  # type: ignore[arg-type]
    about = (incident.subjects, incident.about, incident.report.subjects, [entry.text for entry in incident.timeline])
    return repr((cards, about))


def test_the_reporter_sees_whom_they_named_and_nobody_who_was_named_later(school: School) -> None:
    register = school.register
    words = report(Kind.STAFF_ABUSE, what="A colleague writes about me.", subjects=(SBM.id,))
    ref = register.open(words, TEACHER, school.event()).ref
    register.name_subject(ref, HEAD, TA, school.event())
    mine = register.read(ref, TEACHER)
    assert mine.about == (SBM.name,)
    assert mine.subjects == mine.report.subjects == (SBM.id,)
    assert TA.name not in drawn(mine, by=TEACHER)
    assert TA.id not in mine.report.subjects
    # The same report again, and every other way in, tell no more.
    assert register.open(words, TEACHER, school.event()).report.subjects == (SBM.id,)
    assert register.say(ref, TEACHER, "Any news?", school.event(), "chat").about == (SBM.name,)


def test_who_handles_it_or_helps_sees_every_name(school: School) -> None:
    register = school.register
    ref = register.open(report(Kind.STAFF_ABUSE, subjects=(SBM.id,)), TEACHER, school.event()).ref
    register.name_subject(ref, HEAD, TA, school.event())
    register.invite(ref, HEAD, DSL, school.event())
    for who in (HEAD, DSL):
        assert set(register.read(ref, who).about) == {SBM.name, TA.name}
        assert "Tina Assistant" in str(incident_card(register.read(ref, who), who).blocks)


def test_the_subject_sees_nothing_of_it_whatever_they_ask(school: School) -> None:
    register = school.register
    ref = register.open(report(Kind.STAFF_ABUSE, subjects=(TA.id,)), TEACHER, school.event()).ref
    for call in (
        lambda: register.read(ref, TA), lambda: register.acknowledge(ref, TA, "e"),
        lambda: register.delivery_state(ref, TA), lambda: register.say(ref, TA, "x", "e", "chat"),
        lambda: register.change_room_entry(ref, TA, "left", "e", "chat"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            call()
    assert register.visible_to(TA) == register.reported_by(TA) == ()
    assert register.changes_since(0, TA).items == ()


def test_who_reports_themselves_sees_their_own_name_and_no_other(school: School) -> None:
    mine = school.register.open(report(Kind.DATA_BREACH, what="I sent it to the wrong parent.", subjects=(TA.id,)), TA, school.event())
    school.register.name_subject(mine.ref, HEAD, SBM, school.event())
    again = school.register.open(report(Kind.DATA_BREACH, what="I sent it to the wrong parent.", subjects=(TA.id,)), TA, school.event())
    assert again.ref == mine.ref
    assert again.subjects == again.report.subjects == (TA.id,)


def test_the_room_names_nobody_even_where_the_reporter_cannot_read_it(school: School) -> None:
    register = school.register
    ref = register.open(report(subjects=(TEACHER.id,)), TEACHER, school.event()).ref
    register.name_subject(ref, HEAD, TA, school.event())
    composing = Composing(register, Enquiries(register.records))
    with school.store.reading() as conn:
        facts = register.records.facts(conn, ref)
        assert facts
        room = composing.room(conn, facts)
    assert room.about == room.subjects == room.report.subjects == ()
    assert TA.name not in repr(room)
    assert CHAIR.id not in {member.person for member in room.members}
