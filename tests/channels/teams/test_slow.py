"""A store that stands still, and a Teams that is slow to say who somebody is: what was promised reaches the person all the same."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.channels.teams import promises
from bot.channels.teams.bodies import LATER, SEARCH_AGAIN
from bot.channels.teams.presses import Presses
from bot.dispatch import Dispatcher
from bot.errors import NotSaved
from bot.inbox_table import Pages
from bot.incidents.model import State
from tests.channels.teams.conftest import Staffroom
from tests.channels.teams.stand_in import Fault, Posted, User
from tests.channels.teams.stand_in.reading import actions
from tests.channels.teams.test_inbox import asked, inbox, rows
from tests.channels.teams.test_rooms import opened, person
from tests.support.school import report

LIMIT = 0.6
WHOLE = 2.0  # seconds in which even a stalled machine must have answered, by the limit above


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "ANSWER_SECONDS", LIMIT)
    monkeypatch.setattr(promises, "PRESS_SECONDS", LIMIT)


@asynccontextmanager
async def stalled(room: Staffroom) -> AsyncIterator[None]:
    """Nobody can write while this holds: another process sits on the database."""
    other = sqlite3.connect(str(room.school.store.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def until(look: Any, seconds: float = 8.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.05)
    return found


def form_in(messages: list[Posted]) -> Posted | None:
    """The newest message with a form in it."""
    return next((one for one in reversed(messages) if any(part["type"].startswith("Input.") for part in one.cards[0]["body"])), None)


async def send(user: User, form: Posted, **filled: str) -> Any:
    """Fill in a form that stands in a message, and send it."""
    (button,) = actions(form.cards[0])
    assert button["type"] == "Action.Execute", "Action.Submit would send a message nobody reads"
    value = {"action": {"type": "Action.Execute", "verb": button["verb"], "data": {**button["data"], **filled}}, "trigger": "manual"}
    return await user.invoke("adaptiveCard/action", value, conversation=form.conversation, replyToId=form.id)


async def test_a_form_that_the_store_held_up_comes_as_a_card_and_can_be_sent(room: Staffroom) -> None:
    home = await asked(room)
    began = time.monotonic()
    async with stalled(room):
        dialog = await room.tom.dialog("Report something", home)
        assert time.monotonic() - began < WHOLE
        assert dialog.note == LATER
        assert form_in(room.tom.messages()) is None
        await asyncio.sleep(1.0)
    form = await until(lambda: form_in(room.tom.messages()))
    assert form.activity["summary"] == "Report something"
    again = await send(room.tom, form, what="  ")
    assert "Please say in a few words what happened." in str(again.body)
    await send(room.tom, form, what="A parent posts lies about me.")
    await until(lambda: "Your report is saved" in room.tom.last().words)
    (row,) = room.school.register.reported_by(person(room, "teacher"))
    assert row.ref in room.tom.last().words
    await until(lambda: rows(room) == 0)


async def test_a_form_asked_for_in_a_team_comes_privately(room: Staffroom) -> None:
    chat = room.teams.group("19:chat@thread.v2", room.tom, room.helen)
    async with stalled(room):
        dialog = await room.tom.report_message(chat, "Pat Parent", "<p>You are useless</p>")
        assert dialog.note == LATER
    form = await until(lambda: form_in(room.tom.messages()))
    assert "You are useless" in str(form.cards)
    assert room.teams.in_conversation(chat) == []
    assert form_in(room.helen.messages()) is None


async def test_a_form_that_cannot_be_had_is_said_to_have_failed_and_what_to_do(room: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = await opened(room)
    line = next(one for one in room.helen.messages() if "Write to the room" in one.buttons)
    read = room.school.register.read

    def away(*given: Any) -> Any:
        time.sleep(1.2)
        raise NotSaved("")

    monkeypatch.setattr(room.school.register, "read", away)
    assert (await room.helen.dialog("Write to the room", line)).note == LATER
    told = await until(lambda: next((one for one in room.helen.messages() if "Not saved" in one.words), None))
    assert "telephone the school on 01235 000000" in told.words
    assert "please try again in a minute" in told.words
    monkeypatch.setattr(room.school.register, "read", read)
    assert "Your message" in str((await room.helen.dialog("Write to the room", line)).card)
    assert ref in (await room.helen.dialog("Write to the room", line)).title


async def test_a_report_that_the_store_held_up_is_said_to_be_saved_once_it_is(room: Staffroom) -> None:
    dialog = await room.tom.dialog("Report something", await asked(room))
    async with stalled(room):
        after = await dialog.send(what="A parent posts lies about me.")
        assert after is not None
        assert after.note == LATER
    await until(lambda: "Your report is saved" in room.tom.last().words)
    assert sum("Your report is saved" in one.words for one in room.tom.messages()) == 1
    assert len(room.school.register.reported_by(person(room, "teacher"))) == 1


async def test_the_mistakes_of_a_form_that_came_late_come_with_the_form(room: Staffroom) -> None:
    dialog = await room.tom.dialog("Report something", await asked(room))
    async with stalled(room):
        after = await dialog.send(what=" ", platform="WhatsApp")
        assert after is not None
        assert after.note == LATER
    form = await until(lambda: form_in(room.tom.messages()))
    assert "Please say in a few words what happened." in form.words
    assert "WhatsApp" in str(form.cards)
    await send(room.tom, form, what="It went on.")
    await until(lambda: "Your report is saved" in room.tom.last().words)


async def test_a_press_that_the_store_held_up_is_shown_in_its_place(room: Staffroom) -> None:
    ref = room.school.register.open(report(), person(room, "teacher"), room.school.event()).ref
    await room.deliver()
    alert = next(one for one in room.helen.messages() if "Please acknowledge" in one.words)
    async with stalled(room):
        answer = await room.helen.press("Acknowledge", alert)
        assert answer.body["value"] == LATER
    await until(lambda: "acknowledged by Helen Head" in alert.words)
    assert room.school.register.read(ref, person(room, "head")).state is State.ACKNOWLEDGED


async def test_who_somebody_is_belongs_to_the_time_that_teams_waits(room: Staffroom) -> None:
    home = await asked(room)
    room.bot.incoming.acquaintance._described_on.clear()
    room.teams.faults.append(Fault(503, delay=1.5, on="GET members"))
    began = time.monotonic()
    dialog = await room.tom.dialog("Report something", home)
    assert time.monotonic() - began < 1.3
    assert dialog.note == LATER
    await until(lambda: form_in(room.tom.messages()))


async def test_what_goes_wrong_at_once_is_told_at_once(room: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    home = await asked(room)

    async def broken(*_: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(Presses, "fetched", broken)
    dialog = await room.tom.dialog("Report something", home)
    assert "telephone the school on 01235 000000" in dialog.words


async def test_a_search_that_takes_too_long_is_not_answered_later(room: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_: str) -> list[Any]:
        time.sleep(1.0)
        return []

    monkeypatch.setattr(room.bot.incoming.invokes.presses, "find_clauses", slow)
    assert (await room.tom.search("can I friend an ex-pupil?"))["text"] == SEARCH_AGAIN
    before = len(room.tom.messages())
    await asyncio.sleep(1.2)
    assert len(room.tom.messages()) == before


async def test_a_promised_form_that_teams_did_not_take_is_tried_again(room: Staffroom) -> None:
    home = await asked(room)
    async with stalled(room):
        assert (await room.tom.dialog("Report something", home)).note == LATER
        room.teams.faults.append(Fault(502, on="POST activities"))
    offered = await until(lambda: next((one for one in room.tom.messages() if "Press the button to open the form." in one.words), None))
    assert (await room.tom.dialog("Report something", offered)).title == "Report something"


async def test_a_promised_form_that_can_neither_be_given_nor_kept_is_said_to_have_failed(
    room: Staffroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = room.teams.group("19:chat@thread.v2", room.tom, room.helen)

    def away(*_: Any) -> Any:
        raise NotSaved("")

    async with stalled(room):
        assert (await room.tom.report_message(chat, "Pat Parent", "<p>You are useless</p>")).note == LATER
        monkeypatch.setattr(Pages, "put", away)
        room.teams.faults.append(Fault(502, on="POST activities"))
    told = await until(lambda: next((one for one in room.tom.messages() if "Not saved" in one.words), None))
    assert "telephone the school on 01235 000000" in told.words
    assert room.teams.in_conversation(chat) == []


async def test_a_promised_form_survives_the_process(room: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    home, handle, began = await asked(room), Dispatcher.handle, asyncio.Event()

    async def dies(*_: Any, **__: Any) -> Any:
        began.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Dispatcher, "handle", dies)
    assert (await room.tom.dialog("Report something", home)).note == LATER
    await until(lambda: began.is_set() and rows(room) == 1)
    monkeypatch.setattr(Dispatcher, "handle", handle)
    inbox(room)._held.clear()  # whoever held it is dead
    room.school.clock.turn(minutes=5)
    await inbox(room).look()
    await until(lambda: "Press the button to open the form." in room.tom.last().words)
