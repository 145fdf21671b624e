"""Cards, forms and rooms drawn for the terminal with rich. No text is ever read as markup or as a control code."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Words

from bot.cards import Block, Card, Facts, Field, Fold, Form, Outside, Quote, Steps, Text, Tone
from bot.channels.console_input import EMPTY
from bot.channels.emphasis import emphasised
from bot.channels.text import step_lines
from bot.incidents.model import Entry, Incident
from bot.incidents.notices import WORDS, acknowledgement_lines
from bot.incidents.times import full

COLOURS = {
    Tone.YES: "green", Tone.NO: "red", Tone.DEPENDS: "yellow", Tone.REPORT: "magenta", Tone.INFO: "blue",
    Tone.NOT_COVERED: "white", Tone.URGENT: "bold red", Tone.PLAIN: "white",
}  # fmt: skip
SHAPES = {Tone.YES: "✓", Tone.NO: "✕", Tone.DEPENDS: "◆", Tone.REPORT: "⚑", Tone.INFO: "i", Tone.NOT_COVERED: "?", Tone.URGENT: "!"}


def plain(text: str) -> str:
    """The text without control characters, which could drive the terminal."""
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf"))


def words(text: str, style: str = "") -> Words:
    """Text as it stands."""
    return Words(plain(text), style=style)


def draw_card(card: Card, numbers: Sequence[int]) -> RenderableType:
    """A card in a frame; `numbers` are those by which its buttons can be chosen."""
    colour = COLOURS[card.tone]
    parts: list[RenderableType] = [words(card.title, "bold")]
    for block in card.blocks:
        parts += [Words(""), draw_block(block)]
    if card.buttons:
        choices = Table.grid(padding=(0, 1))
        for number, button in zip(numbers, card.buttons, strict=True):
            choices.add_row(words(f"[{number}]", "bold cyan"), words(button.label))
        parts += [Words(""), choices]
    badge = f" {SHAPES.get(card.tone, '')} {plain(card.badge)} ".replace("  ", " ") if card.badge else None
    title = Words(badge, style=f"bold {colour}") if badge else None
    return Panel(Group(*parts), title=title, title_align="left", border_style=colour, box=ROUNDED, padding=(0, 1))


def draw_block(block: Block) -> RenderableType:
    """One block of a card."""
    match block:
        case Text():
            return words(block.text, "bold" if block.strong else "")
        case Quote():
            label = f"{block.label}: clause" if block.label else "Clause"
            clause = Words.assemble(*(words(run, "bold" if strong else "") for run, strong in emphasised(block.text)))
            inner = Group(clause, *([words(block.source, "dim")] if block.source else []))
            title = words(f" {label} {block.number}, {block.section} ", "bold cyan")
            return Panel(inner, title=title, title_align="left", box=ROUNDED, border_style="cyan")
        case Steps():
            lines = [words(line) for line in step_lines(block)]
            colour = {"do": "green", "do_not": "red"}.get(block.kind, "")
            return Group(*([words(block.title, f"bold {colour}".strip())] if block.title else []), *lines)
        case Facts():
            return facts_table(block.items)
        case Outside():
            checked = f", last checked {block.checked}" if block.checked else ""
            inner = Group(words(block.text), words(f"{block.source}{checked}", "dim"))
            return Panel(inner, title=words(" Not from the policy ", "bold"), title_align="left", border_style="dim")
        case Fold():
            return Group(words(f"{block.title}:", "bold"), *(Padding(draw_block(inner), (0, 0, 0, 2)) for inner in block.blocks))


def facts_table(items: Sequence[tuple[str, str]]) -> Table:
    """Labels and values in two columns."""
    table = Table.grid(padding=(0, 2))
    for label, value in items:
        table.add_row(words(label, "dim"), words(value))
    return table


def draw_form_head(form: Form) -> RenderableType:
    """What stands above the fields of a form, and how it is filled in."""
    how = words(f"An empty line leaves a field as it is, {EMPTY} empties it. /cancel closes the form.", "dim")
    return Group(words(form.title, "bold underline"), *(draw_block(block) for block in form.blocks), how)


def draw_field(field: Field, wrong: str = "") -> RenderableType:
    """One question of a form, its choices numbered."""
    optional = "" if field.required else " (optional)"
    parts: list[RenderableType] = [words(f"{field.label}{optional}", "bold")]
    if wrong:
        parts.append(words(wrong, "bold red"))
    if field.hint:
        parts.append(words(field.hint, "dim"))
    parts += [words(f"  {number}. {option.label}") for number, option in enumerate(field.options, start=1)]
    if field.kind == "choices":
        parts.append(words("Several numbers may be given, with commas.", "dim"))
    if field.initial:
        chosen = {field.initial} if isinstance(field.initial, str) else set(field.initial)
        named = [option.label for option in field.options if option.value in chosen] or [", ".join(sorted(chosen))]
        parts.append(words(f"Now: {', '.join(named)}", "dim"))
    return Group(*parts)


def draw_room(incident: Incident, told: str) -> RenderableType:
    """The head of an incident's room. `told`: how it stands, for its reporter."""
    standing = [told] if told else list(acknowledgement_lines(incident, reasons=True))
    known = [("State", incident.state.label), ("Kind", incident.kind.label), ("Opened", full(incident.opened_at))]
    parts: list[RenderableType] = [facts_table(known), *(words(line) for line in standing)]
    parts.append(words("Private room: its members alone read it, and what is written here is part of the record.", "dim"))
    return Panel(Group(*parts), title=words(f" {incident.ref} ", "bold"), title_align="left", box=ROUNDED)


def draw_entry(entry: Entry, mine: str) -> RenderableType:
    """One entry of a room's timeline; `mine` is the reader's own id."""
    who = "You" if entry.by == mine else entry.name
    if entry.what in ("said", "note"):
        label = " (on the record; the reporter does not see this)" if entry.what == "note" else ""
        return Group(words(f"{who}{label}", "bold"), Padding(words(entry.text), (0, 0, 0, 2)))
    doing = WORDS.get(entry.what, entry.what)
    tail = f": {entry.text}" if entry.text else ""
    return words(f"· {f'{who} {doing}' if who else doing}{tail}", "dim")
