"""Browse the policy: its sections, and every clause of one, word for word."""

from __future__ import annotations

from bot.cards import Block, Button, Card, Quote, Text, Tone
from bot.dispatch import Dispatcher
from bot.errors import NotFound
from bot.events import Press
from bot.ports import Reply
from handlers import wording
from handlers.facts import fact_card
from handlers.known import Knowledge
from handlers.services import Services
from knowledge.clauses import Section

LABEL_LIMIT = 70


class Browsing:
    """Shows the document itself."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def attach(self, dispatch: Dispatcher) -> None:
        """Take the buttons that lead through the policy."""
        dispatch.on_press("policy.browse", self.sections)
        dispatch.on_press("policy.section", self.section)
        dispatch.on_press("help.open", self.help)

    async def sections(self, press: Press, reply: Reply) -> None:
        """List the sections."""
        del press
        await reply.say(sections_card(self._services.knowledge))

    async def section(self, press: Press, reply: Reply) -> None:
        """Show the clauses of one section; the value is its place in the document."""
        policy, place = self._services.knowledge.policy, press.value
        if not place.isdecimal() or int(place) >= len(policy.sections):
            raise NotFound
        section = policy.sections[int(place)]
        ref = self._services.knowledge.adviser.policy_ref
        blocks: tuple[Block, ...] = tuple(Quote(clause.number, section.title, clause.text) for clause in section.clauses)
        blocks += (Text(f"{ref.title}, {ref.standing}"),)
        await reply.say(Card(section.title, blocks, (Button("All sections", "policy.browse"),), Tone.INFO, notice=wording.ANSWERED))

    async def help(self, press: Press, reply: Reply) -> None:
        """Say what Usher can do."""
        del press
        await reply.say(fact_card(self._services.knowledge, "help"))


def label(section: Section) -> str:
    """A section on a button: its title, cut after a word where that is too long, and its clauses."""
    first, last = section.clauses[0].number, section.clauses[-1].number
    numbers = f" ({first})" if first == last else f" ({first}–{last})"
    return shortened(section.title, LABEL_LIMIT - len(numbers)) + numbers


def shortened(title: str, limit: int) -> str:
    """The title whole where it fits, else cut after a word, with an ellipsis."""
    if len(title) <= limit:
        return title
    return title[:limit].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def sections_card(knowledge: Knowledge) -> Card:
    """The sections of the policy as buttons."""
    policy = knowledge.policy
    buttons = tuple(
        Button(label(section), "policy.section", str(place)) for place, section in enumerate(policy.sections) if section.clauses
    )
    ref = knowledge.adviser.policy_ref
    return Card(policy.title, (Text(f"{ref.title}, {ref.standing}"),), buttons, Tone.INFO, notice=wording.ANSWERED)
