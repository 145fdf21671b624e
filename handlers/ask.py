"""Somebody asks, or says what has happened."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards import Card, Quote
from bot.dispatch import Dispatcher
from bot.errors import NotSaved
from bot.events import Message, PlaceKind, Press
from bot.incidents.bounded import in_time
from bot.logs import trail
from bot.ports import Reply
from handlers import wording
from handlers.answers import answer_card, not_covered_card, quote
from handlers.facts import fact_card
from handlers.said import cards_for
from handlers.services import Services
from handlers.whom_it_is_about import goes_to, in_all_their_roles
from knowledge.answer import Answer

if TYPE_CHECKING:
    pass

log = logging.getLogger(__name__)
LONGEST = 40_000
NO_QUESTION = frozenset({"fact", "clause", "section"})  # "thanks", "clause 28": what is asked next leans on the question before


class Ask:
    """Answers questions; puts help first where something is disclosed."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def attach(self, dispatch: Dispatcher) -> None:
        """Take messages, and the choices of a clarification."""
        dispatch.on_message(self.message)
        dispatch.on_press("ask.choose", self.choose)
        dispatch.on_press("ask.none", self.none_of_these)

    async def message(self, message: Message, reply: Reply) -> None:
        """Answer what somebody said. In a group the answer goes to the person alone; a disclosure leaves no trace there."""
        await reply.working()
        if not message.text.strip():
            await reply.say(fact_card(self._services.knowledge, "files" if message.files else "help"))
            return
        if self._services.links.wanted(message):
            await reply.say(await in_time(self._services.links.card, message.sender))
            return
        answer = await self._answer(message)
        steps = goes_to(self._services.people, answer.disclosure, message.sender) if answer.disclosure else None
        for card in cards_for(self._services.knowledge, answer, files=message.files, goes_to=steps):
            await reply.say(card)
        if answer.disclosure is None and message.place.kind is PlaceKind.GROUP:
            await reply.point(Card(wording.POINTER, notice=wording.POINTER))

    async def choose(self, press: Press, reply: Reply) -> None:
        """Answer the heading that was chosen."""
        answer = await asyncio.to_thread(self._services.knowledge.adviser.ask, press.value)
        await self._record(answer, press.place.channel)
        await reply.replace(answer_card(self._services.knowledge, answer))

    async def none_of_these(self, press: Press, reply: Reply) -> None:
        """None of the headings was meant: offer a person."""
        answer = await asyncio.to_thread(self._services.knowledge.adviser.nothing, press.value)
        await self._record(answer, press.place.channel)
        await reply.replace(not_covered_card(answer))

    async def _answer(self, message: Message) -> Answer:
        services = self._services
        before = services.memory.before(message)
        answer = await asyncio.to_thread(services.knowledge.adviser.ask, message.text[:LONGEST], before=before)
        if answer.disclosure:
            services.memory.forget(message)
            answer = replace(answer, disclosure=in_all_their_roles(services.people, answer.disclosure, message.sender))
        elif answer.kind not in NO_QUESTION:
            services.memory.add(message)
        await self._record(answer, message.place.channel)
        return answer

    async def _record(self, answer: Answer, channel: str) -> None:
        with suppress(NotSaved):  # the store has not answered in time
            await in_time(record, self._services, answer, channel)


def record(services: Services, answer: Answer, channel: str) -> None:
    """Keep which version was quoted. An answer is worth more than its record: where the store is ill, the answer still goes out."""
    try:
        services.feedback.answered(
            policy=answer.policy.name,
            version=answer.policy.version,
            verdict=answer.verdict,
            clauses=[one.number for one in answer.clauses],
            confidence=answer.confidence,
            channel=channel,
        )
    except NotSaved as error:
        log.warning("An answer was not recorded: %s", trail(error))


def quotes_for(services: Services, words: str, channel: str) -> tuple[Quote, ...]:
    """The clauses that answer some words, best first, for somebody who wants to quote one; none where something is disclosed."""
    answer = services.knowledge.adviser.ask(words)
    if answer.disclosure:
        return ()
    record(services, answer, channel)
    return tuple(quote(one, answer) for one in answer.clauses)
