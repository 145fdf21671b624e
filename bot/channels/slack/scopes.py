"""What the bot asks Slack to let it do, and what for. `files:read` is not among it: the bot fetches no file, ever."""

from __future__ import annotations

SCOPES: dict[str, str] = {
    "app_mentions:read": "to be asked in a channel",
    "assistant:write": "to answer in the assistant pane",
    "chat:write": "to answer",
    "commands": "for /ask, /report and the shortcuts",
    "groups:history": "so that what members write in an incident's room is on the record",
    "groups:read": "to find the rooms that it opened, and to see who is in them",
    "groups:write": "to open, fill and archive rooms",
    "im:history": "to read what is written to it directly, and to see whether an alert has arrived",
    "im:write": "to begin a direct conversation with whoever must be alerted",
    "pins:read": "to find a room's pinned card",
    "pins:write": "to pin it",
    "users:read": "to know who is asking",
    "users:read.email": "to find the people of school.toml by their e-mail",
}
EVENTS: tuple[str, ...] = (
    "app_home_opened", "app_mention", "app_uninstalled", "assistant_thread_context_changed", "assistant_thread_started",
    "member_joined_channel", "member_left_channel", "message.groups", "message.im", "tokens_revoked",
)  # fmt: skip
