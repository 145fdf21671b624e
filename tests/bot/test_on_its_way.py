"""Somebody is named as a subject while their alert is on its way: it is withdrawn, and counts as having told nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.cards import Card
from bot.channels.text import card_text
from bot.errors import RecipientGone
from bot.incidents.model import Kind
from bot.incidents.outbox import Job
from bot.people import Person
from bot.ports import Sent
from tests.support.channels import Fault, RecordingChannel, later, revoked
from tests.support.delivering import Post
from tests.support.people import CHAIR, DPO, DSL, EVERYBODY, HEAD, TA, TEACHER
from tests.support.school import School, report

WITHDRAWN = "This message has been withdrawn"


class Slow(RecordingChannel):
    """Does something between the arrival of the Headteacher's alert and its answer. `loses`: that answer is lost."""

    def __init__(self, school: School, *, loses: bool = False) -> None:
        super().__init__("chat")
        self.school, self.loses, self.ref = school, loses, ""

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        sent = await super().send(person, card, key)
        if person.id == HEAD.id and self.loses:
            raise ConnectionResetError
        if person.id == HEAD.id and self.ref:
            await asyncio.to_thread(self.school.register.name_subject, self.ref, DSL, HEAD, "n")
        return sent


async def test_an_alert_that_arrives_as_its_reader_is_named_is_withdrawn(school: School) -> None:
    slow = Slow(school)
    post = Post(school, {"chat": slow})
    slow.ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "e").ref
    slow.gone |= {one.id for one in EVERYBODY if one not in (HEAD, TEACHER)}  # so nobody in the Headteacher's place is told either
    await post.deliver()
    (alert,) = slow.to(HEAD)
    assert alert.card.title == WITHDRAWN
    assert "Delivered to the Headteacher" not in school.register.delivery_state(slow.ref, TEACHER)


async def test_an_alert_that_may_have_arrived_before_its_reader_was_named_is_looked_for(school: School) -> None:
    slow = Slow(school, loses=True)
    post = Post(school, {"chat": slow})
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "e").ref
    await post.deliver()
    slow.loses = False
    school.register.name_subject(ref, DSL, HEAD, "n")
    await post.pass_time(60, step=20)
    (alert,) = slow.to(HEAD)
    assert alert.card.title == WITHDRAWN


async def test_one_that_never_arrived_is_never_sent(school: School) -> None:
    chat = RecordingChannel()
    chat.always = _lost  # of the alerts nobody knows whether they arrived
    post = Post(school, {"chat": chat})
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "e").ref
    await post.deliver()
    assert not chat.delivered
    chat.always = None
    school.register.name_subject(ref, DSL, HEAD, "n")
    await post.pass_time(60, step=20)
    assert chat.to(DSL)
    assert not chat.to(HEAD)


async def _lost(call: str) -> None:
    if call == "send":
        raise ConnectionResetError


async def held_for(seconds: float, school: School, post: Post) -> Job:
    """The Headteacher's alert, claimed; and then the process stood still, as one does whose database or machine is stalled."""
    school.register.open(report(), TEACHER, "e")
    for one in post.worker.outbox.claim("", 10):
        await post._delivery.carry_out(one)
    job = next(one for one in post.worker.outbox.claim("chat", 10) if one.person)
    school.clock.turn(seconds=seconds)
    return replace(job, since=job.since - seconds)


async def test_who_stood_still_until_the_lease_was_anothers_sends_no_more(school: School) -> None:
    chat = RecordingChannel()
    post = Post(school, {"chat": chat})
    job = await held_for(61, school, post)
    await post.deliver()  # another process has it now
    assert len(chat.to(HEAD)) == 1
    await post._delivery.carry_out(job)
    assert len(chat.to(HEAD)) == 1, "it did not look, for it was the first to try"


async def test_who_stood_still_and_has_it_yet_holds_it_for_longer_and_sends(school: School) -> None:
    chat = RecordingChannel()
    post = Post(school, {"chat": chat})
    job = await held_for(61, school, post)
    await post._delivery.carry_out(job)
    assert len(chat.to(HEAD)) == 1
    await post.deliver()
    assert len(chat.to(HEAD)) == 1


NOTICES = {"invited": "asked to help", "intruder": "added to this incident's room by hand", "room_lost": "closed by hand"}


async def told(school: School, post: Post, sort: str) -> tuple[str, Person]:
    """An incident, and somebody who has this notice of it."""
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "e").ref
    await post.deliver()
    if sort == "invited":
        school.register.invite(ref, HEAD, DPO, "i")
        return ref, DPO
    if sort == "intruder":
        school.register.change_room_entry(ref, TA, "joined", "j", "chat")
    else:
        post.worker.rooms.closed_by_hand("chat", next(iter(post.channels["chat"].rooms)))  # type: ignore[attr-defined]
    return ref, DSL


@pytest.mark.parametrize("sort", NOTICES)
async def test_every_other_notice_of_an_incident_is_withdrawn_too(school: School, sort: str) -> None:
    chat = RecordingChannel()
    post = Post(school, {"chat": chat})
    ref, whose = await told(school, post, sort)
    await post.deliver()
    mine = [one for one in chat.to(whose) if NOTICES[sort] in card_text(one.cards[0])]
    assert mine
    school.register.name_subject(ref, HEAD, whose, "n")
    await post.deliver()
    assert {one.card.title for one in chat.to(whose)} == {WITHDRAWN}
    assert ref not in repr([one.card for one in chat.to(whose)])


@pytest.mark.parametrize("sort", NOTICES)
async def test_one_that_may_have_arrived_as_its_reader_was_named_is_looked_for(school: School, sort: str) -> None:
    chat = RecordingChannel()
    post = Post(school, {"chat": chat})
    ref, whose = await told(school, post, sort)
    real, lost = chat.send, []

    async def send(person: Person, card: Card, key: str) -> Sent:
        sent = await real(person, card, key)
        if person.id == whose.id and NOTICES[sort] in card_text(card):
            lost.append(key)
            raise ConnectionResetError
        return sent

    chat.send = send  # type: ignore[method-assign]
    await post.deliver()
    assert lost
    chat.send = real  # type: ignore[method-assign]
    school.register.name_subject(ref, HEAD, whose, "n")
    await post.pass_time(60, step=20)
    assert {one.card.title for one in chat.to(whose)} == {WITHDRAWN}


async def vanished(call: str) -> None:
    raise RecipientGone(call)


@pytest.mark.parametrize("how", [revoked(), later(300), vanished])
async def test_one_that_fails_after_its_reader_was_named_asks_nobody_more(school: School, how: Fault) -> None:
    chat, named = RecordingChannel(), []
    post = Post(school, {"chat": chat})
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "e").ref
    original = chat.send

    async def send(person: Person, card: Card, key: str) -> Sent:
        if person.id == HEAD.id and not named:
            named.append(await asyncio.to_thread(school.register.name_subject, ref, DSL, HEAD, "n"))
            await how("send")
        return await original(person, card, key)

    chat.send = send  # type: ignore[method-assign]
    await post.pass_time(60, step=20)
    assert {one.person.id for one in chat.delivered} - {TEACHER.id} == {DSL.id, CHAIR.id}, "the chair is in the Headteacher's place"
    timeline = [(entry.what, entry.text) for entry in school.register.read(ref, DSL).timeline]
    assert not [one for one in timeline if one[0] == "undelivered"]
