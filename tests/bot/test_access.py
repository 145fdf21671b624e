"""Who may do what, in which state: every cell of the gate's table, tried on the register, and shown in the docs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import NotFound, Refused
from bot.incidents.gate import TABLE, Action, Standing
from bot.incidents.model import Kind, State
from tests.support.people import CHAIR, DEPUTY, DPO, HEAD, SBM, TA, TEACHER, person
from tests.support.school import School, report

LATER = person("later", "Lou Later")
LEFT = person("left", "Lee Left")
NOBODY = person("nobody", "Nat Nobody")
WHO = {
    Standing.HANDLER: HEAD, Standing.REPORTER: TEACHER, Standing.HELPER: SBM, Standing.GONE: LEFT, Standing.STRANGER: NOBODY,
    Standing.SUBJECT: TA,
}  # fmt: skip
DOCS = Path(__file__).parents[2] / "docs" / "reliability.md"
DO: dict[Action, Callable[..., object]] = {
    Action.FOLLOW: lambda r, ref, who: r.delivery_state(ref, who),
    Action.READ: lambda r, ref, who: r.read(ref, who),
    Action.READ_NOTES: lambda r, ref, who: _sees_notes(r, ref, who=who),
    Action.SAY: lambda r, ref, who: r.say(ref, who, "words", "e", "chat"),
    Action.NOTE: lambda r, ref, who: r.add_note(ref, who, "words", "e"),
    Action.ACKNOWLEDGE: lambda r, ref, who: r.acknowledge(ref, who, "e"),
    Action.TAKE_IN_HAND: lambda r, ref, who: r.take_in_hand(ref, who, "e"),
    Action.POLICE: lambda r, ref, who: r.police_informed(ref, who, "e"),
    Action.POLICE_OVER: lambda r, ref, who: r.police_finished(ref, who, "They rang.", "e"),
    Action.TICK_EVIDENCE: lambda r, ref, who: r.tick(ref, who, "date", "e"),
    Action.TICK: lambda r, ref, who: r.tick(ref, who, "counselling", "e"),
    Action.INVITE: lambda r, ref, who: r.invite(ref, who, DPO, "e"),
    Action.HAND_OVER: lambda r, ref, who: r.hand_over(ref, who, DEPUTY, "e"),
    Action.NAME_SUBJECT: lambda r, ref, who: r.name_subject(ref, who, CHAIR, "e"),
    Action.SEE_SUBJECTS: lambda r, ref, who: _sees_who_was_named_later(r, ref, who=who),
    Action.HOLD: lambda r, ref, who: r.hold(ref, who, "e", on=True),
    Action.LEAVE: lambda r, ref, who: r.change_room_entry(ref, who, "left", "e", "chat"),
    Action.CLOSE: lambda r, ref, who: r.close(ref, who, "outcome", "e"),
    Action.REOPEN: lambda r, ref, who: r.reopen(ref, who, "e"),
}


def _sees_notes(register: object, ref: str, *, who: object) -> None:
    timeline = register.read(ref, who).timeline  # type: ignore[attr-defined]
    if not any(entry.what == "note" for entry in timeline):
        raise Refused("no notes")


def _sees_who_was_named_later(register: object, ref: str, *, who: object) -> None:
    incident = register.read(ref, who)  # type: ignore[attr-defined]
    if LATER.id not in incident.subjects or LATER.name not in incident.about:
        raise Refused("no names")


def in_state(school: School, state: State) -> str:
    """An incident in this state, with somebody of every standing; a police hold stands, and one subject was named by a handler."""
    register = school.register
    ref = register.open(report(Kind.STAFF_ABUSE, subjects=("ta",), police_told=True), TEACHER, school.event()).ref
    register.name_subject(ref, HEAD, LATER, school.event())
    for helper in (SBM, LEFT):
        register.invite(ref, HEAD, helper, school.event())
    register.change_room_entry(ref, LEFT, "left", school.event(), "chat")
    register.add_note(ref, HEAD, "A note.", school.event())
    if state is not State.OPEN:
        register.acknowledge(ref, HEAD, school.event())
    step = {State.IN_HAND: register.take_in_hand, State.WITH_POLICE: register.police_informed}.get(state)
    if step:
        step(ref, HEAD, school.event())
    if state is State.CLOSED:
        register.close(ref, HEAD, "Done.", school.event())
    return ref


@pytest.mark.slow
@pytest.mark.parametrize("state", list(State))
def test_every_cell(tmp_path: Path, state: State) -> None:
    made = School(f"sqlite:///{tmp_path / 'made.db'}")
    ref = in_state(made, state)
    made.close()
    assert set(DO) == set(Action)
    for action, (standings, states) in TABLE.items():
        for standing, who in WHO.items():
            shutil.copy(tmp_path / "made.db", tmp_path / "cell.db")
            school = School(f"sqlite:///{tmp_path / 'cell.db'}")
            allowed = standing in standings and state in states
            try:
                DO[action](school.register, ref, who)
                outcome = "allowed"
            except NotFound:
                outcome = "unknown"
            except Refused:
                outcome = "refused"
            school.close()
            reads = standing in TABLE[Action.READ][0]
            knows = reads and action not in (Action.READ, Action.FOLLOW)
            wanted = "allowed" if allowed else "refused" if knows else "unknown"
            assert outcome == wanted, (action, standing, state)


def test_a_police_hold_can_be_lifted_only_where_one_stands(school: School) -> None:
    ref = school.register.open(report(), TEACHER, school.event()).ref
    with pytest.raises(Refused, match="nothing to lift"):
        school.register.police_finished(ref, HEAD, "They rang.", school.event())
    with pytest.raises(Refused, match="for those who handle"):
        school.register.police_finished(ref, TEACHER, "They rang.", school.event())


def test_the_docs_show_the_table() -> None:
    for action, (standings, states) in TABLE.items():
        shown = re.search(rf"^\| {action.name.lower().replace('_', ' ')} \|(.*)\|$", DOCS.read_text(), re.MULTILINE)
        assert shown, action
        cells = [cell.strip() for cell in shown[1].split("|")]
        wanted = ["yes" if standing in standings else "no" for standing in Standing]
        wanted.append("any" if states == frozenset(State) else ", ".join(state for state in State if state in states))
        assert cells == wanted, action


def test_a_press_that_is_forged_stale_or_replayed_reads_like_an_unknown_reference(school: School) -> None:
    ref = in_state(school, State.ACKNOWLEDGED)
    answers = set()
    for who, reference in ((NOBODY, ref), (LEFT, ref), (TA, ref), (NOBODY, "XXXX-XXXX"), (NOBODY, "' OR 1=1 --"), (HEAD, "")):
        with pytest.raises(NotFound) as told:
            school.register.take_in_hand(reference, who, "forged")
        answers.add(str(told.value))
    assert len(answers) == 1
    before = school.register.read(ref, HEAD).timeline
    for _ in range(3):
        school.register.acknowledge(ref, HEAD, "replayed")
    assert school.register.read(ref, HEAD).timeline == before


def test_somebody_elses_event_id_neither_opens_theirs_nor_loses_ours(school: School) -> None:
    theirs = school.register.open(report(), TEACHER, "the-id")
    ours = school.register.open(report(what="other"), NOBODY, "the-id")
    assert ours.ref != theirs.ref
    assert ours.report.what == "other"
