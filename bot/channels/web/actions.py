"""What can be done on the page: write, press, send a form. Each becomes an event of the bot and goes to the dispatcher.

With our script the answer is JSON: what is new since the page's cursor. Without it, the answer is a page.
"""

from __future__ import annotations

import asyncio
import re
import uuid

from aiohttp import web
from multidict import MultiMapping

from bot.cards import Card, Form
from bot.channels.web import forms
from bot.channels.web.news import Cursor, counted
from bot.channels.web.news import Event as NewsEvent
from bot.channels.web.reply import PageReply
from bot.channels.web.site import Site, wants_json
from bot.channels.web.views import cards_page, html, see_other
from bot.channels.web.visitors import Visitor
from bot.errors import NotSaved
from bot.events import Event, Message, Place, PlaceKind, Press, Submission
from bot.incidents.bounded import in_time
from bot.incidents.opening import as_reference
from bot.people import Person

LONGEST = 6000
Sent = MultiMapping[object]


async def message(site: Site, request: web.Request, who: Visitor) -> web.Response:
    """Somebody wrote, to Usher or in a room."""
    sent = await request.post()
    text = one(sent, "text").replace("\r\n", "\n").strip()
    room, event_id = one(sent, "room"), event_name(who, sent)
    if not text:
        return site.problem(request, 400, "There was nothing to send.")
    if len(text) > LONGEST:
        return site.problem(request, 413, "That is too long.", "Please send it in shorter parts.")
    reply = PageReply(site.page.conversations, site.page.hub, who.person, event_id, aside=bool(room))
    if not room:
        try:
            await in_time(site.page.conversations.wrote, who.person, text, event_id)
        except NotSaved:
            # Answered all the same: somebody may need help now, and the answer needs no store.
            reply.unsaved = True
    event = Message(event_id, who.person, text, place(who, room), site.page.clock.now(), message_id=event_id if room else "")
    return await handled(site, request, who, event, reply, sent)


async def press(site: Site, request: web.Request, who: Visitor) -> web.Response:
    """Somebody pressed a button. Without our script, one that asks first asks on a page of its own."""
    sent = await request.post()
    if one(sent, "ask") and not one(sent, "sure") and not wants_json(request):
        given = [(name, str(value)) for name, value in sent.items() if name != "ask"]
        return html(site.drawing.whole("confirm.html", heading=one(sent, "ask"), words=(), given=given, who=who, back="", back_words=""))
    room, line, event_id = one(sent, "room"), one(sent, "line"), event_name(who, sent)
    action = one(sent, "action")
    aside = bool(room) and action.startswith("incident.")
    reply = PageReply(site.page.conversations, site.page.hub, who.person, event_id, message=counted(line), aside=aside)
    event = Press(event_id, who.person, action, one(sent, "value"), place(who, room), site.page.clock.now(), message_id=line)
    return await handled(site, request, who, event, reply, sent)


async def submit(site: Site, request: web.Request, who: Visitor) -> web.Response:
    """Somebody sent a form."""
    sent = await request.post()
    form = forms.signed_form(site.page, who.person, one(sent, "form"))
    values, errors = forms.filled(form, sent)
    room, event_id = one(sent, "room"), event_name(who, sent)
    aside = bool(room) and form.name.startswith("incident.")
    reply = PageReply(site.page.conversations, site.page.hub, who.person, event_id, aside=aside)
    if errors:
        await reply.field_errors(errors)
        return await answer(site, request, who, reply, sent, form)
    event = Submission(event_id, who.person, form.name, values, form.context, place(who, room), site.page.clock.now())
    return await handled(site, request, who, event, reply, sent, form)


async def read(site: Site, request: web.Request, who: Visitor) -> web.Response:
    """The person has seen the conversation up to a line."""
    line = counted(one(await request.post(), "line"))
    if line is not None:
        await asyncio.to_thread(site.page.conversations.read, who.person, line)
    return web.Response(status=204)


