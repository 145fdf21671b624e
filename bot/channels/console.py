"""The terminal: another window onto a person's conversation with Usher, for `app.py chat`.

What is said here is kept where the page keeps it, so nothing is lost on leaving, and alerts arrive as they do on the page.
    await Console(page, person, may_switch=True).run()
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from rich.console import Console as Screen

from bot.cards import Fold
from bot.channels.console_drawing import draw_entry, draw_room, words
from bot.channels.console_input import pour, typed
from bot.channels.console_talk import Talk
from bot.channels.web.hub import Ear
from bot.channels.web.page import Page
from bot.channels.web.side import side_view
from bot.errors import NotFound, UsherError
from bot.events import Opened
from bot.incidents.notices import incident_card
from bot.incidents.opening import as_reference
from bot.people import Person

POLL = 2.0
HELP = (
    ("your words", "ask Usher, or write to the room that you are in"),
    ("a number", "press the button with that number"),
    ("/report", "report something"),
    ("/home", "what you can do, and what waits for you"),
    ("/rooms", "the incidents that you are in on"),
    ("/room REFERENCE", "go into a room; /leave goes back to Usher"),
    ("/people and /as NAME", "in the demo school: who there is, and be somebody else"),
    ("/quit", "leave"),
)


class Console(Talk):
    """One person at the terminal; in the demo school they may become somebody else (`may_switch`)."""

    def __init__(self, page: Page, person: Person, *, may_switch: bool, screen: Screen | None = None) -> None:
        super().__init__(page, person, screen or Screen(highlight=False))
        self._may_switch = may_switch

    async def run(self, lines: AsyncIterator[str] | None = None) -> None:
        """Talk until the lines end, or the person leaves. `lines`: standard input, unless others are given."""
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        reading = asyncio.create_task(pour(lines or typed(), heard))
        await self.greet()
        try:
            while True:
                self._prompt()
                line = await self._next(heard)
                if line is None or line.strip() == "/quit":
                    return
                await self.heard(line)
        finally:
            reading.cancel()

    async def _next(self, heard: asyncio.Queue[str | None]) -> str | None:
        """The next line; what arrives meanwhile is shown."""
        waiting = asyncio.create_task(heard.get())
        with self._page.hub.listen(Ear(self.person.id)) as ear:
            while not waiting.done():
                ringing = asyncio.create_task(ear.wait(POLL))
                await asyncio.wait({waiting, ringing}, return_when=asyncio.FIRST_COMPLETED)
                ringing.cancel()
                if not waiting.done() and self._filling is None:
                    with suppress(UsherError):  # the store is away, or the room is: the talk goes on, and looks again
                        if await self.news():
                            self._prompt()
        return waiting.result()

    async def greet(self) -> None:
        """Say who one is, and show the last of the conversation."""
        standing = await asyncio.to_thread(self._page.conversations.standing, self.person)
        self._screen.rule(words(f"Usher, {self._page.school}"))
        if self._may_switch:
            self._screen.print(words("Demo school: nothing here reaches a real person.", "yellow"))
        job = f", {self.person.job}" if self.person.job else ""
        self._screen.print(words(f"You are {self.person.name}{job}. /help says what you can type.", "dim"))
        self._line = standing.read_to
        changes = await asyncio.to_thread(self._page.register.changes_since, 0, self.person)
        while changes.items:
            self._feed = changes.cursor
            changes = await asyncio.to_thread(self._page.register.changes_since, self._feed, self.person)
        await self.news()

    def tell(self, text: str) -> None:
        """Say what the person should know, though they have asked nothing."""
        self._screen.print(words(f"\n{text}", "yellow"))
        self._prompt()

    async def heard(self, line: str) -> None:
        """Take one line that the person typed, and show what comes of it. Whatever goes wrong is told, and the talk goes on."""
        text = line.strip()
        try:
            if self._filling is not None:
                await self._fill(text)
            elif text.startswith("/"):
                await self._command(text)
            elif text.isdecimal():
                await self._press_number(int(text))
            elif text:
                await self._write(text)
            if self._filling is None:
                await self.news()
        except NotFound as error:
            self._screen.print(words(str(error), "bold"))
        except UsherError as error:
            self._screen.print(words(str(error), "bold red"))

    async def news(self) -> bool:
        """Show what has come since the last time; whether there was anything."""
        lines = await asyncio.to_thread(self._page.conversations.since, self.person, self._line)
        for line in lines:
            self._line = max(self._line, line.seq)
            if line.card:
                self._show(line.card, line.n)
        if lines:
            await asyncio.to_thread(self._page.conversations.read, self.person, max(line.n for line in lines))
        changes = await asyncio.to_thread(self._page.register.changes_since, self._feed, self.person)
        self._feed = changes.cursor
        elsewhere = {change.ref for change in changes.items if change.ref != self.room}
        if any(change.ref == self.room for change in changes.items):
            await self._show_room()
        for ref in sorted(elsewhere):
            self._screen.print(words(f"Something is new in {ref}: /room {ref}", "dim"))
        return bool(lines or changes.items)

    async def _command(self, text: str) -> None:
        name, _, rest = text.partition(" ")
        commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "/help": self._help, "/report": lambda _: self._press("report.open", ""), "/home": self._home, "/rooms": self._rooms,
            "/room": self._enter, "/leave": self._leave, "/people": self._people, "/as": self._switch,
        }  # fmt: skip
        command = commands.get(name)
        if command is None:
            self._screen.print(words(f"There is no {name}. /help says what there is.", "bold"))
            return
        await command(rest.strip())

    async def _help(self, _: str) -> None:
        for typed_words, meaning in HELP:
            self._screen.print(words(f"  {typed_words:<22} {meaning}"))

    async def _home(self, _: str) -> None:
        event_id = self._event()
        await self._handle(Opened(event_id, self.person, self._place(""), self._page.clock.now()), self._reply(event_id, aside=True))

    async def _rooms(self, _: str) -> None:
        view = await asyncio.to_thread(side_view, self._page, self.person)
        rows = [*view.incidents, *view.reports, *view.closed]
        for row in rows:
            waiting = ", not yet acknowledged" if row.unacknowledged else ""
            new = f", {row.unread} new" if row.unread else ""
            self._screen.print(words(f"  {row.ref}  {row.kind.label}, {row.state.label.lower()}{waiting}{new}"))
        if not rows:
            self._screen.print(words("  There are none.", "dim"))

    async def _enter(self, ref: str) -> None:
        wanted = as_reference(ref)
        await asyncio.to_thread(self._page.register.read, wanted, self.person)  # NotFound where it is not for them
        self.room, self._entry = wanted, 0
        await self._show_room(whole=True)

    async def _show_room(self, *, whole: bool = False) -> None:
        incident = await asyncio.to_thread(self._page.register.read, self.room, self.person)
        if whole:
            mine = incident.reporter == self.person.id
            told = await asyncio.to_thread(self._page.register.delivery_state, self.room, self.person) if mine else ""
            self._screen.print(draw_room(incident, told))
            card = incident_card(incident, self.person)
            blocks = tuple(block for block in card.blocks if not isinstance(block, Fold))  # the timeline follows
            buttons = tuple(button for button in card.buttons if button.action != "incident.say")  # one just types
            self._show(replace(card, blocks=blocks, buttons=buttons))
        for entry in incident.timeline:
            if entry.number > self._entry:
                self._screen.print(draw_entry(entry, self.person.id))
                self._entry = entry.number

    async def _leave(self, _: str) -> None:
        self.room = ""
        self._screen.print(words("You are talking to Usher again.", "dim"))

    async def _people(self, _: str) -> None:
        for person in self._page.people if self._may_switch else ():
            self._screen.print(words(f"  {person.id:<10} {person.name}, {person.job}"))

    async def _switch(self, name: str) -> None:
        found = self._page.people.get(name.casefold()) if self._may_switch else None
        if found is None:
            self._screen.print(words("There is nobody of that name whom you can be. /people lists them.", "bold"))
            return
        self._become(found)
        await self.greet()

    def _prompt(self) -> None:
        where = f" in {self.room}" if self.room else ""
        self._screen.print(words(f"{self.person.name}{where} › ", "bold"), end="")
