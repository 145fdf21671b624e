"""A question that the policy does not settle goes to a person, and the reply comes back."""

from __future__ import annotations

import asyncio

from bot.cards import Card, Field, Form, Option, Text, Tone
from bot.dispatch import Dispatcher
from bot.errors import NotFound, Refused
from bot.events import Press, Submission
from bot.incidents.bounded import in_time
from bot.incidents.routing import holders
from bot.people import People, Person, Role
from bot.ports import Reply
from handlers import wording
from handlers.carried import brought, carried
from handlers.services import Services
from handlers.whom_it_is_about import Whom, whom_of

NOBODY_LEFT = "There is nobody whom this question could be passed to. Please ask the school office."
ASKED = (Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS, Role.DESIGNATED_SAFEGUARDING_LEAD, Role.DATA_PROTECTION_OFFICER)


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
        question, known = brought(press.value)
        whom = self._whom(question, press, known)
        first = first_asked(self._services.people, whom, press.sender)
        options = [Option(first, f"The {first.label}")]
        if self._manager_may(first, whom, press.sender):
            options.append(Option(Role.LINE_MANAGER, "My line manager"))
        fields = (
            Field("question", "Your question", "long_text", required=True, initial=question),
            Field("to", "Who should answer it?", "choice", tuple(options), required=True, initial=first),
        )
        blocks = (Text("It is sent with your name. Nothing else of our conversation goes with it."),)
        context = carried("", whom)
        await reply.open_form(Form("person", "Ask a person", fields, "Send my question", context, blocks))

    async def pass_on(self, sent: Submission, reply: Reply) -> None:
        """Store the question with the job that delivers it; only then say so."""
        question = str(sent.values.get("question", "")).strip()
        if not question:
            await reply.field_errors({"question": "Please write your question."})
            return
        whom = await asyncio.to_thread(self._whom, question, sent, brought(sent.context)[1])
        first = first_asked(self._services.people, whom, sent.sender)
        to_manager = sent.values.get("to") == Role.LINE_MANAGER and self._manager_may(first, whom, sent.sender)
        role = Role.LINE_MANAGER if to_manager else first
        enquiry = await in_time(self._services.enquiries.ask, question, sent.sender, role, sent.event_id)
        lines = (Text(f"Your question is saved and on its way to {enquiry.to_name}."), Text("The reply will come to you here."))
        await reply.say(Card(wording.PASSED_ON, lines, tone=Tone.INFO, badge="On its way", notice="Your question was passed on"))

    def _whom(self, question: str, event: Press | Submission, known: Whom) -> Whom:
        """Who stands around a question: what its words tell, and what the button or the form brought of what was said before."""
        return whom_of(self._services.knowledge.adviser, question, self._services.people, event.sender).after(known)

    def _manager_may(self, first: Role, whom: Whom, sender: Person) -> bool:
        """Whether the sender's line manager may be asked as well: never where it is about them, or about the Headteacher."""
        manager = self._services.people.line_manager_of(sender)
        return manager is not None and first is Role.HEADTEACHER and not whom.barred & {Role.LINE_MANAGER, Role.HEADTEACHER}

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


def first_asked(people: People, whom: Whom, sender: Person) -> Role:
    """Who is asked: the Headteacher; where it is about them, or they ask, the chair of governors; another lead where it is about both.

    Raises:
        Refused: it is about everybody whom it could be passed to.
    """
    left = [role for role in ASKED if role not in whom.barred]
    if left and Role.HEADTEACHER in whom.barred:
        return left[0]  # without a chair it is passed to nobody, rather than to those who work for the Headteacher
    found = next((role for role in left if holders(people, role, (sender.id,))), None)
    if found is None and Role.HEADTEACHER in whom.barred:
        raise Refused(NOBODY_LEFT)
    return found or Role.HEADTEACHER
