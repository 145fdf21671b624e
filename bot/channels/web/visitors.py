"""Who is asking, and whether the request really comes from our own page: session, host, origin, token, and not too fast."""

from __future__ import annotations

import hmac
import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.web.page import Page
from bot.incidents.bounded import in_time
from bot.people import Person

COOKIE = "__Host-usher"
BURST = 40
PER_SECOND = 1.0
REMEMBERED = 5000


@dataclass(frozen=True)
class Visitor:
    """Somebody at the page. `base` stands before every address of theirs; `token` is their session's, "" in the demo school."""

    person: Person
    base: str
    csrf: str
    token: str = ""


async def visitor(page: Page, request: web.Request) -> Visitor | None:
    """Who asks: in the demo school whoever the address names, else whose session the cookie holds. None: nobody."""
    if page.demo:
        found = page.people.get(request.match_info.get("person", ""))
        return Visitor(found, f"/as/{found.id}", page.seal("csrf", found, "demo")) if found else None
    token = request.cookies.get(COOKIE, "")
    person = await in_time(page.sessions.person, token) if token else None
    return Visitor(person, "", page.seal("csrf", person, token), token) if person else None


def right_host(page: Page, request: web.Request) -> bool:
    """In the demo school, where there is no signing in: whether the page was asked for by this machine's own name.

    Another site could make its name lead to this machine; it cannot make the browser ask for another name.
    """
    if not page.demo:
        return True
    name = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def right_origin(page: Page, request: web.Request) -> bool:
    """Whether a POST was sent by a page of ours."""
    origin = request.headers.get("Origin", "")
    if not origin:
        return request.headers.get("Sec-Fetch-Site", "") == "same-origin"
    ours = {f"http://{request.headers.get('Host', '')}"} if page.demo else {origin_of(page.public_url)}
    return origin in ours


def origin_of(url: str) -> str:
    """The scheme, host and port of an address, as a browser writes them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def right_token(page: Page, who: Visitor, given: str) -> bool:
    """Whether the request carries this person's and this session's own token."""
    return any(hmac.compare_digest(given, good) for good in page.sealed("csrf", who.person, who.token or "demo"))


class Pace:
    """How fast each person may send: a burst, then so many a second. Kept in memory; nobody is shut out for longer than seconds."""

    def __init__(self, burst: float = BURST, per_second: float = PER_SECOND) -> None:
        self._burst = burst
        self._per_second = per_second
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def wait(self, who: str, now: datetime) -> float:
        """Take one from this person's allowance; how many seconds to wait where there is none left, else 0."""
        left, at = self._left.pop(who, (self._burst, now))
        left = min(self._burst, left + max(0.0, (now - at).total_seconds()) * self._per_second)
        allowed = left >= 1
        self._left[who] = (left - 1 if allowed else left, now)
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._per_second
