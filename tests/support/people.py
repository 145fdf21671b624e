"""The people of a school that exists only in tests."""

from __future__ import annotations

from bot.people import People, Person, Role


def person(person_id: str, name: str, *roles: Role, line_manager: str = "head", **addresses: str) -> Person:
    return Person(
        person_id, name, frozenset(roles), {"chat": person_id, "mail": f"{person_id}@school.test", **addresses},
        line_manager=line_manager, telephone=f"01235 555{len(person_id):03d}" if roles else "",
    )  # fmt: skip


TEACHER = person("teacher", "Tom Teacher")
TA = person("ta", "Tina Assistant")
HEAD = person("head", "Helen Head", Role.HEADTEACHER, line_manager="chair")
DEPUTY = person("deputy", "Dev Deputy", Role.DEPUTY_HEADTEACHER, Role.SLT)
DSL = person("dsl", "Dana Safe", Role.DESIGNATED_SAFEGUARDING_LEAD)
DPO = person("dpo", "Dora Data", Role.DATA_PROTECTION_OFFICER)
SBM = person("sbm", "Sam Business", Role.BUSINESS_MANAGER)
CHAIR = person("chair", "Charlie Chair", Role.CHAIR_OF_GOVERNORS)
EVERYBODY = (TEACHER, TA, HEAD, DEPUTY, DSL, DPO, SBM, CHAIR)


def school() -> People:
    return People(EVERYBODY)
