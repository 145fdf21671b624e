"""A conversation in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta

from bot.channels.console import Console
from bot.errors import SettingsError, UsherError
from bot.incidents.worker import BEAT, Worker
from bot.settings import Settings
from handlers.known import Knowledge
from wiring import Bot, open_bot, open_mail, open_page

SILENT = timedelta(seconds=30)
LOOK_EVERY = 5.0  # seconds
NOT_SENT = (
    "Usher's server is not running. What you report is saved, but nobody is told of it until the server runs. If it cannot wait, telephone."
)
TAKEN_OVER = "Usher's server has stopped. Alerts and messages go out from this window now, for as long as it is open."


async def chat(where: Settings, knowledge: Knowledge, person_id: str) -> None:
    """Talk as one person, until the input ends. What is due is delivered from here as soon as no other process does it.

    Raises:
        SettingsError: nobody in school.toml has this id.
    """
    bot = open_bot(where, knowledge)
    person = bot.services.people.get(person_id)
    if person is None:
        ids = ", ".join(one.id for one in bot.services.people)
        raise SettingsError([f"Nobody in {where.school_file.name} has the id {person_id}: use one of {ids}."])
    page = open_page(bot)
    worker = Worker(bot.register, {"web": page.channel})
    if mail := open_mail(where):
        worker.add_channel(mail)
    console, over = Console(page, person, may_switch=where.demo), asyncio.Event()
    delivering = asyncio.create_task(deliver(bot, worker, over, console.tell))
    try:
        await console.run()
    finally:
        over.set()
        worker.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await delivering
        bot.store.close()


async def deliver(bot: Bot, worker: Worker, over: asyncio.Event, tell: Callable[[str], None]) -> None:
    """Deliver until the talk is over, from the moment on when nobody else does; who has relied on a server is told.

    Where people are reached in Slack or Teams, which only the server can do, all is left to it: what is handed out from here would count
    as told without them.
    """
    waited = False
    while await asyncio.to_thread(served, bot):
        waited = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), LOOK_EVERY)
        if over.is_set():
            return
    if bot.settings.slack or bot.settings.teams:
        tell(NOT_SENT)
        await over.wait()
        return
    if waited:
        tell(TAKEN_OVER)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0)  # it has begun, so that it can be told to stop
    if over.is_set():
        worker.stop()
    await running


def served(bot: Bot) -> bool:
    """Whether another process delivers for this school already, or, where the store cannot be asked just now, may do so."""
    try:
        last = bot.store.last_beat(BEAT)
    except UsherError:
        return True
    return last is not None and bot.store.clock.now() - last < SILENT
