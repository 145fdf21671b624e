"""No help sends anybody to the person whom it is about."""

from __future__ import annotations

import pytest

from bot.cards import Fold, Outside, Steps
from bot.clock import SystemClock
from bot.incidents.model import Kind
from bot.people import Role
from handlers.concern_cards import help_blocks
from handlers.whom_to_tell import steps_about
from tests.support.dialogue import Dialogue, RecordingReply
from tests.support.knowledge import knowledge

BARRED = [*((role,) for role in Role), (Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS), (Role.HEADTEACHER, Role.DESIGNATED_SAFEGUARDING_LEAD)]
PLAIN = {
    Role.HEADTEACHER: "headteacher", Role.DEPUTY_HEADTEACHER: "deputy", Role.DESIGNATED_SAFEGUARDING_LEAD: "safeguarding lead",
    Role.DATA_PROTECTION_OFFICER: "protection officer", Role.CHAIR_OF_GOVERNORS: "chair", Role.BUSINESS_MANAGER: "business manager",
    Role.SLT: "senior leader", Role.LINE_MANAGER: "line manager",
}  # fmt: skip


@pytest.mark.parametrize("barred", BARRED, ids=" and ".join)
@pytest.mark.parametrize("kind", Kind)
def test_no_step_names_a_barred_role_and_somebody_is_told(kind: Kind, barred: tuple[Role, ...]) -> None:
    known = knowledge(SystemClock())
    blocks = help_blocks(known, kind, known.adviser.help_for(kind, barred), barred)
    steps = [line for block in blocks if isinstance(block, Steps) for line in block.items]
    facts = [one.text for block in blocks if isinstance(block, Fold) for one in block.blocks if isinstance(one, Outside)]
    for role in barred:
        for line in steps:
            assert PLAIN[role] not in line.casefold().replace("not the headteacher", ""), line
        assert not any(f"tell the {role.label.casefold()}" in fact.casefold() for fact in facts)
    assert any(line.startswith(("Tell the ", "Report it to the ")) for line in steps)


def test_whom_to_tell_comes_from_the_route() -> None:
    authored = ("Stop looking.", "Tell the designated safeguarding lead and the Headteacher now, in person.")
    assert steps_about(Kind.INDECENT_IMAGES, authored, ()) == authored
    about_the_lead = steps_about(Kind.INDECENT_IMAGES, authored, (Role.DESIGNATED_SAFEGUARDING_LEAD,))
    assert about_the_lead == (
        "Stop looking.",
        "Tell the Headteacher (clauses 71, 19 and 37) now, in person or by telephone, in words only.",
    )
    nobody = steps_about(Kind.INDECENT_IMAGES, authored, Role)
    assert "local authority designated officer" in nobody[1]


def steps_of(reply: RecordingReply) -> str:
    return " ".join(line for card in reply.cards for block in card.blocks if isinstance(block, Steps) for line in block.items)


@pytest.mark.parametrize(
    ("story", "never", "instead"),
    [
        ("our DSL sent me a naked picture of a pupil", "designated safeguarding lead", "Tell the Headteacher"),
        (
            "the DPO sent the medical records of a class to the wrong parents and hides it",
            "data protection officer",
            "Tell the Headteacher",
        ),
        ("the head and the chair are both bullying me by email", "chair of governors", "Designated Safeguarding Lead"),
        ("my line manager keeps harassing me on WhatsApp", "line manager", "Headteacher"),
    ],
)
async def test_the_card_never_sends_the_writer_to_the_accused(talk: Dialogue, story: str, never: str, instead: str) -> None:
    said = await talk.say("teacher", story)
    assert said.buttons[0].action == "report.open"
    assert never not in steps_of(said).casefold()
    assert instead in steps_of(said)


async def test_the_saved_card_does_not_either(talk: Dialogue) -> None:
    saved = await talk.report("teacher", "our DSL sent me a naked picture of a pupil")
    assert saved.cards[0].title == "Your report is saved"
    assert "designated safeguarding lead" not in steps_of(saved).casefold()
    assert "Tell the Headteacher (clauses 71, 19 and 37) now" in steps_of(saved)
