"""The main story in Microsoft's own Agents Playground, with two people in two windows; pictures of each step. See teams_playground.sh."""  # noqa: INP001

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from aiohttp import web
from playwright.async_api import Page, async_playwright, expect

from bot import feedback
from bot.channels.teams.server import PATH, add_teams, build
from bot.clock import SystemClock
from bot.dispatch import Dispatcher
from bot.feedback import Feedback
from bot.inbox import Inbox
from bot.incidents.enquiries import Enquiries
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.worker import Worker
from bot.people import Person
from handlers.everything import attach
from handlers.memory import Memory
from handlers.services import Services
from tests.browser.windows import MISSING, browser_path
from tests.channels.known import known
from tests.support.knowledge import EXAMPLE

PORT = 3978
PLAYGROUNDS = {"teacher": 56150, "head": 56250}
WAIT = 40_000
CONFIG = """version: "0.1.1"
tenantId: 00000000-0000-0000-0000-0000000000001
bot:
  id: usher
  name: Usher
currentUser:
{current}
users:
{others}
personalChat:
  id: personal-{name}
groupChat:
  id: group-{name}
  name: Group
team:
  id: team-{name}
  name: Staff
  aadGroupId: 00000000-0000-0000-0000-000000000031
  channels:
    - id: channel-{name}
      name: Announcements
"""


def user_lines(person_id: str, name: str, mail: str, indent: str) -> str:
    """One user of the Playground's settings."""
    first, _, last = name.rpartition(" ")
    values = {"id": f"id-{person_id}", "name": name, "userPrincipleName": mail, "aadObjectId": f"account-{person_id}", "givenName": first,
              "surname": last, "email": mail}  # fmt: skip
    lines = [f"{key}: {value}" for key, value in values.items()]
    return "\n".join(f"{indent}{line}" for line in lines)


async def start_bot(stack: AsyncExitStack, folder: Path) -> None:
    """The whole bot of the demo school, with Teams alone."""
    from bot.school_file import read_school  # noqa: PLC0415 beside its only use

    file, clock = read_school(EXAMPLE), SystemClock()
    store, vault, people = Store.ready(f"sqlite:///{folder / 'usher.db'}", clock=clock), Vault([bytes(range(32))]), file.everyone()
    store.migrate(feedback.MIGRATIONS)
    register, dispatch = Register(store, vault, people), Dispatcher(store, telephone=file.school.telephone)
    services = Services(
        lambda: known(clock), register, Enquiries(register.records), Feedback(store, vault), people, Memory(clock), file.school.name,
        file.school.telephone,
    )  # fmt: skip
    attach(dispatch, services)
    inbox = Inbox(store, vault)
    teams = build(
        None, dispatch=dispatch, register=register, store=store, vault=vault, people=people, demo=True, host="127.0.0.1", inbox=inbox
    )  # fmt: skip
    app = web.Application()
    add_teams(app, teams)
    runner = web.AppRunner(app)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", PORT).start()
    worker = Worker(register, {"teams": teams.channel})
    ending = asyncio.Event()
    tasks = [asyncio.create_task(one) for one in (worker.run(), inbox.run(ending))]

    async def stop() -> None:
        worker.stop()
        ending.set()
        await asyncio.gather(*tasks)

    stack.push_async_callback(stop)


async def start_playground(stack: AsyncExitStack, program: Path, folder: Path, name: str, everybody: dict[str, Person]) -> None:
    """One Playground, in which this person is the one at the keyboard."""
    place = folder / name
    place.mkdir()
    lines = {one: user_lines(one, person.name, person.addresses["mail"], "    ") for one, person in everybody.items() if one != name}
    others = "\n".join("  - " + text.lstrip() for text in list(lines.values())[:5])
    me = everybody[name]
    current = user_lines(name, me.name, me.addresses["mail"], "  ")
    (place / ".m365agentsplayground.yml").write_text(CONFIG.format(current=current, others=others, name=name), encoding="utf-8")
    port = PLAYGROUNDS[name]
    command = ["node", str(program), "-e", f"http://127.0.0.1:{PORT}{PATH}", "-c", "msteams", "-p", str(port), "--disable-telemetry"]
    log = (place / "log.txt").open("w", encoding="utf-8")
    environment = {**os.environ, "TEAMSAPPTESTER_BROWSER": "none", "M365_AGENTS_PLAYGROUND_ENABLE_EVENTS_RECORDING": "true"}
    process = subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220, S603 a program of our own choice
    stack.callback(process.terminate)
    for _ in range(120):
        await asyncio.sleep(0.5)
        try:
            await asyncio.to_thread(urlopen, f"http://127.0.0.1:{port}/", None, 2)
        except OSError:
            continue
        return
    sys.exit(f"The Playground did not start: {(place / 'log.txt').read_text(encoding='utf-8')[-500:]}")


