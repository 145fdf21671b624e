"""Somebody asks, or says what has happened."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards import Card, Quote
from bot.dispatch import Dispatcher
from bot.errors import NotSaved
from bot.events import Message, PlaceKind, Press
from bot.incidents.bounded import in_time
from bot.incidents.model import Kind, Report
from bot.incidents.routing import RouteStep, barred_roles
from bot.logs import trail
from bot.people import Person, Role
from bot.ports import Reply
from handlers import wording
from handlers.answers import answer_card, not_covered_card, quote
from handlers.facts import fact_card
from handlers.said import cards_for
from handlers.services import Services
from knowledge.answer import Answer

if TYPE_CHECKING:
    from knowledge.concerns import Disclosure

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
        goes_to = self._goes_to(answer.disclosure, message.sender) if answer.disclosure else None
        for card in cards_for(self._services.knowledge, answer, files=message.files, goes_to=goes_to):
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
            answer = replace(answer, disclosure=self._with_all_their_roles(answer.disclosure, message.sender))
        elif answer.kind not in NO_QUESTION:
            services.memory.add(message)
        await self._record(answer, message.place.channel)
        return answer

    def _with_all_their_roles(self, heard: Disclosure, sender: Person) -> Disclosure:
        """Those whom it is about in all that they are, so that who is promised to be told is who will be.

        A Headteacher may be the safeguarding lead as well; "my line manager" is somebody. A role that others hold, too, is not theirs
        alone. Where school.toml names no line manager nothing is promised.
        """
        people = self._services.people
        roles = [Role(role) for role in heard.subject_roles if role != Role.LINE_MANAGER or people.line_manager_of(sender)]
        barred = barred_roles(people, self._meant(roles, sender))
        roles += [role for role in Role if role in barred and role not in roles]
        return replace(heard, subject_roles=tuple(roles))

    def _goes_to(self, heard: Disclosure, sender: Person) -> tuple[RouteStep, ...]:
        """Whom a report of it would go to, by the decision that sends it: a role that nobody holds is promised to nobody."""
        subjects = tuple(sorted(self._meant(map(Role, heard.subject_roles), sender)))
        return self._services.register.opening.route(Report(Kind(heard.kind), "", subjects=subjects))

    def _meant(self, roles: Iterable[Role], sender: Person) -> set[str]:
        return {person.id for role in roles for person in self._services.people.meant_by(role, sender)}

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
