"""The README's picture: a teacher's answer and the Headteacher's alert, side by side, by `make screenshot`."""  # noqa: INP001

from __future__ import annotations

import base64
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.windows import MISSING, Window, browser_path, launch
from tests.browser.world import World
from tests.support.clock import TurnableClock

WHEN = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)  # always the same, so that the picture changes only when the page does
WIDTH, HEIGHT = 900, 860
FRAME = """<style>
  body {{ margin: 0; padding: 28px; display: grid; grid-template-columns: 1fr 1fr; gap: 28px; background: #cfd8d6; }}
  figure {{ margin: 0; border-radius: 14px; overflow: hidden; background: #e8e4da; box-shadow: 0 14px 40px rgb(20 40 40 / 28%); }}
  figcaption {{ padding: 11px 16px; font: 600 17px system-ui, sans-serif; color: #1c232e; }}
  figcaption::before {{ content: "● ● ●"; margin-right: 14px; color: #9aa3a0; letter-spacing: 2px; }}
  img {{ display: block; width: 100%; }}
</style>{figures}"""


def main(target: Path) -> None:
    """Walk the story in two windows, and put their pictures into one."""
    if browser_path() is None:
        sys.exit(f"There is no browser for {MISSING}.")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        world = World(Path(folder), clock=TurnableClock(WHEN)).start()
        browser = launch(playwright)
        teacher, head = (Window(browser, world, name, width=WIDTH, height=HEIGHT) for name in ("teacher", "head"))
        walk(teacher, head)
        figures = picture("The Year 4 teacher", teacher.page) + picture("The Headteacher", head.page)
        sheet = browser.new_page(viewport={"width": 2 * WIDTH + 84, "height": HEIGHT + 100})
        sheet.set_content(FRAME.format(figures=figures))
        target.parent.mkdir(parents=True, exist_ok=True)
        sheet.screenshot(path=target, full_page=True)
        browser.close()
        world.stop()
    print(f"{target} is renewed")  # noqa: T201


def walk(teacher: Window, head: Window) -> None:
    """The teacher reports something, then asks; the Headteacher sees the alert."""
    teacher.report("A parent films at the gate and puts it on Facebook.")
    expect(head.cards).to_have_count(1)
    answer = teacher.ask("can I friend an ex-pupil?")
    expect(answer).to_be_visible()
    for window in (teacher, head):
        window.page.evaluate("document.activeElement.blur()")
        window.page.wait_for_timeout(800)


def picture(title: str, page: Page) -> str:
    """A window's picture under its title."""
    image = base64.b64encode(page.screenshot()).decode()
    return f'<figure><figcaption>{title}</figcaption><img src="data:image/png;base64,{image}" alt=""></figure>'


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/usher.png"))
