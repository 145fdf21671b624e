"""Marks that messages carry, so that they can be found again and told apart."""

from __future__ import annotations

from bot.channels.slack.limits import Json

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


def delivered(blocks: list[Json]) -> list[Json]:
    """Blocks marked as brought by the outbox, which also keeps them up to date: a press must not put another card in their place."""
    return [{**blocks[0], "block_id": DELIVERED}, *blocks[1:]]


def was_delivered(message: Json) -> bool:
    """Whether a message was brought by the outbox."""
    blocks = message.get("blocks") or [{}]
    return bool(blocks[0].get("block_id") == DELIVERED)
