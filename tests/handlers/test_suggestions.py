"""What people answered and judged becomes guidance to be reviewed: complete, in the right form, and with nobody in it."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cards import Button
from bot.people import Role
from bot.settings import load as load_settings
from commands.numbering import Numbering
from commands.policy import policy
from commands.suggesting import Gathering, as_toml, one_as_toml
from knowledge.guidance_files import load
from tests.support.dialogue import Dialogue

LIFT = "Can I give a pupil a lift home in my car?"
REPLY = "No. Ring the office, and wait with the pupil."


def gathering(talk: Dialogue) -> Gathering:
    services = talk.bot.services
    return Gathering(services.enquiries, services.feedback, services.people, services.knowledge.adviser)


def printed(talk: Dialogue) -> tuple[str, dict[str, Any]]:
    """What the command prints, and what a TOML reader makes of it."""
    text = as_toml(gathering(talk).all(), Numbering(talk.bot.services.knowledge.policy))
    return text, tomllib.loads(text)


async def ask(talk: Dialogue, question: str, reply: str) -> None:
    """Somebody passes a question on, and the Headteacher answers it."""
    form = (await talk.press("teacher", Button("Ask a person", "person.open", question))).forms[0]
    await talk.send("teacher", form)
    waiting = await talk.home("head")
    answer = (await talk.press("head", next(one for one in waiting.buttons if one.action == "enquiry.answer"))).forms[0]
    await talk.send("head", answer, answer=reply)


async def judge(talk: Dialogue, who: str, question: str, verdict: str, comment: str) -> None:
    said = await talk.say(who, question)
    form = (await talk.press(who, said.button("Was this right?"))).forms[0]
    await talk.send(who, form, verdict=verdict, comment=comment)


async def keep_all(talk: Dialogue) -> None:
    while keep := [one for one in (await talk.home("head")).buttons if one.action == "curate.keep"]:
        await talk.press("head", keep[0])


async def test_a_persons_answer_becomes_an_entry_that_can_be_pasted(talk: Dialogue, tmp_path: Path) -> None:
    await ask(talk, LIFT, REPLY)
    text, data = printed(talk)
    (entry,) = data["not_covered"]
    assert (entry["questions"], entry["next"], entry["role"]) == ([LIFT], REPLY, "headteacher")
    assert "Answered by a person on 2 March 2026." in text
    for name in ("Tess", "Taylor", "Helen", "Blake", "teacher@", "tess."):
        assert name not in text
    folder = tmp_path / "policy"
    (folder / "not_covered").mkdir(parents=True)
    (folder / "not_covered" / "new.toml").write_text(text, encoding="utf-8")
    (loaded,) = load(folder).entries
    assert loaded.groups == ((LIFT,),)


async def test_a_kept_judgement_is_printed_with_its_votes_and_comments(talk: Dialogue) -> None:
    question = "can I friend an ex-pupil?"
    await judge(talk, "teacher", question, "wrong_verdict", "It should say no.")
    await judge(talk, "ta", question, "not_clear", "")
    await judge(talk, "dpo", question, "right", "")
    assert printed(talk)[1] == {}, "nobody has kept it yet"
    await keep_all(talk)
    text, data = printed(talk)
    (entry,) = data["answer"]
    assert entry["questions"] == [question]
    assert entry["clauses"][0] == "28"
    assert entry["verdict"] in {"no", "conditional"}
    assert "Judged: not clear 1, right 1, wrong verdict 1." in text
    assert "# Somebody says: It should say no." in text
    assert "Quoted then: 28" in text


async def test_a_comment_that_tells_of_something_is_kept_from_everybody(talk: Dialogue) -> None:
    await judge(talk, "teacher", "can I friend an ex-pupil?", "not_clear", "A pupil showed me a naked picture of another child.")
    assert "naked" not in (await talk.home("head")).text
    await keep_all(talk)
    text, data = printed(talk)
    assert len(data["answer"]) == 1
    assert "naked" not in text
    assert "Somebody says" not in text


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("A parent is writing horrible things about me on Facebook, may I answer?", "No."),
        (LIFT, "No. Tara Demo-Ash did that last week."),
        ("May I do as Mrs Blake does with her pupils' lifts home?", "No."),
        ("Can Tara give a pupil a lift home?", "No."),
        (LIFT, "A pupil showed me a naked picture of another child, so be careful."),
    ],
)
async def test_what_names_somebody_or_tells_of_something_is_only_counted(talk: Dialogue, question: str, reply: str) -> None:
    enquiries, teacher, head = talk.bot.services.enquiries, talk.person("teacher"), talk.person("head")
    asked = enquiries.ask(question, teacher, Role.HEADTEACHER, "ask")
    enquiries.answer(asked.ref, head, reply, "answer")
    text, data = printed(talk)
    assert data == {}
    assert "1 left out" in text
    for word in ("horrible", "Tara", "Blake", "naked", "lift"):
        assert word not in text


async def test_what_was_used_is_not_printed_again(talk: Dialogue) -> None:
    await ask(talk, LIFT, REPLY)
    (one,) = gathering(talk).all().suggestions
    assert talk.bot.services.feedback.use([one.id]) == 1
    assert talk.bot.services.feedback.use([one.id]) == 0
    assert printed(talk)[1] == {}


async def test_the_command_prints_and_marks(talk: Dialogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await ask(talk, LIFT, REPLY)
    monkeypatch.setattr("commands.policy.settings_to_answer", lambda: load_settings(tmp_path, {}))
    monkeypatch.setattr("commands.policy.knowledge", lambda _: talk.bot.services.knowledge)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(policy, ["suggestions", *arguments])

    said = run()
    assert said.exit_code == 0
    (entry,) = tomllib.loads(said.stdout)["not_covered"]
    assert run("--used", "q-0000000000").exit_code == 1
    assert run("--used", entry["id"]).stdout == "1 marked as used.\n"
    assert run().stdout.startswith("# 0 suggestions")
    assert run("--school", "another").stdout.startswith("# 0 suggestions")


async def test_whatever_was_written_is_one_valid_string(talk: Dialogue) -> None:
    await ask(talk, LIFT, REPLY)
    (one,) = gathering(talk).all().suggestions
    odd = 'x"""\n[[answer]] # | \\ \x07\x7f\u2028\x85 \n id = "other" é 🙂'
    (entry,) = tomllib.loads(
        one_as_toml(replace(one, question=odd, next=odd, notes=(odd,)), Numbering(talk.bot.services.knowledge.policy))
    )["not_covered"]
    assert "é 🙂" in entry["questions"][0]
    assert "|" not in entry["questions"][0]
    assert entry["id"] == one.id
