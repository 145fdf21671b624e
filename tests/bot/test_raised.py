"""A matter turns graver after it was acknowledged: that was of what was known then, so everybody who owes one is asked again."""

from __future__ import annotations

import pytest

from bot.cards import Card
from bot.channels.text import card_text
from bot.errors import Refused
from bot.incidents.model import Incident, Kind, State, Urgency
from bot.incidents.notices import alert_card, incident_card, room_card, saved_card
from bot.incidents.raising import raise_kind
from bot.people import Person
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import DEPUTY, DSL, HEAD, TA, TEACHER
from tests.support.school import School, report

BEFORE = "before it was known to be a clause 71 matter; not yet acknowledged since"


@pytest.fixture
def chat() -> RecordingChannel:
    return RecordingChannel()


def opened(school: School, kind: Kind = Kind.MISUSE) -> str:
    ref = school.register.open(report(kind), TEACHER, school.event()).ref
    school.clock.turn(seconds=90)
    school.register.acknowledge(ref, HEAD, school.event())
    school.clock.turn(seconds=90)
    return ref


def turn_graver(school: School, ref: str, kind: Kind = Kind.INDECENT_IMAGES, by: Person = TEACHER) -> Incident:
    return raise_kind(school.register, ref, by, kind, "Do not save it.", school.event(), "chat")


def pressed(card: Card, action: str) -> str:
    return next(button.value for button in card.buttons if button.action == f"incident.{action}")


async def test_whoever_acknowledged_the_smaller_matter_owes_it_again_and_the_timeline_keeps_what_they_did(
    school: School, chat: RecordingChannel
) -> None:
    post = Post(school, {"chat": chat})
    ref = opened(school)
    await post.deliver()
    chat.delivered.clear()
    found = turn_graver(school, ref)
    assert found.state is State.OPEN
    assert [(one.role, one.at, one.next_at is not None) for one in found.acknowledgements] == [
        ("headteacher", None, True), ("designated_safeguarding_lead", None, True),
    ]  # fmt: skip
    assert [entry.name for entry in found.timeline if entry.what == "acknowledged"] == [HEAD.name]
    await post.deliver()
    for one in (HEAD, DSL):
        assert [button.action for button in chat.to(one)[-1].card.buttons] == ["incident.acknowledge", "incident.open"]
    school.register.acknowledge(ref, DSL, "dsl")
    with pytest.raises(Refused, match="Headteacher must acknowledge"):
        school.register.close(ref, DSL, "done", "close")
    await post.pass_time(11 * 60, step=10)
    assert chat.to(DEPUTY), "the ladder is climbed for the Headteacher's"
    school.register.acknowledge(ref, HEAD, "again")
    done = school.register.close(ref, HEAD, "done", "close-2")
    assert [entry.what for entry in done.timeline if entry.what == "acknowledged"] == ["acknowledged"] * 3


async def test_every_card_and_the_reporter_are_told_what_was_known_when(school: School, chat: RecordingChannel) -> None:
    post = Post(school, {"chat": chat})
    ref = opened(school)
    await post.deliver()
    chat.delivered.clear()
    turn_graver(school, ref)
    await post.deliver()
    seen = school.register.read(ref, DSL)
    for card in (room_card(seen), incident_card(seen, DSL), alert_card(seen, DSL), chat.to(DSL)[0].card):
        text = card_text(card)
        assert "Helen Head at" in text
        assert BEFORE in text
        assert "acknowledged by" not in text
    (told,) = chat.to(TEACHER)
    assert BEFORE in card_text(told.card)
    school.register.acknowledge(ref, HEAD, "again")
    assert "before it was known" not in card_text(incident_card(school.register.read(ref, HEAD), HEAD)).partition("Designated")[0]
    assert "Acknowledged by Helen Head" in school.register.delivery_state(ref, TEACHER)


async def test_a_reporter_who_may_only_follow_hears_nothing_of_what_it_turned_into(school: School, chat: RecordingChannel) -> None:
    post = Post(school, {"chat": chat})
    ref = opened(school)
    school.register.name_subject(ref, HEAD, TEACHER, "n")
    await post.deliver()
    chat.delivered.clear()
    turn_graver(school, ref, by=HEAD)
    await post.deliver()
    assert chat.to(TEACHER) == []
    told = school.register.delivery_state(ref, TEACHER)
    assert "known to be" not in told
    assert "71" not in told
    (row,) = school.register.reported_by(TEACHER)
    assert (row.kind, row.urgency) == (Kind.MISUSE, Urgency.NORMAL), "what they reported, and no more"
    again = school.register.open(report(), TEACHER, "again")
    assert (again.kind, again.report.kind, again.police_hold) == (Kind.MISUSE, Kind.MISUSE, False), "the same report, sent again"
    for text in (told, card_text(saved_card(again))):
        assert "Headteacher" in text
        assert "Safeguarding" not in text, "who is asked for the graver matter would tell what it is"
        assert DSL.name not in text
    (theirs,) = school.register.visible_to(HEAD)
    assert (theirs.kind, theirs.urgency) == (Kind.INDECENT_IMAGES, Urgency.URGENT)


