"""The stories of the main job, told through the Bot Connector's stand-in: ask, report, alert, acknowledge, talk."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.channels.teams import intake
from bot.dispatch import Outcome
from tests.channels.teams.conftest import Staffroom
from tests.channels.teams.stand_in.client import Dialog

REPORT = "A parent posts horrible things about me in a public group."


async def reported(room: Staffroom, what: str = REPORT, **filled: str) -> str:
    """Tom reports something; the incident's reference."""
    await room.tom.say("report something")
    dialog = await room.tom.dialog("Report something")
    assert await dialog.send(what=what, **filled) is None
    words = room.tom.last().words
    await room.deliver()
    return words.partition("Its reference is ")[2][:9]


async def test_a_teacher_asks_and_gets_the_clause_word_for_word(room: Staffroom) -> None:
    answer = await room.tom.say("can I friend an ex-pupil?")
    assert answer.status == 202
    (shown,) = room.tom.messages()
    assert "🟠 It depends" in shown.words
    assert (
        "Staff should not have contact through any social medium with any student from Harwell School or any other school." in shown.words
    )
    assert "Clause 28" in shown.words
    assert list(shown.buttons) == ["Report something", "Ask a person", "Was this right?"]
    assert shown.activity["summary"] == "Usher has answered your question"
    assert room.teams.typing == [room.tom.account.personal]


async def test_what_about_linkedin_is_understood_as_a_follow_up(room: Staffroom) -> None:
    await room.tom.say("can I friend an ex-pupil?")
    await room.tom.say("what about LinkedIn?")
    assert "Clause 28" in room.tom.last().words


async def test_the_same_activity_twice_is_answered_once(room: Staffroom) -> None:
    activity = room.tom.activity("message", text="can I friend an ex-pupil?")
    for _ in range(3):
        assert (await room.tom.post(activity)).status == 202
    assert len(room.tom.messages()) == 1


async def test_in_a_team_the_answer_is_private_and_the_pointer_tells_nothing(room: Staffroom) -> None:
    channel = room.teams.group("19:staff@thread.tacv2", room.tom, room.helen)
    await room.tom.mention(channel, "can I friend an ex-pupil?")
    assert "Clause 28" in room.tom.last().words
    assert [one.words for one in room.teams.in_conversation(channel)] == ["I have answered you privately."]


async def test_a_disclosure_in_a_team_leaves_no_trace_there(room: Staffroom) -> None:
    channel = room.teams.group("19:staff@thread.tacv2", room.tom, room.helen)
    await room.tom.mention(channel, "a parent is threatening to hurt me on facebook")
    assert room.teams.in_conversation(channel) == []
    assert "999" in room.tom.last().words


async def test_not_covered_offers_a_person_and_passes_the_question_on(room: Staffroom) -> None:
    await room.tom.say("can I give a pupil a lift home?")
    dialog = await room.tom.dialog("Ask a person")
    assert dialog.inputs()["question"]["value"] == "can I give a pupil a lift home?"
    assert await dialog.send() is None
    assert "on its way to Helen Head" in room.tom.last().words
    await room.deliver()
    reply = await room.helen.dialog("Reply")
    assert "can I give a pupil a lift home?" in reply.words
    assert await reply.send(answer="Please ask me first.") is None
    await room.deliver()
    assert "Please ask me first." in room.tom.last().words


async def test_report_alert_acknowledge_and_talk(room: Staffroom) -> None:
    ref = await reported(room)
    (alert,) = [one for one in room.helen.messages() if "Acknowledge" in one.buttons and "Please acknowledge" in one.words]
    assert REPORT not in json.dumps(alert.activity)
    assert alert.activity["summary"].startswith("New report: ")
    assert alert.activity["summary"].endswith(f", {ref}")
    await room.helen.press("Acknowledge", alert)
    assert REPORT in alert.words, "in the place of the alert stands the incident"
    await room.deliver()
    assert "acknowledged by Helen Head" in alert.words
    assert "Acknowledged by Helen Head" in " ".join(one.words for one in room.tom.messages())
    line = next(one for one in room.tom.messages() if ref in one.words and "what happened" in one.words)
    await room.tom.quote(line, "It is still going on.")
    assert room.tom.last().words == f"In the room of {ref}, and on the record."
    await room.deliver()
    assert room.helen.last().words == f"{ref} · Tom Teacher writes\nIt is still going on."
    assert (await (await room.helen.dialog("Write to the room")).send(text="I am dealing with it.")) is None
    await room.deliver()
    assert f"{ref} · Helen Head writes\nI am dealing with it." in [one.words for one in room.tom.messages()]
    said = [entry.text for entry in room.school.register.read(ref, room.school.people.get("head")).timeline if entry.what == "said"]  # type: ignore[arg-type]
    assert said == ["It is still going on.", "I am dealing with it."]


async def test_an_empty_report_stays_open_with_the_error_beside_the_field(room: Staffroom) -> None:
    await room.tom.say("report")
    dialog = await room.tom.dialog("Report something")
    again = await dialog.send(what="   ", platform="WhatsApp", affected="Me; The school")
    assert again is not None
    assert "⚠ Please say in a few words what happened." in again.words
    assert again.inputs()["platform"]["value"] == "WhatsApp"
    assert await again.send(what=REPORT) is None
    assert "Your report is saved" in room.tom.last().words


