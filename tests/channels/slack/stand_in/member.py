"""A member of the workspace, in front of their screen: writes, presses, fills in, and reads what is there."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import Callable
from typing import Any

from tests.channels.slack.stand_in.reading import pressables, text_of
from tests.channels.slack.stand_in.server import Slack
from tests.channels.slack.stand_in.world import Conversation, Json, Modal

PATIENCE = 15.0


async def until(look: Callable[[], Any], what: str | Callable[[], str]) -> Any:
    """Wait until something is there to be seen. `what`: how it is called where it never is; asked for then, if it is a function."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"waited in vain for {what if isinstance(what, str) else what()}")


class Member:
    """One person, by their account."""

    def __init__(self, slack: Slack, user: str) -> None:
        self.slack = slack
        self.world = slack.world
        self.id = user

    @property
    def dm(self) -> Conversation:
        return self.world.direct(self.id)

    # Writing.

    async def says(
        self, text: str, *, where: Conversation | None = None, thread: str = "", files: int = 0, subtype: str = "", **more: Any
    ) -> Json:  # fmt: skip
        """Write in a conversation, with as many files as named. `subtype`: "me_message" for /me, and so on."""
        there = where or self.dm
        extra: Json = (
            {"subtype": "file_share", "files": [{"id": f"F{n}", "url_private": "https://files.invalid/x"} for n in range(files)]}
            if files
            else {"subtype": subtype}
        )
        message = self.world.post(there, self.id, text, thread_ts=thread, **extra)
        await self.slack.event(self.as_event(there, message), **more)
        return message

    def as_event(self, where: Conversation, message: Json) -> Json:
        kind = "im" if where.direct else "group" if where.private else "channel"
        return {**message, "channel": where.id, "channel_type": kind, "event_ts": message["ts"]}

    async def mentions(self, text: str, where: Conversation, **more: Any) -> Json:
        message = self.world.post(where, self.id, f"<@{self.world.BOT}> {text}")
        await self.slack.event({**self.as_event(where, message), "type": "app_mention"}, **more)
        return message

    async def edits(self, message: Json, text: str, where: Conversation) -> None:
        before = dict(message)
        message.update(text=text, edited={"user": self.id, "ts": self.world.ts()})
        await self.slack.event(
            {"type": "message", "subtype": "message_changed", "channel": where.id, "channel_type": "group", "ts": self.world.ts(),
             "message": dict(message), "previous_message": before, "hidden": True}
        )  # fmt: skip

    async def deletes(self, message: Json, where: Conversation) -> None:
        where.messages.remove(message)
        await self.slack.event(
            {"type": "message", "subtype": "message_deleted", "channel": where.id, "channel_type": "group", "ts": self.world.ts(),
             "deleted_ts": message["ts"], "previous_message": message, "hidden": True}
        )  # fmt: skip

    async def adds(self, user: str, where: Conversation) -> None:
        """Bring somebody in by hand."""
        where.members.add(user)
        await self.slack.event(self._membership("member_joined_channel", user, where))

    async def leaves(self, where: Conversation) -> None:
        where.members.discard(self.id)
        await self.slack.event(self._membership("member_left_channel", self.id, where))

    def _membership(self, kind: str, user: str, where: Conversation) -> Json:
        return {"type": kind, "user": user, "channel": where.id, "channel_type": "G", "team": "T1", "event_ts": self.world.ts()}

    async def opens_home(self) -> None:
        await self.slack.event(
            {"type": "app_home_opened", "user": self.id, "tab": "home", "channel": self.dm.id, "event_ts": self.world.ts()}
        )

    async def opens_assistant(self) -> str:
        """Open the assistant pane; the thread of it."""
        thread = self.world.post(self.dm, self.world.BOT, "New thread")["ts"]
        await self.reopens_assistant(thread)
        return str(thread)

    async def reopens_assistant(self, thread: str, **more: Any) -> None:
        """Slack tells that the pane was opened (again)."""
        pane = {"user_id": self.id, "channel_id": self.dm.id, "thread_ts": thread, "context": {}}
        await self.slack.event({"type": "assistant_thread_started", "assistant_thread": pane, "event_ts": self.world.ts()}, **more)

    async def commands(self, command: str, text: str = "", where: Conversation | None = None) -> None:
        there = where or self.dm
        body = {
            "command": command, "text": escaped(text),
            "user_id": self.id, "team_id": "T1", "channel_id": there.id, "api_app_id": self.world.APP,
            "trigger_id": self.world.trigger(self.id), "response_url": self.slack.response_url(self.id, there.id),
        }  # fmt: skip
        await self.slack.deliver("slash_commands", body)

    async def shortcut(self, name: str, *, about: Json | None = None, where: Conversation | None = None) -> None:
        """A global shortcut, or one on a message."""
        body: Json = {"type": "message_action" if about else "shortcut", "callback_id": name, **self._who()}
        if about and where:
            body |= {"message": about, "channel": {"id": where.id, "name": where.name}, "message_ts": about["ts"]}
        await self.slack.deliver("interactive", body)

    # Pressing.

    async def presses(self, label: str, *, where: Conversation | None = None) -> Json:
        """Press the newest button with this label that this person can see in a conversation, once it is there."""
        there = where or self.dm

        def button() -> tuple[Json, Json, Json, bool] | None:
            for message, alone in reversed(self.sees(there)):
                for words, action, block in pressables(message.get("blocks") or []):
                    if words == label:
                        return message, action, block, alone
            return None

        message, action, block, alone = await until(button, lambda: f"[{label}] in {there.id} of {self.id}:\n{self.reads(there)}")
        return await self._press_message(there, message, action, block, alone=alone)

    async def _press_message(self, where: Conversation, message: Json, action: Json, block: Json, *, alone: bool) -> Json:
        container = {"type": "message", "message_ts": message["ts"], "channel_id": where.id, "is_ephemeral": alone}
        body = {
            "type": "block_actions", **self._who(), "container": container, "channel": {"id": where.id, "name": where.name},
            "response_url": self.slack.response_url(self.id, where.id, message["ts"] if alone else ""),
            "actions": [{**action, "block_id": block.get("block_id", "b"), "action_ts": self.world.ts()}],
            **({} if alone else {"message": message}),
        }  # fmt: skip
        await self.slack.deliver("interactive", body)
        return body

    async def presses_in_home(self, label: str) -> None:
        await self._press_view(label, {**self.world.homes[self.id], "id": f"VH{self.id}"})

    async def presses_in_modal(self, label: str) -> None:
        modal = self.modal()
        await self._press_view(label, {**modal.view, "id": modal.id, "root_view_id": modal.id})

    async def _press_view(self, label: str, view: Json) -> None:
        for words, action, block in pressables(view["blocks"]):
            if words == label:
                sent = {**action, "block_id": block.get("block_id", "b"), "action_ts": self.world.ts()}
                body = {
                    "type": "block_actions",
                    **self._who(),
                    "container": {"type": "view", "view_id": view["id"]},
                    "view": view,
                    "actions": [sent],
                }
                await self.slack.deliver("interactive", body)
                return
        raise AssertionError(f"no [{label}] in:\n{text_of(view['blocks'])}")

    async def asks_in_home(self, text: str) -> None:
        """Write into the box on the home and press Enter."""
        view = {**self.world.homes[self.id], "id": f"VH{self.id}"}
        box = next(block for block in view["blocks"] if block["type"] == "input")
        sent = {"type": "plain_text_input", "action_id": box["element"]["action_id"], "block_id": box["block_id"], "value": text,
                "action_ts": self.world.ts()}  # fmt: skip
        body = {
            "type": "block_actions",
            **self._who(),
            "container": {"type": "view", "view_id": view["id"]},
            "view": view,
            "actions": [sent],
        }
        await self.slack.deliver("interactive", body)

    # Filling in.

    def modal(self) -> Modal:
        """The modal on top. There must be one."""
        mine = [one for one in self.world.modals.values() if one.user == self.id]
        assert mine, f"{self.id} has no modal open"
        return mine[-1]

    async def form(self) -> Modal:
        """Wait for a modal with fields."""

        def there() -> Modal | None:
            mine = [one for one in self.world.modals.values() if one.user == self.id]
            return mine[-1] if mine and mine[-1].view.get("submit") else None

        found = await until(there, "a form")
        assert isinstance(found, Modal)
        return found

    async def submits(self, **values: str | tuple[str, ...]) -> Json:
        """Fill in the form on top and send it; what Slack was answered. The modal closes, changes, or shows mistakes."""
        modal = await self.form()
        view = {**modal.view, "id": modal.id, "root_view_id": modal.below or modal.id, "state": {"values": filled_in(modal.view, values)}}
        _, answer = await self.slack.deliver("interactive", {"type": "view_submission", **self._who(), "view": view})
        action = answer.get("response_action")
        if action == "errors":
            fields = {block["block_id"] for block in modal.view["blocks"] if block["type"] == "input"}
            assert answer["errors"], "Slack takes no errors that are none"
            assert set(answer["errors"]) <= fields, "Slack takes no error of a field that the form does not have"
            assert all(answer["errors"].values()), "Slack takes no empty error"
        if action == "update":
            self.slack.api.views_update(modal.id, answer["view"])
        elif action is None and self.slack.answers[-1][0] == 200:
            self.world.modals.pop(modal.id)
        return answer

    def closes(self) -> None:
        """Close every modal."""
        for one in [one for one in self.world.modals.values() if one.user == self.id]:
            self.world.modals.pop(one.id)

    # Reading.

    def sees(self, where: Conversation | None = None) -> list[tuple[Json, bool]]:
        """What stands in a conversation for this person, and whether it is for them alone."""
        there = where or self.dm
        if self.id not in there.members:
            return []
        both = [(one, False) for one in there.messages] + [(one, True) for user, one in there.hidden if user == self.id]
        return sorted(both, key=lambda one: one[0]["ts"])

    def reads(self, where: Conversation | None = None) -> str:
        """The words of it."""
        return "\n---\n".join(text_of(one["blocks"]) if one.get("blocks") else one["text"] for one, _ in self.sees(where))

    def notifications(self, where: Conversation | None = None) -> list[str]:
        """What the lock screen said."""
        return [one["text"] for one, _ in self.sees(where) if one["user"] == self.world.BOT]

    def home(self) -> str:
        return text_of(self.world.homes[self.id]["blocks"]) if self.id in self.world.homes else ""

    def modal_text(self) -> str:
        mine = [one for one in self.world.modals.values() if one.user == self.id]
        return text_of(mine[-1].view["blocks"]) if mine else ""

    async def reads_until(self, words: str, where: Conversation | None = None) -> str:
        """Wait until these words are there."""
        try:
            await until(lambda: words in self.reads(where), words)
        except AssertionError:
            raise AssertionError(f"waited in vain for “{words}”; there is:\n{self.reads(where)}") from None
        return self.reads(where)

    def _who(self) -> Json:
        return {
            "user": {"id": self.id, "name": self.id.lower(), "team_id": "T1"}, "team": {"id": "T1", "domain": "school"},
            "api_app_id": self.world.APP, "trigger_id": self.world.trigger(self.id), "token": "t",
        }  # fmt: skip


