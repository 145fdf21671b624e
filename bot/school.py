"""school.toml: the school, its people and its ladder, checked as a whole; every mistake is told, each with its mend."""

from __future__ import annotations

import re
import tomllib
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from rapidfuzz import process

from bot.errors import SettingsError
from bot.people import People, Person, Role

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
DAYS_IN_A_YEAR = 365.25


def duration(text: object) -> timedelta:
    """Read "30s", "10m", "2h", "7d" or "6y" as a length of time.

    Raises:
        ValueError: the text is none of these.
    """
    found = re.fullmatch(r"(\d+)([smhdy])", text.strip()) if isinstance(text, str) else None
    if not found:
        raise ValueError('write a length of time such as "30s", "10m", "2h", "7d" or "6y"')
    number, unit = int(found[1]), found[2]
    return timedelta(days=number * DAYS_IN_A_YEAR) if unit == "y" else timedelta(**{UNITS[unit]: number})


def clock_time(text: object) -> time:
    """Read "18:30" as a time of day.

    Raises:
        ValueError: the text is no time of day.
    """
    if isinstance(text, time):
        return text
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip()) if isinstance(text, str) else None
    if not found:
        raise ValueError('write a time of day such as "18:30"')
    return time(int(found[1]), int(found[2]))


Duration = Annotated[timedelta, BeforeValidator(duration)]
ClockTime = Annotated[time, BeforeValidator(clock_time)]


