"""What Slack says went wrong, as the bot's own errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.errors import ChannelRefused, DeliveryError, RecipientGone, RetryLater, RoomGone

GONE = frozenset(
    {
        "user_not_found", "users_not_found", "user_disabled", "user_not_visible", "user_is_bot", "cannot_dm_bot", "channel_not_found",
        "message_not_found", "cant_update_message", "edit_window_closed", "is_archived", "user_is_restricted", "user_is_ultra_restricted",
        "cant_invite", "ura_max_channels", "invalid_users", "thread_not_found", "user_team_not_in_channel",
    }
)  # fmt: skip
REFUSED = frozenset(
    {
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "no_permission",
        "org_login_required", "ekm_access_denied", "not_allowed_token_type", "access_denied", "team_access_not_granted",
        "restricted_action", "messages_tab_disabled", "team_not_found", "app_uninstalled",
    }
)  # fmt: skip
LATER = frozenset({"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
LOST = frozenset({"is_archived", "channel_not_found", "not_in_channel"})  # of a room: it is not there any more
TOO_MANY = 429


class SlackRefused(DeliveryError):
    """Slack did not take a call, for a reason of its own; `code` is Slack's word for it."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"Slack answered {code} to {method}.")
        self.code = code


class Gone(RecipientGone):
    """As RecipientGone, with Slack's word for it."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"Slack answered {code} to {method}.")
        self.code = code


class Denied(ChannelRefused):
    """As ChannelRefused, with Slack's word for it."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"Slack answered {code} to {method}.")
        self.code = code


def translate(error: SlackApiError, method: str) -> DeliveryError:
    """The bot's error for Slack's. Neither holds what was sent."""
    response: Any = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, Mapping) else ""
    if status == TOO_MANY or code in LATER or not code:
        return RetryLater(f"Slack answered {code or status} to {method}.", retry_after(getattr(response, "headers", {}), status))
    if code in GONE:
        return Gone(method, code)
    if code in REFUSED:
        return Denied(method, code)
    return SlackRefused(method, code)


def retry_after(headers: Mapping[str, Any], status: int) -> float | None:
    """How long to wait, where Slack says so."""
    for name, value in headers.items():
        if name.casefold() == "retry-after":
            with suppress(ValueError, TypeError):
                return max(0.0, float(value[0] if isinstance(value, list) else value))
    return 30.0 if status == TOO_MANY else None


def code_of(error: DeliveryError) -> str:
    """Slack's word for what went wrong, where there is one."""
    return str(getattr(error, "code", ""))


@contextmanager
def there_still() -> Iterator[None]:
    """What says that a channel was archived, deleted, or left by the bot, as RoomGone."""
    try:
        yield
    except (SlackRefused, RecipientGone) as error:
        if code_of(error) in LOST:
            raise RoomGone("The room was closed by hand.") from None
        raise
