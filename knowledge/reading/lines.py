"""A document's lines, with what the parser needs to know of each: the blank line before it, its indent, whether it was full."""

import re
from dataclasses import dataclass

from knowledge.reading.headings import title_like
from knowledge.reading.labels import readings

ROW = "\x1f"  # stands before a table's row in what the readers of files give; no text has it, and it counts as white space
_CLOSED = re.compile(r"[.!?:;][\"'”’)\]*]*$")
_GAP = re.compile(r"(\S+(?: \S+){0,5}) {3,}(?=\S)")
_UNWRAPPED = 160


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank. ``spaced`` says that a blank line stands before it, ``cells`` that its file has it as a table's row."""

    text: str
    spaced: bool
    indent: int
    cells: bool = False

    @property
    def is_row(self) -> bool:
        """Whether the line is the row of a table: by its file, or by its tabs."""
        return self.cells or is_row(self.text)


def lines_of(texts: list[str]) -> list[Line]:
    """The lines that are not blank, each with its surroundings."""
    found: list[Line] = []
    spaced = True
    for raw in _typed_tables(texts):
        text = raw.replace("\u00ad", "").replace("\u00a0", " ").replace("\u200b", "").replace("\ufeff", "").rstrip()
        if not text.strip():
            spaced = True
            continue
        expanded = text.expandtabs(4)
        found.append(Line(text.strip(), spaced, len(expanded) - len(expanded.lstrip()), text.startswith(ROW)))
        spaced = False
    return found


def _typed_tables(texts: list[str]) -> list[str]:
    """The same lines, with tables that were typed with spaces as rows: two lines at least whose second cells begin at one place."""
    starts = [_second_cell(text) for text in texts]
    done: list[str] = []
    at = 0
    for place, text in enumerate(texts):
        first = starts[place] and starts[place] in starts[max(place - 2, 0) : place] + starts[place + 1 : place + 3]
        more = at and text[:at].isspace() and text[at : at + 1].strip()
        at = starts[place] if first else at if more else 0
        done.append(row_of(re.split(r"\s{3,}|\t", text.strip())) if first or more else text)
    return done


def _second_cell(text: str) -> int:
    """Where the second cell of a typed row begins; 0 where the line has no wide gap but that after its number."""
    found = _GAP.match(text)
    return found.end() if found and not readings(f"{found[1].strip()} x") and not found[1].rstrip().endswith(":") else 0


def wrap_width(lines: list[Line]) -> int:
    """The width at which the document breaks its lines by hand, or 0 where each paragraph is one line."""
    lengths = sorted(line.indent + len(line.text) for line in lines)
    if len(lengths) < 4 or lengths[-1] > _UNWRAPPED or lengths[-1] < 40:  # noqa: PLR2004
        return 0
    return lengths[int(len(lengths) * 0.95)]


def runs_on(before: Line, after: Line, width: int) -> bool:
    """Whether a plain line goes on with the paragraph of the line before it."""
    if after.is_row or before.cells:
        return False
    open_end = not closed(before.text)
    small = after.text[:1].islower() or (after.text[:1].isdigit() and not after.spaced)
    if open_end and (small or (not after.spaced and not title_like(after.text))):
        return True
    return not after.spaced and full(before, after, width)


def broken_word(text: str, after: str) -> bool:
    """Whether a line ends in the middle of a word that the next line goes on with ("self-", but not the first of "pre- and post-")."""
    broken = re.search(r"[^\W\d_][-\u2010\u00ad]$", text)
    return bool(broken) and after[:1].islower() and not re.match(r"(?:and|or|nor|to)\b", after)


def row_of(cells: list[str]) -> str:
    """A table's row as a line: what stands in its cells, each on one line, with tabs between them."""
    return ROW + "\t".join(one for one in (re.sub(r"\s+", " ", cell).strip() for cell in cells) if one)


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
