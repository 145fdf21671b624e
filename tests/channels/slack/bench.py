"""The whole bot against the stand-in: real clause base, register, outbox and handlers; only Slack is not Slack."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Self

from aiohttp import web
from slack_sdk.oauth.installation_store import Installation

from bot.cards import Card
from bot.channels.slack.installs import Installs
from bot.channels.slack.server import EVENTS, add_slack
from bot.channels.slack.side import Needs, SlackSide
from bot.inbox import Inbox
from bot.incidents.about import about_whom
from bot.incidents.enquiries_feed import passed_on
from bot.incidents.occupancy import heard, rooms_in_use
from bot.incidents.worker import Worker
from bot.people import Person
from bot.settings import Slack as SlackSettings
from bot.settings import load
from tests.channels.known import known
from tests.channels.slack.stand_in.member import Member, until
from tests.channels.slack.stand_in.server import Slack
from tests.support import knowledge
from tests.support.clock import TurnableClock
from wiring import open_bot

PEOPLE = {
    "teacher": ("UTEACH", "Tess Demo-Taylor", "tess.taylor@demo.example"),
    "ta": ("UTA", "Tara Demo-Ash", "tara.ash@demo.example"),
    "head": ("UHEAD", "Mrs Helen Demo-Blake", "helen.blake@demo.example"),
    "deputy": ("UDEPUTY", "Mr Dev Demo-Patel", "dev.patel@demo.example"),
    "dsl": ("UDSL", "Ms Sara Demo-Lake", "sara.lake@demo.example"),
    "dpo": ("UDPO", "Mr Dan Demo-Price", "dan.price@demo.example"),
    "chair": ("UCHAIR", "Dr Carol Demo-Grant", "carol.grant@demo.example"),
    "nora": ("UNORA", "Nora Newcomer", "nora@demo.example"),  # staff whom school.toml does not name
}


class Bench:
    """`async with Bench(folder, mode) as bench`: mode "http" or "socket"."""

    def __init__(
        self, folder: Path, mode: str, *, content_in_slack: bool = True, installed: bool = False, slack: Slack | None = None
    ) -> None:  # fmt: skip
        """`installed`: the token comes from an installation, as with many workspaces. `slack`: a workspace that is there already."""
        (folder / "school.example.toml").write_text(knowledge.EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
        self.mode = mode
        self.content_in_slack = content_in_slack
        self.installed = installed
        self.installs: Installs | None = None
        self.clock = TurnableClock()
        self.bot = open_bot(load(folder, {}), known(self.clock), self.clock)
        self.slack = slack or Slack()
        self.linked: list[Person] = []
        self.faults_told: list[Card] = []
        self.inbox = Inbox(self.bot.store, self.bot.vault, self._fault)
        for user, name, email in PEOPLE.values():
            self.slack.world.add(user, name, email)

    async def __aenter__(self) -> Self:
        await self.slack.__aenter__()
        world = self.slack.world
        self.settings = SlackSettings(
            world.bot_token, world.signing_secret, world.app_token if self.mode == "socket" else "", f"{self.slack.url}/api/", "", ""
        )
        if self.installed:
            self.settings = replace(self.settings, bot_token="", client_id="1.2", client_secret="client-secret")
            self.installs = Installs(self.settings, self.bot.store.engine, self.bot.vault, "https://usher.example")
            await self.installs.sealed.async_save(
                Installation(app_id=world.APP, team_id=world.TEAM, user_id="UHEAD", bot_token=world.bot_token)
            )
        self.side = SlackSide(self.settings, self._needs(), self.installs)
        self.worker = Worker(self.bot.register, {"slack": self.side.channel})
        await self.side.meet()
        self._stop = asyncio.Event()
        self._tasks = [asyncio.create_task(one) for one in (self.worker.run(), self.side.run(self._stop), self.inbox.run(self._stop))]
        if self.mode == "http":
            app = web.Application()
            add_slack(app, self.side)
            self._runner = web.AppRunner(app, shutdown_timeout=0.1)
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            self.slack.events_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{EVENTS}"
        else:
            await until(lambda: self.slack.connected, "the socket")
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.worker.stop()
        await asyncio.wait_for(self._tasks[0], 20)
        self._stop.set()
        await asyncio.wait_for(asyncio.gather(*self._tasks[1:]), 20)
        if self.mode == "http":
            await self._runner.cleanup()
        await self.side.workspaces.close()
        await self.slack.__aexit__()
        self.bot.store.close()

    def who(self, name: str) -> Member:
        return Member(self.slack, PEOPLE[name][0])

    async def _fault(self, card: Card) -> None:
        self.faults_told.append(card)

    def _room_of(self, channel: str, conversation: str) -> str | None:
        return self.worker.rooms.find(channel, conversation)  # the worker comes after the side

    def _room_closed(self, channel: str, conversation: str) -> bool:
        return self.worker.rooms.closed_by_hand(channel, conversation)

    def _needs(self) -> Needs:
        register, people = self.bot.register, self.bot.services.people

        def link(person: Person) -> str:
            self.linked.append(person)
            return f"https://usher.example/link/{person.id}"

        return Needs(
            self.bot.dispatch, people, self.clock, self._room_of,
            lambda ref: about_whom(register, ref),
            lambda cursor, person: register.changes_since(cursor, person).cursor, link,
            self._room_closed, self.inbox, self.content_in_slack, lambda: rooms_in_use(register.records, "slack"),
            lambda ref: heard(register.records, ref, "slack"), lambda: passed_on(self.bot.store),
        )  # fmt: skip
