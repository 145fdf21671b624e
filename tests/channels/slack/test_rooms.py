"""Rooms that people do something to by hand, and whose words stay out of Slack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.cards import Button, Card, Fold, Outside, Quote, Steps, Text
from bot.channels.slack.discretion import ELSEWHERE, WRITTEN, Discretion, without_words
from bot.channels.slack.neutral import ON_PAGE, TELL, neutral
from bot.channels.slack.workspaces import joined
from bot.errors import NotSaved
from bot.incidents.verify import verify
from bot.people import Person
from bot.ports import Room
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in import faults
from tests.channels.slack.stand_in.member import until
from tests.channels.slack.stand_in.reading import text_of
from tests.channels.slack.stand_in.world import Conversation
from tests.channels.slack.test_incidents import STORY, _head, report, room


async def second(bench: Bench, first: Conversation) -> Conversation:
    found = await until(
        lambda: next((one for one in bench.slack.world.rooms() if one is not first and one.pins and len(one.members) > 2), None),
        "another room",
    )
    assert isinstance(found, Conversation)
    return found


def opened(bench: Bench, place: Conversation) -> None:
    """Made public: it is not among the private ones any more, and for want of channels:* the bot is told nothing about it."""
    place.private = False
    assert not {one for one in bench.slack.scopes if one.startswith("channels:")}


@pytest.mark.parametrize("how", ["slack says so", "nobody says so", "the bot was thrown out", "it was opened to everybody"])
async def test_a_room_that_was_closed_by_hand_is_noticed_told_of_and_opened_anew(bench: Bench, how: str) -> None:
    teacher, head, world = bench.who("teacher"), bench.who("head"), bench.slack.world
    ref = await report(teacher)
    first = await room(bench, "teacher", "head")
    if how == "the bot was thrown out":
        first.members.discard(world.BOT)
    elif how == "it was opened to everybody":
        opened(bench, first)
    else:
        first.archived = True
    if how == "slack says so":
        event = {"type": "message", "subtype": "group_archive", "channel": first.id, "channel_type": "group", "user": teacher.id}
        await bench.slack.event({**event, "ts": world.ts(), "text": "archived the group"})
    else:
        await head.presses("Acknowledge")  # a job for the room, which meets a channel that takes nothing
    written = [str(one) for one in first.messages]
    again = await second(bench, first)
    assert again.name == f"usher-{ref.lower()}-2"
    await head.reads_until("This incident's room was closed by hand, or cannot be kept private.")
    await head.reads_until("Room closed: it was closed, or could not be kept private, in Slack; another one is opened", again)
    await teacher.says("It goes on here.", where=again)
    await until(lambda: "It goes on here." in str(bench.bot.register.read(ref, _head(bench)).timeline), "the record")
    lost = [one for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what == "room_lost"]
    assert len(lost) == 1
    assert [str(one) for one in first.messages] == written, "what everybody may read is written to no more"
    assert verify(bench.bot.store, bench.bot.vault).sound


async def test_where_an_administrator_is_named_later_the_card_gives_way_to_a_link(http_bench: Bench) -> None:
    bench, head = http_bench, http_bench.who("head")
    bench.slack.world.users["UTA"].admin = True
    ref = await report(bench.who("teacher"))
    place = await room(bench, "teacher", "head")
    await bench.side.roll.call_all()
    assert ELSEWHERE not in text_of(place.messages[0]["blocks"])
    person = bench.bot.services.people.get("ta")
    assert person is not None
    bench.bot.register.name_subject(ref, _head(bench), person, "named-later")
    await bench.side.roll.call_all()
    await until(lambda: ELSEWHERE in text_of(place.messages[0]["blocks"]), "a link in the place of the card, whoever wrote it last")
    bench.side.channel.rooms._linked.clear()  # another process, or this one after a restart
    before = bench.slack.calls["chat.update"]
    await bench.side.roll.call_all()
    assert bench.slack.calls["chat.update"] == before
    await head.presses("Open on the page", where=place)


async def test_an_administrator_named_while_the_card_is_on_its_way_does_not_find_its_words(
    http_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, world = http_bench, http_bench.slack.world
    world.users["UTA"].admin = True
    ref = await report(bench.who("teacher"))
    place = await room(bench, "teacher", "head")
    rooms, discretion = bench.side.channel.rooms, bench.side.channel.rooms._discretion
    card = Card(f"Incident {ref}", (Text(STORY),))
    person = bench.bot.services.people.get("ta")
    assert person is not None
    put = rooms._put

    async def named_meanwhile(*words: Any) -> None:
        monkeypatch.setattr(rooms, "_put", put)
        bench.bot.register.name_subject(ref, _head(bench), person, "named-later")
        await put(*words)

    monkeypatch.setattr(rooms, "_put", named_meanwhile)
    assert not await discretion.keeps_out(ref)
    await rooms._update(Room("slack", joined(world.TEAM, place.id)), card)
    assert ELSEWHERE in text_of(place.messages[0]["blocks"])


async def test_what_members_pin_is_not_taken_for_the_card(http_bench: Bench) -> None:
    bench, teacher, head = http_bench, http_bench.who("teacher"), http_bench.who("head")
    await report(teacher)
    place = await room(bench, "teacher", "head")
    line = bench.slack.world.post(place, bench.slack.world.BOT, "The deputy wrote in this room", blocks=[{"type": "divider"}])
    place.pins.append(line["ts"])  # by hand
    bench.side.channel.rooms._pinned.clear()  # another process, or this one after a restart
    await head.presses("Acknowledge")
    card = place.messages[0]
    await until(lambda: "State: Acknowledged" in text_of(card["blocks"]), "the card as it is now")
    assert line["blocks"] == [{"type": "divider"}]


@pytest.mark.parametrize("archives", [True, False])
async def test_where_the_bot_may_take_nobody_out_the_room_is_given_up_for_another(http_bench: Bench, *, archives: bool) -> None:
    bench, teacher, head = http_bench, http_bench.who("teacher"), http_bench.who("head")
    ref = await report(teacher)
    first = await room(bench, "teacher", "head")
    bench.slack.fault("conversations.kick", *[faults.refused("restricted_action")] * 9)
    if not archives:
        bench.slack.fault("conversations.archive", *[faults.refused("restricted_action")] * 9)
    await bench.who("ta").adds("UTA", first)
    again = await second(bench, first)
    assert again.members == {"UBOT", "UTEACH", "UHEAD"}
    assert first.archived is archives
    await head.reads_until("cannot be kept private")
    written = [str(one) for one in first.messages]
    await teacher.says("It goes on here.", where=again)
    await until(lambda: "It goes on here." in str(bench.bot.register.read(ref, _head(bench)).timeline), "the record")
    await head.presses("Take in hand", where=again)
    await head.reads_until("took this in hand", again)
    assert [str(one) for one in first.messages] == written


@pytest.mark.parametrize("code", ["org_user_not_in_team", "cant_invite", "something_new"])
async def test_somebody_whom_slack_does_not_let_in_keeps_nobody_else_out(http_bench: Bench, code: str) -> None:
    bench, teacher = http_bench, http_bench.who("teacher")
    bench.slack.fault("conversations.invite", faults.refused(code))
    await report(teacher, kind="safeguarding")
    place = await until(lambda: next((one for one in bench.slack.world.rooms() if len(one.members) == 3 and one.pins), None), "the room")
    assert place.members < {"UBOT", "UTEACH", "UHEAD", "UDSL"}


async def test_what_slack_refuses_the_bot_is_in_the_log(http_bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench, head = http_bench, http_bench.who("head")
    bench.slack.fault("conversations.create", *[faults.refused("restricted_action")] * 9)
    await report(bench.who("teacher"))
    await head.reads_until("Please acknowledge")
    await until(lambda: "Slack refuses conversations.create: restricted_action" in caplog.text, "the reason in the log")


async def test_a_room_that_the_bot_itself_closes_stays_closed(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    await head.presses("Acknowledge")
    await head.reads_until("acknowledged by Mrs Helen Demo-Blake")
    bench.bot.register.close(ref, _head(bench), "Settled.", "e-close")
    await until(lambda: place.archived, "the closing")
    event = {"type": "message", "subtype": "group_archive", "channel": place.id, "channel_type": "group", "user": bench.slack.world.BOT}
    await bench.slack.event({**event, "ts": bench.slack.world.ts()})
    assert [one for one in bench.slack.world.rooms() if not one.archived] == []
    assert "by hand" not in head.reads()


@pytest.mark.parametrize(("done_by", "admin", "out"), [
    (("staff",), "", True), (("headteacher",), "UHEAD", True), (("headteacher",), "", False), (("parent",), "UHEAD", False),
])  # fmt: skip
async def test_words_stay_out_of_slack_where_the_one_it_is_about_may_own_it(
    http_bench: Bench,
    done_by: tuple[str, ...],
    admin: str,
    out: bool,  # noqa: FBT001
) -> None:
    bench = http_bench
    if admin:
        bench.slack.world.users[admin].admin = True
    teacher = bench.who("teacher")
    ref = await report(teacher, done_by=done_by)
    place = await room(bench, "teacher", "chair" if "headteacher" in done_by else "head")
    await teacher.presses("Open", where=teacher.dm)
    await until(lambda: ("kept out of Slack" if out else "Reported by") in teacher.reads(), "the incident, or a link to it")
    assert ("kept out of Slack" in teacher.reads(place)) is out
    assert (f"{STORY}\n" in teacher.reads().partition(ref)[2]) is not out


async def test_the_outcome_is_not_told_in_slack_where_words_stay_out(tmp_path: Path) -> None:
    async with Bench(tmp_path, "http", content_in_slack=False) as bench:
        teacher, head = bench.who("teacher"), bench.who("head")
        ref = await report(teacher)
        place = await room(bench, "teacher", "head")
        bench.bot.register.acknowledge(ref, _head(bench), "e-ack")
        bench.bot.register.close(ref, _head(bench), "The outcome: Mr X was spoken to.", "e-close")
        bench.worker.ring()
        await until(lambda: place.archived, "the closing")
        assert "Mrs Helen Demo-Blake acknowledged this (Headteacher)." in head.reads(place)
        assert f"Mrs Helen Demo-Blake closed this. {WRITTEN}" in head.reads(place)
        assert "Mr X" not in teacher.reads(place)


def test_a_line_without_words_stays_as_it_is() -> None:
    line = "14:05 on 3 March 2026: Mrs Blake acknowledged this (Headteacher)."
    assert without_words(line) == line


@pytest.mark.parametrize("admin", [True, False])
async def test_the_reporter_is_not_told_a_name_in_slack_where_words_stay_out(
    http_bench: Bench,
    admin: bool,  # noqa: FBT001
) -> None:
    bench, teacher = http_bench, http_bench.who("teacher")
    bench.slack.world.users["UHEAD"].admin = admin
    await report(teacher, done_by=("headteacher",))
    said = teacher.reads()
    assert ("It is kept from whoever it is about, because" in said) is admin
    assert ("It is kept from Mrs Helen Demo-Blake, because" in said) is not admin
    assert ("Demo-Blake" in said) is not admin


async def test_who_has_it_is_not_told_in_slack_where_that_would_tell_whom_it_is_about(bench: Bench) -> None:
    teacher, chair, world = bench.who("teacher"), bench.who("chair"), bench.slack.world
    world.users["UHEAD"].admin = True
    staffroom = world.channel("staffroom", teacher.id)
    said = world.post(staffroom, "UHEAD", "words that hurt")
    await teacher.shortcut("report_message", about=said, where=staffroom)
    await teacher.form()
    answer = await teacher.submits(kind="threat", danger="yes")
    assert "It is on its way to the Chair of Governors" in str(answer), "the modal, which is kept nowhere, says all of it"
    saved = await teacher.reads_until("It is on its way.")
    assert "Ring 999 now." in saved
    await chair.reads_until("Please acknowledge")
    await teacher.presses("How does it stand?")
    await teacher.reads_until("Delivered at ")
    bench.clock.turn(minutes=6)
    await teacher.reads_until("please telephone. Usher's own page says whom.")
    await chair.presses("Acknowledge")
    await teacher.reads_until("Acknowledged at ")
    told = teacher.reads()
    assert not any(one in told for one in ("Chair", "chair", "Grant", "Headteacher", "Helen", "governors", "LADO"))
    await teacher.presses("Open on the page")
    await teacher.reads_until("Open the page")


def test_of_a_reporters_card_nothing_is_left_that_names_a_role_or_a_person() -> None:
    page = Button("Open on the page", "slack.page", "AB12")
    known = {
        "It is on its way to the Chair of Governors and the Data Protection Officer.": "It is on its way.",
        "Delivered to the Chair of Governors at 14:05 on 3 March 2026.": "Delivered at 14:05 on 3 March 2026.",
        "Seen by Dr Carol Grant, the Chair of Governors, at 14:05.": "Seen at 14:05.",
        "Acknowledged by Mr Patel for the Headteacher at 14:05.": "Acknowledged at 14:05.",
        "On its way to the Headteacher, not yet delivered.": "On its way, not yet delivered.",
        "Not yet acknowledged: please telephone. Dr Carol Grant: 01235 000009. Ms Lake: +44 1235 1.":
            "Not yet acknowledged: please telephone. Usher's own page says whom.",
        "It is now in hand.": "It is now in hand.",
        "A sentence of tomorrow about the headteacher.": ON_PAGE,
        "Dr Carol Grant will see to it.": ON_PAGE,
    }  # fmt: skip
    told = neutral(Card("Your report AB12", tuple(Text(one) for one in known)), ["Dr Carol Grant", "Ms Lake"], page)
    assert [block.text for block in told.blocks if isinstance(block, Text)] == list(known.values())
    assert told.buttons == (page,)
    blocks = (Steps("Do", ("Tell the chair of governors, not the Headteacher.", "Stop looking.")),
              Fold("Help", (Outside("A concern about the Headteacher goes to the chair.", "KCSIE"), Outside("Ring 999.", "NSPCC"))),
              Fold("More", (Outside("A concern about the Headteacher goes to the chair.", "KCSIE"),)),
              Quote("71", "", "Tell the Headteacher."))  # fmt: skip
    assert neutral(Card("x", blocks), [], page).blocks == (
        Steps("Do", (TELL, "Stop looking.")), Fold("Help", (Outside("Ring 999.", "NSPCC"),)), blocks[3],
    )  # fmt: skip


async def test_where_nobody_can_look_whom_it_is_about_the_report_is_still_said_to_be_saved(http_bench: Bench) -> None:
    def ill(ref: str) -> list[Person]:
        raise NotSaved(ref)

    discretion = Discretion(http_bench.side.staff, ill, content_in_slack=True)
    blocks = (Steps("First", ("Ring 999.",)), Text("It is kept from Mrs Blake."))
    card = Card("Your report is saved", blocks, (Button("Open", "incident.open", "ABCD-EFGH"),))
    shown = await discretion.shown(card, "")
    assert (shown.title, shown.buttons) == (card.title, card.buttons)
    assert shown.blocks == (blocks[0], Text(ELSEWHERE))


async def test_whoever_was_brought_in_and_it_turns_out_to_be_about_keeps_nothing(http_bench: Bench) -> None:
    bench, dpo = http_bench, http_bench.who("dpo")
    ref = await report(bench.who("teacher"))
    await room(bench, "teacher", "head")
    person = bench.bot.services.people.get("dpo")
    assert person is not None
    bench.bot.register.invite(ref, _head(bench), person, "invited")
    await dpo.reads_until("You have been asked to help with an incident.")
    await dpo.presses("Open")
    await dpo.reads_until(STORY)
    bench.bot.register.name_subject(ref, _head(bench), person, "named-later")
    await dpo.reads_until("This message has been withdrawn")
    await until(lambda: STORY not in dpo.reads() and ref not in dpo.reads(), "nothing of it to be left")
