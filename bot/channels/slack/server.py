"""Slack's events over HTTP, in the bot's own web application; and the pages on which somebody installs the bot."""

from __future__ import annotations

import time
from collections import OrderedDict

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request

from bot.channels.slack.side import SlackSide
from bot.errors import SettingsError

EVENTS = "/slack/events"
LARGEST = 1024 * 1024
FRESH = 300.0  # seconds for which Slack's signature holds
SIGNATURE = "X-Slack-Signature"
RETRY = "X-Slack-Retry-Num"
STAMP = "X-Slack-Request-Timestamp"
UNINVITED = "Please open the whole address that whoever looks after Usher has given you (`app.py slack install-link` prints it)."


def add_slack(app: web.Application, side: SlackSide) -> None:
    """Take Slack's events on /slack/events, and installations on /slack/install where there are client credentials.

    Raises:
        SettingsError: there is no signing secret, so that anybody could pretend to be Slack.
    """
    if not side.settings.signing_secret:
        raise SettingsError(["SLACK_SIGNING_SECRET: copy it from your Slack app's Basic Information page, or set SLACK_APP_TOKEN."])
    app.router.add_post(EVENTS, Door(side).take)
    if (installs := side.installs) is not None:
        flow = installs.flow

        async def install(request: web.Request) -> web.Response:
            if not installs.invites(request.query.get("key", "")):
                return web.Response(status=403, text=UNINVITED)
            return await to_aiohttp_response(await flow.handle_installation(await to_bolt_request(request)))

        async def installed(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await flow.handle_callback(await to_bolt_request(request)))

        app.router.add_get(flow.install_path, install)
        app.router.add_get(flow.redirect_uri_path, installed)


class Door:
    """Takes Slack's requests. Bolt checks the signature and its freshness; a request that was taken is not taken a second time.

    The header that says "this is a retry" is not signed, so it opens no way round that: the very same bytes are handled once.
    """

    def __init__(self, side: SlackSide) -> None:
        self._side = side
        self._taken: OrderedDict[str, float] = OrderedDict()
        self._at_work: set[str] = set()

    async def take(self, request: web.Request) -> web.Response:
        """One request of Slack's."""
        if (request.content_length or 0) > LARGEST:
            return web.Response(status=413)
        signature, now = request.headers.get(SIGNATURE, ""), time.monotonic()
        if signature in self._taken:
            # Slack's retry of what was taken, its answer having been lost: it is content with "received". Anything else is a replay.
            if RETRY in request.headers and is_fresh(request.headers.get(STAMP, "")):
                return web.Response(status=503 if signature in self._at_work else 200)
            return web.json_response({"error": "replayed"}, status=401)
        self._remember(signature, now)  # before anything is waited for: the same bytes may come again meanwhile
        self._at_work.add(signature)
        taken = False
        try:
            response = await self._side.bolt.async_dispatch(await to_bolt_request(request))
            taken = response.status == 200  # noqa: PLR2004 HTTP's own number
        finally:
            self._at_work.discard(signature)
            if not taken:
                self._taken.pop(signature, None)
        return await to_aiohttp_response(response)

    def _remember(self, signature: str, now: float) -> None:
        self._taken[signature] = now
        while self._taken and now - next(iter(self._taken.values())) > 2 * FRESH:
            self._taken.popitem(last=False)


def is_fresh(stamp: str) -> bool:
    """Whether Slack signed this within the time for which its signature holds."""
    return stamp.isascii() and stamp.isdigit() and abs(time.time() - int(stamp)) <= FRESH
