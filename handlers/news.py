"""What is new: since when the policy stands as it does, which clauses changed, and which guidance has come since."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.cards import Block, Button, Card, Quote, Steps, Text, Tone
from bot.dispatch import Dispatcher
from bot.events import Press
from bot.guidance_states import GuidanceStates
from bot.incidents.times import full
from bot.ports import Reply
from handlers import wording
from handlers.services import Services
from knowledge.changes import Diff
from knowledge.clauses import Clause

NEW_FOR = timedelta(days=60)
SHOWN = 5
NOTHING = "Nothing in the policy or the guidance has changed in the last two months."


class News:
    """The part of the home that tells it, and the clauses that changed, before and after, word for word."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._states = GuidanceStates(services.register.store)
        self._came: dict[str, datetime] | None = None

    def attach(self, dispatch: Dispatcher) -> None:
        """Take the button that shows the changes."""
        dispatch.on_press("news.open", self.open)

    async def open(self, press: Press, reply: Reply) -> None:
        """Show every clause that the present version changed."""
        del press
        await reply.say(await asyncio.to_thread(self.changes))

    def card(self) -> Card:
        """What is new, in a few lines."""
        blocks: list[Block] = []
        buttons: list[Button] = []
        news, now = self._services.knowledge.news, self._services.register.store.clock.now()
        if news:
            ratified = f"; it was ratified on {news.ratified.day} {news.ratified:%B %Y}" if news.ratified else ""
            blocks.append(Text(f"The policy is quoted here as it was taken in at {full(news.since)}{ratified}."))
            if news.diff and now - news.since < NEW_FOR:
                blocks.append(Steps("This version", changed_lines(news.diff)))
                buttons.append(Button("Show what changed", "news.open"))
        fresh = self._fresh(now)
        if fresh:
            blocks.append(Steps(f"New answers ({len(fresh)})", tuple(label for label, _ in fresh[:SHOWN])))
            buttons += [Button(label, "ask.choose", question) for label, question in fresh[:SHOWN] if question]
        if not buttons and not fresh:
            blocks.append(Text(NOTHING))
        return Card("What is new", tuple(blocks), tuple(buttons), Tone.INFO)

    def changes(self) -> Card:
        """The clauses that changed, before and after."""
        news = self._services.knowledge.news
        if news is None or not news.diff:
            return Card("What is new", (Text(NOTHING),), tone=Tone.INFO, notice=wording.ANSWERED)
        blocks: list[Block] = []
        for one in news.diff.changed:
            blocks += [quote(one.old, "Before"), quote(one.new, "Now")]
        blocks += [quote(one, "New") for one in news.diff.added]
        blocks += [quote(one, "Gone") for one in news.diff.removed]
        moved = tuple(f"Clause {one.old.number} is now {one.new.number}" for one in news.diff.moved if one.old.number != one.new.number)
        blocks += [Steps("The same words in another place", moved)] if moved else []
        return Card(
            "What this version changed", tuple(blocks), (Button("All sections", "policy.browse"),), Tone.INFO, notice=wording.ANSWERED
        )

    def _fresh(self, now: datetime) -> list[tuple[str, str]]:
        """What is answered now and was not when Usher began here: in a few words, and a question that leads there; the newest first."""
        entries = [entry for entry in self._services.knowledge.adviser.entries if entry.clauses]
        if self._came is None:
            self._came = self._states.note(entry.id for entry in entries)
        came = {one: at for one, at in self._came.items() if now - at < NEW_FOR}
        found: dict[str, str] = {}
        for entry in sorted((one for one in entries if one.id in came), key=lambda one: came[one.id], reverse=True):
            summary = entry.summary or f"More about clause {entry.clauses[0]}"
            found.setdefault(summary, next((text for _, text in entry.examples()), ""))
        return list(found.items())


def changed_lines(diff: Diff) -> tuple[str, ...]:
    """What a version changed, one line for each sort of change."""
    sorts = (
        ("changed", tuple(one.new for one in diff.changed)), ("new", diff.added), ("gone", diff.removed),
        ("in another place, with the same words", tuple(one.new for one in diff.moved)),
    )  # fmt: skip
    return tuple(
        f"{'Clause' if len(clauses) == 1 else 'Clauses'} {', '.join(one.number for one in clauses)}: {what}"
        for what, clauses in sorts
        if clauses
    )


def quote(clause: Clause, label: str) -> Quote:
    """A clause under what became of it."""
    return Quote(clause.number, clause.section, clause.text, label=label)
