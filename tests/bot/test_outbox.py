"""Delivery, in the test's own time: what arrives, where, how often, and what happens when a channel fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.errors import RetryLater
from bot.incidents import delivery
from bot.incidents.enquiries import Enquiries
from bot.incidents.model import Kind
from bot.incidents.register import Register
from bot.incidents.sending import SILENT
from bot.people import People, Person, Role
from tests.support.channels import RecordingChannel, drop, hang, later, revoked
from tests.support.delivering import Post
from tests.support.people import CHAIR, DEPUTY, DSL, HEAD, SBM, TEACHER
from tests.support.school import School, report


@pytest.fixture
def chat() -> RecordingChannel:
    return RecordingChannel("chat")


@pytest.fixture
def mail() -> RecordingChannel:
    return RecordingChannel("mail", can_find=False, has_rooms=False, can_update=False)


@pytest.fixture
def post(school: School, chat: RecordingChannel, mail: RecordingChannel) -> Post:
    return Post(school, {"chat": chat, "mail": mail})


async def test_the_alert_arrives_once_and_tells_no_story(school: School, post: Post, chat: RecordingChannel) -> None:
    opened = school.register.open(report(what="Mr Secretname wrote it"), TEACHER, school.event())
    await post.deliver()
    (alert,) = chat.to(HEAD)
    assert alert.card.notice == f"New report: Misuse of social media, {opened.ref}"
    assert [button.action for button in alert.card.buttons] == ["incident.acknowledge", "incident.open"]
    assert "Secretname" not in repr(alert.card)
    assert TEACHER.name not in repr(alert.card)
    assert chat.to(TEACHER) == []
    assert school.register.delivery_state(opened.ref, TEACHER) == "Delivered to the Headteacher at 10:00."


async def test_the_room_has_reporter_and_handlers_and_carries_what_is_said(school: School, post: Post, chat: RecordingChannel) -> None:
    ref = school.register.open(report(), TEACHER, school.event()).ref
    await post.deliver()
    assert chat.room.members == {"teacher", "head"}
    assert chat.room.name == f"usher-{ref.lower()}"
    school.register.acknowledge(ref, HEAD, school.event())
    school.register.say(ref, HEAD, "From the page.", school.event(), "web")
    school.register.say(ref, TEACHER, "From the chat.", school.event(), "chat")
    school.register.add_note(ref, HEAD, "For the record only.", school.event())
    await post.deliver()
    assert [author for author, _ in chat.room.posts] == ["", "Helen Head"]
    assert chat.room.posts[1] == ("Helen Head", "From the page.")
    assert "For the record only" not in repr(chat.room)
    school.register.close(ref, HEAD, "Settled.", school.event())
    await post.deliver()
    assert chat.room.closed
    assert post.worker.rooms.find("chat", next(iter(chat.rooms))) == ref


async def test_the_alert_is_brought_into_line_when_it_is_acknowledged(school: School, post: Post, chat: RecordingChannel) -> None:
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, school.event()).ref
    await post.deliver()
    school.register.acknowledge(ref, HEAD, school.event())
    await post.deliver()
    (heads,), (dsls,) = chat.to(HEAD), chat.to(DSL)
    assert "acknowledged by Helen Head" in repr(heads.card)
    assert "acknowledged by Helen Head" in repr(dsls.card)
    assert any(button.action == "incident.acknowledge" for button in dsls.card.buttons)
    told = chat.to(TEACHER)[-1].card
    assert "Acknowledged by Helen Head" in repr(told)


async def test_a_dead_recipient_holds_up_nobody(school: School, post: Post, chat: RecordingChannel, mail: RecordingChannel) -> None:
    chat.gone.add("head")
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, school.event()).ref
    await post.deliver()
    assert len(chat.to(DSL)) == 1
    assert len(mail.to(HEAD)) == 1
    assert ref in mail.to(HEAD)[0].card.notice


async def test_when_chat_and_mail_fail_the_next_person_is_asked_at_once(
    school: School, post: Post, chat: RecordingChannel, mail: RecordingChannel
) -> None:
    chat.gone.add("head")
    mail.gone.add("head")
    ref = school.register.open(report(), TEACHER, school.event()).ref
    await post.deliver()
    assert len(chat.to(DEPUTY)) == 1
    timeline = [(entry.what, entry.text) for entry in school.register.read(ref, DEPUTY).timeline]
    assert ("undelivered", "Helen Head cannot be reached by any channel") in timeline


async def test_the_next_person_is_asked_also_where_the_first_try_died_with_its_process(
    school: School, post: Post, chat: RecordingChannel, mail: RecordingChannel
) -> None:
    """The process that made the first try was killed, so the first failure that anybody hears of is that of the second."""
    chat.gone.add("head")
    ref = school.register.open(report(), TEACHER, school.event()).ref
    for lane in ("", "chat"):
        await asyncio.gather(*(post._delivery.carry_out(job) for job in post.worker.outbox.claim(lane, 5)))
    (died,) = post.worker.outbox.claim("mail", 5)
    assert died.attempts == 1
    school.clock.turn(seconds=61)
    mail.faults.extend([later()] * 3)
    await post.deliver()
    assert len(chat.to(DEPUTY)) == 1
    await post.pass_time(200, step=20)
    assert len(chat.to(DEPUTY)) == 1, "once is enough"
    assert chat.to(CHAIR) == []
    assert len(mail.to(HEAD)) == 1
    assert ref in mail.to(HEAD)[0].card.notice


@pytest.mark.parametrize("after", [1.0, 30.0, 300.0])
async def test_retry_after_is_kept_or_another_way_is_found(
    school: School, post: Post, chat: RecordingChannel, mail: RecordingChannel, after: float
) -> None:
    async def busy(call: str) -> None:
        if call == "send" and chat.calls.count("send") == 1:
            raise RetryLater("busy", after)

    chat.always = busy
    school.register.open(report(Kind.THREAT), TEACHER, school.event())
    await post.deliver()
    assert chat.to(HEAD) == []
    await post.pass_time(min(after + 5, 60))
    assert chat.to(HEAD) or mail.to(HEAD)
    await post.pass_time(max(0, after + 5 - 60))
    assert len(chat.to(HEAD)) >= 1


@pytest.mark.parametrize("fault", [later(), revoked(), drop()])
async def test_an_outage_of_half_an_hour_loses_nothing(
    school: School, post: Post, chat: RecordingChannel, mail: RecordingChannel, fault: object
) -> None:
    chat.always = fault  # type: ignore[assignment]
    ref = school.register.open(report(Kind.THREAT), TEACHER, school.event()).ref
    await post.deliver()
    await post.pass_time(60, step=5)
    assert len(mail.to(HEAD)) == 1
    await post.pass_time(29 * 60, step=60)
    chat.always = None
    await post.pass_time(600, step=30)
    assert chat.to(HEAD)
    assert all(ref in one.card.notice for one in chat.to(HEAD))
    assert len({one.key for one in chat.delivered}) == len(chat.delivered)


async def test_a_call_that_hangs_is_given_up(school: School, post: Post, chat: RecordingChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "CALL_SECONDS", 0.05)
    chat.faults.append(hang())
    school.register.open(report(Kind.THREAT), TEACHER, school.event())
    await post.deliver()
    await post.pass_time(30)
    assert len(chat.to(HEAD)) == 1


async def test_a_job_that_may_have_arrived_is_looked_for_before_it_is_sent_again(
    school: School, post: Post, chat: RecordingChannel
) -> None:
    school.register.open(report(), TEACHER, school.event())
    for job in post.worker.outbox.claim("", 10):
        await post._delivery.carry_out(job)
    claimed = next(job for job in post.worker.outbox.claim("chat", 10) if job.person)
    addressed = post._delivery._sending.compose(claimed)
    assert addressed
    await chat.send(addressed.person, addressed.card, claimed.id)  # and here the process dies
    school.clock.turn(seconds=61)
    await post.deliver()
    assert len(chat.to(HEAD)) == 1
    assert not post._delivery._sending.sent(claimed, addressed, chat.to(HEAD)[0].sent), "the fence must hold"


async def test_where_a_channel_cannot_be_asked_a_repeat_says_so(school: School, mail: RecordingChannel) -> None:
    post = Post(school, {"mail": mail})
    school.register.open(report(), TEACHER, school.event())
    mail.faults.append(drop())
    await post.deliver()
    await post.pass_time(10)
    assert "same one" in repr(mail.to(HEAD)[0].card)


async def test_about_the_headteacher_nothing_reaches_the_headteacher(
    school: School, post: Post, chat: RecordingChannel, mail: RecordingChannel
) -> None:
    school.register.open(report(done_by=("headteacher",)), TEACHER, school.event())
    await post.deliver()
    await post.pass_time(3600 * 30, step=300)
    assert len(chat.to(CHAIR)) >= 2
    for person in (HEAD, DEPUTY, SBM):
        assert chat.to(person) == []
        assert mail.to(person) == []


async def test_a_subject_named_later_has_their_alert_withdrawn(school: School, post: Post, chat: RecordingChannel) -> None:
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, school.event()).ref
    await post.deliver()
    school.register.name_subject(ref, HEAD, DSL, school.event())
    await post.deliver()
    assert chat.to(DSL)[-1].card.title == "This message has been withdrawn"
    assert "dsl" not in chat.room.members


async def test_somebody_added_by_hand_is_taken_out_and_reported(school: School, post: Post, chat: RecordingChannel) -> None:
    ref = school.register.open(report(), TEACHER, school.event()).ref
    await post.deliver()
    chat.room.members.add("sbm")
    assert school.register.change_room_entry(ref, SBM, "joined", school.event(), "chat") is None
    await post.deliver()
    assert chat.room.members == {"teacher", "head"}
    assert "added to this incident" in repr(chat.to(HEAD)[-1].card)


async def test_a_question_for_a_person_comes_back_with_an_answer(school: School, post: Post, chat: RecordingChannel) -> None:
    enquiries = Enquiries(school.register.records)
    asked = enquiries.ask("May I give a pupil a lift home?", TEACHER, Role.LINE_MANAGER, "e1")
    assert enquiries.ask("May I give a pupil a lift home?", TEACHER, Role.LINE_MANAGER, "e1").ref == asked.ref
    await post.deliver()
    assert "lift home" in repr(chat.to(HEAD)[0].card)
    enquiries.answer(asked.ref, HEAD, "No; ring the office.", "e2")
    await post.deliver()
    assert "ring the office" in repr(chat.to(TEACHER)[0].card)
    assert [one.answer for one in enquiries.answered()] == ["No; ring the office."]


async def test_a_person_whom_school_toml_does_not_name_is_reached_too(school: School, post: Post, chat: RecordingChannel) -> None:
    stranger = Person("chat:U9", "New Starter", addresses={"chat": "U9"})
    ref = school.register.open(report(), stranger, school.event()).ref
    await post.deliver()
    school.register.acknowledge(ref, HEAD, school.event())
    await post.deliver()
    assert "Acknowledged by Helen Head" in repr(chat.to(stranger)[-1].card)


async def test_an_open_page_is_told_and_the_chat_too(school: School, chat: RecordingChannel, mail: RecordingChannel) -> None:
    page = RecordingChannel("web", has_rooms=False)
    page.reaches = lambda person: True  # type: ignore[method-assign]
    post = Post(school, {"web": page, "chat": chat, "mail": mail})
    school.register.open(report(), TEACHER, school.event())
    await post.deliver()
    await post.pass_time(60, step=10)
    assert [len(channel.to(HEAD)) for channel in (page, chat, mail)] == [1, 1, 0]
    assert page.rooms == {}
    assert chat.room.members == {"teacher", "head"}


async def test_an_open_page_alone_is_no_delivery_while_chat_and_mail_fail(school: School) -> None:
    page, chat = RecordingChannel("web"), RecordingChannel("chat")
    people = People(replace(one, addresses={**one.addresses, "web": one.id}) for one in school.people)
    school.people = people
    school.register = Register(school.store, school.vault, people, school.rules)
    chat.always = later()
    post = Post(school, {"web": page, "chat": chat})
    incident = school.register.open(report(), TEACHER, school.event())
    await post.deliver()
    assert page.to(HEAD)
    assert "Delivered" not in school.register.delivery_state(incident.ref, TEACHER)
    school.clock.turn(minutes=3)
    assert post.worker.outbox.oldest_alert(SILENT) is not None
