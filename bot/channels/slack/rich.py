"""Plain text as Slack's rich text: every character stands for itself, so that nothing in it can mention, link or format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.channels.emphasis import emphasised
from bot.channels.slack.limits import SECTION, UNSEEN, Json, pieces, units

ITEMS = 20  # of a list in one block


def run(text: str, *, bold: bool = False, italic: bool = False) -> Json:
    """A run of text."""
    style = {name: True for name, on in (("bold", bold), ("italic", italic)) if on}
    return {"type": "text", "text": text.translate(UNSEEN), **({"style": style} if style else {})}


def emoji(name: str) -> Json:
    """An emoji by its Slack name."""
    return {"type": "emoji", "name": name}


def section(*elements: Json) -> Json:
    """A paragraph of runs."""
    return {"type": "rich_text_section", "elements": list(elements)}


def rich(*parts: Json) -> Json:
    """A block of sections, lists and quotes."""
    return {"type": "rich_text", "elements": list(parts)}


def paragraph(text: str, *, bold: bool = False, italic: bool = False) -> Iterator[Json]:
    """A text as one block, or several where it is long; none where it is empty."""
    if text.strip():
        for part in pieces(text, SECTION):
            yield rich(section(run(part, bold=bold, italic=italic)))


def quote(head: Iterable[Json], text: str) -> Iterator[Json]:
    """A text word for word behind Slack's quotation bar, under a heading."""
    lead = [section(*head)]
    for part in pieces(text, SECTION):
        yield rich(*lead, {"type": "rich_text_quote", "elements": [run(words, bold=strong) for words, strong in emphasised(part)]})
        lead = []


def listing(title: Iterable[Json], items: tuple[str, ...], *, ordered: bool = False) -> Iterator[Json]:
    """A list under its heading (which may be empty), in as many blocks as it needs."""
    heading = list(title)
    lead = [section(*heading)] if heading else []
    batch: list[Json] = []
    weight = offset = 0
    for number, item in enumerate(items):
        for part in pieces(item.strip() or "–", SECTION):
            if batch and (len(batch) >= ITEMS or weight + units(part) > SECTION):
                yield rich(*lead, listed(batch, offset, ordered=ordered))
                lead, batch, weight, offset = [], [], 0, number
            batch.append(section(run(part)))
            weight += units(part)
    if batch:
        yield rich(*lead, listed(batch, offset, ordered=ordered))
    elif lead:
        yield rich(*lead)


def listed(batch: list[Json], offset: int, *, ordered: bool) -> Json:
    """One list; an ordered one goes on counting where the one before it ended."""
    start = {"offset": offset} if ordered and offset else {}
    return {"type": "rich_text_list", "style": "ordered" if ordered else "bullet", "elements": batch, **start}
