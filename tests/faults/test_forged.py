"""Every button and form of an incident's cards, pressed by those who may not, and too late: nothing changes, nothing is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from bot.cards import Card
from bot.channels.text import card_text
from bot.dispatch import Dispatcher
from bot.errors import NotFound
from bot.events import Place, Press, Submission
from bot.incidents.bindings import states
from bot.incidents.enquiries import Enquiries
from bot.incidents.gate import TABLE, Action
from bot.incidents.model import Kind, State
from bot.incidents.notices import alert_card, incident_card, room_card
from bot.incidents.register import Register
from bot.incidents.verify import verify
from bot.people import Person, Role
from handlers.acknowledge import Incidents
from handlers.handoff import Handoff
from handlers.services import Services
from tests.support.dialogue import RecordingReply
from tests.support.people import DPO, HEAD, SBM, TA, TEACHER, person
from tests.support.school import School, report

NOBODY, GONE = person("nobody", "Nat Nobody"), SBM
NEEDS = {
    "acknowledge": Action.ACKNOWLEDGE, "in_hand": Action.TAKE_IN_HAND, "police": Action.POLICE, "police_over": Action.POLICE_OVER,
    "tick": Action.TICK_EVIDENCE, "note": Action.NOTE, "say": Action.SAY, "close": Action.CLOSE, "invite": Action.INVITE,
    "subject": Action.NAME_SUBJECT, "open": Action.READ, "status": Action.FOLLOW,
}  # fmt: skip
VALUES = {"text": "forged", "outcome": "forged", "reason": "forged", "person": DPO.id, "answer": "forged"}
UNKNOWN = "XXXX-XXXX"


class Desk:
    """The handlers of one school's incidents; each press is a new one."""

    def __init__(self, school: School, register: Register | None = None) -> None:
        self.school, self.register = school, register or school.register
        self.dispatch = Dispatcher(self.register.store)
        enquiries = Enquiries(self.register.records)
        nothing = cast("Any", None)
        services = Services(nothing, self.register, enquiries, nothing, school.people, nothing, "School", "")
        Incidents(services).attach(self.dispatch)
        Handoff(services).attach(self.dispatch)

    async def press(self, who: Person, action: str, value: str, *, event: str = "") -> str:
        return await self._handle(Press(event or self.school.event(), who, action, value, Place("chat", who.id), self.school.clock.now()))

    async def send(self, who: Person, form: str, value: str) -> str:
        return await self._handle(Submission(self.school.event(), who, form, VALUES, value, Place("chat", who.id), self.school.clock.now()))

    async def _handle(self, event: Press | Submission) -> str:
        reply = RecordingReply()
        await self.dispatch.handle(event, reply)
        assert not reply.errors
        return "\n".join([*map(card_text, reply.cards), *(f"form {form.name}" for form in reply.forms)])

    def everything(self) -> list[tuple[str, str]]:
        """What can come in about an incident: "press" or "send", and its name."""
        presses = [("press", one) for one in self.dispatch.actions if one.startswith("incident.")]
        return sorted([*presses, *(("send", one) for one in self.dispatch.forms if one.startswith("incident."))])


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = School(f"sqlite:///{tmp_path / 'usher.db'}")
    yield made
    assert verify(made.store, made.vault).problem == ""
    made.close()


def an_incident(school: School, state: State) -> str:
    """About the assistant; the business manager was in on it once."""
    register = school.register
    ref = register.open(report(Kind.STAFF_ABUSE, subjects=(TA.id,)), TEACHER, school.event()).ref
    register.invite(ref, HEAD, GONE, school.event())
    register.change_room_entry(ref, GONE, "left", school.event(), "chat")
    if state is not State.OPEN:
        register.acknowledge(ref, HEAD, school.event())
    if state is State.CLOSED:
        register.close(ref, HEAD, "Done.", school.event())
    return ref


