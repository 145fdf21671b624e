"""Socket mode: Slack's events over a WebSocket that the bot itself opens, so that no address of the school has to be public."""

from __future__ import annotations

import asyncio
import logging

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.logs import trail

log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
PING_EVERY = 10.0


async def keep_open(app: AsyncApp, app_token: str, api_url: str, stop: asyncio.Event) -> None:
    """Keep the socket open until stopped. Once it is open the SDK opens it again by itself; the first time may have to wait."""
    handler = AsyncSocketModeHandler(
        app, app_token, web_client=AsyncWebClient(base_url=api_url, retry_handlers=[]), ping_interval=PING_EVERY
    )
    wait = FIRST_WAIT
    try:
        while not stop.is_set():
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]
                break
            except Exception as error:
                log.warning("Slack's socket could not be opened, trying again in %.0f s: %s", wait, trail(error))
                await asyncio.wait({pause := asyncio.ensure_future(stop.wait())}, timeout=wait)
                pause.cancel()
                wait = min(LONGEST_WAIT, wait * 2)
        await stop.wait()
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
