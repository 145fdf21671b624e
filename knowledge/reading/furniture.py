"""What belongs to the page and not to the policy: running headers and footers, page numbers, the list of contents."""

import re
from collections import Counter

from knowledge.reading.headings import counted_title
from knowledge.reading.labels import readings

_PAGE = re.compile(r"[-–—\s|]*(?:page|p\.|pg\.?)\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?[-–—\s|.]*$", re.IGNORECASE)
_DASHED = re.compile(r"[-–—|]\s*\d{1,3}\s*[-–—|]$")
_COUNTED = re.compile(r"\d{1,3}\s*(?:of|/)\s*\d{1,3}$")
_CONTENTS = re.compile(r"#*\s*\**(?:table of\s+)?(?:contents?|index)(?: page| list)?:?\**\s*$", re.IGNORECASE)
_LEADERS = re.compile(r"\s*(?:\.{3,}|…+|_{3,}|(?:\.\s){3,}|\t)\s*\d{1,3}\s*$")
_COLUMNS = re.compile(r"(?:section|heading|item|title|topic|clause)?\s*(?:title)?\s*page(?: no\.?| number)?$", re.IGNORECASE)
_LAST_NUMBER = re.compile(r"\s+\d{1,3}\s*$")
_LINK = re.compile(r"\[([^\]]+)\]\(#[^)]*\)")
_UNDERLINE = re.compile(r"[-=~*]{4,}")
_LEAST_REPEATS = 3
_MOST_HEADER_WORDS = 16


def page_number(text: str) -> bool:
    """Whether a line is nothing but a page's number."""
    text = text.strip()
    return bool(_PAGE.match(text) or _DASHED.match(text) or _COUNTED.match(text) or re.fullmatch(r"\d{1,3}", text))


def without_furniture(text: str) -> tuple[list[str], list[str]]:
    """The lines of the body, and the lines that were left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    out = _page_lines(lines) | _contents(lines)
    kept = ["" if place in out else line.replace("\f", "") for place, line in enumerate(lines)]
    kept = _closed_up(lines, kept, out)
    return kept, [lines[place].strip() for place in sorted(out) if lines[place].strip()]


def _closed_up(lines: list[str], kept: list[str], out: set[int]) -> list[str]:
    """Without the gap that a page's end leaves in the middle of a paragraph."""
    done: list[str] = []
    place = 0
    while place < len(kept):
        gap = place
        while gap < len(kept) and not kept[gap].strip():
            gap += 1
        torn = any(other in out and not _CONTENTS.match(lines[other].strip()) for other in range(place, gap))
        if not (torn and done and done[-1].strip() and gap < len(kept) and not re.search(r"[.!?:;]$", done[-1].strip())):
            done.extend(kept[place:gap])
        if gap < len(kept):
            done.append(kept[gap])
        place = gap + 1
    return done


def _page_lines(lines: list[str]) -> set[int]:
    """Page numbers that say so, and the lines that stand beside them (or beside a form feed) again and again."""
    filled = [place for place, line in enumerate(lines) if line.strip("\f \t")]
    order = {place: rank for rank, place in enumerate(filled)}
    shapes = Counter(_shape(lines[place]) for place in filled)
    marks = {place for place in filled if says_page(lines[place])}
    ends = {place for place in filled if "\f" in lines[place]}
    ends |= {place for place, line in enumerate(lines) if "\f" in line}
    out = {place for place in marks if len(readings(lines[place])) == 0 or not _DASHED.match(lines[place].strip())}
    for place in filled:
        shape = _shape(lines[place])
        short = len(lines[place].split()) <= _MOST_HEADER_WORDS
        if shapes[shape] >= 2 and short and re.search(r"\bpage\s*#", shape):  # noqa: PLR2004
            out.add(place)
        elif shapes[shape] >= _LEAST_REPEATS and short and not shape.startswith("#"):
            rank = order[place]
            beside = {filled[other] for other in range(max(rank - 2, 0), min(rank + 3, len(filled)))}
            if beside & marks or any(abs(place - end) <= 3 for end in ends):  # noqa: PLR2004
                out.add(place)
    out |= _counted(lines, filled, shapes)
    out |= {place for place in filled if _UNDERLINE.fullmatch(lines[place].strip())}
    for end in ends:  # a number alone beside a form feed is a page's
        for place in range(max(end - 2, 0), min(end + 3, len(lines))):
            if re.fullmatch(r"\d{1,3}", lines[place].strip("\f \t")):
                out.add(place)
    return out


