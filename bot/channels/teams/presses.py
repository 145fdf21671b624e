"""What Teams waits for an answer to: pressed buttons, dialogs, the message extension. All answers are plain dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, replace

from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.cards import Card, Form, Text
from bot.channels.teams.blocks import Element
from bot.channels.teams.bodies import BELOW, Body, dialog, in_place, note, refused, spoken, told_in_dialog
from bot.channels.teams.drawing import draw, without_dialogs
from bot.channels.teams.extension import FindClauses, part, searched, told
from bot.channels.teams.fitting import KEY, Forms
from bot.channels.teams.forms import FORM, Values
from bot.channels.teams.groups import event_name
from bot.channels.teams.heard import personal
from bot.channels.teams.incoming import GUESTS, HELD, PLACE, RELAYED, Incoming
from bot.channels.teams.post import stored
from bot.channels.teams.references import NAME
from bot.channels.teams.reply import UNREACHED, Silence, TeamsReply, Voice, opens_dialog
from bot.channels.teams.rooms import LEAVE
from bot.channels.teams.viewer import REFRESH, Viewer
from bot.dispatch import Outcome
from bot.events import Place, PlaceKind, Press, RoomChange, Submission
from bot.people import Person

OLD = "That form is too old. Please open it again."
FETCHES = ("task/fetch", "composeExtension/fetchTask")
LATE = "usher.late"  # in a turn's state: Teams has been answered, and waits no more
SAY = "incident.say"  # words for a room, written in a dialog: the room itself does not have them yet


@dataclass
class Presses:
    """Does what invokes ask for. `find_clauses`: the clauses that bear on a question, none where the words disclose something."""

    incoming: Incoming
    viewer: Viewer
    find_clauses: FindClauses | None = None

    def __post_init__(self) -> None:
        self.forms = Forms(self.incoming.post.book)

    async def answer(self, context: TurnContext) -> Body:
        """The body that Teams gets for this invoke, however long it takes; promises.py sees to the time."""
        activity: Activity = context.activity
        value = activity.value if isinstance(activity.value, dict) else {}
        reference, person = await self.incoming.who(context)
        if reference.guest:
            return refused(activity.name, GUESTS.title)
        match activity.name:
            case "adaptiveCard/action":
                return await self.pressed(context, person, value)
            case name if name in FETCHES:
                return await self.fetched(context, person, await self.wanted(activity))
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
        async with self.incoming.holding(context):
            await self._act(context, person, reply, action, text)
        if reply.card:
            return self.shown_card(reply.card)
        return spoken(UNREACHED if reply.unreached else BELOW)

    async def wanted(self, activity: Activity) -> Body:
        """What a dialog is asked for: a button's own data, or a report that begins with somebody's message."""
        value = activity.value if isinstance(activity.value, dict) else {}
        if activity.name != "composeExtension/fetchTask":
            return part(value, "data")
        return {"usher": "report.open", "value": await told(value, self.incoming.post.references.roles_of)}

    async def again(self, context: TurnContext, person: Person, *, last: bool) -> Outcome:
        """An invoke that was not answered: what comes of it comes as messages."""
        activity: Activity = context.activity
        value = activity.value if isinstance(activity.value, dict) else {}
        data = part(part(value, "action"), "data") or await self.wanted(activity)
        if activity.name in FETCHES:
            activity.id = f"{activity.id or ''}:again"  # nothing was changed by it, and it may have been handled, but not seen
        found = await self.forms.read(data, person.id)
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
            return spoken(OLD)
        form, values = found
        async with self.incoming.holding(context):
            await self.incoming.hand_over(self.submission(context, person, form, values), reply)
        if reply.errors:
            return self.shown_card(without_dialogs(await self.forms.drawn(form, person.id, values, reply.errors)))
        return self.shown_card(draw(Card(form.title, (Text("Sent. What came of it stands below."),)))[0])

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
            outcome, there = await self.incoming.to_room(
                context, person, room, text, files=files, event_id=name, last=last, message=str(held.get("message") or "")
            )
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
        await self.acted(context, person, reply, action, text)
        if reply.form:
            return dialog(reply.form.title, await self.forms.drawn(reply.form, person.id))
        return told_in_dialog(reply.said)

    async def submitted(self, context: TurnContext, person: Person, data: Body) -> Body:
        """A form was sent: what is wrong with it beside the fields, or what came of it."""
        found = await self.forms.read(data, person.id)
        if found is None:
            return note(OLD)
        form, values = found
        reply = self._reply(context, person, (form.name, form.context))
        async with self.incoming.holding(context):
            await self.incoming.hand_over(self.submission(context, person, form, values), reply)
        if reply.errors:
            return dialog(form.title, await self.forms.drawn(form, person.id, values, reply.errors))
        # It stands in their own chat by now, where they have one; where the form was sent from elsewhere they do not see it there.
        late = context.turn_state.get(LATE) and not reply.unreached
        return {} if personal(context.activity) or late else told_in_dialog(reply.said)

    def submission(self, context: TurnContext, person: Person, form: Form, values: Values) -> Submission:
        """The event of a sent form."""
        activity: Activity = context.activity
        place = replace(self.place(activity), channel=RELAYED) if form.name == SAY else self.place(activity)
        return Submission(event_name(activity), person, form.name, values, form.context, place, self.incoming.now)

    def shown_card(self, card: Element) -> Body:
        """A card in the place of the one that was pressed."""
        return in_place(self.incoming.post.for_client(card))

    def place(self, activity: Activity) -> Place:
        """Presses are answered privately, wherever they were made."""
        return Place(NAME, activity.conversation.id)

    def _reply(
        self, context: TurnContext, person: Person, asked: tuple[str, str], *, aside: bool = False, late: bool = False
    ) -> TeamsReply:
        own = personal(context.activity)
        say = Voice(context, self.incoming.post, person, personal=own)
        quiet = aside or not own
        return TeamsReply(
            context,
            Silence() if quiet and not late and opens_dialog(context.activity.name) else say,
            personal=own,
            invoke=not late,
            asked=asked,
            dialogs=self.incoming.post.dialogs,
        )
