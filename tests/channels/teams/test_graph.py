"""Rooms as real group chats, through Microsoft's own Graph library against a stand-in of Graph."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.channels.teams.graph import GraphChats, graph_client
from bot.channels.teams.groups import BACK
from bot.channels.teams.package import HEARS
from bot.errors import ChannelRefused, RetryLater
from bot.incidents.model import Kind
from bot.ports import Room
from bot.settings import Teams as Credentials
from tests.channels.teams.conftest import Staffroom, staffroom
from tests.channels.teams.stand_in import Fault, Teams, User
from tests.channels.teams.stand_in.client import BOT
from tests.channels.teams.stand_in.graph import TOKEN, Graph
from tests.channels.teams.stand_in.service import APP_ID, TENANT
from tests.channels.teams.test_rooms import opened, person, said

SETTINGS = Credentials(APP_ID, "s", "SingleTenant", TENANT, graph_chats=True)


class Signed:
    """Signs calls as azure-identity would."""

    async def authenticate_request(self, request: Any, _context: Any = None) -> None:
        request.headers.try_add("Authorization", TOKEN)


@dataclass
class Chatting:
    """A school with group chats."""

    room: Staffroom
    graph: Graph
    chats: GraphChats

    def members(self) -> set[str]:
        (chat,) = self.graph.chats.values()
        return set(chat.members.values())

    def shown(self) -> list[str]:
        (chat,) = self.graph.chats
        return [one.words for one in self.room.teams.in_conversation(chat)]


@pytest.fixture
async def chatting(tmp_path: Path, teams: Teams) -> AsyncIterator[Chatting]:
    async with Graph(teams, [dict(one) for one in HEARS]) as graph:
        chats = GraphChats(SETTINGS, graph_client(Signed(), graph.url))
        async with staffroom(tmp_path, teams, chats) as room:
            yield Chatting(room, graph, chats)


def accounts(*users: User) -> set[str]:
    return {user.account.aad for user in users}


async def coming(user: User, chat: str, kind: str, *who: User) -> None:
    added = {kind: [{"id": one.account.user, "aadObjectId": one.account.aad} for one in who]}
    await user.post(user.activity("conversationUpdate", conversation=chat, **added))


async def test_an_incident_in_a_real_chat_from_its_opening_to_its_end(chatting: Chatting) -> None:
    room, graph = chatting.room, chatting.graph
    ref = await opened(room)
    (chat,) = graph.chats.values()
    assert (chat.topic, chat.app) == (f"Incident {ref}", True)
    assert chatting.members() == accounts(room.tom, room.helen)
    assert ref in chatting.shown()[0]
    await coming(room.tom, chat.id, "membersAdded", room.tom, room.helen)  # Teams tells of what Graph did
    written = await room.tom.chat(chat.id, "It is still going on.")
    assert written is not None, "the app was put there with consent to hear every word"
    assert said(room, ref) == ["It is still going on."]
    await room.tom.edit(written["id"], "It has stopped.", conversation=chat.id)
    await room.tom.delete(written["id"], conversation=chat.id)
    timeline = room.school.register.read(ref, person(room, "head")).timeline
    assert [(one.what, one.text) for one in timeline if one.what in ("edited", "deleted", "joined", "intruder")] == [
        ("edited", "It has stopped."), ("deleted", "")]  # fmt: skip
    room.school.register.say(ref, person(room, "head"), "From the page.", room.school.event(), channel="web")
    await room.deliver()
    assert any("From the page." in one for one in chatting.shown())
    assert len([one for one in chatting.shown() if "It is still going on." in one]) == 0, "what was said there is not said there again"
    room.school.register.invite(ref, person(room, "head"), person(room, "dsl"), room.school.event())
    await room.deliver()
    assert chatting.members() == accounts(room.tom, room.helen, room.dana)
    room.school.register.name_subject(ref, person(room, "head"), person(room, "teacher"), room.school.event())
    await room.deliver()
    assert chatting.members() == accounts(room.helen, room.dana)
    await coming(room.helen, chat.id, "membersRemoved", room.tom)
    room.school.register.close(ref, person(room, "head"), "Settled.", room.school.event())
    await room.deliver()
    assert "This room is closed." in chatting.shown()[-1]
    await room.helen.chat(chat.id, "Nobody hears this.")
    assert said(room, ref) == ["It is still going on.", "From the page."]


async def test_whoever_is_added_by_hand_is_taken_out_and_it_is_on_the_record(chatting: Chatting) -> None:
    room, graph = chatting.room, chatting.graph
    ref = await opened(room)
    (chat,) = graph.chats.values()
    graph.join(chat, room.charlie.account.aad)
    await coming(room.tom, chat.id, "membersAdded", room.charlie)
    await room.deliver()
    assert chatting.members() == accounts(room.tom, room.helen)
    timeline = room.school.register.read(ref, person(room, "head")).timeline
    assert [one.text for one in timeline if one.what == "intruder"] == ["Charlie Chair"]
    assert any("was added to this incident's room by hand" in one.words for one in room.helen.messages())


async def test_whoever_was_named_a_moment_ago_does_not_read_the_next_line(chatting: Chatting) -> None:
    room, graph = chatting.room, chatting.graph
    ref = await opened(room)
    (chat,) = graph.chats.values()
    room.school.register.name_subject(ref, person(room, "head"), person(room, "teacher"), room.school.event())
    graph.page = 1  # Graph parts what it lists
    await room.bot.channel.post(Room("teams", chat.id), "Helen Head", "For the others.", "k1")
    assert chatting.members() == accounts(room.helen)
    assert graph.calls[-1].startswith("DELETE"), "out first, and only then the line"
    assert "For the others." in chatting.shown()[-1]


async def test_whoever_leaves_the_chat_by_hand_has_left_the_room(chatting: Chatting) -> None:
    room, graph = chatting.room, chatting.graph
    ref = await opened(room)
    (chat,) = graph.chats.values()
    await coming(room.tom, chat.id, "membersRemoved", room.tom)
    timeline = room.school.register.read(ref, person(room, "head")).timeline
    assert [one.name for one in timeline if one.what == "left"] == ["Tom Teacher"]


async def test_a_file_in_a_real_chat_is_warned_of_in_the_chat_itself(chatting: Chatting) -> None:
    room = chatting.room
    ref = await opened(room, kind=Kind.INDECENT_IMAGES)
    (chat,) = chatting.graph.chats
    picture = {"contentType": "image/png", "contentUrl": "https://files.example/x.png"}
    await room.tom.chat(chat, "look at this", attachments=[picture])
    assert "Do not open, save, send or show that file" in chatting.shown()[-1]
    assert said(room, ref) == ["look at this"]


async def test_in_a_chat_of_their_own_people_are_not_answered_unless_they_ask(chatting: Chatting) -> None:
    room = chatting.room
    chat = room.teams.group("19:lunch@thread.v2", room.tom, room.helen)
    room.teams.heard.add(chat)  # somebody added the app, and with it its consent
    await room.tom.chat(chat, "can I friend an ex-pupil?")
    assert room.tom.messages() == []
    await room.tom.mention(chat, "can I friend an ex-pupil?")
    assert "Clause 28" in room.tom.last().words


async def test_graphs_faults_have_their_meaning_and_each_call_is_tried_once(chatting: Chatting) -> None:
    graph, chats = chatting.graph, chatting.chats
    accounts_ = tuple(sorted(accounts(chatting.room.tom)))
    for fault, error in ((Fault(429, after=7), RetryLater), (Fault(504), RetryLater), (Fault(403), ChannelRefused)):
        fault.on = "POST"
        graph.faults.append(fault)
        with pytest.raises(error) as raised:
            await chats.create("Incident", accounts_)
        if fault.status == 429:
            assert raised.value.after == 7  # type: ignore[attr-defined]
    assert graph.chats == {}
    assert sum(one.startswith("POST") for one in graph.calls) == 3, "one try for each call: the outbox decides about the next"
    graph.in_catalogue = False
    with pytest.raises(ChannelRefused, match="catalogue"):
        await chats.create("Incident", accounts_)
    assert graph.chats == {}, "people would talk in a chat that nobody hears"


@pytest.mark.parametrize("lands", [False, True])
async def test_where_the_bot_is_not_let_in_at_once_no_second_chat_is_made(chatting: Chatting, *, lands: bool) -> None:
    room, graph = chatting.room, chatting.graph
    graph.faults.append(Fault(503, after=1, lands=lands, on="POST installedApps"))
    await opened(room)
    room.school.clock.turn(minutes=2)
    await room.deliver()
    (chat,) = graph.chats.values()
    assert (chat.app, chatting.members()) == (True, accounts(room.tom, room.helen))
    assert await room.tom.chat(chat.id, "It is still going on.") is not None


async def test_the_chats_card_asks_for_each_viewers_own_also_after_it_has_changed(chatting: Chatting) -> None:
    room = chatting.room
    ref = await opened(room)
    room.school.register.invite(ref, person(room, "head"), person(room, "dsl"), room.school.event())
    room.school.register.take_in_hand(ref, person(room, "head"), room.school.event())
    await room.deliver()
    (chat,) = chatting.graph.chats
    card = room.teams.in_conversation(chat)[0].cards[0]
    assert "In hand" in chatting.shown()[0]
    assert set(card["refresh"]["userIds"]) == {one.account.user for one in (room.tom, room.helen, room.dana)}
    answer = await room.tom.invoke("adaptiveCard/action", {"action": card["refresh"]["action"], "trigger": "automatic"}, conversation=chat)
    shown = str(answer.body["value"])
    assert "incident.open" in shown
    assert "incident.close" not in shown


async def test_what_somebody_opened_in_their_own_chat_is_taken_back_when_they_are_taken_out(chatting: Chatting) -> None:
    room = chatting.room
    ref = await opened(room, "Nobody else must read this.")
    (chat,) = chatting.graph.chats
    await room.tom.press("Open", room.teams.in_conversation(chat)[0])
    assert "Nobody else must read this." in room.tom.last().words
    await room.tom.quote(room.tom.last(), "It goes on.")
    assert said(room, ref) == ["It goes on."]
    await room.deliver()
    assert "It goes on." in chatting.shown()[-1]
    room.school.register.name_subject(ref, person(room, "head"), person(room, "teacher"), room.school.event())
    await room.deliver()
    assert "Nobody else must read this." not in "".join(one.words for one in room.tom.messages())


async def test_where_somebody_takes_the_bot_out_it_comes_back_and_says_what_is_missing(chatting: Chatting) -> None:
    room, graph = chatting.room, chatting.graph
    ref = await opened(room)
    (chat,) = graph.chats.values()
    graph.take_out(chat)
    assert await room.tom.chat(chat.id, "Nobody hears this.") is None
    await room.tom.post(room.tom.activity("installationUpdate", conversation=chat.id, action="remove"))
    await room.tom.post(room.tom.activity("conversationUpdate", conversation=chat.id, membersRemoved=[{"id": BOT, "name": "Usher"}]))
    assert chat.app
    assert [one for one in chatting.shown() if "not on the record" in one] == [BACK]
    assert await room.tom.chat(chat.id, "It is heard again.") is not None
    assert said(room, ref) == ["It is heard again."]
    assert not any(one.what in ("left", "intruder") for one in room.school.register.read(ref, person(room, "head")).timeline)
