"""The tables of school.toml: the school, its people, its ladders, its quiet hours."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

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
    policies: tuple[str, ...] = Field(default=("harwell-social-media",), min_length=1)
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
    """How long words are kept: a closed incident's by kind, and those of everything else."""

    misuse: Duration = timedelta(days=6 * DAYS_IN_A_YEAR)
    staff_abuse: Duration = timedelta(days=6 * DAYS_IN_A_YEAR)
    threat: Duration = timedelta(days=6 * DAYS_IN_A_YEAR)
    data_breach: Duration = timedelta(days=6 * DAYS_IN_A_YEAR)
    safeguarding: Duration = timedelta(days=25 * DAYS_IN_A_YEAR)
    indecent_images: Duration = timedelta(days=25 * DAYS_IN_A_YEAR)
    conversations: Duration = timedelta(days=DAYS_IN_A_YEAR)
    questions: Duration = timedelta(days=2 * DAYS_IN_A_YEAR)
    judgements: Duration = timedelta(days=2 * DAYS_IN_A_YEAR)
    answers: Duration = timedelta(days=5 * DAYS_IN_A_YEAR)


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
