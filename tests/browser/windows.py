"""A browser window as a person uses it, so that tests read as dialogues."""

from __future__ import annotations

import os
import re
import shutil

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.browser.world import World

NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "microsoft-edge")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --disable-dev-shm-usage"
)
PATIENCE = 20_000
MISSING = "the page in a browser: there is no Chrome, Chromium or Edge here (TEST_BROWSER may name one)"


def browser_path() -> str | None:
    """The browser that this machine has."""
    named = os.environ.get("TEST_BROWSER")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


def launch(playwright: Playwright) -> Browser:
    """Start the browser, headless."""
    expect.set_options(timeout=PATIENCE)
    return playwright.chromium.launch(executable_path=browser_path(), args=FLAGS.split())


class Window:
    """One person's window. Whatever the page logs as an error is kept in `complaints`, and every test looks at it."""

    def __init__(self, browser: Browser, world: World, person: str, *, width: int = 1280, height: int = 900, **options: object) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.base = f"{world.url}/as/{person}"
        self.page.goto(f"{self.base}/")

    def _heard(self, kind: str, text: str) -> None:
        # A lost connection is logged by the browser itself; anything else that it calls an error is ours.
        if kind == "error" and "net::ERR" not in text and "status of 4" not in text and "status of 5" not in text:
            self.complaints.append(text)

    def write(self, text: str) -> None:
        """Write a message and send it with Enter."""
        self.page.locator("#write").fill(text)
        self.page.locator("#write").press("Enter")

    def ask(self, text: str) -> Locator:
        """Ask Usher; the card that answers."""
        before = self.cards.count()
        self.write(text)
        expect(self.cards).to_have_count(before + 1)
        return self.cards.last

    @property
    def cards(self) -> Locator:
        """What Usher has said."""
        return self.page.locator("#log .from-usher .card")

    @property
    def rows(self) -> Locator:
        """The incidents in the list on the left."""
        return self.page.locator("#side-lists .row:not(.top)")

    @property
    def dialog(self) -> Locator:
        """The form that is open."""
        return self.page.locator("#dialog[open]")

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press the button, or follow the link, of this name."""
        place = within or self.page.locator("body")
        place.get_by_role("button", name=name, exact=True).or_(place.get_by_role("link", name=name, exact=True)).last.click()

    def choose(self, *labels: str) -> None:
        """Choose these in the open form."""
        for label in labels:
            self.dialog.get_by_label(label, exact=True).check()

    def choose_in(self, legend: str, label: str) -> None:
        """Choose this under that heading of the open form."""
        self.dialog.get_by_role("group", name=legend).get_by_label(label, exact=True).check()

    def report(self, what: str, **choices: str) -> str:
        """Report something by the button on the left, and return its reference. `choices`: heading to choice."""
        before = self.cards.count()
        self.press("Report something", self.page.locator("#side"))
        self.dialog.get_by_label("What happened?").fill(what)
        for legend, label in choices.items():
            self.choose_in(legend.replace("_", " "), label)
        self.press("Send the report", self.dialog)
        expect(self.dialog).to_have_count(0)
        expect(self.cards).to_have_count(before + 1)
        return reference(self.cards.last.inner_text())

    def open_room(self, ref: str) -> None:
        """Open a room by the list on the left."""
        self.rooms_row(ref).click()
        expect(self.page.locator("h1")).to_have_text(ref)

    def rooms_row(self, ref: str) -> Locator:
        """The row of an incident."""
        return self.rows.filter(has_text=ref)

    @property
    def bubbles(self) -> Locator:
        """What people have written here."""
        return self.page.locator("#log .line:not(.pending) .bubble")

    def close(self) -> None:
        """Close the window."""
        self.context.close()


def reference(text: str) -> str:
    """The reference in a text."""
    found = re.search(r"\b[2-9B-Z]{4}-[2-9B-Z]{4}\b", text)
    assert found, f"no reference in: {text}"
    return found[0]
