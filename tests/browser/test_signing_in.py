"""A real school in the browser: a link from the chat, a session, signing out."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.world import World


def test_a_link_leads_in_and_signing_out_leads_out(browser: Browser, tmp_path: Path):
    world = World(tmp_path, demo=False).start()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{world.url}/")
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()

    page.goto(world.page.make_link(world.person("teacher")))
    page.get_by_role("button", name="Sign in").click()
    page.locator("#write").fill("can I friend an ex-pupil?")
    page.locator("#write").press("Enter")
    expect(page.locator("#log .from-usher")).to_have_count(1)
    assert [cookie["name"] for cookie in context.cookies()] == ["__Host-usher"]
    assert page.evaluate("document.cookie") == "", "a script could read the session"

    # A restart keeps the session: the live page goes on by itself.
    world.restart()
    page.locator("#write").fill("what about LinkedIn?")
    page.locator("#write").press("Enter")
    expect(page.locator("#log .from-usher")).to_have_count(2)

    # The session ends while the page is open: the next thing that is done leads to the page that says how to come back.
    world.page.sessions.sign_out_everywhere(world.person("teacher"))
    page.locator("#write").fill("hello")
    page.locator("#write").press("Enter")
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()

    page.goto(world.page.make_link(world.person("teacher")))
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#log .from-usher")).to_have_count(2)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.goto(f"{world.url}/")
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    context.close()
    world.stop()
