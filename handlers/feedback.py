"""Was this right? One press, and a few words if the person likes."""

from __future__ import annotations

import asyncio
import json

from bot.cards import Card, Field, Form, Option, Text, Tone
from bot.dispatch import Dispatcher
from bot.events import Press, Submission
from bot.incidents.bounded import in_time
from bot.ports import Reply
from handlers import wording
from handlers.services import Services

CHOICES = (
    Option("right", "Yes, it was"),
    Option("wrong_clause", "No, it is the wrong clause"),
    Option("wrong_verdict", "It is the right clause, but the verdict is wrong"),
    Option("not_clear", "It is not clear"),
)


class Judging:
    """Keeps what people say of an answer, with the question's words only because they send them here."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def attach(self, dispatch: Dispatcher) -> None:
        """Take the button and the form."""
        dispatch.on_press("feedback.open", self.open_form, opens_form=True)
        dispatch.on_submission("feedback", self.submit)

    async def open_form(self, press: Press, reply: Reply) -> None:
        """Ask what was right or wrong."""
        fields = (
            Field("verdict", "Was this the right answer?", "choice", CHOICES, required=True),
            Field("comment", "What would have been right?", "long_text", max_length=1000),
        )
        blocks = (Text("This goes to whoever looks after the guidance, with your question's words and without your name."),)
        await reply.open_form(Form("feedback", "Was this right?", fields, "Send", press.value, blocks))

    def _discreet(self, question: str) -> bool:
        """Whether these words must not be shown: they disclose something, or are about somebody who would read them."""
        adviser = self._services.knowledge.adviser
        return bool(adviser.about(question) or adviser.ask(question).disclosure)

    async def submit(self, sent: Submission, reply: Reply) -> None:
        """Store it."""
        choice = str(sent.values.get("verdict", ""))
        if choice not in {option.value for option in CHOICES}:
            await reply.field_errors({"verdict": "Please choose one."})
            return
        question, clauses = judged_answer(sent.context)
        if await asyncio.to_thread(self._discreet, question):
            question = wording.WORDS_LEFT_OUT
        comment = str(sent.values.get("comment", "")).strip()
        if comment:
            discreet = await asyncio.to_thread(self._discreet, comment)
            comment = wording.WORDS_LEFT_OUT if discreet else comment
        await in_time(self._services.feedback.judged, question, clauses, choice, comment, sent.event_id, sent.sender)
        await reply.say(Card(wording.FEEDBACK_THANKS, tone=Tone.INFO, notice=wording.ANSWERED))


def judged_answer(context: str) -> tuple[str, list[str]]:
    """The question and the clauses of the answer that is judged; empty where the context is not ours."""
    try:
        known = json.loads(context)
        return str(known["q"]), [str(number) for number in known["c"]]
    except (ValueError, KeyError, TypeError):
        return "", []
