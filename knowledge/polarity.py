"""Whether "yes" or "no" about the conduct would also answer the question in the words in which it was put."""

from __future__ import annotations

import re
from typing import Final

from knowledge.language import sentences
from knowledge.triage_forms import is_question

TURNED: Final = re.compile(
    r"\b(?:wrong|bad|illegal|forbidden|banned|prohibited|against|unprofessional|inappropriate|a problem|an issue|a breach|breaking|trouble|"
    r"in breach|unwise|risky|stupid|daft|naughty|mind if|matter if|harm in|object|"
    r"exempt|excused|up to me|nowt to do with|nothing to do with|my business)\b",
    re.IGNORECASE,
)
NEGATED: Final = re.compile(
    r"\b(?:shouldn'?t|can'?t|cannot|mustn'?t|don'?t|doesn'?t|isn'?t|aren'?t|won'?t|"
    r"not|never|nobody|no one|no need|nothing|without|avoid|stop|refuse)\b",
    re.IGNORECASE,
)
TAG: Final = re.compile(
    r"(?:,|\b)\s*(?:right|am i right|correct|yeah|is it|isn'?t it|do i|don'?t i|do they|should i|can i|can't i|are we|aren't we)\s*\?*\s*$",
    re.IGNORECASE,
)
EITHER: Final = re.compile(r"\bor (?:only|just|is it|do|does|are|outside|can|may|should)\b", re.IGNORECASE)
ASKS: Final = re.compile(
    r"\?|\b(?:ok|okay|allowed|fine|alright|all right|permitted|acceptable|wondering|wonder)\b|"
    r"\b(?:can|could|may|should|shall|must|do|did|am|would|will) (?:i|we|you|they|he|she|staff|teachers?|tas?|governors?)\b",
    re.IGNORECASE,
)
STORY: Final = 40  # words
_LEAD: Final = (
    r"(?:(?:so|and|but|ok|okay|right|hi|just|er|um|also|please|sorry|now|then|well|oh|remind me|tell me|any idea|do you know|"
    r"can you tell me|i(?:'d| would) like to know|i need to know|i wonder|i was wondering|wondering|not sure|no idea)\W+)*"
)
_HOW: Final = (
    r"how (?:often|long|many|much|soon|far|do|does|did|should|must|are|is|am|was|were|\w+ly|"
    r"\w+(?: \w+)? (?:do|does|should|must|ought|is|are|am))"
)
_WHO: Final = r"(?:what|who|when|where) (?:must|should|ought|does|is|are|has|have|gets?|needs?|decides?|checks?|happens|counts)"
_DO: Final = r"(?:what|when|where) do(?! i (?:go by|tell|stand)\b)"
_WHY: Final = r"why (?:is|are|do|does|did|has|have|was|were|must)"
_NOT: Final = r"(?! (?:you|it|that|right|this|i tell|i be|(?:the|our) (?:policy|school) say)\b)"
# Such as: how often do I, a governor asks: what must leadership do. Not such as: what if I, who's right, how can that be.
OPEN: Final = re.compile(rf"(?:^|[:;,–—-] )\W*{_LEAD}(?:{_HOW}|{_WHO}|{_DO}|{_WHY})\b{_NOT}(?:\W+\w+){{2}}", re.IGNORECASE)


LEAVE: Final = re.compile(r"\W*(?:can|could|may|should|shall|must|am|are we|is it|do (?:i|we))\b", re.IGNORECASE)


def worded(question: str, verdict: str) -> str:
    """The verdict as an answer to the question in these words: neither yes nor no answers "how often must I change my password?"."""
    return "info" if verdict in {"yes", "no"} and is_open(question) else verdict


def is_open(question: str) -> bool:
    """Whether it asks who, what, when, how or why, and nothing to which yes or no would be an answer.

    Of several sentences the last that asks counts. A story that ends so ("what would you do?") may ask about what it tells.
    """
    text = question.replace("’", "'")
    asked = [one for one in sentences(text) if asks(one)]
    if not asked or len(text.split()) > STORY or OPEN.search(asked[-1]) is None:
        return False
    return not any(LEAVE.match(part) for part in re.split(r"[.?!,;:–—]|\s-\s|\b(?:and|so|or)\b", text))


def is_plain(question: str) -> bool:
    """Whether the question asks straight for leave or duty ("can I…", "do I have to…"), so that yes and no mean what they say."""
    text = question.replace("’", "'")
    if TURNED.search(text) or NEGATED.search(text) or EITHER.search(text):
        return False
    if not asks(text):
        return False  # a statement is right or wrong, not allowed or forbidden
    return not (TAG.search(text) and re.match(r"\s*(?:so|surely|i |i'm|we |it's|there's|you |they |my |nobody)", text, re.IGNORECASE))


def asks(text: str) -> bool:
    """Whether any of it asks, with its mark or without."""
    lower = text.replace("’", "'").lower()
    return ASKS.search(lower) is not None or any(is_question(part) for part in re.split(r"[.!;:,]\s+|\n", lower))
