"""The answer to the opening of a home: the home, and not a word besides."""

from __future__ import annotations

import logging

from bot.cards import Card
from bot.channels.slack.desk import Desk
from bot.channels.slack.reply import SilentReply
from bot.channels.slack.spot import Spot
from bot.errors import DeliveryError, RetryLater

log = logging.getLogger(__name__)


class HomeReply(SilentReply):
    """Publishes the home, and says nothing else: nobody has asked anything."""

    def __init__(self, desk: Desk, spot: Spot) -> None:
        self._desk = desk
        self._reply = desk.reply(spot)

    async def show_home(self, cards: tuple[Card, ...]) -> None:
        """Publish it. Where Slack will never take it, it is looked after no more until it is opened again."""
        try:
            await self._reply.show_home(cards)
        except RetryLater:
            raise
        except DeliveryError as error:
            log.warning("A home cannot be drawn: %s", type(error).__name__)
            self._desk.homes.closed(self._reply.spot.team, self._reply.spot.user)
