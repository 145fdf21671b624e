"""The page as an aiohttp application. Slack's and Teams' routes may be added to the same one.

page = Page.build(dispatch=…, register=…, …)
app = make_app(page)
app.router.add_post("/slack/events", …)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.channels.web import actions, views
from bot.channels.web.drawing import STATIC
from bot.channels.web.page import Page
from bot.channels.web.site import Site, guarded
from bot.channels.web.stream import stream
from bot.channels.web.visitors import right_host
from bot.errors import UsherError
from bot.logs import trail

log = logging.getLogger(__name__)
Inner = Callable[[web.Request], Awaitable[web.StreamResponse]]
ELSEWHERE = ("/slack/", "/api/")
READY_WITHIN = 5.0  # seconds
A_YEAR = "public, max-age=31536000, immutable"


def make_app(page: Page) -> web.Application:
    """The application with the page's routes and the probes; others may add theirs."""
    site = Site.of(page)
    app = web.Application(middlewares=[shield(site)])
    app.on_response_prepare.append(headers(page))
    app.on_shutdown.append(close(page))
    add_routes(app, site)
    return app


def add_routes(app: web.Application, site: Site) -> None:
    """Everything that the page answers to: in the demo school under /as/NAME, else at the root."""
    base = "/as/{person}" if site.page.demo else ""
    routes = [
        ("GET", "/", views.conversation),
        ("GET", "/home", views.home),
        ("GET", "/room/{ref}", views.room),
        ("GET", "/stream", stream),
        ("POST", "/message", actions.message),
        ("POST", "/press", actions.press),
        ("POST", "/submit", actions.submit),
        ("POST", "/read", actions.read),
        ("POST", "/typing", actions.typing),
    ]
    for method, path, handler in routes:
        app.router.add_route(method, base + path, guarded(site, handler))
    if site.page.demo:
        app.router.add_get("/", partial(views.start, site))
        app.router.add_get(base, to_base)
    else:
        app.router.add_get("/sign-in/{token}", partial(views.show_link, site))
        app.router.add_post("/sign-in/{token}", partial(views.take_link, site))
        app.router.add_post("/sign-out", guarded(site, views.sign_out))
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", partial(readyz, site))
    app.router.add_static("/static", STATIC)


async def to_base(request: web.Request) -> web.Response:
    """The address with its last stroke."""
    raise web.HTTPPermanentRedirect(f"{request.path}/")


async def healthz(_request: web.Request) -> web.Response:
    """The process is up."""
    return web.Response(text="ok\n")


async def readyz(site: Site, _request: web.Request) -> web.Response:
    """The store answers and nothing is known to be wrong; else 503 and what is."""
    try:
        async with asyncio.timeout(READY_WITHIN):  # a frozen database takes the question and never answers
            await asyncio.to_thread(site.page.store.last_beat, "page")
            problems = tuple(await asyncio.to_thread(site.page.problems))
    except (UsherError, TimeoutError):
        problems = ("the database does not answer",)
    except Exception as error:
        log.error("The readiness probe failed: %s", trail(error))
        problems = ("the readiness probe failed",)
    return web.Response(text=f"{'; '.join(problems) or 'ok'}\n", status=503 if problems else 200)


def shield(site: Site) -> Middleware:
    """Refuse other host names in the demo school, and turn errors into pages that say what to do."""

    @web.middleware
    async def around(request: web.Request, handler: Inner) -> web.StreamResponse:
        if not right_host(site.page, request):
            return web.Response(text="The demo school answers to this machine's own name only, such as 127.0.0.1.\n", status=421)
        try:
            return await handler(request)
        except web.HTTPException as error:
            if request.path.startswith(ELSEWHERE) or error.status < 400:  # noqa: PLR2004 what is below is no error
                raise
            return site.problem(request, error.status, "There is nothing here." if error.status == 404 else "That did not work.")  # noqa: PLR2004
        except Exception as error:
            if request.path.startswith(ELSEWHERE) or isinstance(error, ConnectionError):
                raise
            log.error("A request failed: %s", trail(error))
            return site.problem(request, 500, "Something went wrong.", "Please try again in a minute.")

    return around


def headers(page: Page) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """What every answer carries: no outside asset, no inline script or style, no frame, no guessing, no keeping."""
    framed = " ".join(page.frame_ancestors) or "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {framed}"
    )
    fixed = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=()",
    }
    if page.public_url.startswith("https://"):
        fixed["Strict-Transport-Security"] = "max-age=31536000"

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        versioned = request.path.startswith("/static/") and "v" in request.query
        response.headers.setdefault("Cache-Control", A_YEAR if versioned else "no-store")

    return add


def close(page: Page) -> Callable[[web.Application], Awaitable[None]]:
    """End the open streams before the process stops."""

    async def end(_app: web.Application) -> None:
        page.hub.close()

    return end
