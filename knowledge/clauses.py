"""The values a policy is made of: Policy, Section, Clause, Part.

A clause keeps its words exactly as the document has them; nothing here changes a word. ``knowledge.parsing.parse`` builds these
values from plain text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from knowledge.reading.facts import standing


@dataclass(frozen=True, slots=True)
class Part:
    """A lettered (or roman, or inner numbered) part of a clause: ``label`` "d", ``text`` without the label.

    A part inside a part is labelled with both: "a(ii)".
    """

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a policy.

    ``text`` is verbatim, parts and bullets included, one a line; only the clause's own number is taken off the front (it is
    in ``marker`` as the document writes it, "28."). ``lead`` is the text before the first part or bullet. ``references`` are
    the numbers of other clauses that the text names. ``emphasis`` holds strongly emphasised runs without their markers.
    ``positional`` says that the document gives no number and that ``number`` was counted by position.
    """

    number: str
    section: str
    text: str
    lead: str
    parts: tuple[Part, ...] = ()
    bullets: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    emphasis: tuple[str, ...] = ()
    marker: str = ""
    positional: bool = False

    def part(self, label: str) -> Part | None:
        """The part with this label ("d", "a(ii)"), or None."""
        wanted = number_key(label)
        return next((part for part in self.parts if number_key(part.label) == wanted), None)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the clauses under it. ``title`` is the heading without its number, ``heading`` the line as it stands."""

    title: str
    clauses: tuple[Clause, ...] = ()
    number: str = ""
    heading: str = ""


@dataclass(frozen=True)
class Policy:
    """A whole policy document, split, with the facts that it states about itself.

    ``preamble`` is everything before the first heading, the title included. ``left_out`` lists what belongs to the page and not
    to the policy (running headers, page numbers, a list of contents). ``hash`` is the SHA-256 of ``text``.
    """

    name: str
    title: str
    school: str
    origin: str
    reviewed: date | None
    ratified: date | None
    review_due: str
    sections: tuple[Section, ...]
    preamble: str
    text: str = field(repr=False)
    hash: str
    left_out: tuple[str, ...] = ()

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses in the document's order."""
        return tuple(clause for section in self.sections for clause in section.clauses)

    @cached_property
    def _index(self) -> dict[str, Clause]:
        """Every quotable number to its quote. A number that the document repeats means its first use."""
        index: dict[str, Clause] = {}
        for clause in self.clauses:
            index.setdefault(number_key(clause.number), clause)
        for clause in self.clauses:
            for quote in _quotes_of_parts(clause):
                index.setdefault(number_key(quote.number), quote)
        return index

    def clause(self, number: str) -> Clause:
        """The clause "28", or the lettered part "22d" as a quote of its own. Raises KeyError where the policy has none."""
        found = self.find(number)
        if found is None:
            raise KeyError(f"The policy has no clause {number}.")
        return found

    def find(self, number: str) -> Clause | None:
        """Like ``clause``, but None where the policy has no such clause."""
        return self._index.get(number_key(number))

    def standing(self, today: date) -> str:
        """What may be said of the policy's age on a day: "ratified 17 November 2020; review was due 2022/23"."""
        return standing(self.ratified, self.reviewed, self.review_due, today)

    def rebuilt(self) -> str:
        """The document put back together from its pieces; equal to ``text`` but for white space and ``left_out``."""
        pieces = [self.preamble]
        for section in self.sections:
            pieces.append(section.heading)
            pieces.extend(f"{clause.marker} {clause.text}" for clause in section.clauses)
        return "\n".join(pieces)


def number_key(number: str) -> str:
    """One spelling for the ways of writing a clause number: "22 (d)", "22d.", "22D" are all "22d"."""
    return re.sub(r"[\s()\[\]]", "", number).rstrip(".:").casefold()


def _quotes_of_parts(clause: Clause) -> Iterator[Clause]:
    """A clause-like quote for each part; a part with parts inside it is quoted with them."""
    for part in clause.parts:
        inner = [other for other in clause.parts if other.label.startswith(f"{part.label}(")]
        lines = [part.text, *(f"({other.label.rsplit('(', 1)[1]} {other.text}" for other in inner)]
        yield Clause(
            number=f"{clause.number}{part.label}" if part.label[:1].isalpha() else f"{clause.number}({part.label})",
            section=clause.section,
            text="\n".join(lines),
            lead=part.text,
            references=clause.references,
        )
