"""What Slack sends, taken in: each payload is acknowledged first, becomes an event, and goes to the dispatcher."""

from __future__ import annotations

import logging
import re
import uuid
from dataclasses import replace

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncAssistant

from bot.cards import Card, Text, Tone
from bot.channels.slack import arrivals
from bot.channels.slack.desk import Desk
from bot.channels.slack.home_reply import HomeReply
from bot.channels.slack.interactions import Interactions
from bot.channels.slack.limits import Json
from bot.channels.slack.reply import SilentReply
from bot.channels.slack.spot import Spot, Surface
from bot.channels.slack.staff import NAME
from bot.channels.slack.words import plain_words
from bot.channels.slack.workspaces import joined
from bot.dispatch import Outcome
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
GREETED_WITHIN = 10  # messages of a thread
UNKNOWN = Card("Please try again in a minute", (Text("Slack did not tell me who you are, so I could not answer."),), tone=Tone.INFO)

UNRECORDED = Card(
    "That is not on the record yet",
    (Text("Slack did not tell me who you are. Please write it once more in a minute."),),
    tone=Tone.REPORT,
    badge="Not saved",
)


class Listeners:
    """Messages, mentions, homes, rooms, and the app's own coming and going. Presses and forms are Interactions'."""

    def __init__(self, desk: Desk, interactions: Interactions) -> None:
        self._desk = desk
        self._interactions = interactions

    def attach(self, app: AsyncApp) -> None:
        """Register everything with Bolt."""
        assistant = AsyncAssistant()
        assistant.thread_started(self.assistant_opened)
        assistant.user_message(self.nothing)  # it is a message like any other, and has been kept at the door
        assistant.thread_context_changed(self.nothing)
        app.assistant(assistant)
        app.event("app_home_opened")(self.home)
        app.event(re.compile("message|file_shared|file_created|file_public|team_join"))(self.nothing)
        self._interactions.attach(app)

    async def take(self, body: Json, *, last: bool) -> Outcome:
        """Handle an event that was kept at the door. DeliveryError, and it is tried again, where Slack is needed and away."""
        work = {
            "message": self.message, "app_mention": self.mention, "member_joined_channel": self.joined, "member_left_channel": self.left,
            "app_uninstalled": self.removed, "tokens_revoked": self.revoked,
        }[str(body["event"]["type"])]  # fmt: skip
        return await work(body, last=last)

    async def message(self, body: Json, *, last: bool) -> Outcome:
        """A message in a direct conversation or in a room."""
        event, team = body["event"], self.team(body)
        incident = await self._desk.incident_at(team, str(event.get("channel", "")))
        if incident and event.get("subtype") in arrivals.ENDED:
            await self._desk.room_ended(team, str(event["channel"]))
            return Outcome.DONE
        if incident and (change := arrivals.change_in(event)):
            return await self._changed(team, event, incident, *change, last=last)
        if (incident and arrivals.on_the_room(event)) or ((incident or event.get("channel_type") == "im") and arrivals.by_a_person(event)):
            return await self._said(team, body, event, incident, last=last)
        return Outcome.DONE

    async def mention(self, body: Json, *, last: bool) -> Outcome:
        """A mention in a channel. In a room it is a message of the room like any other, and comes as one, too."""
        event, team = body["event"], self.team(body)
        if arrivals.by_a_person(event) and not await self._desk.incident_at(team, str(event["channel"])):
            return await self._said(team, body, event, "", last=last)
        return Outcome.DONE

    async def home(self, body: Json) -> None:
        """Somebody opened the bot's home."""
        event, team = body["event"], self.team(body)
        person = await self._known(team, str(event["user"])) if event.get("tab", "home") == "home" else None
        if person is not None:
            self._desk.homes.opened(team, str(event["user"]), person)
            name = arrivals.name(team, event["user"], "home", event.get("event_ts"))
            if not await self.draw_home(team, str(event["user"]), person, name):
                self._desk.homes.poke(team, str(event["user"]))

    async def draw_home(self, team: str, user: str, person: Person, event_id: str = "") -> bool:
        """Have a home drawn (again); whether Slack took it."""
        spot = Spot(team, user, Surface.VIEW)
        event = Opened(event_id or f"slack:home:{uuid.uuid4()}", person, spot.place, self._desk.clock.now())
        return await self._desk.dispatcher.handle(event, HomeReply(self._desk, spot)) is Outcome.DONE

    async def joined(self, body: Json, *, last: bool) -> Outcome:
        """Somebody came into a channel that the bot is in. Whom the bot itself brought in, it did so because of the record."""
        if body["event"].get("inviter") == me(body):
            return Outcome.DONE
        return await self._came_or_went(body, "joined", last=last)

    async def left(self, body: Json, *, last: bool) -> Outcome:
        """Somebody left it."""
        event = body["event"]
        if self._desk.channel.rooms.was_taken_out(str(event["channel"]), str(event["user"])):
            return Outcome.DONE
        return await self._came_or_went(body, "left", last=last)

    async def removed(self, body: Json, *, last: bool) -> Outcome:
        """The app was removed from the workspace."""
        del last
        log.warning("Usher was removed from a Slack workspace; alerts go other ways now")
        await self._desk.workspaces.forget(self.team(body))
        self._desk.staff.forget(self.team(body))
        return Outcome.DONE

    async def revoked(self, body: Json, *, last: bool) -> Outcome:
        """Tokens were revoked; only the bot's own matters."""
        return await self.removed(body, last=last) if (body["event"].get("tokens") or {}).get("bot") else Outcome.DONE

    async def nothing(self, ack: AsyncAck) -> None:
        """Taken, and nothing done: a file is never fetched, and a message tells of it."""
        await ack()

    async def assistant_opened(self, body: Json) -> None:
        """Somebody opened the assistant pane: say hello, and offer some questions; once in each thread, however often Slack tells it."""
        thread = body["event"]["assistant_thread"]
        team, channel, ts = self.team(body), str(thread["channel_id"]), str(thread["thread_ts"])
        name = arrivals.name(team, channel, ts, "greeting")
        if not self._desk.first_time(name):
            return
        prompts = [{"title": title, "message": message} for title, message in PROMPTS]
        calls = self._desk.calls.patiently
        try:
            if await self._is_greeted(team, channel, ts):
                return
            await calls(team, "assistant.threads.setSuggestedPrompts", prompts=prompts, channel_id=channel, thread_ts=ts)
            await calls(team, "chat.postMessage", channel=channel, thread_ts=ts, text=HELLO)
        except DeliveryError as error:
            log.info("The assistant pane could not be greeted: %s", type(error).__name__)
            self._desk.forget_meeting(name)

    async def _is_greeted(self, team: str, channel: str, thread: str) -> bool:
        """Whether an earlier process, or another one, has greeted this thread."""
        try:
            found = await self._desk.calls(team, "conversations.replies", channel=channel, ts=thread, limit=GREETED_WITHIN)
        except DeliveryError:
            return False
        return any(one.get("text") == HELLO for one in found.get("messages", ()))

    async def _said(self, team: str, body: Json, event: Json, incident: str, *, last: bool) -> Outcome:
        spot = arrivals.spot_of_message(team, event, incident)
        try:
            person = await self._desk.staff.person(team, spot.user)
        except DeliveryError:
            if incident and not last:
                raise
            await self._desk.reply(spot).say(UNRECORDED if incident else UNKNOWN)
            return Outcome.FAILED if incident else Outcome.DONE
        if person is None:
            return Outcome.DONE
        words = await plain_words(arrivals.written(event), lambda user: self._desk.staff.name(team, user), me(body))
        event_id = arrivals.name(team, spot.channel, spot.message)
        if not incident and words.casefold().strip(" .?") == LINK_WORD:
            if self._desk.first_time(event_id):
                await self._interactions.open_page(spot)
            return Outcome.DONE
        place = await self._desk.asked_at(spot) if spot.surface is Surface.GROUP else spot.place
        message = Message(
            event_id, person, words, place, arrivals.moment(event.get("ts")),
            files=len(event.get("files") or ()), message_id=spot.message,
        )  # fmt: skip
        return await self._desk.handle(message, self._desk.reply(spot), last=last)

    async def _changed(self, team: str, event: Json, incident: str, kind: str, message: Json, *, last: bool) -> Outcome:
        channel = str(event["channel"])
        person = await self._desk.staff.person(team, str(message["user"]))
        if person is None:
            return Outcome.DONE
        words = (
            await plain_words(str(message.get("text") or ""), lambda user: self._desk.staff.name(team, user)) if kind == "edited" else ""
        )
        change = RoomChange(
            arrivals.change_name(team, channel, kind, event, message), person, kind, self._room(team, channel, incident),
            arrivals.moment(event.get("ts")), words, str(message.get("ts") or event.get("deleted_ts") or ""),
        )  # fmt: skip
        return await self._desk.dispatcher.handle(change, SilentReply(), last=last)

    async def _came_or_went(self, body: Json, kind: str, *, last: bool) -> Outcome:
        event, team = body["event"], self.team(body)
        channel, user = str(event["channel"]), str(event["user"])
        incident = await self._desk.incident_at(team, channel) if user != me(body) else ""
        if not incident:
            return Outcome.DONE
        person = await self._desk.staff.anybody(team, user)
        event_id = arrivals.name(team, channel, user, kind, event.get("event_ts"))
        change = RoomChange(event_id, person, kind, self._room(team, channel, incident), arrivals.moment(event.get("event_ts")))
        outcome = await self._desk.dispatcher.handle(change, SilentReply(), last=last)
        late = self._desk.is_late(f"{team} {channel} {user}", str(event.get("event_ts") or ""), kind)
        if late and kind == "joined" and outcome is Outcome.DONE:
            # They have left since: that was told first. Without this the bot would bring them in again.
            gone = replace(change, kind="left", event_id=f"{event_id}:since")
            return await self._desk.dispatcher.handle(gone, SilentReply(), last=last)
        return outcome

    async def _known(self, team: str, user: str) -> Person | None:
        try:
            return await self._desk.staff.person(team, user)
        except DeliveryError as error:
            log.warning("Slack did not say who a user is: %s", type(error).__name__)
            return None

    @staticmethod
    def _room(team: str, channel: str, incident: str) -> Place:
        return Place(NAME, joined(team, channel), PlaceKind.ROOM, incident=incident)

    def team(self, body: Json) -> str:
        """The workspace that an event is about."""
        authorised = (body.get("authorizations") or [{}])[0]
        return self._desk.workspaces.key(str(authorised.get("team_id") or body.get("team_id") or ""))


def me(body: Json) -> str:
    """The bot's own account where an event comes from."""
    return str((body.get("authorizations") or [{}])[0].get("user_id") or "")
