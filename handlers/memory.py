"""What was asked a moment ago, so that "what about LinkedIn?" is understood, and whom it was about, so that "who else could I tell?" is.

Kept in memory alone, and for some minutes only; of what was disclosed only the roles of those whom it was about.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.events import Message, Press
from handlers.whom_it_is_about import NOBODY, Whom

LASTS = timedelta(minutes=10)
QUESTIONS = 3
CONVERSATIONS = 5000


@dataclass(frozen=True)
class Asked:
    """A question, and where it stood: `message` is its own id, `thread` that of the message under which it was written."""

    at: datetime
    text: str
    message: str
    thread: str


class Memory:
    """The last few questions of each person in each conversation, whatever thread they are written in."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked: OrderedDict[tuple[str, str, str], list[Asked]] = OrderedDict()
        self._about: OrderedDict[tuple[str, str, str], list[tuple[datetime, Whom]]] = OrderedDict()

    def before(self, message: Message) -> tuple[str, ...]:
        """What this person asked here in the last minutes, newest last; what stands in the same thread counts as newer than the rest."""
        now, thread = self._clock.now(), message.place.thread
        found = dict.fromkeys(one for key in self._keys(message) for one in self._asked.get(key, ()))
        lasting = sorted((one for one in found if now - one.at <= LASTS), key=lambda one: one.at)[-QUESTIONS:]
        if thread:
            lasting.sort(key=lambda one: thread in (one.thread, one.message))
        return tuple(one.text for one in lasting)

    def add(self, message: Message) -> None:
        """Remember a question; old ones and the longest silent conversations are forgotten."""
        asked = Asked(self._clock.now(), message.text, message.message_id, message.place.thread)
        for key in self._keys(message):
            self._asked[key] = [*self._asked.pop(key, []), asked][-QUESTIONS:]
        while len(self._asked) > CONVERSATIONS:
            self._asked.popitem(last=False)

    def forget(self, message: Message) -> None:
        """Forget a conversation: what was disclosed is no context for the next question."""
        for key in self._keys(message):
            self._asked.pop(key, None)

    def whom(self, said: Message | Press) -> Whom:
        """Whom this person's conversation here was about in the last minutes."""
        now, found = self._clock.now(), NOBODY
        for at, whom in (one for key in self._keys(said) for one in self._about.get(key, ())):
            found = found.after(whom) if now - at <= LASTS else found
        return found

    def keep(self, said: Message | Press, whom: Whom) -> None:
        """Remember whom a message was about, and what its writer said that they are; what an account is need not be remembered."""
        if not whom.barred and (said.sender.roles or not (whom.own or whom.leads)):
            return
        for key in self._keys(said):
            self._about[key] = [*self._about.pop(key, []), (self._clock.now(), whom)][-QUESTIONS:]
        while len(self._about) > CONVERSATIONS:
            self._about.popitem(last=False)

    @staticmethod
    def _keys(message: Message | Press) -> list[tuple[str, str, str]]:
        # The next question may be asked where the answer is read, which need not be where the first one was.
        # The thread is no part of it: "what about LinkedIn?" is often written under the answer to a question that stands outside.
        places = dict.fromkeys(one for one in (message.place.conversation, message.place.answered_in) if one)
        return [(message.place.channel, one, message.sender.id) for one in places]
