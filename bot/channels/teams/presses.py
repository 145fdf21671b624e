"""What Teams waits for an answer to: pressed buttons, dialogs, the message extension. All answers are plain dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.cards import Card, Form, Text
from bot.channels.teams.blocks import Element
from bot.channels.teams.drawing import attachment, draw
from bot.channels.teams.extension import FindClauses, part, searched, told
from bot.channels.teams.fitting import KEY, Forms
from bot.channels.teams.forms import FORM, Values
from bot.channels.teams.heard import personal
from bot.channels.teams.incoming import GUESTS, HELD, PLACE, RELAYED, Incoming, event_name
from bot.channels.teams.post import stored
from bot.channels.teams.references import NAME
from bot.channels.teams.reply import TeamsReply, opens_dialog, speaker
from bot.channels.teams.rooms import LEAVE
from bot.channels.teams.viewer import REFRESH, Viewer
from bot.dispatch import Outcome
from bot.events import Place, PlaceKind, Press, RoomChange, Submission
from bot.people import Person

Body = dict[str, Any]

ANSWER_SECONDS = 4.0  # Teams gives up a dialog after about five
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
NOTE_TYPE = "application/vnd.microsoft.activity.message"
OLD = "That form is too old. Please open it again."
LATER = "This takes a moment longer. The answer comes as a message."
SAY = "incident.say"  # words for a room, written in a dialog: the room itself does not have them yet


@dataclass
class Presses:
    """Answers invokes. `find_clauses`: the clauses that bear on a question, none where the words disclose something."""

    incoming: Incoming
    viewer: Viewer
    find_clauses: FindClauses | None = None

    def __post_init__(self) -> None:
        self.forms = Forms(self.incoming.post.book)

    async def answer(self, context: TurnContext) -> Body:  # noqa: PLR0911 one for each kind of invoke
        """The body that Teams gets for this invoke."""
        activity: Activity = context.activity
        value = activity.value if isinstance(activity.value, dict) else {}
        reference, person = await self.incoming.who(context)
        if reference.guest:
            return note(GUESTS.title)
        match activity.name:
            case "adaptiveCard/action":
                return await self.pressed(context, person, value)
            case "task/fetch":
                return await self.fetched(context, person, part(value, "data"))
            case "composeExtension/fetchTask":
                known = await told(value, self.incoming.post.references.roles_of)
                return await self.fetched(context, person, {"usher": "report.open", "value": known})
            case "task/submit" | "composeExtension/submitAction":
                return await self.submitted(context, person, part(value, "data"))
            case "composeExtension/query":
                return await searched(self.find_clauses, value)
        return {}

    async def pressed(self, context: TurnContext, person: Person, value: Body) -> Body:
        """A button of a card."""
        data = part(part(value, "action"), "data")
        action, text = str(data.get("usher") or ""), str(data.get("value") or "")
        reply = self._reply(context, person, (action, text))
        if action == REFRESH:
            return self.shown_card(await self.refreshed(person, text))
        if FORM in data or KEY in data:
            return await self.sent_in_place(context, person, reply, data)
        done = await self.incoming.in_time(self.incoming.kept(context, self._act(context, person, reply, action, text)), 2 * ANSWER_SECONDS)
        reply.holds = False
        if reply.card:
            return self.shown_card(reply.card)
        return {"statusCode": 200, "type": NOTE_TYPE, "value": "Answered below." if done else LATER}

    async def again(self, context: TurnContext, *, last: bool) -> Outcome:
        """A press or a form that a process took and did not live to handle: what comes of it comes as messages."""
        value = context.activity.value if isinstance(context.activity.value, dict) else {}
        reference, person = await self.incoming.who(context)
        data = part(part(value, "action"), "data") or part(value, "data")
        found = await self.forms.read(data, person.id)
        if reference.guest:
            return Outcome.DONE
        if found is None:
            action, text = str(data.get("usher") or ""), str(data.get("value") or "")
            reply = self._reply(context, person, (action, text), late=True)
            return await self._act(context, person, reply, action, text, last=last)
        reply = self._reply(context, person, (found[0].name, found[0].context), late=True)
        outcome = await self.incoming.hand_over(self.submission(context, person, *found), reply, last=last)
        if reply.errors:
            await reply.say(Card("Your form was not taken", tuple(Text(one) for one in reply.errors.values())))
        return outcome

    async def _act(
        self, context: TurnContext, person: Person, reply: TeamsReply, action: str, value: str, *, last: bool = True
    ) -> Outcome:  # fmt: skip
        work = {PLACE: self.placed, LEAVE: self.left}.get(action, self.acted)
        return await work(context, person, reply, action, value, last=last)

    async def refreshed(self, person: Person, value: str) -> Element:
        """The card as it should look now for this viewer."""
        card = await stored(lambda: self.viewer.now(person, value))
        return draw(card, refresh=self.viewer.refresh(value, person))[0]

    async def sent_in_place(self, context: TurnContext, person: Person, reply: TeamsReply, data: Body) -> Body:
        """A form that stood in a message was sent: it gives way to what came of it."""
        found = await self.forms.read(data, person.id)
        if found is None:
            return {"statusCode": 200, "type": NOTE_TYPE, "value": OLD}
        form, values = found
        event = self.submission(context, person, form, values)
        done = await self.incoming.in_time(self.incoming.kept(context, self.incoming.hand_over(event, reply)), 2 * ANSWER_SECONDS)
        if reply.errors:
            return self.shown_card(await self.forms.drawn(form, person.id, values, reply.errors))
        return self.shown_card(draw(Card(form.title, (Text("Answered below." if done else LATER),)))[0])

    async def acted(
        self, context: TurnContext, person: Person, reply: TeamsReply, action: str, value: str, *, last: bool = True
    ) -> Outcome:  # fmt: skip
        """A button that some handler is for."""
        activity: Activity = context.activity
        event = Press(event_name(activity), person, action, value, self.place(activity), self.incoming.now, str(activity.reply_to_id or ""))
        return await self.incoming.hand_over(event, reply, last=last)

    async def placed(
        self, context: TurnContext, person: Person, reply: TeamsReply, action: str, value: str, *, last: bool = True
    ) -> Outcome:  # fmt: skip
        """The person has said whom their words are for."""
        del action
        ref, _, name = value.partition("|")
        held = await stored(lambda: self.incoming.post.book.get(HELD, name))
        if held is None or held["person"] != person.id:
            await reply.replace(Card("That has been dealt with already", notice="Usher"))
            return Outcome.DONE
        rooms = await stored(lambda: self.incoming.rooms.of(person))
        room = next((one for one in rooms if one.ref == ref), None)
        text, files = str(held["text"]), int(held["files"])
        if ref and room is None:
            await reply.replace(Card(f"You are not in the room of {ref}", (Text("Nothing was sent."),), notice="Not sent"))
            return Outcome.DONE
        if room:
            outcome, there = await self.incoming.to_room(context, person, room, text, files=files, event_id=name, last=last)
            shown = Card(f"Sent to the room of {ref}" if there else "Not sent", (Text(text),), notice="Usher")
        else:
            outcome = await self.incoming.to_usher(context, person, text, files=files, event_id=name, last=last)
            shown = Card("Answered below", (Text("Only you and I can see it."),), notice="Usher")
        if outcome is Outcome.DONE:
            await reply.replace(shown)
            await stored(lambda: self.incoming.post.book.remove(HELD, name))
        return outcome

    async def left(
        self, context: TurnContext, person: Person, reply: TeamsReply, action: str, value: str, *, last: bool = True
    ) -> Outcome:  # fmt: skip
        """The person leaves a room."""
        del action
        place = Place(RELAYED, context.activity.conversation.id, PlaceKind.ROOM, incident=value)
        change = RoomChange(event_name(context.activity), person, "left", place, self.incoming.now)
        outcome = await self.incoming.hand_over(change, reply, last=last)
        if not reply.said and outcome is Outcome.DONE:
            await reply.replace(Card(f"You have left the room of {value}", (Text("You are not told of anything new."),), notice="Usher"))
        return outcome

    async def fetched(self, context: TurnContext, person: Person, data: Body) -> Body:
        """A dialog opens: its form, or what there is to say instead."""
        action, text = str(data.get("usher") or ""), str(data.get("value") or "")
        reply = self._reply(context, person, (action, text), aside=True)
        if not await self.incoming.in_time(self.acted(context, person, reply, action, text), ANSWER_SECONDS):
            return note(LATER)
        if reply.form:
            return dialog(reply.form.title, await self.forms.drawn(reply.form, person.id))
        return said_in_dialog(reply)

    async def submitted(self, context: TurnContext, person: Person, data: Body) -> Body:
        """A form was sent: what is wrong with it beside the fields, or what came of it."""
        found = await self.forms.read(data, person.id)
        if found is None:
            return note(OLD)
        form, values = found
        activity: Activity = context.activity
        reply = self._reply(context, person, (form.name, form.context))
        event = self.submission(context, person, form, values)
        done = await self.incoming.in_time(self.incoming.kept(context, self.incoming.hand_over(event, reply)), ANSWER_SECONDS)
        if reply.errors:
            return dialog(form.title, await self.forms.drawn(form, person.id, values, reply.errors))
        if not done:
            return note(LATER)
        return {} if personal(activity) else said_in_dialog(reply)

    def submission(self, context: TurnContext, person: Person, form: Form, values: Values) -> Submission:
        """The event of a sent form."""
        activity: Activity = context.activity
        place = replace(self.place(activity), channel=RELAYED) if form.name == SAY else self.place(activity)
        return Submission(event_name(activity), person, form.name, values, form.context, place, self.incoming.now)

    def shown_card(self, card: Element) -> Body:
        """A card in the place of the one that was pressed."""
        return {"statusCode": 200, "type": CARD_TYPE, "value": self.incoming.post.for_client(card)}

    def place(self, activity: Activity) -> Place:
        """Presses are answered privately, wherever they were made."""
        return Place(NAME, activity.conversation.id)

    def _reply(
        self, context: TurnContext, person: Person, asked: tuple[str, str], *, aside: bool = False, late: bool = False
    ) -> TeamsReply:
        own = personal(context.activity)
        say = speaker(context, self.incoming.post, person, personal=own)
        quiet = aside or not own
        return TeamsReply(
            context,
            silent if quiet and not late and opens_dialog(context.activity.name) else say,
            personal=own,
            invoke=not late,
            asked=asked,
            dialogs=self.incoming.post.dialogs,
        )


async def silent(activity: Activity) -> None:
    """What is said while a dialog opens stands in the dialog itself."""
    del activity


def dialog(title: str, card: Element) -> Body:
    """A dialog with a card in it."""
    return {"task": {"type": "continue", "value": {"title": title, "height": "large", "width": "medium", "card": attachment(card)}}}


def note(text: str) -> Body:
    """A dialog with one sentence in it."""
    return {"task": {"type": "message", "value": text}}


def said_in_dialog(reply: TeamsReply) -> Body:
    """What was said, shown in the dialog, where its buttons would not work."""
    if not reply.said:
        return {}
    card = replace(reply.said[-1], buttons=())
    return dialog(card.title, draw(card)[0])
