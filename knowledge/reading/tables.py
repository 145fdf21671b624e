"""Tables: whether one holds facts in rows, or is only the way in which the whole text is laid out."""

from collections.abc import Sequence
from itertools import pairwise

from knowledge.reading.labels import readings

_MOST_WORDS = 150  # in a row; what has more is prose in a frame
_LONG_COUNT = 6
_SHORT = 8


def prose(cells: Sequence[Sequence[str]]) -> bool:
    """Whether a row has a heading in its first cell and a paragraph or a numbered line beside it."""
    lines = [line for cell in cells[1:] for line in cell]
    return not readings(cells[0][0] + " x") and any(len(line.split()) > _SHORT or readings(line) for line in lines)


def lays_out(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table's cells hold the document's own clauses, to be read one after the other.

    So it is where cells are long, where they hold numbers such as "2.1" at the beginning of lines, or where a count goes on through
    the rows for long. Else what looks like a number in a cell is the cell's alone ("1. Reports to governors").
    """
    counted: list[int] = []
    for cells in rows:
        if sum(len(cell.split()) for cell in cells) > _MOST_WORDS:
            return True
        for line in (line for cell in cells for line in cell.split("\n")):
            number = next((label for label in readings(line) if label.kind == "number" and label.rest), None)
            if number and len(number.value) > 1:
                return True
            if number and number.form in ("strong", "bracket"):
                counted.append(number.value[0])
    return len(counted) >= _LONG_COUNT and all(after == before + 1 for before, after in pairwise(counted))
