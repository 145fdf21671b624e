"""What surrounds the subject of a message: the roles that the writer holds, those whom they would rather not go to, and whom they accused a moment ago.

None of it keeps anybody from an alert by itself but `in_context`; the others decide only what a reply says and whom it names.
"""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from knowledge import subject_words as words
from knowledge.language import plain
from knowledge.subject_mentions import TOO, marked
from knowledge.subjects import ORDER, doers_in, subject_roles

_ROLE: Final = rf"(?P<role>(?:{'|'.join(ORDER)})(?:{TOO}(?:{'|'.join(ORDER)}))*)(?!\w| ?'s)"
_SMALL: Final = r"(?:(?:also|actually|currently|now|the|a|an|on|in|part of|one of|your|our|new|acting|interim|executive|and) )*"
OWN: Final = (
    re.compile(
        rf"""(?<!["'“])(?<!say )(?<!says )(?<!said )(?<!saying )(?<!that )(?<!me )(?<!because )(?<!goes )(?<!like )\b(?:i am|i'm|im|i work as|speaking as) {_SMALL}[@_]{_ROLE}"""
    ),
    re.compile(rf"(?<!such )(?<!well )\bas (?:the |a |an )?[@_]{_ROLE},? (?:i|i'm|i've|what|how|am|do|can|should|must|may)\b"),
)
# "Head here: a teacher has told me …", read before the mentions are marked, for a mention takes "here" in.
HERE: Final = re.compile(
    r"^\W*(?:(?:hi|hello|hey|morning|good morning|afternoon)\W+)?(?:the )?((?:head ?teacher|head|principal|deputy(?: head(?: ?teacher)?)?|assistant head(?: ?teacher)?|dsl|(?:designated )?safeguarding lead|"
    r"dpo|data protection officer|slt|chair of governors|chair|(?:school )?business manager|senior leader)) here(?= ?[:.,;!–—-]| and | with )"
)
_GO_TO: Final = r"(?:trust|tell|telling|ask|face|involve|approach|see|(?:feel safe|feel able|feel comfortable|be honest|be open)(?: to| with)?(?: (?:telling|asking|going|talking|speaking))?(?: to)?|(?:go|going|talk|talking|speak|speaking|turn|report|report it|take it|say it|say anything) to)"
AVOIDED: Final = tuple(
    re.compile(form)
    for form in (
        rf"\b(?:don'?t|do not|can'?t|cannot|can not|couldn'?t|wouldn'?t|won'?t|never|no longer|not|rather not|dare not|daren'?t) (?:\w+ ){{0,3}}?{_GO_TO} (?:it )?@{_ROLE}",
        rf"\b(?:scared|afraid|frightened|terrified|wary) (?:of|to tell|to go to|to ask|to speak to|to talk to) (?:what |how )?@{_ROLE}",
        rf"\b(?:without|behind) (?:(?:telling|going (?:to|through)|involving|asking) )?@{_ROLE}(?=$|\W)",
        rf"\b(?:other than|apart from|except|besides|instead of|bypass|go past|get past|go above|above|higher than|over) @{_ROLE}",
        rf"@{_ROLE} (?:gets?|is|will be|would be|might be|may be|turns?|goes|'ll be|'d be) (?:\w+ )?(?:angry|cross|annoyed|furious|mad|nasty|in on it|part of it)\b",
        rf"@{_ROLE} (?:just |always |only )?(?:ignores?|ignored|did nothing|does nothing|has done nothing|takes no|took no|laughs?|laughed|brushe[sd]|dismisse[sd]|(?:won'?t|will not|refuses? to|refused to|doesn'?t|does not|didn'?t|did not|hasn'?t) (?:\w+ )?(?:listen|help|act|believe|care|answer|reply|respond|do anything|done anything|take|want to (?:know|hear)|deal|report|look|sort|bother|protect|support))\b",
    )
)


