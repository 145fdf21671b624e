"""Slack's payloads as the bot's events. Every event's id is made of what it is about, so that a repeat is known by its content.

Slack may send a message again with the same or another event id, with or without a retry header, or by two kinds of event
(a mention is both). Its channel and time stamp are the same each time.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from bot.channels.slack.forms import Values
from bot.channels.slack.limits import Json
from bot.channels.slack.marks import was_delivered
from bot.channels.slack.spot import Spot, Surface
from bot.incidents.times import full

SUBTYPES = frozenset({None, "file_share", "thread_broadcast", "me_message"})
# What members write by changing the room itself: on the record like any other words of theirs.
ON_THE_ROOM = {
    "channel_topic": ("topic", "(set the room's topic) "), "group_topic": ("topic", "(set the room's topic) "),
    "channel_purpose": ("purpose", "(set the room's description) "), "group_purpose": ("purpose", "(set the room's description) "),
    "channel_name": ("name", "(gave the room another name) "), "group_name": ("name", "(gave the room another name) "),
    "reminder_add": ("text", ""),
}  # fmt: skip
# After these it is no private room any more. Every other subtype is a notice of Slack's own, or another app's, and is ignored.
ENDED = frozenset({"group_archive", "channel_archive", "channel_convert_to_public"})
CHANGES = {"message_changed": "edited", "message_deleted": "deleted"}
FORWARDED = "forwarded"
DRAWN = frozenset({"image", "video"})  # blocks that show something from elsewhere
LATE = "found_later"  # not told by Slack at the time, but found in the room
TIMESTAMP = re.compile(r"\d+\.\d+")


def moment(ts: object) -> datetime:
    """One of Slack's time stamps; the present where it is none."""
    text = str(ts or "")
    return datetime.fromtimestamp(float(text), UTC) if TIMESTAMP.fullmatch(text) else datetime.now(UTC)


def name(team: str, *parts: object) -> str:
    """An event's id."""
    return ":".join(("slack", team, *(str(part) for part in parts)))


def by_a_person(event: Json) -> bool:
    """Whether a message was written by a person, just now: not by a bot or another app, and no notice of Slack's own."""
    return event.get("subtype") in SUBTYPES and of_a_person(event)


def on_the_room(event: Json) -> bool:
    """Whether a person has changed a room's topic, description or name, or set a reminder in it."""
    return event.get("subtype") in ON_THE_ROOM and of_a_person(event)


def of_a_person(event: Json) -> bool:
    """Whether a person did this, and just now."""
    written = event.get("user") and not (event.get("bot_id") or event.get("bot_profile") or event.get("app_id"))
    return bool(written) and not event.get("edited") and not event.get("hidden")


def change_in(event: Json) -> tuple[str, Json] | None:
    """What was edited or deleted, and the message as it is (or was); None where it is no change of a person's words."""
    kind = CHANGES.get(str(event.get("subtype")))
    before = event.get("previous_message") or {}
    after = event.get("message") or {}
    if kind == "edited" and after.get("subtype") == "tombstone":
        kind = "deleted"  # the start of a thread whose replies stay
    message = after if kind == "edited" else before
    if not kind or not message.get("user") or message.get("bot_id") or message.get("app_id"):
        return None
    if kind == "edited" and after.get("text") == before.get("text"):
        return None  # a link was unfolded; nobody changed a word
    return kind, message


def change_name(team: str, channel: str, kind: str, event: Json, message: Json) -> str:
    """The id of an edit (each one is its own) or of a deletion."""
    at = (message.get("edited") or {}).get("ts", "") if kind == "edited" else ""
    words = hashlib.sha256(str(message.get("text", "")).encode()).hexdigest()[:12] if kind == "edited" and not at else ""
    return name(team, channel, message.get("ts") or event.get("deleted_ts"), kind, at or words)


def spot_of_message(team: str, event: Json, incident: str = "") -> Spot:
    """Where a message was written."""
    channel, ts, thread = str(event["channel"]), str(event.get("ts", "")), str(event.get("thread_ts") or "")
    surface = Surface.ROOM if incident else Surface.GROUP if event.get("type") == "app_mention" else Surface.DIRECT
    return Spot(team, str(event["user"]), surface, channel, thread, ts, incident=incident)


def spot_of_press(team: str, body: Json, incident: str = "") -> Spot:
    """Where a button was pressed."""
    user, trigger = str(body["user"]["id"]), str(body.get("trigger_id") or "")
    container, view = body.get("container") or {}, body.get("view")
    if view:
        return Spot(team, user, Surface.VIEW, trigger=trigger, view=view)
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    alone = bool(container.get("is_ephemeral"))
    message = body.get("message") or {}
    direct = channel.startswith("D") and not alone
    surface = Surface.ROOM if incident else Surface.DIRECT if direct else Surface.ALONE
    return Spot(
        team, user, surface, channel,
        thread=str(message.get("thread_ts") or container.get("thread_ts") or ""),
        message=str(message.get("ts") or container.get("message_ts") or ""),
        response_url=str(body.get("response_url") or "") if alone or surface is Surface.ALONE else "",
        trigger=trigger, incident=incident, delivered=was_delivered(message), alone=alone,
    )  # fmt: skip


