"""What Teams waits for an answer to: pressed buttons, dialogs, the message extension. All answers are plain dictionaries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.cards import Card, Form, Quote, Text
from bot.channels.teams.blocks import Element
from bot.channels.teams.drawing import attachment, draw
from bot.channels.teams.forms import FORM, Values, draw_form, read_form
from bot.channels.teams.heard import personal, plain
from bot.channels.teams.incoming import GUESTS, HELD, PLACE, RELAYED, Incoming, event_name
from bot.channels.teams.post import stored
from bot.channels.teams.references import NAME
from bot.channels.teams.reply import TeamsReply, opens_dialog, speaker
from bot.channels.teams.rooms import LEAVE
from bot.channels.teams.viewer import REFRESH, Viewer
from bot.channels.text import quote_text
from bot.events import Place, PlaceKind, Press, RoomChange, Submission
from bot.people import Person

Body = dict[str, Any]
FindClauses = Callable[[str], Sequence[Quote]]

ANSWER_SECONDS = 4.0  # Teams gives up a dialog after about five
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
NOTE_TYPE = "application/vnd.microsoft.activity.message"
OLD = "That form is too old. Please open it again."
LATER = "This takes a moment longer. The answer comes as a message."
QUOTED = 900
SAY = "incident.say"  # words for a room, written in a dialog: the room itself does not have them yet
NO_CLAUSE = "The policy has no clause for that. Ask Usher in your own chat with it."


@dataclass
class Presses:
    """Answers invokes. `find_clauses`: the clauses that bear on a question, none where the words disclose something."""

    incoming: Incoming
    viewer: Viewer
    find_clauses: FindClauses | None = None

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
                return await self.fetched(context, person, {"usher": "report.open", "value": self.told(value)})
            case "task/submit" | "composeExtension/submitAction":
                return await self.submitted(context, person, part(value, "data"))
            case "composeExtension/query":
                return await self.searched(value)
        return {}

    async def pressed(self, context: TurnContext, person: Person, value: Body) -> Body:
        """A button of a card."""
        data = part(part(value, "action"), "data")
        action, text = str(data.get("usher") or ""), str(data.get("value") or "")
        reply = self._reply(context, person, (action, text))
        if action == REFRESH:
            return self.shown_card(draw(await stored(lambda: self.viewer.own(person, text)), refresh=self.viewer.refresh(text, person))[0])
        if FORM in data:
            return await self.sent_in_place(context, person, reply, data)
        work = {PLACE: self.placed, LEAVE: self.left}.get(action, self.acted)
        done = await self.incoming.in_time(work(context, person, reply, action, text), 2 * ANSWER_SECONDS)
        reply.holds = False
        if reply.card:
            return self.shown_card(reply.card)
        return {"statusCode": 200, "type": NOTE_TYPE, "value": "Answered below." if done else LATER}

    async def sent_in_place(self, context: TurnContext, person: Person, reply: TeamsReply, data: Body) -> Body:
        """A form that stood in a message was sent: it gives way to what came of it."""
        found = read_form(data)
        if found is None:
            return {"statusCode": 200, "type": NOTE_TYPE, "value": OLD}
        form, values = found
        event = self.submission(context, person, form, values)
        done = await self.incoming.in_time(self.incoming.hand_over(event, reply), 2 * ANSWER_SECONDS)
        if reply.errors:
            return self.shown_card(draw_form(form, values, reply.errors))
        return self.shown_card(draw(Card(form.title, (Text("Answered below." if done else LATER),)))[0])

    async def acted(self, context: TurnContext, person: Person, reply: TeamsReply, action: str, value: str) -> None:
        """A button that some handler is for."""
        activity: Activity = context.activity
        event = Press(event_name(activity), person, action, value, self.place(activity), self.incoming.now, str(activity.reply_to_id or ""))
        await self.incoming.hand_over(event, reply)

    async def placed(self, context: TurnContext, person: Person, reply: TeamsReply, action: str, value: str) -> None:
        """The person has said whom their words are for."""
        del action
        ref, _, name = value.partition("|")
        held = await stored(lambda: self.incoming.post.book.get(HELD, name))
        if held is None or held["person"] != person.id:
            await reply.replace(Card("That has been dealt with already", notice="Usher"))
            return
        rooms = await stored(lambda: self.incoming.rooms.of(person))
        room = next((one for one in rooms if one.ref == ref), None)
        text, files = str(held["text"]), int(held["files"])
        if ref and room is None:
            await reply.replace(Card(f"You are not in the room of {ref}", (Text("Nothing was sent."),), notice="Not sent"))
            return
        if room:
            done = await self.incoming.to_room(context, person, room, text, files=files, event_id=name)
            await reply.replace(Card(f"Sent to the room of {ref}" if done else "Not sent", (Text(text),), notice="Usher"))
        else:
            await self.incoming.to_usher(context, person, text, files=files, event_id=name)
            await reply.replace(Card("Answered below", (Text("Only you and I can see it."),), notice="Usher"))
        await stored(lambda: self.incoming.post.book.remove(HELD, name))

    async def left(self, context: TurnContext, person: Person, reply: TeamsReply, action: str, value: str) -> None:
        """The person leaves a room."""
        del action
        place = Place(RELAYED, context.activity.conversation.id, PlaceKind.ROOM, incident=value)
        await self.incoming.hand_over(RoomChange(event_name(context.activity), person, "left", place, self.incoming.now), reply)
        if not reply.said:
            await reply.replace(Card(f"You have left the room of {value}", (Text("You are not told of anything new."),), notice="Usher"))

    async def fetched(self, context: TurnContext, person: Person, data: Body) -> Body:
        """A dialog opens: its form, or what there is to say instead."""
        action, text = str(data.get("usher") or ""), str(data.get("value") or "")
        reply = self._reply(context, person, (action, text), aside=True)
        if not await self.incoming.in_time(self.acted(context, person, reply, action, text), ANSWER_SECONDS):
            return note(LATER)
        if reply.form:
            return dialog(reply.form.title, draw_form(reply.form))
        return said_in_dialog(reply)

    async def submitted(self, context: TurnContext, person: Person, data: Body) -> Body:
        """A form was sent: what is wrong with it beside the fields, or what came of it."""
        found = read_form(data)
        if found is None:
            return note(OLD)
        form, values = found
        activity: Activity = context.activity
        reply = self._reply(context, person, (form.name, form.context))
        event = self.submission(context, person, form, values)
        done = await self.incoming.in_time(self.incoming.hand_over(event, reply), ANSWER_SECONDS)
        if reply.errors:
            return dialog(form.title, draw_form(form, values, reply.errors))
        if not done:
            return note(LATER)
        return {} if personal(activity) else said_in_dialog(reply)

    def submission(self, context: TurnContext, person: Person, form: Form, values: Values) -> Submission:
        """The event of a sent form."""
        activity: Activity = context.activity
        place = replace(self.place(activity), channel=RELAYED) if form.name == SAY else self.place(activity)
        return Submission(event_name(activity), person, form.name, values, form.context, place, self.incoming.now)

    async def searched(self, value: Body) -> Body:
        """The message extension: clauses to put into what one is writing, word for word."""
        given = [one for one in value.get("parameters") or [] if isinstance(one, dict)]
        question = next((str(one.get("value") or "") for one in given if one.get("name") == "question"), "").strip()
        if not question or self.find_clauses is None:
            return extension_note("Type a question in your own words, or a clause's number.")
        find = self.find_clauses
        clauses = await stored(lambda: find(question))
        if not clauses:
            return extension_note(NO_CLAUSE)
        return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": [clause_result(one) for one in clauses]}}

    def told(self, value: Body) -> str:
        """What the reported message says, as the beginning of a report. Its pictures and files stay where they are."""
        message = part(value, "messagePayload")
        who = str(part(part(message, "from"), "user").get("displayName") or "somebody")
        words = plain(str(part(message, "body").get("content") or ""))
        when = re.sub(r"T(\d\d:\d\d).*", r" \1", str(message.get("createdDateTime") or ""))
        text = f"A message in Teams from {who}{f', {when}' if when else ''}: “{words[:QUOTED]}{'…' if len(words) > QUOTED else ''}”"
        return json.dumps({"what": text}, ensure_ascii=False)

    def shown_card(self, card: Element) -> Body:
        """A card in the place of the one that was pressed."""
        return {"statusCode": 200, "type": CARD_TYPE, "value": self.incoming.post.for_client(card)}

    def place(self, activity: Activity) -> Place:
        """Presses are answered privately, wherever they were made."""
        return Place(NAME, activity.conversation.id)

    def _reply(self, context: TurnContext, person: Person, asked: tuple[str, str], *, aside: bool = False) -> TeamsReply:
        own = personal(context.activity)
        say = speaker(context, self.incoming.post, person, personal=own)
        quiet = aside or not own
        return TeamsReply(
            context,
            silent if quiet and opens_dialog(context.activity.name) else say,
            personal=own,
            invoke=True,
            asked=asked,
            dialogs=self.incoming.post.dialogs,
        )


async def silent(activity: Activity) -> None:
    """What is said while a dialog opens stands in the dialog itself."""
    del activity


def part(value: Body, name: str) -> Body:
    """A dictionary within a dictionary; an empty one where it is something else."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


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


def clause_result(quote: Quote) -> Body:
    """One clause to choose, and the card that is put into the message."""
    title = f"Clause {quote.number}, {quote.section}" if quote.section else f"Clause {quote.number}"
    preview = {"contentType": "application/vnd.microsoft.card.thumbnail", "content": {"title": title, "text": quote.text[:180]}}
    card = draw(Card("", (quote,), notice=quote_text(quote)[:80]))[0]
    return {**attachment(card), "preview": preview}


def extension_note(text: str) -> Body:
    """A sentence in the place of results."""
    return {"composeExtension": {"type": "message", "text": text}}
