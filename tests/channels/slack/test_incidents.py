"""From what a teacher says to an incident that is really known: report, alert, acknowledge, room, close."""

from __future__ import annotations

import re

from bot.channels.slack import arrivals
from bot.incidents.model import State
from bot.people import Person
from tests.channels.slack.bench import PEOPLE, Bench
from tests.channels.slack.stand_in.member import Member, until
from tests.channels.slack.stand_in.world import Conversation

STORY = "a parent is calling me names on Facebook"


async def report(who: Member, **values: str | tuple[str, ...]) -> str:
    """Report by command; the reference."""
    await who.commands("/report", STORY)
    await who.form()
    await who.submits(**values)
    said = await who.reads_until("Your report is saved. Its reference is")
    found = re.findall(r"Its reference is (\S+)\.", said)
    return str(found[-1])


async def room(bench: Bench, *names: str) -> Conversation:
    """The only room, once these people are in it."""
    wanted = {PEOPLE[name][0] for name in names}
    found = await until(lambda: next((one for one in bench.slack.world.rooms() if wanted <= one.members and one.pins), None), "the room")
    assert isinstance(found, Conversation)
    return found


async def test_a_disclosure_brings_help_first_and_the_form_with_what_is_known(bench: Bench) -> None:
    teacher = bench.who("teacher")
    await teacher.says(STORY)
    said = await teacher.reads_until("Nothing has been sent to anyone yet")
    assert "📣 Report this" in said
    await teacher.presses("Report it")
    modal = await teacher.form()
    (what,) = [block["element"] for block in modal.view["blocks"] if block.get("block_id") == "field:what"]
    assert what["initial_value"] == STORY


