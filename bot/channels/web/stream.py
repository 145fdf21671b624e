"""Live updates as server-sent events: everything since the page's cursor, then whatever comes.

The cursor stands in each event's id, so that a browser which lost its connection asks for exactly what it has missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

from aiohttp import web

from bot.channels.web.hub import Ear
from bot.channels.web.news import Cursor, Event
from bot.channels.web.site import Site
from bot.channels.web.visitors import Visitor
from bot.errors import NotSaved
from bot.incidents.opening import as_reference

POLL = 3.0
STILL_THERE = 20.0
SESSION_CHECK = 30.0
MOST_PAGES = 12
GATHER = 0.03


async def stream(site: Site, request: web.Request, who: Visitor) -> web.StreamResponse:
    """Stay with one open page until it goes away."""
    hub = site.page.hub
    if hub.count(who.person.id) >= MOST_PAGES:
        return site.problem(request, 429, "Too many pages of yours are open.", "Please close some of them.")
    room, chat = as_reference(request.query.get("room", "")), request.query.get("chat") == "yes"
    theirs = room != "" and await asyncio.to_thread(site.page.register.knows_of, room, who.person)
    if "room" in request.query and not theirs:
        return site.problem(request, 404, "Not found.")
    cursor = Cursor.read(request.headers.get("Last-Event-ID") or request.query.get("since", ""))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    with hub.listen(Ear(who.person.id, room)) as ear, contextlib.suppress(ConnectionError):
        await response.write(b"retry: 1500\n\n")
        await follow(site, who, response, ear, cursor, chat=chat)
    return response


async def follow(site: Site, who: Visitor, response: web.StreamResponse, ear: Ear, cursor: Cursor, *, chat: bool) -> None:
    """Write what is new until the page or the process ends, or the session does."""
    wrote = checked = time.monotonic()
    while not site.page.hub.closing:
        events: list[Event] = []
        with contextlib.suppress(NotSaved):  # the store is away: keep the page, and look again
            events, cursor = await asyncio.to_thread(site.news.since, who, cursor, ear.room, chat=chat)
        for name, passing in ear.take():
            await response.write(as_text(name, passing, None))
        for place, (name, data) in enumerate(events, start=1):
            # Only the last one moves the browser's cursor: if the line breaks in between, everything comes again.
            await response.write(as_text(name, data, cursor if place == len(events) else None))
        now = time.monotonic()
        if events:
            wrote = now
        elif now - wrote >= STILL_THERE:
            await response.write(as_text("still_there", {}, None))
            wrote = now
        if who.token and now - checked >= SESSION_CHECK:
            checked = now
            if not await asyncio.to_thread(site.page.sessions.good, who.token):
                await response.write(as_text("signed_out", {}, None))
                return
        await ear.wait(POLL)
        await asyncio.sleep(GATHER)


def as_text(name: str, data: object, cursor: Cursor | None) -> bytes:
    """One server-sent event."""
    mark = f"id: {cursor}\n" if cursor else ""
    return f"{mark}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
