"""Lists inside a clause, and clauses that are counted with letters: what a letter, a roman or an inner number opens or goes on with."""

from knowledge.clauses import Section
from knowledge.reading.draft import Draft, style_of
from knowledge.reading.labels import Label
from knowledge.reading.outline import Outline


class Lists(Outline):
    """The outline, with everything that has to do with the parts of a clause."""

    def _open_clause(self, draft: Draft) -> None:
        self._close_clause()
        if not self.sections:
            self.sections.append(Section(""))
        self.in_preamble = False
        self.draft = draft
        self.fresh = False

    def _ready_for_text(self) -> bool:
        """Whether text may become a clause here; the first time in a document without headings, a nameless section opens."""
        if self.in_preamble:
            return False
        if not self.sections:
            self.sections.append(Section(""))
        return True

    def _under_its_heading(self, label: Label) -> bool:
        """A list "1.", "2." straight under a heading such as "3.1": parts of the heading's clause."""
        section = self.sections[-1] if self.sections else None
        if not section or section.clauses or self.draft or "." not in section.number or label.value != (1,) or not label.rest:
            return False
        self._open_clause(Draft(section.number))
        if self.draft:
            self.draft.add_part(label, 0)
        return True

    def _inner_number(self, label: Label) -> bool:
        """A numbered list inside a clause: it begins again at 1 after a lead, or is written in another style."""
        draft = self.draft
        if draft is None or len(label.value) != 1 or not label.rest or label.form not in ("strong", "bracket") or "\t" in label.rest:
            return False
        for depth in range(len(draft.levels) - 1, -1, -1):
            level = draft.levels[depth]
            if level.kind == "number" and level.style == style_of(label) and label.value[0] == level.value + 1:
                draft.add_part(label, depth)
                return True
        if label.value != (1,) or (self.last_clause is None and not draft.levels):
            return False
        other_style = self.last_clause is not None and (style_of(label) != self.style or len(self.last_clause) > 1)
        begins = other_style or draft.last_text.endswith(":")
        if begins:
            draft.add_part(label, len(draft.levels))
        return begins

    def _part(self, labels: list[Label]) -> bool:
        lettered = [label for label in labels if label.kind in ("letter", "roman", "capital", "numeral")]
        if not lettered or (self.draft is None and not self._ready_for_text()):
            return False
        first = next((label for label in lettered if label.value == (1,)), None)
        sibling = next((label for label in lettered if (label.kind, style_of(label), label.value[0] - 1) == self.lettered), None)
        draft = self.draft
        if draft is None:
            chosen = sibling or first
            return chosen is not None and self._lettered_clause(chosen)
        if self._next_part(draft, lettered):
            return True
        if sibling and draft.number == self.lettered_number:
            return self._lettered_clause(sibling)
        if first is not None:
            alike = (depth for depth, level in enumerate(draft.levels) if (level.kind, level.style) == (first.kind, style_of(first)))
            draft.add_part(first, next(alike, len(draft.levels)))
        return first is not None

    def _next_part(self, draft: Draft, lettered: list[Label]) -> bool:
        """Whether a label goes on with one of the open lists, the innermost first."""
        for depth in range(len(draft.levels) - 1, -1, -1):
            level = draft.levels[depth]
            for label in lettered:
                if (label.kind, style_of(label), label.value[0]) == (level.kind, level.style, level.value + 1):
                    draft.add_part(label, depth)
                    return True
        return False

    def _lettered_clause(self, label: Label) -> bool:
        """Letters straight under a heading: parts of the heading's clause where it has a number, else clauses themselves."""
        section = self.sections[-1]
        self._close_clause()
        counted = (
            self.worded and label.kind != "letter" and label.form == "strong"
        )  # "Section 4" counts sections, and "I." the clauses in it
        if section.number and not section.clauses and not counted:
            self.draft = Draft(section.number)
            self.draft.add_part(label, 0)
        else:
            self.draft = Draft(label.name, label.marker)
            self.draft.add_text(label.rest)
            self.lettered = (label.kind, style_of(label), label.value[0])
            self.lettered_number = label.name
        self.fresh = False
        return True
