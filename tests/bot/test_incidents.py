"""The register, as dialogues: who does what, and what everybody then sees."""

from __future__ import annotations

import pytest

from bot.errors import NotFound, Refused
from bot.incidents import schema
from bot.incidents.model import Kind, State, Urgency
from bot.incidents.opening import ALPHABET
from tests.support.people import CHAIR, DEPUTY, DPO, DSL, HEAD, SBM, TA, TEACHER
from tests.support.school import School, report


def test_report_acknowledge_talk_close(school: School) -> None:
    register = school.register
    opened = register.open(report(), TEACHER, school.event())
    assert (opened.kind, opened.state, opened.urgency) == (Kind.MISUSE, State.OPEN, Urgency.NORMAL)
    assert len(opened.ref) == 9
    assert set(opened.ref) <= set(ALPHABET + "-")
    assert register.delivery_state(opened.ref, TEACHER) == "On its way to the Headteacher, not yet delivered."

    assert [row.ref for row in register.visible_to(HEAD)] == [opened.ref]
    school.clock.turn(minutes=3)
    assert register.read(opened.ref, HEAD).report.what == "A parent posts about us on a public page."
    assert register.delivery_state(opened.ref, TEACHER) == "Seen by Helen Head, the Headteacher, at 10:03."

    school.clock.turn(minutes=1)
    incident = register.acknowledge(opened.ref, HEAD, school.event())
    assert incident.state is State.ACKNOWLEDGED
    assert not incident.unacknowledged
    assert register.delivery_state(opened.ref, TEACHER) == "Acknowledged by Helen Head, the Headteacher, at 10:04."

    register.say(opened.ref, TEACHER, "It is still there.", school.event(), "chat")
    register.say(opened.ref, HEAD, "Thank you. I am writing to them.", school.event(), "web")
    register.add_note(opened.ref, HEAD, "Rang the union.", school.event())
    register.take_in_hand(opened.ref, HEAD, school.event())
    closed = register.close(opened.ref, HEAD, "The post was taken down.", school.event())
    assert (closed.state, closed.outcome) == (State.CLOSED, "The post was taken down.")

    theirs = [(entry.name, entry.what, entry.text) for entry in register.read(opened.ref, HEAD).timeline]
    assert theirs == [
        ("Tom Teacher", "opened", ""),
        ("Helen Head", "seen", "Headteacher"),
        ("Helen Head", "acknowledged", "Headteacher"),
        ("Tom Teacher", "said", "It is still there."),
        ("Helen Head", "said", "Thank you. I am writing to them."),
        ("Helen Head", "note", "Rang the union."),
        ("Helen Head", "in_hand", ""),
        ("Helen Head", "closed", "The post was taken down."),
    ]
    reporters = [entry.what for entry in register.read(opened.ref, TEACHER).timeline]
    assert reporters == ["opened", "seen", "acknowledged", "said", "said", "in_hand", "closed"]


def test_the_same_report_eleven_times_is_one_incident(school: School) -> None:
    refs = {school.register.open(report(), TEACHER, f"delivery-{number}").ref for number in range(11)}
    assert len(refs) == 1
    assert len(school.register.read(refs.pop(), HEAD).timeline) == 2  # opened, seen


def test_the_same_words_hours_later_are_heard_in_the_same_incident(school: School) -> None:
    first = school.register.open(report(), TEACHER, school.event())
    school.clock.turn(hours=2)
    again = school.register.open(report(what="a parent  posts about us on a public page. "), TEACHER, school.event())
    assert again.ref == first.ref
    assert [entry.what for entry in again.timeline] == ["opened", "repeated"]
    school.clock.turn(hours=23)
    assert school.register.open(report(), TEACHER, school.event()).ref != first.ref


def test_another_reporter_with_the_same_words_opens_another_incident(school: School) -> None:
    assert school.register.open(report(), TEACHER, "a").ref != school.register.open(report(), TA, "b").ref


def test_an_event_is_applied_once(school: School) -> None:
    ref = school.register.open(report(), TEACHER, school.event()).ref
    for _ in range(3):
        incident = school.register.say(ref, TEACHER, "Once.", "the-same-event", "chat")
    assert [entry.text for entry in incident.timeline if entry.what == "said"] == ["Once."]