def escaped(text: str) -> str:
    """A command's text as Slack sends it with `should_escape`: entities for characters; mentions and links stand as ids in brackets."""
    parts = re.split(r"(<(?:[@#!]|https?:|mailto:)[^<>]*>)", text)
    return "".join(part if number % 2 else html.escape(part, quote=False) for number, part in enumerate(parts))


def filled_in(view: Json, values: dict[str, str | tuple[str, ...]]) -> Json:
    """The state of a form: what it began with, and these values. Slack itself insists on what is not optional."""
    state: Json = {}
    names = {block["block_id"].removeprefix("field:") for block in view["blocks"] if block["type"] == "input"}
    assert set(values) <= names, set(values) - names
    for block in view["blocks"]:
        if block["type"] == "input":
            one = block["element"]
            given = field_state(one, values.get(block["block_id"].removeprefix("field:")))
            empty = not any(value for name, value in given.items() if name != "type")
            assert block.get("optional") or not empty, f"{block['block_id']} must be filled in"
            state[block["block_id"]] = {one["action_id"]: given}
    return state


def field_state(one: Json, value: str | tuple[str, ...] | None) -> Json:
    kind = one["type"]
    options = [*one.get("options", ()), *(option for group in one.get("option_groups", ()) for option in group["options"])]
    if kind in ("checkboxes", "multi_static_select"):
        chosen = [option for option in options if option["value"] in value] if value is not None else one.get("initial_options", [])
        return {"type": kind, "selected_options": chosen}
    if kind in ("radio_buttons", "static_select"):
        chosen_one = next(option for option in options if option["value"] == value) if value else one.get("initial_option")
        return {"type": kind, "selected_option": chosen_one}
    if kind == "plain_text_input":
        return {"type": kind, "value": value if value is not None else one.get("initial_value")}
    return {"type": kind, "selected_date_time": int(str(value)) if value else one.get("initial_date_time")}
