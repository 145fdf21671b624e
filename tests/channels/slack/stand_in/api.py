"""The Web API: each method does what Slack's does, and refuses what Slack's refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.channels.slack.stand_in import block_kit
from tests.channels.slack.stand_in.world import Conversation, Json, Modal, World

NAME = re.compile(r"[a-z0-9_-]{1,80}")
TIMESTAMP = re.compile(r"\d+\.\d+")
LARGEST_PAGE = 999
NEEDS = {
    "chat.postMessage": "chat:write", "chat.postEphemeral": "chat:write", "chat.update": "chat:write", "users.info": "users:read",
    "users.lookupByEmail": "users:read.email", "conversations.open": "im:write", "conversations.create": "groups:write",
    "conversations.invite": "groups:write", "conversations.kick": "groups:write", "conversations.archive": "groups:write",
    "conversations.setTopic": "groups:write", "conversations.history": "groups:history", "users.conversations": "groups:read",
    "chat.delete": "chat:write",
    "conversations.members": "groups:read", "conversations.info": "groups:read",
    "conversations.replies": "im:history", "pins.add": "pins:write", "pins.list": "pins:read",
    "assistant.threads.setStatus": "assistant:write",
    "assistant.threads.setSuggestedPrompts": "assistant:write", "files.info": "files:read",
}  # fmt: skip

OF_A_KIND = {
    "conversations.info": "read", "conversations.members": "read", "conversations.history": "history", "conversations.replies": "history",
    "conversations.invite": "write", "conversations.kick": "write", "conversations.archive": "write", "conversations.setTopic": "write",
}  # fmt: skip


def needed(method: str, channel: Conversation | None) -> str:
    """The scope that a method needs; for some it hangs on the kind of channel."""
    if method not in OF_A_KIND or channel is None:
        return NEEDS.get(method, "")
    kind = "im" if channel.direct else "groups" if channel.private else "channels"
    return f"{kind}:{OF_A_KIND[method]}"


def is_metadata(given: Any) -> bool:
    """Whether this is what a message can carry unseen."""
    fine = isinstance(given, dict) and set(given) == {"event_type", "event_payload"}
    return fine and isinstance(given["event_type"], str) and bool(given["event_type"]) and isinstance(given["event_payload"], dict)


class No(Exception):
    """Slack answers {"ok": false, "error": …}."""


class Api:
    """The methods, over one world. `happened` is told of every member that comes or goes."""

    def __init__(self, world: World, happened: Callable[[Json], None]) -> None:
        self.world = world
        self.happened = happened
        self.org_wide = False

    def call(self, method: str, given: Json) -> Json:
        handler = getattr(self, method.replace(".", "_"), None)
        if handler is None:
            raise No("unknown_method")
        if not 1 <= int(given.get("limit") or 1) <= LARGEST_PAGE:
            raise No("invalid_limit")
        try:
            return handler(**given) or {}
        except block_kit.Refused as error:
            code = str(error) if str(error) in ("msg_blocks_too_long", "view_too_large") else "invalid_blocks"
            raise No(code) from error

    def auth_test(self) -> Json:
        me = {"user": "usher", "user_id": self.world.BOT, "bot_id": self.world.BOT_ID, "team": "School", "team_id": self.world.TEAM}
        return {**me, "is_enterprise_install": self.org_wide}

    def users_info(self, user: str) -> Json:
        if user not in self.world.users:
            raise No("user_not_found")
        return {"user": self.world.users[user].as_json()}

    def users_lookupByEmail(self, email: str) -> Json:  # noqa: N802
        for user in self.world.users.values():
            if user.email.casefold() == email.casefold() and email and not user.deleted:
                return {"user": user.as_json()}
        raise No("users_not_found")

    def users_conversations(self, types: str, exclude_archived: str = "", limit: Any = 100, cursor: str = "") -> Json:
        assert types == "private_channel"
        found = [one for one in self.world.conversations.values() if one.private and not one.direct and self.world.BOT in one.members]
        return {"channels": [{"id": one.id, "name": one.name} for one in found if not one.archived]}

    def conversations_open(self, users: str) -> Json:
        user = self.world.users.get(users)
        if user is None:
            raise No("user_not_found")
        if user.deleted:
            raise No("user_disabled")
        if user.bot:
            raise No("cannot_dm_bot")
        return {"channel": {"id": self.world.direct(users).id}}

    def conversations_create(self, name: str, is_private: Any) -> Json:
        if not NAME.fullmatch(name):
            raise No("invalid_name_specials")
        if any(one.name == name for one in self.world.conversations.values()):
            raise No("name_taken")
        made = self.world.channel(name, self.world.BOT, private=bool(is_private))
        made.creator = self.world.BOT
        return {"channel": {"id": made.id, "name": name}}

    def conversations_invite(self, channel: str, users: str) -> Json:
        where = self._in(channel)
        for user in users.split(","):
            if user not in self.world.users:
                raise No("user_not_found")
            if user == self.world.BOT:
                raise No("cant_invite_self")
            if user in where.members:
                raise No("already_in_channel")
            where.members.add(user)
            self.happened({"type": "member_joined_channel", "user": user, "channel": channel, "inviter": self.world.BOT})
        return {}

    def conversations_kick(self, channel: str, user: str) -> Json:
        where = self._in(channel)
        if user not in where.members:
            raise No("not_in_channel")
        where.members.discard(user)
        self.happened({"type": "member_left_channel", "user": user, "channel": channel})
        return {}

    def conversations_info(self, channel: str) -> Json:
        found = self._conversation(channel)
        return {"channel": {"id": found.id, "name": found.name, "is_archived": found.archived, "is_private": found.private}}

    def conversations_members(self, channel: str, limit: Any = 100, cursor: str = "") -> Json:
        members, start = sorted(self._conversation(channel).members), int(cursor or 0)
        more = str(start + int(limit)) if start + int(limit) < len(members) else ""
        return {"members": members[start : start + int(limit)], "response_metadata": {"next_cursor": more}}

    def conversations_archive(self, channel: str) -> Json:
        where = self._conversation(channel)
        if where.archived:
            raise No("already_archived")
        where.archived = True
        return {}

    def conversations_setTopic(self, channel: str, topic: str) -> Json:  # noqa: N802
        if len(topic) > 250:
            raise No("too_long")
        self._in(channel).topic = topic
        return {}

    def conversations_history(
        self, channel: str, limit: Any = 100, include_all_metadata: str = "", cursor: str = "", oldest: str = "0"
    ) -> Json:  # fmt: skip
        where = self._conversation(channel)
        start, size = int(cursor or 0), int(limit)
        newest = [one for one in reversed(where.messages) if one.get("thread_ts") in (None, one["ts"]) and one["ts"] > oldest]
        replies = {one.get("thread_ts"): one["ts"] for one in where.messages if one.get("thread_ts") not in (None, one["ts"])}
        newest = [{**one, "reply_count": 1, "latest_reply": replies[one["ts"]]} if one["ts"] in replies else one for one in newest]
        part = newest[start : start + size]
        if include_all_metadata != "true":
            part = [{name: value for name, value in one.items() if name != "metadata"} for one in part]
        more = str(start + size) if start + size < len(newest) else ""
        return {"messages": part, "response_metadata": {"next_cursor": more}}

    def conversations_replies(self, channel: str, ts: str, limit: Any = 1000, oldest: str = "0") -> Json:
        where = self._conversation(channel)
        if where.find(ts) is None:
            raise No("thread_not_found")
        return {"messages": [one for one in where.messages if ts in (one["ts"], one.get("thread_ts"))][: int(limit)]}

    def chat_postMessage(  # noqa: N802
        self, channel: str, text: str = "", blocks: Any = None, metadata: Any = None, thread_ts: str = "", **_: Any
    ) -> Json:
        where = self._in(channel)
        self.content(text, blocks)
        if metadata is not None and not is_metadata(metadata):
            raise No("invalid_metadata_format")
        if thread_ts and not TIMESTAMP.fullmatch(thread_ts):
            raise No("invalid_thread_ts")
        posted = self.world.post(
            where,
            self.world.BOT,
            text,
            blocks=blocks,
            metadata=metadata,
            thread_ts=thread_ts,
            bot_id=self.world.BOT_ID,
            app_id=self.world.APP,
        )
        return {"ts": posted["ts"], "channel": channel, "message": posted}

    def chat_postEphemeral(self, channel: str, user: str, text: str = "", blocks: Any = None, thread_ts: str = "") -> Json:  # noqa: N802
        where = self._in(channel)
        if user not in where.members:
            raise No("user_not_in_channel")
        self.content(text, blocks)
        message = {"ts": self.world.ts(), "user": self.world.BOT, "text": text, "blocks": blocks, "thread_ts": thread_ts}
        where.hidden.append((user, message))
        return {"message_ts": message["ts"]}

    def chat_update(self, channel: str, ts: str, text: str = "", blocks: Any = None) -> Json:
        where = self._in(channel)
        message = where.find(ts)
        if message is None:
            raise No("message_not_found")
        if message["user"] != self.world.BOT:
            raise No("cant_update_message")
        self.content(text, blocks)
        message.update(text=text, blocks=blocks, edited={"user": self.world.BOT, "ts": self.world.ts()})
        return {"ts": ts}

    def chat_delete(self, channel: str, ts: str) -> Json:
        where = self._in(channel)
        message = where.find(ts)
        if message is None:
            raise No("message_not_found")
        if message["user"] != self.world.BOT:
            raise No("cant_delete_message")
        where.messages.remove(message)
        return {"ts": ts, "channel": channel}

    def pins_add(self, channel: str, timestamp: str) -> Json:
        where = self._in(channel)
        if where.find(timestamp) is None:
            raise No("message_not_found")
        if timestamp in where.pins:
            raise No("already_pinned")
        where.pins.append(timestamp)
        return {}

    def pins_list(self, channel: str) -> Json:
        where = self._in(channel)
        return {"items": [{"type": "message", "message": where.find(ts)} for ts in reversed(where.pins)]}

    def views_open(self, trigger_id: str, view: Json) -> Json:
        return self._open(trigger_id, view, "")

    def views_push(self, trigger_id: str, view: Json) -> Json:
        user = self.world.triggers.get(trigger_id, ("", 0.0))[0]
        stack = [one for one in self.world.modals.values() if one.user == user]
        if len(stack) >= 3:
            raise No("push_limit_reached")
        return self._open(trigger_id, view, stack[-1].id if stack else "")

    def views_update(self, view_id: str, view: Json) -> Json:
        block_kit.view(view)
        if view_id not in self.world.modals:
            raise No("not_found")
        modal = self.world.modals[view_id]
        if view["type"] != "modal":
            raise No("invalid_arguments")
        modal.view, modal.hash = view, modal.hash + 1
        return {"view": {**view, "id": view_id}}

    def views_publish(self, user_id: str, view: Json) -> Json:
        if view.get("type") != "home":
            raise No("invalid_arguments")
        block_kit.view(view)
        self.world.homes[user_id] = view
        return {"view": {**view, "id": f"VH{user_id}"}}

    def assistant_threads_setStatus(self, channel_id: str, thread_ts: str, status: str) -> Json:  # noqa: N802
        self.world.statuses.append({"channel": channel_id, "thread": thread_ts, "status": status})
        return {}

    def assistant_threads_setSuggestedPrompts(self, channel_id: str, thread_ts: str, prompts: list[Json], title: str = "") -> Json:  # noqa: N802
        if not 1 <= len(prompts) <= 4 or not all(one.get("title") and one.get("message") for one in prompts):
            raise No("invalid_arguments")
        self.world.prompts = prompts
        return {}

    def _open(self, trigger: str, view: Json, below: str) -> Json:
        user = self.world.take_trigger(trigger)
        if user.startswith("!"):
            raise No(user[1:])
        block_kit.view(view)
        if view["type"] != "modal":
            raise No("invalid_arguments")
        modal = Modal(f"V{self.world.number()}", user, view, below)
        self.world.modals[modal.id] = modal
        return {"view": {**view, "id": modal.id}}

    def content(self, text: str, blocks: Any) -> None:
        if not text and not blocks:
            raise No("no_text")
        if len(text) > 4000:
            raise No("msg_too_long")
        if blocks is not None:
            block_kit.message(blocks)

    def _conversation(self, channel: str) -> Conversation:
        found = self.world.conversations.get(channel)
        if found is None or (found.private and self.world.BOT not in found.members):
            raise No("channel_not_found")
        return found

    def _in(self, channel: str) -> Conversation:
        found = self._conversation(channel)
        if found.archived:
            raise No("is_archived")
        if self.world.BOT not in found.members:
            raise No("not_in_channel")
        return found
