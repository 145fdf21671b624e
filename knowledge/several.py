"""Several things in one message: "is LinkedIn fine, and who checks the website", "can I use my own phone? I have lost the iPad"."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from knowledge.answer import Answer
from knowledge.assault import KIND as ASSAULT
from knowledge.assault import tells_of_assault
from knowledge.concerns import Disclosure, Triage
from knowledge.guidance_files import CONCERNS, IMAGES
from knowledge.language import sentences
from knowledge.matcher import Floats
from knowledge.triage_forms import is_question
from knowledge.triage_rules import told as told_by_rule

PARTED: Final = re.compile(
    r"(?<=[?!.;])\s+|\n+|\s*[,;]?\s+(?:and|but|also|plus)(?:\s+also)?\s+"
    r"(?=(?:can|could|may|must|should|shall|do|does|am|are|is|will|would|who|whom|what|when|where|which|how)\s)",
    re.IGNORECASE,
)
_OPENS: Final = r"can|could|may|might|should|shall|must|do|does|did|am|are|is|will|would|what|what's|who|whom|how|where|when|which"
BESIDE: Final = re.compile(
    r"(?<=[?!.;:])\s+|\n+|\s*,?\s+(?:and|but|also|plus|because|since|cos|coz)(?:\s+also)?\s+(?=\S+\s+\S+\s+\S+\s+\S)|"
    rf",\s+(?=(?:{_OPENS})\s)|"
    r"\s+(?=(?:(?:who|what|how|where|when|so) )?(?:can|could|may|should|shall|must|do|am|will|is|are) "
    r"(?:i|we|it|that|this|there|they|staff)\b)",
    re.IGNORECASE,
)
SUPPOSED: Final = re.compile(r"\b(?:if|suppos(?:e|ing)|imagine|hypothetical(?:ly)?|in theory|in case|what would|what happens when)\b")
HEARD: Final = 0.9  # of a part by itself: from it on it counts, though the whole says less
HEARD_IMAGE: Final = 0.95  # "a pupil sends me GIFs" is below it; where rules hear an image it is above
HEARD_SENTENCE: Final = 0.6  # of a whole sentence that tells of more than misuse, beside one that asks
EMPTY: Final = re.compile(r"\b(?:is|would|will)(?:n't)? it (?=(?:be )?(?:\w+ )?(?:to|for|if|when)\b)", re.IGNORECASE)  # "is it ok to"
LEANS: Final = re.compile(r"\b(?:it|its|this|that|these|those|they|them|their|he|she|him|her|his|there|then|so|one|ones)\b", re.IGNORECASE)
PLEA: Final = re.compile(
    r"\W*(?:and |but |so )?(?:who|whom|what|where) (?:do|should|can|could|must|would) i (?:\w+)(?: to)?(?: now| first| next)?\W*",
    re.IGNORECASE,
)
LONGEST: Final = 60  # words of a message; what is longer is a story
FEWEST: Final = 4  # words of a question that stands by itself
MOST: Final = 3  # questions that are answered
SURE: Final = 0.6  # how likely the clause of each must be


def asked_in(text: str) -> list[str]:
    """The questions of a message that stand by themselves, in order; none where there are not several.

    A part that leans on another ("and is that allowed?") is none: it belongs to what it leans on.
    """
    asked = [part for part in _questions(text) if len(part.split()) >= FEWEST and not _leans(part)]
    return asked if len(asked) > 1 else []


def as_one(question: str, answer: Answer) -> Answer:
    """An answer to all of a message: where that asks several things, "can I accept it? should I tell?", no bare "No" stands over both."""
    several = len([part for part in _questions(question) if len(part.split()) >= FEWEST - 1]) > 1
    return replace(answer, show_verdict=False) if several and answer.verdict in {"yes", "no"} else answer


def _questions(text: str) -> list[str]:
    parts = [part.strip(" ,") for part in PARTED.split(text) if part] if len(text.split()) <= LONGEST else []
    return [part for part in parts if is_question(part.lower())]


def _leans(part: str) -> bool:
    return LEANS.search(EMPTY.sub("", part)) is not None or PLEA.fullmatch(part) is not None


def beside_a_question(text: str) -> list[str]:
    """The parts of a message that asks, each to be heard by itself: what is told beside a question is drowned by it else.

    What is only supposed ("what if a parent …"), and what is joined to that, is none.
    """
    parts = [part for part in (one.strip(" ,") for one in BESIDE.split(text) if one) if part]
    lower = [part.lower().replace("’", "'") for part in parts]
    if len(parts) < 2 or len(text.split()) > LONGEST or not any(map(is_question, lower)):  # noqa: PLR2004
        return []
    told = [
        part
        for at, part in enumerate(parts)
        if not is_question(lower[at]) and not any(map(SUPPOSED.search, lower[max(0, at - 1) : at + 1]))
    ]
    return [part for part in told if len(part.split()) >= FEWEST - 1][: MOST * 2]


def heard_in_all(triage: Triage, message: str, vector: Floats | None, about: Callable[[str], tuple[str, ...]]) -> Disclosure | None:
    """What the message discloses, as a whole or in a part beside a question: what is graver and surer there, clause 71 before all.

    ``about``: whom a message is about. Whom the whole is about, and whom its parts are, are kept from it alike.
    """
    whole = triage(message, vector)
    if whole is not None and whole.kind == IMAGES:
        return whole
    told = frozenset(one.strip(" ,") for one in sentences(message) if not is_question(one.lower()))
    beside = filter(triage.may_tell, beside_a_question(message))
    parts = [one for part in beside if (one := triage(part, None)) and _is_heard(one, part, sentence=part in told)]
    if tells_of_assault(message):
        parts.append(Disclosure(ASSAULT, confidence=1.0))
    best = max(parts, key=lambda one: CONCERNS.index(one.kind), default=None)
    if best is None or (whole and _keeps(whole, best)):
        return whole
    subjects = dict.fromkeys((*about(message), *(role for one in parts for role in one.subject_roles)))
    return replace(best, subject_roles=tuple(subjects), life=best.life or bool(whole and whole.life))


def _is_heard(part: Disclosure, words: str, *, sentence: bool) -> bool:
    if sentence and part.kind not in {"misuse", IMAGES}:
        return part.confidence >= HEARD_SENTENCE or part.kind in told_by_rule(words)
    return part.confidence >= (HEARD_IMAGE if part.kind == IMAGES else HEARD)


def _keeps(whole: Disclosure, best: Disclosure) -> bool:
    graver = CONCERNS.index(best.kind) > CONCERNS.index(whole.kind)
    return not graver or (best.kind != IMAGES and best.confidence <= whole.confidence)


def all_of(question: str, whole: Answer, parts: Sequence[Answer], alone: Collection[str] = (), about: Sequence[str] = ()) -> Answer:
    """The answer to a message from those to its ``parts``, in their order: the one that ``whole`` gives too leads.

    Where not two of the parts have an answer of their own that is likely enough it is ``whole``, which tells what else was asked.
    What a part by itself discloses is heard, and kept from all whom the message is ``about``. ``alone``: clauses beside which nothing is
    answered (71), lest advice to keep evidence stand there.
    """
    disclosed = max((one.disclosure for one in parts if one.disclosure), key=lambda one: CONCERNS.index(one.kind), default=None)
    if disclosed:
        subjects = dict.fromkeys((*about, *(role for one in parts if one.disclosure for role in one.disclosure.subject_roles)))
        return replace(whole, disclosure=replace(disclosed, subject_roles=tuple(subjects)))
    if first := next((one for one in (whole, *parts) if one.clauses and one.clauses[0].number in alone), None):
        rest = tuple(one.question for one in parts if one is not first and one.ranked[:1] != first.ranked[:1])
        return replace(first, question=question, part=first.question if first is not whole and rest else "", rest=rest)
    found = {(one.entry_id, one.kind): one for one in parts if one.kind in {"guidance", "not_covered"} and one.confidence >= SURE}
    rest = tuple(one.question for one in parts if one.entry_id != whole.entry_id and one not in found.values())
    if len(found) < 2:  # noqa: PLR2004
        other = tuple(one.question for one in found.values() if one.entry_id != whole.entry_id)
        return replace(whole, rest=tuple(part for part in (one.question for one in parts) if part in (*rest, *other)))
    own = list(found.values())
    lead = max(own, key=lambda one: (one.entry_id == whole.entry_id, one.ranked[:1] == whole.ranked[:1]))
    others = tuple(replace(one, part=one.question) for one in own if one is not lead)
    return replace(lead, question=question, part=lead.question, also=others, rest=rest)
