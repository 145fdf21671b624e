"""What Slack sends, taken in: each payload is acknowledged first, becomes an event, and goes to the dispatcher."""

from __future__ import annotations

import logging
import re
import uuid

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncAssistant

from bot.cards import Card, Text, Tone
from bot.channels.slack import arrivals
from bot.channels.slack.desk import Desk
from bot.channels.slack.interactions import Interactions
from bot.channels.slack.limits import Json
from bot.channels.slack.reply import SilentReply
from bot.channels.slack.spot import Spot, Surface
from bot.channels.slack.staff import NAME
from bot.channels.slack.words import plain_words
from bot.channels.slack.workspaces import joined
from bot.errors import DeliveryError
from bot.events import Message, Opened, Place, PlaceKind, RoomChange
from bot.people import Person

log = logging.getLogger(__name__)
HELLO = "Hello. Ask me what the social media policy says, or tell me what has happened."
PROMPTS = (
    ("Contact with pupils", "Can I friend an ex-pupil?"),
    ("Pictures", "Can I post a photo of my class?"),
    ("Abuse from parents", "What do I do if a parent posts about me?"),
    ("Reporting", "How do I report something?"),
)
LINK_WORD = "link"
UNKNOWN = Card("Please try again in a minute", (Text("Slack did not tell me who you are, so I could not answer."),), tone=Tone.INFO)

UNRECORDED = Card(
    "That is not on the record yet",
    (Text("Slack did not tell me who you are. Please write it once more in a minute."),),
    tone=Tone.REPORT,
    badge="Not saved",
)


