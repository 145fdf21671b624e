"""A conversation is sealed, its person's alone, in order, once for each key, and still there after a restart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Button, Card, Facts, Field, Fold, Form, Option, Outside, Quote, Steps, Text, Tone
from bot.channels.packing import pack, unpack
from bot.channels.web.channel import WebChannel
from bot.channels.web.conversations import Conversations
from bot.channels.web.hub import Ear, Hub
from bot.channels.web.tables import MIGRATIONS, SEALED
from bot.errors import RecipientGone, RetryLater
from bot.incidents.directory import Directory
from bot.incidents.rotation import rotate
from bot.incidents.vault import Vault
from bot.people import Person
from tests.support.delivering import Post
from tests.support.people import DPO, HEAD, TEACHER
from tests.support.school import KEY, School, report

WORDS = "a secret about Kezia Oakapple"


@pytest.fixture
def school(tmp_path: Path):
    made = School(f"sqlite:///{tmp_path / 'usher.db'}")
    made.store.migrate(MIGRATIONS)
    yield made
    made.close()


@pytest.fixture
def conversations(school: School) -> Conversations:
    return Conversations(school.store, school.vault, school.register.records.directory)


def two(school: School) -> tuple[Person, Person]:
    one, other, *_ = school.people
    return one, other


def test_a_conversation_is_its_persons_alone(school: School, conversations: Conversations):
    one, other = two(school)
    conversations.wrote(one, WORDS, "1")
    conversations.add(one, Card("An answer"), "2")
    assert [line.text or line.card for line in conversations.page(one)] == [WORDS, Card("An answer")]
    assert conversations.page(other) == ()
    assert conversations.standing(other).unread == 0
    assert conversations.replace(other, 1, Card("x")) is None


def test_the_same_key_is_the_same_line(school: School, conversations: Conversations):
    one, other = two(school)
    first = conversations.add(one, Card("First"), "key")
    assert conversations.add(one, Card("Second"), "key") == first
    assert conversations.add(other, Card("Theirs"), "key").card == Card("Theirs")
    assert len(conversations.page(one)) == 1


def test_a_change_is_news_and_stays_in_its_place(school: School, conversations: Conversations):
    one, _ = two(school)
    alert = conversations.add(one, Card("Alert"), "a")
    conversations.wrote(one, "hello", "b")
    seen = conversations.standing(one).seq
    changed = conversations.replace(one, alert.n, Card("Acknowledged"))
    assert changed is not None
    assert [(line.n, line.card) for line in conversations.since(one, seen)] == [(alert.n, Card("Acknowledged"))]
    assert [line.n for line in conversations.page(one)] == sorted(line.n for line in conversations.page(one))
    assert conversations.since(one, changed.seq) == ()


def test_what_was_said_by_usher_is_unread_until_it_is_read(school: School, conversations: Conversations):
    one, _ = two(school)
    conversations.wrote(one, "mine", "1")
    last = conversations.add(one, Card("yours"), "2")
    assert conversations.standing(one).unread == 1
    conversations.read(one, last.n + 1000)
    assert conversations.standing(one).unread == 1, "nobody has read what was never written"
    conversations.read(one, last.n)
    assert conversations.standing(one).unread == 0


def test_earlier_pages(school: School, conversations: Conversations):
    one, _ = two(school)
    for number in range(100):
        conversations.wrote(one, str(number), f"key {number}")
    newest = conversations.page(one)
    earlier = conversations.page(one, before=newest[0].n)
    assert [line.text for line in (*earlier, *newest)] == [str(number) for number in range(20, 100)]


def test_nothing_of_it_can_be_read_in_the_files(school: School, conversations: Conversations, tmp_path: Path):
    one, _ = two(school)
    conversations.wrote(one, WORDS, "1")
    conversations.add(one, Card(WORDS, (Text(WORDS),), (Button("x", "y", WORDS),)), "2")
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert b"Kezia" not in content, path
        assert one.name.encode() not in content, path


def test_it_is_still_there_after_a_restart_and_under_a_new_key(school: School, conversations: Conversations, tmp_path: Path):
    one, _ = two(school)
    conversations.wrote(one, WORDS, "1")
    again = School(school.url)
    both = Vault([bytes(range(32, 64)), KEY])
    turned = Conversations(again.store, both, again.register.records.directory)
    assert turned.page(one)[0].text == WORDS
    rotate(again.store, both, SEALED)
    only = Conversations(again.store, Vault([bytes(range(32, 64))]), Directory(again.store, Vault([bytes(range(32, 64))]), again.people))
    assert only.page(one)[0].text == WORDS
    again.close()


def test_erasing_and_forgetting(school: School, conversations: Conversations):
    one, other = two(school)
    conversations.wrote(one, "old", "1")
    school.clock.turn(days=400)
    conversations.wrote(one, "new", "2")
    conversations.wrote(other, "theirs", "3")
    assert conversations.forget_before(school.clock.turn(days=-1)) == 1
    assert [line.text for line in conversations.page(one)] == ["new"]
    assert conversations.erase(one) == 1
    assert conversations.page(one) == ()
    assert len(conversations.page(other)) == 1


@pytest.mark.postgres
def test_two_processes_never_give_out_the_same_number(postgres_url: str):
    schools = [School(postgres_url), School(postgres_url)]
    schools[0].store.migrate(MIGRATIONS)
    one, _ = two(schools[0])
    both = [Conversations(school.store, school.vault, school.register.records.directory) for school in schools]
    both[0].wrote(one, "first", "first")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: both[number % 2].add(one, Card(f"{number}"), f"key {number % 20}"), range(40)))
    found = both[0].everything(one)
    assert len(found) == 21
    assert len({line.n for line in found}) == 21
    assert both[1].standing(one).unread == 20
    for school in schools:
        school.close()


async def test_the_channel_sends_once_finds_and_updates(school: School, conversations: Conversations):
    one, _ = two(school)
    channel = WebChannel(conversations, school.people, Hub(), demo=True)
    assert await channel.find(one, "job") is None
    sent = await channel.send(one, Card("Alert"), "job")
    assert await channel.send(one, Card("Alert"), "job") == sent
    assert await channel.find(one, "job") == sent
    await channel.update(sent, Card("Acknowledged"))
    assert conversations.page(one)[0].card == Card("Acknowledged")
    conversations.erase(one)
    with pytest.raises(RecipientGone):
        await channel.update(sent, Card("Later"))


async def test_a_store_that_is_away_is_a_reason_to_try_again(school: School, conversations: Conversations, tmp_path: Path):
    one, _ = two(school)
    channel = WebChannel(conversations, school.people, Hub(), demo=True)
    school.store.close()
    (tmp_path / "usher.db").rename(tmp_path / "away.db")
    (tmp_path / "usher.db").mkdir()
    with pytest.raises(RetryLater):
        await channel.send(one, Card("Alert"), "job")


async def test_who_looks_at_the_page_is_reached_and_whoever_does_not_is_not(school: School, conversations: Conversations):
    one, other = two(school)
    hub = Hub()
    channel = WebChannel(conversations, school.people, hub, demo=False)
    with hub.listen(Ear(one.id)):
        assert channel.reaches(one)
        assert not channel.reaches(other)
    assert not channel.reaches(one)


async def test_typing_reaches_those_who_have_the_room_open_and_nobody_else():
    hub = Hub()
    with hub.listen(Ear("a", "ROOM")) as a, hub.listen(Ear("b", "ROOM")) as b, hub.listen(Ear("c")) as c:
        hub.tell_room("ROOM", "a", ("typing", {"who": "A"}), frozenset("abc"))
        assert (a.take(), b.take(), c.take()) == ([], [("typing", {"who": "A"})], [])
        hub.tell_room("ROOM", "c", ("typing", {"who": "C"}), frozenset("abc"))
        assert (a.take(), b.take()) == ([], []), "somebody outside made the room believe that they are in it"


TEXTS = st.text(max_size=30)
BLOCKS: Any = st.one_of(
    st.builds(Text, TEXTS, st.booleans()),
    st.builds(Quote, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS),
    st.builds(Steps, TEXTS, st.lists(TEXTS).map(tuple), st.sampled_from(["do", "do_not", "ordered", "plain"])),
    st.builds(Facts, st.lists(st.tuples(TEXTS, TEXTS)).map(tuple)),
    st.builds(Outside, TEXTS, TEXTS, TEXTS),
)
CARDS = st.builds(
    Card,
    TEXTS,
    st.lists(BLOCKS | st.builds(Fold, TEXTS, st.lists(BLOCKS).map(tuple)), max_size=4).map(tuple),
    st.lists(st.builds(Button, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS), max_size=4).map(tuple),
    st.sampled_from(Tone),
    TEXTS,
    TEXTS,
)


@given(CARDS)
def test_a_card_comes_back_as_it_was(card: Card):
    import json  # noqa: PLC0415

    found = unpack(json.loads(json.dumps(pack(card))))
    assert found == card
    assert isinstance(found.tone, Tone)


def test_a_form_comes_back_and_what_is_no_longer_known_is_left_out():
    form = Form("f", "F", (Field("a", "A", "choices", (Option("x", "X"),), initial=("x",)),), blocks=(Text("t"),))
    packed = pack(form)
    assert unpack({**packed, "of_later_days": 1}) == form


async def test_whoever_was_brought_in_and_it_turns_out_to_be_about_keeps_no_line_of_it(school: School, conversations: Conversations):
    page = WebChannel(conversations, school.people, Hub(), demo=True)
    post = Post(school, {"web": page})
    ref = school.register.open(report(), TEACHER, "e").ref
    school.register.invite(ref, HEAD, DPO, "i")
    await post.deliver()
    assert ref in repr(conversations.page(DPO))
    school.register.name_subject(ref, HEAD, DPO, "n")
    await post.deliver()
    assert [line.card.title for line in conversations.page(DPO) if line.card] == ["This message has been withdrawn"]
    assert ref not in repr(conversations.page(DPO))
