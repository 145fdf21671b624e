"""PDF files: lines back to paragraphs, without running headers, footers and page numbers, words broken by hyphens joined.

The page's geometry decides: a line that reaches the right margin goes on in the next one; a wider gap begins a paragraph; what stands
at the same height of the margin on page after page is the page's own.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise, product
from pathlib import Path
from statistics import median

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from knowledge.reading.errors import DocumentError
from knowledge.reading.furniture import page_number, says_page
from knowledge.reading.headings import counted_title, title_like
from knowledge.reading.labels import readings
from knowledge.reading.lines import ROW, broken_word
from knowledge.reading.pages import Row, rows_of

_LEAST_LETTERS = 20
_WORD = r"[^\W\d_]+"  # in any language
_MARGIN = 0.13  # the part of a page's height, above and below, in which running headers stand
_EDGE = 0.09  # the part in which a number alone is a page's
_CLEAR = 0.6  # the least gap between a running header and the body, in letter heights
_SAME_HEIGHT = 6.0
_MOST_NUMBERS = 5  # in a running header
_LARGER = 1.12
_MOST_HEADING_WORDS = 20


def read_pdf(path: Path) -> tuple[str, dict[str, str]]:
    """The text of a PDF, a blank line after each paragraph, headings marked. Raises DocumentError where it has none."""
    logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it speaks of every small fault in a font
    try:
        with pdfplumber.open(path) as pdf:
            rows = [row for number, page in enumerate(pdf.pages) for row in rows_of(page, number)]
            metadata = {str(key).lower(): str(value) for key, value in pdf.metadata.items() if value}
            pages = len(pdf.pages)
    except DocumentError:
        raise
    except PdfminerException as error:
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in error.args):
            raise DocumentError(f"{path.name} is protected by a password: save it without one.") from error
        raise DocumentError(f"{path.name} is damaged: save it again from the program that made it.") from error
    except Exception as error:  # whatever a broken file provokes inside the PDF library
        raise DocumentError(f"{path.name} is damaged: save it again from the program that made it.") from error
    if sum(character.isalpha() for row in rows for character in row.text) < _LEAST_LETTERS:
        raise DocumentError(f"{path.name} has no text, only pictures of pages: run text recognition (OCR) on it or find the Word file.")
    body, left_out = _body(rows, pages)
    if left_out:
        metadata["left_out"] = "\n".join(left_out)
    return "\n".join(_paragraphs(body)), metadata


def _body(rows: Sequence[Row], pages: int) -> tuple[list[Row], list[str]]:
    """The rows without what belongs to the page, and the texts that were left out."""
    seen: dict[tuple[str, int], set[int]] = {}
    for row in rows:
        if _marginal(row):
            for shape in _shapes(row):
                for step in (-1, 0, 1):
                    seen.setdefault((shape, round(row.top / _SAME_HEIGHT) + step), set()).add(row.page)
    least = 2 if pages <= 4 else max(3, pages // 3)  # noqa: PLR2004

    def of_page(row: Row) -> bool:
        height = round(row.top / _SAME_HEIGHT)
        repeated = _marginal(row) and any(len(seen[shape, height]) >= least for shape in _shapes(row))
        at_edge = row.top < row.height * _EDGE or row.bottom > row.height * (1 - _EDGE)
        return repeated or (at_edge and (page_number(row.text) or any(says_page(cell) for cell in row.text.split("\t"))))

    kept: list[Row] = []
    out: dict[str, None] = {}
    for number in range(pages):
        page = [row for row in rows if row.page == number]
        head = _edge_rows(page, of_page)
        foot = _edge_rows(page[head:][::-1], of_page)
        kept += page[head : len(page) - foot]
        out.update(dict.fromkeys(row.text for row in [*page[:head], *page[len(page) - foot :]]))
    return kept, list(out)


def _edge_rows(page: Sequence[Row], of_page: Callable[[Row], bool]) -> int:
    """How many rows from a page's edge inwards are the page's own: the last of them stands clear of the body."""
    count = 0
    while count < len(page) and of_page(page[count]):
        count += 1
    while 0 < count < len(page) and _apart(page[count - 1], page[count]) < page[count - 1].size * _CLEAR:
        count -= 1
    return count


def _apart(one: Row, other: Row) -> float:
    return max(other.top - one.bottom, one.top - other.bottom)


def _shapes(row: Row) -> list[str]:
    """What a running header is recognised by on other pages: its words, each number as it stands or counting with the pages.

    "Appendix 1" and "Appendix 2" count with the pages too where each has a page, and are headings.
    """
    words, numbers = re.split(r"\d+", row.text), [int(number) for number in re.findall(r"\d+", row.text)]
    if not 0 < len(numbers) <= _MOST_NUMBERS or counted_title(row.text):
        return [row.text]
    ways = product(*((str(number), f"#{number - row.page}") for number in numbers))
    return ["".join(piece for pair in zip(words, (*way, ""), strict=True) for piece in pair) for way in ways]


def _marginal(row: Row) -> bool:
    return row.top < row.height * _MARGIN or row.bottom > row.height * (1 - _MARGIN)


def _paragraphs(rows: Sequence[Row]) -> list[str]:
    """Rows to paragraphs, each followed by a blank line."""
    if not rows:
        return []
    size = Counter[float]()
    for row in rows:
        size[row.size] += len(row.text)
    body = size.most_common(1)[0][0]
    bold_share = sum(len(row.text) for row in rows if row.bold) / sum(len(row.text) for row in rows)
    margins = {column: _margin([row.right for row in rows if row.column == column]) for column in {row.column for row in rows}}
    gaps = [after.top - before.bottom for before, after in pairwise(rows) if after.page == before.page and after.top > before.top]
    usual = median(gaps) if gaps else 0.0
    words = Counter(word.lower() for row in rows for word in re.findall(rf"{_WORD}(?:-{_WORD})*", row.text))

    def loud(row: Row) -> bool:
        return (row.bold and bold_share < 0.5) or row.size > body * _LARGER  # noqa: PLR2004

    lines: list[str] = []
    heading = False
    for index, row in enumerate(rows):
        before = rows[index - 1] if index else None
        if before and _goes_on(
            before, row, margins[before.column], min(usual, body * 0.5), same=loud(before) == loud(row) and before.size == row.size
        ):
            lines[-1] = _joined(lines[-1], row.text, words)
            continue
        _mark(lines, heading=heading)
        lines.extend(["", row.text] if lines else [row.text])
        heading = loud(row)
    _mark(lines, heading=heading)
    return lines


def _margin(rights: list[float]) -> float:
    return sorted(rights)[int(len(rights) * 0.97)]


def _mark(lines: list[str], *, heading: bool) -> None:
    """Mark the last paragraph as a heading where it is printed as one and reads like one."""
    if not heading or not lines:
        return
    text = lines[-1]
    labels = [label for label in readings(text) if label.kind in ("number", "capital") and label.rest]
    if len(text.split()) <= _MOST_HEADING_WORDS and title_like(labels[0].rest if labels else text):
        lines[-1] = f"## {text}"


def _goes_on(before: Row, row: Row, margin: float, usual: float, *, same: bool) -> bool:
    """Whether a row is the next line of the paragraph that the row before it belongs to."""
    if not same or "\t" in before.text or "\t" in row.text or ROW in (before.text[:1], row.text[:1]):
        return False
    labels = readings(row.text)
    if labels and any(label.kind == "bullet" or label.form in ("strong", "bracket", "alone") for label in labels):
        outdented = row.left < before.left + 1 or not row.text[:1].islower()
        if outdented:
            return False
    if row.page == before.page and row.top - before.bottom > usual + row.size * 0.45:
        return False
    space = before.size * 0.3
    return before.right + space + row.first_word > margin or (before.right > margin * 0.8 and row.text[:1].islower())


def _joined(text: str, after: str, words: Counter[str]) -> str:
    """Two lines as one; a hyphen at the end is kept where the word is written with one, or is known to be two."""
    found = re.search(rf"({_WORD}(?:-{_WORD})*)[-\u2010\u00ad]$", text)
    tail = re.match(_WORD, after)
    if not found or not tail or not broken_word(text, after):
        return f"{text} {after}"
    whole, hyphened = (found.group(1) + tail.group()).lower(), f"{found.group(1)}-{tail.group()}".lower()
    soft = text.endswith("\u00ad")
    keep = not soft and (words[hyphened] > words[whole] or "-" in found.group(1) or _is_prefix(found.group(1), words, tail.group()))
    return f"{text if keep else text[:-1]}{after}"


def _is_prefix(head: str, words: Counter[str], tail: str) -> bool:
    """Whether "self-" or "e-" is meant: a word that stands before hyphens, and a rest that is a word of its own."""
    return head.lower() in {"self", "non", "co", "e", "pre", "ex", "anti", "cyber", "full", "part", "well", "on", "off", "face", "up"} and (
        words[tail] > 0 or len(tail) > 3  # noqa: PLR2004
    )
