"""Clause 71 outranks everything: what is shown, what is not, and that no file is ever taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.windows import Window
from tests.browser.world import World

Open = Callable[..., Window]
WORDS = "I have found a naked picture of a year 6 child on a pupil's phone"
# A paste and a drop as a browser would make them, with a small PNG of nothing.
PASTE = """where => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from([137, 80, 78, 71])], 'canary-4711.png', { type: 'image/png' }));
  const kind = where.kind;
  const event = kind === 'paste' ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
  return !document.querySelector(where.at).dispatchEvent(event);
}"""


def beside_the_warnings(card: Locator) -> str:
    """What a card says, without what it says must not be done."""
    return str(
        card.evaluate(
            "card => { const copy = card.cloneNode(true);"
            "copy.querySelectorAll('.steps-do_not').forEach(one => one.remove()); return copy.textContent; }"
        )
    ).lower()


def test_the_card_says_what_must_not_be_done_first_and_gives_no_evidence_advice(window: Open):
    teacher = window("teacher")
    card = teacher.ask(WORDS)
    expect(card.locator(".badge")).to_have_text("Urgent")
    told = card.inner_text().lower()
    for words in ("999", "save", "send", "alter", "secure place", "police"):
        assert words in told, words
    assert card.locator("figure .number").all_inner_texts()[0].endswith("71")
    numbers = {text.split()[-1] for text in card.locator("figure .number").all_inner_texts()}
    assert not numbers & {"61", "70"}
    for words in ("screen print", "keep any records", "keep the evidence"):
        assert words not in beside_the_warnings(card), words
    first = card.locator(".steps").first
    expect(first).to_have_class("steps steps-do_not")
    expect(teacher.cards).to_have_count(1)


def test_a_room_that_turns_to_clause_71_says_so_without_a_reload(window: Open):
    teacher, head = window("teacher"), window("head")
    ref = teacher.report("A parent is writing lies about me on the village Facebook page")
    expect(head.rows).to_have_count(1)
    head.open_room(ref)
    expect(head.page.locator("#room-kind")).to_have_text("Abuse of a member of staff")
    teacher.open_room(ref)
    teacher.write("I have just seen that they also posted a naked picture of a year 5 girl")
    expect(head.page.locator("#room-kind")).to_have_text("Clause 71 matter")
    expect(head.page.locator("#panel .warn")).to_contain_text("do not post any file here (clause 71)")


def test_the_report_and_the_room_take_no_file_and_ask_for_none(world: World, window: Open):
    teacher, dsl = window("teacher"), window("dsl")
    card = teacher.ask(WORDS)
    teacher.press("Report it now", card)
    expect(teacher.dialog).to_contain_text("No pictures or files")
    teacher.press("Send the report", teacher.dialog)
    expect(teacher.cards.last).to_contain_text("Your report is saved")
    assert "screen print" not in beside_the_warnings(teacher.cards.last)
    assert "secure place" in teacher.cards.last.inner_text()
    expect(dsl.rows).to_have_count(1)
    dsl.rows.first.click()
    expect(dsl.page.locator("#panel .warn")).to_contain_text("do not post any file here (clause 71)")
    panel = dsl.page.locator("#panel").inner_text().lower()
    assert "screen print" not in panel
    for page in (teacher.page, dsl.page):
        assert page.locator("input[type=file]").count() == 0
        assert page.locator("[enctype]").count() == 0


@pytest.mark.parametrize("kind", ["paste", "drop"])
@pytest.mark.parametrize("where", ["#write", "#dialog textarea"])
def test_a_picture_that_is_pasted_or_dropped_is_refused_with_the_warning(window: Open, kind: str, where: str):
    teacher = window("teacher")
    if where != "#write":
        teacher.press("Report something", teacher.page.locator("#side"))
        expect(teacher.dialog).to_be_visible()
    posts: list[str] = []
    teacher.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    refused = teacher.page.evaluate(PASTE, {"kind": kind, "at": where})
    assert refused, "the browser would have gone on to take the file"
    warning = teacher.page.get_by_role("alert").filter(has_text="Pictures and files are not taken here")
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("Do not save, send, alter or show it to anyone.")
    expect(warning).to_contain_text("Contact the police at once.")
    expect(warning).to_be_focused()
    teacher.page.wait_for_timeout(300)
    assert posts == [], "something was sent"


def test_in_a_room_the_warning_sends_nobody_to_whom_it_is_about(window: Open):
    teacher = window("teacher")
    teacher.open_room(teacher.report("The Headteacher keeps sending me nasty messages.", Who_did_it="The Headteacher"))
    assert teacher.page.evaluate(PASTE, {"kind": "paste", "at": "#write"})
    warning = teacher.page.get_by_role("alert").filter(has_text="Pictures and files are not taken here")
    expect(warning).to_contain_text("Contact the police at once.")
    expect(warning).not_to_contain_text("Headteacher")


def test_a_file_that_is_posted_all_the_same_is_refused_unread(world: World, window: Open, tmp_path):
    teacher = window("teacher")
    canary = "canary-4711-in-a-picture"
    answer = teacher.page.request.post(
        f"{teacher.base}/message",
        multipart={
            "csrf": teacher.page.evaluate("document.body.dataset.csrf"),
            "text": "look at this",
            "file": {"name": "x.png", "mimeType": "image/png", "buffer": canary.encode() * 2000},
        },
        headers={"Origin": world.url},
    )
    assert answer.status == 415
    assert "clause 71" in answer.text()
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or canary.encode() not in path.read_bytes(), path