async def test_report_alert_acknowledge_room_and_close(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    ref = await report(teacher, kind="staff_abuse", platform="Facebook")
    alert = await head.reads_until("Please acknowledge")
    assert STORY not in alert
    assert head.notifications()[-1] == f"New report: Abuse of a member of staff, {ref}"
    place = await room(bench, "teacher", "head")
    assert place.name == f"usher-{ref.lower()}"
    assert STORY not in teacher.reads(place)
    await head.presses("Acknowledge")
    await head.reads_until("acknowledged by Mrs Helen Demo-Blake")
    await teacher.reads_until("acknowledged by Mrs Helen Demo-Blake", place)
    await until(lambda: "[Acknowledge]" not in head.reads().partition(STORY)[0], "the alert brought up to date")
    message = await teacher.says("It happened again this morning.", where=place)
    await until(lambda: "It happened again" in str(bench.bot.register.read(ref, _head(bench)).timeline), "the timeline")
    await teacher.edits(message, "It happened again this afternoon.", place)
    await until(lambda: "this afternoon" in str(bench.bot.register.read(ref, _head(bench)).timeline), "the edit")
    await teacher.deletes(message, place)
    await until(lambda: [one for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what == "deleted"], "the deletion")
    assert "this morning" in str(bench.bot.register.read(ref, _head(bench)).timeline)
    await head.presses("Close", where=place)
    await head.form()
    await head.submits(outcome="The page was taken down.")
    await until(lambda: place.archived, "the archive")
    assert bench.bot.register.read(ref, _head(bench)).state is State.CLOSED


async def test_what_is_pressed_in_a_room_shows_the_story_to_that_person_alone(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    await head.presses("Add to the record", where=place)
    await head.form()
    await head.submits(text="I have spoken to the parent.")
    await head.reads_until("I have spoken to the parent.", place)
    assert "I have spoken" not in teacher.reads(place)  # a note is for those who handle it
    assert bench.bot.register.read(ref, _head(bench)).timeline[-1].text == "I have spoken to the parent."


async def test_what_is_written_elsewhere_is_carried_into_the_room(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    await report(teacher)
    place = await room(bench, "teacher", "head")
    await head.reads_until("Please acknowledge")
    await head.presses("Open")
    await head.reads_until("[Write to the room]")
    await head.presses("Write to the room")
    await head.form()
    await head.submits(text="I am <!channel> dealing with it.")
    said = await teacher.reads_until("I am <!channel> dealing with it.", place)
    assert "Mrs Helen Demo-Blake wrote elsewhere" in said


async def test_clause_71_says_stop_first_and_warns_everybody_of_a_file(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    await teacher.says("there is a nude photo of a pupil going round")
    said = await teacher.reads_until("Stop here first")
    assert said.index("Do not") < said.index("Clause 71")
    await teacher.presses("Report it now")
    await teacher.form()
    answer = await teacher.submits()
    assert "Stop" in str(answer) or "Do not" in teacher.modal_text()  # what must not be done stays before their eyes
    place = await room(bench, "teacher", "head", "dsl")
    await teacher.says("this is it", where=place, files=1)
    await bench.who("dsl").reads_until("Do not open, save, send or show that file", place)
    await head.reads_until("Do not open, save, send or show that file", place)
    assert not any(call.startswith("files.") for call in bench.slack.calls)


async def test_a_forwarded_picture_is_warned_of_and_its_words_are_on_the_record(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    await teacher.says("there is a nude photo of a pupil going round")
    await teacher.reads_until("Stop here first")
    await teacher.presses("Report it now")
    await teacher.form()
    await teacher.submits()
    place = await room(bench, "teacher", "head", "dsl")
    shared = {
        "is_share": True,
        "author_name": "Pat Parent",
        "text": "look at this",
        "files": [{"id": "F1", "url_private": "https://x.invalid"}],
    }
    message = bench.slack.world.post(place, teacher.id, "")
    await bench.slack.event({**teacher.as_event(place, message), "attachments": [shared]})
    await head.reads_until("Do not open, save, send or show that file", place)
    (one,) = bench.bot.register.visible_to(_head(bench))

    def entries(what: str) -> list[str]:
        return [entry.text for entry in bench.bot.register.read(one.ref, _head(bench)).timeline if entry.what == what]

    assert entries("said") == ["Forwarded from Pat Parent: “look at this”"]
    await until(lambda: entries("file"), "that a file was there, which is put down after the warning")


def test_of_what_is_forwarded_words_and_number_stay_and_of_an_unfolded_link_nothing() -> None:
    inner = {"is_share": True, "text": "inner", "files": [{"id": "F2"}, {"id": "F3"}]}
    outer = {"is_msg_unfurl": True, "text": "outer", "image_url": "https://x.invalid/a.png", "attachments": [inner]}
    link = {"from_url": "https://x.invalid", "text": "a page", "image_url": "https://x.invalid/b.png"}
    kept = arrivals.lean({"text": "mine", "files": [{"id": "F1"}], "attachments": [outer, link]})
    assert kept == {"text": "mine", "files": [{}] * 4, "forwarded": ["Forwarded: “outer”\nForwarded: “inner”"]}
    assert arrivals.lean(kept) == kept
    assert arrivals.lean({"text": "mine", "attachments": [link]}) == {"text": "mine"}


async def test_for_ordinary_abuse_a_file_is_noted_and_not_fetched(bench: Bench) -> None:
    teacher = bench.who("teacher")
    ref = await report(teacher, kind="staff_abuse")
    place = await room(bench, "teacher", "head")
    await teacher.says("", where=place, files=2)
    await teacher.reads_until("keep the screen print yourself", place)
    await until(lambda: [one for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what == "file"], "the record")


async def test_where_it_is_about_the_headteacher_they_see_nothing_at_all(bench: Bench) -> None:
    teacher, head, chair = bench.who("teacher"), bench.who("head"), bench.who("chair")
    await head.opens_home()
    await until(head.home, "the home")
    before = head.home()
    ref = await report(teacher, done_by=("headteacher",))
    await chair.reads_until("Please acknowledge")
    place = await room(bench, "teacher", "chair")
    assert head.id not in place.members
    assert ref not in head.reads()
    await head.opens_home()
    assert head.home() == before
    await head.commands("/ask", ref)
    await until(lambda: any(alone for _, alone in head.sees()), "an answer")
    assert STORY not in head.reads()


async def test_somebody_added_by_hand_is_noticed_told_of_and_taken_out(bench: Bench) -> None:
    teacher, head, ta = bench.who("teacher"), bench.who("head"), bench.who("ta")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    await teacher.adds(ta.id, place)
    await head.reads_until("Somebody who is not a member was added")
    await until(lambda: ta.id not in place.members, "them being taken out")
    timeline = str(bench.bot.register.read(ref, _head(bench)).timeline)
    assert "intruder" in timeline
    assert "Tara Demo-Ash" in timeline
    assert ta.reads() == ""


async def test_a_member_who_leaves_is_on_the_record(bench: Bench) -> None:
    teacher = bench.who("teacher")
    ref = await report(teacher)
    place = await room(bench, "teacher", "head")
    await teacher.leaves(place)
    await until(lambda: [one for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what == "left"], "the leaving")


async def test_the_home_shows_open_incidents_and_brings_itself_up_to_date(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    await head.opens_home()
    await until(head.home, "the home")
    ref = await report(teacher)
    await until(lambda: ref in head.home(), "the incident on the home")
    assert "Not yet acknowledged" in head.home()
    await head.presses_in_home(ref)
    await until(lambda: STORY in head.modal_text(), "the incident in a modal")
    await head.presses_in_modal("Acknowledge")
    await until(lambda: "acknowledged by Mrs Helen" in head.modal_text(), "the acknowledgement")
    await until(lambda: "Not yet acknowledged" not in head.home(), "the home")


async def test_a_message_is_reported_by_its_address_and_author(bench: Bench) -> None:
    teacher, other = bench.who("teacher"), bench.who("ta")
    staffroom = bench.slack.world.channel("staffroom", teacher.id, other.id)
    said = bench.slack.world.post(staffroom, other.id, "words that hurt", files=[{"id": "F1"}])
    await teacher.shortcut("report_message", about=said, where=staffroom)
    modal = await teacher.form()
    shown = str(modal.view)
    assert f"https://school.slack.com/archives/{staffroom.id}/p{said['ts'].replace('.', '')}" in shown
    assert "Tara Demo-Ash" in shown
    assert "words that hurt" not in shown


async def test_a_report_without_words_is_kept_open_with_the_mistake_beside_the_field(bench: Bench) -> None:
    teacher = bench.who("teacher")
    await teacher.shortcut("report")
    await teacher.form()
    answer = await teacher.submits(what="   ")
    assert answer == {"response_action": "errors", "errors": {"field:what": "Please say in a few words what happened."}}
    assert (await teacher.submits(what="   "))["response_action"] == "errors"  # the same again is not taken for a repeat
    await teacher.submits(what=STORY)
    await teacher.reads_until("Your report is saved")


def _head(bench: Bench) -> Person:
    person = bench.bot.services.people.get("head")
    assert person is not None
    return person