IS_ABOUT: Final = tuple(
    re.compile(form)
    for form in (
        rf"\b(?:person|one|somebody|someone|man|woman) (?:(?:who|that|whom) )?(?:i|we)(?:'m| am|'ve| have|'d)? (?:\w+ ){{0,4}}?(?:report|reporting|complain\w*|accus\w+|tell you|worried|scared|concerned|mean)(?: \w+){{0,2}}? (?:is|was) @{_ROLE}",
        rf"\b(?:complaint|report|concern|problem|worry|issue) (?:is|was)(?: \w+)? (?:about|against|with) @{_ROLE}",
        rf"\b(?:who|whom|where) (?:else )?(?:\w+ ){{1,4}}?(?:tell|go|report|complain|speak|talk)(?: \w+){{0,2}}? (?:about|over) @{_ROLE}",
    )
)
_THEM: Final = r"\b(?:he|she|they|him|her|them|his|hers|their|it|this|that|those|these)(?:'s|'ve|'re|'d|'ll)?\b(?! (?:ok|okay|allowed|alright|all right|fine|wrong|legal|true|possible|safe|a problem)\b)"
_BACK: Final = re.compile(
    rf"{_THEM}|"
    r"\b(?:who|whom|anyone|anybody|someone|somebody|else|instead|next|then|now|help)\b|\bwhat (?:do|should|can|could|would|if|happens)\b|\b(?:report|complain|speak|talk|turn|go)\b(?! live)"
)
_ABOUT_THEM: Final = re.compile(_THEM)
_MY_OWN: Final = re.compile(  # what the writer did is a matter of its own
    r"\bi(?:'ve| have)? (?:\w+ly |just |now |also )?(?:lost|left|sent|emailed|e-mailed|clicked|opened|forgot|forgotten|dropped|posted|shared|mislaid|misplaced|gave|given)\b"
)
LONGEST_BACK: Final = 20  # words; what is longer stands alone


def leans_back(text: str) -> bool:
    """Whether a message goes on with what was said before ("who else could I tell?", "he did it again") and begins nothing new."""
    lower = plain(text)
    return len(lower.split()) <= LONGEST_BACK and _BACK.search(lower) is not None


def _goes_on_about_them(text: str) -> bool:
    """Whether a message that tells of something tells it of those who were named before: "now" and "help" alone do not."""
    lower = plain(text)
    return leans_back(text) and (_ABOUT_THEM.search(lower) is not None or asks_whom_to_tell(text)) and not _MY_OWN.search(lower)


_WHOM: Final = re.compile(
    r"\b(?:who|whom|anyone|anybody|someone|somebody|where) (?:else )?(?:\w+ ){0,4}?(?:tell|go|report|speak|talk|turn|ask|complain|help|contact|told)\b"
)


def asks_whom_to_tell(text: str) -> bool:
    """Whether a short message asks nothing but whom to go to ("so who else could I tell?")."""
    lower = plain(text)
    return len(lower.split()) <= LONGEST_BACK // 2 and _WHOM.search(lower) is not None


def own_roles(text: str, aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The roles that the writer says they hold ("I'm the headteacher", "Head here:")."""
    lower = plain(text)
    found = {one for form in OWN for match in form.finditer(marked(text, aliases)) for one in match["role"].split(TOO)}
    if here := HERE.search(lower):
        found |= {one for mention in re.findall(r"@(\w+)", marked(here[1], {})) for one in mention.split(TOO)}
    return _in_order(found)


def avoided_roles(text: str, aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The roles that the writer would rather not go to, whether or not they accuse them."""
    whole = marked(text, aliases)
    return _in_order({one for form in AVOIDED for match in form.finditer(whole) for one in match["role"].split(TOO)})


def in_context(text: str, earlier: Sequence[str], aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The roles of those whom a message is about, where earlier ones of the same conversation were about `earlier`.

    What leans back without naming anybody else goes on about them; "a parent has threatened me" is about somebody new, but "he texts a
    girl at night" is about whoever was named before.
    """
    whole = marked(text, aliases)
    found = {
        *subject_roles(text, aliases),
        *(one for form in IS_ABOUT for match in form.finditer(whole) for one in match["role"].split(TOO)),
    }
    if earlier:
        named = {role for role in earlier if role in doers_in(f"i need to talk about @{role}. {whole}")}
        found |= set(earlier) if _goes_on_about_them(text) and not words.OTHER_PEOPLE.search(whole) else named
    return _in_order(found)


def _in_order(found: set[str]) -> tuple[str, ...]:
    return tuple(role for role in ORDER if role in found)