def stands(school: School, ref: str) -> Any:
    """All that an act could change; that somebody has opened the incident is not an act."""
    timeline = school.register.read(ref, HEAD).timeline
    with school.store.reading() as conn:
        return states(conn, school.store), timeline


def value_of(name: str, ref: str) -> str:
    return f"{ref}|date" if name == "incident.tick" else ref


@pytest.mark.parametrize("state", [State.ACKNOWLEDGED])
async def test_whoever_may_not_is_told_what_an_unknown_reference_is_told(school: School, state: State) -> None:
    ref, desk = an_incident(school, state), Desk(school)
    elsewhere = Desk(school, Register(school.store.for_school("elsewhere"), school.vault, school.people, school.rules))
    before = stands(school, ref)
    told = set()
    for how, name in desk.everything():
        for there, who in ((desk, NOBODY), (desk, GONE), (desk, TA), (elsewhere, HEAD), (elsewhere, TEACHER)):
            for reference in (ref, UNKNOWN, "' OR 1=1 --"):
                told.add(await getattr(there, how)(who, name, value_of(name, reference)))
    (only,) = told
    assert str(NotFound()) in only
    assert stands(school, ref) == before


@pytest.mark.parametrize("state", list(State))
async def test_a_stale_press_changes_nothing_and_says_why(school: School, state: State) -> None:
    """A card that was drawn in another state: what its buttons do is decided by the state as it is now."""
    ref, desk = an_incident(school, state), Desk(school)
    if state in (State.IN_HAND, State.WITH_POLICE):
        {State.IN_HAND: school.register.take_in_hand, State.WITH_POLICE: school.register.police_informed}[state](ref, HEAD, school.event())
    refused = 0
    for how, name in desk.everything():
        action = NEEDS[name.removeprefix("incident.")]
        if state in TABLE[action][1] and not (action is Action.POLICE_OVER and state is not State.WITH_POLICE):
            continue
        before = stands(school, ref)
        assert "That is not possible" in await getattr(desk, how)(HEAD, name, value_of(name, ref))
        assert stands(school, ref) == before
        refused += 1
    assert refused > 0


async def test_the_same_press_again_does_nothing(school: School) -> None:
    ref, desk = an_incident(school, State.OPEN), Desk(school)
    assert "acknowledged" in (await desk.press(HEAD, "incident.acknowledge", ref, event="once")).lower()
    before = stands(school, ref)
    assert await desk.press(HEAD, "incident.acknowledge", ref, event="once") == ""
    assert stands(school, ref) == before


def test_every_button_of_every_card_is_among_them(school: School) -> None:
    desk, carried = Desk(school), set()
    for state in (State.OPEN, State.ACKNOWLEDGED, State.CLOSED):
        ref = an_incident(school, state)
        for who in (HEAD, TEACHER):
            incident = school.register.read(ref, who)
            cards: tuple[Card, ...] = (alert_card(incident, who), room_card(incident), incident_card(incident, who))
            carried |= {button.action for card in cards for button in card.buttons}
        school.clock.turn(days=2)
    handled = {name for how, name in desk.everything() if how == "press"}
    assert {f"incident.{name}" for name in NEEDS} == handled
    assert carried <= handled
    assert len(carried) > 6


async def test_a_question_is_answered_by_whom_it_was_put_to_alone(school: School) -> None:
    desk = Desk(school)
    asked = Enquiries(school.register.records).ask("May I?", TEACHER, Role.HEADTEACHER, school.event())
    told = set()
    for who in (TEACHER, TA, NOBODY):
        for how in ("press", "send"):
            for reference in (asked.ref, "0" * 16) if who is not TEACHER or how == "send" else ("0" * 16,):
                told.add(await getattr(desk, how)(who, "enquiry.answer", reference))
    (only,) = told
    assert str(NotFound()) in only
    assert Enquiries(school.register.records).read(asked.ref, TEACHER).answered_at is None
