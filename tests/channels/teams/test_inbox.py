"""What Teams sends is kept before it hears "received"; what cannot be kept or handled is told of."""

from __future__ import annotations

from typing import Any

import pytest

from bot.cards import Card
from bot.channels.teams.intake import Intake
from bot.errors import NotSaved
from bot.inbox import TRIES, Inbox
from bot.inbox_table import Pages
from bot.incidents import schema
from bot.incidents.model import State
from tests.channels.teams.conftest import Staffroom
from tests.channels.teams.test_rooms import opened, person, said
from tests.support.school import report

PHONE = "telephone the school on 01235 000000"


def inbox(room: Staffroom) -> Inbox:
    intake: Intake = room.bot.intake
    return intake._inbox


def rows(room: Staffroom) -> int:
    store = room.school.store
    with store.reading() as conn:
        return len(conn.execute(store.rows(schema.inbox, schema.inbox.c.id)).all())


async def work_off(room: Staffroom, seconds: int = 40) -> None:
    """Let time pass until nothing is left."""
    for _ in range(seconds):
        if not rows(room):
            return
        room.school.clock.turn(seconds=1)
        await inbox(room).look()
        for task in list(inbox(room)._active.values()):
            await task
    raise AssertionError("something is left in the inbox")


async def test_where_the_database_is_away_the_person_is_told_whom_to_ring(room: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = await opened(room)
    room.teams.messages.clear()

    def away(*_: Any) -> None:
        raise NotSaved("away")

    monkeypatch.setattr(Pages, "put", away)
    assert (await room.tom.say(f"{ref}: Nobody heard this.")).status == 202
    channel = room.teams.group("19:staff@thread.tacv2", room.tom, room.helen)
    await room.helen.mention(channel, "Nobody heard this either.")
    await room.tom.post(room.tom.activity("message", conversation=channel, text="They talk to each other."))
    await inbox(room).close()
    for user in (room.tom, room.helen):
        (told,) = user.messages()
        assert PHONE in told.words
    assert room.teams.in_conversation(channel) == []
    assert "Nobody heard this" not in room.everything_shown()


async def test_what_cannot_be_handled_is_told_of_and_holds_up_nothing(room: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    ref, told, register = await opened(room), [], room.school.register
    real = register.say

    def say(ref: str, by: Any, text: str, *given: Any, **more: Any) -> Any:
        if "poison" in text:
            raise RuntimeError(text)
        return real(ref, by, text, *given, **more)

    async def tell(card: Card) -> None:
        told.append(card)

    inbox(room)._tell = tell
    monkeypatch.setattr(register, "say", say)
    await room.tom.say(f"{ref}: This is the poison.")
    await room.tom.say(f"{ref}: This is not.")
    assert said(room, ref) == ["This is not."]
    assert (rows(room), told) == (1, [])
    await work_off(room)
    assert len(told) == 1
    assert PHONE in room.tom.last().words
    assert TRIES > 1


async def test_a_press_and_a_form_that_died_with_their_process_are_handled_by_the_next(room: Staffroom) -> None:
    ref = room.school.register.open(report(), person(room, "teacher"), room.school.event()).ref
    await room.deliver()
    data = {"usher": "incident.acknowledge", "value": ref}
    value = {"action": {"type": "Action.Execute", "verb": "incident.acknowledge", "data": data}, "trigger": "manual"}
    press = room.helen.activity("invoke", name="adaptiveCard/action", value=value, replyToId=room.helen.last().id)
    form = await room.tom.dialog("Report something", await asked(room))
    (button,) = form.card["body"][-1]["actions"]
    sent = room.tom.activity("invoke", name="task/submit", value={"data": {**button["data"], "what": "Another matter.", "kind": "0"}})
    pages: Pages = inbox(room)._pages
    for name, activity in (("a", press), ("b", sent)):
        pages.put(name, "teams", {"activity": activity})
    await work_off(room)
    assert room.school.register.read(ref, person(room, "head")).state is State.ACKNOWLEDGED
    assert "Your report is saved" in room.tom.last().words
    assert len(room.school.register.reported_by(person(room, "teacher"))) == 2


async def asked(room: Staffroom) -> Any:
    await room.tom.say("home")
    return next(one for one in reversed(room.tom.messages()) if "Report something" in one.buttons)
