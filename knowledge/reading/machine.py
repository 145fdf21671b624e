"""Line by line: what each line opens or goes on with."""

import re

from knowledge.reading.draft import Draft, Piece, style_of
from knowledge.reading.headings import Heading, begins, title_like
from knowledge.reading.labels import Label, follows, readings, whole_label
from knowledge.reading.lines import Line, closed, full, is_row, runs_on
from knowledge.reading.lists import Lists
from knowledge.reading.outline import FACT_LINE

_SIGN_OFF = re.compile(r"(?:signed|signature|name|position|role|dated?|print name)\b[^.]{0,30}(?:_{3,}|\.{4,}|…{2,})", re.IGNORECASE)


class Machine(Lists):
    """Reads a document's lines once; ``sections``, ``preamble`` and ``left_out`` hold what was found."""

    def run(self) -> None:
        """Read everything."""
        if self.body_from_start and self.lines:
            self.in_preamble = False
            while self.index < len(self.lines) and self._title_or_fact(self.lines[self.index].text):
                self.preamble.append(self.lines[self.index].text)
                self.index += 1
        while self.index < len(self.lines):
            self._line(self.lines[self.index])
            self.index += 1
        self._close_clause()

    def _title_or_fact(self, text: str) -> bool:
        return bool(FACT_LINE.search(text)) or (self.index == 0 and title_like(text))

    def _line(self, line: Line) -> None:
        if self._in_table(line):
            self._row(line)
        elif not (self._marked(line) or self._worded(line) or self._signed(line) or self._labelled(line)):
            self._plain(line)

    def _in_table(self, line: Line) -> bool:
        """Whether a line belongs to a table, whatever its cells look like; a clause may also have its number in a cell of its own."""
        before, number = self._before(), next((label for label in readings(line.text) if label.kind == "number"), None)
        if not line.cells:
            table = self.in_preamble and before is not None and is_row(before.text)
            return table and number is not None and number.rest.count("\t") >= 1
        if number is None or number.rest.count("\t") or not number.rest or "\t" not in line.text:
            return True
        return not any(follows(track, number.value) for track in (self.last, self.last_clause))

    def _row(self, line: Line) -> None:
        """A table's row goes to the clause that is open; rows one after the other stay together."""
        before = self._before()
        if not self._ready_for_text():
            self.preamble.append(line.text)
            return
        apart = self.draft is None or (self.draft.positional and not (before and before.is_row) and not self._leads())
        self._text_draft(own_clause=apart)
        if self.draft:
            self.draft.add_text(line.text)

    def _signed(self, line: Line) -> bool:
        """A line for a signature or a date is no part of the clause before it."""
        if not self.sections or not _SIGN_OFF.match(line.text):
            return False
        self._close_clause()
        self.left_out.append(line.text)
        return True

    def _labelled(self, line: Line) -> bool:
        labels = readings(line.text)
        number = next((label for label in labels if label.kind == "number"), None)
        if number and self._heading_number(number):
            self._open_section(Heading(number.rest, number.name), line.text, number.value)
            return True
        if self._whole_label(line):
            return True
        if number and (self._lone_heading(number) or self._inner_number(number) or self._clause_number(number, line)):
            return True
        bullet = next((label for label in labels if label.kind == "bullet"), None)
        return self._capital_heading(labels, line) or self._part(labels) or (bullet is not None and self._bullet(bullet, line.indent))

    def _clause_number(self, label: Label, line: Line) -> bool:
        if self._under_its_heading(label):
            return True
        if not self._fits(label, line):
            return False
        self._open_clause(draft := Draft(label.name, label.marker))
        if label.rest:
            draft.add_text(label.rest)
        self.last = self.last_clause = label.value
        self.style = style_of(label)
        return True

    def _whole_label(self, line: Line) -> bool:
        """A part that is written with its clause's number ("4.2.1(a)(ii) Staff sign it"): the clause opens with its first part."""
        label, before = whole_label(line.text), self._before()
        if not label or (before and not line.spaced and not self.fresh and full(before, line, self.width)):
            return False
        number = ".".join(str(piece) for piece in label.value)
        apart = line.spaced or before is None or closed(before.text)
        if self.draft is None or self.draft.number != number:
            begins = (
                apart and label.name.startswith(("a", "i")) and any(follows(track, label.value) for track in (self.last, self.last_clause))
            )
            if not begins:
                return False
            self._open_clause(Draft(number))
            self.last = self.last_clause = label.value
        elif not apart and not label.rest[:1].isupper():
            return False
        if self.draft:
            self.draft.pieces.append(Piece("part", line.text, label.rest, label.name))
        return True

    def _fits(self, label: Label, line: Line) -> bool:
        """Whether a number can be the next clause's here, and is not a year, a page or an amount inside a sentence."""
        before = self._before()
        settled = line.spaced or before is None or closed(before.text) or self.fresh or not full(before, line, self.width)
        tracks = (self.last, self.last_clause)
        exact = any(follows(track, label.value) for track in tracks)
        opens = begins(label.rest) or label.rest.startswith(("[", "*", "£"))
        if label.form == "alone":
            following = self._next()
            return exact and bool(following) and (not label.marker[-1].isdigit() or self._first_use(label))
        if label.form in ("spaced", "glued"):
            return exact and opens and (settled or label.form == "glued")
        if exact:
            return settled or opens
        if "\t" in label.rest:  # a number in the first cell of a table's row
            return False
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

    def _bullet(self, label: Label, indent: int) -> bool:
        if not self._ready_for_text():
            return False
        draft = self.draft
        below = draft is not None and bool(draft.marker) and draft.marker != label.marker and indent > draft.indent
        self._text_draft(own_clause=draft is None or (draft.positional and not below and not self._leads()))
        if self.draft:
            if self.draft.positional and not self.draft.pieces:
                self.draft.marker = label.marker
                self.draft.indent = indent
                self.draft.add_text(label.rest)
            else:
                self.draft.add_bullet(label)
        return True

    def _leads(self) -> bool:
        """Whether the open paragraph leads into a list (or has one already)."""
        draft = self.draft
        if draft is None or not draft.pieces:
            return False
        first, last = draft.pieces[0].text, draft.pieces[-1]
        ended = last.kind == "text" and closed(last.text)
        return first.endswith((":", ",", "-", "–")) or (not draft.marker and not closed(first) and not ended)

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
            row = before is not None and before.is_row
            apart = (listed or not self._leads()) if not row else not line.is_row
            self._text_draft(own_clause=self.draft is None or (self.draft.positional and apart))
            if self.draft:
                self.draft.add_text(line.text)
        else:
            self.preamble.append(line.text)

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
