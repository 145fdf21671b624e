"""The whole story at the terminal: asked, quoted, reported, alerted, acknowledged, talked about; with the real parts."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console as Screen

from bot.cards import Button, Card, Field, Form, Option, Quote
from bot.channels.console import Console
from bot.channels.console_drawing import draw_card
from bot.channels.console_input import Filling
from tests.browser.world import World
from tests.support.knowledge import adviser

pytestmark = pytest.mark.timeout(900)  # the first one may build the clause base


class Terminal:
    """A terminal that a test types at and reads."""

    def __init__(self, world: World, person: str) -> None:
        self._text = io.StringIO()
        self.console = Console(
            world.page, world.person(person), may_switch=True, screen=Screen(file=self._text, width=100, highlight=False)
        )

    async def type(self, *lines: str) -> str:
        """Type these lines; what the screen shows of it."""
        start = len(self._text.getvalue())
        for line in lines:
            await self.console.heard(line)
        return self._text.getvalue()[start:]

    async def waits_for(self, words: str) -> str:
        """Until these words have come by themselves."""
        for _ in range(200):
            await self.console.news()
            if words in self.screen:
                return self.screen
            await asyncio.sleep(0.05)
        raise AssertionError(f"{words!r} did not come; the screen shows: {self.screen}")

    def number(self, label: str) -> str:
        """The number beside the last button of this label."""
        found = re.findall(rf"\[(\d+)\] {label}", self.screen)
        assert found, f"no button {label!r} in: {self.screen}"
        return str(found[-1])

    @property
    def screen(self) -> str:
        return self._text.getvalue()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    work = asyncio.create_task(made.worker.run())
    yield made
    made.worker.stop()
    await work
    made.store.close()


async def test_the_main_story_with_one_terminal_for_two_people(world: World):
    terminal = Terminal(world, "teacher")
    answer = await terminal.type("can I friend an ex-pupil?")
    assert "It depends" in answer
    assert "Clause 28" in answer
    flat = " ".join(answer.replace("│", " ").split())
    assert " ".join(adviser().policy.clause("28").text.split()) in flat

    asked = await terminal.type(terminal.number("Report something"))
    assert "ring 999 first" in asked
    assert "What happened?" in asked
    assert "This one is needed." in await terminal.type("")
    await terminal.type("A parent films at the gate.", "99")
    assert "Please type a number from 1 to" in terminal.screen
    saved = await terminal.type("1", "2", "1, 3", *[""] * 6)
    ref = re.search(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}\b", saved)
    assert ref, saved
    incident = world.register.reported_by(world.person("teacher"))[0]
    assert incident.ref == ref[0]

    await terminal.type("/as head")
    alert = await terminal.waits_for("Please acknowledge")
    assert "You are Mrs Helen Demo-Blake, Headteacher" in alert
    await terminal.type(terminal.number("Acknowledge"))
    shown = await terminal.type(f"/room {ref[0].lower()}", "Thank you. I see to it.")
    assert "A parent films at the gate." in shown
    assert "Thank you. I see to it." in shown
    report = world.register.read(ref[0], world.person("head")).report
    assert report.affected == ("me", "pupil")
    assert report.danger is False

    await terminal.type("/as teacher", f"/room {ref[0]}")
    assert "Acknowledged by Mrs Helen Demo-Blake, the Headteacher, at" in terminal.screen
    assert "Thank you. I see to it." in terminal.screen


async def test_somebody_else_finds_nothing_and_unknown_things_are_told_kindly(world: World):
    terminal = Terminal(world, "teacher")
    await terminal.type("/report", "Something.", *[""] * 9)
    ref = world.register.reported_by(world.person("teacher"))[0].ref
    strange, unknown = Terminal(world, "ta"), Terminal(world, "ta")
    assert await strange.type(f"/room {ref}") == await unknown.type("/room ZZZZ-2222")
    assert "nobody of that name" in await strange.type("/as nobody")
    assert "There is no button 7 here." in await strange.type("7")
    assert "There is no /dance." in await strange.type("/dance")


async def test_a_form_can_be_left_and_nothing_is_sent(world: World):
    terminal = Terminal(world, "teacher")
    told = await terminal.type("/report", "Something.", "/cancel")
    assert "nothing was sent" in told
    assert world.register.reported_by(world.person("teacher")) == ()


async def test_an_alert_arrives_while_the_prompt_waits(world: World):
    terminal = Terminal(world, "head")
    typed: asyncio.Queue[str] = asyncio.Queue()

    async def lines() -> AsyncIterator[str]:
        while (line := await typed.get()) != "":
            yield line

    running = asyncio.create_task(terminal.console.run(lines()))
    await asyncio.sleep(0.2)
    reporter = Terminal(world, "teacher")
    await reporter.type("/report", "Something.", *[""] * 9)
    for _ in range(200):
        if "Please acknowledge" in terminal.screen:
            break
        await asyncio.sleep(0.05)
    assert "Please acknowledge" in terminal.screen
    await typed.put("/quit")
    await asyncio.wait_for(running, 10)


def test_no_text_can_drive_the_terminal():
    text = io.StringIO()
    evil = "\x1b]0;owned\x07\x1b[2J[red]not markup[/red]"
    Screen(file=text, width=100, force_terminal=False).print(draw_card(Card(evil, (Quote("1", "S", evil),), (Button(evil, "x"),)), [1]))
    assert "\x1b" not in text.getvalue()
    assert "\x07" not in text.getvalue()
    assert "[red]not markup[/red]" in text.getvalue()


def test_a_field_that_was_wrong_is_asked_again_and_the_others_keep_their_values():
    options = (Option("a", "A"), Option("b", "B"))
    form = Form(
        "f", "F", (Field("one", "One", required=True), Field("two", "Two", "choice", options), Field("three", "Three", "choices", options))
    )
    filling = Filling(form)
    assert [filling.take("first"), filling.take("2"), filling.take("1,2")] == [True, True, False]
    again = Filling(form, filling, {"two": "Please choose another."})
    assert again.field is not None
    assert (again.field.name, again.wrong) == ("two", "Please choose another.")
    assert again.take("1") is False
    assert again.values == {"one": "first", "two": "a", "three": ("a", "b")}


def test_a_dash_empties_what_was_filled_in():
    options = (Option("a", "A"), Option("b", "B"))
    fields = (
        Field("one", "One", required=True, initial="x"),
        Field("two", "Two", "choices", options, initial=("a",)),
        Field("three", "3", initial="y"),
    )
    filling = Filling(Form("f", "F", fields))
    assert filling.take("-") is True
    assert filling.wrong == "This one is needed."
    assert [filling.take(""), filling.take("-"), filling.take("-")] == [True, True, False]
    assert filling.values == {"one": "x", "two": (), "three": ""}
