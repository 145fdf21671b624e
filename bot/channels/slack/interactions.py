"""Presses, commands, shortcuts and forms."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable
from contextlib import suppress

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.cards import Button, Card, Field, Form, Text, Tone
from bot.channels.slack import arrivals
from bot.channels.slack.about_message import about_message
from bot.channels.slack.buttons import pressed
from bot.channels.slack.desk import Desk
from bot.channels.slack.dialog import Dialog
from bot.channels.slack.discretion import OPEN_PAGE
from bot.channels.slack.forms import PREFIX, filled, origin_and_context
from bot.channels.slack.limits import Json
from bot.channels.slack.reply import SlackReply
from bot.channels.slack.spot import Spot, Surface, spot_of
from bot.channels.slack.staff import NAME
from bot.channels.slack.submissions import Answering
from bot.channels.slack.words import plain_words
from bot.dispatch import Outcome
from bot.errors import DeliveryError, NotSaved
from bot.events import Event, Message, Press, Submission
from bot.people import Person

log = logging.getLogger(__name__)
ASK = "slack.ask"
LINK = "slack.link"
ASK_FORM = Form(ASK, "Ask about the policy", (Field("question", "Your question", "long_text", required=True),), "Ask")
REPORT = "report.open"
OWN = frozenset({ASK, LINK, OPEN_PAGE})  # nothing is lost with these: the person sees at once that there is no answer
NO_FORM = Card("Please try again in a minute", (Text("Slack could not open the form. You can also ask right here."),), tone=Tone.INFO)
LINK_LASTS = "It is for you alone. It works once, and for ten minutes."
SORRY = Card("Please try again in a minute", (Text("Slack did not tell me who you are, so I could not do that."),), tone=Tone.INFO)


class Interactions:
    """Everything that comes with a person's press."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._answering = Answering(desk)

    def attach(self, app: AsyncApp) -> None:
        """Register everything with Bolt."""
        app.action(re.compile(".*"))(self.press)
        app.command(re.compile(r"^/\S*ask$"))(self.ask)  # a school may call it /usher-ask
        app.command(re.compile(r"^/\S*report$"))(self.report)
        app.shortcut("report")(self.report_shortcut)
        app.shortcut("ask")(self.ask_shortcut)
        app.shortcut("report_message")(self.report_message)
        app.view_submission(re.compile(f"^{PREFIX}"))(self.submit)

    async def press(self, ack: AsyncAck, body: Json) -> None:
        """A button, a choice of a menu, or the box on the home. What does something is kept until it is done."""
        name, _ = pressed(first_action(body))
        if not name or name in OWN or self._desk.dispatcher.opens_form(name):
            await ack()
            await self._pressed(body)
            return
        key = arrivals.press_name(self.team(body), body, first_action(body))
        kept = arrivals.lean({one: part for one, part in body.items() if one != "view"})
        async with self._desk.inbox.holding(NAME, f"press {key}", {"kind": "press", "body": kept}):
            await ack()
            await self._pressed(body)

    async def pressed_again(self, body: Json, *, last: bool) -> Outcome:
        """A press that a process took and did not live to handle."""
        return await self._pressed(body, last=last)

    async def _pressed(self, body: Json, *, last: bool = True) -> Outcome:
        team, action = self.team(body), first_action(body)
        name, value = pressed(action)
        if not name or name == LINK:
            return Outcome.DONE
        event_id = arrivals.press_name(team, body, action)
        spot = arrivals.spot_of_press(team, body)
        dialog = self._desk.dialog(spot)
        if self._is_held(spot, name):
            dialog.hold_soon()  # before anything is asked of the database
        try:
            spot = arrivals.spot_of_press(team, body, await self._desk.incident_at(team, spot.channel))
        except NotSaved:
            if not last:
                raise  # else the answer goes to the person alone, as it would anyway
        if name == ASK:
            await self._ask(spot, value, event_id, dialog)
        elif name == OPEN_PAGE:
            if self._desk.first_time(event_id):
                await self.open_page(spot)
        else:
            return await self._press(spot, name, value, event_id, dialog, last=last)
        return Outcome.DONE

    def _is_held(self, spot: Spot, action: str) -> bool:
        """Whether the answer is, or may be, a modal, for which Slack waits only three seconds."""
        return spot.surface is Surface.VIEW or self._desk.dispatcher.opens_form(action)

    async def ask(self, ack: AsyncAck, body: Json) -> None:
        """`/ask`: the answer is for the asker alone, wherever they are."""
        await ack()
        team = self.team(body)
        words = await self._words(team, str(body.get("text") or ""))
        await self._ask(arrivals.spot_of_command(team, body), words, arrivals.command_name(team, body))

    async def report(self, ack: AsyncAck, body: Json) -> None:
        """`/report`, with or without words."""
        await ack()
        team = self.team(body)
        spot = arrivals.spot_of_command(team, body)
        dialog = self._desk.dialog(spot)
        dialog.hold_soon()  # also while it is asked who is named
        words = await self._words(team, str(body.get("text") or ""))
        value = json.dumps({"what": words[:1000]}, ensure_ascii=False) if words else ""
        await self._press(spot, REPORT, value, arrivals.command_name(team, body), dialog)

    async def report_shortcut(self, ack: AsyncAck, body: Json) -> None:
        """The global shortcut "Report something"."""
        await ack()
        await self._press(arrivals.spot_of_shortcut(self.team(body), body), REPORT, "", arrivals.command_name(self.team(body), body))

    async def ask_shortcut(self, ack: AsyncAck, body: Json) -> None:
        """The global shortcut "Ask about the policy"."""
        await ack()
        try:
            await self._desk.reply(arrivals.spot_of_shortcut(self.team(body), body)).open_form(ASK_FORM)
        except DeliveryError as error:
            log.warning("The question form could not be opened: %s", type(error).__name__)
            with suppress(DeliveryError):
                await self._desk.reply(arrivals.spot_of_shortcut(self.team(body), body)).say(NO_FORM)

    async def report_message(self, ack: AsyncAck, body: Json) -> None:
        """The message shortcut: it carries the message's address and its author, not its words and no picture."""
        await ack()
        team = self.team(body)
        known = await about_message(self._desk.staff, team, body)
        value = json.dumps(known, ensure_ascii=False)
        await self._press(arrivals.spot_of_shortcut(team, body), REPORT, value, arrivals.command_name(team, body))

    async def submit(self, ack: AsyncAck, body: Json) -> None:
        """A form was sent. It is kept until what it says is saved, or the person knows that it is not."""
        view = body["view"]
        event_id = arrivals.submission_name(self.team(body), view, filled(view), self._desk.tries(view["id"]))
        form, reply = self._form(body)

        async def work() -> None:
            kept = {"kind": "sent", "id": event_id, "body": arrivals.lean(body)}
            async with self._desk.inbox.holding(NAME, f"sent {event_id}", kept):
                await self._sent(body, event_id, reply)

        await self._answering.answer(ack, view, reply, work(), always_shown=form == ASK)

    async def sent_again(self, body: Json, event_id: str, *, last: bool) -> Outcome:
        """A form that a process took and did not live to handle: what comes of it is told in the direct conversation."""
        _, reply = self._form(body, gone=True)
        outcome = await self._sent(body, event_id, reply, last=last)
        if reply.errors:
            await reply.say(Card("Your form was not taken", tuple(Text(one) for one in reply.errors.values()), tone=Tone.REPORT))
        return outcome

    async def _sent(self, body: Json, event_id: str, reply: SlackReply, *, last: bool = True) -> Outcome:
        person = await self._desk.staff.person(reply.spot.team, reply.spot.user)
        if person is None:
            return Outcome.DONE
        view, now, place = body["view"], self._desk.clock.now(), reply.spot.place
        form, values = str(view["callback_id"]).removeprefix(PREFIX), filled(view)
        event: Event = Submission(event_id, person, form, values, origin_and_context(view)[1], place, now)
        if form == ASK:
            # The answer is shown in the modal and in the direct conversation.
            event = Message(event_id, person, str(values.get("question", "")), await self._desk.asked_at(reply.spot), now)
        return await self._desk.handle(event, reply, last=last)

    def _form(self, body: Json, *, gone: bool = False) -> tuple[str, SlackReply]:
        """The form's name, and the answer to it. `gone`: its modal is not there any more."""
        view, (origin, context) = body["view"], origin_and_context(body["view"])
        form = str(view["callback_id"]).removeprefix(PREFIX)
        trigger, shown = ("", None) if gone else (str(body.get("trigger_id") or ""), view)
        spot = spot_of(origin, self.team(body), str(body["user"]["id"]), trigger, shown)
        return form, self._desk.reply(spot, ref=context if form.startswith("incident.") else "")

    async def _press(
        self, spot: Spot, action: str, value: str, event_id: str, dialog: Dialog | None = None, *, last: bool = True
    ) -> Outcome:  # fmt: skip
        reply = self._desk.reply(
            spot,
            ref=value.partition("|")[0] if action.startswith("incident.") else "",
            again=Button("Open the form", action, value, "primary"),
            dialog=dialog,
        )

        def event(person: Person) -> Event:
            return Press(event_id, person, action, value, spot.place, self._desk.clock.now(), spot.message)

        return await self._carry(spot, reply, event, hold=self._is_held(spot, action), last=last)

    async def _ask(self, spot: Spot, text: str, event_id: str, dialog: Dialog | None = None) -> None:
        place = await self._desk.asked_at(spot)

        def event(person: Person) -> Event:
            return Message(event_id, person, text.strip(), place, self._desk.clock.now())

        await self._carry(spot, self._desk.reply(spot, dialog=dialog), event, hold=spot.surface is Surface.VIEW)

    async def _carry(
        self, spot: Spot, reply: SlackReply, event: Callable[[Person], Event], *, hold: bool, last: bool = True
    ) -> Outcome:  # fmt: skip
        if hold:
            reply.dialog.hold_soon()  # also while it is still being asked who this is
        try:
            person = await self._desk.staff.person(spot.team, spot.user)
        except DeliveryError:
            await reply.dialog.end()
            if not last:
                raise
            await reply.say(SORRY)
            return Outcome.DONE
        return Outcome.DONE if person is None else await self._desk.handle(event(person), reply, last=last)

    async def open_page(self, spot: Spot) -> None:
        """Give the person their own way to the page."""
        reply = self._desk.reply(spot)
        try:
            person = await self._desk.staff.person(spot.team, spot.user)
            if person is not None:
                link = await asyncio.to_thread(self._desk.make_link, person)
                await reply.link(Card("Your way to Usher's page", (Text(LINK_LASTS),)), "Open the page", link)
        except Exception as error:
            log.warning("A link to the page could not be made: %s", type(error).__name__)
            await reply.say(Card("Please try again in a minute", (Text("The link could not be made."),), tone=Tone.INFO))

    async def _words(self, team: str, text: str) -> str:
        """The words of a command as they were meant: Slack escapes them, and writes ids for names."""
        return await plain_words(text, lambda user: self._desk.staff.name(team, user))

    def team(self, body: Json) -> str:
        """The workspace in which somebody pressed something."""
        team = body.get("team_id") or (body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id")
        return self._desk.workspaces.key(str(team or ""))


def first_action(body: Json) -> Json:
    """What was pressed."""
    return dict((body.get("actions") or [{}])[0])
