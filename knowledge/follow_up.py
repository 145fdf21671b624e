"""Short questions that lean on the one before: "what about LinkedIn?", "and parents?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from knowledge.language import Reader, stem, tokens

OPENING: Final = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|right|thanks|thank you|and|but|so|hmm|oh)\b[\s,]*)*(?:what|how)\s+about\b|"
    r"^\W*(?:and|but|or)\b|^\W*(?:what|even|and what|but what)\s+if\b|"
    r"^\W*(?:on|via|with|by|through|for)\s+\w+(?:\s+\w+){0,2}\W*$|"
    r"^\W*(?:same|does that|is that|would that|does it|is it)\b.{0,40}\b(?:for|apply|go|count|true|too|include)\b",
    re.IGNORECASE,
)
LEAD: Final = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|right|thanks|thank you|and|but|so|or|hmm|oh)\b[\s,]*)*(?:(?:what|how)\s+about|what\s+if|even\s+if|same\s+for|"
    r"(?:does|is|would)\s+(?:that|it)(?:\s+\w+)?\s+(?:for|to|count|include|apply)|on|via|with|for)?\b\s*",
    re.IGNORECASE,
)
WHOM: Final = re.compile(
    r"\W*(?:(?:so|and|but|ok(?:ay)?|right|then|please|help)\W+)*whom? (?:do|should|can|could|must|would|shall|might) (?:i|we) "
    r"(?:tell|go to|report (?:it |this |that )?to|speak to|talk to|turn to|inform)(?: then| now| first| please)?\W*",
    re.IGNORECASE,
)
OF_WHAT: Final = "about misuse of social media"  # what the policy names a person for
LONGEST: Final = 9  # words; what is longer stands alone
SHORT: Final = 4
FAMILIES: Final = (
    frozenset(
        {
            "pupil",
            "ex_pupil",
            "other_school_pupil",
            "own_child",
            "parent",
            "colleague",
            "staff",
            "governor",
            "headteacher",
            "other_worker",
            "public",
        }
    ),
    frozenset(
        {
            "platform",
            "messaging",
            "professional_site",
            "forum",
            "dating",
            "school_page",
            "website",
            "email",
            "personal_email",
            "school_email",
            "call_text",
        }
    ),
    frozenset({"own_phone", "school_device"}),
    frozenset({"photo", "video", "profile_picture"}),
    frozenset({"own_account", "school_page"}),
)


def in_full(question: str, before: Sequence[str], reader: Reader) -> str:
    """The question as it would stand alone; itself where it does already. Whom to tell, alone, is asked of the policy's own matter."""
    if not before or len(tokens(question)) > LONGEST or not OPENING.search(question):
        return f"{question.rstrip(' ?!.,')} {OF_WHAT}?" if WHOM.fullmatch(question) else question
    earlier = before[-1] if not OPENING.search(before[-1]) else in_full(before[-1], before[:-1], reader)
    said = LEAD.sub("", question, count=1).strip(" ?!.,") or question
    said = re.sub(r"^(?:it'?s|it is|they'?re|they are|i use|we use|i'm using)\s+", "", said, flags=re.IGNORECASE)
    swapped = _swapped(earlier, said, reader)
    return swapped or f"{earlier.rstrip(' ?.!')}, {said}?"


def _swapped(earlier: str, said: str, reader: Reader) -> str | None:
    """The earlier question with one of its things replaced by another of the same family; None where none fits."""
    new = set(reader.read(said).concepts)
    family = next((family for family in FAMILIES if new & family), None)
    words = list(re.finditer(r"[^\W_]+(?:['’][^\W\d_]+)*", earlier))
    if family is None or len(tokens(said)) > SHORT:
        return None
    phrases = reader.concepts.phrases
    stems = [stem(match.group().lower()) for match in words]
    for length in range(min(reader.concepts.longest, len(stems)), 0, -1):
        for at in range(len(stems) - length + 1):
            if phrases.get(tuple(stems[at : at + length])) in family:
                start, end = words[at].start(), words[at + length - 1].end()
                article = re.search(r"\b(?:an?|the|my|our)\s+$", earlier[:start], re.IGNORECASE)
                start = article.start() if article and article.group().strip().lower() in {"a", "an"} else start
                return f"{earlier[:start]}{said}{earlier[end:]}"
    return None