def test_a_message_that_is_delivered_twice_is_written_once(school: School) -> None:
    ref = school.register.open(report(), TEACHER, school.event()).ref
    for _ in range(2):
        incident = school.register.say(ref, TEACHER, "Once.", school.event(), "chat", message="m1")
    edited = school.register.change_room_entry(ref, TEACHER, "edited", school.event(), "chat", text="Twice.", message="m1")
    assert edited
    assert [entry.text for entry in incident.timeline if entry.what == "said"] == ["Once."]
    last = [(entry.what, entry.text, entry.message) for entry in edited.timeline][-2:]
    assert last == [("said", "Once.", "m1"), ("edited", "Twice.", "m1")]


def test_readings_are_on_the_trail_once_a_minute(school: School) -> None:
    ref = school.register.open(report(), TEACHER, school.event()).ref
    for _ in range(3):
        school.register.read(ref, HEAD)
    school.clock.turn(minutes=2)
    school.register.read(ref, HEAD)
    audit = schema.audit
    with school.store.reading() as conn:
        assert len(conn.execute(school.store.rows(audit).where(audit.c.action == "read", audit.c.ref == ref)).all()) == 2


def test_a_wrong_person_and_a_wrong_reference_get_the_same_words(school: School) -> None:
    ref = school.register.open(report(), TEACHER, school.event()).ref
    answers = []
    for who, reference in ((SBM, ref), (SBM, "K7QM-2WXR"), (SBM, "nonsense"), (HEAD, "K7QM-2WXR")):
        with pytest.raises(NotFound) as refused:
            school.register.acknowledge(reference, who, school.event())
        answers.append(str(refused.value))
    assert len(set(answers)) == 1


def test_about_the_headteacher_the_headteacher_sees_nothing(school: School) -> None:
    ref = school.register.open(report(done_by=("headteacher",)), TEACHER, school.event()).ref
    school.register.say(ref, TEACHER, "Please be discreet.", school.event(), "chat")
    assert [row.ref for row in school.register.visible_to(CHAIR)] == [ref]
    for outsider in (HEAD, DEPUTY, SBM, DSL, DPO):
        assert school.register.visible_to(outsider) == ()
        assert school.register.changes_since(0, outsider).items == ()
        with pytest.raises(NotFound):
            school.register.read(ref, outsider)
    with pytest.raises(Refused):
        school.register.invite(ref, CHAIR, HEAD, school.event())


def test_a_child_matter_about_the_headteacher_goes_to_chair_and_dsl(school: School) -> None:
    opened = school.register.open(report(Kind.SAFEGUARDING, subjects=("head",)), TEACHER, school.event())
    assert [str(ack.role) for ack in opened.acknowledgements] == ["chair_of_governors", "designated_safeguarding_lead"]
    assert school.register.visible_to(HEAD) == ()


def test_dsl_and_headteacher_acknowledge_separately(school: School) -> None:
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, school.event()).ref
    after_one = school.register.acknowledge(ref, HEAD, school.event())
    assert after_one.state is State.ACKNOWLEDGED
    assert after_one.unacknowledged
    with pytest.raises(Refused, match="Designated Safeguarding Lead must acknowledge"):
        school.register.close(ref, HEAD, "Done.", school.event())
    assert not school.register.acknowledge(ref, DSL, school.event()).unacknowledged


def test_who_reports_themselves_follows_the_report_and_sees_no_more(school: School) -> None:
    mine = school.register.open(report(what="I posted a photograph of my class.", subjects=("head",)), HEAD, school.event())
    assert mine.timeline == ()
    assert school.register.visible_to(HEAD) == ()
    assert [row.ref for row in school.register.reported_by(HEAD)] == [mine.ref]
    assert "Chair of Governors" in school.register.delivery_state(mine.ref, HEAD)
    with pytest.raises(NotFound):
        school.register.read(mine.ref, HEAD)


def test_naming_a_subject_later_takes_them_out_for_good(school: School) -> None:
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, school.event()).ref
    school.register.name_subject(ref, HEAD, DSL, school.event())
    assert school.register.visible_to(DSL) == ()
    assert school.register.changes_since(0, DSL).items == ()
    with pytest.raises(NotFound):
        school.register.acknowledge(ref, DSL, school.event())
    with pytest.raises(Refused):
        school.register.hand_over(ref, HEAD, DSL, school.event())


