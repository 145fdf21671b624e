"""A PDF's page to printed lines in reading order: columns one after the other, and each row of a ruled table as one line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from statistics import median
from typing import Any

from knowledge.reading.labels import readings
from knowledge.reading.lines import row_of
from knowledge.reading.tables import lays_out

_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_GLYPH = re.compile(r"\(cid:\d+\)")
_EVEN = 1.15  # a wide line whose gaps differ less than this was stretched to the margin
_GUTTER = 9.0  # points: the least width of the space between two columns of prose
_FEWEST = 4  # lines side by side that make columns
_ACROSS = 0.2  # the share of the lines, such as titles, that may run across both
_WORDS = 3  # that a column's line has at the least, as a rule: cells of a table have fewer
_MIDDLE = (0.35, 0.65)  # of the page's width, where the space between two columns is
_PAGE_EDGE = 0.07
_WIDER = 1.3  # the most that a table may be wider than the lines of its column
_ASLANT = 0.1  # how far from level or upright letters may stand
LINES = {"x_tolerance_ratio": 0.18, "y_tolerance": 3}


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line with its place on the page."""

    text: str
    page: int
    left: float
    right: float
    top: float
    bottom: float
    height: float
    size: float
    bold: bool
    first_word: float  # the width of its first word
    column: int = 0  # 0: over the whole width; 1, 2: the left or the right column


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table on a page: its box, the boxes of its cells, and its rows, each with its top and its line of text."""

    box: tuple[float, float, float, float]
    cells: tuple[tuple[float, float, float, float], ...]
    rows: tuple[tuple[float, float, str], ...]


def rows_of(page: Any, number: int) -> list[Row]:
    """The printed lines of a page, in the order in which they are read."""
    page = page.dedupe_chars().filter(_straight)
    grids = list(_grids(page))
    for grid in grids:
        page = page.filter(_outside(*grid.cells))
    rows = [row for column, part in _parts(page) for row in _rows(part, number, column)]
    size = median([row.size for row in rows]) if rows else 10.0
    done = list(rows)
    for at, _, grid in sorted(((_place_of(grid, rows), grid.box[1], grid) for grid in grids), key=lambda one: one[:2], reverse=True):
        done[at:at] = [
            Row(text, number, grid.box[0], grid.box[2], top, bottom, float(page.height), size, bold=False, first_word=0.0)
            for top, bottom, text in grid.rows
        ]
    return done


def _straight(one: Any) -> bool:
    """Whether something on a page is not a letter of a watermark, which runs aslant over the lines."""
    along, aslant = one["matrix"][:2] if one["object_type"] == "char" else (1.0, 0.0)
    return bool(min(abs(along), abs(aslant)) <= max(abs(along), abs(aslant)) * _ASLANT)


def _place_of(grid: Grid, rows: Sequence[Row]) -> int:
    """Where a table comes among the rows: after the last above it in its own column, or else before the first below it."""
    column = _column_of(grid, rows)
    beside = [place for place, row in enumerate(rows) if not column or row.column in (0, column)]
    above = [place for place in beside if rows[place].top <= grid.box[1]]
    below = [place for place in beside if rows[place].top > grid.box[1]]
    if above and (rows[above[-1]].column or not below):
        return above[-1] + 1
    return below[0] if below else len(rows)


def _column_of(grid: Grid, rows: Sequence[Row]) -> int:
    """The column that a table stands in, or 0 where it stands across the page."""
    for column in {row.column for row in rows} - {0}:
        inside = [row for row in rows if row.column == column]
        left, right = min(row.left for row in inside), max(row.right for row in inside)
        if left - _GUTTER < (grid.box[0] + grid.box[2]) / 2 < right + _GUTTER and grid.box[2] - grid.box[0] < (right - left) * _WIDER:
            return column
    return 0


def _outside(*boxes: tuple[float, float, float, float]) -> Any:
    """What has its middle in none of the boxes: what only touches one stays."""

    def outside(one: Any) -> bool:
        across, down = (one["x0"] + one["x1"]) / 2, (one["top"] + one["bottom"]) / 2
        return not any(left <= across < right and top <= down < bottom for left, top, right, bottom in boxes)

    return outside


def _grids(page: Any) -> Iterator[Grid]:
    """The ruled tables of a page that hold facts in rows."""
    if len(page.lines) + len(page.rects) + len(page.curves) < 4:  # noqa: PLR2004 a table has four edges
        return
    for table in page.find_tables():
        read = [[_GLYPH.sub("•", cell or "") for cell in cells] for cells in table.extract(**LINES)]
        if len(read) < 2 or max(len(cells) for cells in read) < 2 or lays_out(read) or _overlapping(table.cells):  # noqa: PLR2004
            continue
        lines = [(row.bbox[1], row.bbox[3], row_of(cells)) for row, cells in zip(table.rows, read, strict=True)]
        yield Grid(table.bbox, tuple(table.cells), tuple(line for line in lines if line[2].strip()))


def _overlapping(cells: Sequence[tuple[float, float, float, float]]) -> bool:
    """Whether a cell lies over another one, as where only some rules of a table are drawn: its words would be read twice."""
    return any(
        one[0] < other[2] - 1 and other[0] < one[2] - 1 and one[1] < other[3] - 1 and other[1] < one[3] - 1
        for one, other in combinations(cells, 2)
    )


def _parts(page: Any) -> Iterator[tuple[int, Any]]:
    """The page in pieces, in reading order, each with its column: whole lines, and between them the left and then the right column."""
    lines = page.extract_text_lines(return_chars=False, **LINES)
    words = page.extract_words(**LINES)
    gutter = _gutter(words, lines, float(page.width))
    if gutter is None:
        yield 0, page
        return
    bands: list[tuple[bool, float, float]] = []
    for line in lines:
        inside = [word for word in words if word["top"] < line["bottom"] - 1 and word["bottom"] > line["top"] + 1]
        edge = line["top"] < page.height * _PAGE_EDGE or line["bottom"] > page.height * (1 - _PAGE_EDGE)
        whole = edge or any(word["x0"] < gutter < word["x1"] for word in inside) or _touching(inside, gutter)
        if bands and bands[-1][0] == whole:
            bands[-1] = (whole, bands[-1][1], max(bands[-1][2], line["bottom"]))
        else:
            bands.append((whole, line["top"], line["bottom"]))
    for whole, top, bottom in bands:
        for column, (left, right) in enumerate([(0.0, page.width)] if whole else [(0.0, gutter), (gutter, page.width)]):
            box = (left, max(top - 0.5, 0.0), right, min(bottom + 0.5, float(page.height)))
            yield (0 if whole else column + 1), page.filter(_inside(box))


def _inside(box: tuple[float, float, float, float]) -> Any:
    outside = _outside(box)
    return lambda one: not outside(one)


def _touching(words: Sequence[Any], gutter: float) -> bool:
    """Whether a line runs on over the gutter: its words stand as near to each other there as anywhere."""
    left = max((word["x1"] for word in words if word["x1"] <= gutter), default=0.0)
    right = min((word["x0"] for word in words if word["x0"] >= gutter), default=1e9)
    return right - left < _GUTTER


def _gutter(words: Sequence[Any], lines: Sequence[Any], width: float) -> float | None:
    """Where two columns of prose part, or None on a page of one: hardly a line runs across it, and several have words on either side."""
    inside = [[word for word in words if word["top"] < line["bottom"] - 1 and word["bottom"] > line["top"] + 1] for line in lines]
    best: tuple[int, float] = (0, 0.0)
    for place in range(int(width * _MIDDLE[0]), int(width * _MIDDLE[1]), 2):
        beside = across = 0
        for line in inside:
            left = sum(word["x1"] <= place for word in line)
            right = sum(word["x0"] >= place for word in line)
            over = left + right < len(line) or (left > 0 and right > 0 and _touching(line, place))
            across += over
            beside += not over and left >= _WORDS and right >= _WORDS
        if across <= len(lines) * _ACROSS:
            best = max(best, (beside, float(place)))
    return best[1] if best[0] >= _FEWEST else None


def _rows(page: Any, number: int, column: int) -> list[Row]:
    rows = []
    lines = page.extract_text_lines(**LINES)
    widest = max((line["x1"] - line["x0"] for line in lines), default=0.0)
    for line in lines:
        chars = [char for char in line["chars"] if char["text"].strip()]
        text = _in_cells(_GLYPH.sub("•", line["text"]).strip(), chars, wide_line=line["x1"] - line["x0"] > widest * 0.8)
        if not chars or not text:
            continue
        upright = [char for char in chars if char["text"].isalnum()] or chars
        first = next((index for index, char in enumerate(line["chars"]) if not char["text"].strip()), len(line["chars"]))
        word = line["chars"][: max(first, 1)]
        rows.append(
            Row(
                text, number, line["x0"], line["x1"], line["top"], line["bottom"], float(page.height),
                round(median(char["size"] for char in upright), 1),
                all(_BOLD.search(char["fontname"]) for char in upright), word[-1]["x1"] - word[0]["x0"], column,
            )
        )  # fmt: skip
    return rows


def _in_cells(text: str, chars: Sequence[Any], *, wide_line: bool) -> str:
    """The text of a row with a tab where a table's cells lie apart: a gap that is wide, and wider than those between other words."""
    gaps = [(after["x0"] - before["x1"], place) for place, (before, after) in enumerate(pairwise(chars), 1)]
    between = [gap for gap, place in gaps if gap > chars[place]["size"] * 0.18]
    least = min(between, default=0.0)
    if len(between) > 1 and max(between) < least * _EVEN and wide_line:
        return text
    wide = [place for gap, place in gaps if gap > chars[place]["size"] and (gap > least * 2 or least > chars[place]["size"])]
    ends = [found.end() for found in re.finditer(r"\S", text)]
    if not wide or len(ends) != len(chars):
        return text
    pieces = [text[start:end].strip() for start, end in pairwise([0, *(ends[place - 1] for place in wide), len(text)])]
    labelled = bool(readings(f"{pieces[0]} x")) and len(pieces[0].split()) == 1
    return f"{pieces[0]} " + "\t".join(pieces[1:]) if labelled else "\t".join(pieces)