async def test_clause_71_comes_first_and_nothing_is_asked_for_or_fetched(room: Staffroom) -> None:
    picture = {"contentType": "image/png", "contentUrl": "https://files.example/x.png"}
    await room.tom.say("someone sent round a nude picture of a year 6 girl", attachments=[picture])
    shown = "\n".join(one.words for one in room.tom.messages())
    assert "Do not" in shown
    assert "71" in shown
    assert "I have not opened or kept the file" in shown
    dialog = await room.tom.dialog("Report it now")
    assert not [one for one in dialog.card["body"] if "file" in one["type"].casefold()]
    assert await dialog.send() is None
    assert "clauses 61 and 70" not in room.tom.last().words
    await room.deliver()
    assert any("Please acknowledge" in one.words for one in room.dana.messages())


async def test_the_headteacher_is_the_subject_and_sees_nothing(room: Staffroom) -> None:
    await room.helen.say("home")
    before = room.helen.last().words
    ref = await reported(room, "The Headteacher sends me insulting messages.", done_by="The Headteacher")
    assert any(ref in one.words for one in room.charlie.messages())
    assert not any(ref in one.words for one in room.helen.messages())
    await room.helen.say("home")
    assert room.helen.last().words == before
    await room.helen.say(f"{ref}: hello?")
    assert ref not in room.helen.last().words


async def test_report_this_message_fills_in_the_words_and_leaves_the_pictures(room: Staffroom) -> None:
    chat = room.teams.group("19:chat@thread.v2", room.tom)
    dialog = await room.tom.report_message(chat, "Pat Parent", "<p>You are <b>useless</b></p><img src='x'>")
    assert dialog.inputs()["what"]["value"] == "A message in Teams from Pat Parent, 2026-11-22 08:30: “You are useless”"
    assert dialog.inputs()["platform"]["value"] == "Teams"
    assert dialog.inputs()["address"]["value"].startswith(f"https://teams.microsoft.com/l/message/{chat}/")
    after = await dialog.send()
    assert after is not None
    assert "Your report is saved" in after.words
    assert "Your report is saved" in room.tom.last().words
    assert room.teams.in_conversation(chat) == []


def chosen(dialog: Dialog, name: str) -> list[str]:
    """The labels that a form has ticked already."""
    field = dialog.inputs()[name]
    ticked = str(field.get("value", "")).split(",")
    return [one["title"] for one in field["choices"] if one["value"] in ticked]


@pytest.mark.parametrize("shown", ["Helen Head", "HEAD, Helen (Headteacher)", ""])
async def test_a_reported_message_of_the_headteachers_is_kept_from_her(room: Staffroom, shown: str) -> None:
    chat = room.teams.group("19:chat@thread.v2", room.tom)
    account = "" if shown else room.helen.account.aad
    dialog = await room.tom.report_message(chat, shown, "<p>You are useless</p>", account=account)
    assert chosen(dialog, "done_by") == ["The Headteacher"]
    assert chosen(dialog, "subjects") == ["Helen Head"]
    after = await dialog.send()
    assert after is not None
    await room.deliver()
    assert room.helen.messages() == []
    assert any("Please acknowledge" in one.words for one in room.charlie.messages())


async def test_a_reported_message_of_somebody_without_a_role_goes_the_usual_way(room: Staffroom) -> None:
    chat = room.teams.group("19:chat@thread.v2", room.tom)
    dialog = await room.tom.report_message(chat, "Helena Headley", "<p>You are useless</p>")
    assert chosen(dialog, "subjects") == []
    await dialog.send()
    await room.deliver()
    assert any("Please acknowledge" in one.words for one in room.helen.messages())


async def test_the_message_extension_gives_clauses_to_quote(room: Staffroom) -> None:
    found = await room.tom.search("can I friend an ex-pupil?")
    first = found["attachments"][0]
    assert first["preview"]["content"]["title"].startswith("Clause 28")
    assert "Staff should not have contact" in json.dumps(first["content"])
    assert "Action" not in json.dumps(first["content"])
    assert (await room.tom.search("a colleague hit a child today"))["type"] == "message"


async def test_meeting_the_bot_shows_what_it_can_do(room: Staffroom) -> None:
    new = room.teams.user("Nadia New", "nadia@school.test", installed=False)
    await new.install()
    assert "Hello. Ask me what the social media policy says" in new.last().words
    assert "Report something" in new.last().buttons


async def test_a_guest_of_the_tenant_is_not_staff(room: Staffroom) -> None:
    guest = room.teams.user("Gus Guest", "gus@elsewhere.test", role="guest")
    await guest.say("can I friend an ex-pupil?")
    assert guest.last().words == "Usher is for the school's staff"
    answer = await guest.invoke("task/fetch", {"data": {"usher": "report.open", "value": ""}})
    assert answer.body["task"]["value"] == "Usher is for the school's staff"


async def test_teams_is_answered_in_time_however_long_the_work_takes(room: Staffroom, monkeypatch: pytest.MonkeyPatch) -> None:
    handle, free = room.bot.incoming.dispatch.handle, asyncio.Event()

    async def slow(*given: Any, last: bool) -> Outcome:
        await free.wait()
        return await handle(*given, last=last)

    monkeypatch.setattr(intake, "ACK_SECONDS", 0.2)
    monkeypatch.setattr(room.bot.incoming.dispatch, "handle", slow)
    assert (await room.tom.say("clause 28")).status == 202
    assert room.tom.messages() == []
    free.set()
    for _ in range(100):
        await asyncio.sleep(0.05)
        if room.tom.messages():
            break
    assert "Clause 28" in room.tom.last().words
