"""Alerts that stay true for whoever looks, large teams, and people for whom the app is not installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.cards import Card
from bot.channels.teams.checks import reach
from bot.errors import RecipientGone
from bot.incidents.verify import verify
from bot.people import Person
from tests.channels.teams.conftest import Staffroom, put_together, serve
from tests.channels.teams.stand_in import Fault, Teams, User
from tests.channels.teams.stand_in.reading import read_words
from tests.channels.teams.test_rooms import person
from tests.support.school import School, report


async def look(viewer: User, message: Any) -> str:
    """What Teams does when somebody has a card in view that asks for its present state."""
    (card,) = message.cards
    action = card["refresh"]["action"]
    value = {"action": {"type": "Action.Execute", "verb": action["verb"], "data": action["data"]}, "trigger": "automatic"}
    answer = await viewer.invoke("adaptiveCard/action", value, conversation=message.conversation, replyToId=message.id)
    return read_words(answer.body["value"]) + str([one.get("title") for one in answer.body["value"]["body"][-1].get("actions", [])])


async def test_an_alert_shows_each_viewer_how_it_stands_now(room: Staffroom) -> None:
    ref = room.school.register.open(report(), person(room, "teacher"), room.school.event()).ref
    await room.deliver()
    alert = next(one for one in room.helen.messages() if "Please acknowledge" in one.words)
    assert alert.cards[0]["refresh"]["userIds"] == [room.helen.account.user]
    assert "Acknowledge" in await look(room.helen, alert)
    room.school.register.acknowledge(ref, person(room, "head"), room.school.event())
    now = await look(room.helen, alert)  # the outbox has not brought the message into line yet
    assert "acknowledged by Helen Head" in now
    assert "Please acknowledge" not in now
    await room.deliver()
    assert alert.cards[0]["refresh"]["userIds"] == [room.helen.account.user]
    stranger = await look(room.charlie, alert)
    assert "withdrawn" in stranger
    assert ref not in stranger
    assert verify(room.school.store, room.school.vault).sound


async def test_an_alert_is_brought_into_line_as_the_incident_goes_on_and_asked_for_by_whoever_looks(room: Staffroom) -> None:
    ref = room.school.register.open(report(), person(room, "teacher"), room.school.event()).ref
    await room.deliver()
    alert = next(one for one in room.helen.messages() if "Please acknowledge" in one.words)
    for _ in range(30):  # nobody acknowledges: the next person is asked
        room.school.clock.turn(hours=1)
        await room.out.pass_time(3)
    others = [user for user in (room.charlie, room.dana) if any("cknowledge" in one.words and ref in one.words for one in user.messages())]
    assert others, "it was escalated"
    theirs = next(one for one in others[0].messages() if ref in one.words and "refresh" in one.cards[0] and "Acknowledge" in one.buttons)
    assert theirs.cards[0]["refresh"]["userIds"] == [others[0].account.user]
    room.school.register.acknowledge(ref, person(room, "head"), room.school.event())
    assert "acknowledged by Helen Head" in await look(others[0], theirs), "by looking, before the outbox has done anything"
    await room.deliver()
    for card in (alert, theirs):
        assert "acknowledged by Helen Head" in card.words
        assert "Acknowledge" not in card.buttons
    room.school.register.close(ref, person(room, "head"), "Settled.", room.school.event())
    await room.deliver()
    for card in (alert, theirs):
        assert "Closed" in card.words
        assert card.cards[0]["refresh"]


async def test_the_coming_and_going_of_a_large_team_costs_nothing_and_cuts_nobody_off(room: Staffroom) -> None:
    team = room.teams.group("19:everybody@thread.tacv2", room.tom, room.helen)
    before = len(room.teams.calls)
    for number in range(50):
        joined = {"membersAdded": [{"id": f"29:new{number}"}]}
        await room.tom.post({**room.tom.activity("conversationUpdate", conversation=team), **joined})
    await room.tom.post(room.tom.activity("installationUpdate", conversation=team, action="add"))
    await room.helen.post(room.helen.activity("installationUpdate", conversation=team, action="remove"))
    assert room.teams.calls[before:] == []
    room.school.register.open(report(), person(room, "teacher"), room.school.event())
    await room.deliver()
    assert any("Please acknowledge" in one.words for one in room.helen.messages()), "she left a team, not the chat"


async def test_where_a_team_is_throttled_the_answer_still_comes_once(room: Staffroom) -> None:
    team = room.teams.group("19:everybody@thread.tacv2", room.tom, room.helen)
    room.teams.faults.append(Fault(429, on=f"POST {team}"))
    await room.tom.mention(team, "can I friend an ex-pupil?")
    assert room.teams.in_conversation(team) == []
    assert sum("Clause 28" in one.words for one in room.tom.messages()) == 1


async def test_the_doctor_says_for_whom_the_app_is_not_installed(tmp_path: Path, teams: Teams) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    runner = await serve(teams, bot := put_together(teams, school))
    tom, nobody = teams.user("Tom"), teams.user("Nobody", installed=False)
    await tom.install()
    known = Person("head", "Helen Head", addresses={"teams": nobody.account.aad, "mail": "h@school.test"})
    assert "has not opened the bot" in reach(known, bot.references, mail=True).what
    for _ in range(2):
        try:
            await bot.channel.send(known, Card("An alert"), "k")
        except RecipientGone:
            continue
        raise AssertionError("it was sent")
    told = reach(known, bot.references, mail=True)
    assert "the app is not installed for Helen Head" in told.what
    assert (told.good, reach(known, bot.references, mail=False).good) == (None, False)
    await nobody.install()
    assert reach(known, bot.references, mail=True).good is True
    await bot.channel.send(known, Card("An alert"), "k")
    await runner.cleanup()
    school.close()
