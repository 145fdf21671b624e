"""More of what happens to an incident in Slack: nobody answers, it is taken in hand, the police know; and events out of order."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bot.incidents.model import Entry, State
from bot.incidents.rooms import Rooms
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in.member import Member, until
from tests.channels.slack.stand_in.reading import text_of
from tests.channels.slack.test_incidents import STORY, _head, report, room


def alerts(who: Member) -> list[str]:
    """The cards that the outbox has brought this person, as they look now."""
    return [text_of(one["blocks"]) for one in who.dm.messages if one.get("blocks") and "Reference" in text_of(one["blocks"])]


def timeline(bench: Bench, ref: str, *what: str) -> list[Entry]:
    return [one for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what in what]


async def test_nobody_answers_so_the_next_person_is_asked_and_every_card_says_how_it_stands(bench: Bench) -> None:
    teacher, head, deputy, dsl = (bench.who(name) for name in ("teacher", "head", "deputy", "dsl"))
    ref = await report(teacher, kind="threat")
    await head.reads_until("Please acknowledge")
    assert "Also told" not in alerts(head)[0]
    bench.clock.turn(minutes=11)
    await deputy.reads_until("Please acknowledge")
    await dsl.reads_until("Please acknowledge")
    assert deputy.notifications()[-1] == f"Urgent: Threat, {ref}"
    await until(lambda: all("Also told: Mr Dev Demo-Patel, Ms Sara Demo-Lake." in one for one in alerts(head)), "the first person's card")
    assert "Also told: Mrs Helen Demo-Blake, Ms Sara Demo-Lake." in alerts(deputy)[0]
    await teacher.reads_until("Not yet acknowledged: please telephone.")
    await deputy.presses("Acknowledge")
    for who in (head, deputy, dsl):
        await until(lambda who=who: all("Headteacher: acknowledged by Mr Dev Demo-Patel" in one for one in alerts(who)), "the cards")
        assert not any("[Acknowledge]" in one or "Please acknowledge" in one for one in alerts(who))
    place = await room(bench, "teacher", "deputy")
    await teacher.reads_until("Acknowledged by Mr Dev Demo-Patel for the Headteacher")
    await deputy.presses("Take in hand", where=place)
    await deputy.reads_until("Mr Dev Demo-Patel took this in hand", place)
    await until(lambda: all("State: In hand" in one for one in alerts(head)), "in hand on the cards")
    await deputy.presses("Police informed", where=place)
    await teacher.reads_until("recorded that the police have been informed", place)
    await until(lambda: "Police hold" in teacher.reads(place), "the hold on the pinned card")
    await until(lambda: all("State: With the police" in one for one in alerts(head)), "the police on the cards")
    await deputy.presses("Close", where=place)
    await deputy.form()
    await deputy.submits(outcome="The police have it.")
    for who in (head, deputy, dsl):
        await until(lambda who=who: all("State: Closed" in one and "[Open]" in one for one in alerts(who)), "closed on the cards")
    assert bench.bot.register.read(ref, _head(bench)).state is State.CLOSED
    assert STORY not in "".join(alerts(head) + alerts(deputy) + alerts(dsl))


async def test_the_first_persons_card_never_names_the_one_it_is_about(bench: Bench) -> None:
    teacher, chair, head = bench.who("teacher"), bench.who("chair"), bench.who("head")
    ref = await report(teacher, kind="threat", done_by=("headteacher",))
    await chair.reads_until("Please acknowledge")
    bench.clock.turn(minutes=11)
    await until(lambda: timeline_of(bench, ref), "the next rung")
    await asyncio.sleep(0.5)
    assert "Helen" not in "".join(alerts(chair))
    assert ref not in head.reads()


def timeline_of(bench: Bench, ref: str) -> list[Entry]:
    chair = bench.bot.services.people.get("chair")
    assert chair is not None
    return [one for one in bench.bot.register.read(ref, chair).timeline if one.what == "escalated"]


async def test_asking_by_the_global_shortcut(bench: Bench) -> None:
    teacher = bench.who("teacher")
    await teacher.shortcut("ask")
    form = await teacher.form()
    assert form.view["title"]["text"] == "Ask about the policy"
    await teacher.submits(question="can I friend an ex-pupil?")
    await until(lambda: "Clause 28" in teacher.modal_text(), "the answer in the modal")
    await teacher.reads_until("Clause 28")  # and it stays there when the modal is closed


async def test_an_edit_and_a_deletion_that_come_before_their_message_are_on_the_record_with_it(bench: Bench) -> None:
    teacher = bench.who("teacher")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    message = bench.slack.world.post(place, teacher.id, "He said it at ten.")
    first = dict(message)
    await teacher.edits(message, "He said it at eleven.", place)
    await until(lambda: timeline(bench, ref, "edited"), "the edit")
    await teacher.deletes(message, place)
    await bench.slack.event(teacher.as_event(place, first), retry=1)
    await until(lambda: len(timeline(bench, ref, "said", "edited", "deleted")) == 3, "all three")
    assert sorted((one.what, one.text) for one in timeline(bench, ref, "said", "edited", "deleted")) == [
        ("deleted", ""), ("edited", "He said it at eleven."), ("said", "He said it at ten."),
    ]  # fmt: skip
    assert len({one.message for one in timeline(bench, ref, "said", "edited", "deleted")}) == 1


async def test_somebody_whose_leaving_is_told_before_their_coming_is_not_brought_in_again(bench: Bench) -> None:
    teacher, world = bench.who("teacher"), bench.slack.world
    ref = await report(teacher, kind="threat")
    place = await room(bench, "teacher", "head")
    bench.clock.turn(minutes=11)
    await bench.who("deputy").reads_until("Please acknowledge")  # so that they may come in
    came, left = world.ts(), world.ts()
    for kind, ts in (("member_left_channel", left), ("member_joined_channel", came)):
        await bench.slack.event({"type": kind, "user": "UDEPUTY", "channel": place.id, "channel_type": "G", "event_ts": ts})
        await asyncio.sleep(0.3)
    await until(lambda: len(timeline(bench, ref, "joined", "left")) == 3, "both, and how it stands now")
    await asyncio.sleep(0.7)
    assert "UDEPUTY" not in place.members
    assert [one.what for one in timeline(bench, ref, "joined", "left")][-1] == "left"


async def test_what_is_written_before_the_rooms_creation_was_recorded_is_on_the_record(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher, real = bench.who("teacher"), Rooms.taken

    def slowly(self: Rooms, job: Any, step: Any, opened: Any) -> bool:
        time.sleep(1.5 if step.kind == "open" else 0.0)
        return real(self, job, step, opened)

    monkeypatch.setattr(Rooms, "taken", slowly)
    ref = await report(teacher)
    place = await until(lambda: next((one for one in bench.slack.world.rooms() if teacher.id in one.members), None), "the room")
    assert bench.worker.rooms.find("slack", place.id) is None
    await teacher.says("The first words.", where=place)
    await until(lambda: [one.text for one in timeline(bench, ref, "said")] == ["The first words."], "the record")
