"""What was asked a moment ago, so that "what about LinkedIn?" is understood. Kept in memory alone, and for some minutes only."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.events import Message

LASTS = timedelta(minutes=10)
QUESTIONS = 3
CONVERSATIONS = 5000


class Memory:
    """The last few questions of each person in each conversation and thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: OrderedDict[tuple[str, str, str, str], list[tuple[datetime, str]]] = OrderedDict()

    def before(self, message: Message) -> tuple[str, ...]:
        """What this person asked here in the last minutes, newest last."""
        now = self._clock.now()
        return tuple(text for at, text in self._asked.get(self._key(message), []) if now - at <= LASTS)

    def add(self, message: Message) -> None:
        """Remember a question; old ones and the longest silent conversations are forgotten."""
        key = self._key(message)
        self._asked[key] = [*self._asked.pop(key, []), (self._clock.now(), message.text)][-QUESTIONS:]
        if len(self._asked) > CONVERSATIONS:
            self._asked.popitem(last=False)

    def forget(self, message: Message) -> None:
        """Forget a conversation: what was disclosed is no context for the next question."""
        self._asked.pop(self._key(message), None)

    @staticmethod
    def _key(message: Message) -> tuple[str, str, str, str]:
        place = message.place
        return place.channel, place.conversation, place.thread, message.sender.id
