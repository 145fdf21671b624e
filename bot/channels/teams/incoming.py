"""What happens in Teams, as events of the bot. Invokes are answered by presses.py; everything else ends here."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import Activity

from bot.cards import Button, Card, Text
from bot.channels.teams.acquaintance import Acquaintance
from bot.channels.teams.graph import Chats
from bot.channels.teams.groups import Groups, event_name
from bot.channels.teams.heard import Heard, heard, personal, tenant
from bot.channels.teams.post import Post, stored
from bot.channels.teams.references import NAME
from bot.channels.teams.reply import RoomReply, TeamsReply, Voice
from bot.channels.teams.rooms import RelayedRooms, Standing
from bot.channels.teams.wire import answered
from bot.dispatch import Dispatcher, Outcome
from bot.events import Event, Message, Opened, Place, PlaceKind, Press, RoomChange
from bot.inbox import Inbox
from bot.logs import trail
from bot.people import Person

log = logging.getLogger(__name__)

RELAYED = "teams relay"  # said in a room that the bot carries: to the outbox not the same place as the room itself
TALKING = 600.0  # seconds after a room's line in which a person's words may be meant for the room
REFERENCE = re.compile(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\b[\s:,–-]*(.+)$", re.IGNORECASE | re.DOTALL)
COMMANDS = {
    "report": ("report.open", ""), "report something": ("report.open", ""), "home": ("home.open", ""), "start": ("home.open", ""),
    "browse": ("policy.browse", ""), "browse the policy": ("policy.browse", ""),
}  # fmt: skip
PLACE = "teams.place"
HELD = "held"
HELD_FOR = timedelta(days=1)  # words that nobody said whom they are for are forgotten
GUESTS = Card("Usher is for the school's staff", (Text("Guests of the school's Teams cannot use it."),), notice="Usher")


@dataclass
class Incoming:
    """The bot as the SDK's adapter calls it. `tenant_id`: the school's own; "" in the demo alone."""

    dispatch: Dispatcher
    post: Post
    rooms: RelayedRooms
    tenant_id: str
    inbox: Inbox
    chats: Chats | None = None  # where incidents have real group chats
    invokes: Any = None  # promises.Promises, which needs this one
    _work: set[asyncio.Future[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.acquaintance = Acquaintance(self.post)
        self.who = self.acquaintance.who
        self.groups = Groups(self.dispatch, self.post, self.rooms.viewer, self.acquaintance, self.chats)

    async def on_turn(self, context: TurnContext) -> None:
        """Handle one activity at once: an invoke is answered, anything else is worked on. Never raises."""
        activity: Activity = context.activity
        if activity.type == "invoke":
            body = await self.invokes.answer(context) if self.welcome(activity) else None
            response = InvokeResponse(status=200 if body is not None else 403, body=body)
            context.turn_state[BotAdapter._INVOKE_RESPONSE_KEY] = Activity(type="invokeResponse", value=response)  # noqa: SLF001 the SDK's way
        elif activity.type in self.kinds and self.welcome(activity):
            try:
                await self.work(context)
            except Exception as error:
                log.error("Something that Teams sent was not handled: %s", trail(error))

    @property
    def kinds(self) -> Mapping[str, Callable[..., Awaitable[Outcome]]]:
        """What is done with each kind of activity that nobody waits for an answer to."""
        return {
            "message": self.message, "conversationUpdate": self.meeting, "installationUpdate": self.meeting,
            "messageUpdate": self.changed, "messageDelete": self.changed,
        }  # fmt: skip

    async def work(self, context: TurnContext, *, last: bool = True) -> Outcome:
        """Work on one such activity. `last`: False where it is kept, and comes again after a fault."""
        return await self.kinds[str(context.activity.type)](context, last=last)

    def welcome(self, activity: Activity) -> bool:
        """Whether this comes from a person of the school's own tenant, in Teams: in the bot's other channels anybody may claim that."""
        sender = activity.from_property
        known = bool(sender and sender.id and activity.conversation and activity.conversation.id)
        ours = activity.channel_id == "msteams" and tenant(activity).casefold() == self.tenant_id.casefold()
        return known and (ours or not self.tenant_id)

    def beside(self, work: Awaitable[Any]) -> None:
        """Let this go on, and hold on to it until it has ended."""
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    def holding(self, context: TurnContext) -> AbstractAsyncContextManager[bool]:
        """Keep what an invoke asks for while it is worked on: Teams may have been answered before."""
        activity: Activity = context.activity
        return self.inbox.holding(NAME, f"invoke {event_name(activity)}", {"activity": activity.serialize()})

    async def message(self, context: TurnContext, *, last: bool) -> Outcome:
        """Somebody wrote, privately or where others read along."""
        activity, said = context.activity, heard(context.activity)
        reference, person = await self.who(context)
        if reference.guest:
            await answered(context.send_activity(GUESTS.title))
            return Outcome.DONE
        if not personal(activity):
            return await self.groups.said(context, person, said, last=last)
        standing = await stored(lambda: self.rooms.about(activity.conversation.id, said.answers, person)) if said.answers else None
        named = REFERENCE.match(said.text)
        if standing is None and named:
            standing = await stored(lambda: self.rooms.at(named.group(1).upper(), person))
        name = event_name(activity)
        if standing:
            text = named.group(2) if named and named.group(1).upper() == standing.ref else said.text
            return (await self.to_room(context, person, standing, text, files=said.files, event_id=name, last=last))[0]
        if command := COMMANDS.get(said.text.casefold().strip("/. ")):
            return await self.press(context, person, *command, last=last)
        open_rooms = await stored(lambda: self.rooms.of(person))
        if said.text and any(self._talking(one) for one in open_rooms):
            return await self._ask_where(context, person, said, open_rooms)
        return await self.to_usher(context, person, said.text, files=said.files, event_id=name, last=last)

    async def to_usher(
        self, context: TurnContext, person: Person, text: str, *, files: int = 0, event_id: str, last: bool = True
    ) -> Outcome:  # fmt: skip
        """Words for the bot itself."""
        place = Place(NAME, context.activity.conversation.id)
        reply = TeamsReply(context, Voice(context, self.post, person, personal=True), personal=True)
        said = Message(event_id, person, text, place, self.now, files, str(context.activity.id or ""))
        return await self.hand_over(said, reply, last=last)

    async def to_room(
        self, context: TurnContext, person: Person, room: Standing, text: str, *, files: int = 0, event_id: str, last: bool = True,
        message: str = "",
    ) -> tuple[Outcome, bool]:  # fmt: skip
        """Words for the room: on the record, and carried to the others by the outbox. How it ended, and whether they are there.

        A file beside the words is refused; the words are not. `message`: the id of the message, where it is not the one at hand.
        """
        conversation, message = context.activity.conversation.id, message or str(context.activity.id or "")
        there = False

        async def warn(card: Card) -> None:
            await self.rooms.warn(room, person, card, event_id)

        async def kept() -> str:
            nonlocal there
            there = bool(files and text.strip()) and await self.rooms.on_record(room, person, RELAYED, message)
            return f"What you wrote is in the room of {room.ref}, and on the record. The file is not." if there else ""

        reply = RoomReply(context, Voice(context, self.post, person, personal=True), warn, kept)
        if room.closed:
            await reply.say(Card(f"{room.ref} is closed", (Text("What you wrote was not sent to anybody."),), notice="Not sent"))
            return Outcome.DONE, False
        place = Place(RELAYED, conversation, PlaceKind.ROOM, incident=room.ref)
        outcome = await self.hand_over(Message(event_id, person, text, place, self.now, files, message), reply, last=last)
        if outcome is not Outcome.DONE or (reply.said and not there) or not text.strip():
            return outcome, False
        await self.rooms.wrote(room, person, conversation, message)
        if not reply.said:
            await answered(context.send_activity(f"In the room of {room.ref}, and on the record."))
        return outcome, True

    async def press(self, context: TurnContext, person: Person, action: str, value: str, *, last: bool = True) -> Outcome:
        """A command is the press of a button."""
        reply = TeamsReply(
            context, Voice(context, self.post, person, personal=True), personal=True, asked=(action, value), dialogs=self.post.dialogs
        )
        pressed = Press(event_name(context.activity), person, action, value, self.place(context.activity), self.now)
        return await self.hand_over(pressed, reply, last=last)

    async def hand_over(self, event: Event, reply: TeamsReply, *, last: bool = True) -> Outcome:
        """To the dispatcher, which never raises."""
        return await self.dispatch.handle(event, reply, last=last)

    async def meeting(self, context: TurnContext, *, last: bool) -> Outcome:
        """The bot was installed for somebody, added to a team, or taken out."""
        activity: Activity = context.activity
        if not personal(activity):
            return await self.groups.came_or_went(context, last=last)
        reference, person = await self.who(context)
        if activity.action in ("remove", "remove-upgrade"):
            await stored(lambda: self.post.references.gone(reference.account))
        elif activity.type == "installationUpdate" and not reference.guest:
            place = self.place(activity)
            reply = TeamsReply(context, Voice(context, self.post, person, personal=True), personal=True)
            return await self.hand_over(Opened(event_name(activity), person, place, self.now, first=True), reply, last=last)
        return Outcome.DONE

    async def changed(self, context: TurnContext, *, last: bool) -> Outcome:
        """Somebody edited or deleted a message of theirs; where it was for a room, the record says so."""
        activity: Activity = context.activity
        _, person = await self.who(context)
        conversation, message = activity.conversation.id, str(activity.id or "")
        kind, text = ("deleted", "") if activity.type == "messageDelete" else ("edited", heard(activity).text)
        if personal(activity):
            await stored(lambda: self._hold(event_name(activity), text))  # it may still wait to be placed
            standing = await stored(lambda: self.rooms.about(conversation, message, person))
            place = Place(RELAYED, conversation, PlaceKind.ROOM, incident=standing.ref if standing else "")
        else:
            place = await self.groups.place(activity)
        if not place.incident:
            return Outcome.DONE
        reply = TeamsReply(context, Voice(context, self.post, person, personal=True), personal=True)
        stamp = f"{event_name(activity)}:{kind}:{activity.timestamp or ''}"
        return await self.hand_over(RoomChange(stamp, person, kind, place, self.now, text, message), reply, last=last)

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.post.book.now

    def place(self, activity: Activity) -> Place:
        """Where something happened."""
        kind = PlaceKind.PRIVATE if personal(activity) else PlaceKind.GROUP
        return Place(NAME, activity.conversation.id, kind)

    def _talking(self, room: Standing) -> bool:
        """Whether something was said in this room a moment ago, so that a person's next words may be meant for it."""
        return room.said_at is not None and (self.now - room.said_at).total_seconds() < TALKING

    def _hold(self, name: str, text: str) -> None:
        if text:
            self.post.book.change(HELD, name, lambda now: {**now, "text": text})
        else:
            self.post.book.remove(HELD, name)

    async def _ask_where(self, context: TurnContext, person: Person, said: Heard, open_rooms: list[Standing]) -> Outcome:
        """Words that may be for a room or for the bot: nothing is guessed, the person chooses."""
        name, message = event_name(context.activity), str(context.activity.id or "")
        await stored(lambda: self.post.book.forget_before(HELD, self.now - HELD_FOR))
        await stored(
            lambda: self.post.book.put(HELD, name, {"text": said.text, "files": said.files, "person": person.id, "message": message})
        )
        buttons = [Button(f"The room of {one.ref}", PLACE, f"{one.ref}|{name}") for one in open_rooms]
        buttons.append(Button("Usher: answer me", PLACE, f"|{name}"))
        words = (Text("Nothing has been sent to anybody yet."), Text(f"“{said.text[:300]}{'…' if len(said.text) > 300 else ''}”"))  # noqa: PLR2004
        reply = TeamsReply(context, Voice(context, self.post, person, personal=True), personal=True)
        await reply.say(Card("Who is this for?", words, tuple(buttons), notice="Who is this for?"))
        return Outcome.DONE
