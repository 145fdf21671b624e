"""Plain text to Policy, for policies in general.

The text is read line by line. A line opens a section (a heading), a clause (a number), a part (a letter, a roman or an inner
number), a bullet, or goes on with what is open. Where the document gives no number, the number is the position: "2.3" is the third
paragraph of the second section in a document without any numbers, and "§2.3" in a document that numbers other clauses, so that it
cannot be taken for one of the document's own. Text under a numbered heading carries the heading's number.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from knowledge.clauses import Clause, Policy, Section, number_key
from knowledge.reading.facts import facts_of
from knowledge.reading.furniture import without_furniture
from knowledge.reading.lines import lines_of
from knowledge.reading.machine import Machine

_NAMED = re.compile(
    r"\b(?:clauses?|paragraphs?|paras?\.?|points?|sections?|see(?:\s+also)?)\s+"
    r"((?:\(?\d{1,3}(?:\.\d{1,3})*(?:\s?\(?[a-z]\)?(?![a-z]))?\)?(?:\s*(?:,|and|or|&|to|[-–])\s*)?)+)",
    re.IGNORECASE,
)
_ONE = re.compile(r"\d{1,3}(?:\.\d{1,3})*(?:\s?\(?[a-z]\)?(?![a-z]))?", re.IGNORECASE)


def parse(text: str, name: str = "policy") -> Policy:
    """Split a policy's text into sections and clauses; ``name`` is what the policy is called in the clause base.

    Any text gives a policy; a text without a single clause gives one with no sections.
    """
    kept, left_out = without_furniture(text)
    machine = Machine(lines_of(kept))
    machine.run()
    if not any(section.clauses for section in machine.sections):
        machine = Machine(lines_of(kept), body_from_start=True)
        machine.run()
    sections = _numbered_by_position(machine.sections)
    sections = _with_references(sections)
    preamble = "\n".join(machine.preamble)
    facts = facts_of(preamble, next((section.title for section in sections if section.title), ""))
    return Policy(
        name=name, title=facts.title or name, school=facts.school, origin=facts.origin, reviewed=facts.reviewed,
        ratified=facts.ratified, review_due=facts.review_due, sections=sections, preamble=preamble, text=text,
        hash=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), left_out=(*left_out, *machine.left_out),
    )  # fmt: skip


def _numbered_by_position(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Numbers for the clauses that have none of their own (see the head of this file)."""
    own = any(not clause.positional for section in sections for clause in section.clauses)
    mark = "§" if own else ""
    done = []
    for order, section in enumerate(sections, 1):
        place = 0
        clauses: list[Clause] = []
        for clause in section.clauses:
            if clause.positional:
                place += 1
                clauses.append(replace(clause, number=f"{mark}{order}.{place}"))
            else:
                clauses.append(clause)
        done.append(replace(section, clauses=tuple(clauses)))
    return tuple(done)


def _with_references(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Each clause with the numbers of the other clauses that it names; numbers that the policy does not have are left."""
    known = {number_key(clause.number): clause.number for section in sections for clause in section.clauses}
    return tuple(
        replace(section, clauses=tuple(replace(clause, references=_references(clause, known)) for clause in section.clauses))
        for section in sections
    )


def _references(clause: Clause, known: dict[str, str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for named in _NAMED.finditer(clause.text):
        for one in _ONE.findall(named.group(1)):
            key = number_key(one)
            whole = re.sub(r"[a-z]+$", "", key)
            if key in known and key != number_key(clause.number):
                found[known[key]] = None
            elif whole in known and whole != number_key(clause.number):
                found[key] = None
    return tuple(found)
