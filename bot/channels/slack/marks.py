"""Marks that messages carry, so that they can be found again and told apart."""

from __future__ import annotations

from bot.channels.slack.calls import Calls
from bot.channels.slack.limits import Json
from bot.errors import RetryLater

EVENT_TYPE = "usher_message"
DELIVERED = "usher-delivered"
PAGE = 100
PAGES = 3


def metadata(key: str) -> Json:
    """Metadata with the key of what is sent: Slack keeps it with the message, and members do not see it."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


def key_of(message: Json) -> str:
    """The key that a message of ours carries, or nothing."""
    found = message.get("metadata") or {}
    if found.get("event_type") != EVENT_TYPE:
        return ""
    return str((found.get("event_payload") or {}).get("key", ""))


async def with_key(calls: Calls, team: str, channel: str, key: str, *, pages: int = PAGES) -> Json | None:
    """Our message with this key in a conversation, or None.

    Of some apps Slack takes one such question a minute, and answers with few messages. What an earlier try has left is among the
    newest; to wait for the others would be to wait again each time, and what is to be sent would never be.
    """
    cursor = ""
    for number in range(pages):
        more = {"cursor": cursor} if cursor else {}
        try:
            found = await calls(team, "conversations.history", channel=channel, limit=PAGE, include_all_metadata=True, **more)
        except RetryLater:
            if not number:
                raise
            return None
        mine = [dict(one) for one in found.get("messages", []) if key_of(one) == key]
        if mine:
            return min(mine, key=lambda one: str(one.get("ts", "")))  # the first that arrived, where it came twice
        cursor = str((found.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return None


def delivered(blocks: list[Json]) -> list[Json]:
    """Blocks marked as brought by the outbox, which also keeps them up to date: a press must not put another card in their place."""
    return [{**blocks[0], "block_id": DELIVERED}, *blocks[1:]]


def was_delivered(message: Json) -> bool:
    """Whether a message was brought by the outbox."""
    blocks = message.get("blocks") or [{}]
    return bool(blocks[0].get("block_id") == DELIVERED)
