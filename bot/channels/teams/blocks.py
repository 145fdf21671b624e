"""The parts of a card as elements of Adaptive Cards 1.5. What people or the policy say stands in text runs, which know no Markdown.

Each block becomes a list of elements that may be parted over several messages; none is larger than PIECE allows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from bot.cards import Block, Facts, Fold, Outside, Quote, Steps, Text
from bot.channels.emphasis import emphasised
from bot.channels.text import step_lines

Element = dict[str, Any]
CHUNK = 700  # characters of one text run: 8,400 bytes at the very most, where every one is escaped
PIECE = 9_000  # bytes of what stands together in one box
FOLD_LARGEST = 6_000  # bytes; what is larger is not folded away, for it may have to be parted
MARKDOWN = re.compile(r"[*_\[\]`#~<>\\{|]|^\s*(\d+[.)]|[-+•])\s")
SIGN_IN = re.compile(r"https://[^\s/]+(?:/[^\s/]+)*/sign-in/[\w-]{20,}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
FUNCTION = re.compile(r"\{\{(?=(?:DATE|TIME)\()")
WORD_JOINER = "\u2060"


def size(value: Any) -> int:
    """How many bytes this takes on the wire."""
    return len(json.dumps(value))


def clean(text: str) -> str:
    """The text without what JSON or a client stumbles over: half characters, control characters, the card's own date functions."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return FUNCTION.sub("{" + WORD_JOINER + "{", CONTROL.sub("", whole))


def lines(text: str, **style: Any) -> list[Element]:
    """Plain text as elements, one for each line; a long line is parted at white space. `style` is of the text run."""
    made: list[Element] = []
    gap = "default"
    for line in clean(text).split("\n"):
        if not line.strip():
            gap = "medium" if made else gap
            continue
        for chunk in chunks(line):
            made.append({"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": chunk, **style}], "spacing": gap})
            gap = "none"
        gap = "small"
    return made


def chunks(line: str) -> Iterable[str]:
    """A line in parts of at most CHUNK characters, which together are the line, character for character."""
    while len(line) > CHUNK:
        cut = line.rfind(" ", CHUNK // 2, CHUNK) + 1 or CHUNK
        yield line[:cut]
        line = line[cut:]
    yield line


def heading(text: str, large: bool = False) -> list[Element]:  # noqa: FBT001, FBT002 said by its name where it is called
    """A heading, announced as one by screen readers where no character of it could be taken for Markdown."""
    extent = "large" if large else "default"
    if text and not MARKDOWN.search(text) and len(text) <= CHUNK:
        shown = clean(text).replace("\n", " ")
        return [{"type": "TextBlock", "text": shown, "wrap": True, "style": "heading", "size": extent, "weight": "bolder"}]
    return lines(text, size=extent, weight="bolder")


def boxes(first: list[Element], rest: list[Element], again: list[Element], style: str = "emphasis") -> list[Element]:
    """Elements in a box; where they are too many for one, in several, each further one under `again`."""
    made: list[Element] = []
    inside = list(first)
    for element in rest:
        if inside and size([*inside, element]) > PIECE:
            made.append({"type": "Container", "style": style, "items": inside})
            inside = list(again)
        inside.append(element)
    return [*made, {"type": "Container", "style": style, "items": inside}] if inside else made


def block_elements(block: Block, name: str) -> list[Element]:
    """One block of a card; `name` is unique in its card."""
    match block:
        case Text():
            return [*lines(block.text, **({"weight": "bolder"} if block.strong else {})), *opener(block.text)]
        case Quote():
            return quote_elements(block)
        case Steps():
            return steps_elements(block)
        case Facts():
            return [row for label, value in block.items for row in fact_rows(label, value)]
        case Outside():
            checked = f", last checked {block.checked}" if block.checked else ""
            source = lines(f"{block.source}{checked}", isSubtle=True, size="small")
            return boxes(heading("Not from the policy"), [*lines(block.text), *source], [], "default")
        case Fold():
            return fold_elements(block, name)


def opener(text: str) -> list[Element]:
    """A button for the link that signs in, for Teams makes no address in a card one to press. What people write stays words."""
    if not SIGN_IN.fullmatch(text):
        return []
    return [{"type": "ActionSet", "actions": [{"type": "Action.OpenUrl", "title": "Open the page", "url": text}]}]


def quote_elements(quote: Quote) -> list[Element]:
    """A clause in a box under its number; its own words untouched."""
    label = f"{quote.label}: clause" if quote.label else "Clause"
    section = f", {quote.section}" if quote.section else ""
    title = f"{label} {quote.number}{section}"
    source = lines(quote.source, isSubtle=True, size="small") if quote.source else []
    return boxes(heading(title), [*clause_lines(quote.text), *source], heading(f"{title} (continued)"))


def clause_lines(text: str) -> list[Element]:
    """A clause's lines, its own emphasis in bold within them."""
    made: list[Element] = []
    joined = False
    for part, strong in emphasised(text):
        own = lines(part, **({"weight": "bolder"} if strong else {}))
        if joined and own and not part.startswith("\n"):
            made[-1]["inlines"] += own.pop(0)["inlines"]
        made += own
        joined = bool(made) and not part.endswith("\n")
    return made


def steps_elements(steps: Steps) -> list[Element]:
    """A list under its heading, each item with its mark; a "do not" is said with each item."""
    made = heading(steps.title) if steps.title else []
    for line in step_lines(steps):
        mark, _, words = line.partition(" ")
        shown = {"-": "•"}.get(mark, mark)
        item = lines(f"{shown} {words}")
        item[0]["spacing"] = "small" if made else "default"
        made += item
    return made


def fact_rows(label: str, value: str) -> list[Element]:
    """One label and its value side by side; the value may be a person's own words, which a FactSet would read as Markdown."""
    if len(value) > CHUNK:
        return [*lines(label, isSubtle=True), *lines(value)]
    return [
        {
            "type": "ColumnSet",
            "spacing": "small",
            "columns": [
                {"type": "Column", "width": 1, "items": lines(label, isSubtle=True)},
                {"type": "Column", "width": 3, "items": lines(value)},
            ],
        }
    ]


def fold_elements(fold: Fold, name: str) -> list[Element]:
    """Blocks that open at a press, or that stand open where they are long."""
    inside = [element for number, inner in enumerate(fold.blocks) for element in block_elements(inner, f"{name}.{number}")]
    if not inside or size(inside) > FOLD_LARGEST:
        return [*heading(fold.title), *inside]
    press = {"type": "Action.ToggleVisibility", "title": clean(fold.title), "targetElements": [name]}
    return [{"type": "ActionSet", "actions": [press]}, {"type": "Container", "id": name, "isVisible": False, "items": inside}]