async def test_what_had_been_climbed_before_is_climbed_again_message_for_message(school: School, chat: RecordingChannel) -> None:
    post = Post(school, {"chat": chat})
    ref = school.register.open(report(Kind.THREAT), TEACHER, "e").ref  # urgent from the start, so that the rungs are the same
    await post.deliver()
    await post.pass_time(11 * 60, step=10)
    before = [one.card.title for one in chat.to(DEPUTY)]
    assert before
    school.register.acknowledge(ref, HEAD, "a")
    for kind in (Kind.SAFEGUARDING, Kind.INDECENT_IMAGES):
        await post.deliver()
        chat.delivered.clear()
        turn_graver(school, ref, kind)
        await post.deliver()
        assert {one.person.id for one in chat.delivered} == {HEAD.id, DSL.id, DEPUTY.id, TEACHER.id}
        chat.delivered.clear()
        await post.pass_time(5 * 60 + 10, step=10)
        assert sorted(one.person.id for one in chat.delivered) == sorted([HEAD.id, DSL.id, DEPUTY.id, TEACHER.id])
        school.register.acknowledge(ref, HEAD, school.event())
        school.register.acknowledge(ref, DSL, school.event())


def test_a_button_that_showed_the_smaller_matter_acknowledges_nothing_of_the_graver_one(school: School) -> None:
    ref = school.register.open(report(), TEACHER, "e").ref
    old = pressed(alert_card(school.register.read(ref, HEAD), HEAD), "acknowledge")
    turn_graver(school, ref)
    stale, _, known = old.partition("|")
    with pytest.raises(Refused, match="graver"):
        school.register.acknowledge(stale, HEAD, "late", known)
    with pytest.raises(Refused, match="graver"):
        school.register.take_in_hand(stale, HEAD, "late-2", known)
    assert all(one.at is None for one in school.register.read(ref, HEAD).acknowledgements)
    fresh, _, known = pressed(alert_card(school.register.read(ref, HEAD), HEAD), "acknowledge").partition("|")
    assert known == Kind.INDECENT_IMAGES
    assert school.register.acknowledge(fresh, HEAD, "now", known).state is State.ACKNOWLEDGED


def test_a_form_for_closing_that_was_open_since_before_closes_nothing(school: School) -> None:
    ref = opened(school)
    turn_graver(school, ref)
    school.register.acknowledge(ref, DSL, "dsl")
    with pytest.raises(Refused, match="Headteacher must acknowledge"):
        school.register.close(ref, HEAD, "Spoken to the parent.", "close")


async def test_whoever_it_was_handed_to_after_it_was_acknowledged_can_acknowledge_the_graver_matter(school: School) -> None:
    ref = opened(school)
    school.register.hand_over(ref, HEAD, TA, "h")
    turn_graver(school, ref)
    assert all(one.name == TA.name for one in school.register.acknowledge(ref, TA, "a").acknowledgements)


def test_it_is_never_less_urgent_for_being_graver(school: School) -> None:
    ref = opened(school, Kind.THREAT)
    assert turn_graver(school, ref, Kind.DATA_BREACH).urgency is Urgency.URGENT


async def test_an_alert_of_the_smaller_matter_that_arrives_late_is_no_delivery_of_the_graver_one(school: School) -> None:
    chat = RecordingChannel()
    post = Post(school, {"chat": chat})
    ref = school.register.open(report(), TEACHER, "e").ref
    for split in post.worker.outbox.claim("", 10):
        await post._delivery.carry_out(split)
    (job,) = [one for one in post.worker.outbox.claim("chat", 10) if one.person and one.purpose == "alert:0"]
    school.clock.turn(seconds=5)
    turn_graver(school, ref)
    await post._delivery.carry_out(job)
    assert "Delivered to the Headteacher" not in school.register.delivery_state(ref, TEACHER)
    await post.deliver()
    assert "Delivered to the Headteacher" in school.register.delivery_state(ref, TEACHER)
