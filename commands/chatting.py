"""A conversation in the terminal."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from bot.channels.console import Console
from bot.errors import SettingsError
from bot.incidents.worker import BEAT, Worker
from bot.settings import Settings
from handlers.known import Knowledge
from wiring import Bot, open_bot, open_mail, open_page

SILENT = timedelta(seconds=30)


async def chat(where: Settings, knowledge: Knowledge, person_id: str) -> None:
    """Talk as one person, until the input ends. What is due is delivered from here where no other process does it.

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
    delivering = None if served(bot) else asyncio.create_task(worker.run())
    try:
        await Console(page, person, may_switch=where.demo).run()
    finally:
        worker.stop()
        if delivering:
            with contextlib.suppress(asyncio.CancelledError):
                await delivering
        bot.store.close()


def served(bot: Bot) -> bool:
    """Whether another process delivers for this school already."""
    last = bot.store.last_beat(BEAT)
    return last is not None and bot.store.clock.now() - last < SILENT
