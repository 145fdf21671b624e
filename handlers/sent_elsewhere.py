"""What an answer says to do next, so that it sends nobody to those whom the message is about, nor to the writer.

The authored lines name roles: "Ask the Headteacher or your line manager." Of several, those who are left stay; where nobody is left, who
stands in for them is named instead.
"""

# ruff: noqa: E501 (patterns read best in one line)

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.cited import in_a_row
from bot.incidents.routing import UNDER_THE_HEAD
from bot.people import Role
from handlers.whom_it_is_about import Whom

NAMED: Final = {
    Role.HEADTEACHER: r"the head ?teacher",
    Role.DEPUTY_HEADTEACHER: r"the deputy headteacher",
    Role.DESIGNATED_SAFEGUARDING_LEAD: r"the (?:designated )?safeguarding lead",
    Role.DATA_PROTECTION_OFFICER: r"the data protection officer",
    Role.CHAIR_OF_GOVERNORS: r"the chair of governors",
    Role.BUSINESS_MANAGER: r"the (?:school )?business manager",
    Role.SLT: r"(?:(?:a|any) member of (?:the )?(?:slt|senior leadership team)|the slt|the senior leadership team|(?:a|any) senior leader|senior leaders)",
    Role.LINE_MANAGER: r"(?:(?:your|a|the) )?line manager",
}  # fmt: skip
MARK: Final = "\N{SECTION SIGN}"
SENTENCES: Final = re.compile(r"(?<=[.;])\s+")
SENDS: Final = re.compile(
    r"\b(?:ask|tell|report|inform|contact|speak|talk|raise|take|put|bring|goe?s?|say|send|show|agree|approval|see|leave|warn|let|find|be open)\b"
    rf"(?! yourself| whether you)[^.;]*{MARK}",
    re.IGNORECASE,
)
TELLS: Final = re.compile(rf"\b(?:tell|report|inform|speak|talk|raise|take|bring|say)\b[^.;]*{MARK}", re.IGNORECASE)
WHERE_ABOUT_THE_HEAD: Final = re.compile(r"^(?:or, )?(?:if it (?:is about|concerns)|about) the headteacher\b", re.IGNORECASE)
OR_THE_CHAIR: Final = re.compile(
    r"(?P<head>the headteacher)(?P<aside> or, about the headteacher, )(?P<chair>the chair of governors)", re.IGNORECASE
)
BESIDE_THE_HEAD: Final = frozenset({Role.DEPUTY_HEADTEACHER, Role.LINE_MANAGER})  # not asked about the Headteacher either
OTHER: Final = r"(?:the|your|a|an|any|whoever|social)\b"
NOT_THE_POLICY: Final = "(not from the policy)"
OFFICER: Final = "the local authority designated officer"
WORDS: Final = {
    Role.HEADTEACHER: "the Headteacher", Role.CHAIR_OF_GOVERNORS: "the chair of governors",
    Role.DESIGNATED_SAFEGUARDING_LEAD: "the Designated Safeguarding Lead", Role.DATA_PROTECTION_OFFICER: "the Data Protection Officer",
}  # fmt: skip
INSTEAD: Final = (Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS, Role.DESIGNATED_SAFEGUARDING_LEAD, Role.DATA_PROTECTION_OFFICER)
ABOUT_THEM: Final = "As it is about {them}, tell {instead} instead{aside}."
RATHER_NOT: Final = "If you would rather not go to {them}, you can tell {instead}{aside}."
YOURSELF: Final = "That is for you, as {them}; {instead} can advise you."
OR_SENT: Final = re.compile(
    rf",? (?:or|and)(?: then)? (?:ask|tell|talk to|speak to|agree each step with) {MARK}[^.;]*([.;]|$)", re.IGNORECASE
)
IT_IS_YOU: Final = "(that is you)"
NO_MORE: Final = re.compile(
    rf"^(?:(?:if|when|where|for)\b[^,;]*, )?(?:(?!{MARK}| and |,).)*{MARK}(?:(?! and |,).)*$", re.IGNORECASE
)  # but to send there


def instead_of(whom: Whom) -> str:
    """Who stands in for those to whom nobody is sent, nor for the writer: "the chair of governors (not from the policy)"."""
    left = [role for role in INSTEAD if role not in whom.barred | whom.own]
    found = WORDS[left[0]] if left else OFFICER
    return found if left and left[0] is Role.HEADTEACHER else f"{found} {NOT_THE_POLICY}"


def next_lines(text: str, whom: Whom) -> tuple[str, ...]:
    """An authored "what to do next" for this writer; the sentences that name nobody else stay as they are."""
    if not text or not (whom.about or whom.own):
        return (text,) if text else ()
    found: list[str] = []
    for sentence in SENTENCES.split(text):
        if WHERE_ABOUT_THE_HEAD.match(sentence) and (whom.about | whom.own) & {Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS}:
            continue  # said already, or of no use
        line = _for_others(_for_oneself(sentence, whom), whom)
        if line and line not in found:
            found.append(line)
    joined = " ".join(found)
    return (_ended(joined),) if joined else ()


