"""Slack's door. What must not get lost is kept before Slack hears that it has arrived; without that it hears nothing, and sends again."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from slack_bolt import BoltResponse

from bot.channels.slack import arrivals
from bot.channels.slack.desk import Desk
from bot.channels.slack.interactions import Interactions
from bot.channels.slack.limits import Json
from bot.channels.slack.listeners import Listeners
from bot.channels.slack.spot import Spot, Surface
from bot.channels.slack.staff import NAME
from bot.channels.slack.workspaces import ORG_WIDE
from bot.dispatch import Outcome
from bot.errors import DeliveryError, NotSaved

log = logging.getLogger(__name__)
ALWAYS = frozenset({"app_mention", "app_uninstalled", "tokens_revoked"})
IN_ROOMS = frozenset({"message", "member_joined_channel", "member_left_channel"})
TOLD = 500


class Intake:
    """Bolt's own middleware for events, and the inbox's way to the listeners."""

    def __init__(self, desk: Desk, listeners: Listeners, interactions: Interactions) -> None:
        self._desk = desk
        self._listeners = listeners
        self._interactions = interactions
        self._told: OrderedDict[str, None] = OrderedDict()
        desk.inbox.attend(NAME, self)

    async def keep(self, body: Json, next_: Callable[[], Awaitable[None]]) -> BoltResponse | None:
        """Keep an event that would be missed, and say that it has arrived. Anything else goes on to its listener."""
        event = body.get("event") or {}
        if is_org_wide(body):
            return await self._refuse(body, event)
        if body.get("type") != "event_callback" or event.get("type") not in ALWAYS | IN_ROOMS:
            await next_()
            return None
        try:
            if await self._concerns_us(body, event):
                kept = {"kind": "event", "body": arrivals.lean(body)}
                await self._desk.inbox.take(NAME, arrivals.event_key(self._listeners.team(body), event), kept)
        except NotSaved:
            log.warning("An event of Slack could not be kept; Slack is asked to send it again")
            return BoltResponse(status=503)
        return BoltResponse(status=200)

    async def _refuse(self, body: Json, event: Json) -> BoltResponse:
        """The bot was installed for a whole organisation: whoever uses it is told so in a sentence, once."""
        if body.get("command"):
            return BoltResponse(status=200, body=ORG_WIDE)
        user = str(event.get("user") or "")
        if event.get("channel_type") == "im" and arrivals.by_a_person(event) and user not in self._told:
            self._told[user] = None
            log.error("Slack: %s", ORG_WIDE)
            try:
                await self._desk.calls(self._listeners.team(body), "chat.postMessage", channel=event["channel"], text=ORG_WIDE)
            except DeliveryError as error:
                log.warning("Nobody could be told that: %s", type(error).__name__)
        return BoltResponse(status=200)

    async def handle(self, payload: Json, *, last: bool) -> Outcome:
        """Work on what was kept."""
        kind, body = payload["kind"], payload["body"]
        if kind == "event":
            return await self._listeners.take(body, last=last)
        if kind == "press":
            return await self._interactions.pressed_again(body, last=last)
        return await self._interactions.sent_again(body, payload["id"], last=last)

    async def sorry(self, payload: Json, error: Exception) -> None:
        """Tell whoever wrote it, once, however often Slack sends it; nobody where Slack itself is the sender."""
        spot = self._sender(payload)
        key = f"{spot.user} {spot.channel} {spot.message}" if spot else ""
        if spot is None or (spot.message and key in self._told):
            return
        self._told[key] = None
        if len(self._told) > TOLD:
            self._told.popitem(last=False)
        await self._desk.reply(spot).say(self._desk.dispatcher.apology(error))

    def _sender(self, payload: Json) -> Spot | None:
        body = payload["body"]
        if payload["kind"] == "press":
            return arrivals.spot_of_press(self._interactions.team(body), body)
        if payload["kind"] == "sent":
            return Spot(self._interactions.team(body), str(body["user"]["id"]))
        event, team = body["event"], self._listeners.team(body)
        if event["type"] in ("message", "app_mention") and (arrivals.by_a_person(event) or arrivals.on_the_room(event)):
            spot = arrivals.spot_of_message(team, event)
            in_room = event["type"] == "message" and not spot.channel.startswith("D")
            return Spot(team, spot.user, Surface.ROOM, spot.channel, spot.thread, spot.message) if in_room else spot
        change = arrivals.change_in(event)
        return Spot(team, str(change[1]["user"]), Surface.ROOM, str(event["channel"]), message=str(event.get("ts"))) if change else None

    async def _concerns_us(self, body: Json, event: Json) -> bool:
        """Whether this is for the bot. What is said in a channel that is no room is not kept, not even for a moment."""
        if event["type"] in ALWAYS:
            return event["type"] != "app_mention" or arrivals.by_a_person(event)
        if event["type"] == "message":
            change = arrivals.change_in(event)
            if event.get("channel_type") == "im":
                return arrivals.by_a_person(event)
            by_somebody = change or arrivals.by_a_person(event) or arrivals.on_the_room(event)
            if not by_somebody and event.get("subtype") not in arrivals.ENDED:
                return False
        return await self._desk.may_be_room(self._listeners.team(body), str(event.get("channel") or ""))


def is_org_wide(body: Json) -> bool:
    """Whether this comes by an installation for a whole Enterprise Grid organisation."""
    authorised = (body.get("authorizations") or [{}])[0]
    return str(authorised.get("is_enterprise_install") or body.get("is_enterprise_install") or "").casefold() == "true"
