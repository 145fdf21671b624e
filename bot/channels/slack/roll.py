"""Compares who is in each room with the record: Slack tells nobody again who came or left while the bot was down.

Nor does it tell again of a room that was archived meanwhile, and never of one that was opened to everybody.
At the start and every few minutes, one call for each room.
Only where something differs is it looked at a second time, a moment later, for what Slack tells just now is being recorded
anyway.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.slack import arrivals
from bot.channels.slack.catching_up import CatchingUp
from bot.channels.slack.desk import Desk
from bot.channels.slack.faults import there_still
from bot.channels.slack.reply import SilentReply
from bot.channels.slack.staff import NAME
from bot.channels.slack.workspaces import joined, parted
from bot.errors import DeliveryError, NotSaved, RecipientGone, RoomGone
from bot.events import Place, PlaceKind, RoomChange
from bot.incidents.occupancy import Occupied
from bot.people import Person

log = logging.getLogger(__name__)
EVERY = 300.0
PACE = 1.5  # seconds between rooms: Slack allows fifty or more of these calls in a minute
SETTLE = 3.0
PAGE = 200
NOTICED = "noticed when the room was checked; it may have been earlier"
RoomsInUse = Callable[[], tuple[Occupied, ...]]


@dataclass(frozen=True)
class Differences:
    """Whom the record does not know to be there, and who should be there and is not; by their Slack user ids."""

    strangers: frozenset[str] = frozenset()
    missing: tuple[tuple[str, Person], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.strangers or self.missing)


class RollCall:
    """Looks who is there."""

    def __init__(self, desk: Desk, rooms_in_use: RoomsInUse, catching_up: CatchingUp) -> None:
        """`rooms_in_use` reads the store, so it runs in a thread. `catching_up`: looks after what was written in a room meanwhile."""
        self._desk = desk
        self._catching_up = catching_up
        self._rooms_in_use = rooms_in_use

    async def run(self, stop: asyncio.Event) -> None:
        """Until stopped."""
        while not stop.is_set():
            await self.call_all()
            await asyncio.wait({wait := asyncio.ensure_future(stop.wait())}, timeout=EVERY)
            wait.cancel()

    async def call_all(self) -> None:
        """Look at every room once. What cannot be looked at now is looked at the next time."""
        rooms = await self._known()
        open_now = {team: await self._open_now(team) for team in {parted(room.conversation)[0] for room in rooms}}
        for number, room in enumerate(rooms):
            team, channel = parted(room.conversation)
            if number:
                await asyncio.sleep(PACE)
            await self._catch_up(room)  # before those who have left meanwhile are out
            try:
                if channel not in open_now[team]:
                    with there_still():
                        await self._desk.channel.rooms.still_private(team, channel)
                await self._desk.channel.rooms.keep_out(room.conversation, room.ref)
                await self._call(room)
            except RoomGone:
                await self._desk.room_ended(*parted(room.conversation))
            except Exception as error:
                log.warning("Who is in a room could not be compared with the record: %s", type(error).__name__)

    async def _known(self) -> tuple[Occupied, ...]:
        try:
            return await asyncio.to_thread(self._rooms_in_use)
        except NotSaved:
            log.warning("The database cannot be reached; the rooms' members are compared with the record later")
            return ()

    async def _catch_up(self, room: Occupied) -> None:
        try:
            await self._catching_up.now_and_then(room)
        except Exception as error:
            log.warning("What was written in a room meanwhile could not be looked for: %s", type(error).__name__)

    async def _open_now(self, team: str) -> set[str]:
        """Every private channel that the bot is in and that is not archived; none where Slack does not say."""
        try:
            return {str(one["id"]) async for one in self._desk.channel.rooms.open_channels(team)}
        except DeliveryError:
            return set()

    async def _call(self, room: Occupied) -> None:
        first = await self._differences(room)
        if not first:
            return
        await asyncio.sleep(SETTLE)
        again = next((one for one in await self._known() if one.conversation == room.conversation), None)
        second = await self._differences(again) if again else Differences()
        team, channel = parted(room.conversation)
        for user in sorted(first.strangers & second.strangers):
            await self._record(room, "joined", user, await self._desk.staff.anybody(team, user))
        for user, person in second.missing:
            if (user, person) in first.missing:
                await self._record(room, "left", user, person)
        log.info("The members of room %s were not those of the record", channel)

    async def _differences(self, room: Occupied) -> Differences:
        team, channel = parted(room.conversation)
        staff = self._desk.staff
        here = await self._members(team, channel)
        accounts, unsure = await self._accounts(team, (*room.there, *room.members))
        known = {person.id for person in (*room.there, *room.members)}
        strangers = set()
        for user in here - set(accounts):
            profile, person = await staff.profile(team, user), await staff.anybody(team, user)
            # Somebody whose address is not told may be the one whose account was not found: nobody is put out on a guess.
            if person.id not in known and not (unsure and profile.here and not profile.email):
                strangers.add(user)
        belong = {person.id for person in room.members} & {person.id for person in room.there}
        missing = [
            (user, person)
            for user, person in sorted(accounts.items())
            if user not in here and person.id in belong and await self._could_have_left(team, user)
        ]
        return Differences(frozenset(strangers), tuple(missing))

    async def _accounts(self, team: str, people: tuple[Person, ...]) -> tuple[dict[str, Person], bool]:
        """The people by their user ids in this workspace, and whether somebody's could not be found."""
        found, unsure = {}, False
        for person in people:
            try:
                found[await self._desk.staff.account(team, person)] = person
            except RecipientGone:
                unsure = True
        return found, unsure

    async def _could_have_left(self, team: str, user: str) -> bool:
        """Whether somebody who is not there has left: not where they never could be brought in, or are not in Slack any more."""
        try:
            profile = await self._desk.staff.profile(team, user)
        except DeliveryError:
            return False
        return profile.here and not profile.guest

    async def _members(self, team: str, channel: str) -> set[str]:
        """Everybody in a channel but the bot itself."""
        found: set[str] = set()
        cursor = ""
        with there_still():
            while True:
                more = {"cursor": cursor} if cursor else {}
                page = await self._desk.calls.patiently(team, "conversations.members", channel=channel, limit=PAGE, **more)
                found |= {str(user) for user in page.get("members", ())}
                cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
                if not cursor:
                    break
        return found - {await self._desk.staff.me(team)}

    async def _record(self, room: Occupied, kind: str, user: str, person: Person) -> None:
        """As if Slack had told it. The same within one round, whichever process finds it."""
        team, channel = parted(room.conversation)
        now = self._desk.clock.now()
        event_id = arrivals.name(team, channel, user, kind, "roll", int(now.timestamp() // EVERY))
        place = Place(NAME, joined(team, channel), PlaceKind.ROOM, incident=room.ref)
        await self._desk.dispatcher.handle(RoomChange(event_id, person, kind, place, now, NOTICED), SilentReply())
