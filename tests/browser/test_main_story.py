"""Ask, quote, report, alert, acknowledge, talk: the story of the whole bot, in two windows."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.windows import Window
from tests.browser.world import World
from tests.support.knowledge import adviser

Open = Callable[..., Window]
STORY = "A parent keeps writing insults about me on Facebook. The page is called Harwell Mums."


def test_a_teacher_asks_reports_and_is_answered_by_the_headteacher(world: World, window: Open):
    head, teacher = window("head"), window("teacher")
    expect(teacher.page.get_by_role("heading", name="What would you like to know?")).to_be_visible()

    # The teacher asks, and gets clause 28 word for word.
    answer = teacher.ask("can I friend an ex-pupil?")
    expect(answer.locator(".badge")).to_have_text("It depends")
    clause = adviser().policy.clause("28")
    quoted = answer.locator("figure").first
    assert quoted.locator("blockquote").evaluate("node => node.textContent") == clause.text
    expect(quoted.locator(".number")).to_contain_text("28")
    expect(quoted.locator(".section")).to_have_text(clause.section)
    expect(quoted.locator(".source")).to_contain_text("ratified 17 November 2020")

    # The teacher reports something.
    ref = teacher.report(STORY)
    expect(teacher.cards.last).to_contain_text("Your report is saved")
    expect(teacher.rooms_row(ref)).to_contain_text("Not yet acknowledged")

    # The Headteacher, who did nothing but keep the window open, sees the alert. It tells no story.
    alert = head.cards.last
    expect(alert).to_contain_text(ref)
    expect(alert).not_to_contain_text("Harwell Mums")
    expect(head.rooms_row(ref)).to_contain_text("Not yet acknowledged")

    # She acknowledges; the reporter sees by whom and when, without touching anything.
    head.press("Acknowledge", alert)
    expect(head.cards.last.locator(".badge")).to_have_text("Acknowledged")
    expect(head.cards.last.get_by_role("button", name="Acknowledge")).to_have_count(0)
    expect(teacher.page.locator("#log")).to_contain_text("Acknowledged by Mrs Helen Demo-Blake, the Headteacher, at ")
    expect(teacher.rooms_row(ref)).not_to_contain_text("Not yet acknowledged")

    # Both talk in the private room, live.
    head.press("Open", head.cards.last)
    expect(head.page.locator("#panel .report")).to_have_text(STORY)
    teacher.open_room(ref)
    expect(teacher.page.locator("#banner")).to_contain_text("Acknowledged by Mrs Helen Demo-Blake")
    head.write("Thank you for telling me. Come and see me at break.")
    expect(teacher.bubbles.last).to_have_text("Thank you for telling me. Come and see me at break.")
    teacher.write("I will. Thank you.")
    expect(head.bubbles.last).to_have_text("I will. Thank you.")
    expect(head.bubbles).to_have_count(2)
    expect(teacher.bubbles).to_have_count(2)

    # The record is the room: the register's own timeline holds what was said.
    said = [entry.text for entry in world.register.read(ref, world.person("head")).timeline if entry.what == "said"]
    assert said == ["Thank you for telling me. Come and see me at break.", "I will. Thank you."]


def test_what_is_owed_is_ticked_and_notes_stay_with_those_who_handle_it(world: World, window: Open):
    teacher, head = window("teacher"), window("head")
    ref = teacher.report("Rude posts about the school on a public page.")
    teacher.open_room(ref)
    expect(head.rows).to_have_count(1)
    head.open_room(ref)
    head.press("Acknowledge", head.page.locator("#banner"))
    expect(head.page.locator("#banner")).to_contain_text("acknowledged by Mrs Helen Demo-Blake")

    panel = head.page.locator("#panel")
    panel.get_by_role("button", name="Mark as done: The date is noted").click()
    expect(panel.locator(".owed-done")).to_contain_text("Done by Mrs Helen Demo-Blake")
    expect(teacher.page.locator("#panel .owed-done")).to_contain_text("The date is noted")

    head.press("Add to the record", panel)
    head.press("Add", head.dialog)
    expect(head.dialog.locator(".error").first).to_have_text("Please write a few words here.")
    expect(head.dialog.locator("textarea")).to_be_focused()
    head.dialog.locator("textarea").fill("I have telephoned the county's press office.")
    head.press("Add", head.dialog)
    expect(head.page.locator("#log .note")).to_contain_text("press office")
    expect(head.dialog).to_be_hidden()  # the note may arrive by the stream before the form's own answer closes it
    head.write("The county helps us with it.")
    expect(teacher.bubbles.last).to_have_text("The county helps us with it.")
    expect(teacher.page.locator("#log")).not_to_contain_text("press office")

    head.press("Take in hand", panel)
    expect(teacher.page.locator("#banner .badge")).to_have_text("In hand")
    head.press("Close", panel)
    head.dialog.locator("textarea").fill("The page was taken down.")
    head.press("Close it", head.dialog)
    expect(teacher.page.locator(".composer-closed")).to_be_visible()
    expect(head.page.locator(".composer-closed")).to_be_visible()


def test_a_question_that_the_policy_does_not_settle_goes_to_a_person_and_the_reply_comes_back(window: Open):
    teacher, head = window("teacher"), window("head")
    card = teacher.ask("can I give a pupil a lift home?")
    expect(card.locator(".badge")).to_have_text("The policy does not say")
    teacher.press("Ask a person", card)
    expect(teacher.dialog.locator("textarea")).to_have_value("can I give a pupil a lift home?")
    teacher.press("Send my question", teacher.dialog)
    expect(teacher.cards.last).to_contain_text("on its way to")
    expect(head.cards.last).to_contain_text("can I give a pupil a lift home?")
    head.press("Reply", head.cards.last)
    head.dialog.locator("textarea").fill("Please do not. Ring the office, and we find somebody.")
    head.press("Send the reply", head.dialog)
    expect(teacher.page.locator("#log")).to_contain_text("Please do not. Ring the office, and we find somebody.")


def test_what_is_too_long_is_told_and_never_cut_silently(window: Open):
    teacher = window("teacher")
    long = "He wrote it again. " * 400 + "And then he threatened me."
    teacher.write(long)
    expect(teacher.page.locator("#log .line.failed .who")).to_contain_text("Please send it in shorter parts.")
    expect(teacher.page.locator("#write")).to_have_value(long)
    teacher.page.locator("#write").fill("")

    teacher.press("Report something", teacher.page.locator("#side"))
    what = teacher.dialog.get_by_label("What happened?")
    what.fill(long)
    teacher.press("Send the report", teacher.dialog)
    expect(teacher.dialog.locator(".error").first).to_have_text("Please keep it under 3,000 characters. You can add more later.")
    expect(what).to_have_value(long)
    what.fill("He threatened me.")
    teacher.press("Send the report", teacher.dialog)
    expect(teacher.cards.last).to_contain_text("Your report is saved")
