"""What people mean is what the bot hears: names for ids, characters for entities, and the question before this one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.channels.slack.interactions import Interactions
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in import faults
from tests.channels.slack.stand_in.member import until
from tests.channels.slack.stand_in.reading import text_of
from tests.channels.slack.stand_in.world import Json, Modal
from tests.channels.slack.test_incidents import _head, report, room

NAMED = "<@UHEAD|helen> posted about <@UTA> & me <again> on <https://facebook.com/x>"
READ = "Mrs Helen Demo-Blake posted about Tara Demo-Ash & me <again> on https://facebook.com/x"


def field(modal: Modal, name: str) -> Json:
    (found,) = [one["element"] for one in modal.view["blocks"] if one.get("block_id") == f"field:{name}"]
    return dict(found)


async def test_a_commands_words_are_read_as_they_were_meant(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, asked = bench.who("teacher"), []
    await teacher.commands("/report", NAMED)
    assert field(await teacher.form(), "what")["initial_value"] == READ
    teacher.closes()
    real = Interactions._ask

    async def ask(self: Interactions, spot: object, text: str, *more: object) -> None:
        asked.append(text)
        await real(self, spot, text, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Interactions, "_ask", ask)
    await teacher.commands("/ask", "can I give <@UTA|tara> a lift & back?")
    await until(lambda: asked, "the question")
    assert asked == ["can I give Tara Demo-Ash a lift & back?"]


async def test_after_a_mention_the_next_question_may_be_asked_where_the_answer_is_read(bench: Bench) -> None:
    teacher = bench.who("teacher")
    staff = bench.slack.world.channel("staffroom", teacher.id, "UTA", bench.slack.world.BOT)
    await teacher.mentions("can I friend an ex-pupil?", staff)
    await teacher.reads_until("Clause 28")
    await follow_up(bench)


async def test_after_the_shortcut_the_next_question_may_be_asked_in_the_direct_conversation(bench: Bench) -> None:
    teacher = bench.who("teacher")
    await teacher.shortcut("ask")
    await teacher.form()
    await teacher.submits(question="can I friend an ex-pupil?")
    await teacher.reads_until("Clause 28")
    await follow_up(bench)


async def test_after_a_command_and_on_the_home_the_next_question_may_be_asked_in_the_direct_conversation(bench: Bench) -> None:
    teacher = bench.who("teacher")
    staff = bench.slack.world.channel("staffroom", teacher.id, "UTA")
    await teacher.commands("/ask", "can I friend an ex-pupil?", staff)
    await teacher.reads_until("Clause 28", staff)
    await follow_up(bench)
    bench.clock.turn(minutes=11)
    await teacher.opens_home()
    await until(teacher.home, "the home")
    await teacher.asks_in_home("can I friend an ex-pupil?")
    await until(lambda: "Clause 28" in teacher.modal_text(), "the answer in a modal")
    await follow_up(bench)


async def test_a_command_goes_on_with_what_was_asked_in_the_direct_conversation(bench: Bench) -> None:
    teacher = bench.who("teacher")
    staff = bench.slack.world.channel("staffroom", teacher.id, "UTA")
    await teacher.says("can I friend an ex-pupil?")
    await teacher.reads_until("Clause 28")
    await teacher.commands("/ask", "what about LinkedIn?", staff)
    await teacher.reads_until("Clause 28", staff)


async def follow_up(bench: Bench) -> None:
    teacher = bench.who("teacher")
    before = len(teacher.dm.messages)
    await teacher.says("what about LinkedIn?")
    await until(lambda: len(teacher.dm.messages) > before + 1, "an answer")
    await asyncio.sleep(0.2)
    answer = text_of(teacher.dm.messages[before + 1]["blocks"])
    assert "Clause 28" in answer


async def test_whoever_wrote_a_message_has_a_name_and_only_who_is_known_a_role(bench: Bench) -> None:
    teacher, world = bench.who("teacher"), bench.slack.world
    staff = world.channel("staffroom", teacher.id, "UTA", world.BOT)
    world.add("UOUT", "Mrs Helen Demo-Blake", "helen.blake@demo.example").team = "T9"
    world.add("UGONE", "Gary Gone", "g@x.y", deleted=True)
    for user, name in (("UOUT", "Mrs Helen Demo-Blake"), ("UGONE", "Gary Gone"), ("UHEAD", "Mrs Helen Demo-Blake")):
        await teacher.shortcut("report_message", about=world.post(staff, user, "nasty"), where=staff)
        form = await teacher.form()
        assert field(form, "what")["initial_value"].startswith(f"A message in Slack by {name}: https://")
        assert bool(field(form, "subjects").get("initial_options")) == (user == "UHEAD")
        teacher.closes()


async def test_where_words_stay_out_a_question_passed_on_and_its_answer_do_too(tmp_path: Path) -> None:
    async with Bench(tmp_path, "http", content_in_slack=False) as bench:
        nora, head = bench.who("nora"), bench.who("head")
        await head.opens_home()
        await nora.says("can I give a pupil a lift home?")
        await nora.reads_until("Ask a person")
        await nora.presses("Ask a person")
        await nora.form()
        await nora.submits(question="Billy Smith of 4B cut himself, may I drive him home?")
        await head.reads_until("A question for you")
        await until(lambda: "Questions for you" in head.home(), "the home")
        assert "Billy" not in head.reads() + head.home()
        assert "[Open on the page]" in head.reads()
        await head.presses("Reply")
        form = await head.form()
        assert "Billy" in str(form.view), "a modal is kept nowhere"
        await head.submits(answer="No, Billy lives with his aunt.")
        await nora.reads_until("Your question has been answered")
        assert "aunt" not in nora.reads()
        await nora.presses("Open on the page")
        await nora.reads_until("Open the page")
        assert [person.name for person in bench.linked] == ["Nora Newcomer"]


async def test_of_a_file_the_record_says_who_holds_it_and_in_which_message(bench: Bench) -> None:
    teacher = bench.who("teacher")
    ref = await report(teacher, kind="staff_abuse")
    place = await room(bench, "teacher", "head")
    message = await teacher.says("Here is the screen print", where=place, files=1)

    def files() -> list[str]:
        return [one.text + one.message for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what == "file"]

    await until(files, "the record")
    (text,) = files()
    assert f"Tess Demo-Taylor holds it; it is in their message {message['ts']} in Slack." in text
    assert text.endswith(message["ts"])


async def test_a_form_that_slack_does_not_open_is_told_of(http_bench: Bench) -> None:
    teacher = http_bench.who("teacher")
    http_bench.slack.fault("views.open", *[faults.broken(500)] * 8)
    await teacher.shortcut("ask")
    await teacher.reads_until("Slack could not open the form")


async def test_the_same_bytes_at_once_are_taken_once(http_bench: Bench) -> None:
    slack, teacher = http_bench.slack, http_bench.who("teacher")
    message = slack.world.post(teacher.dm, teacher.id, "clause 28")
    raw = json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "api_app_id": "AUSHER",
                      "event": teacher.as_event(teacher.dm, message),
                      "authorizations": [{"team_id": "T1", "user_id": "UBOT"}]})  # fmt: skip
    headers = {"Content-Type": "application/json", **slack.signed(raw)}
    answers = await asyncio.gather(*[slack.send_raw(raw, headers) for _ in range(4)])
    assert sorted(status for status, _ in answers) == [200, 401, 401, 401]
    await teacher.reads_until("Clause 28")
