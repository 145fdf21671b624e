"""What people do with an incident once it is open: acknowledge it, take it in hand, tell the police, note, close, hand over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from bot.cards import Field, Form, Option, Text
from bot.dispatch import Dispatcher
from bot.events import Press, Submission
from bot.incidents.bounded import in_time
from bot.incidents.gate import Action
from bot.incidents.model import Incident
from bot.incidents.notices import incident_card, status_card
from bot.incidents.turns import check
from bot.people import Person
from bot.ports import Reply
from handlers import wording
from handlers.clause_71 import record_words
from handlers.services import Services

Step = Callable[[str, Person, str, str | None], Incident]


class Incidents:
    """The buttons and forms of an incident's card. Who may press what is decided by the register's gate, not here."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def attach(self, dispatch: Dispatcher) -> None:
        """Take every action on an incident."""
        register = self._services.register
        steps: dict[str, Step] = {
            "incident.acknowledge": register.acknowledge,
            "incident.in_hand": register.take_in_hand,
            "incident.police": register.police_informed,
        }
        for action, step in steps.items():
            dispatch.on_press(action, self._step(step))
        dispatch.on_press("incident.open", self.open)
        dispatch.on_press("incident.status", self.status)
        dispatch.on_press("incident.tick", self.tick)
        for name, (action, form) in FORMS.items():
            dispatch.on_press(f"incident.{name}", self._opens(action, form), opens_form=True)
        dispatch.on_press("incident.invite", self.choose_person, opens_form=True)
        dispatch.on_press("incident.subject", self.choose_subject, opens_form=True)
        dispatch.on_submission("incident.subject", self.name_subject)
        dispatch.on_submission("incident.note", self.note)
        dispatch.on_submission("incident.say", self.say)
        dispatch.on_submission("incident.close", self.close)
        dispatch.on_submission("incident.police_over", self.police_over)
        dispatch.on_submission("incident.invite", self.invite)

    def _step(self, step: Step) -> Callable[[Press, Reply], Awaitable[None]]:
        async def handle(press: Press, reply: Reply) -> None:
            ref, _, known = press.value.partition("|")  # what the button's card showed it as, since it was raised
            incident = await in_time(step, ref, press.sender, press.event_id, known)
            await reply.replace(incident_card(incident, press.sender))

        return handle

    def _opens(self, action: Action, form: Callable[[Incident], Form]) -> Callable[[Press, Reply], Awaitable[None]]:
        async def handle(press: Press, reply: Reply) -> None:
            incident = await in_time(self._services.register.read, press.value, press.sender)
            check(press.sender, action, incident)
            await reply.open_form(form(incident))

        return handle

    async def open(self, press: Press, reply: Reply) -> None:
        """Show the incident as it stands."""
        incident = await in_time(self._services.register.read, press.value, press.sender)
        await reply.say(incident_card(incident, press.sender))

    async def status(self, press: Press, reply: Reply) -> None:
        """Tell the reporter the truth about who has it and who has seen it."""
        told = await in_time(self._services.register.delivery_state, press.value, press.sender)
        await reply.say(status_card(press.value, told, self._services.telephone))

    async def tick(self, press: Press, reply: Reply) -> None:
        """Mark something owed as done; the value is the reference and the item."""
        ref, _, item = press.value.partition("|")
        incident = await in_time(self._services.register.tick, ref, press.sender, item, press.event_id)
        await reply.replace(incident_card(incident, press.sender))

    async def choose_person(self, press: Press, reply: Reply) -> None:
        """Open the form that brings somebody else in."""
        incident = await in_time(self._services.register.read, press.value, press.sender)
        check(press.sender, Action.INVITE, incident)  # a form could tell something by what it leaves out
        kept_out = {member.person for member in incident.members if member.left_at is None} | set(incident.subjects)
        await reply.open_form(Form("incident.invite", "Bring somebody in", (self._who(kept_out),), "Bring in", press.value))

    async def choose_subject(self, press: Press, reply: Reply) -> None:
        """Open the form that says whom the incident is about as well."""
        incident = await in_time(self._services.register.read, press.value, press.sender)
        check(press.sender, Action.NAME_SUBJECT, incident)
        form = Form("incident.subject", "Whom is it about?", (self._who({*incident.subjects, press.sender.id}),), "Keep them out of it",
                    press.value, (Text(wording.SUBJECT_LATER),))  # fmt: skip
        await reply.open_form(form)

    def _who(self, without: set[str]) -> Field:
        people = [person for person in self._services.people if person.id not in without]
        options = tuple(Option(person.id, f"{person.name}, {person.job}" if person.job else person.name) for person in people)
        return Field("person", "Who?", "choice", options, required=True)

    async def note(self, sent: Submission, reply: Reply) -> None:
        """Add to the timeline."""
        await self._write(sent, reply, "text", self._services.register.add_note)

    async def say(self, sent: Submission, reply: Reply) -> None:
        """Say something to everybody in the room. It was written in a form, so no channel's room has it yet: it is carried into each."""
        await self._write(sent, reply, "text", partial(self._services.register.say, channel=""), heard=True)

    async def close(self, sent: Submission, reply: Reply) -> None:
        """Close with an outcome."""
        await self._write(sent, reply, "outcome", self._services.register.close)

    async def police_over(self, sent: Submission, reply: Reply) -> None:
        """The police have finished: lift the hold of clause 66, with the reason."""
        await self._write(sent, reply, "reason", self._services.register.police_finished)

    async def invite(self, sent: Submission, reply: Reply) -> None:
        """Bring somebody in."""
        await self._person(sent, reply, self._services.register.invite)

    async def name_subject(self, sent: Submission, reply: Reply) -> None:
        """It is about this person as well: they are taken out of everything, for good."""
        await self._person(sent, reply, self._services.register.name_subject)

    async def _person(self, sent: Submission, reply: Reply, change: Callable[..., Incident]) -> None:
        person = self._services.people.get(str(sent.values.get("person", "")))
        if person is None:
            await reply.field_errors({"person": "Please choose one of these people."})
            return
        incident = await in_time(change, sent.context, sent.sender, person, sent.event_id)
        await reply.say(incident_card(incident, sent.sender))

    async def _write(self, sent: Submission, reply: Reply, field: str, write: Callable[..., Incident], *, heard: bool = False) -> None:
        text = str(sent.values.get(field, "")).strip()
        if not text:
            await reply.field_errors({field: "Please write a few words."})
            return
        put = partial(write, sent.context, sent.sender, text, sent.event_id)
        told = text if heard else ""
        incident = await record_words(self._services, put, sent.sender, told, sent.event_id, "", reply)
        if incident is not None:
            await reply.say(incident_card(incident, sent.sender))


