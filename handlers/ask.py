"""Somebody asks, or says what has happened."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace

from bot.cards import Card, Quote
from bot.dispatch import Dispatcher
from bot.errors import NotSaved
from bot.events import Message, PlaceKind, Press
from bot.incidents.bounded import in_time
from bot.logs import trail
from bot.people import Role
from bot.ports import Reply
from handlers import wording
from handlers.answers import answer_card, not_covered_card, quote
from handlers.carried import brought
from handlers.facts import fact_card
from handlers.said import cards_for
from handlers.services import Services
from handlers.whom_it_is_about import NOBODY, Whom, goes_to, in_all_their_roles, whom_of
from knowledge.answer import Answer
from knowledge.subject_context import asks_whom_to_tell, leans_back

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
        answer, whom = await self._answer(message)
        steps = goes_to(self._services.people, answer.disclosure, message.sender) if answer.disclosure else None
        for card in cards_for(self._services.knowledge, answer, files=message.files, goes_to=steps, whom=whom):
            await reply.say(card)
        if answer.disclosure is None and message.place.kind is PlaceKind.GROUP:
            await reply.point(Card(wording.POINTER, notice=wording.POINTER))

    async def choose(self, press: Press, reply: Reply) -> None:
        """Answer the heading that was chosen."""
        question, whom = self._brought(press)
        answer = await asyncio.to_thread(self._services.knowledge.adviser.ask, question)
        await self._record(answer, press.place.channel)
        await reply.replace(answer_card(self._services.knowledge, answer, whom))

    async def none_of_these(self, press: Press, reply: Reply) -> None:
        """None of the headings was meant: offer a person."""
        question, whom = self._brought(press)
        answer = await asyncio.to_thread(self._services.knowledge.adviser.nothing, question)
        await self._record(answer, press.place.channel)
        await reply.replace(not_covered_card(answer, whom))

    def _brought(self, press: Press) -> tuple[str, Whom]:
        """The question of a button, and who stands around it: what it brings, what its words tell, what was said a moment ago."""
        question, whom = brought(press.value)
        now = whom_of(self._services.knowledge.adviser, question, self._services.people, press.sender)
        return question, now.after(whom).after(self._services.memory.whom(press))

    async def _answer(self, message: Message) -> tuple[Answer, Whom]:
        services, text = self._services, message.text[:LONGEST]
        adviser = services.knowledge.adviser
        before, earlier = services.memory.before(message), services.memory.whom(message) if leans_back(text) else NOBODY
        answer = await asyncio.to_thread(adviser.ask, text, before=before)
        if earlier.about and answer.disclosure is None and asks_whom_to_tell(text):
            asked = wording.WHO_ABOUT_THE_HEAD if Role.HEADTEACHER in earlier.about else wording.WHO_TO_TELL
            answer = replace(await asyncio.to_thread(adviser.ask, asked), question=text)
        whom = await asyncio.to_thread(whom_of, adviser, text, services.people, message.sender)
        services.memory.keep(message, whom)
        if answer.disclosure:
            services.memory.forget(message)
            about = await asyncio.to_thread(adviser.about, text, sorted(earlier.about)) if earlier.about else ()
            if not earlier.about & set(about):
                earlier = replace(earlier, about=frozenset(), avoided=frozenset())  # it tells of somebody new
            heard = in_all_their_roles(services.people, answer.disclosure, message.sender, about)
            answer = replace(answer, disclosure=replace(heard, do=adviser.help_for(heard.kind, heard.subject_roles).do))
        elif answer.kind not in NO_QUESTION:
            services.memory.add(message)
        for one in (answer, *answer.also):
            await self._record(one, message.place.channel)
        return answer, whom.after(earlier)

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
