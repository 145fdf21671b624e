"""What happens in Teams, as events of the bot. Invokes are answered by presses.py; everything else ends here."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import Activity

from bot.cards import Button, Card, Text
from bot.channels.teams.heard import Heard, heard, personal, tenant
from bot.channels.teams.post import Post, stored
from bot.channels.teams.references import NAME, Reference
from bot.channels.teams.reply import TeamsReply, speaker
from bot.channels.teams.rooms import ROOM, RelayedRooms, Standing
from bot.dispatch import Dispatcher
from bot.errors import DeliveryError
from bot.events import Event, Message, Opened, Place, PlaceKind, Press, RoomChange
from bot.logs import trail
from bot.people import Person

log = logging.getLogger(__name__)

RELAYED = "teams relay"  # said in a room that the bot carries: to the outbox not the same place as the room itself
ACK_SECONDS = 8.0  # Teams repeats a message that is not answered in about fifteen
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
    invokes: Any = None  # presses.Presses, which needs this one
    _work: set[asyncio.Task[None]] = field(default_factory=set)
    _described_on: dict[str, date] = field(default_factory=dict)

    async def on_turn(self, context: TurnContext) -> None:
        """Handle one activity. Never raises: Teams would only send it again."""
        activity: Activity = context.activity
        if activity.type == "invoke":
            body = await self.invokes.answer(context) if self.welcome(activity) else None
            response = InvokeResponse(status=200 if body is not None else 403, body=body)
            context.turn_state[BotAdapter._INVOKE_RESPONSE_KEY] = Activity(type="invokeResponse", value=response)  # noqa: SLF001 the SDK's way
            return
        work = {
            "message": self.message, "conversationUpdate": self.meeting, "installationUpdate": self.meeting,
            "messageUpdate": self.changed, "messageDelete": self.changed,
        }.get(activity.type)  # fmt: skip
        if work and self.welcome(activity):
            await self.in_time(self.quietly(work, context), ACK_SECONDS)

    def welcome(self, activity: Activity) -> bool:
        """Whether this comes from a person of the school's own tenant."""
        sender = activity.from_property
        known = bool(sender and sender.id and activity.conversation and activity.conversation.id)
        return known and (not self.tenant_id or tenant(activity).casefold() == self.tenant_id.casefold())

    async def in_time(self, work: Any, seconds: float) -> bool:
        """Do it, but let Teams wait no longer than this; the work goes on. Whether it is done."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        done, _ = await asyncio.wait({task}, timeout=seconds)
        return bool(done)

    async def quietly(self, work: Any, context: TurnContext) -> None:
        """Handle an activity; what goes wrong is logged without anybody's words."""
        try:
            await work(context)
        except Exception as error:
            log.error("Something that Teams sent was not handled: %s", trail(error))

    async def message(self, context: TurnContext) -> None:
        """Somebody wrote, privately or where others read along."""
        activity, said = context.activity, heard(context.activity)
        reference, person = await self.who(context)
        if reference.guest:
            await context.send_activity(GUESTS.title)
            return
        if not personal(activity):
            await self._in_group(context, person, said)
            return
        standing = await stored(lambda: self.rooms.about(activity.conversation.id, said.answers, person)) if said.answers else None
        open_rooms = await stored(lambda: self.rooms.of(person))
        named = REFERENCE.match(said.text)
        if standing is None and named:
            standing = next((one for one in open_rooms if one.ref == named.group(1).upper()), None)
        if standing:
            text = named.group(2) if named and named.group(1).upper() == standing.ref else said.text
            await self.to_room(context, person, standing, text, files=said.files, event_id=event_name(activity))
        elif command := COMMANDS.get(said.text.casefold().strip("/. ")):
            await self.press(context, person, *command)
        elif said.text and any(self._talking(one) for one in open_rooms):
            await self._ask_where(context, person, said, open_rooms)
        else:
            await self.to_usher(context, person, said.text, files=said.files, event_id=event_name(activity))

    async def to_usher(self, context: TurnContext, person: Person, text: str, *, files: int = 0, event_id: str) -> None:
        """Words for the bot itself."""
        place = Place(NAME, context.activity.conversation.id)
        reply = TeamsReply(context, speaker(context, self.post, person, personal=True), personal=True)
        await self.hand_over(Message(event_id, person, text, place, self.now, files, str(context.activity.id or "")), reply)

    async def to_room(self, context: TurnContext, person: Person, room: Standing, text: str, *, files: int = 0, event_id: str) -> bool:
        """Words for the room: they go on the record, and the outbox carries them to the others. Whether that went well."""
        conversation, message = context.activity.conversation.id, str(context.activity.id or "")
        reply = TeamsReply(context, speaker(context, self.post, person, personal=True), personal=True)
        if room.closed:
            await reply.say(Card(f"{room.ref} is closed", (Text("What you wrote was not sent to anybody."),), notice="Not sent"))
            return False
        place = Place(RELAYED, conversation, PlaceKind.ROOM, incident=room.ref)
        await self.hand_over(Message(event_id, person, text, place, self.now, files, message), reply)
        if reply.said:
            return False
        await self.rooms.wrote(room, person, conversation, message)
        await context.send_activity(f"In the room of {room.ref}, and on the record.")
        return True

    async def press(self, context: TurnContext, person: Person, action: str, value: str) -> None:
        """A command is the press of a button."""
        reply = TeamsReply(
            context, speaker(context, self.post, person, personal=True), personal=True, asked=(action, value), dialogs=self.post.dialogs
        )
        await self.hand_over(Press(event_name(context.activity), person, action, value, self.place(context.activity), self.now), reply)

    async def hand_over(self, event: Event, reply: TeamsReply) -> None:
        """To the dispatcher, which never raises."""
        await self.dispatch.handle(event, reply)

    async def meeting(self, context: TurnContext) -> None:
        """The bot was installed for somebody, added to a team, or taken out."""
        activity: Activity = context.activity
        reference, person = await self.who(context)
        if activity.action in ("remove", "remove-upgrade"):
            await stored(lambda: self.post.references.gone(reference.account))
        elif personal(activity) and activity.type == "installationUpdate" and not reference.guest:
            place = self.place(activity)
            reply = TeamsReply(context, speaker(context, self.post, person, personal=True), personal=True)
            await self.hand_over(Opened(event_name(activity), person, place, self.now, first=True), reply)

    async def changed(self, context: TurnContext) -> None:
        """Somebody edited or deleted a message of theirs; where it was for a room, the record says so."""
        activity: Activity = context.activity
        _, person = await self.who(context)
        conversation, message = activity.conversation.id, str(activity.id or "")
        standing = await stored(lambda: self.rooms.about(conversation, message, person))
        if standing is None:
            return
        kind, text = ("deleted", "") if activity.type == "messageDelete" else ("edited", heard(activity).text)
        place = Place(RELAYED, conversation, PlaceKind.ROOM, incident=standing.ref)
        reply = TeamsReply(context, speaker(context, self.post, person, personal=True), personal=True)
        stamp = f"{event_name(activity)}:{kind}:{activity.timestamp or ''}"
        await self.hand_over(RoomChange(stamp, person, kind, place, self.now, text, message), reply)

    async def who(self, context: TurnContext) -> tuple[Reference, Person]:
        """Who sent this. What Teams' own member list says of them is asked once a day, for addresses change hands."""
        activity: Activity = context.activity
        sender = activity.from_property
        account = str(sender.aad_object_id or sender.id)
        met = Reference(
            account, user=str(sender.id), name=str(sender.name or ""), tenant=tenant(activity),
            service_url=str(activity.service_url or ""), bot=str(activity.recipient.id if activity.recipient else ""),
            conversation=activity.conversation.id if personal(activity) and activity.action not in ("remove", "remove-upgrade") else "",
        )  # fmt: skip
        known = await stored(lambda: self.post.references.at(account))
        if known is None or not known.mail or self._described_on.get(account) != self.now.date():
            met = await self._described(activity, met)
            self._described_on[account] = self.now.date()
        reference = await stored(lambda: self.post.references.met(met))
        return reference, self.post.references.person(reference)

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.post.book.now

    def place(self, activity: Activity) -> Place:
        """Where something happened."""
        kind = PlaceKind.PRIVATE if personal(activity) else PlaceKind.GROUP
        return Place(NAME, activity.conversation.id, kind)

    async def _described(self, activity: Activity, met: Reference) -> Reference:
        try:
            told = await self.post.wire.member(met.service_url, activity.conversation.id, met.user)
        except DeliveryError:
            return met  # asked again the next time; an answer is worth more than an address
        mail = str(told.get("email") or told.get("userPrincipalName") or "")
        guest = (
            str(told.get("userRole") or "").casefold() in ("guest", "anonymous") or "#ext#" in str(told.get("userPrincipalName")).casefold()
        )
        return Reference(
            met.account, met.user, str(told.get("name") or met.name), mail, guest, met.conversation, met.service_url, met.tenant, met.bot
        )

    async def _in_group(self, context: TurnContext, person: Person, said: Heard) -> None:
        activity: Activity = context.activity
        room = await stored(lambda: self.post.book.get(ROOM, activity.conversation.id))
        kind, ref = (PlaceKind.ROOM, str(room["ref"])) if room else (PlaceKind.GROUP, "")
        place = Place(NAME, activity.conversation.id, kind, str(activity.reply_to_id or ""), ref)
        reply = TeamsReply(context, speaker(context, self.post, person, personal=False), personal=False)
        await self.hand_over(Message(event_name(activity), person, said.text, place, self.now, said.files, str(activity.id or "")), reply)

    def _talking(self, room: Standing) -> bool:
        """Whether something was said in this room a moment ago, so that a person's next words may be meant for it."""
        return room.said_at is not None and (self.now - room.said_at).total_seconds() < TALKING

    async def _ask_where(self, context: TurnContext, person: Person, said: Heard, open_rooms: list[Standing]) -> None:
        """Words that may be for a room or for the bot: nothing is guessed, the person chooses."""
        name = event_name(context.activity)
        await stored(lambda: self.post.book.forget_before(HELD, self.now - HELD_FOR))
        await stored(lambda: self.post.book.put(HELD, name, {"text": said.text, "files": said.files, "person": person.id}))
        buttons = [Button(f"The room of {one.ref}", PLACE, f"{one.ref}|{name}") for one in open_rooms]
        buttons.append(Button("Usher: answer me", PLACE, f"|{name}"))
        words = (Text("Nothing has been sent to anybody yet."), Text(f"“{said.text[:300]}{'…' if len(said.text) > 300 else ''}”"))  # noqa: PLR2004
        reply = TeamsReply(context, speaker(context, self.post, person, personal=True), personal=True)
        await reply.say(Card("Who is this for?", words, tuple(buttons), notice="Who is this for?"))


def event_name(activity: Activity) -> str:
    """The event's id: the same for every repeat of the same activity."""
    return f"{NAME}:{activity.conversation.id}:{activity.id or activity.reply_to_id}"
