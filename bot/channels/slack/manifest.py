"""The manifest from which a Slack app is made: exactly the scopes and events in use."""

from __future__ import annotations

from bot.channels.slack.limits import Json
from bot.channels.slack.listeners import PROMPTS
from bot.channels.slack.scopes import EVENTS, SCOPES

LONG = (
    "Usher quotes the school's own social media policy word for word, with the clause's number, and says what to do next. "
    "Where something bad has happened, it takes a report, opens a private room, and asks the Headteacher, or whoever is "
    "right where the Headteacher is concerned, until somebody acknowledges it. It reads nothing but what is written to it "
    "and in its own rooms, and it never fetches a file."
)


def manifest(url: str = "") -> Json:
    """The manifest. `url`: the bot's public address for events over HTTP; without one, the app uses socket mode."""
    base = url.rstrip("/")
    address = {"request_url": f"{base}/slack/events"} if base else {}
    commands = [
        {"command": "/ask", "description": "Ask what the policy says; only you see the answer", "usage_hint": "can I friend an ex-pupil?"},
        {"command": "/report", "description": "Report something that has happened", "usage_hint": "what happened (you can add more)"},
    ]
    where = {"url": f"{base}/slack/events"} if base else {}
    return {
        "display_information": {
            "name": "Usher",
            "description": "The school's own policy, word for word",
            "background_color": "#1d4f6e",
            "long_description": LONG,
        },
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
            "assistant_view": {
                "assistant_description": "Ask what the school's social media policy says, or report something.",
                "suggested_prompts": [{"title": title, "message": message} for title, message in PROMPTS],
            },
            "bot_user": {"display_name": "Usher", "always_online": True},
            "shortcuts": [
                {"name": "Ask about the policy", "type": "global", "callback_id": "ask", "description": "Ask, for you alone"},
                {"name": "Report something", "type": "global", "callback_id": "report", "description": "Report what has happened"},
                {
                    "name": "Report this message",
                    "type": "message",
                    "callback_id": "report_message",
                    "description": "Report it by its address; no picture is taken",
                },
            ],
            "slash_commands": [{**command, **where, "should_escape": True} for command in commands],
        },
        "oauth_config": {
            **({"redirect_urls": [f"{base}/slack/oauth_redirect"]} if base else {}),
            "scopes": {"bot": list(SCOPES)},
        },
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not base,
            "token_rotation_enabled": False,
        },
    }
