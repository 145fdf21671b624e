"""Line by line: what each line opens or goes on with."""

import re
from dataclasses import replace

from knowledge.clauses import Section
from knowledge.reading.draft import Draft, style_of
from knowledge.reading.headings import Heading, marked_heading, numbered_title_like, title_like, unnumbered, well_known, worded_heading
from knowledge.reading.labels import Label, follows, readings
from knowledge.reading.lines import Line, closed, full, runs_on, wrap_width

_SENTENCE_WORDS = 8
_SHORT_SENTENCE = 4
_FACT_LINE = re.compile(
    r"\t|:\s*\S|\b(19|20)\d\d\b|^(approved|ratified|reviewed|adopted|date|version|author|owner|next review|signed)\b", re.IGNORECASE
)
_TITLE_PAGE = re.compile(r"\b(policy|policies|school|academy|college|nursery|trust|guidelines|handbook|code of conduct)\b", re.IGNORECASE)


class Machine:
    """Reads a document's lines once; ``sections`` and ``preamble`` hold what was found."""

    def __init__(self, lines: list[Line], *, body_from_start: bool = False) -> None:
        self.lines = lines
        self.width = wrap_width(lines)
        self.sections: list[Section] = []
        self.preamble: list[str] = []
        self.in_preamble = True
        self.body_from_start = body_from_start
        self.draft: Draft | None = None
        self.last: tuple[int, ...] | None = None  # the last number of any kind
        self.last_clause: tuple[int, ...] | None = None
        self.last_heading: tuple[int, ...] | None = None
        self.capitals: dict[str, int] = {}  # where headings "A." or "I." have got to
        self.style = ""
        self.fresh = True  # no clause since the last heading
        self.index = 0

    def run(self) -> None:
        """Read everything."""
        if self.body_from_start and self.lines:
            self.in_preamble = False
            while self.index < len(self.lines) and (self.index == 0 or _FACT_LINE.search(self.lines[self.index].text)):
                self.preamble.append(self.lines[self.index].text)
                self.index += 1
        while self.index < len(self.lines):
            self._line(self.lines[self.index])
            self.index += 1
        self._close_clause()

    # -- one line

    def _line(self, line: Line) -> None:
        if self._marked(line) or self._worded(line):
            return
        labels = readings(line.text)
        number = next((label for label in labels if label.kind == "number"), None)
        if number:
            if self._heading_number(number):
                return self._open_section(Heading(number.rest, number.name), line.text, number.value)
            if self._inner_number(number, line) or self._clause_number(number, line):
                return None
        if self._capital_heading(labels, line) or self._part(labels):
            return None
        bullet = next((label for label in labels if label.kind == "bullet"), None)
        if bullet and self._bullet(bullet):
            return None
        return self._plain(line)

    def _next(self, after: int = 1) -> Line | None:
        place = self.index + after
        return self.lines[place] if place < len(self.lines) else None

    def _before(self) -> Line | None:
        return self.lines[self.index - 1] if self.index else None

    # -- headings

    def _marked(self, line: Line) -> bool:
        marked = marked_heading(line.text)
        if not marked:
            return False
        title, number = unnumbered(marked[1])
        if number and not title_like(title) and closed(title):
            return False
        if self.index == 0 and not number and not well_known(title):
            self.preamble.append(line.text)
            return True
        worded = worded_heading(marked[1])
        heading = replace(worded, marked=True) if worded else Heading(title, number, marked=True)
        self._open_section(heading, line.text, _value(heading.number))
        return True

    def _worded(self, line: Line) -> bool:
        heading = worded_heading(line.text)
        before = self._before()
        if not heading or not (line.spaced or before is None or closed(before.text)):
            return False
        text = line.text
        following = self._next()
        if not heading.title and following and title_like(following.text) and not readings(following.text):
            heading = replace(heading, title=following.text)
            text = f"{line.text}\n{following.text}"
            self.index += 1
        self._open_section(replace(heading, title=heading.title or line.text), text, _value(heading.number))
        return True

    def _open_section(self, heading: Heading, text: str, value: tuple[int, ...] | None) -> None:
        self._close_clause()
        self.in_preamble = False
        self._empty_heading_is_a_clause(value)
        self.sections.append(Section(heading.title, (), heading.number, text))
        self.fresh = True
        self.last_heading = value or self.last_heading
        self.last = value or self.last
        if heading.appended:
            self.last = self.last_clause = self.last_heading = None

    def _empty_heading_is_a_clause(self, value: tuple[int, ...] | None) -> None:
        """Kept for sections without a clause: a numbered line that nothing came to stand under was a short clause."""

    def _heading_number(self, label: Label, after: int = 0) -> bool:
        """Whether a numbered line is a heading: it reads like a title, and what follows belongs under it."""
        following = self._next(after + 1)
        if not label.rest or not following or not numbered_title_like(label.rest) or label.form not in ("strong", "spaced", "glued"):
            return False
        if not any(follows(track, label.value, 2) for track in (self.last, self.last_clause, self.last_heading)) and label.value != (1,):
            return False
        inner = readings(following.text)
        number = next((other for other in inner if other.kind == "number"), None)
        if number:
            if number.value[: len(label.value)] == label.value and len(number.value) > len(label.value):
                return True
            if self.last_clause and not follows(self.last_clause, label.value):
                return follows(self.last_clause, number.value) or number.value == (1,)  # clauses are counted apart from headings
            return number.value == (1,) or (number.value[-1] == 1 and len(number.value) > len(label.value))
        if inner:
            sentences = inner[0].rest[:1].isupper() and closed(inner[0].rest) and not inner[0].rest.endswith((";", ":"))
            return sentences and not label.rest.endswith(":")
        if marked_heading(following.text) or not re.match(r"[A-Z\"'“‘]", following.text):
            return False
        wrapped = bool(self.width) and not following.spaced and len(self.lines[self.index + after].text) > self.width * 0.75
        return not wrapped

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

    # -- clauses and what is in them

    def _clause_number(self, label: Label, line: Line) -> bool:
        if not self._fits(label, line):
            return False
        self._close_clause()
        if not self.sections:
            self.sections.append(Section(""))
        self.in_preamble = False
        self.draft = Draft(label.name, label.marker)
        if label.rest:
            self.draft.add_text(label.rest)
        self.last = self.last_clause = label.value
        self.style = style_of(label)
        self.fresh = False
        return True

    def _fits(self, label: Label, line: Line) -> bool:
        """Whether a number can be the next clause's here, and is not a year, a page or an amount inside a sentence."""
        before = self._before()
        settled = line.spaced or before is None or closed(before.text) or self.fresh or not full(before, line, self.width)
        tracks = (self.last, self.last_clause)
        exact = any(follows(track, label.value) for track in tracks)
        opens = bool(re.match(r"[A-Z0-9“‘\"'(\[*£]", label.rest))
        if label.form == "alone":
            following = self._next()
            return exact and bool(following) and (not label.marker[-1].isdigit() or self._first_use(label))
        if label.form in ("spaced", "glued"):
            return exact and opens and (settled or label.form == "glued")
        if exact:
            return settled or opens
        near = any(follows(track, label.value, 3) for track in tracks)
        restart = label.value[-1] == 1 and len(label.value) <= 2  # noqa: PLR2004
        return opens and settled and (near or restart or (self.fresh and label.value[0] < 200))  # noqa: PLR2004

    def _first_use(self, label: Label) -> bool:
        """A number alone on its line is the clause's own unless the same number comes again before the one after it."""
        after = (*label.value[:-1], label.value[-1] + 1)
        for line in self.lines[self.index + 1 :]:
            for other in readings(line.text):
                if other.kind == "number" and other.value in (label.value, after) and not other.rest[:1].islower():
                    return other.value == after
        return True

    def _inner_number(self, label: Label, line: Line) -> bool:
        """A numbered list inside a clause: it begins again at 1 after a lead, or is written in another style."""
        draft = self.draft
        if draft is None or len(label.value) != 1 or not label.rest or label.form not in ("strong", "bracket"):
            return False
        for depth in range(len(draft.levels) - 1, -1, -1):
            level = draft.levels[depth]
            if level.kind == "number" and level.style == style_of(label) and label.value[0] == level.value + 1:
                draft.add_part(label, depth)
                return True
        if label.value != (1,) or self.last_clause is None:
            return False
        other_style = style_of(label) != self.style or len(self.last_clause) > 1
        if not (other_style or draft.last_text.endswith(":")) or line.indent < 0:
            return False
        draft.add_part(label, len(draft.levels))
        return True

    def _part(self, labels: list[Label]) -> bool:
        lettered = [label for label in labels if label.kind in ("letter", "roman", "capital", "numeral")]
        if not lettered:
            return False
        if self.draft is None and not self._ready_for_text():
            return False
        draft = self.draft
        if draft is None:
            first = next((label for label in lettered if label.value == (1,)), None)
            if first is None:
                return False
            return self._lettered_clause(first)
        for depth in range(len(draft.levels) - 1, -1, -1):
            level = draft.levels[depth]
            for label in lettered:
                if label.kind == level.kind and style_of(label) == level.style and label.value[0] == level.value + 1:
                    draft.add_part(label, depth)
                    return True
        if draft.number.isalpha() and draft.levels == [] and (ahead := self._sibling_letter(lettered)):
            return self._lettered_clause(ahead)
        first = next((label for label in lettered if label.value == (1,)), None)
        if first is None:
            return False
        same = next((depth for depth, level in enumerate(draft.levels) if level.kind == first.kind and level.style == style_of(first)), None)
        draft.add_part(first, len(draft.levels) if same is None else same)
        return True

    def _sibling_letter(self, lettered: list[Label]) -> Label | None:
        assert self.draft is not None  # noqa: S101 - the caller has looked
        return next((one for one in lettered if one.kind == "letter" and one.value[0] == ord(self.draft.number) - 95), None)

    def _lettered_clause(self, label: Label) -> bool:
        """Letters straight under a heading: parts of the heading's clause where it has a number, else clauses themselves."""
        section = self.sections[-1]
        self._close_clause()
        if section.number and not section.clauses:
            self.draft = Draft(section.number)
            self.draft.add_part(label, 0)
        else:
            self.draft = Draft(label.name, label.marker)
            self.draft.add_text(label.rest)
        self.fresh = False
        return True

    def _bullet(self, label: Label) -> bool:
        if not self._ready_for_text():
            return False
        self._text_draft(own_clause=self.draft is None or (self.draft.positional and not self._leads()))
        if self.draft:
            if self.draft.positional and not self.draft.pieces:
                self.draft.marker = label.marker
                self.draft.add_text(label.rest)
            else:
                self.draft.add_bullet(label)
        return True

    def _leads(self) -> bool:
        """Whether the open paragraph leads into a list (or has one already)."""
        draft = self.draft
        if draft is None or not draft.pieces:
            return False
        first = draft.pieces[0].text
        return first.endswith((":", ",", "-", "–")) or (not draft.marker and not closed(first))

    # -- plain text

    def _plain(self, line: Line) -> None:
        before = self._before()
        if self.draft and self.draft.pieces and before and runs_on(before, line, self.width) and not self._is_heading(line, strict=True):
            self.draft.pieces[-1].go_on(line.text)
        elif self.draft and not self.draft.pieces:
            self.draft.add_text(line.text)
        elif self._is_heading(line):
            self._open_section(Heading(line.text), line.text, None)
        elif self._ready_for_text():
            listed = self.draft is not None and self.draft.pieces[-1].kind != "text"
            self._text_draft(own_clause=self.draft is None or (self.draft.positional and (listed or not self._leads())))
            if self.draft:
                self.draft.add_text(line.text)
        else:
            self.preamble.append(line.text)

    def _ready_for_text(self) -> bool:
        """Whether text may become a clause here; the first time in a document without headings, a nameless section opens."""
        if self.in_preamble:
            return False
        if not self.sections:
            self.sections.append(Section(""))
        return True

    def _text_draft(self, *, own_clause: bool) -> None:
        """Make sure that a clause is open for text that has no number of its own."""
        if not own_clause:
            return
        section = self.sections[-1]
        self._close_clause()
        if section.number and not section.clauses:
            self.draft = Draft(section.number)
        else:
            self.draft = Draft("", positional=True)
        self.fresh = False

    def _is_heading(self, line: Line, *, strict: bool = False) -> bool:
        """Whether a plain line is a heading: a title, set off from what is before it, with something under it."""
        following = self._next()
        before = self._before()
        if following is None or not self._title(line, following):
            return False
        inner = readings(following.text)
        if strict and not (inner and before and closed(before.text)):
            return False
        if before and not line.spaced and not (self.fresh or closed(before.text) or self.in_preamble or readings(before.text)):
            return False
        if self.in_preamble:
            return self._begins_body(line, following, inner)
        if before and before.text.endswith(":") and not line.spaced:
            return False
        if inner and inner[0].kind == "bullet" and line.text.endswith(":"):
            return False
        return bool(inner) or following.spaced or len(following.text.split()) > len(line.text.split())

    def _title(self, line: Line, following: Line) -> bool:
        if title_like(line.text):
            return True
        stopped = line.text.endswith(".") and len(line.text.split()) <= 10 and line.spaced and following.spaced  # noqa: PLR2004
        return stopped and bool(readings(following.text)) and title_like(line.text.rstrip("."))

    def _begins_body(self, line: Line, following: Line, inner: list[Label]) -> bool:
        """Whether a title is the first heading, and not one more line of the title page."""
        if well_known(line.text):
            return True
        if self.index == 0 or _FACT_LINE.search(line.text) or marked_heading(following.text) or worded_heading(following.text):
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
        return sentence and not _FACT_LINE.search(following.text[:40])

    def _close_clause(self) -> None:
        if self.draft is None:
            return
        section = self.sections[-1]
        clause = self.draft.finish(section.title)
        self.sections[-1] = replace(section, clauses=(*section.clauses, clause))
        self.draft = None


def _value(number: str) -> tuple[int, ...] | None:
    return tuple(int(piece) for piece in number.split(".")) if re.fullmatch(r"\d+(\.\d+)*", number) else None
