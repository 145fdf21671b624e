"""Several schools in one database: every row and every statement is bound to one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.errors import NotFound
from bot.incidents import schema
from bot.incidents.enquiries import Enquiries
from bot.incidents.model import Kind
from bot.incidents.retention import export_person, purge
from bot.incidents.verify import verify
from bot.people import Role
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import CHAIR, DSL, HEAD, SBM, TEACHER
from tests.support.school import School, report

OWN = {table.name for table in schema.metadata.tables.values() if "school" in table.c}
FIRST, SECOND = "first-school", "second-school"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'usher.db'}"
    else:
        yield request.getfixturevalue("postgres_url")


async def live(school: School) -> str:
    """Do everything once."""
    register, chat = school.register, RecordingChannel("chat")
    mail = RecordingChannel("mail", can_find=False, has_rooms=False, can_update=False)
    post = Post(school, {"chat": chat, "mail": mail})
    ref = register.open(report(Kind.SAFEGUARDING), TEACHER, "the-same-event").ref
    await post.deliver()
    await post.pass_time(700, step=60)
    register.read(ref, HEAD)
    register.acknowledge(ref, HEAD, "e1")
    register.acknowledge(ref, DSL, "e2")
    register.say(ref, TEACHER, "words", "e3", "web")
    register.add_note(ref, HEAD, "note", "e4")
    register.tick(ref, TEACHER, "date", "e5")
    register.invite(ref, HEAD, SBM, "e6")
    register.hand_over(ref, HEAD, CHAIR, "e7")
    register.name_subject(ref, HEAD, SBM, "e8")
    register.take_in_hand(ref, HEAD, "e9")
    enquiries = Enquiries(register.records)
    asked = enquiries.ask("May I?", TEACHER, Role.HEADTEACHER, "e10")
    enquiries.answer(asked.ref, HEAD, "No.", "e11")
    await post.deliver()
    register.close(ref, HEAD, "done", "e12")
    await post.deliver()
    register.visible_to(HEAD)
    register.reported_by(TEACHER)
    register.changes_since(0, HEAD)
    register.delivery_state(ref, TEACHER)
    enquiries.mine(TEACHER)
    enquiries.answered()
    export_person(register, TEACHER)
    purge(register)
    school.store.claim_event("the-same-event")
    school.store.finish_event("the-same-event")
    school.store.beat("outbox")
    verify(school.store, school.vault)
    return ref


async def test_every_statement_is_bound_to_its_school(url: str) -> None:
    second = School(url, name=SECOND)
    await live(second)
    first = School(url, name=FIRST)
    statements: list[tuple[str, str]] = []

    def look(conn: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: Any) -> None:
        statements.append((statement, repr(parameters)))

    event.listen(first.store.engine, "before_cursor_execute", look)
    await live(first)
    about_rows = [(text, values) for text, values in statements if any(f" {name} " in f" {text} " for name in OWN)]
    assert len(about_rows) > 200
    for text, values in about_rows:
        assert "school" in text, text
        assert FIRST in values, text
        assert SECOND not in values, text
        tables = [name for name in OWN if re.search(rf"(FROM|UPDATE|JOIN) {name}\b", text)]
        assert all(f"{name}.school = " in text for name in tables), text


async def test_another_school_sees_nothing(url: str) -> None:
    first, second = School(url, name=FIRST), School(url, name=SECOND)
    ref = await live(first)
    register = second.register
    assert register.visible_to(HEAD) == ()
    assert register.reported_by(TEACHER) == ()
    assert register.changes_since(0, HEAD).items == ()
    for call in (
        lambda: register.read(ref, HEAD), lambda: register.acknowledge(ref, HEAD, "e"),
        lambda: register.say(ref, TEACHER, "x", "e", "chat"),
        lambda: register.delivery_state(ref, TEACHER), lambda: register.close(ref, HEAD, "x", "e"), lambda: register.reopen(ref, HEAD, "e"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            call()
    assert second.store.claim_event("the-same-event")
    assert export_person(register, TEACHER)["incidents"] == {}
    assert register.open(report(Kind.SAFEGUARDING), TEACHER, "the-same-event").ref != ref
    assert verify(first.store, first.vault).sound
    assert verify(second.store, second.vault).sound


def test_a_value_carried_to_another_school_does_not_open(url: str) -> None:
    first, second = School(url, name=FIRST), School(url, name=SECOND)
    one = first.register.open(report(what="ours"), TEACHER, "e").ref
    two = second.register.open(report(what="theirs"), TEACHER, "e").ref
    incidents = schema.incidents
    with first.store.reading() as conn:
        sealed = conn.scalar(first.store.rows(incidents, incidents.c.sealed).where(incidents.c.ref == one))
    with second.store.transaction() as conn:
        second.store.change(conn, incidents, incidents.c.ref == two, sealed=sealed)
    with pytest.raises(Exception, match="changed or moved"):
        second.register.read(two, HEAD)