async def typing(site: Site, request: web.Request, who: Visitor) -> web.Response:
    """The person is writing in a room; those who have it open may see that, if the gate lets them read it still."""
    room, hub, reads = as_reference(one(await request.post(), "room")), site.page.hub, site.page.register.knows_of
    listening = hub.listening(room)

    def readers() -> frozenset[str]:
        if not room or not reads(room, who.person):
            return frozenset()
        return frozenset(person for person in {who.person.id, *listening} if reads(room, Person(person, "")))

    allowed = await in_time(readers)
    if who.person.id not in allowed:
        return site.problem(request, 404, "Not found.")
    hub.tell_room(room, who.person.id, ("typing", {"who": who.person.name}), allowed)
    return web.Response(status=204)


async def handled(
    site: Site, request: web.Request, who: Visitor, event: Event, reply: PageReply, sent: Sent, form: Form | None = None
) -> web.Response:
    """Hand the event over, and answer with what came of it. A handled event is not undone because a browser went away."""
    await asyncio.shield(site.page.dispatch.handle(event, reply))
    again = not reply.answered and not await in_time(site.finished, event.event_id)
    return await answer(site, request, who, reply, sent, form, again=again)


async def answer(
    site: Site, request: web.Request, who: Visitor, reply: PageReply, sent: Sent, form: Form | None = None, *, again: bool = False
) -> web.Response:
    """What came of an event. `again`: another try of it is still at work, so ask once more in a moment."""
    room = one(sent, "room")
    if not wants_json(request):
        return await answer_page(site, who, reply, sent, form)
    events: list[NewsEvent] = []
    after = Cursor.read(one(sent, "since"))
    try:
        chat = one(sent, "chat") == "yes"
        events, after = await in_time(site.news.since, who, after, room, chat=chat)
    except NotSaved:
        pass  # what could not be kept is in the notes
    opened = reply.form
    return web.json_response(
        {
            "news": [{"event": name, "data": data} for name, data in events],
            "since": str(after),
            "notes": [site.drawing.card(card, who) for card in notes(reply, room)],
            "form": site.drawing.form(opened, forms.sign(site.page, who.person, opened), who, room) if opened else "",
            "errors": dict(reply.errors),
            "home": bool(reply.home),
            "again": again,
            "unsaved": reply.unsaved,
        }
    )


async def answer_page(site: Site, who: Visitor, reply: PageReply, sent: Sent, form: Form | None) -> web.Response:
    """The same for a browser without our script."""
    room = one(sent, "room")
    shown = reply.form or (form if reply.errors else None)
    if shown:
        token = forms.sign(site.page, who.person, shown)
        values = forms.filled(shown, sent)[0] if reply.errors else {}
        inner = {"one": shown, "signed": token, "who": who, "values": values, "errors": reply.errors, "room_ref": room}
        return html(site.drawing.whole("form_page.html", event=str(uuid.uuid5(uuid.NAMESPACE_URL, reply.event_id)), **inner))
    if cards := notes(reply, room):
        return html(await asyncio.to_thread(cards_page, site, who, "Usher", cards))
    return see_other(f"{who.base}/home" if reply.home else f"{who.base}/room/{room}" if room else f"{who.base}/#write")


def notes(reply: PageReply, room: str) -> tuple[Card, ...]:
    """What was said aside. The room's own card is left out, for the room itself has just been drawn anew."""
    return tuple(card for card in reply.notes if not (room and card.title == f"Incident {room}"))


def place(who: Visitor, room: str) -> Place:
    """Where on the page it happened."""
    if room:
        return Place("web", f"room:{room}", PlaceKind.ROOM, incident=room)
    return Place("web", who.person.id)


def event_name(who: Visitor, sent: Sent) -> str:
    """The event's id: the browser's own, so that a press sent twice is one; nobody can take another person's."""
    given = one(sent, "event")
    return f"web:{who.person.id}:{given if re.fullmatch(r'[0-9A-Za-z-]{8,64}', given) else uuid.uuid4()}"


def one(sent: Sent, name: str) -> str:
    """One text of what was sent, "" where it is not there."""
    value = sent.get(name, "")
    return value if isinstance(value, str) else ""