def note_form(incident: Incident) -> Form:
    """The form for an entry in the timeline."""
    field = Field("text", "What should be on record?", "long_text", required=True)
    return Form("incident.note", f"Add to {incident.ref}", (field,), "Add", incident.ref)


def say_form(incident: Incident) -> Form:
    """The form for a message to the room."""
    field = Field("text", "Your message to everybody in this room", "long_text", required=True)
    return Form("incident.say", f"Write to {incident.ref}", (field,), "Send", incident.ref)


def close_form(incident: Incident) -> Form:
    """The form for an outcome; says what is still owed."""
    open_items = [owed.text for owed in incident.owed if owed.done_at is None and not owed.held]
    blocks = (Text(f"{len(open_items)} of the things owed are not ticked yet. You can close all the same."),) if open_items else ()
    field = Field("outcome", "What was the outcome?", "long_text", required=True, hint="It stays on the record.")
    return Form("incident.close", f"Close {incident.ref}", (field,), "Close it", incident.ref, blocks)


def police_over_form(incident: Incident) -> Form:
    """The form that lifts the police hold; says what that starts."""
    lead = "The school's own investigation can begin then, and the time for which the words are kept begins to run once it is closed."
    field = Field("reason", "How do you know that the police have finished?", "long_text", required=True, hint="It stays on the record.")
    return Form(
        "incident.police_over", f"The police have finished with {incident.ref}", (field,), "Lift the hold", incident.ref, (Text(lead),)
    )


FORMS: dict[str, tuple[Action, Callable[[Incident], Form]]] = {
    "note": (Action.NOTE, note_form), "say": (Action.SAY, say_form), "close": (Action.CLOSE, close_form),
    "police_over": (Action.POLICE_OVER, police_over_form),
}  # fmt: skip
