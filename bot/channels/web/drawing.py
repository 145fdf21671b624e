"""Cards, lines and rooms as HTML. Every text is escaped by the templates; nothing that a person wrote is ever markup."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.cards import Block, Card, Fold, Form
from bot.channels.emphasis import emphasised
from bot.channels.text import ALREADY_SAID
from bot.channels.web.conversations import Line
from bot.channels.web.page import Page
from bot.channels.web.rooms import EntryView, RoomView
from bot.channels.web.side import SideView
from bot.channels.web.visitors import Visitor
from bot.cited import cited
from bot.people import Person

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "rev", "prof"})


class Drawing:
    """The templates of one page, with the school's own time."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.globals.update(page=page, asset=asset)
        self._environment.filters.update(
            cited=cited,
            emphasised=emphasised,
            kind=lambda block: type(block).__name__,
            open_to_all=lambda blocks: blocks[: len(blocks) - len(folded_below(blocks))],
            folded_below=folded_below,
            says_not=lambda text: text.casefold().startswith(ALREADY_SAID),
            hour=lambda at: f"{at.astimezone(page.zone):%H:%M}",
            iso=lambda at: at.astimezone(page.zone).isoformat(timespec="seconds"),
            day=self._day,
            initials=initials,
            first_name=first_name,
            be=be,
        )

    def whole(self, template: str, **values: Any) -> str:
        """A whole page."""
        return self._environment.get_template(template).render(**values)

    def line(self, line: Line, who: Visitor) -> Markup:
        """One line of a conversation."""
        return self._part("_line.html", "line", line, who)

    def card(self, card: Card, who: Visitor, room: str = "") -> Markup:
        """A card by itself."""
        return self._part("_card.html", "card", card, who, room)

    def entry(self, entry: EntryView) -> Markup:
        """One entry of a room's timeline."""
        return self._part("_entry.html", "entry", entry)

    def banner(self, room: RoomView, who: Visitor) -> Markup:
        """How the incident stands, above its timeline."""
        return self._part("_room.html", "banner", room, who)

    def panel(self, room: RoomView, who: Visitor, where: str) -> Markup:
        """What is known and owed, beside the timeline."""
        return self._part("_room.html", "panel", room, who, where)

    def side(self, view: SideView, who: Visitor, here: str) -> Markup:
        """The lists on the left."""
        return self._part("_side.html", "side", view, who, here)

    def form(self, form: Form, signed: str, who: Visitor, room: str = "") -> Markup:
        """A form, for a dialog."""
        return self._part("_form.html", "form", form, signed, who, {}, {}, room)

    def _part(self, template: str, macro: str, *values: Any) -> Markup:
        drawn = getattr(self._environment.get_template(template).module, macro)(*values)
        return Markup(str(drawn).strip())  # noqa: S704 it comes from an escaping template

    def _day(self, at: datetime) -> str:
        day, today = at.astimezone(self._page.zone).date(), self._page.clock.now().astimezone(self._page.zone).date()
        near = {0: "Today", 1: "Yesterday"}.get((today - day).days)
        return near or f"{day:%A} {day.day} {day:%B}" + ("" if day.year == today.year else f" {day.year}")


def folded_below(blocks: Sequence[Block]) -> Sequence[Block]:
    """The folds with which a card ends: they stand below its buttons, so that nobody has to look past them for what to press."""
    open_to_all = max((at for at, block in enumerate(blocks, start=1) if not isinstance(block, Fold)), default=0)
    return blocks[open_to_all:]


def asset(name: str) -> str:
    """The address of a file of ours; it changes with the file's content, so that browsers may keep it for good."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def name_words(name: str) -> list[str]:
    """A name without its title: "Mrs Helen Demo-Blake" gives Helen and Demo-Blake."""
    words = name.split()
    return words[1:] if len(words) > 1 and words[0].rstrip(".").casefold() in HONORIFICS else words


def initials(name: str) -> str:
    """Two letters for a name."""
    words = name_words(name)
    last = [word.rpartition("-")[2] or word for word in words[1:][-1:]]
    return "".join(word[0] for word in (*words[:1], *last)).upper() or "?"


def first_name(name: str) -> str:
    """What to call somebody: the first name, or the title and last name where a title is given."""
    words = name.split()
    return f"{words[0]} {words[-1]}" if len(words) > 1 and name_words(name) != words else (words or ["there"])[0]


def be(person: Person) -> str:
    """What to be, in the middle of a sentence: a role keeps its capitals, "Teaching assistant" loses its own."""
    job = person.job or person.name
    first = job.split(maxsplit=1)[0]
    plain = not person.roles and first.isalpha() and first.istitle() and first != "Year"
    return f"{job[0].lower()}{job[1:]}" if plain else job


def hint_for(person: Person) -> str:
    """What to try as this person, on the demo's start page."""
    for role, hint in HINTS:
        if role in person.roles:
            return hint
    return "Ask a question, then report something."


HINTS = (
    ("headteacher", "Alerts arrive here. Acknowledge one, and write in its room."),
    ("designated_safeguarding_lead", "Is told of every concern about a child, with the Headteacher."),
    ("data_protection_officer", "Is told when personal information was lost or sent wrongly."),
    ("chair_of_governors", "Is told instead when a report is about the Headteacher."),
    ("deputy_headteacher", "Is told when nobody has acknowledged an alert in time."),
    ("business_manager", "Looks after the guidance: what could not be answered."),
)
