"""The numbers that Word draws before paragraphs. They are nowhere in the text: they are counted from numbering.xml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

_ROMAN = [
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"),
    (4, "iv"), (1, "i"),
]  # fmt: skip
BULLET = "•"


@dataclass
class Level:
    """How one level of a list is counted and drawn."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    legal: bool = False
    restart: int | None = None


@dataclass
class _List:
    abstract: str
    levels: dict[int, Level]
    starts: dict[int, int] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)


class Numbering:
    """Counts a document's lists; call ``label`` once for each paragraph, in order."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._styles: dict[str, Any] = styles_by_id(styles)
        self._abstract: dict[str, Any] = {}
        self._numbers: dict[str, Any] = {}
        if numbering is not None:
            self._abstract = {one.get(qn("w:abstractNumId")): one for one in numbering.findall(qn("w:abstractNum"))}
            self._numbers = {one.get(qn("w:numId")): one for one in numbering.findall(qn("w:num"))}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}

    def label(self, paragraph: Any) -> str:
        """The number or bullet that Word draws before a paragraph; empty where it draws none."""
        number, depth = self._place(paragraph)
        found = self._list(number) if number and number != "0" else None
        if found is None or depth not in found.levels:
            return ""
        level = found.levels[depth]
        if level.form == "bullet":
            return BULLET
        counts = self._count(found, depth)
        return "" if level.form == "none" and "%" not in level.text else _drawn(level, found.levels, counts)

    def _count(self, found: _List, depth: int) -> Mapping[int, int]:
        counts = self._counts.setdefault(found.abstract, {})
        if depth in found.starts and depth not in found.begun:
            found.begun.add(depth)
            counts[depth] = found.starts[depth]
        elif depth in counts:
            counts[depth] += 1
        else:
            counts[depth] = found.levels[depth].start
        for above in range(depth):
            if above not in counts:
                counts[above] = found.starts.get(above, found.levels[above].start if above in found.levels else 1)
        for below in [below for below in counts if below > depth]:
            restart = found.levels[below].restart if below in found.levels else None
            if restart is None or (restart and depth < restart):
                del counts[below]
        return counts

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """The list's id and the level: from the paragraph itself, else from its style or a style that this one is based on."""
        own = _number_properties(paragraph.find(qn("w:pPr")))
        style_id = _value(paragraph.find(qn("w:pPr")), "w:pStyle")
        number, depth, styled = own[0], own[1], ""
        seen: set[str] = set()
        while number is None and style_id and style_id not in seen and style_id in self._styles:
            seen.add(style_id)
            style = self._styles[style_id]
            from_style = _number_properties(style.find(qn("w:pPr")))
            number = from_style[0]
            depth = depth if depth is not None else from_style[1]
            styled = style_id
            style_id = _value(style, "w:basedOn")
        if number and styled and own[1] is None:
            depth = self._level_of_style(number, styled, depth)
        return number or "", depth or 0

    def _level_of_style(self, number: str, style: str, depth: int | None) -> int | None:
        """A list may name, level by level, the styles that it numbers."""
        abstract = self._abstract.get(_value(self._numbers.get(number), "w:abstractNumId") or "")
        if abstract is not None:
            for level in abstract.findall(qn("w:lvl")):
                if _value(level, "w:pStyle") == style:
                    return int(level.get(qn("w:ilvl")))
        return depth

    def _list(self, number: str) -> _List | None:
        if number in self._lists:
            return self._lists[number]
        element = self._numbers.get(number)
        if element is None:
            return None
        abstract_id = _value(element, "w:abstractNumId") or ""
        abstract = self._abstract.get(abstract_id)
        if abstract is None:
            return None
        if (link := _value(abstract, "w:numStyleLink")) and link in self._styles:
            linked = _number_properties(self._styles[link].find(qn("w:pPr")))[0]
            if linked and linked != number and (real := self._list(linked)):
                abstract_id, levels = real.abstract, dict(real.levels)
            else:
                levels = {}
        else:
            levels = {int(one.get(qn("w:ilvl"))): _level(one) for one in abstract.findall(qn("w:lvl"))}
        found = _List(abstract_id, levels)
        for override in element.findall(qn("w:lvlOverride")):
            depth = int(override.get(qn("w:ilvl")))
            if (whole := override.find(qn("w:lvl"))) is not None:
                found.levels[depth] = _level(whole)
            if (start := _value(override, "w:startOverride")) is not None:
                found.starts[depth] = int(start)
        self._lists[number] = found
        return found


def styles_by_id(styles: Any) -> dict[str, Any]:
    """The styles of a document (of its styles.xml, which may be missing)."""
    return {} if styles is None else {style.get(qn("w:styleId")): style for style in styles.iter(qn("w:style"))}


def _drawn(level: Level, levels: Mapping[int, Level], counts: Mapping[int, int]) -> str:
    def one(match: re.Match[str]) -> str:
        depth = int(match.group(1)) - 1
        form = levels[depth].form if depth in levels else "decimal"
        return formatted(counts.get(depth, 1), "decimal" if level.legal and form != "none" else form)

    return re.sub(r"%([1-9])", one, level.text).strip()


def formatted(number: int, form: str) -> str:
    """A count as Word writes it in one of its number formats."""
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else ""
        return letter if form == "lowerLetter" else letter.upper()
    if form in ("lowerRoman", "upperRoman"):
        roman = ""
        for value, letters in _ROMAN:
            roman, number = roman + letters * (number // value), number % value
        return roman if form == "lowerRoman" else roman.upper()
    if form == "none":
        return ""
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _level(element: Any) -> Level:
    restart = _value(element, "w:lvlRestart")
    legal = element.find(qn("w:isLgl"))
    return Level(
        start=int(_value(element, "w:start") or 1),
        form=_value(element, "w:numFmt") or "decimal",
        text=_value(element, "w:lvlText") or "",
        legal=legal is not None and legal.get(qn("w:val")) not in ("0", "false"),
        restart=int(restart) if restart is not None else None,
    )


def _number_properties(properties: Any) -> tuple[str | None, int | None]:
    found = properties.find(qn("w:numPr")) if properties is not None else None
    depth = _value(found, "w:ilvl")
    return _value(found, "w:numId"), int(depth) if depth is not None else None


def _value(element: Any, tag: str) -> str | None:
    found = element.find(qn(tag)) if element is not None else None
    return str(found.get(qn("w:val"))) if found is not None and found.get(qn("w:val")) is not None else None
