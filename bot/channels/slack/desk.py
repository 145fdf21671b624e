"""What every listener works with, and how an event is carried to its handler and its answer back."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.cards import Button
from bot.channels.slack.calls import Calls
from bot.channels.slack.channel import SlackChannel
from bot.channels.slack.dialog import Dialog
from bot.channels.slack.discretion import Discretion
from bot.channels.slack.forms import card_modal
from bot.channels.slack.home_watch import HomeWatch
from bot.channels.slack.reply import SlackReply
from bot.channels.slack.spot import Spot
from bot.channels.slack.staff import NAME, Staff
from bot.channels.slack.workspaces import Workspaces, joined
from bot.clock import Clock
from bot.dispatch import Dispatcher, Outcome
from bot.errors import DeliveryError, NotSaved
from bot.events import Event, Place
from bot.inbox import Inbox
from bot.people import Person

log = logging.getLogger(__name__)
FindRoom = Callable[[str, str], str | None]
MakeLink = Callable[[Person], str]
OPENING_STEP, OPENING_LASTS = 0.1, 100  # seconds, and how many of them
TRIES = 2000
ROOMS = 2000
ROOM_WITHIN = 0.7  # seconds of Slack's three in which the database must say whether a channel is a room


@dataclass
class Desk:
    """The parts of Slack's side, put together once."""

    dispatcher: Dispatcher
    workspaces: Workspaces
    calls: Calls
    staff: Staff
    discretion: Discretion
    channel: SlackChannel
    homes: HomeWatch
    clock: Clock
    find_room: FindRoom
    make_link: MakeLink
    room_closed: Callable[[str, str], object]
    inbox: Inbox
    _rooms: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _tries: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _met: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _last: OrderedDict[str, tuple[str, str]] = field(default_factory=OrderedDict)

    async def incident_at(self, team: str, channel: str) -> str:
        """The reference of the incident whose room this channel is, or nothing."""
        if not channel or channel.startswith("D"):
            return ""
        conversation = joined(team, channel)
        if conversation not in self._rooms:
            ref = await asyncio.to_thread(self.find_room, NAME, conversation)
            waits = OPENING_LASTS if conversation in self.channel.rooms.opening else 0
            while not ref and waits:
                # People are in the room a moment before the record knows of it; what they write then counts, too.
                await asyncio.sleep(OPENING_STEP)
                ref, waits = await asyncio.to_thread(self.find_room, NAME, conversation), waits - 1
            self.channel.rooms.opening.discard(conversation)
            if not ref:
                return ""
            self._rooms[conversation] = ref
            if len(self._rooms) > ROOMS:
                self._rooms.popitem(last=False)
        return self._rooms[conversation]

    async def may_be_room(self, team: str, channel: str) -> bool:
        """Whether this channel is a room, or one that is being opened. For the door: it answers at once, and reads no message.

        Raises:
            NotSaved: the database does not say.
        """
        conversation = joined(team, channel)
        if not channel or channel.startswith("D"):
            return False
        if conversation in self._rooms or conversation in self.channel.rooms.opening:
            return True
        try:
            return await asyncio.wait_for(self.inbox.ask(self.find_room, NAME, conversation), ROOM_WITHIN) is not None
        except TimeoutError:
            raise NotSaved("") from None

    async def asked_at(self, spot: Spot) -> Place:
        """The place of a question whose answer is for the person alone: the next one may be asked in the direct conversation."""
        return replace(spot.place, answered_in=await self.staff.direct_or_none(spot.team, spot.user))

    def dialog(self, spot: Spot) -> Dialog:
        """A modal for what was done at this spot."""
        return Dialog(self.calls, spot)

    async def room_ended(self, team: str, channel: str) -> None:
        """Somebody has closed this room by hand, opened it to everybody, or put the bot out of it."""
        conversation = joined(team, channel)
        self._rooms.pop(conversation, None)
        await asyncio.to_thread(self.room_closed, NAME, conversation)

    def reply(self, spot: Spot, *, ref: str = "", again: Button | None = None, dialog: Dialog | None = None) -> SlackReply:
        """The answer to an event from this spot."""
        return SlackReply(self.calls, self.staff, self.discretion, spot, ref=ref or spot.incident, again=again, dialog=dialog)

    async def handle(self, event: Event, reply: SlackReply, *, hold: bool = False, last: bool = True) -> Outcome:
        """Carry an event to its handler. `hold`: the answer is, or may be, a modal, for which Slack waits only three seconds.

        `last`: False where the event is kept and comes again after a fault. RetryLater then, where it was Slack that put the answer off.
        """
        if hold:
            reply.dialog.hold_soon()
        try:
            outcome = await self.dispatcher.handle(event, reply, last=last)
        finally:
            await reply.dialog.end()
        if reply.dialog.held and not reply.dialog.shown:
            await self.settle(reply)
        self.homes.poke(reply.spot.team, reply.spot.user)
        if outcome is Outcome.FAILED and not last and reply.put_off:
            raise reply.put_off
        return outcome

    async def settle(self, reply: SlackReply) -> None:
        """A modal was held open and no form came: show there what was said instead."""
        try:
            await reply.dialog.show(card_modal(tuple(reply.meant), reply.spot.origin))
        except DeliveryError as error:
            log.warning("A modal could not be brought to its end: %s", type(error).__name__)

    def first_time(self, event_id: str) -> bool:
        """Whether this process has not met this event yet: for what no handler is asked about."""
        known = event_id in self._met
        self._met[event_id] = None
        if len(self._met) > TRIES:
            self._met.popitem(last=False)
        return not known

    def forget_meeting(self, event_id: str) -> None:
        """Nothing came of it: its repeat may fare better."""
        self._met.pop(event_id, None)

    def is_late(self, whose: str, ts: str, kind: str) -> bool:
        """Whether something of another kind, which came after this, has been met already: for events that come out of order."""
        known_ts, known = self._last.get(whose, ("", kind))
        if ts >= known_ts:
            self._last[whose] = (ts, kind)
            self._last.move_to_end(whose)
        if len(self._last) > TRIES:
            self._last.popitem(last=False)
        return ts < known_ts and known != kind

    def tries(self, view_id: str) -> int:
        """How often this form's mistakes have been shown."""
        return self._tries.get(view_id, 0)

    def tried(self, view_id: str) -> None:
        """This form's mistakes are being shown: the next submission is a new one, even with the same values."""
        self._tries[view_id] = self._tries.get(view_id, 0) + 1
        if len(self._tries) > TRIES:
            self._tries.popitem(last=False)
