"""Whether the life of somebody who works here may be at risk: in the writer's own words, or a colleague's.

The policy has no clause for it but those on support (61 and 66). It is heard by rule, whatever else the message says, for a model that
has learnt what is usual in a school has met few such messages, and missing one is the worst that can happen.
"""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from typing import Final

from knowledge.language import plain
from knowledge.triage_rules import CHILD, FIGURES

_PLAIN: Final = re.compile(
    r"\b(?:(?:kill?|kill?ing|harm|harming|hang|drown) my ?self|(?:end|ending|take|taking|took) my (?:own )?life|i(?: ?'?m| am| fee?l|'ve been feeling| have been feeling)? (?:\w+ )?suicid(?:al|e)|fee?l(?:ing)? (?:\w+ )?suicid(?:al|e)|"
    r"(?:my|having|had|get|getting) suicidal thoughts|(?:thinking|thought|thoughts) (?:about|of) (?:suicide|ending it)|wish(?:ed)? (?:that )?i (?:was|were|wasn'?t|weren'?t) (?:dead|alive|here any ?more|born)|"
    r"do(?:n'?t| not) w(?:ant|hat|nat) to (?:be alive|live|exist|be here any ?more|wake up)|no (?:reason|point) (?:in )?(?:living|to live|being alive)|(?:better off|happier) (?:without me|if i (?:was|were) (?:dead|gone))|i(?:'d| would|'m|'d be) (?:be )?better off dead|"
    r"(?:not|don'?t feel|isn'?t|never) safe (?:with|by|on|around|from) (?:my ?self|my own|my thoughts))\b"
)
_LIKELY: Final = re.compile(
    r"\b(?:i (?:just |really |honestly |only )?(?:want|wanted|wanna|what|wnat) (?:to )?(?:die|be dead)|end(?:ing)? it all(?! by)|(?:cut|cutting|hurt|hurting) my ?self(?! (?:on|with a|shaving|cooking))|(?:can'?t|cannot|do(?:n'?t| not)) (?:see|find) (?:a|any) way out(?: of (?:this|it))?(?=$|[\s]*[.,!?;])|there(?:'?s| is) no way out(?: of (?:this|it))?(?=$|[\s]*[.,!?;])|"
    r"(?:got|have|with|counted|taken|took) (?:\w+ ){0,3}(?:pills|tablets|paracetamol) (?:\w+ ){0,2}(?:in front of me|in my hand|ready|saved|tonight|out)|i (?:can'?t|cannot) go on (?:any ?more|any longer|living))\b"
)
_COLLEAGUE: Final = re.compile(
    r"\b(?:suicidal|kill(?:ing)? (?:him|her|them)sel(?:f|ves)|(?:wants?|wanted) to (?:die|end it|be dead)|better off dead|doesn'?t want to (?:live|be alive|be here any ?more)|ending it|end(?:ing)? (?:his|her|their) (?:own )?life|"
    r"(?:cut(?:ting)?|harm(?:ing)?|hurt(?:ing)?) (?:him|her|them)sel(?:f|ves)|self[- ]?harm(?:ing|s|ed)?)\b"
)
_OF_STAFF: Final = re.compile(
    r"\b(?:colleagues?|(?:our|a|my|the|another|fellow) (?:\w+ )?(?:ta|teacher|teaching assistant|cook|caretaker|secretary|job share|deputy|head|governor|cleaner|member of staff|site manager|dinner lady|midday)|someone on the staff|on the staff|one of the (?:dinner ladies|staff|tas|teachers|lunchtime))\b"
)
_REPORTED: Final = re.compile(
    r"\b(?:said|says|saying|told|tells|telling|wrote|writes|texted|messaged|posted|disclosed)(?: (?!about\b)\S+){0,5}$"
)
_CHILD: Final = re.compile(rf"\b{CHILD}\b")
_IN_JEST: Final = re.compile(r"\b(?:lol|lmao|haha\w*|rofl)\b|😂|🤣")


def life_at_risk(text: str) -> bool:
    """Whether the words tell that the writer, or a colleague, may not want to live, or is harming themselves. A child's life is another matter."""
    lower = plain(text)
    if _IN_JEST.search(lower):
        return False
    child = _CHILD.search(lower) is not None
    if found := _PLAIN.search(lower):
        return not (child and _REPORTED.search(lower[: found.start()].rstrip()))
    if _LIKELY.search(lower):
        return not child and not FIGURES.search(lower)
    return bool(not child and _COLLEAGUE.search(lower) and _OF_STAFF.search(lower) and not FIGURES.search(lower))


def of_staff_alone(text: str) -> bool:
    """Whether nobody is spoken of who may be a child: by any name for one, or as him or her beside the writer and colleagues."""
    lower = text.lower()
    others = r"\b(?:him|her|them|his|their)\b" if _OF_STAFF.search(lower) else r"\b(?:he|she|they|him|her|them|his|their)\b"
    return not _CHILD.search(lower) and not re.search(others, lower)
