"""The form in which something is asked: "can I", "do I have to", "what", "who", "is it wrong to", or a plain statement."""

from __future__ import annotations

import re
from typing import Final

from knowledge.language import sentences

_PATTERNS: Final = {
    "duty": r"\b(?:do|does|did) (?:i|we|you|they|staff|teachers|\w+) (?:have|need) to\b|"
    r"\bmust (?:i|we|staff|\w+)\b|\bhave to\b.*\?|\brequired to\b|\bobliged\b",
    "wrong": r"\b(?:wrong|bad|breach|against|illegal|banned|forbidden|problem|issue|trouble|harm)\b",
    "leave": r"\b(?:can|could|may|am i allowed|are we allowed|allowed to|ok to|okay to|alright to|fine to|is it ok|is it okay)\b",
    "ought": r"\b(?:should|ought|shall|better to|best to)\b",
    "person": r"\b(?:who|whom|whose)\b",
    "way": r"\b(?:how|which way)\b",
    "thing": r"\b(?:what|which|whats)\b",
    "time": r"\b(?:when|where|how long|how soon|how often)\b",
    "reason": r"\bwhy\b",
    "whether": r"^\W*(?:is|are|does|do|did|has|have|will|would|was)\b|\?\s*$",
}
FORMS: Final = (*_PATTERNS, "statement")
_COMPILED: Final = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}


def form_of(text: str) -> str:
    """The first form, in the order of the table, that the last asking sentence fits; a statement where none asks."""
    for sentence in reversed(sentences(text)):
        found = next((name for name, pattern in _COMPILED.items() if pattern.search(sentence)), None)
        if found:
            return found
    return "statement"
