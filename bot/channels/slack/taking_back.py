"""Messages of the bot's own that must not stay: one that arrived twice, and what somebody opened of what turned out to be about them."""

from __future__ import annotations

from bot.channels.slack.calls import Calls
from bot.channels.slack.faults import SlackRefused, code_of
from bot.channels.slack.marks import PAGE, key_of
from bot.errors import RecipientGone

NOT_THERE = frozenset({"message_not_found", "thread_not_found", "channel_not_found"})


async def with_this_key(calls: Calls, team: str, channel: str, key: str) -> tuple[str, ...]:
    """The time stamps of every message that carries this key, the first that arrived first; among the newest, where a repeat would be."""
    found = await calls(team, "conversations.history", channel=channel, limit=PAGE, include_all_metadata=True)
    return tuple(sorted(str(one["ts"]) for one in found.get("messages", []) if key_of(one) == key))


async def delete(calls: Calls, team: str, channel: str, ts: str) -> None:
    """Take one out; no error where it is gone already."""
    try:
        await calls(team, "chat.delete", channel=channel, ts=ts)
    except (SlackRefused, RecipientGone) as error:
        if code_of(error) not in NOT_THERE:
            raise


async def delete_answers(calls: Calls, team: str, channel: str, ts: str) -> None:
    """Take out what the bot answered under a message of its own. What the person wrote there stays theirs."""
    try:
        thread = (await calls(team, "conversations.replies", channel=channel, ts=ts, limit=PAGE)).get("messages", [])
    except (SlackRefused, RecipientGone) as error:
        if code_of(error) not in NOT_THERE:
            raise
        return
    for one in thread:
        if one.get("bot_id") and str(one["ts"]) != ts:
            await delete(calls, team, channel, str(one["ts"]))
