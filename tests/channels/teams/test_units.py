"""The bot under botbuilder's own TestAdapter; which buttons open dialogs; a client without dialogs; rooms as real group chats."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botbuilder.core.adapters import TestAdapter
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount

from bot.cards import Button, Card, Form, Text
from bot.channels.teams.chat_rooms import ChatRooms
from bot.channels.teams.drawing import DIALOGS, draw, without_dialogs
from bot.channels.teams.forms import draw_form, read_form
from bot.channels.teams.rooms import ROOM
from bot.channels.teams.viewer import Viewer
from bot.errors import RecipientGone, RetryLater
from bot.events import Place, Press
from bot.incidents.enquiries import Enquiries
from bot.people import Person, Role
from bot.ports import Room
from tests.channels.teams.conftest import Staffroom
from tests.channels.teams.stand_in.reading import actions, read_words
from tests.channels.teams.test_rooms import person
from tests.support.school import report


class Watching:
    """A reply that remembers whether a form was opened."""

    def __init__(self) -> None:
        self.form: Form | None = None

    async def open_form(self, form: Form) -> None:
        self.form = form

    async def say(self, card: Card) -> None: ...
    async def point(self, card: Card) -> None: ...
    async def replace(self, card: Card) -> None: ...
    async def field_errors(self, errors: Mapping[str, str]) -> None: ...
    async def show_home(self, cards: tuple[Card, ...]) -> None: ...
    async def working(self) -> None: ...


async def test_the_list_of_dialogs_is_what_the_handlers_really_do(room: Staffroom) -> None:
    ref = room.school.register.open(report(), person(room, "teacher"), room.school.event()).ref
    enquiry = Enquiries(room.school.register.records).ask("May I?", person(room, "teacher"), Role.HEADTEACHER, room.school.event())
    dispatch, opened = room.bot.incoming.dispatch, set()
    for action in sorted(dispatch.actions):
        for value in (ref, enquiry.ref, ""):
            reply = Watching()
            event = Press(room.school.event(), person(room, "head"), action, value, Place("teams", "a"), room.school.clock.now())
            await dispatch.handle(event, reply)
            opened |= {action} if reply.form else set()
    assert opened == DIALOGS


async def test_under_the_sdks_own_test_adapter_a_greeting_is_answered(room: Staffroom) -> None:
    adapter = TestAdapter(room.bot.incoming.on_turn)
    tom = room.tom.account
    room.bot.incoming.tenant_id = ""
    said = Activity(
        type="message", text="hello", id="1", channel_id="msteams", service_url=room.teams.url,
        from_property=ChannelAccount(id=tom.user, name=tom.name, aad_object_id=tom.aad), recipient=ChannelAccount(id="28:bot"),
        conversation=ConversationAccount(id=tom.personal, conversation_type="personal"),
    )  # fmt: skip
    await adapter.receive_activity(said)
    typing, answer = adapter.activity_buffer
    assert typing.type == "typing"
    assert "Hello. Ask me" in read_words(answer.attachments[0].content)


def test_without_dialogs_forms_and_their_buttons_act_in_place() -> None:
    (card,) = draw(Card("T", buttons=(Button("Report something", "report.open", "v"),)))
    (button,) = actions(without_dialogs(card))
    assert (button["type"], button["verb"], button["data"]) == ("Action.Execute", "report.open", {"usher": "report.open", "value": "v"})
    (send,) = actions(without_dialogs(draw_form(Form("report", "Report", (), blocks=(Text("x"),)))))
    assert send["type"] == "Action.Execute"
    assert read_form(send["data"]) is not None


class RecordedChats:
    """Group chats as Graph would make them, in the stand-in."""

    def __init__(self, room: Staffroom) -> None:
        self.room = room
        self.inside: dict[str, set[str]] = {}
        self.heard: list[str] = []
        self.out_of_order = False

    async def create(self, topic: str, accounts: tuple[str, ...]) -> str:
        chat = f"19:{topic.lower().replace(' ', '-')}-{len(self.inside)}@chat"
        self.inside[chat] = set(accounts)
        self.room.teams.group(chat)
        return chat

    async def install(self, chat: str) -> bool:
        if self.out_of_order:
            raise RetryLater("Later.")
        self.heard.append(chat)
        return True

    async def members(self, chat: str) -> tuple[str, ...]:
        return tuple(self.inside[chat])

    async def add(self, chat: str, account: str) -> None:
        self.inside[chat].add(account)

    async def remove(self, chat: str, account: str) -> None:
        self.inside[chat].discard(account)


async def test_where_the_school_grants_it_a_room_is_a_real_chat(room: Staffroom) -> None:
    chats = RecordedChats(room)
    rooms = ChatRooms(room.bot.post, Viewer(room.school.register, room.bot.references), chats)
    tom, helen, dana = (person(room, name) for name in ("teacher", "head", "dsl"))
    ref = room.school.register.open(report(), tom, room.school.event()).ref
    chats.out_of_order = True
    with pytest.raises(RetryLater):
        await rooms.open(f"usher-{ref.lower()}", (tom, helen), Card("Incident", (Text("One."),)), "key")
    chats.out_of_order = False
    made = await rooms.open(f"usher-{ref.lower()}", (tom, helen), Card("Incident", (Text("One."),)), "key")
    assert [*chats.inside] == chats.heard, "no second chat, and none that the bot does not hear"
    assert await rooms.open(f"usher-{ref.lower()}", (tom, helen), Card("Incident"), "key") == made
    assert chats.inside[made.conversation] == {room.tom.account.aad, room.helen.account.aad}
    await rooms.post(made, "Helen Head", "From the page.", "k1")
    await rooms.post(made, "Helen Head", "From the page.", "k1")
    await rooms.update(made, Card("Incident", (Text("Two."),)))
    await rooms.invite(made, dana)
    await rooms.remove(made, tom)
    assert chats.inside[made.conversation] == {room.helen.account.aad, room.dana.account.aad}
    card, line = room.teams.in_conversation(made.conversation)
    assert "Two." in card.words
    assert card.cards[0]["refresh"]["userIds"], "each viewer still sees what is theirs"
    assert "From the page." in line.words
    room.teams.conversations[made.conversation] = {room.helen.account.user}
    await room.helen.mention(made.conversation, "Said in the chat itself.")
    assert [one.text for one in room.school.register.read(ref, helen).timeline if one.what == "said"] == ["Said in the chat itself."]
    await rooms.close(made)
    assert "This room is closed." in room.teams.in_conversation(made.conversation)[-1].words
    with pytest.raises(RecipientGone):
        await rooms.invite(made, Person("x", "Nobody"))


async def test_a_room_that_is_not_known_is_out_of_reach(room: Staffroom, tmp_path: Path) -> None:
    del tmp_path
    with pytest.raises(RecipientGone):
        await room.bot.channel.post(Room("teams", "relay:nothing"), "", "x", "k")
    assert room.bot.post.book.all(ROOM) == []


async def test_nothing_that_people_wrote_or_are_called_stands_open_in_the_database(room: Staffroom) -> None:
    ref = room.school.register.open(report(what="Zebra words"), person(room, "teacher"), room.school.event()).ref
    await room.deliver()
    await room.tom.say(f"{ref}: Giraffe words")
    await room.deliver()
    raw: Any = b"".join(path.read_bytes() for path in Path(str(room.school.store.url.database)).parent.glob("usher.db*"))
    for secret in (b"Giraffe", b"Zebra", b"Helen Head", room.helen.account.aad.encode(), b"head@school.test", room.teams.url.encode()):
        assert secret not in raw
