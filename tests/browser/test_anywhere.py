"""On a telephone, by keyboard alone, through a restart and without a connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.windows import Window
from tests.browser.world import World

Open = Callable[..., Window]
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# Anything that can be pressed and is smaller than 24 by 24 px, or sticks out to the right (WCAG 2.2: 2.5.8, 1.4.10).
SMALL = """() => {
  const wrong = one => {
    const box = (one.closest('label') || one).getBoundingClientRect();
    if (box.width < 2 || getComputedStyle(one).visibility !== 'visible') return false;
    return box.height < 24 || box.width < 24 || box.right > innerWidth + 1;
  };
  const all = document.querySelectorAll('a, button, input:not([type=hidden]), summary, textarea');
  return [...all].filter(wrong).map(one => one.outerHTML.slice(0, 120));
}"""
# Contrast of every visible text against what is really behind it (WCAG 1.4.3).
PALE = """() => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = text => {
    paint.clearRect(0, 0, 1, 1); paint.fillStyle = text; paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const linear = value => value / 255 <= .04045 ? value / 255 / 12.92 : ((value / 255 + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const behind = one => {
    for (let at = one; at; at = at.parentElement) {
      const found = rgba(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement, style = getComputedStyle(one), text = walk.currentNode.data.trim();
    const hidden = one.closest('.sr, template, dialog:not([open])') || style.visibility !== 'visible';
    if (!text || hidden || one.getBoundingClientRect().width < 2) continue;
    const [more, less] = [light(rgba(style.color)), light(behind(one))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const ratio = (more + .05) / (less + .05);
    if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)}: ${text.slice(0, 40)}`);
  }
  return found;
}"""


def check_fit(page: Page, where: str) -> None:
    """Nothing sticks out, everything can be touched, everything can be read."""
    assert not page.evaluate(OVERFLOW), f"{where}: the page scrolls sideways"
    assert page.evaluate(SMALL) == [], where
    assert page.evaluate(PALE) == [], where


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 390, 1280])
def test_everything_fits_can_be_touched_and_read(window: Open, width: int, scheme: str):
    phone = {"has_touch": True, "is_mobile": True} if width < 1000 else {}
    teacher = window("teacher", width=width, height=800, color_scheme=scheme, **phone)
    page = teacher.page
    check_fit(page, "empty")
    page.locator("#write").fill("can I friend an ex-pupil?")
    page.get_by_role("button", name="Send").click()
    expect(teacher.cards).to_have_count(1)
    page.locator("#write").fill("Wort" * 400)
    page.get_by_role("button", name="Send").click()
    expect(teacher.cards).to_have_count(2)
    check_fit(page, "answers and a long word")
    if width < 1000:
        page.get_by_role("button", name="Conversations").click()
        expect(page.locator("#side")).to_be_visible()
        check_fit(page, "the list")
        page.keyboard.press("Escape")
        expect(page.locator("#side")).not_to_be_visible()
        page.get_by_role("button", name="Report", exact=True).click()
    else:
        teacher.press("Report something", page.locator("#side"))
    expect(teacher.dialog).to_be_visible()
    check_fit(page, "the form")
    teacher.dialog.get_by_label("What happened?").fill("Rude posts. " * 200)
    teacher.press("Send the report", teacher.dialog)
    expect(teacher.cards.last).to_contain_text("Your report is saved")
    teacher.press("Open", teacher.cards.last)
    expect(page.locator("#banner")).to_be_visible()
    check_fit(page, "the room")
    if width < 1000:
        expect(page.locator("#panel-small .report")).to_be_visible()
        page.get_by_text("What is known, and what is owed").click()
        check_fit(page, "the room, folded")
    page.goto(f"{teacher.base}/home")
    check_fit(page, "home")
    page.goto(f"{teacher.base}/room/ZZZZ-2222")
    check_fit(page, "not found")
    page.goto(teacher.base.split("/as/")[0])
    check_fit(page, "the start page")


def test_the_whole_story_by_keyboard_alone(window: Open):
    head, teacher = window("head"), window("teacher")
    page = teacher.page
    expect(page.locator("#write")).to_be_focused()
    page.keyboard.type("can I friend an ex-pupil?")
    page.keyboard.press("Enter")
    expect(teacher.cards).to_have_count(1)
    expect(page.locator("#write")).to_be_focused()

    tab_to(page, "Report something")
    page.keyboard.press("Enter")
    expect(teacher.dialog.get_by_label("What happened?")).to_be_focused()
    page.keyboard.press("Escape")
    expect(teacher.dialog).to_have_count(0)
    assert focused(page) == "Report something", "the focus goes back to where it came from"

    page.keyboard.press("Enter")
    expect(teacher.dialog).to_have_count(1)
    tab_to(page, "Send the report")
    page.keyboard.press("Enter")
    expect(teacher.dialog.get_by_label("What happened?")).to_be_focused()
    expect(teacher.dialog.locator(".error").first).to_have_text("Please write a few words here.")
    page.keyboard.type("Somebody pretends to be me on Instagram.")
    page.keyboard.press("Escape")
    expect(page.locator("#leave[open]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(teacher.dialog.get_by_label("What happened?")).to_have_value("Somebody pretends to be me on Instagram.")
    tab_to(page, "Send the report")
    page.keyboard.press("Enter")
    expect(teacher.cards.last).to_contain_text("Your report is saved")

    expect(head.cards).to_have_count(1)
    head.page.locator("#write").focus()
    tab_to(head.page, "Acknowledge", backwards=True)
    head.page.keyboard.press("Enter")
    expect(head.cards.last.locator(".badge")).to_have_text("Acknowledged")
    assert head.page.evaluate("document.activeElement !== document.body"), "the focus was lost with the button"
    expect(teacher.page.locator("#log")).to_contain_text("Acknowledged by Mrs Helen Demo-Blake")


def focused(page: Page) -> str:
    """The words of what has the focus."""
    return str(page.evaluate("(document.activeElement.textContent || '').trim()"))


def tab_to(page: Page, words: str, *, backwards: bool = False) -> None:
    """Press Tab until this has the focus."""
    for _ in range(60):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if focused(page) == words:
            return
    raise AssertionError(f"{words} cannot be reached with the Tab key")


def test_the_server_is_restarted_in_the_middle(world: World, window: Open):
    teacher, head = window("teacher"), window("head")
    teacher.ask("can I friend an ex-pupil?")
    ref = teacher.report("A pupil has made a fake account of me.")
    expect(head.cards).to_have_count(1)
    world.stop()
    expect(teacher.page.locator("#offline")).to_be_visible()
    expect(teacher.page.locator("#offline")).to_contain_text("Not connected")
    teacher.write("what about LinkedIn?")
    expect(teacher.page.locator(".pending")).to_contain_text("what about LinkedIn?")
    expect(teacher.page.locator(".pending .who")).to_contain_text("Not sent yet")
    world.build()
    world.start()
    # What was written meanwhile is sent, once; what was said before is still there.
    expect(teacher.page.locator(".pending")).to_have_count(0)
    expect(teacher.page.locator("#offline")).not_to_be_visible()
    expect(teacher.page.locator("#log .mine .bubble")).to_have_text(["can I friend an ex-pupil?", "what about LinkedIn?"])
    expect(teacher.cards).to_have_count(3)
    # The alert is not lost, and the pages are live again without a reload.
    head.press("Acknowledge", head.cards.last)
    expect(teacher.page.locator("#log")).to_contain_text("Acknowledged by Mrs Helen Demo-Blake")
    before = teacher.page.locator("#log .line").count()
    teacher.page.reload()
    expect(teacher.page.locator("#log .line")).to_have_count(before)
    expect(teacher.rooms_row(ref)).to_contain_text("Acknowledged")


def test_without_a_connection_nothing_is_lost_or_doubled(world: World, window: Open):
    teacher, head = window("teacher"), window("head")
    ref = teacher.report("A parent films at the gate and puts it online.")
    teacher.open_room(ref)
    expect(head.rows).to_have_count(1)
    head.open_room(ref)
    teacher.context.set_offline(True)
    expect(teacher.page.locator("#offline")).to_be_visible()
    teacher.write("It is still online.")
    head.write("I have asked them to take it down.")
    expect(head.bubbles).to_have_count(1)
    expect(teacher.page.locator("#log")).not_to_contain_text("take it down")
    teacher.context.set_offline(False)
    expect(teacher.page.locator("#offline")).not_to_be_visible()
    expect(teacher.bubbles).to_have_text(["I have asked them to take it down.", "It is still online."])
    expect(head.bubbles).to_have_text(["I have asked them to take it down.", "It is still online."])
    said = [entry.text for entry in world.register.read(ref, world.person("head")).timeline if entry.what == "said"]
    assert said == ["I have asked them to take it down.", "It is still online."]


def test_a_form_waits_for_the_connection_and_is_sent_once(world: World, window: Open):
    teacher = window("teacher")
    teacher.press("Report something", teacher.page.locator("#side"))
    teacher.dialog.get_by_label("What happened?").fill("A fake page of the school.")
    teacher.context.set_offline(True)
    teacher.press("Send the report", teacher.dialog)
    expect(teacher.dialog.locator(".form-problem")).to_contain_text("Not sent yet")
    expect(teacher.dialog.get_by_label("What happened?")).to_have_value("A fake page of the school.")
    teacher.context.set_offline(False)
    expect(teacher.dialog).to_have_count(0)
    expect(teacher.cards.last).to_contain_text("Your report is saved")
    assert len(world.register.reported_by(world.person("teacher"))) == 1


def test_a_double_click_is_one_event(world: World, window: Open):
    teacher = window("teacher")
    teacher.press("Report something", teacher.page.locator("#side"))
    teacher.dialog.get_by_label("What happened?").fill("A fake page of the school.")
    teacher.dialog.get_by_role("button", name="Send the report").dblclick()
    expect(teacher.dialog).to_have_count(0)
    expect(teacher.cards).to_have_count(1)
    assert len(world.register.reported_by(world.person("teacher"))) == 1


def test_without_the_script_everything_still_works_by_plain_forms(window: Open):
    plain = window("teacher", java_script_enabled=False)
    page = plain.page
    page.locator("#write").fill("can I friend an ex-pupil?")
    page.get_by_role("button", name="Send").click()
    expect(plain.cards).to_have_count(1)
    plain.press("Report something", page.locator("#side"))
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator(".error").first).to_have_text("Please write a few words here.")
    page.get_by_label("What happened?").fill("A fake page of the school.")
    page.get_by_role("button", name="Send the report").click()
    expect(plain.cards.last).to_contain_text("Your report is saved")
    head = window("head", java_script_enabled=False)
    head.press("Acknowledge", head.cards.last)
    head.page.goto(f"{head.base}/")
    expect(head.cards.last.locator(".badge")).to_have_text("Acknowledged")
    head.rows.first.click()
    head.page.locator("#write").fill("I have it.")
    head.page.get_by_role("button", name="Send").click()
    expect(head.bubbles.last).to_have_text("I have it.")