class Listeners:
    """Messages, mentions, homes, rooms, and the app's own coming and going. Presses and forms are Interactions'."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._interactions = Interactions(desk)

    def attach(self, app: AsyncApp) -> None:
        """Register everything with Bolt."""
        assistant = AsyncAssistant()
        assistant.thread_started(self.assistant_opened)
        assistant.user_message(self.message)
        assistant.thread_context_changed(self.nothing)
        app.assistant(assistant)
        app.event("message")(self.message)
        app.event("app_mention")(self.mention)
        app.event("app_home_opened")(self.home)
        app.event("member_joined_channel")(self.joined)
        app.event("member_left_channel")(self.left)
        app.event("app_uninstalled")(self.removed)
        app.event("tokens_revoked")(self.revoked)
        app.event(re.compile("file_shared|file_created|file_public|team_join"))(self.nothing)
        self._interactions.attach(app)

    async def message(self, body: Json) -> None:
        """A message in a direct conversation or in a room."""
        event, team = body["event"], self._team(body)
        incident = await self._desk.incident_at(team, str(event.get("channel", "")))
        if incident and (change := arrivals.change_in(event)):
            await self._changed(team, event, incident, *change)
        elif (incident or event.get("channel_type") == "im") and arrivals.by_a_person(event):
            await self._said(team, body, event, incident)

    async def mention(self, body: Json) -> None:
        """A mention in a channel. In a room it is a message of the room like any other, and comes as one, too."""
        event, team = body["event"], self._team(body)
        if arrivals.by_a_person(event) and not await self._desk.incident_at(team, str(event["channel"])):
            await self._said(team, body, event, "")

    async def home(self, body: Json) -> None:
        """Somebody opened the bot's home."""
        event, team = body["event"], self._team(body)
        person = await self._known(team, str(event["user"])) if event.get("tab", "home") == "home" else None
        if person is not None:
            self._desk.homes.opened(team, str(event["user"]), person)
            await self.draw_home(team, str(event["user"]), person, arrivals.name(team, event["user"], "home", event.get("event_ts")))

    async def draw_home(self, team: str, user: str, person: Person, event_id: str = "") -> None:
        """Have a home drawn (again)."""
        spot = Spot(team, user, Surface.VIEW)
        event = Opened(event_id or f"slack:home:{uuid.uuid4()}", person, spot.place, self._desk.clock.now())
        await self._desk.dispatcher.handle(event, _HomeReply(self._desk, spot))

    async def joined(self, body: Json) -> None:
        """Somebody came into a channel that the bot is in. Whom the bot itself brought in, it did so because of the record."""
        if body["event"].get("inviter") != self._me(body):
            await self._came_or_went(body, "joined")

    async def left(self, body: Json) -> None:
        """Somebody left it."""
        event = body["event"]
        if not self._desk.channel.rooms.was_taken_out(str(event["channel"]), str(event["user"])):
            await self._came_or_went(body, "left")

    async def removed(self, body: Json) -> None:
        """The app was removed from the workspace."""
        log.warning("Usher was removed from a Slack workspace; alerts go other ways now")
        await self._desk.workspaces.forget(self._team(body))

    async def revoked(self, body: Json) -> None:
        """Tokens were revoked; only the bot's own matters."""
        if (body["event"].get("tokens") or {}).get("bot"):
            await self.removed(body)

    async def nothing(self, ack: AsyncAck) -> None:
        """Taken, and nothing done: a file is never fetched, and a message tells of it."""
        await ack()

    async def assistant_opened(self, body: Json) -> None:
        """Somebody opened the assistant pane: say hello, and offer some questions."""
        thread = body["event"]["assistant_thread"]
        team, where = self._team(body), {"channel_id": thread["channel_id"], "thread_ts": thread["thread_ts"]}
        prompts = [{"title": title, "message": message} for title, message in PROMPTS]
        try:
            await self._desk.calls.patiently(team, "assistant.threads.setSuggestedPrompts", prompts=prompts, **where)
            await self._desk.calls.patiently(
                team, "chat.postMessage", channel=where["channel_id"], thread_ts=where["thread_ts"], text=HELLO
            )
        except DeliveryError as error:
            log.info("The assistant pane could not be greeted: %s", type(error).__name__)

    async def _said(self, team: str, body: Json, event: Json, incident: str) -> None:
        spot = arrivals.spot_of_message(team, event, incident)
        try:
            person = await self._desk.staff.person(team, spot.user)
        except DeliveryError:
            await self._desk.reply(spot).say(UNRECORDED if incident else UNKNOWN)
            return
        if person is None:
            return
        words = await plain_words(str(event.get("text") or ""), lambda user: self._desk.staff.name(team, user), self._me(body))
        event_id = arrivals.name(team, spot.channel, spot.message)
        if not incident and words.casefold().strip(" .?") == LINK_WORD:
            if self._desk.first_time(event_id):
                await self._interactions.open_page(spot)
            return
        message = Message(
            event_id, person, words, spot.place, arrivals.moment(event.get("ts")),
            files=len(event.get("files") or ()), message_id=spot.message,
        )  # fmt: skip
        await self._desk.handle(message, self._desk.reply(spot))

    async def _changed(self, team: str, event: Json, incident: str, kind: str, message: Json) -> None:
        channel = str(event["channel"])
        person = await self._known(team, str(message["user"]))
        if person is None:
            return
        words = (
            await plain_words(str(message.get("text") or ""), lambda user: self._desk.staff.name(team, user)) if kind == "edited" else ""
        )
        change = RoomChange(
            arrivals.change_name(team, channel, kind, event, message), person, kind, self._room(team, channel, incident),
            arrivals.moment(event.get("ts")), words, str(message.get("ts") or event.get("deleted_ts") or ""),
        )  # fmt: skip
        await self._desk.dispatcher.handle(change, SilentReply())

    async def _came_or_went(self, body: Json, kind: str) -> None:
        event, team = body["event"], self._team(body)
        channel, user = str(event["channel"]), str(event["user"])
        incident = await self._desk.incident_at(team, channel) if user != self._me(body) else ""
        if not incident:
            return
        person = await self._desk.staff.anybody(team, user)
        event_id = arrivals.name(team, channel, user, kind, event.get("event_ts"))
        change = RoomChange(event_id, person, kind, self._room(team, channel, incident), arrivals.moment(event.get("event_ts")))
        await self._desk.dispatcher.handle(change, SilentReply())

    async def _known(self, team: str, user: str) -> Person | None:
        try:
            return await self._desk.staff.person(team, user)
        except DeliveryError as error:
            log.warning("Slack did not say who a user is: %s", type(error).__name__)
            return None

    @staticmethod
    def _room(team: str, channel: str, incident: str) -> Place:
        return Place(NAME, joined(team, channel), PlaceKind.ROOM, incident=incident)

    def _team(self, body: Json) -> str:
        authorised = (body.get("authorizations") or [{}])[0]
        return self._desk.workspaces.key(str(authorised.get("team_id") or body.get("team_id") or ""))

    @staticmethod
    def _me(body: Json) -> str:
        return str((body.get("authorizations") or [{}])[0].get("user_id") or "")


class _HomeReply(SilentReply):
    """Publishes the home, and says nothing else: nobody has asked anything."""

    def __init__(self, desk: Desk, spot: Spot) -> None:
        self._reply = desk.reply(spot)

    async def show_home(self, cards: tuple[Card, ...]) -> None:
        """Publish it."""
        await self._reply.show_home(cards)