def spot_of_command(team: str, body: Json) -> Spot:
    """Where a command was given."""
    return Spot(
        team, str(body["user_id"]), Surface.ALONE, str(body.get("channel_id") or ""),
        response_url=str(body.get("response_url") or ""), trigger=str(body.get("trigger_id") or ""),
    )  # fmt: skip


def spot_of_shortcut(team: str, body: Json) -> Spot:
    """Where the answer to a shortcut goes."""
    return Spot(team, str(body["user"]["id"]), trigger=str(body.get("trigger_id") or ""))


def command_name(team: str, body: Json) -> str:
    """The id of one command or shortcut."""
    return name(team, body.get("user_id") or (body.get("user") or {}).get("id"), "command", body.get("trigger_id"))


def press_name(team: str, body: Json, action: Json) -> str:
    """The id of one press."""
    at = action.get("action_ts") or body.get("trigger_id")
    place = (body.get("container") or {}).get("message_ts") or (body.get("view") or {}).get("id", "")
    return name(team, body["user"]["id"], "press", place, action.get("action_id"), at)


def submission_name(team: str, view: Json, values: Values, tries: int) -> str:
    """The id of one submission: the same form with the same values is the same, unless its mistakes were shown in between."""
    words = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:24]
    return name(team, view.get("root_view_id") or view["id"], view["id"], "sent", words, tries)


def link_to(domain: str, channel: str, ts: str, thread: str = "") -> str:
    """The address of a message, as "Copy link" gives it."""
    under = f"?thread_ts={thread}&cid={channel}" if thread and thread != ts else ""
    return f"https://{domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}{under}"


def event_key(team: str, event: Json) -> str:
    """What an event that is kept is about: the same for each repeat of it."""
    kind, channel = str(event["type"]), str(event.get("channel") or "")
    if kind in ("message", "app_mention"):
        change = change_in(event)
        what = change_name(team, channel, change[0], event, change[1]) if change else name(team, channel, event.get("ts"))
    else:
        what = name(team, channel, event.get("user"), event.get("event_ts"))
    return f"{kind} {what}"


def lean(value: Any) -> Any:
    """A payload without what is never used: of files their number alone, of pictures in a message that they are there.

    Of what was forwarded the words stay, and its files count as files.
    """
    if isinstance(value, list):
        return [lean(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") in DRAWN:
        return {one: value[one] for one in ("type", "block_id") if one in value}
    kept = {one: lean(part) for one, part in value.items() if one not in ("files", "attachments", "trigger_id")}
    shared = forwarded(value)
    number = len(value["files"]) if isinstance(value.get("files"), list) else 0
    number += sum(pictures(one) for one in shared)
    words = [words_of(one) for one in shared]
    return {
        **kept,
        **({"files": [{}] * number} if number or isinstance(value.get("files"), list) else {}),
        **({FORWARDED: [one for one in words if one]} if any(words) else {}),
    }


def forwarded(message: Json) -> list[Json]:
    """The messages that this one forwards. A link that Slack has unfolded is none."""
    found = message.get("attachments")
    parts = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [one for one in parts if one.get("is_share") or one.get("is_msg_unfurl") or one.get("files")]


def pictures(shared: Json) -> int:
    """How many files a forwarded message carries, with those of what it forwards itself."""
    files = shared.get("files")
    own = len(files) if isinstance(files, list) else 0
    return own + bool(not own and shared.get("image_url")) + sum(pictures(one) for one in forwarded(shared))


def words_of(shared: Json) -> str:
    """What a forwarded message says, and who wrote it where Slack tells."""
    text, author = str(shared.get("text") or shared.get("fallback") or "").strip(), str(shared.get("author_name") or "")
    own = f"Forwarded{f' from {author}' if author else ''}: “{text}”" if text else ""
    return "\n".join(one for one in (own, *map(words_of, forwarded(shared))) if one)


def written(event: Json) -> str:
    """The words of a message that was kept lean: the person's own, and what they forwarded."""
    where, lead = ON_THE_ROOM.get(str(event.get("subtype")), ("text", ""))
    own = f"{lead}{event.get(where) or '–'}" if lead else str(event.get(where) or "")
    words = "\n".join(one for one in (own, *event.get(FORWARDED, ())) if one)
    return f"(written at {full(moment(event.get('ts')))}) {words}" if words and event.get(LATE) else words