def _counted(lines: list[str], filled: list[int], shapes: Counter[str]) -> set[int]:
    """Lines that come again and again beside a number alone which goes up by one each time: a footer and its page number."""
    out: set[int] = set()
    for shape, count in shapes.items():
        if count < _LEAST_REPEATS or not 2 <= len(shape.split()) <= _MOST_HEADER_WORDS or shape.endswith((".", ";", ":")):  # noqa: PLR2004
            continue
        ranks = [rank for rank, place in enumerate(filled) if _shape(lines[place]) == shape]
        for side in (1, -1):
            beside = [rank + side for rank in ranks if 0 <= rank + side < len(filled)]
            numbers = [rank for rank in beside if re.fullmatch(r"\d{1,3}", lines[filled[rank]].strip("\f \t"))]
            values = [int(lines[filled[rank]]) for rank in numbers]
            if len(values) >= _LEAST_REPEATS and values == list(range(values[0], values[0] + len(values))):
                out |= {filled[rank] for rank in numbers} | {filled[rank - side] for rank in numbers}
    return out


def says_page(line: str) -> bool:
    """Whether a line says that it is a page's number ("Page 3", "- 3 -", "3 of 12")."""
    text = line.strip("\f \t")
    return bool(_PAGE.match(text) or _DASHED.match(text)) or bool(re.fullmatch(r"\d{1,3}\s*of\s*\d{1,3}", text, re.IGNORECASE))


def _shape(line: str) -> str:
    if counted_title(line.strip("\f \t")):  # "Appendix 1" and "Appendix 2" are two headings
        return line.strip("\f \t").casefold()
    return re.sub(r"\d+", "#", line.strip("\f \t")).casefold()


def _bare(line: str) -> str:
    """A heading's words alone, as its entry in a list of contents and the heading itself share them."""
    text = _LINK.sub(r"\1", line.strip().lstrip("#").strip())
    text = _LEADERS.sub("", text).strip().strip("*").strip()
    labels = [label for label in readings(text) if label.rest]
    return re.sub(r"\W+", " ", labels[0].rest if labels else text).casefold().strip()


def _contents(lines: list[str]) -> set[int]:
    """The lines of a list of contents: after its heading, or lines with leaders to a page number."""
    out = {place for place, line in enumerate(lines) if re.search(r"(?:\.{4,}|…{2,}|(?:\.\s){4,})\s*\d{1,3}\s*$", line.strip())}
    later = Counter(_bare(line) for line in lines if line.strip())
    for start, line in enumerate(lines):
        if not _CONTENTS.match(line.strip()):
            continue
        entries = _entries(lines, start + 1, later)
        if entries:
            out |= {start, *entries}
    return out


def _entries(lines: list[str], start: int, later: Counter[str]) -> set[int]:
    entries: set[int] = set()
    seen: set[str] = set()
    for place in range(start, len(lines)):
        text = lines[place].strip()
        if not text or (not entries and _COLUMNS.match(text)):
            continue
        bare, short = _bare(text), _bare(_LAST_NUMBER.sub("", text))
        leaders = bool(_LEADERS.search(text))
        if not leaders and (bare in seen or short in seen):
            break
        known = later[bare] > 1 or later[short] > 0 if short != bare else later[bare] > 1
        if not (leaders or known) or not bare:
            if re.fullmatch(r"\d{1,3}", text) or (page_number(text)):
                entries.add(place)
                continue
            break
        entries.add(place)
        seen |= {bare, short}
    return entries
