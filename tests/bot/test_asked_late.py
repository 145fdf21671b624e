"""Whoever is asked days after the opening has missed no rungs; nobody is asked twice in one moment; today's Headteacher is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import NotFound
from bot.incidents.model import Kind
from bot.incidents.raising import raise_kind
from bot.people import People, Role
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import CHAIR, DEPUTY, DSL, EVERYBODY, HEAD, TEACHER, person
from tests.support.school import School, report

NEW = person("newhead", "Nora New", Role.HEADTEACHER)


@pytest.fixture
def chat() -> RecordingChannel:
    return RecordingChannel()


def asked(chat: RecordingChannel) -> list[str]:
    """Who has been sent an alert since the last look, each as often as it was."""
    found = sorted(one.person.id for one in chat.delivered if one.person.id != TEACHER.id)
    chat.delivered.clear()
    return found


async def test_a_matter_that_turns_graver_late_climbs_its_ladder_rung_by_rung(school: School, chat: RecordingChannel) -> None:
    post = Post(school, {"chat": chat})
    ref = school.register.open(report(Kind.MISUSE), TEACHER, "e").ref
    school.register.acknowledge(ref, HEAD, "a")
    await post.deliver()
    school.clock.turn(hours=30)
    raise_kind(school.register, ref, TEACHER, Kind.INDECENT_IMAGES, "Do not save it.", "r", "chat")
    await post.deliver()
    asked(chat)
    await post.pass_time(5 * 60 + 10, step=10)
    assert asked(chat) == [DSL.id, HEAD.id], "the first rung is for whoever owes it, again"
    await post.pass_time(5 * 60, step=10)
    assert asked(chat) == [DEPUTY.id, DSL.id, HEAD.id]
    await post.pass_time(10 * 60, step=10)
    assert asked(chat) == [CHAIR.id, DEPUTY.id, DSL.id, HEAD.id]


async def test_who_takes_the_place_of_somebody_named_is_asked_once_and_given_time(school: School, chat: RecordingChannel) -> None:
    post = Post(school, {"chat": chat})
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "e").ref
    school.register.acknowledge(ref, HEAD, "a")
    school.register.acknowledge(ref, DSL, "b")
    await post.deliver()
    school.clock.turn(hours=30)
    asked(chat)
    school.register.name_subject(ref, DSL, HEAD, "n")
    await post.pass_time(4 * 60, step=10)
    assert asked(chat) == [CHAIR.id]
    await post.pass_time(2 * 60, step=10)
    assert asked(chat) == [CHAIR.id], "again, as anybody who has not acknowledged after five minutes"


async def test_one_person_with_two_roles_is_reminded_once_each_time(tmp_path: Path, chat: RecordingChannel) -> None:
    both = person("head", "Helen Head", Role.HEADTEACHER, Role.DESIGNATED_SAFEGUARDING_LEAD)
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", people=People([TEACHER, both, DEPUTY, CHAIR]))
    post = Post(school, {"chat": chat})
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "e").ref
    await post.deliver()
    assert asked(chat) == [HEAD.id]
    await post.pass_time(5 * 60 + 10, step=10)
    assert len(chat.to(TEACHER)) == 1, "the reporter hears once that nobody has acknowledged"
    assert asked(chat) == [HEAD.id]
    await post.pass_time(5 * 60, step=10)
    assert asked(chat) == [DEPUTY.id, HEAD.id]
    school.register.acknowledge(ref, both, "a")
    assert all(one.at for one in school.register.read(ref, both).acknowledgements)
    school.close()


async def test_a_new_headteacher_is_asked_and_the_one_before_hears_no_more(school: School, chat: RecordingChannel) -> None:
    ref = school.register.open(report(Kind.THREAT), TEACHER, "e").ref
    await Post(school, {"chat": chat}).deliver()
    assert asked(chat) == [HEAD.id]
    people = People([*(one for one in EVERYBODY if one.id != HEAD.id), NEW])
    after = School(school.url, clock=school.clock, people=people)  # started anew with another school.toml
    post = Post(after, {"chat": chat})
    await post.pass_time(5 * 60 + 10, step=10)
    assert asked(chat) == [NEW.id]
    assert after.register.read(ref, NEW).ref == ref
    assert after.register.visible_to(HEAD) == ()
    with pytest.raises(NotFound):
        after.register.read(ref, HEAD)
    await post.pass_time(20 * 60, step=10)
    assert HEAD.id not in asked(chat)
    after.close()
