"""What can be looked at: the conversation with Usher, a room, the home, and the pages around them."""

from __future__ import annotations

import asyncio
import secrets

from aiohttp import web

from bot.cards import Card
from bot.channels.web.conversations import PAGE
from bot.channels.web.drawing import hint_for
from bot.channels.web.news import counted
from bot.channels.web.reply import PageReply
from bot.channels.web.side import side_view
from bot.channels.web.site import Site
from bot.channels.web.visitors import COOKIE, Visitor, right_origin
from bot.errors import NotFound
from bot.events import Opened, Place
from bot.incidents.notices import status_card

HTML = "text/html"


def html(text: str, status: int = 200) -> web.Response:
    """A page."""
    return web.Response(text=text, status=status, content_type=HTML)


def see_other(where: str) -> web.Response:
    """Go there instead."""
    return web.Response(status=303, headers={"Location": where})


async def conversation(site: Site, request: web.Request, who: Visitor) -> web.Response:
    """The conversation with Usher; `?before=` shows what was said earlier."""
    before = counted(request.query.get("before", ""))

    def draw() -> str:
        since = site.news.now(who.person)
        said = site.page.conversations.page(who.person, before)
        if said and before is None:
            site.page.conversations.read(who.person, said[-1].n)
        older = said[0].n if len(said) == PAGE else None
        values = {"who": who, "since": since, "room_ref": "", "here": "usher", "said": said, "older": older, "before": before}
        return site.drawing.whole("chat.html", view=side_view(site.page, who.person), **values)

    return html(await asyncio.to_thread(draw))


async def room(site: Site, request: web.Request, who: Visitor) -> web.Response:
    """The private room of an incident. Somebody who may only follow their report is told how it stands."""
    ref = request.match_info["ref"]

    def draw() -> str:
        since = site.news.now(who.person)
        try:
            view = site.news.room(ref, who.person)
        except NotFound:
            told = site.page.register.delivery_state(ref, who.person)
            return cards_page(site, who, f"Your report {ref}", (status_card(ref, told, site.page.telephone),))
        values = {"who": who, "since": f"{since.line}.{since.feed}.{view.last}", "room_ref": view.ref, "here": view.ref}
        return site.drawing.whole("room.html", view=side_view(site.page, who.person), room=view, **values)

    return html(await asyncio.to_thread(draw))


async def home(site: Site, _request: web.Request, who: Visitor) -> web.Response:
    """What this person can do, and what waits for them."""
    event_id = f"web:{who.person.id}:{secrets.token_hex(16)}"
    reply = PageReply(site.page.conversations, site.page.hub, who.person, event_id, aside=True)
    place = Place("web", who.person.id)
    await site.page.dispatch.handle(Opened(event_id, who.person, place, site.page.clock.now()), reply)
    cards = reply.home or tuple(reply.notes)
    return html(await asyncio.to_thread(cards_page, site, who, "What I can do here", cards, "home"))


def cards_page(site: Site, who: Visitor, title: str, cards: tuple[Card, ...], here: str = "") -> str:
    """Cards on a page of their own. Synchronous."""
    since = site.news.now(who.person)
    values = {"who": who, "since": since, "room_ref": "", "here": here, "room_title": title, "sub": "", "cards": cards}
    return site.drawing.whole("follow.html", view=side_view(site.page, who.person), **values)


async def start(site: Site, _request: web.Request) -> web.Response:
    """The demo's first page: whom one can be."""
    people = [(person, hint_for(person)) for person in site.page.people]
    return html(site.drawing.whole("start.html", people=people))


async def show_link(site: Site, request: web.Request) -> web.Response:
    """What a one-time link leads to: a button. Looking takes nothing, for chat products look at links by themselves."""
    del request
    words = (f"This signs you in to Usher at {site.page.school}, on this device.",)
    return html(site.drawing.whole("sign_in.html", heading="Sign in", words=words, back="", back_words=""))


async def take_link(site: Site, request: web.Request) -> web.Response:
    """The button was pressed: take the link, once, and begin a session."""
    if not right_origin(site.page, request):
        return site.problem(request, 403, "That did not come from your page.", "Please open the link again.")
    if wait := site.pace.wait(f"address {request.remote}", site.page.clock.now()):
        return site.problem(request, 429, "That was too often.", f"Please wait {int(wait) + 1} seconds.")
    session = await asyncio.to_thread(site.page.sessions.sign_in, request.match_info["token"])
    if session is None:
        ask = "Ask Usher for a new one: write “link” to it in Slack or Teams."
        return site.problem(request, 410, "This link has been used or is too old.", ask)
    answer = see_other("/")
    # In another site's frame a browser keeps a cookie only when it is partitioned: one jar for each site around it.
    # Written by hand, for the library knows that word only from Python 3.14 on.
    where = "SameSite=None; Partitioned" if site.page.frame_ancestors else "SameSite=Lax"
    answer.headers["Set-Cookie"] = f"{COOKIE}={session.token}; Path=/; Secure; HttpOnly; {where}"
    return answer


async def sign_out(site: Site, _request: web.Request, who: Visitor) -> web.Response:
    """End the session."""
    if who.token:
        await asyncio.to_thread(site.page.sessions.sign_out, who.token)
    words = ("Close this page if others use this device.",)
    answer = html(site.drawing.whole("plain.html", heading="You are signed out", words=words, back="", back_words=""))
    answer.del_cookie(COOKIE, path="/", secure=True, httponly=True)
    return answer
