"""The form of what staff write: whether a sentence asks, supposes, tells, wants. In lower case throughout."""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from typing import Final

ASKS_LEAVE: Final = re.compile(
    r"\b(?:can|could|may|should|shall|must|do|does|did|would|will|are|is|am|was|has|have)\s+(?:i|we|you|they|he|she|it|there|staff|teachers?|"
    r"parents?|pupils?|governors?|tas?|slt|the|a|an|my|our|anyone|someone|somebody|everyone|people|children|kids|sexting|showing|sharing|posting)\b"
)
OPENS_AS_QUESTION: Final = re.compile(r"(?:do|does|can|could|is|are|may|should|would|shall|must|was|were)\b(?!'t)")
ASKS_WHAT: Final = re.compile(
    r"\b(?:what|who|whom|whose|which|when|where|why|how|what's|who's|who'd|where's|how's|whats|hows|any idea|please explain|need to know|wondering)\b"
)
SUPPOSES: Final = re.compile(
    r"\b(?:if|suppose|supposing|imagine|hypothetical(?:ly)?|in theory|what if|ever|were to|in case|in general|generally|would|some ?day|in the event|"
    r"were it|should it|when(?:ever)? (?:a|an|someone|somebody|staff))\b"
)
HAPPENED: Final = re.compile(
    r"\b(?:has|have|had|'s|'ve|i've|we've|he's|she's|they've|someone's|somebody's|just|yesterday|today|tonight|this morning|last night|"
    r"last week|keeps?|kept|still|again|been|was|were|got|saw|seen|found|told|said|says|showed|shown|received|noticed|heard|came|went|"
    r"did|done|made|took|sent|gave|wrote|put)\b"
)
GOES_ON: Final = re.compile(r"\b(?:is|are|'s|'re|was|were|been|keeps?|am|i'm)\s+(?:\w+ly\s+)?\w+ing\b")
NOTHING: Final = re.compile(
    r"\b(?:nobody|no one|nothing|none|never|not|no|isn't|aren't|wasn't|weren't|hasn't|haven't|hadn't|don't|doesn't|didn't|won't|can't)\b"
)
DONE_TO: Final = re.compile(r"\b(?:was|were|been|being|got|getting|is|are)\s+(?:\w+ly\s+)?\w+(?:ed|en|nt|wn|ng|de|ld|ught)\b(?:\s+by\b)?")
WANTS: Final = re.compile(
    r"\b(?:want(?:s|ed)? to|would like|like to|thinking of|planning|going to|about to|hope to|looking for|need(?:s)? an?|any(?:body|one) (?:got|know|have))\b"
)
PLEA: Final = re.compile(
    r"(?:^|(?<=[\s,.;:!?-]))(?:(?:so |and |but )?(?:what|wat|wot) (?:on earth |the hell |exactly )?(?:do|should|can|must|shall|am|did|would) i (?:do|be doing|meant to do|supposed to do|say)"
    r"(?: now| next| first| please| here| about (?:it|this|that|them))*|who (?:do|should|must|can|shall) i (?:tell|call|ring|go to|speak to|contact|report (?:it|this|to))(?: now| first| about (?:it|this))*|"
    r"(?:please |pls |can (?:somebody|someone|anyone|you) (?:please )?)?help(?: me)?(?: please| pls)?|please advise|any advice|advice please|not sure what to do|don't know what to do|what now|sos|urgent(?:ly)?)"
    r"(?=$|\s*[,.;:!?-]|\s(?!if|when|in case|with|about an?\b|for|on|to|the|as|staff|get))[\s,.;:!?-]*"
)


def is_question(sentence: str) -> bool:
    """Whether a sentence asks: by its mark, or by how it opens."""
    text = sentence.strip()
    return (
        text.endswith("?")
        or OPENS_AS_QUESTION.match(text) is not None
        or ASKS_LEAVE.match(text) is not None
        or ASKS_WHAT.match(text) is not None
    )


def without_pleas(text: str) -> str:
    """The text without "what do I do", "please help" and their like, which those write who tell of something."""
    return PLEA.sub(". ", text)