class Strict(BaseModel):
    """A table of school.toml in which no unknown key may stand."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SchoolTable(Strict):
    """The [school] table."""

    name: str = Field(min_length=1)
    demo: bool = False
    policies: tuple[str, ...] = ("harwell-social-media",)
    timezone: str = "Europe/London"
    telephone: str = ""
    it_contact: str = ""
    audit_copy_to: str = ""
    content_in_slack: bool = True


class PersonTable(Strict):
    """One [[people]] block."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str = Field(min_length=1)
    job: str = ""
    roles: tuple[Role, ...] = ()
    email: str = Field(default="", pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$")
    slack: str = ""
    teams: str = ""
    telephone: str = ""
    line_manager: str = ""


class StepTable(Strict):
    """One step of a ladder: whom to alert, and how long after the incident was opened."""

    after: Duration
    alert: tuple[str, ...] = Field(min_length=1)


class LadderTable(Strict):
    """A ladder: its steps, and how often everybody is alerted again after the last."""

    steps: tuple[StepTable, ...] = Field(min_length=1)
    repeat: Duration


class EscalationTable(Strict):
    """The ladders by urgency."""

    urgent: LadderTable
    normal: LadderTable


class TermTable(Strict):
    """One stretch of school days, both ends included."""

    first: date
    last: date


class QuietTable(Strict):
    """When repeats of what is not urgent wait."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    start: ClockTime = Field(default=time(18, 30), alias="from")
    end: ClockTime = Field(default=time(7, 30), alias="to")
    weekends: bool = True
    bank_holidays: bool = True
    terms: tuple[TermTable, ...] = ()


class RetentionTable(Strict):
    """How long a closed incident's words are kept, by kind."""

    misuse: Duration = timedelta(days=6 * DAYS_IN_A_YEAR)
    staff_abuse: Duration = timedelta(days=6 * DAYS_IN_A_YEAR)
    threat: Duration = timedelta(days=6 * DAYS_IN_A_YEAR)
    data_breach: Duration = timedelta(days=6 * DAYS_IN_A_YEAR)
    safeguarding: Duration = timedelta(days=25 * DAYS_IN_A_YEAR)
    indecent_images: Duration = timedelta(days=25 * DAYS_IN_A_YEAR)


class SchoolFile(Strict):
    """All of school.toml."""

    school: SchoolTable
    people: tuple[PersonTable, ...] = Field(min_length=1)
    escalation: EscalationTable
    quiet: QuietTable = QuietTable()
    retention: RetentionTable = RetentionTable()

    def everyone(self) -> People:
        """The people as the bot knows them; every address by its channel's name."""
        return People(
            Person(
                id=one.id,
                name=one.name,
                roles=frozenset(one.roles),
                addresses={
                    name: address
                    for name, address in (("slack", one.slack), ("teams", one.teams), ("mail", one.email), ("web", one.id))
                    if address
                },
                job=one.job,
                line_manager=one.line_manager,
                telephone=one.telephone,
            )
            for one in self.people
        )


def read_school(path: Path) -> SchoolFile:
    """Read and check a school.toml.

    Raises:
        SettingsError: with every mistake that was found, one sentence each.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError([f"{path} is not there: copy school.example.toml to that name and put your school in it."]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path} cannot be read ({type(error).__name__}): check the file's permissions."]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{path} is not valid TOML: {error}. Compare that line with school.example.toml."]) from None
    try:
        school = SchoolFile.model_validate(raw)
    except ValidationError as error:
        raise SettingsError([f"{path.name}: {sentence(one)}" for one in error.errors()]) from None
    if problems := across(school):
        raise SettingsError([f"{path.name}: {problem}" for problem in problems])
    return school


def sentence(error: Any) -> str:
    """One of pydantic's findings, as a sentence that says where and how to mend it."""
    where = place(error["loc"])
    kind = error["type"]
    if kind == "missing":
        return f"{where} is missing: add it, as in school.example.toml."
    if kind == "extra_forbidden":
        close = process.extractOne(str(error["loc"][-1]), KNOWN_KEYS, score_cutoff=70)
        hint = f'; did you mean "{close[0]}"?' if close else ": remove it or correct its spelling."
        return f"{where} is not a setting{hint}"
    if kind == "enum":
        return f"{where} is not a role; the roles are {', '.join(Role)}."
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {message[0].lower() + message[1:]}."


def place(location: tuple[str | int, ...]) -> str:
    """Where in the file: ("people", 2, "roles") reads `people, block 3, roles`."""
    return ", ".join(f"block {part + 1}" if isinstance(part, int) else str(part) for part in location)


def across(school: SchoolFile) -> list[str]:
    """Find what is wrong between one part of the file and another."""
    ids = [person.id for person in school.people]
    held = {role for person in school.people for role in person.roles}
    problems = [
        f'the id "{one}" stands in two [[people]] blocks: give each person their own.'
        for one in sorted({i for i in ids if ids.count(i) > 1})
    ]
    problems += [
        f"{person.id}'s line_manager \"{person.line_manager}\" is nobody's id: use the id of one of the [[people]]."
        for person in school.people
        if person.line_manager and person.line_manager not in ids
    ]
    problems += [
        f"nobody holds the role {role}: give it to one of the [[people]]."
        for role in (Role.HEADTEACHER, Role.DESIGNATED_SAFEGUARDING_LEAD, Role.CHAIR_OF_GOVERNORS)
        if role not in held
    ]
    problems += [
        f'school, {key} "{value}" is nobody\'s id: use the id of one of the [[people]].'
        for key, value in (("it_contact", school.school.it_contact), ("audit_copy_to", school.school.audit_copy_to))
        if value and value not in ids
    ]
    for name in ("urgent", "normal"):
        ladder: LadderTable = getattr(school.escalation, name)
        problems += ladder_problems(name, ladder, ids)
    try:
        ZoneInfo(school.school.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(f'school, timezone "{school.school.timezone}" is unknown: write "Europe/London".')
    return problems


def ladder_problems(name: str, ladder: LadderTable, ids: list[str]) -> list[str]:
    """Find what is wrong with one ladder."""
    known = {"routed", *Role, *ids}
    problems = [
        f'escalation.{name}: "{who}" is neither "routed", nor a role, nor a person\'s id.'
        for step in ladder.steps
        for who in step.alert
        if who not in known
    ]
    times = [step.after for step in ladder.steps]
    if times != sorted(times):
        problems.append(f"escalation.{name}: the steps are not in the order of their times: put the earliest first.")
    if times[0]:
        problems.append(f'escalation.{name}: the first step must be at "0s", so that somebody is alerted at once.')
    if ladder.repeat < timedelta(minutes=1):
        problems.append(f'escalation.{name}: repeat is under a minute: write "10m" or more, so that people keep listening.')
    return problems


KNOWN_KEYS = sorted(
    {
        field.alias or name
        for table in (SchoolFile, SchoolTable, PersonTable, StepTable, LadderTable, EscalationTable, TermTable, QuietTable, RetentionTable)
        for name, field in table.model_fields.items()
    }
)
