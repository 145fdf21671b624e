"""What a message tells beside what happened: where, at what address, when, who did it, who is affected. It only fills in a form.

Nothing here decides anything: a person sees each of these in the form and can change it, so what is not plain is left out.
"""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from knowledge.subjects import doers_in

PLATFORMS: Final = (
    ("Facebook", r"facebook|fb"), ("Instagram", r"instagram|insta|ig"), ("Snapchat", r"snapchat|snap"), ("TikTok", r"tik ?tok"), ("WhatsApp", r"what'?s ?app|watsapp|wotsapp"),
    ("Twitter (X)", r"twitter|tweet(?:s|ed|ing)?|(?<=on )x"), ("YouTube", r"you ?tube"), ("Messenger", r"messenger"), ("Discord", r"discord"), ("Reddit", r"reddit"), ("Threads", r"(?<=on )threads"),
    ("LinkedIn", r"linked ?in"), ("BeReal", r"bereal"), ("Telegram", r"telegram"), ("Twitch", r"twitch"), ("Roblox", r"roblox"), ("Mumsnet", r"mumsnet"), ("Nextdoor", r"nextdoor"),
    ("Bluesky", r"bluesky"), ("Microsoft Teams", r"(?<=on )teams|microsoft teams"), ("E-mail", r"e-?mail(?:s|ed|ing)?"), ("Text message", r"text(?:s|ed|ing)? messages?|texts|texted|texting"),
)  # fmt: skip
PLACES: Final = tuple((name, re.compile(rf"\b(?:{words})\b")) for name, words in PLATFORMS)
ADDRESS: Final = re.compile(
    r"(?:https?://|www\.)[^\s<>\"']+|\b[a-z0-9-]+\.(?:com|co\.uk|org|net)/[^\s<>\"']+|(?<![\w.])@[A-Za-z0-9_.]{2,30}\b", re.IGNORECASE
)
DAY: Final = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
NOTICED: Final = re.compile(
    rf"\b(?:(?:late |early )?(?:last|yesterday|this|on|{DAY}) ?(?:night|morning|afternoon|evening|week|weekend|month|half term|{DAY})(?: (?:night|morning|afternoon|evening))?|yesterday|today|tonight|just now|an hour ago|"
    rf"(?:a few|two|three|four|five|several|a couple of|\d+) (?:minutes|hours|days|weeks) ago|over the (?:weekend|holidays?|summer)|(?:this|at) (?:lunch ?time|break ?time|playtime))(?: at (?:about )?\d{{1,2}}(?:[:.]\d\d)?(?: ?[ap]m)?)?",
    re.IGNORECASE,
)  # fmt: skip
_SOME: Final = r"(?:\b(?:a|an|the|one of (?:the|our|my)|two of (?:the|our|my)|some|some of (?:the|our|my)|our|my|his|her|their|another|this|that|two|three|several|former|angry|year \d+|y\d+|reception|current|old)\b ?)*"
GROUPS: Final = (
    ("unknown", rf"{_SOME}\b(?:somebody|someone|anonymous (?:account|person)|fake (?:account|profile)|unknown (?:number|account))"),
    ("parent", rf"{_SOME}\b(?:(?:(?:boy|girl|pupil|child|kid|lad|student)'s )?(?:parents?|mums?|dads?|mothers?|fathers?|carers?|step-?(?:dad|mum)|grand(?:ma|ad|parents?)|nans?))"),
    ("pupil", rf"{_SOME}\b(?:(?:ex-|former )?(?:pupils?|students?|child(?:ren)?|kids?|boys?|girls?|lads?|year (?:\d+|six|five|four|three|two)s?|y\d+s?)(?! ?'s| parents?| mum| dad| class))"),
    ("staff", rf"{_SOME}\b(?:(?:male |female |class |supply |student |trainee |senior )?(?:colleagues?|teachers?|tas?|teaching assistants?|members? of staff|staff members?|caretaker|site manager|cook|dinner lady|midday supervisor|lunchtime supervisor|coach|secretary|receptionist|technician|governors?|trainee|supply|senco))"),
    ("public", rf"{_SOME}\b(?:strangers?|neighbours?|members? of the public|local residents?|residents?|journalists?|reporters?|blokes?|trolls?|(?:man|woman)(?= (?:i|we|who|on|from|in)\b|$|[.,]))(?: from (?:the|our|a) \w+)?"),
)  # fmt: skip
TOLD_US: Final = re.compile(
    r"@(?=\w+ (?:has |have |just |kindly )?(?:showed|shown|told|tells|warned|forwarded|passed|rang|asked|says|said)\b)"
)
MARKS: Final = tuple((group, re.compile(words, re.IGNORECASE)) for group, words in GROUPS)
ABOUT_ME: Final = re.compile(
    r"\b(?:(?:about|to|at|on|of|with|against|behind|after|for|tagged|named|called|calling|calls|insult\w*|threaten\w*|hara(?:ss|s)\w*|abus\w+|bull\w+|mock\w*|target\w*|follow\w*|messag\w+|sen[dt]\w*|blackmail\w*|impersonat\w*|hack\w*|troll\w*) me\b|my (?:name|photo|picture|face|account|profile|page|house|home|car|family|daughter|son|husband|wife))"
)  # fmt: skip
SUFFERED: Final = {
    "pupil": re.compile(rf"\b(?:to|about|with|at|from|(?:photos?|pictures?|pics?|videos?|images?|nudes|clips?|footage) of|added|messag\w+|text\w*|friend\w*|follow\w*|groom\w*|show\w*|sen[dt]|hurt\w*|hit\w*) {_SOME}(?:pupils?|students?|child(?:ren)?|kids?|boys?|girls?|lads?|year \d+s?)\b"),
    "colleague": re.compile(rf"\b(?:about|to|at|of|on|against|call\w*|insult\w*|threaten\w*|harass\w*|abus\w+|bull\w+|mock\w*|target\w*) {_SOME}(?:colleagues?|teachers?|ta|teaching assistant|caretaker|cook|secretary|receptionist|head|headteacher|deputy)\b"),
    "parent": re.compile(rf"\b(?:to|about|of|against) {_SOME}(?:parents?|mums?|dads?|famil(?:y|ies)|carers?)\b"),
    "school": re.compile(r"\b(?:about|slagging off|slating|against|at|on) (?:the|our) school\b(?! (?:gate|trip|run|bus|site|day|page|account|laptop|ipad))"),
}  # fmt: skip