def test_what_a_subject_acknowledged_counts_no_more(school: School) -> None:
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, school.event()).ref
    school.register.acknowledge(ref, DSL, school.event())
    school.register.acknowledge(ref, HEAD, school.event())
    incident = school.register.name_subject(ref, HEAD, DSL, school.event())
    assert [str(ack.role) for ack in incident.acknowledgements if ack.at is None] == ["designated_safeguarding_lead"]
    again = school.register.acknowledge(ref, HEAD, school.event())  # who was asked in their place
    assert [ack.name for ack in again.acknowledgements] == ["Helen Head", "Helen Head"]


def test_a_helper_reads_and_writes_and_decides_nothing(school: School) -> None:
    ref = school.register.open(report(), TEACHER, school.event()).ref
    school.register.invite(ref, HEAD, SBM, school.event())
    school.register.say(ref, SBM, "I can help.", school.event(), "chat")
    with pytest.raises(Refused, match="those who handle"):
        school.register.take_in_hand(ref, SBM, school.event())
    school.register.hand_over(ref, HEAD, SBM, school.event())
    assert school.register.take_in_hand(ref, SBM, school.event()).state is State.IN_HAND


def test_what_is_owed_and_who_may_tick_it(school: School) -> None:
    opened = school.register.open(report(Kind.STAFF_ABUSE, affected=("me",), done_by=("pupil",)), TEACHER, school.event())
    assert {owed.clause for owed in opened.owed} == {"61", "65", "66", "70"}
    ticked = school.register.tick(opened.ref, TEACHER, "screen_print", school.event())
    assert [(owed.item, owed.done_by) for owed in ticked.owed if owed.done_at] == [("screen_print", "Tom Teacher")]
    with pytest.raises(Refused):
        school.register.tick(opened.ref, TEACHER, "counselling", school.event())
    with pytest.raises(Refused):
        school.register.tick(opened.ref, HEAD, "no such item", school.event())
    held = school.register.police_informed(opened.ref, HEAD, school.event())
    assert [owed.item for owed in held.owed if owed.held] == ["pupil_path"]


def test_clause_71_asks_for_no_evidence(school: School) -> None:
    opened = school.register.open(report(Kind.INDECENT_IMAGES, done_by=("pupil",)), TEACHER, school.event())
    assert opened.urgency is Urgency.URGENT
    assert not [owed for owed in opened.owed if owed.group == "evidence"]
    assert {"untouched", "secured", "police_called"} <= {owed.item for owed in opened.owed}


def test_live_pages_hear_of_each_change_once(school: School) -> None:
    ref = school.register.open(report(), TEACHER, school.event()).ref
    first = school.register.changes_since(0, HEAD)
    assert [change.what for change in first.items] == ["opened"]
    school.register.say(ref, TEACHER, "More.", school.event(), "chat")
    assert [change.what for change in school.register.changes_since(first.cursor, HEAD).items] == ["said"]
    assert school.register.visible_to(HEAD)[0].unread == 2
    school.register.read(ref, HEAD)
    assert school.register.visible_to(HEAD)[0].unread == 0


def test_a_live_page_misses_nothing_after_changes_were_taken_away(school: School) -> None:
    stays, goes = (school.register.open(report(what=what), TEACHER, what).ref for what in ("One.", "Another."))
    for number in range(5):
        school.register.say(goes, TEACHER, "More of it.", f"s{number}", "web")
    cursor = school.register.changes_since(0, HEAD).cursor
    school.register.hand_over(goes, HEAD, DEPUTY, "h")
    school.register.name_subject(goes, DEPUTY, HEAD, "n")
    school.register.say(stays, TEACHER, "Something new.", "new", "web")
    assert [one.ref for one in school.register.changes_since(cursor, HEAD).items][-1:] == [stays]
    assert goes not in [one.ref for one in school.register.changes_since(cursor, HEAD).items]
    after = school.register.changes_since(cursor, HEAD).cursor
    assert school.register.changes_since(after, HEAD).items == ()
