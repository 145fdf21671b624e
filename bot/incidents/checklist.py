"""What is owed in an incident: evidence, safety, support, and the path for whoever did it; each with its clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.incidents.model import Kind, Owed, Report


@dataclass(frozen=True)
class Item:
    """Something to do. `investigation`: part of the school's own inquiry, so it waits while the police lead (clause 66)."""

    id: str
    text: str
    clause: str
    group: str
    investigation: bool = False


DATE = Item("date", "The date is noted", "61", "evidence")
TIME = Item("time", "The time is noted", "61", "evidence")
ADDRESS = Item("address", "The address of the site or page is noted", "61", "evidence")
SCREEN_PRINT = Item("screen_print", "A screen print is kept by the person who received it", "61", "evidence")
EMAILS = Item("emails", "E-mails are kept, not deleted", "70", "evidence")
CALLS = Item("calls", "Phone calls are logged", "70", "evidence")

DANGER = Item("danger", "The person in danger is safe, or 999 has been called", "", "safety")
POLICE_ADVICE = Item("police_advice", "The person affected has been advised about telling the police", "70", "safety")

LINE_MANAGER = Item("line_manager", "The line manager has offered support", "66", "support")
COUNSELLING = Item("counselling", "Confidential counselling support has been offered", "61", "support")
OCCUPATIONAL = Item("occupational_health", "Occupational health has been considered", "66", "support")

STAFF_PATH = Item("staff_path", "Investigated; the Disciplinary or Capability Procedure considered", "64", "path", investigation=True)
PUPIL_PATH = Item("pupil_path", "First looked into under the behaviour and bullying policy", "65", "path", investigation=True)
PUPIL_POLICE = Item("pupil_police", "Whether to consult the police has been decided", "65", "path")
PUBLIC_PATH = Item("public_path", "The post has been looked into and responded to by the school", "26", "path", investigation=True)
BREACH = Item("breach", "The data protection officer has decided what must be reported, and by when", "18", "path")
CHILD = Item("child", "The designated safeguarding lead has decided the next step for the child", "40", "path")

SECURED = Item("secured", "The evidence is in a secure place, such as a locked cupboard, where others cannot see it", "71", "safety")
POLICE_CALLED = Item("police_called", "The police have been contacted for advice", "71", "safety")
UNTOUCHED = Item("untouched", "Everybody concerned knows: do not save, send, alter or show it", "71", "safety")

WRITTEN_EVIDENCE = (DATE, TIME, ADDRESS)
EVIDENCE = {
    Kind.MISUSE: (*WRITTEN_EVIDENCE, SCREEN_PRINT, EMAILS),
    Kind.STAFF_ABUSE: (*WRITTEN_EVIDENCE, SCREEN_PRINT, EMAILS, CALLS),
    Kind.THREAT: (*WRITTEN_EVIDENCE, SCREEN_PRINT, EMAILS, CALLS),
    Kind.DATA_BREACH: (*WRITTEN_EVIDENCE, EMAILS),
    # A screen print could show a child, so none is asked for; clause 71 allows no evidence advice at all.
    Kind.SAFEGUARDING: WRITTEN_EVIDENCE,
    Kind.INDECENT_IMAGES: (),
}


def items(report: Report) -> tuple[Item, ...]:
    """Everything that is owed for such a report, in the order in which it is shown."""
    found: list[Item] = []
    if report.kind is Kind.INDECENT_IMAGES:
        found += [UNTOUCHED, SECURED, POLICE_CALLED]
    if report.danger:
        found.append(DANGER)
    if report.kind is Kind.THREAT:
        found.append(POLICE_ADVICE)
    if report.kind in (Kind.SAFEGUARDING, Kind.INDECENT_IMAGES):
        found.append(CHILD)
    if report.kind is Kind.DATA_BREACH:
        found.append(BREACH)
    found += EVIDENCE[report.kind]
    if report.kind in (Kind.STAFF_ABUSE, Kind.THREAT) or {"me", "colleague"} & set(report.affected):
        found += [LINE_MANAGER, COUNSELLING, OCCUPATIONAL]
    return (*found, *_path(report.done_by))


def _path(done_by: tuple[str, ...]) -> list[Item]:
    found: list[Item] = []
    if {"staff", "headteacher"} & set(done_by):
        found.append(STAFF_PATH)
    if "pupil" in done_by:
        found += [PUPIL_PATH, PUPIL_POLICE]
    if {"parent", "public"} & set(done_by):
        found.append(PUBLIC_PATH)
    return found


def held_from_the_start(report: Report) -> bool:
    """Whether a police hold stands from the moment of the report: the police know already, or clause 71 sends the school to them."""
    return bool(report.police_told) or report.kind is Kind.INDECENT_IMAGES


def owed(report: Report, ticks: Mapping[str, tuple[str, datetime]], *, police_hold: bool) -> tuple[Owed, ...]:
    """The items as they stand. `ticks`: item to who ticked it (an id) and when."""
    found = []
    for item in items(report):
        by, at = ticks.get(item.id, ("", None))
        found.append(Owed(item.id, item.text, item.clause, item.group, by, at, held=police_hold and item.investigation))
    return tuple(found)
