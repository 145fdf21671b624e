"""Bad days: throttling, gateways that may have delivered, blocked people, revoked secrets, restarts, junk at the door."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from botframework.connector.auth.channel_validation import ChannelValidation
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.cards import Card
from bot.channels.teams.references import Reference
from bot.channels.teams.server import build
from bot.channels.teams.wire import Wire
from bot.errors import ChannelRefused, RecipientGone, RetryLater, SettingsError
from bot.inbox import Inbox
from bot.incidents.model import Kind
from bot.incidents.notices import REPEAT
from bot.people import Person
from bot.settings import Teams as Credentials
from tests.channels.teams.conftest import Staffroom, put_together, serve
from tests.channels.teams.stand_in import Fault, Teams
from tests.channels.teams.stand_in.service import APP_ID, TENANT
from tests.channels.teams.test_rooms import person
from tests.support.delivering import Post
from tests.support.school import School, report


def alerts(room: Staffroom) -> list[str]:
    return [one.words for one in room.helen.messages() if "Please acknowledge" in one.words]


async def report_something(room: Staffroom) -> str:
    return room.school.register.open(report(Kind.MISUSE), person(room, "teacher"), room.school.event()).ref


@pytest.mark.parametrize(("status", "after"), [(429, 3), (429, None), (412, None)])
async def test_where_teams_asks_to_wait_the_alert_arrives_once_and_is_no_repeat(room: Staffroom, status: int, after: int | None) -> None:
    room.teams.faults.append(Fault(status, after=after))
    await report_something(room)
    await room.deliver()
    await room.out.pass_time(12)
    assert len(alerts(room)) == 1
    assert REPEAT not in alerts(room)[0]


@pytest.mark.parametrize("status", [502, 504])
async def test_where_nobody_knows_whether_it_arrived_the_second_says_that_it_may_be_one(room: Staffroom, status: int) -> None:
    room.teams.faults.append(Fault(status, lands=True))
    await report_something(room)
    await room.deliver()
    await room.out.pass_time(12)
    first, second = alerts(room)
    assert REPEAT not in first
    assert REPEAT in second


async def test_a_key_that_was_sent_is_found_and_not_sent_again(room: Staffroom) -> None:

    head = person(room, "head")
    sent = await room.bot.channel.send(head, Card("Hello"), "key-1")
    assert await room.bot.channel.find(head, "key-1") == sent
    assert await room.bot.channel.send(head, Card("Hello"), "key-1") == sent
    assert len(room.helen.messages()) == 1
    await room.bot.channel.update(sent, Card("Changed"))
    assert room.helen.last().words == "Changed"


async def test_faults_have_their_meaning(room: Staffroom) -> None:

    head = person(room, "head")
    for status, error in ((429, RetryLater), (502, RetryLater), (401, ChannelRefused), (403, RecipientGone)):
        room.teams.faults.append(Fault(status, after=7 if status == 429 else None))
        with pytest.raises(error) as raised:
            await room.bot.channel.send(head, Card("Hello"), f"key-{status}")
        if status == 429:
            assert raised.value.after == 7  # type: ignore[attr-defined]


async def test_whoever_blocked_the_bot_is_reached_another_way(room: Staffroom) -> None:
    room.teams.blocked.add(room.helen.account.personal)
    await report_something(room)
    await room.deliver()
    assert alerts(room) == []
    assert not room.bot.references.of(person(room, "head")).conversation  # type: ignore[union-attr]
    timeline = room.school.register.read((await _refs(room))[0], person(room, "teacher")).timeline
    assert any(one.what == "undelivered" for one in timeline)


async def _refs(room: Staffroom) -> list[str]:
    return [row.ref for row in room.school.register.reported_by(person(room, "teacher"))]


async def test_whoever_never_met_the_bot_is_written_to_first_where_the_app_was_installed_for_them(tmp_path: Path, teams: Teams) -> None:

    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    runner = await serve(teams, bot := put_together(teams, school))
    tom, dana = teams.user("Tom"), teams.user("Dana")
    not_installed = teams.user("Nobody", installed=False)
    known = Person("dsl", "Dana", addresses={"teams": dana.account.aad})
    assert not bot.channel.reaches(known), "nothing is known of the school's Teams yet"
    await tom.install()
    assert bot.channel.reaches(known)
    await bot.channel.send(known, Card("An alert"), "k")
    assert dana.last().words == "An alert"
    with pytest.raises(RecipientGone):
        await bot.channel.send(Person("x", "Nobody", addresses={"teams": not_installed.account.aad}), Card("An alert"), "k2")
    await runner.cleanup()
    school.close()


async def test_after_a_restart_alerts_still_find_their_people(room: Staffroom) -> None:
    again = put_together(room.teams, room.school)
    await report_something(room)
    await Post(room.school, {"teams": again.channel}).deliver()
    assert len(alerts(room)) == 1


async def test_a_wrong_secret_is_the_channels_refusal(tmp_path: Path, teams: Teams) -> None:

    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    bot = put_together(teams, school, secret="wrong")
    bot.references.met(bot.references.all()[0] if bot.references.all() else _reference(teams))
    with pytest.raises(ChannelRefused):
        await bot.channel.send(person_of(teams), Card("An alert"), "k")
    school.close()


def _reference(teams: Teams) -> Any:

    account = teams.user("Tom").account
    return Reference(
        account.aad,
        account.user,
        "Tom",
        account.mail,
        conversation=account.personal,
        service_url=teams.url,
        tenant=TENANT,
        bot=f"28:{APP_ID}",
    )


def person_of(teams: Teams) -> Any:

    (account,) = teams.accounts.values()
    return Person("t", "Tom", addresses={"teams": account.aad})


async def test_the_bots_own_token_is_fetched_once(room: Staffroom) -> None:
    await room.tom.say("can I friend an ex-pupil?")
    await room.helen.say("can I friend an ex-pupil?")
    await report_something(room)
    await room.deliver()
    assert room.teams.tokens_given == 1


# the door


@pytest.fixture
async def door(room: Staffroom) -> AsyncIterator[Any]:
    async with aiohttp.ClientSession() as session:

        async def knock(body: Any, token: str = "", **headers: str) -> int:
            text = body if isinstance(body, str | bytes) else json.dumps(body)
            sent = {"Content-Type": "application/json", **({"Authorization": token} if token else {}), **headers}
            async with session.post(room.teams.bot_url, data=text, headers=sent) as response:
                assert await response.text() == ""
                return response.status

        yield knock


async def test_only_teams_own_tokens_open_the_door(room: Staffroom, door: Any) -> None:
    teams, activity = room.teams, room.tom.activity("message", text="can I friend an ex-pupil?")
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    bad = ["", "Bearer junk", "Bearer a.b.c", "junk", "Bearer " + "x" * 5000, f"Basic {teams.token()}", f"Bearer {teams.token()} x"]
    bad += [f"Bearer {teams.token(**change)}" for change in (
        {"key": other}, {"key": other, "kid": "unknown"}, {"aud": "another-bot"}, {"iss": "https://sts.example"},
        {"exp": int(time.time()) - 4000}, {"serviceurl": "https://evil.example/"},
    )]  # fmt: skip
    for token in bad:
        assert await door(activity, token) == 401
    assert room.tom.messages() == []
    assert await door(activity, f"Bearer {teams.token()}") == 202
    assert "Clause 28" in room.tom.last().words


async def test_junk_is_refused_cleanly(room: Staffroom, door: Any) -> None:
    good = f"Bearer {room.teams.token()}"
    for body in (
        "",
        "{",
        "[]",
        "null",
        '"x"',
        "{}",
        '{"type": 5}',
        '{"type":"message","from":7}',
        b"\xff\xfe",
        "[" * 5000,
        '{"type":"message"}',
    ):
        assert await door(body, good) == 400
    assert await door(room.tom.activity("message", text="hi"), good, **{"Content-Type": "text/plain"}) == 400


async def test_when_microsofts_keys_cannot_be_had_teams_is_asked_to_come_again(room: Staffroom, door: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(ChannelValidation, "open_id_metadata_endpoint", "http://127.0.0.1:9/openid")
    assert await door(room.tom.activity("message", text="hi"), f"Bearer {room.teams.token()}") == 503


async def test_new_keys_of_microsoft_are_taken_at_once(room: Staffroom, door: Any) -> None:
    assert await door(room.tom.activity("message", text="thanks"), f"Bearer {room.teams.token()}") == 202
    room.teams.key, room.teams.key_id = rsa.generate_private_key(public_exponent=65537, key_size=2048), "key-2"
    assert await door(room.tom.activity("message", text="thanks"), f"Bearer {room.teams.token()}") == 202


async def test_another_organisations_people_are_not_staff(room: Staffroom) -> None:
    activity = room.tom.activity("message", text="can I friend an ex-pupil?")
    activity["channelData"] = {"tenant": {"id": "somebody-elses"}}
    await room.tom.post(activity)
    assert room.tom.messages() == []
    invoke = {**room.tom.activity("invoke", name="task/fetch", value={"data": {"usher": "report.open"}}), "channelData": {}}
    assert (await room.tom.post(invoke)).status == 403


@pytest.mark.parametrize("value", [None, 5, "x", {}, {"data": 7}, {"action": {"data": "x"}}, {"parameters": [1]}])
@pytest.mark.parametrize(
    "name", ["task/fetch", "task/submit", "adaptiveCard/action", "composeExtension/query", "composeExtension/fetchTask", "odd"]
)
async def test_an_odd_invoke_gets_an_answer(room: Staffroom, name: str, value: object) -> None:
    answer = await room.tom.post(room.tom.activity("invoke", name=name, value=value))
    assert answer.status == 200


async def test_a_forged_press_reads_like_an_unknown_reference(room: Staffroom) -> None:
    ref = await report_something(room)
    for value in (ref, "AAAA-AAAA"):
        data = {"usher": "incident.open", "value": value}
        await room.charlie.invoke("adaptiveCard/action", {"action": {"type": "Action.Execute", "data": data}})
    first, second = room.charlie.messages()[-2:]
    assert first.words == second.words
    assert "There is no such reference, or it is not for you to see." in first.words


@pytest.mark.parametrize(("settings", "demo", "host"), [
    (None, False, "127.0.0.1"), (None, True, "192.0.2.1"), (Credentials(APP_ID, "s", "MultiTenant", "", graph_chats=False), False, "::1"),
])  # fmt: skip
def test_the_bot_does_not_start_open_to_everybody(tmp_path: Path, settings: Any, demo: object, host: str) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    with pytest.raises(SettingsError):
        build(
            settings, dispatch=None, register=school.register, store=school.store, vault=school.vault, people=school.people,  # type: ignore[arg-type]
            demo=bool(demo), host=host, inbox=Inbox(school.store, school.vault),
        )  # fmt: skip
    school.close()


async def test_where_the_typing_is_refused_the_answer_comes_all_the_same(room: Staffroom) -> None:
    room.teams.faults.append(Fault(429, after=30, on="POST activities"))
    await room.tom.say("clause 28")
    assert "Clause 28" in room.tom.last().words
    assert not room.teams.faults


async def test_who_stood_still_inside_the_call_takes_out_what_another_process_had_sent_meanwhile(
    room: Staffroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, other = person(room, "head"), put_together(room.teams, room.school)
    real, asleep, theirs = Wire.send, [True], []

    async def send(self: Wire, *given: Any) -> str:
        if asleep:  # before anything is sent
            asleep.clear()
            theirs.append(await other.channel.send(head, Card("Hello"), "key-1"))
        return await real(self, *given)

    monkeypatch.setattr(Wire, "send", send)
    assert [await room.bot.channel.send(head, Card("Hello"), "key-1")] == theirs
    assert [await room.bot.channel.find(head, "key-1")] == theirs
    assert len(room.helen.messages()) == 1
    assert sum(one.deleted for one in room.teams.messages) == 1
