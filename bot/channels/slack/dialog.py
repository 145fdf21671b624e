"""A modal for one event. Slack allows three seconds from the press, whatever this machine is doing, so a slow one is held open first."""

from __future__ import annotations

import asyncio
import logging

from bot.cards import Card, Text
from bot.channels.slack.calls import Calls
from bot.channels.slack.faults import SlackRefused
from bot.channels.slack.forms import card_modal
from bot.channels.slack.limits import Json
from bot.channels.slack.spot import Spot
from bot.errors import DeliveryError

log = logging.getLogger(__name__)
HOLD_AFTER = 0.4  # seconds; what is ready sooner needs no "one moment"
LATE = frozenset({"expired_trigger_id", "invalid_trigger_id", "trigger_exchanged", "trigger_expired", "exchanged_trigger_id"})
WAIT = Card("One moment", (Text("This will be ready in a few seconds."),))


class TooLate(DeliveryError):
    """The three seconds were over before the modal could be opened."""


class Dialog:
    """Opens one modal, or turns the one that is open into another."""

    def __init__(self, calls: Calls, spot: Spot, view_id: str = "") -> None:
        """`view_id`: a modal that is already open for this event."""
        self._calls = calls
        self._spot = spot
        self._view_id = view_id
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[None] | None = None
        self.held = bool(view_id)
        self.shown = False

    def hold_soon(self) -> None:
        """Open a modal that asks for a moment, unless the real one is there first. Again: nothing more."""
        if self._spot.trigger and self._holder is None:
            self._holder = asyncio.create_task(self._hold())

    async def show(self, view: Json, *, instead: bool = False) -> None:
        """Show this view. `instead`: in the modal in which something was pressed, and not on top of it.

        Raises:
            TooLate: it could not be opened in time.
            DeliveryError: Slack did not take it.
        """
        async with self._lock:
            self.shown = True
            if self._view_id:
                await self._calls.patiently(self._spot.team, "views.update", view_id=self._view_id, view=view)
            else:
                await self._open(view, instead=instead)

    async def end(self) -> None:
        """The event has been handled: nothing is held open any more."""
        if self._holder is not None:
            if not self._lock.locked():
                self._holder.cancel()  # still waiting; one that is being opened is let finish
            await asyncio.gather(self._holder, return_exceptions=True)

    async def _hold(self) -> None:
        await asyncio.sleep(HOLD_AFTER)
        async with self._lock:
            if not self.shown and not self._view_id:
                try:
                    await self._open(card_modal((WAIT,), self._spot.origin), instead=False)
                    self.held = True
                except DeliveryError as error:
                    log.warning("A modal could not be held open: %s", type(error).__name__)

    async def _open(self, view: Json, *, instead: bool) -> None:
        team, trigger, below = self._spot.team, self._spot.trigger, self._spot.view or {}
        in_modal = below.get("type") == "modal"
        try:
            if in_modal and instead:
                opened = await self._calls(team, "views.update", view_id=below["id"], view=view)
            elif in_modal:
                opened = await self._push(view, str(below["id"]))
            else:
                opened = await self._calls(team, "views.open", trigger_id=trigger, view=view)
        except SlackRefused as error:
            raise TooLate("The modal could not be opened in time.") if error.code in LATE else error from None
        self._view_id = str(opened["view"]["id"])

    async def _push(self, view: Json, below: str) -> Json:
        try:
            return await self._calls(self._spot.team, "views.push", trigger_id=self._spot.trigger, view=view)
        except SlackRefused as error:
            if error.code != "push_limit_reached":
                raise
            return await self._calls(self._spot.team, "views.update", view_id=below, view=view)
