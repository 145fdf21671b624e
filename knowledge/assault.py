"""Whether the writer says that they were sexually assaulted: heard by rule, for a model that knows a school's days has met no such words.

"I am not sure whether something has happened" would be said to somebody who has just told of a rape.
"""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from typing import Final

from knowledge.language import plain

KIND: Final = "threat"  # of the kinds that there are, the one that is urgent and thinks of the police (clause 70)
_DONE: Final = r"(?:raped|groped|molested|sexually (?:assaulted|attacked)|indecently assaulted)"
_TO_ME: Final = re.compile(
    rf"\bi(?:'ve|'m| have| had| am)? ?(?:was|got|been|being|have been|get|keep getting|keep being)? (?:\w+ )?{_DONE}(?! (?:a|an|the|by a (?:line|sentence)|him|her|them)\b)|"
    rf"\b(?:raped|groped|molested|sexually assaulted|sexually attacked|forced (?:him|her)self on|exposed (?:him|her)self to) me\b|"
    r"\b(?:tried|trying|threatened|threatening) to (?:rape|grope) me\b"
)
_SUPPOSED: Final = re.compile(r"\b(?:if|suppose|imagine|in case|what happens when)\b|\b(?:lol|haha\w*)\b")


def tells_of_assault(text: str) -> bool:
    """Whether the words tell of a sexual assault on the writer; what is only supposed tells of none."""
    lower = plain(text)
    return _TO_ME.search(lower) is not None and not _SUPPOSED.search(lower)
