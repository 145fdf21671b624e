"""Answers one event in Slack, privately, in the way that is native to where it came from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.cards import Button, Card, Form, Text
from bot.channels.slack.blocks import card_blocks, messages, notification, one_message
from bot.channels.slack.buttons import plain
from bot.channels.slack.calls import Calls
from bot.channels.slack.dialog import Dialog, TooLate
from bot.channels.slack.discretion import Discretion
from bot.channels.slack.forms import card_modal, modal
from bot.channels.slack.home import home_view
from bot.channels.slack.limits import BUTTON_LABEL, Json
from bot.channels.slack.rooms import QUIET
from bot.channels.slack.spot import Spot, Surface
from bot.channels.slack.staff import Staff
from bot.errors import DeliveryError, RecipientGone, RetryLater

log = logging.getLogger(__name__)
STATUS = "is looking in the policy…"
STATUS_PATIENCE = 0.4
PRESS_AGAIN = Card("That took too long", (Text("Slack waits three seconds for a form, and this took longer. Please press once more."),))


class SlackReply:
    """Fulfils bot.ports.Reply for one event. `ref`: the incident that the event is about, if any."""

    def __init__(
        self, calls: Calls, staff: Staff, discretion: Discretion, spot: Spot, *, ref: str = "", again: Button | None = None,
        dialog: Dialog | None = None,
    ) -> None:  # fmt: skip
        """`again`: the button that was pressed, for when the form comes too late. `dialog`: a modal that is already open."""
        self._calls = calls
        self._staff = staff
        self._discretion = discretion
        self._ref = ref
        self._again = again
        self._status: asyncio.Task[object] | None = None
        self._pointed: list[Card] = []
        self.spot = spot
        self.dialog = dialog or Dialog(calls, spot)
        self.meant: list[Card] = []  # all that was to be said, for a modal to show
        self.said: list[Card] = []  # what Slack has taken
        self.put_off: RetryLater | None = None  # why something could not be said just now
        self.errors: dict[str, str] = {}
        self.refused = asyncio.Event()

    async def say(self, card: Card) -> None:
        """Say it to the person: in the thread, to them alone, or in a modal, as the place asks."""
        if card in self._pointed:
            return  # everybody in the room, the person among them, has it
        shown = await self._discretion.shown(card, self._ref)
        self.meant.append(shown)
        await self._status_shown()
        if self.spot.surface is Surface.VIEW and await self._in_modal(tuple(self.meant)):
            self.said.append(shown)
            return
        lasting = await self._discretion.lasting(shown)  # a modal is kept nowhere, so there it may say all of it
        for part in messages(lasting):
            await self._send(part, notification(lasting))
            self.said += [] if shown in self.said else [shown]  # not sooner: what Slack did not take is said again

    async def point(self, card: Card) -> None:
        """In a channel, a pointer in the thread of the question; in a room, the card for everybody there."""
        if self.spot.surface not in (Surface.GROUP, Surface.ROOM):
            return
        self._pointed += [card] if self.spot.surface is Surface.ROOM else []
        thread = {"thread_ts": self.spot.thread or self.spot.message} if self.spot.surface is Surface.GROUP else {}
        try:
            for blocks in messages(card):
                await self._post(self.spot.channel, blocks, notification(card), thread)
        except DeliveryError as error:
            if self.spot.surface is Surface.ROOM:
                raise
            log.info("A pointer could not be left in a channel: %s", type(error).__name__)  # the answer itself has arrived

    async def replace(self, card: Card) -> None:
        """Put it in the place of the card that was pressed; never over what others read or what the outbox keeps up to date."""
        shown = await self._discretion.shown(card, self._ref)
        spot, blocks, text = self.spot, one_message(shown), notification(shown)
        if spot.alone and spot.response_url:
            if await self._respond(blocks, text, replace=True):
                self._has_said(shown)
            else:  # the address was used five times, its half hour is over, or Slack is away
                await self.say(card)
        elif spot.surface is Surface.DIRECT and spot.message and not spot.delivered:
            try:
                await self._calls.patiently(spot.team, "chat.update", channel=spot.channel, ts=spot.message, text=text, blocks=blocks)
            except RecipientGone:  # the message was deleted meanwhile
                await self.say(card)
            else:
                self._has_said(shown)
        elif spot.surface is Surface.VIEW and await self._in_modal((shown,)):
            self._has_said(shown)
        else:
            await self.say(card)

    async def open_form(self, form: Form) -> None:
        """Open the form as a modal. Where Slack's three seconds are over, offer the button once more."""
        try:
            await self.dialog.show(modal(form, self.spot.origin))
        except TooLate:
            buttons = (self._again,) if self._again else ()
            late = Card(PRESS_AGAIN.title, PRESS_AGAIN.blocks, buttons)
            for blocks in messages(late):
                await self._send(blocks, notification(late))

    async def field_errors(self, errors: Mapping[str, str]) -> None:
        """Keep them for the answer to the submission."""
        self.errors = dict(errors)
        self.refused.set()

    async def show_home(self, cards: tuple[Card, ...]) -> None:
        """Publish the person's App Home."""
        shown = tuple(self._discretion.on_home(card) for card in cards)
        await self._calls.patiently(self.spot.team, "views.publish", user_id=self.spot.user, view=home_view(shown))

    async def working(self) -> None:
        """Show the "thinking" line, where the conversation is one with the assistant."""
        if self.spot.surface is Surface.DIRECT and self.spot.thread:
            status = {"channel_id": self.spot.channel, "thread_ts": self.spot.thread, "status": STATUS}
            self._status = asyncio.create_task(self._quietly("assistant.threads.setStatus", **status))

    async def link(self, card: Card, label: str, url: str) -> None:
        """Say a card to the person alone, with a button that leads to an address."""
        button = {"type": "button", "text": plain(label, BUTTON_LABEL), "url": url, "action_id": "slack.link#0", "style": "primary"}
        await self._send([*card_blocks(card), {"type": "actions", "elements": [button]}], notification(card))

    def _has_said(self, shown: Card) -> None:
        self.meant.append(shown)
        self.said.append(shown)

    async def _status_shown(self) -> None:
        """Let the status arrive before the answer that ends it; it is not worth waiting long for."""
        if self._status is not None:
            await asyncio.wait({self._status}, timeout=STATUS_PATIENCE)
            self._status = None

    async def _quietly(self, method: str, **arguments: str) -> None:
        try:
            await self._calls(self.spot.team, method, **arguments)
        except DeliveryError as error:
            log.debug("%s was not taken: %s", method, type(error).__name__)

    async def _in_modal(self, cards: tuple[Card, ...]) -> bool:
        """Show cards in a modal; whether that worked."""
        try:
            await self.dialog.show(card_modal(cards, self.spot.origin), instead=True)
        except DeliveryError:
            return False
        return True

    async def _send(self, blocks: list[Json], text: str) -> None:
        spot = self.spot
        if spot.response_url and spot.surface in (Surface.ALONE, Surface.ROOM) and await self._respond(blocks, text):
            return
        if spot.surface is Surface.ROOM:
            thread = {"thread_ts": spot.thread} if spot.thread else {}
            try:
                await self._calls.patiently(
                    spot.team, "chat.postEphemeral", channel=spot.channel, user=spot.user, text=text, blocks=blocks, **thread
                )
            except DeliveryError:
                log.info("A reply could not be shown in a room; it goes to the direct conversation")
            else:
                return
        if spot.surface is Surface.DIRECT and spot.channel:
            under = spot.thread or (spot.message if spot.delivered else "")
            await self._post(spot.channel, blocks, text, {"thread_ts": under} if under else {})
        else:
            await self._post(await self._staff.direct(spot.team, spot.user, patient=True), blocks, text, {})

    async def _post(self, channel: str, blocks: list[Json], text: str, thread: Mapping[str, str]) -> None:
        try:
            await self._calls.patiently(self.spot.team, "chat.postMessage", channel=channel, text=text, blocks=blocks, **thread, **QUIET)
        except RetryLater as error:
            self.put_off = error
            raise

    async def _respond(self, blocks: list[Json], text: str, *, replace: bool = False) -> bool:
        """Answer by the response address (five times in half an hour); whether Slack took it."""
        try:
            answer = await AsyncWebhookClient(self.spot.response_url, timeout=10, retry_handlers=[]).send(
                text=text, blocks=blocks, response_type="ephemeral", replace_original=replace, delete_original=False
            )
        except Exception as error:
            log.info("A response address could not be reached: %s", type(error).__name__)
            return False
        return bool(answer.status_code == 200)  # noqa: PLR2004 HTTP's own number


class SilentReply:
    """For what is only recorded: nobody is answered, whatever happens."""

    async def say(self, card: Card) -> None:
        """Say nothing."""

    async def point(self, card: Card) -> None:
        """Point at nothing."""

    async def replace(self, card: Card) -> None:
        """Replace nothing."""

    async def open_form(self, form: Form) -> None:
        """Open nothing."""

    async def field_errors(self, errors: Mapping[str, str]) -> None:
        """Show nothing."""

    async def show_home(self, cards: tuple[Card, ...]) -> None:
        """Show nothing."""

    async def working(self) -> None:
        """Show nothing."""
