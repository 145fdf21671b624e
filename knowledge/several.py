"""Several questions in one message: "is LinkedIn fine, and who checks the photos on the website"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from knowledge.answer import Answer
from knowledge.triage_forms import is_question

PARTED: Final = re.compile(
    r"(?<=[?!.;])\s+|\n+|\s*[,;]?\s+(?:and|but|also|plus)(?:\s+also)?\s+"
    r"(?=(?:can|could|may|must|should|shall|do|does|am|are|is|will|would|who|whom|what|when|where|which|how)\s)",
    re.IGNORECASE,
)
LEANS: Final = re.compile(r"\b(?:it|its|this|that|these|those|they|them|their|he|she|him|her|his|there|then|so|one|ones)\b", re.IGNORECASE)
LONGEST: Final = 60  # words of a message; what is longer is a story
FEWEST: Final = 4  # words of a question that stands by itself
MOST: Final = 3  # questions that are answered
SURE: Final = 0.6  # how likely the clause of each must be


def asked_in(text: str) -> list[str]:
    """The questions of a message that stand by themselves, in order; none where there are not several.

    A part that leans on another ("and is that allowed?") is none: it belongs to what it leans on.
    """
    if len(text.split()) > LONGEST:
        return []
    parts = [part.strip(" ,") for part in PARTED.split(text) if part]
    asked = [part for part in parts if len(part.split()) >= FEWEST and is_question(part.lower()) and not LEANS.search(part)]
    return asked[:MOST] if len(asked) > 1 else []


def all_of(question: str, whole: Answer, parts: Sequence[Answer]) -> Answer:
    """The answer to a message from those to its ``parts``, in their order: the one that ``whole`` gives too leads.

    Where not two of the parts have an answer of their own that is likely enough it is ``whole``, which tells what else was asked.
    """
    found = {(one.entry_id, one.kind): one for one in parts if one.kind in {"guidance", "not_covered"} and one.confidence >= SURE}
    rest = tuple(one.question for one in parts if one.entry_id != whole.entry_id and one not in found.values())
    if len(found) < 2:  # noqa: PLR2004
        other = tuple(one.question for one in found.values() if one.entry_id != whole.entry_id)
        return replace(whole, rest=tuple(part for part in (one.question for one in parts) if part in (*rest, *other)))
    own = list(found.values())
    lead = max(own, key=lambda one: (one.entry_id == whole.entry_id, one.ranked[:1] == whole.ranked[:1]))
    others = tuple(replace(one, part=one.question) for one in own if one is not lead)
    return replace(lead, question=question, part=lead.question, also=others, rest=rest)