async def say(page: Page, text: str) -> None:
    """Write to the bot."""
    box = page.locator("[data-lexical-editor=true]").first
    await box.click()
    await box.press_sequentially(text, delay=5)
    await page.keyboard.press("Enter")


async def fill(page: Page, text: str) -> None:
    """Fill in the one box of the newest form."""
    box = page.locator("textarea").last
    await expect(box).to_be_visible(timeout=WAIT)
    await box.fill(text)


async def sees(page: Page, text: str) -> None:
    """Wait until this can be read."""
    await expect(page.get_by_text(text).last).to_be_visible(timeout=WAIT)


async def walk(teacher: Page, head: Page, pictures: Path) -> None:
    """The story."""

    async def picture(page: Page, name: str) -> None:
        await page.wait_for_timeout(700)
        await page.screenshot(path=pictures / f"{name}.png")

    await say(head, "home")
    await sees(head, "Ask me what the social media policy says")
    await picture(head, "1-home")
    await say(teacher, "can I friend an ex-pupil?")
    await sees(teacher, "Staff should not have contact through any social medium")
    await picture(teacher, "2-answer")
    await teacher.get_by_role("button", name="Report something").last.click()
    await fill(teacher, "A parent films at the gate and puts it on Facebook.")
    await picture(teacher, "3-form")
    await teacher.get_by_role("button", name="Send the report").last.click()
    await sees(teacher, "Your report is saved. Its reference is")
    await picture(teacher, "4-saved")
    await sees(head, "Please acknowledge")
    await picture(head, "5-alert")
    await head.get_by_role("button", name="Acknowledge").last.click()
    await sees(teacher, "Acknowledged by Mrs Helen Demo-Blake")
    await picture(teacher, "6-acknowledged")
    await picture(head, "7-head")
    await head.get_by_role("button", name="Write to the room").last.click()
    await fill(head, "I am dealing with it.")
    await head.get_by_role("button", name="Send", exact=True).first.click()
    await sees(teacher, "I am dealing with it.")
    await say(teacher, "Thank you. It is still up.")
    await sees(teacher, "Who is this for?")
    await picture(teacher, "8-whom-for")
    await teacher.get_by_role("button", name="The room of").last.click()
    await sees(head, "Thank you. It is still up.")
    await picture(head, "9-room")


async def main(program_folder: Path) -> None:
    """Start everything, walk the story, stop everything."""
    program = (program_folder / "node_modules/@microsoft/m365agentsplayground/cli.js").resolve()
    pictures = program_folder / "pictures"
    pictures.mkdir(exist_ok=True)
    path = browser_path()
    if path is None:
        sys.exit(f"There is no browser for {MISSING}.")
    async with AsyncExitStack() as stack, async_playwright() as playwright:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        from bot.school_file import read_school  # noqa: PLC0415 beside its only use

        everybody = {person.id: person for person in read_school(EXAMPLE).everyone()}
        await start_bot(stack, folder)
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        stack.push_async_callback(browser.close)
        pages = {}
        for name, port in PLAYGROUNDS.items():
            await start_playground(stack, program, folder, name, everybody)
            pages[name] = await browser.new_page(viewport={"width": 1280, "height": 1700})
            await pages[name].goto(f"http://127.0.0.1:{port}/")
            await expect(pages[name].locator("[data-lexical-editor=true]").first).to_be_visible(timeout=WAIT)
        try:
            await walk(pages["teacher"], pages["head"], pictures)
        except Exception:
            for name, page in pages.items():
                await page.screenshot(path=pictures / f"failed-{name}.png")
            raise
    print(f"The story went through; the pictures are in {pictures}.")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
