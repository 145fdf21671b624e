"""Questions that name a clause or a section outright: "clause 28", "22d", "section on images"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from knowledge.clauses import Clause, Policy, Section
from knowledge.language import STOP, stem, tokens

NAMED: Final = re.compile(
    r"\b(?:clauses?|cl|paragraphs?|paras?|points?|rules?|numbers?|no|nr|items?|sections?|sect|parts?)\b\.?\s*"
    r"(?:numbers?\s+|no\.?\s+|#\s*)?(\d{1,3}(?:\.\d{1,3})*)\s*\(?\s*([a-z])?\b\)?",
    re.IGNORECASE,
)
CLAUSE_WORD: Final = re.compile(
    r"\b(?:clauses?|paragraphs?|paras?)\b\.?\s*(?:numbers?\s+|no\.?\s+|#\s*)?(\d{1,3})\s*\(?([a-z]?)\b\)?", re.IGNORECASE
)
LETTERED_ALONE: Final = re.compile(r"(\d{1,3})\s*\(?([a-z])\)?", re.IGNORECASE)
LETTERED: Final = re.compile(r"(?<![\w.])(\d{1,3})\s*\(?([a-z])\)?(?![\w])", re.IGNORECASE)
ALONE: Final = re.compile(r"#?(\d{1,3}(?:\.\d{1,3})*)\s*\(?([a-z])?\)?", re.IGNORECASE)
MORE: Final = re.compile(r"(?:,|\band\b|&|\bor\b)\s*(\d{1,3})\b")
BETWEEN: Final = re.compile(r"\s*(?:,|&|\+|\band\b|\bor\b|\bplus\b)+\s*", re.IGNORECASE)
FILLER: Final = frozenset(
    """what whats does do did say says said saying mean means read reads show shows me see give gives tell quote quotes text wording words
    full please pls can could would you i we let look up at want need like to the of in is are about on for this that policy document
    again exactly word by remind us it us and bit out hi hello thanks thank copy print find get open go paste bring whole entire actual
    content contents
    state states stating cover covers covered covering explain describe have has got there any s clause paragraph para number point
    section part heading chapter rules rule""".split()
)
WHOLE_TOPIC: Final = re.compile(
    r"\b(?:sections?|headings?|chapters?)\b|\bpolicy says?\b|\bpolicy say\b|\bpart (?:on|about)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Reference:
    """What was named: clauses, or a whole section; ``absent``: a number that the policy does not have ("clause 99", "22k")."""

    clauses: tuple[Clause, ...]
    section: Section | None = None
    absent: str = ""


def named(question: str, policy: Policy) -> Reference | None:
    """What the question asks to see, where it asks for nothing else; None for a real question."""
    clauses, absent = mentioned(question, policy), _absent(question, policy)
    if clauses or absent:
        rest = LETTERED.sub(" ", NAMED.sub(" ", question))
        rest = re.sub(r"\b\d+[a-z]?\b", " ", rest)
        return Reference(clauses, absent=absent) if not content(rest) else None
    section = section_named(question, policy)
    return Reference(section.clauses, section) if section else None


def mentioned(question: str, policy: Policy) -> tuple[Clause, ...]:
    """The clauses whose numbers stand in the question, in order, each once."""
    numbers: list[str] = []
    alone = [ALONE.fullmatch(part) for part in BETWEEN.split(question.strip(" \t\n?!.,;:"))]
    pairs = [part.groups() for part in alone if part] if all(alone) else [*NAMED.findall(question), *LETTERED.findall(question)]
    if NAMED.search(question):
        pairs += [(more, "") for more in MORE.findall(question)]
    for number, letter in pairs:
        for wanted in (f"{number}{letter or ''}".lower(), number):
            if policy.find(wanted) is not None:
                numbers.append(wanted)
                break
    found = [policy.clause(number) for number in dict.fromkeys(numbers)]
    exact = {clause.number for clause in found}
    return tuple(
        clause for clause in found if not any(other != clause.number and other.rstrip("abcdefghij") == clause.number for other in exact)
    )


def _absent(question: str, policy: Policy) -> str:
    """A number that is asked for as a clause's and is none; empty where each is one."""
    bare = LETTERED_ALONE.fullmatch(question.strip(" \t\n?!.,;:"))
    pairs = [bare.groups()] if bare else CLAUSE_WORD.findall(question)
    pairs += [(more, "") for more in MORE.findall(question)] if pairs else []
    return next((number + letter.lower() for number, letter in pairs if policy.find(number + letter.lower()) is None), "")


def content(text: str) -> frozenset[str]:
    """The stems of the words that say something, once the words of asking to see it are gone."""
    return frozenset(stem(word) for word in tokens(text) if word not in FILLER and word not in STOP)


def section_named(question: str, policy: Policy) -> Section | None:
    """The section whose heading the question asks for; None where it fits no heading, or two alike."""
    if not WHOLE_TOPIC.search(question) and not _is_heading(question, policy):
        return None
    wanted = content(question)
    if not wanted:
        return None
    fits: list[tuple[float, Section]] = []
    for section in policy.sections:
        title = frozenset(stem(word) for word in tokens(section.title) if word not in STOP)
        shared = wanted & title
        if shared and wanted <= title:
            fits.append((len(shared) / len(title), section))
    fits.sort(key=lambda fit: -fit[0])
    if not fits or (len(fits) > 1 and fits[0][0] == fits[1][0]):
        return None
    return fits[0][1]


def _is_heading(question: str, policy: Policy) -> bool:
    asked = [stem(word) for word in tokens(question)]
    return any(asked == [stem(word) for word in tokens(section.title)] for section in policy.sections)