def line_about(whom: Whom) -> str:
    """Whom to tell, where a card would else name only those to whom nobody is sent; empty where there are none."""
    form, them = (ABOUT_THEM, whom.about) if whom.about else (RATHER_NOT, whom.avoided)
    instead, _, aside = instead_of(whom).partition(" (")
    return form.format(them=said(them & whom.called or them), instead=instead, aside=aside and f" ({aside}") if them else ""


def said(roles: Iterable[Role]) -> str:
    """Roles in words; those that are only another name for the same person's are left out where a plainer one is there."""
    wanted = frozenset(roles)
    named = [role for role in Role if role in wanted]
    plain = [role for role in named if role not in (Role.SLT, Role.LINE_MANAGER)] or named
    return in_a_row([f"your {role.label}" if role is Role.LINE_MANAGER else f"the {role.label}" for role in plain])


def names_any(text: str, roles: Iterable[Role]) -> bool:
    """Whether a text names one of these roles."""
    return any(re.search(rf"\b{NAMED[role]}\b", text, re.IGNORECASE) for role in roles)


def _marked(sentence: str, roles: Iterable[Role]) -> str:
    for role in roles:
        sentence = re.sub(rf"(?<!not )(?<!about )\b{NAMED[role]}\b(?!'s)", MARK, sentence, flags=re.IGNORECASE)
    return sentence


def _left(marked: str) -> str:
    """A sentence without those who are marked, where somebody else is named beside them."""
    marked = re.sub(rf"{MARK}(?:(?:,? (?:or|and)|,) {MARK})+", MARK, marked)
    marked = re.sub(rf", {MARK},? or (?={OTHER})", " or ", marked)
    marked = re.sub(rf"{MARK},? or (?={OTHER})", "", marked)
    marked = re.sub(rf", ((?:the|your|a) [^,.;]+?) or {MARK}", r" or \1", marked)
    marked = re.sub(rf"(?<=\w), {MARK}(?=[.;]|$| instead)", f" or {MARK}", marked)
    return re.sub(rf"(?<=\w),? or {MARK}", "", marked)


def _for_others(sentence: str, whom: Whom) -> str:
    """A sentence that sends nobody to those whom it is about."""
    barred = whom.about
    if Role.HEADTEACHER in barred:
        sentence = OR_THE_CHAIR.sub(r"\g<chair>", sentence)
        barred |= BESIDE_THE_HEAD
        if TELLS.search(_marked(sentence, barred | UNDER_THE_HEAD)):
            barred |= UNDER_THE_HEAD  # they work for the Headteacher, so they are not asked to know
    elif Role.CHAIR_OF_GOVERNORS in barred:
        sentence = OR_THE_CHAIR.sub(r"\g<head>", sentence)
    marked = _marked(sentence, barred)
    if MARK not in marked or not SENDS.search(marked):
        return sentence
    short, instead = _left(marked), instead_of(whom)
    plain = instead.removesuffix(f" {NOT_THE_POLICY}")
    if plain.casefold() in short.casefold():
        short = re.sub(rf" and {MARK}|{MARK} and ", "", short)
    if "not from the policy" not in short:
        short = short.replace(MARK, instead, 1)
    return _capital(short.replace(MARK, plain), sentence)


def _for_oneself(sentence: str, whom: Whom) -> str:
    """A sentence that sends nobody to themselves: it says that it is they who are named."""
    marked = _marked(sentence, whom.own - whom.about)
    if MARK not in marked or not SENDS.search(marked):
        return sentence
    marked = re.sub(rf"^ask {MARK},? or (?=look |see )", "", marked, flags=re.IGNORECASE)
    short = OR_SENT.sub(r"\1", re.sub(rf" and {MARK}(?=\W|$)|{MARK} and (?=the )", "", _left(marked)))
    if MARK not in short:
        return _capital(short, sentence)
    them = said(role for role in whom.own - {Role.LINE_MANAGER} if names_any(sentence, [role])) or "the Headteacher"
    if NO_MORE.match(short):
        instead = f"{OFFICER} {NOT_THE_POLICY}" if Role.CHAIR_OF_GOVERNORS in whom.own else instead_of(whom)
        return YOURSELF.format(them=them, instead=instead).removesuffix(".") + (short[-1] if short[-1] in ";:" else ".")
    return _capital(short.replace(MARK, f"{them} {IT_IS_YOU}", 1).replace(MARK, them), sentence)


def _capital(text: str, like: str) -> str:
    return text[0].upper() + text[1:] if text and like[0].isupper() else text


def _ended(text: str) -> str:
    return f"{text.rstrip(' ;:')}." if text[-1] in ";:" else text
