"""One person with two roles: neither role is told, whichever of them the words name first."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cards import Button
from tests.support.dialogue import Dialogue
from tests.support.knowledge import EXAMPLE

BOTH = [
    "the head teacher, who is also our DSL, has been messaging a child",
    "Our head is also the DSL and she is messaging a pupil",
    "our safeguarding lead (who is also our headteacher) has been messaging a pupil",
]


@pytest.mark.parametrize("story", BOTH)
async def test_nobody_with_either_role_reads_the_story(talk: Dialogue, story: str) -> None:
    form = (await talk.press("teacher", Button("Report", "report.open"))).forms[0]
    await talk.send("teacher", form, what=story)  # nothing is ticked
    assert await talk.alerts("chair")
    assert await talk.alerts("head") == []
    assert await talk.alerts("dsl") == []


async def test_two_people_who_were_told_are_told_all_the_same(talk: Dialogue) -> None:
    form = (await talk.press("teacher", Button("Report", "report.open"))).forms[0]
    await talk.send("teacher", form, what="A coach is messaging a pupil at night. The head and the DSL have both been told.")
    assert await talk.alerts("head")
    assert await talk.alerts("dsl")


@pytest.mark.parametrize(
    ("who", "about", "told", "barred"),
    [("teacher", "deputy", "head", ("deputy",)), ("deputy", "head", "chair", ("head",)), ("it", "business", "head", ("business",))],
)
async def test_a_line_manager_who_leads_with_others_keeps_nobody_else_out_of_it(
    talk: Dialogue, who: str, about: str, told: str, barred: tuple[str, ...]
) -> None:
    said = await talk.say(who, "my line manager posts rude things about me on facebook")
    form = (await talk.press(who, next(one for one in said.buttons if one.action == "report.open"))).forms[0]
    assert next(field.initial for field in form.fields if field.name == "subjects") == barred
    saved = await talk.send(who, form)
    assert await talk.alerts(told)
    assert await talk.alerts(about) == []
    role = next(iter(talk.person(told).roles - {"slt"})).label
    assert f"the {role} (" in said.text, "who is told is who was promised"
    assert f"It is on its way to the {role}." in saved.text


async def test_a_senior_leader_who_is_not_named_may_be_the_headteacher_but_not_the_reporter(talk: Dialogue) -> None:
    story = "someone in the senior leadership team is sending me abuse on whatsapp"
    said = await talk.say("deputy", story)
    assert "these people are told: the Chair of Governors (" in said.text
    saved = await talk.report("deputy", story)
    assert "It is on its way to the Chair of Governors." in saved.text
    assert "kept from Mrs Helen Demo-Blake, because" in saved.text
    assert await talk.alerts("head") == []


async def test_a_headteacher_who_is_the_safeguarding_lead_is_not_told_as_the_safeguarding_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = EXAMPLE.read_text(encoding="utf-8").replace('roles = ["designated_safeguarding_lead"]\n', "")
    (tmp_path / "small.toml").write_text(
        school.replace('["headteacher", "slt"]', '["headteacher", "slt", "designated_safeguarding_lead"]'), encoding="utf-8"
    )
    monkeypatch.setattr("tests.support.dialogue.EXAMPLE", tmp_path / "small.toml")
    talk = Dialogue(tmp_path)
    said = await talk.say("teacher", "the head is messaging a year 6 girl on snapchat at night")
    told = next(line for line in said.text.splitlines() if line.startswith("If you report it"))
    assert "told: the Chair of Governors (from Keeping Children Safe in Education, not this policy)." in told
    assert "kept from the Headteacher and the Designated Safeguarding Lead" in told
    assert "ell the designated safeguarding lead" not in said.text.split("Not from the policy")[0]
    saved = await talk.report("teacher", "the head is messaging a year 6 girl on snapchat at night")
    assert "It is on its way to the Chair of Governors." in saved.text
    talk.close()


async def test_a_role_that_nobody_holds_is_promised_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    school = EXAMPLE.read_text(encoding="utf-8").replace('roles = ["data_protection_officer"]\n', "")
    (tmp_path / "small.toml").write_text(school, encoding="utf-8")
    monkeypatch.setattr("tests.support.dialogue.EXAMPLE", tmp_path / "small.toml")
    talk = Dialogue(tmp_path)
    said = await talk.say("teacher", "I sent the class list with all the addresses to the wrong parent")
    assert "these people are told: the Headteacher (clauses 19 and 37)." in said.text
    talk.close()
