"""Slack's side of the bot, put together: what app.py makes, gives to the worker, mounts and runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.calls import Calls
from bot.channels.slack.catching_up import CatchingUp, Heard
from bot.channels.slack.channel import SlackChannel
from bot.channels.slack.desk import Desk, FindRoom, MakeLink
from bot.channels.slack.discretion import Discretion, SubjectsOf
from bot.channels.slack.home_watch import Besides, Changed, HomeWatch, nothing_else
from bot.channels.slack.installs import Installs
from bot.channels.slack.intake import Intake
from bot.channels.slack.interactions import Interactions
from bot.channels.slack.listeners import Listeners
from bot.channels.slack.roll import RollCall, RoomsInUse
from bot.channels.slack.staff import Staff
from bot.channels.slack.workspaces import ManyWorkspaces, OneWorkspace, Wire, Workspaces
from bot.clock import Clock
from bot.dispatch import Dispatcher
from bot.errors import DeliveryError
from bot.inbox import Inbox
from bot.people import People, Person
from bot.settings import Slack

log = logging.getLogger(__name__)
MEET_EVERY = 600.0
KNOWN_WITHIN = 0.8  # seconds of Slack's three in which it must say who the bot is


def nobody(ref: str) -> Iterable[Person]:
    """For a school without incidents: none of them is about anybody."""
    del ref
    return ()


def unheard(ref: str) -> frozenset[str]:
    """For a school without incidents: none of them has any messages."""
    del ref
    return frozenset()


@dataclass(frozen=True)
class Needs:
    """What Slack's side is given. All callables are synchronous, and are called in threads.

    `find_room`: channel name and conversation to the incident's reference (`worker.rooms.find`); `subjects_of`: a reference to
    the people whom that incident is about; `changed`: a cursor and a person to the cursor now (`register.changes_since`);
    `make_link`: a person's own way to the page; `room_closed`: a conversation that somebody closed by hand
    (`worker.rooms.closed_by_hand`); `inbox`: keeps what has come in until it is handled (whoever made it runs it);
    `rooms_in_use`: the rooms of Slack with whom the record has in each (`occupancy.rooms_in_use`);
    `heard`: a reference to the messages on its record (`occupancy.heard`); `besides`: another value whenever something has changed
    of what homes show beside incidents (`enquiries_feed.passed_on`).
    """

    dispatcher: Dispatcher
    people: People
    clock: Clock
    find_room: FindRoom
    subjects_of: SubjectsOf
    changed: Changed
    make_link: MakeLink
    room_closed: Callable[[str, str], object]
    inbox: Inbox
    content_in_slack: bool = True
    rooms_in_use: RoomsInUse = tuple
    heard: Heard = unheard
    besides: Besides = nothing_else


class SlackSide:
    """Everything of Slack for one process. `channel` goes to the worker; `mount` (server.py) or `run` bring events in."""

    def __init__(self, settings: Slack, needs: Needs, installs: Installs | None = None) -> None:
        """`installs`: the stored installations, where the bot serves many workspaces; else the token of the settings is used."""
        self.settings = settings
        self.installs = installs
        self._wire = Wire(settings.api_url)
        one = OneWorkspace(settings.bot_token, self._wire)
        self.workspaces: Workspaces = ManyWorkspaces(installs, self._wire) if installs and not settings.bot_token else one
        self.calls = Calls(self.workspaces)
        self.staff = Staff(self.calls, needs.people)
        discretion = Discretion(self.staff, needs.subjects_of, content_in_slack=needs.content_in_slack)
        self.channel = SlackChannel(self.calls, self.staff, discretion)
        self.homes = HomeWatch(needs.changed, needs.besides)
        self._desk = Desk(
            needs.dispatcher, self.workspaces, self.calls, self.staff, discretion, self.channel, self.homes, needs.clock,
            needs.find_room, needs.make_link, needs.room_closed, needs.inbox,
        )  # fmt: skip
        self._me: dict[str, tuple[str, str]] = {}
        interactions = Interactions(self._desk)
        self.listeners = Listeners(self._desk, interactions)
        self.roll = RollCall(self._desk, needs.rooms_in_use, CatchingUp(self._desk, needs.heard))
        self.intake = Intake(self._desk, self.listeners, interactions)
        self.bolt = self._bolt()

    async def meet(self) -> None:
        """Find everybody's account; told in the log where Slack refuses."""
        try:
            await self.staff.meet()
        except DeliveryError as error:
            log.warning("Slack did not say who is there: %s", type(error).__name__)

    async def run(self, stop: asyncio.Event) -> None:
        """Until stopped: keep homes up to date, look now and then who is who and who is in the rooms, keep a socket open if wanted."""
        from bot.channels.slack.socket import keep_open  # noqa: PLC0415 only where it is used: it brings a WebSocket client

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.homes.run(self.listeners.draw_home, stop))
                group.create_task(self._meeting(stop))
                group.create_task(self.roll.run(stop))
                if self.settings.app_token:
                    group.create_task(keep_open(self.bolt, self.settings.app_token, self._wire.api_url, stop))
        finally:
            await self.workspaces.close()

    async def _meeting(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.meet()
            await asyncio.wait({wait := asyncio.ensure_future(stop.wait())}, timeout=MEET_EVERY)
            wait.cancel()

    def _bolt(self) -> AsyncApp:
        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            # Who the bot is in this workspace, so that it knows its own messages. Every call has a client of its own.
            bot_id, bot_user = await self._who_am_i(self.workspaces.key(team_id or ""))
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_id=bot_id, bot_user_id=bot_user, bot_token="")

        app = AsyncApp(
            name="usher",
            signing_secret=self.settings.signing_secret,
            client=AsyncWebClient(base_url=self._wire.api_url, retry_handlers=[]),
            authorize=authorize,
            request_verification_enabled=True,
            attaching_function_token_enabled=False,
        )
        app.use(self.intake.keep)
        self.listeners.attach(app)

        async def fault(error: Exception) -> None:
            log.error("Slack's event was not handled: %s", type(error).__name__)

        app.error(fault)
        return app

    async def _who_am_i(self, team: str) -> tuple[str | None, str | None]:
        if team not in self._me:
            try:
                me = await asyncio.wait_for(self.calls(team, "auth.test"), KNOWN_WITHIN)
                self._me[team] = (str(me.get("bot_id") or ""), str(me.get("user_id") or ""))
            except (DeliveryError, TimeoutError):
                return None, None
        return self._me[team]
