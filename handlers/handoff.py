"""A question that the policy does not settle goes to a person, and the reply comes back."""

from __future__ import annotations

import asyncio

from bot.cards import Card, Field, Form, Option, Text, Tone
from bot.dispatch import Dispatcher
from bot.errors import NotFound
from bot.events import Press, Submission
from bot.incidents.bounded import in_time
from bot.people import Role
from bot.ports import Reply
from handlers import wording
from handlers.services import Services


class Handoff:
    """Passes questions on, through the same outbox as incidents, so that none is lost."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def attach(self, dispatch: Dispatcher) -> None:
        """Take the asking and the answering."""
        dispatch.on_press("person.open", self.open_form, opens_form=True)
        dispatch.on_submission("person", self.pass_on)
        dispatch.on_press("enquiry.answer", self.open_answer, opens_form=True)
        dispatch.on_submission("enquiry.answer", self.answer)

    async def open_form(self, press: Press, reply: Reply) -> None:
        """Let the person check the words, and choose who gets them, before anything is sent."""
        first = self._first(press.value)
        options = [Option(first, f"The {first.label}")]
        if first is Role.HEADTEACHER and self._services.people.line_manager_of(press.sender):
            options.append(Option(Role.LINE_MANAGER, "My line manager"))
        fields = (
            Field("question", "Your question", "long_text", required=True, initial=press.value),
            Field("to", "Who should answer it?", "choice", tuple(options), required=True, initial=first),
        )
        blocks = (Text("It is sent with your name. Nothing else of our conversation goes with it."),)
        await reply.open_form(Form("person", "Ask a person", fields, "Send my question", blocks=blocks))

    async def pass_on(self, sent: Submission, reply: Reply) -> None:
        """Store the question with the job that delivers it; only then say so."""
        question = str(sent.values.get("question", "")).strip()
        if not question:
            await reply.field_errors({"question": "Please write your question."})
            return
        first = await asyncio.to_thread(self._first, question)
        role = Role.LINE_MANAGER if first is Role.HEADTEACHER and sent.values.get("to") == Role.LINE_MANAGER else first
        enquiry = await in_time(self._services.enquiries.ask, question, sent.sender, role, sent.event_id)
        lines = (Text(f"Your question is saved and on its way to {enquiry.to_name}."), Text("The reply will come to you here."))
        await reply.say(Card(wording.PASSED_ON, lines, tone=Tone.INFO, badge="On its way", notice="Your question was passed on"))

    def _first(self, question: str) -> Role:
        """Who is asked: the Headteacher, or the chair of governors where the words are about the Headteacher."""
        about = self._services.knowledge.adviser.about(question)
        return Role.CHAIR_OF_GOVERNORS if Role.HEADTEACHER in about else Role.HEADTEACHER

    async def open_answer(self, press: Press, reply: Reply) -> None:
        """Open the form for the reply."""
        enquiry = await in_time(self._services.enquiries.read, press.value, press.sender)
        field = Field("answer", "Your reply", "long_text", required=True)
        blocks = (Text(f"{enquiry.asker_name} asks:"), Text(enquiry.question))
        await reply.open_form(Form("enquiry.answer", "Reply", (field,), "Send the reply", enquiry.ref, blocks))

    async def answer(self, sent: Submission, reply: Reply) -> None:
        """Store the reply with the job that carries it back."""
        text = str(sent.values.get("answer", "")).strip()
        if not text:
            await reply.field_errors({"answer": "Please write your reply."})
            return
        if not sent.context:
            raise NotFound
        enquiry = await in_time(self._services.enquiries.answer, sent.context, sent.sender, text, sent.event_id)
        lines = (Text(f"Your reply is saved and on its way to {enquiry.asker_name}."),)
        await reply.say(Card("Reply sent", lines, tone=Tone.INFO, badge="On its way", notice="Your reply was passed on"))
