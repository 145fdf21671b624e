"""Reading school.toml, and saying what is wrong with it: every mistake at once, each in a sentence that says how to mend it."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError
from rapidfuzz import process

from bot.errors import SettingsError
from bot.people import Role
from bot.school import EscalationTable, LadderTable, PersonTable, QuietTable, RetentionTable, SchoolFile, SchoolTable, StepTable, TermTable


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
    heads = {person.id for person in school.people if Role.HEADTEACHER in person.roles}
    if school.school.audit_copy_to in heads:
        problems.append("school, audit_copy_to is the Headteacher: name the chair of governors, who must be able to check.")
    for name in ("urgent", "normal"):
        ladder: LadderTable = getattr(school.escalation, name)
        problems += ladder_problems(name, ladder)
    try:
        ZoneInfo(school.school.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(f'school, timezone "{school.school.timezone}" is unknown: write "Europe/London".')
    return problems


def ladder_problems(name: str, ladder: LadderTable) -> list[str]:
    """Find what is wrong with one ladder."""
    known = {"routed", *Role}
    problems = [
        f'escalation.{name}: "{who}" is neither "routed" nor a role; the roles are {", ".join(Role)}.'
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
