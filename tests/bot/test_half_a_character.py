"""A phone cuts an emoji in two, and sends the half: what was written is kept, and can be drawn."""

from __future__ import annotations

from pathlib import Path

from bot.inbox_table import Pages
from bot.incidents.verify import verify
from tests.support.dialogue import Dialogue
from tests.support.people import TEACHER
from tests.support.school import School, report

STORY = "A parent is writing horrible things about me on Facebook \ud83d"


async def test_a_report_with_half_a_character_is_saved_delivered_and_read(tmp_path: Path) -> None:
    talk = Dialogue(tmp_path)
    saved = await talk.report("teacher", STORY)
    assert "Your report is saved" in saved.text
    (alert,) = await talk.alerts("head")
    read = await talk.press("head", next(button for button in alert.buttons if button.label == "Open"))
    assert "horrible things about me on Facebook \ufffd" in read.text
    read.text.encode()
    talk.store.close()


def test_what_comes_in_with_half_a_character_is_kept(school: School) -> None:
    pages = Pages(school.store, school.vault)
    assert pages.put("name", "chat", {"text": STORY})
    school.clock.turn(minutes=5)
    (kept,) = pages.claim(frozenset({"chat"}), frozenset())
    assert kept.payload == {"text": STORY}


def test_the_record_of_half_a_character_is_sound(school: School) -> None:
    ref = school.register.open(report(what=STORY), TEACHER, "e").ref
    school.register.say(ref, TEACHER, STORY, "s", "chat")
    assert verify(school.store, school.vault).problem == ""
    assert school.register.read(ref, TEACHER).report.what == STORY
