"""What a document says about itself: whose it is, when it was reviewed and ratified, when it is due again."""

import re
from dataclasses import dataclass
from datetime import date

_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_MONTH = "|".join([*_MONTHS, *(name[:3] for name in _MONTHS), "sept"])
_DAY = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+({_MONTH})\.?,?\s+(\d{{4}})\b", re.IGNORECASE)
_DAY_NUMBERS = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})\b")
_ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTH_ONLY = re.compile(rf"\b({_MONTH})\.?\s+(\d{{4}})\b", re.IGNORECASE)
_SCHOOL_YEAR = re.compile(r"\b(20\d\d)\s*[/–-]\s*(?:20)?(\d\d)\b")
_YEAR = re.compile(r"\b(20\d\d)\b")
_TITLE_WORD = re.compile(
    r"\b(policy|policies|procedures?|code of (?:conduct|practice)|guidance|guidelines|agreement|handbook)\b", re.IGNORECASE
)
_SCHOOL = (
    r"((?:[A-Z][\w'’.&-]*\s+(?:of\s+|the\s+|and\s+|&\s+)*){1,7}"
    r"(?:School|Academy|College|Nursery|Trust|Federation|SCHOOL|ACADEMY|COLLEGE|TRUST)\b)"
)
_SCHOOL_PLACES = (
    r"adopted by\s+(?:the\s+)?(?:(?:governors|governing body|governing board)\s+of\s+)?(?:the\s+)?" + _SCHOOL,
    r"(?:school|name of school)\s*[:\t]\s*" + _SCHOOL,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the opening of a document states; empty or None where it states nothing."""

    title: str = ""
    school: str = ""
    origin: str = ""
    reviewed: date | None = None
    ratified: date | None = None
    review_due: str = ""


def facts_of(preamble: str, first_heading: str = "") -> Facts:
    """Read the facts from the text before the first heading (``first_heading`` is the title's last resort)."""
    lines = [line.strip() for line in preamble.splitlines() if line.strip()]
    ratified = _date_after(lines, r"ratified|adopted|approved|agreed|(?:approval|ratification) date|date of (?:approval|adoption)")
    reviewed = _date_after(lines, r"(?:last |date )?reviewed|last review|date of (?:last )?review|updated")
    return Facts(
        title=_title(lines) or first_heading,
        school=_school(lines),
        origin=_origin(lines),
        reviewed=reviewed,
        ratified=ratified,
        review_due=_review_due(lines),
    )


def _title(lines: list[str]) -> str:
    """The first short line that calls itself a policy, else the first line."""
    plain = [line.lstrip("#").strip().strip("*").strip() for line in lines[:12]]
    named = [line for line in plain if _TITLE_WORD.search(line) and len(line.split()) <= 14 and not line.endswith(".")]  # noqa: PLR2004
    return (named or plain or [""])[0]


def _school(lines: list[str]) -> str:
    """The school, from where documents name it; else the first name that ends like a school's."""
    for pattern in (*(f"(?i:{place.removesuffix(_SCHOOL)}){_SCHOOL}" for place in _SCHOOL_PLACES), _SCHOOL):
        for line in lines:
            if found := re.search(pattern, line):
                return found.group(1).strip()
    return ""


def _origin(lines: list[str]) -> str:
    """The model that the policy was made from ("OCC model policy")."""
    for line in lines:
        if found := re.search(r"\b((?:[A-Z][\w&'’]*\s+){1,5}model policy)\b", line):
            return re.sub(r"^This\s+", "", found.group(1))
    return ""


def _date_after(lines: list[str], words: str) -> date | None:
    """The first day named on a line (or the line after it) that has one of the words and is not about the next review."""
    for index, line in enumerate(lines):
        found = re.search(rf"\b(?:{words})\b", line, re.IGNORECASE)
        if not found or re.search(r"\b(next|due)\b", line[: found.end()], re.IGNORECASE):
            continue
        day = day_in(line[found.end() :])
        if day is None and index + 1 < len(lines) and len(line.split()) <= 6:  # noqa: PLR2004
            day = day_in(lines[index + 1]) if not re.search(r"[A-Za-z]{4,}.*[:\t]", lines[index + 1]) else None
        if day:
            return day
    return None


def _review_due(lines: list[str]) -> str:
    for index, line in enumerate(lines):
        found = re.search(
            r"\b(?:next review(?: date| due| by)?|review (?:date|due|by)|due for review|date (?:of|for) (?:next )?review|to be reviewed)\b",
            line,
            re.IGNORECASE,
        )
        if found:
            rest = re.sub(r"^(?:\s|[:.–-]|due\b|on\b|by\b|date\b)+", "", line[found.end() :]).strip()
            if not rest and index + 1 < len(lines) and _YEAR.search(lines[index + 1]):
                rest = lines[index + 1]
            if rest:
                return rest
    return ""


def day_in(text: str) -> date | None:
    """The first full date in the text, written as in Britain; a month alone is its first day."""
    try:
        if found := _DAY.search(text):
            return date(int(found[3]), _month(found[2]), int(found[1]))
        if found := _ISO_DAY.search(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_NUMBERS.search(text):
            year = int(found[3])
            return date(year + 2000 if year < 100 else year, int(found[2]), int(found[1]))  # noqa: PLR2004
        if found := _MONTH_ONLY.search(text):
            return date(int(found[2]), _month(found[1]), 1)
    except ValueError:
        return None
    return None


def _month(name: str) -> int:
    return next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name.casefold()[:3]))


def standing(ratified: date | None, reviewed: date | None, review_due: str, today: date) -> str:
    """One line on the policy's age, its tense fitting the day: "ratified 17 November 2020; review was due 2022/23"."""
    said = []
    if ratified:
        said.append(f"ratified {_spoken(ratified)}")
    elif reviewed:
        said.append(f"reviewed {_spoken(reviewed)}")
    else:
        said.append("date of ratification not stated")
    if review_due:
        short, last_day = _due(review_due)
        tense = "was" if last_day and today > last_day else "is"
        said.append(f"review {tense} due {short}")
    return "; ".join(said)


def _due(text: str) -> tuple[str, date | None]:
    """How the time of the next review is said in short, and its last day (a school year ends on 31 August)."""
    if (day := day_in(text)) and not _SCHOOL_YEAR.search(text):
        return (_spoken(day) if _DAY.search(text) or not _MONTH_ONLY.search(text) else text.strip()), _month_end(day, text)
    if found := _SCHOOL_YEAR.search(text):
        first = int(found[1])
        return f"{first}/{found[2]}", date(first + 1, 8, 31)
    if found := _YEAR.search(text):
        return text.strip(), date(int(found[1]), 12, 31)
    return text.strip(), None


def _month_end(day: date, text: str) -> date:
    """A month that is named alone is over only when the next one begins."""
    if _DAY.search(text) or _DAY_NUMBERS.search(text) or _ISO_DAY.search(text):
        return day
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _spoken(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1].capitalize()} {day.year}"
