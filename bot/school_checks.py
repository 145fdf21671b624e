"""What is wrong between one part of school.toml and another, told also where some of its parts cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ValidationError
from rapidfuzz import process

from bot.people import Role
from bot.school import EscalationTable, LadderTable, PersonTable, QuietTable, RetentionTable, SchoolFile, SchoolTable, StepTable, TermTable

Table = TypeVar("Table", bound=BaseModel)
NO_NAME = "?"  # stands for a name that is missing, which is told by itself

KNOWN_KEYS = sorted(
    {
        field.alias or name
        for table in (SchoolFile, SchoolTable, PersonTable, StepTable, LadderTable, EscalationTable, TermTable, QuietTable, RetentionTable)
        for name, field in table.model_fields.items()
    }
)


@dataclass(frozen=True)
class Readable:
    """As much of a school.toml as can be read. Where not every id or role is known, nobody can say that one is missing."""

    school: SchoolTable | None
    people: tuple[PersonTable, ...]
    all_ids: bool
    all_roles: bool
    ladders: Mapping[str, Ladder]


@dataclass(frozen=True)
class Ladder:
    """The steps of a ladder that can be read; ``whole`` where all of them can."""

    steps: tuple[StepTable, ...]
    whole: bool
    repeat: timedelta | None


def meant(key: str) -> str:
    """The setting that a misspelt key is most like; empty where it is like none."""
    close = process.extractOne(key, KNOWN_KEYS, score_cutoff=70)
    return close[0] if close else ""


def readable(raw: Mapping[str, Any]) -> Readable:
    """Read each table by itself, without the keys that are wrong."""
    blocks = raw.get("people")
    written = [block if isinstance(block, dict) else {} for block in blocks] if isinstance(blocks, list) else []
    people = [(block, as_far_as_readable(PersonTable, block)) for block in written]
    read = tuple(person for _, person in people if person)
    all_ids = bool(people) and len(read) == len(people)
    all_roles = all_ids and all(
        person and list(person.roles) == block.get("roles", []) and not any(meant(key) == "roles" for key in block if key != "roles")
        for block, person in people
    )
    ladders = raw.get("escalation")
    named = {name: ladders[name] for name in ("urgent", "normal") if isinstance(ladders, dict) and isinstance(ladders.get(name), dict)}
    return Readable(
        school=as_far_as_readable(SchoolTable, raw.get("school")),
        people=read,
        all_ids=all_ids,
        all_roles=all_roles,
        ladders={name: readable_ladder(ladder) for name, ladder in named.items()},
    )


def readable_ladder(raw: Mapping[str, Any]) -> Ladder:
    """The steps of a ladder that can be read."""
    written = raw.get("steps")
    steps = [as_far_as_readable(StepTable, step) for step in written] if isinstance(written, list) else []
    try:
        repeat = LadderTable.model_validate({"steps": [{"after": "0s", "alert": ["routed"]}], "repeat": raw.get("repeat")}).repeat
    except ValidationError:
        repeat = None
    return Ladder(tuple(step for step in steps if step), bool(steps) and all(steps), repeat)


def as_far_as_readable(table: type[Table], raw: object) -> Table | None:
    """A table without the keys that are wrong; None where what is left is no such table."""
    kept = dict(raw) if isinstance(raw, dict) else {}
    try:
        return table.model_validate(kept)
    except ValidationError as error:
        for wrong in {str(one["loc"][0]) for one in error.errors()}:
            kept.pop(wrong, None)
    if "name" in table.model_fields:
        kept.setdefault("name", NO_NAME)
    try:
        return table.model_validate(kept)
    except ValidationError:
        return None


def across(file: Readable) -> list[str]:
    """Find what is wrong between one part of the file and another."""
    problems = people_problems(file)
    if file.school:
        problems += school_problems(file, file.school)
    for name, ladder in file.ladders.items():
        problems += ladder_problems(name, ladder)
    return problems


def people_problems(file: Readable) -> list[str]:
    """Find what is wrong between one person and another."""
    ids = [person.id for person in file.people]
    held = {role for person in file.people for role in person.roles}
    problems = [
        f'the id "{one}" stands in two [[people]] blocks: give each person their own.'
        for one in sorted({i for i in ids if ids.count(i) > 1})
    ]
    problems += [
        f"{person.id}'s line_manager \"{person.line_manager}\" is nobody's id: use the id of one of the [[people]]."
        for person in file.people
        if file.all_ids and person.line_manager and person.line_manager not in ids
    ]
    problems += [
        f"nobody holds the role {role}: give it to one of the [[people]]."
        for role in (Role.HEADTEACHER, Role.DESIGNATED_SAFEGUARDING_LEAD, Role.CHAIR_OF_GOVERNORS)
        if file.all_roles and role not in held
    ]
    return problems


def school_problems(file: Readable, school: SchoolTable) -> list[str]:
    """Find what is wrong in the [school] table, and between it and the people."""
    ids = {person.id for person in file.people}
    problems = [
        f'school, {key} "{value}" is nobody\'s id: use the id of one of the [[people]].'
        for key, value in (("it_contact", school.it_contact), ("audit_copy_to", school.audit_copy_to))
        if file.all_ids and value and value not in ids
    ]
    heads = {person.id for person in file.people if Role.HEADTEACHER in person.roles}
    if school.audit_copy_to in heads:
        problems.append("school, audit_copy_to is the Headteacher: name the chair of governors, who must be able to check.")
    try:
        ZoneInfo(school.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(f'school, timezone "{school.timezone}" is unknown: write "Europe/London".')
    return problems


def ladder_problems(name: str, ladder: Ladder) -> list[str]:
    """Find what is wrong with one ladder."""
    known = {"routed", *Role}
    problems = [
        f'escalation.{name}: "{who}" is neither "routed" nor a role; the roles are {", ".join(Role)}.'
        for step in ladder.steps
        for who in step.alert
        if who not in known
    ]
    times = [step.after for step in ladder.steps]
    if ladder.whole and times != sorted(times):
        problems.append(f"escalation.{name}: the steps are not in the order of their times: put the earliest first.")
    if ladder.whole and times[0]:
        problems.append(f'escalation.{name}: the first step must be at "0s", so that somebody is alerted at once.')
    if ladder.repeat is not None and ladder.repeat < timedelta(minutes=1):
        problems.append(f'escalation.{name}: repeat is under a minute: write "10m" or more, so that people keep listening.')
    return problems