@dataclass(frozen=True)
class Particulars:
    """What the report form can be filled in with; whatever the message does not tell plainly is empty.

    ``done_by`` holds staff, pupil, parent, public or unknown; ``affected`` me, colleague, pupil, parent or school. Whether it is
    about the holder of a role is found elsewhere (``Adviser.about``).
    """

    platform: str = ""
    address: str = ""
    noticed: str = ""
    done_by: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()


def particulars(words: str) -> Particulars:
    """What some words tell of where, when and who."""
    plain = " ".join(words.replace("’", "'").split())
    lower = plain.lower()
    address, noticed = ADDRESS.search(plain), NOTICED.search(plain)
    return Particulars(
        platform=", ".join(name for name, pattern in PLACES if pattern.search(lower))[:100],
        address=address.group().rstrip(".,;:!?)") if address else "",
        noticed=noticed.group() if noticed else "",
        done_by=_doers(lower),
        affected=_affected(lower),
    )


def _doers(lower: str) -> tuple[str, ...]:
    """Groups of people who stand where a doer stands."""
    for group, pattern in MARKS:
        lower = pattern.sub(f"@{group}", lower)
    found = doers_in(TOLD_US.sub("", lower))
    return tuple(group for group, _ in GROUPS if group in found)


def _affected(lower: str) -> tuple[str, ...]:
    me = ("me",) if ABOUT_ME.search(lower) else ()
    return (*me, *(group for group, pattern in SUFFERED.items() if pattern.search(lower)))
