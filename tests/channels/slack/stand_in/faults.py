"""Bad days of Slack's."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.channels.slack.stand_in.server import Fault


def too_many(after: int = 1) -> Fault:
    """429 with Retry-After."""

    async def fault() -> web.Response:
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(after)})

    return fault


def refused(code: str) -> Fault:
    """No, with Slack's word for why: "restricted_action" where the workspace's settings forbid it."""

    async def fault() -> web.Response:
        return web.json_response({"ok": False, "error": code})

    return fault


def broken(status: int = 500) -> Fault:
    """5xx with a page instead of JSON."""

    async def fault() -> web.Response:
        return web.Response(status=status, text="<html>Something went wrong</html>", content_type="text/html")

    return fault


def hang(seconds: float) -> Fault:
    """Answers late."""

    async def fault() -> None:
        await asyncio.sleep(seconds)

    return fault


def drop() -> Fault:
    """Does nothing and cuts the connection."""

    async def fault() -> web.Response:
        return web.Response(headers={"X-Drop": "yes"})

    return fault


def lost() -> Fault:
    """Does what was asked, and cuts the connection before it says so."""

    async def fault() -> web.Response:
        return web.Response(headers={"X-Lost": "yes"})

    return fault
