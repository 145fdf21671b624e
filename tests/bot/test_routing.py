"""Who is told first, for every kind and every subject."""

from __future__ import annotations

import itertools

import pytest

from bot.incidents.model import Kind
from bot.incidents.routing import KCSIE, LADO, UNDER_THE_HEAD, barred_roles, facts_for, route, subjects_of, vacant_roles
from bot.people import People, Person, Role
from tests.support.people import EVERYBODY, HEAD, school

H, DSL, DPO, CHAIR = Role.HEADTEACHER, Role.DESIGNATED_SAFEGUARDING_LEAD, Role.DATA_PROTECTION_OFFICER, Role.CHAIR_OF_GOVERNORS


def told(kind: Kind, *barred: Role, done_by: tuple[str, ...] = ()) -> list[Role]:
    return [step.role for step in route(kind, barred, done_by) if step.alerted]


@pytest.mark.parametrize(
    ("kind", "barred", "wanted"),
    [
        (Kind.MISUSE, (), [H]),
        (Kind.STAFF_ABUSE, (), [H]),
        (Kind.THREAT, (), [H]),
        (Kind.DATA_BREACH, (), [DPO, H]),
        (Kind.SAFEGUARDING, (), [DSL, H]),
        (Kind.INDECENT_IMAGES, (), [DSL, H]),
        (Kind.MISUSE, (H,), [CHAIR]),
        (Kind.SAFEGUARDING, (H,), [CHAIR, DSL]),
        (Kind.INDECENT_IMAGES, (H,), [CHAIR, DSL]),
        (Kind.DATA_BREACH, (H,), [CHAIR, DPO]),
        (Kind.SAFEGUARDING, (DSL,), [H]),
        (Kind.DATA_BREACH, (DPO,), [H]),
        (Kind.MISUSE, (H, CHAIR), [DSL]),
        (Kind.SAFEGUARDING, (H, CHAIR), [DSL]),
        (Kind.MISUSE, (H, CHAIR, DSL), [DPO]),
        (Kind.SAFEGUARDING, (H, DSL), [CHAIR]),
    ],
)
def test_the_route(kind: Kind, barred: tuple[Role, ...], wanted: list[Role]) -> None:
    assert told(kind, *barred) == wanted


def test_every_combination_tells_somebody_and_never_a_subject() -> None:
    for kind in Kind:
        for count in range(5):
            for barred in itertools.combinations((H, DSL, DPO, CHAIR, Role.DEPUTY_HEADTEACHER, Role.SLT), count):
                roles = told(kind, *barred)
                assert roles, (kind, barred)
                assert not set(roles) & set(barred)
                if H in barred and not {DSL, DPO, CHAIR} <= set(barred):  # else the deputy is better than nobody
                    assert not set(roles) & UNDER_THE_HEAD


def test_reasons_are_clauses_or_a_named_fact() -> None:
    assert [step.why for step in route(Kind.MISUSE)] == ["19"]
    assert route(Kind.MISUSE)[0].reasons == ("19", "37", "60")
    assert [(step.role, step.alerted, step.why) for step in route(Kind.STAFF_ABUSE)][1] == (Role.LINE_MANAGER, False, "66")
    assert route(Kind.MISUSE, done_by=("headteacher",))[0].why == KCSIE
    assert facts_for(Kind.SAFEGUARDING, [H]) == (KCSIE, LADO)
    assert facts_for(Kind.MISUSE, [H]) == (KCSIE,)
    assert facts_for(Kind.MISUSE, []) == ()


def test_a_subject_with_two_roles_counts_for_both() -> None:
    both = Person("both", "Both", frozenset({H, DSL}))
    people = People([both, *(person for person in EVERYBODY if person.id not in ("head", "dsl"))])
    assert barred_roles(people, ["both"]) >= {H, DSL}
    assert told(Kind.SAFEGUARDING, *barred_roles(people, ["both"])) == [CHAIR]


def test_one_of_two_who_share_a_role_does_not_bar_the_other() -> None:
    second = Person("dsl2", "Second", frozenset({DSL}))
    assert DSL not in barred_roles(People([*EVERYBODY, second]), ["dsl"])


def test_every_headteacher_is_a_subject_when_the_headteacher_did_it() -> None:
    assert subjects_of(school(), ["dsl"], ["headteacher"]) == {"dsl", HEAD.id}
    assert vacant_roles(People([HEAD])) == set(Role) - {H, Role.LINE_MANAGER}
