"""What is new for one person since a moment that their page remembers. The same for the live stream and for the answer to a request."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.web.drawing import Drawing
from bot.channels.web.page import Page
from bot.channels.web.rooms import RoomView, room_view
from bot.channels.web.side import side_view
from bot.channels.web.visitors import Visitor
from bot.errors import NotFound
from bot.people import Person

Event = tuple[str, dict[str, Any]]
REMEMBERED = 5000
DIGITS = 15


def counted(text: str) -> int | None:
    """A number as a page sends it back; None for what is none, and for one that no page was ever given."""
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None


@dataclass(frozen=True)
class Cursor:
    """How far a page has come: its person's lines, its person's changes, and the entries of the room it shows."""

    line: int = 0
    feed: int = 0
    entry: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor:
        """A cursor as it was written; the beginning where it is none."""
        parts = [number for number in map(counted, text.split(".")) if number is not None]
        return cls(*parts) if len(parts) == text.count(".") + 1 == 3 else cls()  # noqa: PLR2004

    def __str__(self) -> str:
        return f"{self.line}.{self.feed}.{self.entry}"


class News:
    """Collects what is new. Synchronous: call it in a thread."""

    def __init__(self, page: Page, drawing: Drawing) -> None:
        self._page = page
        self._drawing = drawing
        self._feeds: OrderedDict[str, int] = OrderedDict()

    def now(self, person: Person) -> Cursor:
        """Where everything of this person stands at this moment."""
        feed = self._feeds.pop(person.id, 0)
        while (changes := self._page.register.changes_since(feed, person)).items:
            feed = changes.cursor
        self._feeds[person.id] = feed
        if len(self._feeds) > REMEMBERED:
            self._feeds.popitem(last=False)
        return Cursor(line=self._page.conversations.standing(person).seq, feed=feed)

    def room(self, ref: str, person: Person) -> RoomView:
        """The room, read for this person (the register records that). NotFound where it is not for them."""
        incident = self._page.register.read(ref, person)
        told = self._page.register.delivery_state(ref, person) if incident.reporter == person.id else ""
        return room_view(incident, person, told)

    def since(self, who: Visitor, cursor: Cursor, room: str = "", *, chat: bool = True) -> tuple[list[Event], Cursor]:
        """Every event since the cursor, and where things stand after them.

        `room`: the reference of the room that the page shows; `chat`: whether it shows the conversation with Usher.
        """
        events: list[Event] = []
        lines = self._page.conversations.since(who.person, cursor.line)
        changes = self._page.register.changes_since(cursor.feed, who.person)
        after = replace(cursor, line=max([cursor.line, *(line.seq for line in lines)]), feed=changes.cursor)
        if chat:
            events += [
                ("line", {"n": line.n, "seq": line.seq, "key": "" if line.card else line.key, "html": self._drawing.line(line, who)})
                for line in lines
            ]
        if room and any(change.ref == room for change in changes.items):
            drawn, after = self._room_events(who, room, after)
            events += drawn
        if lines or changes.items:
            view = side_view(self._page, who.person)
            here = room or ("usher" if chat else "")
            events.append(("side", {"html": self._drawing.side(view, who, here), "total": view.total, "unread": view.unread}))
        return events, after

    def _room_events(self, who: Visitor, ref: str, cursor: Cursor) -> tuple[list[Event], Cursor]:
        try:
            room = self.room(ref, who.person)
        except NotFound:
            return [("gone", {})], cursor
        fresh = [{"n": entry.number, "html": self._drawing.entry(entry)} for entry in room.entries if entry.number > cursor.entry]
        around = {
            "kind": room.kind,
            "banner": self._drawing.banner(room, who),
            "panel": self._drawing.panel(room, who, "wide"),
            "people": f"{room.people}. Words only: no pictures or files.",
            "open": room.may_say,
        }
        return [("room", {"entries": fresh, **around})], replace(cursor, entry=max(cursor.entry, room.last))
