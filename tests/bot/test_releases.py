"""Two releases of Usher at work on one database: neither takes what the other put on record for a change behind the record's back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import feedback as feedbacks
from bot.feedback import Feedback
from bot.incidents import audit, bindings, rows, schema
from bot.incidents.enquiries import Enquiries
from bot.incidents.ladder import Ladder
from bot.incidents.verify import verify
from bot.people import Role
from tests.support.people import HEAD, TEACHER
from tests.support.school import School, report

LATER = {**bindings.VERSIONS[1], "members": (*bindings.VERSIONS[1]["members"], "read_to")}  # a column that a later release binds, too


@contextmanager
def later_release() -> Iterator[None]:
    """As if this process were of a later release."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(bindings.VERSIONS, 2, LATER)
        for module in (bindings, audit):
            patch.setattr(module, "LATEST", 2)
        yield


def actions(school: School) -> list[str]:
    with school.store.reading() as conn:
        return list(conn.scalars(school.store.rows(schema.audit, schema.audit.c.action).order_by(schema.audit.c.seq)))


def test_every_column_of_an_incident_is_bound_but_those_that_are_free() -> None:
    """What comes to a table belongs into a new version; those that are there stay as they are."""
    for table in bindings.BOUND:
        assert set(bindings.VERSIONS[bindings.LATEST][table.name]) == set(table.c.keys()) - bindings.FREE
    assert rows.VERSIONS is bindings.VERSIONS


def test_an_older_process_and_a_newer_one_take_turns(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    register, ladder = school.register, Ladder(school.register)
    ref = register.open(report(), TEACHER, school.event()).ref
    for turn in range(3):
        with later_release():
            register.say(ref, TEACHER, f"By the newer one, {turn}", school.event(), "chat")
            register.read(ref, HEAD)
            school.clock.turn(minutes=30)
            ladder.climb_all()
            assert verify(school.store, school.vault).problem == ""
        before = len(actions(school))
        register.say(ref, TEACHER, f"By the older one, {turn}", school.event(), "chat")
        ladder.climb_all()
        assert len(actions(school)) - before <= 2, "nothing is bound anew for its own sake"
        assert verify(school.store, school.vault).problem == ""
    with later_release():
        assert verify(school.store, school.vault).problem == ""
        register.acknowledge(ref, HEAD, school.event())
    assert "altered" not in actions(school)
    assert "later release" in verify(school.store, school.vault).problem, "the older one does not say that it was changed"
    with later_release():
        assert verify(school.store, school.vault).problem == ""


def test_what_is_changed_between_the_turns_is_still_found(tmp_path: Path) -> None:
    for statement, by_the_newer in (("legal_hold = 1", True), ("legal_hold = 1", False)):
        school = School(f"sqlite:///{tmp_path / f'{by_the_newer}.db'}")
        ref = school.register.open(report(), TEACHER, school.event()).ref
        if by_the_newer:
            with later_release():
                school.register.say(ref, TEACHER, "words", school.event(), "chat")
        with school.store.engine.begin() as conn:
            conn.execute(text(f"UPDATE incidents SET {statement}"))  # noqa: S608
        with later_release():
            assert not verify(school.store, school.vault).sound
            school.register.say(ref, TEACHER, "more words", school.event(), "chat")
            assert "changed behind the record's back; entry" in verify(school.store, school.vault).problem


class Earlier:
    """What the release before this one did with questions and judgements: it bound no words, and said only how many went."""

    def __init__(self, school: School, patch: pytest.MonkeyPatch) -> None:
        self.school = school
        plain = audit.Trail.append
        patch.setattr(
            audit.Trail,
            "append",
            lambda trail, conn, actor, action, **more: (
                0 if action in ("judged", "forgot") else plain(trail, conn, actor, action, **{**more, "bound": ""})
            ),
        )

    def forget_all(self) -> None:
        """As its worker did every ten minutes, and then wrote down how many."""
        with self.school.store.transaction() as conn:
            self.school.store.change(conn, schema.enquiries, question=None, answer=None)
            self.school.store.remove(conn, feedbacks.judgements)
            self.school.register.records.trail.append(conn, "", "forgotten", detail={"questions": 3, "judgements": 2})


def test_what_an_earlier_release_did_with_questions_and_judgements_is_no_finding(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    school.store.migrate(feedbacks.MIGRATIONS)
    questions, judging = Enquiries(school.register.records), Feedback(school.store, school.vault)
    ours = questions.ask("Asked of this release", TEACHER, Role.HEADTEACHER, "e1").ref
    judging.judged("q", ["28"], "not_clear", "Ours", "j1", TEACHER)
    with pytest.MonkeyPatch.context() as patch:
        earlier = Earlier(school, patch)
        theirs = questions.ask("Asked of the earlier one", TEACHER, Role.HEADTEACHER, "e2").ref
        both = questions.ask("Asked and answered there", TEACHER, Role.HEADTEACHER, "e3").ref
        with school.store.transaction() as conn:
            school.store.change(conn, schema.enquiries, schema.enquiries.c.id.in_([theirs, both]), salts=None)
        questions.answer(both, HEAD, "No.", "a3")
        questions.answer(ours, HEAD, "No.", "a1")
    questions.answer(theirs, HEAD, "No.", "a2")
    assert verify(school.store, school.vault).problem == ""
    (one,) = judging.everything()
    judging.settle(one.id, "kept")
    assert verify(school.store, school.vault).problem == ""
    with pytest.MonkeyPatch.context() as patch:
        earlier = Earlier(school, patch)
        earlier.forget_all()
    assert verify(school.store, school.vault).problem == ""


def test_what_this_release_forgets_is_known_by_name(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    school.store.migrate(feedbacks.MIGRATIONS)
    questions, judging = Enquiries(school.register.records), Feedback(school.store, school.vault)
    for number in range(2):
        asked = questions.ask(f"May I do {number}?", TEACHER, Role.HEADTEACHER, f"e{number}").ref
        questions.answer(asked, HEAD, "No.", f"a{number}")
        judging.judged("q", ["28"], "not_clear", f"{number}", f"j{number}", TEACHER)
        school.clock.turn(days=10)
    assert questions.forget(school.clock.now()) == 2
    assert judging.erase(TEACHER) == 2
    assert verify(school.store, school.vault).problem == ""
    kept = questions.ask("And this one stays", TEACHER, Role.HEADTEACHER, "e9").ref
    with school.store.reading() as conn:
        found = [json.loads(one) for one in conn.scalars(school.store.rows(schema.audit, schema.audit.c.detail)) if "questions" in one]
    assert kept not in str(found)
    with school.store.engine.begin() as conn:
        conn.execute(text("UPDATE enquiries SET question = NULL, salts = NULL WHERE id = :id"), {"id": kept})
    assert "lost its words" in verify(school.store, school.vault).problem
