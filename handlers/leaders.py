"""What senior leaders are asked to do when a member of staff is abused or threatened: clauses 67 to 70, not what the victim is asked."""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.cited import cited, number
from bot.incidents.model import Kind
from bot.people import Role
from handlers.whom_it_is_about import Whom
from knowledge.language import plain

if TYPE_CHECKING:
    from knowledge.concerns import Disclosure

TITLE: Final = "You lead here, so this is for you to act on"
CLAUSES: Final = ("69", "68", "70", "60")
KINDS: Final = frozenset({Kind.STAFF_ABUSE, Kind.THREAT})
DO: Final = (
    "Deal with it as any other bullying or harassment: look into it promptly and appropriately (clause 69).",
    "If there is illegal content, or a threat of a physical or sexual nature, consider advising them to tell the police (clause 70).",
    "Find out what support would help, and see that they get it: a line manager, counselling, occupational health (clauses 61, 66 and 69).",
    "Encourage them to keep the evidence: emails, a log of calls, screen prints of websites (clause 70).",
)
HEAD_TOO: Final = "Tell the Headteacher straight away (clauses 37 and 60)."
STAFF: Final = re.compile(
    r"\b(?:teachers?|tas?|teaching assistants?|colleagues?|staff|team|cooks?|caretakers?|midday\w*|secretary|receptionists?|cleaners?|ects?|nqts?|"
    r"deput(?:y|ies)|sencos?|coach(?:es)?|dinner lad(?:y|ies)|lunchtime \w+|site manager|business manager|governors?)\b"
)
TOLD_ME: Final = re.compile(
    r"\b(?:told|tells|telling|shown?|showed|shows|come to|came to|comes to|been to see|reported (?:it |this )?to|confided in|spoken to|spoke to|talked to|"
    r"approached|informed|forwarded|asked|let|forwarded it to|report(?:s|ed)? (?:it |this )?to)(?: \w+)? (?:me|us)\b(?: know)?"
)
ABOUT_ME: Final = re.compile(
    r"\bi(?:'m| am|'ve been| have been| was| keep| kept| get| got)(?: \w+)? (?:being|getting|receiving|abused|bullied|trolled|harassed|threatened|targeted|attacked|stalked)\b|"
    r"\bi(?:'m| am) (?:being|getting|receiving)\b|\b(?:me|myself|my (?!school|staff|team|teachers?|tas?|deputy|colleagues?|senco|office|\w+ (?:teacher|ta)\b)\w+)\b"
)


def is_for_a_leader(words: str, kind: Kind, whom: Whom) -> bool:
    """Whether a leader tells of what is done to somebody else who works here, and may deal with it: never where it is about the Headteacher."""
    if kind not in KINDS or not whom.leads or Role.HEADTEACHER in whom.barred:
        return False
    lower = plain(words)
    return STAFF.search(lower) is not None and not ABOUT_ME.search(TOLD_ME.sub("", lower))


def leaders_help(heard: Disclosure, whom: Whom) -> Disclosure:
    """The help with what clauses 68 to 70 ask of a leader in place of what is asked of the victim."""
    do = tuple(map(cited, DO if Role.HEADTEACHER in whom.own else (HEAD_TOO, *DO)))
    return replace(heard, do=do, clauses=tuple(filter(None, map(number, CLAUSES))))
