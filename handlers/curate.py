"""What people asked and nobody could answer, and answers that were judged wrong: kept, so that the guidance can grow."""

from __future__ import annotations

from bot.cards import Button, Card, Facts, Tone
from bot.dispatch import Dispatcher
from bot.errors import NotFound
from bot.events import Press
from bot.incidents.bounded import in_time
from bot.people import Role
from bot.ports import Reply
from handlers.services import Services

SHOWN = 5
LABELS = {"wrong_clause": "wrong clause", "wrong_verdict": "wrong verdict", "not_clear": "not clear"}


class Curating:
    """Lets the Headteacher and the business manager keep or drop what could become guidance."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def attach(self, dispatch: Dispatcher) -> None:
        """Take the two buttons."""
        dispatch.on_press("curate.keep", self.keep)
        dispatch.on_press("curate.drop", self.drop)

    async def keep(self, press: Press, reply: Reply) -> None:
        """Keep it for the next version of the guidance."""
        await self._settle(press, reply, "kept", "Kept for the next version of the guidance.")

    async def drop(self, press: Press, reply: Reply) -> None:
        """Drop it."""
        await self._settle(press, reply, "dropped", "Dropped.")

    async def _settle(self, press: Press, reply: Reply, state: str, said: str) -> None:
        if not press.sender.roles & curators():
            raise NotFound
        if not await in_time(self._services.feedback.settle, press.value, state):
            raise NotFound
        await reply.replace(Card(said, tone=Tone.INFO))


def curators() -> frozenset[Role]:
    """The roles that look after the guidance."""
    return frozenset({Role.HEADTEACHER, Role.DEPUTY_HEADTEACHER, Role.BUSINESS_MANAGER})


def waiting_card(services: Services) -> Card | None:
    """The newest judgement that waits, and how many there are; or None."""
    waiting = services.feedback.waiting(SHOWN)
    if not waiting:
        return None
    first = waiting[0]
    said = ((f"Judged {LABELS.get(first.choice, first.choice)}", first.question), ("Quoted", ", ".join(first.clauses) or "nothing"))
    facts = Facts((*said, ("Comment", first.comment or "none")))
    buttons = (Button("Keep for the guidance", "curate.keep", first.id), Button("Drop", "curate.drop", first.id))
    return Card("Answers that somebody found wrong", (facts,), buttons, Tone.INFO, f"{len(waiting)} waiting")
