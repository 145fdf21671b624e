"""Somebody who had an incident in hand leaves their role: whoever holds it now is told once, calmly, and can see it; a subject never."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.channels.text import card_text
from bot.errors import NotFound
from bot.incidents import schema
from bot.incidents.gate import Action, may
from bot.incidents.handing_on import hand_on
from bot.incidents.model import Kind, State
from bot.incidents.verify import verify
from bot.people import People, Person, Role
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import CHAIR, DEPUTY, DPO, DSL, EVERYBODY, HEAD, TA, TEACHER, person
from tests.support.school import School, report

NEW = person("newhead", "Nora New", Role.HEADTEACHER)


@pytest.fixture
def chat() -> RecordingChannel:
    return RecordingChannel()


def later(school: School, *new: Person, without: tuple[Person, ...] = (HEAD,)) -> School:
    """The same school, started anew with another school.toml."""
    kept = [one for one in EVERYBODY if one.id not in {gone.id for gone in (*without, *new)}]
    return School(school.url, clock=school.clock, people=People([*kept, *new]))


def in_hand(school: School, kind: Kind = Kind.MISUSE, by: Person = HEAD, **values: object) -> str:
    ref = school.register.open(report(kind, **values), TEACHER, school.event()).ref
    school.register.acknowledge(ref, by, school.event())
    return ref


async def handed_on(after: School, chat: RecordingChannel) -> dict[str, list[str]]:
    """Pass on and deliver, twice; who was sent what."""
    post = Post(after, {"chat": chat})
    await post.deliver()
    chat.delivered.clear()
    for _ in range(2):
        hand_on(after.register)
        await post.deliver()
        after.clock.turn(minutes=10)
    assert verify(after.store, after.vault).problem == ""
    found: dict[str, list[str]] = {}
    for one in chat.delivered:
        found.setdefault(one.person.id, []).append(card_text(one.card))
    after.close()
    return found


async def test_a_new_headteacher_learns_once_of_what_the_old_one_had_in_hand(school: School, chat: RecordingChannel) -> None:
    ref = in_hand(school)
    after = later(school, NEW)
    with pytest.raises(NotFound):
        after.register.read(ref, NEW)
    told = await handed_on(after, chat)
    assert list(told) == [NEW.id]
    (said,) = told[NEW.id]
    assert "passed on to you" in said
    assert "Nothing has to be acknowledged." in said
    assert "parent" not in said, "not the story"
    again = later(school, NEW)
    seen = again.register.read(ref, NEW)
    assert seen.state is State.ACKNOWLEDGED
    assert not seen.awaits
    (entry,) = [one for one in seen.timeline if one.what == "handed_on"]
    assert entry.text == "Helen Head, who had acknowledged this, is no longer the Headteacher; told: Nora New"
    assert again.register.close(ref, NEW, "Settled.", "c").state is State.CLOSED, "they can do all that a handler can"
    again.close()


async def test_one_who_stays_at_the_school_in_another_role_goes_on_and_the_new_one_is_told(school: School, chat: RecordingChannel) -> None:
    ref = in_hand(school)
    teaches_now = person("head", "Helen Head")
    after = later(school, NEW, teaches_now, without=())
    assert list(await handed_on(after, chat)) == [NEW.id]
    again = later(school, NEW, teaches_now, without=())
    assert again.register.read(ref, teaches_now).ref == ref
    again.close()


async def test_nobody_is_told_of_what_is_closed_or_is_in_the_hands_of_somebody_who_is_there(school: School, chat: RecordingChannel) -> None:
    closed = in_hand(school)
    school.register.close(closed, HEAD, "Settled.", "c")
    await Post(school, {"chat": chat}).pass_time(12 * 60, step=30)
    waits = school.register.open(report(Kind.THREAT), TEACHER, "w").ref
    await Post(school, {"chat": chat}).pass_time(12 * 60, step=30)
    school.register.acknowledge(waits, DEPUTY, "d")
    promoted = person("deputy", "Dev Deputy", Role.HEADTEACHER)
    assert await handed_on(later(school, promoted), chat) == {}


@pytest.mark.parametrize("how", ["in the report", "later"])
async def test_it_is_never_told_to_whom_it_is_about(school: School, chat: RecordingChannel, how: str) -> None:
    """The deputy becomes the Headteacher; the incident that the old one had in hand is about them."""
    ref = in_hand(school, subjects=(DEPUTY.id,) if how == "in the report" else ())
    if how == "later":
        school.register.name_subject(ref, HEAD, DEPUTY, "n")
    promoted = person("deputy", "Dev Deputy", Role.HEADTEACHER)
    told = await handed_on(later(school, promoted), chat)
    assert DEPUTY.id not in told
    assert list(told) == [CHAIR.id], "somebody must know of it"


async def test_about_the_headteacher_it_goes_to_nobody_who_works_for_them(school: School, chat: RecordingChannel) -> None:
    in_hand(school, by=CHAIR, done_by=("headteacher",))
    told = await handed_on(later(school, without=(CHAIR,)), chat)
    assert not {HEAD.id, DEPUTY.id} & set(told)
    assert set(told) == {DSL.id}


async def test_two_who_hold_the_role_are_both_told_and_who_comes_after_them_is_too(school: School, chat: RecordingChannel) -> None:
    ref = in_hand(school, Kind.SAFEGUARDING)
    school.register.acknowledge(ref, DSL, "d")
    second = person("newhead2", "Nick New", Role.HEADTEACHER)
    assert set(await handed_on(later(school, NEW, second), chat)) == {NEW.id, second.id}
    third = person("newhead3", "Nell New", Role.HEADTEACHER)
    assert await handed_on(later(school, NEW, third), chat) == {}, "one of those who know is still there"
    assert set(await handed_on(later(school, third), chat)) == {third.id}


def test_who_was_brought_in_by_a_role_and_has_left_the_school_reads_nothing_more(school: School) -> None:
    ref = in_hand(school)
    school.register.hand_over(ref, HEAD, DPO, "h")
    school.register.invite(ref, HEAD, TA, "i")
    after = later(school, NEW, without=(HEAD, DPO))
    assert after.register.visible_to(DPO) == ()
    with pytest.raises(NotFound):
        after.register.read(ref, DPO)
    with after.store.reading() as conn:
        facts = after.register.records.facts(conn, ref)
        assert facts is not None
        assert may(TA, Action.READ, facts)
    after.close()


async def test_the_worker_does_it_as_it_starts(school: School, chat: RecordingChannel, tmp_path: Path) -> None:
    in_hand(school)
    after = later(school, NEW)
    worker = Post(after, {"chat": chat}).worker
    running = asyncio.create_task(worker.run())
    for _ in range(200):
        await asyncio.sleep(0.05)
        if chat.to(NEW):
            break
    worker.stop()
    await running
    assert len(chat.to(NEW)) == 1
    after.close()


async def test_an_incident_that_cannot_be_read_keeps_no_other_back(school: School, chat: RecordingChannel) -> None:
    broken, ref = in_hand(school), in_hand(school, Kind.THREAT)
    be(school, broken, "of a newer version")
    after = later(school, NEW)
    assert hand_on(after.register) == 1
    assert NEW.id in {one.person for one in after.register.read(ref, NEW).members}
    be(school, broken, Kind.MISUSE)
    after.close()


def be(school: School, ref: str, kind: str) -> None:
    with school.store.transaction() as conn:
        school.store.change(conn, schema.incidents, schema.incidents.c.ref == ref, kind=kind)


def test_who_left_is_not_told_how_much_was_written_about_what_they_reported(school: School) -> None:
    ref = school.register.open(report(Kind.SAFEGUARDING), HEAD, "e").ref
    school.register.say(ref, DSL, "They will be in on Monday.", "s", "chat")
    after = later(school, NEW)
    (mine,) = after.register.reported_by(HEAD)
    assert (mine.ref, mine.unread) == (ref, 0)
    after.close()
