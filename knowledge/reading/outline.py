"""The outline of a document while it is read: which lines are headings, and the section that is open."""

import re
from dataclasses import replace

from knowledge.clauses import Section
from knowledge.reading.draft import Draft
from knowledge.reading.headings import (
    MOST_NUMBERED_WORDS,
    Heading,
    begins,
    marked_heading,
    numbered_title_like,
    stopped_title,
    title_like,
    unnumbered,
    well_known,
    worded_heading,
)
from knowledge.reading.labels import Label, follows, readings
from knowledge.reading.lines import Line, closed, wrap_width

_SENTENCE_WORDS = 8
_SHORT_SENTENCE = 4
FACT_LINE = re.compile(
    r"\t|:\s*\S|\b(19|20)\d\d\b|^(approved|ratified|reviewed|adopted|date|version|author|owner|next review|signed)\b", re.IGNORECASE
)
_TITLE_PAGE = re.compile(r"\b(policy|policies|school|academy|college|nursery|trust|guidelines|handbook|code of conduct)\b", re.IGNORECASE)


class Outline:
    """Where the reading stands, and everything that has to do with headings."""

    def __init__(self, lines: list[Line], *, body_from_start: bool = False) -> None:
        self.lines = lines
        self.width = wrap_width(lines)
        self.sections: list[Section] = []
        self.preamble: list[str] = []
        self.left_out: list[str] = []
        self.in_preamble = True
        self.body_from_start = body_from_start
        self.draft: Draft | None = None
        self.last: tuple[int, ...] | None = None  # the last number of any kind
        self.last_clause: tuple[int, ...] | None = None
        self.last_heading: tuple[int, ...] | None = None
        self.capitals: dict[str, int] = {}  # where headings "A." or "I." have got to
        self.lettered: tuple[str, str, int] = ("", "", 0)  # the last clause that is numbered with a letter or a roman
        self.lettered_number = ""
        self.style = ""
        self.worded = False  # whether the open section's number is of the form "Section 4"
        self.lone = False  # whether the document has headings whose number stands alone on the line before
        self.fresh = True  # no clause since the last heading
        self.index = 0

    def _next(self, after: int = 1) -> Line | None:
        place = self.index + after
        return self.lines[place] if place < len(self.lines) else None

    def _before(self) -> Line | None:
        return self.lines[self.index - 1] if self.index else None

    def _marked(self, line: Line) -> bool:
        marked = marked_heading(line.text)
        if not marked:
            return False
        title, number = unnumbered(marked[1])
        if number and not title_like(title) and closed(title):
            return False
        if self.in_preamble and not number and not self._first_marked(replace(line, text=title)):
            self.preamble.append(line.text)
            return True
        worded = worded_heading(marked[1])
        heading = replace(worded, marked=True) if worded else Heading(title, number, marked=True)
        heading, text = self._with_its_title(heading, line) if worded else (heading, line.text)
        self._open_section(replace(heading, title=heading.title or marked[1]), text, _value(heading.number))
        return True

    def _with_its_title(self, heading: Heading, line: Line) -> tuple[Heading, str]:
        """A heading such as "Appendix A", with its title where that stands on the next line."""
        following = self._next()
        plain = re.sub(r"^#+\s*|\*\*", "", line.text).strip()
        untitled = not heading.title or (heading.appended and len(plain.split()) <= 2 and not plain.endswith("s"))  # noqa: PLR2004
        if not untitled or not following or following.is_row:
            return heading, line.text
        marked = marked_heading(following.text)
        title = marked[1] if marked else following.text
        if not title_like(title) or readings(title) or worded_heading(title) or title.endswith(":"):
            return heading, line.text
        self.index += 1
        return replace(heading, title=f"{heading.title}: {title}" if heading.title else title), f"{line.text}\n{following.text}"

    def _first_marked(self, line: Line) -> bool:
        """Whether a line that the document marks as a heading is the first heading, and not a line of the title page."""
        following = self._next()
        if following is None or well_known(line.text) or worded_heading(line.text):
            return following is not None
        if marked_heading(following.text) and self.index:
            return not _TITLE_PAGE.search(line.text)
        return self._begins_body(line, following, readings(following.text))

    def _worded(self, line: Line) -> bool:
        heading = worded_heading(line.text)
        before = self._before()
        apart = line.spaced or before is None or closed(before.text) or (self.draft is None and not self.in_preamble)
        if not heading or not apart:
            return False
        heading, text = self._with_its_title(heading, line)
        self._open_section(replace(heading, title=heading.title or line.text), text, _value(heading.number))
        return True

    def _open_section(self, heading: Heading, text: str, value: tuple[int, ...] | None) -> None:
        self._close_clause()
        self.in_preamble = False
        self.sections.append(Section(heading.title, (), heading.number, text))
        self.fresh = True
        self.worded = heading.worded
        self.last_heading = value or self.last_heading
        self.last = value or self.last
        if heading.appended:
            self.last = self.last_clause = self.last_heading = None

    def _heading_number(self, label: Label, after: int = 0) -> bool:
        """Whether a numbered line is a heading: it reads like a title, and what follows belongs under it."""
        following = self._next(after + 1)
        loud = label.rest.isupper() and len(label.rest.split()) <= MOST_NUMBERED_WORDS and not closed(label.rest)
        if not following or not (loud or title_like(label.rest)) or label.form not in ("strong", "spaced", "glued"):
            return False
        if not any(follows(track, label.value, 2) for track in (self.last, self.last_clause, self.last_heading)) and label.value != (1,):
            return False
        number = next((other for other in readings(following.text) if other.kind == "number"), None)
        stem = label.value[:-1] if label.value[-1] == 0 else label.value  # "1.0 Introduction" heads 1.1
        if number and number.value[: len(stem)] == stem and len(number.value) > len(stem) and number.value != label.value:
            return True
        return numbered_title_like(label.rest) and self._heads(label, following, number, after)

    def _lone_heading(self, label: Label) -> bool:
        """Whether a number alone on its line is a heading's: a title comes next, and after it the first number under this one."""
        title, under = self._next(), self._next(2)
        if label.form != "alone" or not title or not under or readings(title.text) or not numbered_title_like(title.text):
            return False
        if label.value != (1,) and not any(follows(track, label.value, 2) for track in (self.last, self.last_clause, self.last_heading)):
            return False
        first = any(other.kind == "number" and other.value in ((*label.value, 0), (*label.value, 1)) for other in readings(under.text))
        if not first and not (self.lone and self.last_heading and follows(self.last_heading, label.value)):
            return False
        self.lone = True
        text = f"{self.lines[self.index].text}\n{title.text}"
        self.index += 1
        self._open_section(Heading(title.text, label.name), text, label.value)
        return True

    def _heads(self, label: Label, following: Line, number: Label | None, after: int) -> bool:
        """Whether what follows a numbered title stands under it, and is not the next clause or the rest of a sentence."""
        if number:
            apart = self.last_clause is not None and not follows(self.last_clause, label.value)  # counted apart from clauses
            return number.value == (1,) or (apart and follows(self.last_clause, number.value))
        if inner := readings(following.text):
            sentences = inner[0].rest[:1].isupper() and closed(inner[0].rest) and not inner[0].rest.endswith((";", ":"))
            return sentences and not label.rest.endswith(":")
        filled = bool(self.width) and not following.spaced and len(self.lines[self.index + after].text) > self.width * 0.75
        return not filled and not marked_heading(following.text) and begins(following.text)

    def _capital_heading(self, labels: list[Label], line: Line) -> bool:
        """Whether a line such as "A. Introduction" or "IV. Monitoring" is a heading: its count goes on, and it is not a list's item."""
        following = self._next()
        for label in labels:
            if label.kind not in ("capital", "numeral") or label.form != "strong" or not label.rest or not following:
                continue
            goes_on = label.value[0] == self.capitals.get(label.kind, 0) + 1
            after = [one for one in readings(following.text) if one.kind == label.kind and one.value[0] == label.value[0] + 1]
            if goes_on and not after and title_like(label.rest):
                self.capitals[label.kind] = label.value[0]
                self._open_section(Heading(label.rest, label.name), line.text, None)
                return True
        return False

    def _is_heading(self, line: Line, *, strict: bool = False) -> bool:
        """Whether a plain line is a heading: a title, set off from what is before it, with something under it."""
        following = self._next()
        before = self._before()
        if following is None or not self._title(line, following):
            return False
        inner = readings(following.text)
        if not inner and following.text[:1].islower():  # the line is the beginning of a sentence
            return False
        if strict and not (inner and before and closed(before.text)):
            return False
        if self.in_preamble:
            return self._begins_body(line, following, inner)
        return self._set_off(line, before) and self._has_under_it(line, following, inner)

    def _set_off(self, line: Line, before: Line | None) -> bool:
        if before is None or line.spaced:
            return True
        ended = self.fresh or closed(before.text) or bool(readings(before.text))
        return ended and not before.text.endswith(":")

    def _has_under_it(self, line: Line, following: Line, inner: list[Label]) -> bool:
        if inner:
            amount = inner[0].form == "spaced" and not begins(inner[0].rest)  # "This policy is reviewed every / 3 years"
            return not amount and (inner[0].kind != "bullet" or not line.text.endswith(":"))
        return following.spaced or len(following.text.split()) > len(line.text.split())

    def _title(self, line: Line, following: Line) -> bool:
        if title_like(line.text):
            return True
        number = next((label for label in readings(following.text) if label.kind == "number"), None)
        set_off = line.spaced and following.spaced and not self.fresh
        return set_off and stopped_title(line.text) and number is not None and not self._heading_number(number, after=1)

    def _begins_body(self, line: Line, following: Line, inner: list[Label]) -> bool:
        """Whether a title is the first heading, and not one more line of the title page."""
        if well_known(line.text):
            return True
        titled = not inner or _TITLE_PAGE.search(line.text)
        if (self.index == 0 and titled) or FACT_LINE.search(line.text) or marked_heading(following.text) or worded_heading(following.text):
            return False
        if inner:
            number = next((label for label in inner if label.kind == "number"), None)
            if number and self._heading_number(number, after=1):
                return False
            return inner[0].kind == "bullet" or inner[0].value[-1] in (0, 1)
        beyond = self._next(2)
        if title_like(following.text) and beyond and readings(beyond.text):
            return line.spaced and following.spaced and not _TITLE_PAGE.search(line.text)
        words = len(following.text.split())
        sentence = words >= _SENTENCE_WORDS or (words >= _SHORT_SENTENCE and closed(following.text))
        whole = words >= _SENTENCE_WORDS and closed(following.text)  # "In 2020 the school decided …" is no line of facts
        return sentence and (whole or not FACT_LINE.search(following.text[:40]))

    def _close_clause(self) -> None:
        if self.draft is None:
            return
        section = self.sections[-1]
        clause = self.draft.finish(section.title)
        self.sections[-1] = replace(section, clauses=(*section.clauses, clause))
        self.draft = None


def _value(number: str) -> tuple[int, ...] | None:
    return tuple(int(piece) for piece in number.split(".")) if re.fullmatch(r"\d+(\.\d+)*", number) else None
