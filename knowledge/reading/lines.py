"""A document's lines, with what the parser needs to know of each: the blank line before it, its indent, whether it was full."""

import re
from dataclasses import dataclass

from knowledge.reading.headings import title_like
from knowledge.reading.labels import readings

_CLOSED = re.compile(r"[.!?:;][\"'”’)\]*]*$")
_UNWRAPPED = 160


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank. ``spaced`` says that a blank line stands before it."""

    text: str
    spaced: bool
    indent: int


def lines_of(texts: list[str]) -> list[Line]:
    """The lines that are not blank, each with its surroundings."""
    found: list[Line] = []
    spaced = True
    for raw in texts:
        text = raw.replace("\u00ad", "").replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "").rstrip()
        if not text.strip():
            spaced = True
            continue
        expanded = text.expandtabs(4)
        found.append(Line(text.strip(), spaced, len(expanded) - len(expanded.lstrip())))
        spaced = False
    return found


def wrap_width(lines: list[Line]) -> int:
    """The width at which the document breaks its lines by hand, or 0 where each paragraph is one line."""
    lengths = sorted(line.indent + len(line.text) for line in lines)
    if len(lengths) < 4 or lengths[-1] > _UNWRAPPED or lengths[-1] < 40:  # noqa: PLR2004
        return 0
    return lengths[int(len(lengths) * 0.95)]


def runs_on(before: Line, after: Line, width: int) -> bool:
    """Whether a plain line goes on with the paragraph of the line before it."""
    if is_row(after.text):
        return False
    open_end = not closed(before.text)
    small = after.text[:1].islower()
    if open_end and (small or (not after.spaced and not title_like(after.text))):
        return True
    return not after.spaced and full(before, after, width)


def is_row(text: str) -> bool:
    """Whether a line is the row of a table: cells apart by tabs, other than a number's or a letter's own tab."""
    labels = readings(text)
    return "\t" in (labels[0].rest if labels else text).strip()


def full(before: Line, after: Line, width: int) -> bool:
    """Whether a line was broken because the first word of the next one had no room on it."""
    return bool(width) and before.indent + len(before.text) + 1 + len(after.text.split()[0]) > width * 0.92


def closed(text: str) -> bool:
    """Whether the text ends as a sentence or a list's lead ends."""
    return bool(_CLOSED.search(text.strip()))
