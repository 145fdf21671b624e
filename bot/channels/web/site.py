"""What every request handler of the page is given, and the one way in that checks who asks before any of them runs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from bot.channels.web.drawing import Drawing
from bot.channels.web.news import News
from bot.channels.web.page import Page
from bot.channels.web.visitors import Pace, Visitor, right_origin, right_token, visitor
from bot.cited import cited
from bot.errors import NotFound, NotSaved, Refused
from bot.incidents import schema
from bot.logs import trail

log = logging.getLogger(__name__)
FORM_TYPE = "application/x-www-form-urlencoded"
LARGEST = 128 * 1024
NO_LINK = ("Ask Usher for a link: write “link” to it in Slack or Teams.", "The link works once, for ten minutes, and for you alone.")


@dataclass(frozen=True)
class Site:
    """The page, how it is drawn, what is new, and how fast people may send."""

    page: Page
    drawing: Drawing
    news: News
    pace: Pace

    @classmethod
    def of(cls, page: Page) -> Site:
        """Everything that a page needs to answer."""
        drawing = Drawing(page)
        return cls(page, drawing, News(page, drawing), Pace())

    def finished(self, event_id: str) -> bool:
        """Whether this event was handled to its end. Synchronous."""
        seen, name = schema.seen_events, hashlib.sha256(event_id.encode()).hexdigest()
        with self.page.store.reading() as conn:
            return bool(conn.scalar(self.page.store.rows(seen, seen.c.done).where(seen.c.event == name)))

    def problem(self, request: web.Request, status: int, heading: str, *words: str) -> web.Response:
        """Say what went wrong: as JSON to our own script, else as a page."""
        if wants_json(request):
            return web.json_response({"problem": " ".join((heading, *words))}, status=status)
        known = self.page.demo and self.page.people.get(request.match_info.get("person", ""))
        back = f"/as/{known.id}/" if known else "/"
        text = self.drawing.whole("plain.html", heading=heading, words=words, back=back, back_words="Back to Usher")
        return web.Response(text=text, status=status, content_type="text/html")

    def stranger(self, request: web.Request) -> web.Response:
        """The one page that somebody without a session sees."""
        if self.page.demo:
            return self.problem(request, 404, "There is nobody of that name in the demo school.")
        if wants_json(request):
            return web.json_response({"problem": "You have been signed out.", "signed_out": True}, status=401)
        text = self.drawing.whole("plain.html", heading="You are not signed in", words=NO_LINK, back="", back_words="")
        return web.Response(text=text, status=401, content_type="text/html")


Handler = Callable[[Site, web.Request, Visitor], Awaitable[web.StreamResponse]]


def guarded(site: Site, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Let a request through to its handler only from somebody known and, where it changes something, only from our own page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            who = await visitor(site.page, request)
            if who is None:
                return site.stranger(request)
            if request.method == "POST" and (refusal := await refused(site, request, who)):
                return refusal
            return await handler(site, request, who)
        except NotFound as error:
            return site.problem(request, 404, "Not found.", str(error))
        except Refused as error:
            return site.problem(request, 409, "That is not possible.", str(error))
        except NotSaved as error:
            log.error("The page could not reach the store: %s", trail(error))
            ring = f"If it cannot wait, telephone the school on {site.page.telephone}." if site.page.telephone else ""
            return site.problem(request, 503, "Usher cannot reach its store just now.", "Please try again in a minute.", ring)

    return handle


async def refused(site: Site, request: web.Request, who: Visitor) -> web.Response | None:
    """Why a POST is not taken, or None."""
    if request.content_type != FORM_TYPE:
        return site.problem(
            request, 415, "Pictures and files are not taken here.", cited("Nothing was kept. Words are enough (clause 71).")
        )
    if (request.content_length or 0) > LARGEST:
        return site.problem(request, 413, "That is too long.", "Please send it in shorter parts.")
    given = request.headers.get("X-Csrf") or str((await request.post()).get("csrf", ""))
    if not right_origin(site.page, request) or not right_token(site.page, who, given):
        return site.problem(request, 403, "That did not come from your page.", "Please open the page again and send it once more.")
    # That somebody reads or types is told often, and by itself; it does not use up what they may send.
    by_itself = request.path.endswith(("/read", "/typing"))
    if wait := site.pace.wait(f"{who.person.id} {by_itself}", site.page.clock.now()):
        answer = site.problem(request, 429, "That was faster than I can read.", "Please wait a few seconds and send it again.")
        answer.headers["Retry-After"] = str(int(wait) + 1)
        return answer
    return None


def wants_json(request: web.Request) -> bool:
    """Whether our own script asks."""
    return "application/json" in request.headers.get("Accept", "")
