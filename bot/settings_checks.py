"""Checks of .env, by the shape of what is written there; `doctor` asks the services themselves."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from rapidfuzz import process

NAMES = (
    "PORT",
    "HOST",
    "DATA_DIR",
    "SCHOOL_FILE",
    "DATABASE_URL",
    "ENCRYPTION_KEYS",
    "SMTP_URL",
    "MAIL_FROM",
    "PUBLIC_URL",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "SLACK_API_URL",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "ENCODER_MODEL",
    "MicrosoftAppId",
    "MicrosoftAppPassword",
    "MicrosoftAppType",
    "MicrosoftAppTenantId",
    "TEAMS_GRAPH_CHATS",
)
TEAMS_TYPES = ("MultiTenant", "SingleTenant", "UserAssignedMSI")
KEY_BYTES = 32


def misspelt(from_file: Mapping[str, str]) -> list[str]:
    """Names in .env that are nearly, but not quite, a setting's."""
    problems = []
    for name in from_file:
        close = None if name in NAMES else process.extractOne(name, NAMES, processor=str.casefold, score_cutoff=85)
        if close:
            problems.append(f".env: {name} is not a setting; did you mean {close[0]}?")
    return problems


def check_page(values: Mapping[str, str]) -> list[str]:
    """Check the page's address and the store."""
    problems = []
    if values["PORT"] and not (values["PORT"].isdigit() and 0 < int(values["PORT"]) < 65536):  # noqa: PLR2004 the range of TCP ports
        problems.append("PORT: write a number from 1 to 65535, such as 8080.")
    if values["PUBLIC_URL"] and not re.match(r"https?://[^/\s]+", values["PUBLIC_URL"]):
        problems.append("PUBLIC_URL: write the whole address that people use, such as https://usher.example.sch.uk.")
    url = values["DATABASE_URL"]
    if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        problems.append("DATABASE_URL: start it with postgresql+psycopg:// or sqlite:///, or leave it out for SQLite in DATA_DIR.")
    if not all(good_key(key) for key in values["ENCRYPTION_KEYS"].split(",") if key.strip()):
        problems.append("ENCRYPTION_KEYS: each key is 32 bytes in URL-safe base64, parted by commas; `python app.py keys new` makes one.")
    return problems


def good_key(key: str) -> bool:
    """Whether a text is 32 bytes in URL-safe base64."""
    try:
        return len(base64.urlsafe_b64decode(key.strip())) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def check_mail(values: Mapping[str, str]) -> list[str]:
    """Check the mail settings."""
    url, sender = values["SMTP_URL"], values["MAIL_FROM"]
    problems = []
    if url and (urlsplit(url).scheme not in {"smtp", "smtps"} or not urlsplit(url).hostname):
        problems.append("SMTP_URL: write smtp://user:password@server:587 or smtps://user:password@server:465.")
    if url and not sender:
        problems.append("MAIL_FROM: set the address that alerts are sent from.")
    if sender and "@" not in sender:
        problems.append("MAIL_FROM: write an e-mail address.")
    return problems


def check_slack(values: Mapping[str, str]) -> list[str]:
    """Check Slack's credentials by their shape; `doctor` asks Slack itself."""
    bot, app, secret = values["SLACK_BOT_TOKEN"], values["SLACK_APP_TOKEN"], values["SLACK_SIGNING_SECRET"]
    problems = []
    if bot and not bot.startswith("xoxb-"):
        problems.append(
            "SLACK_BOT_TOKEN: copy the Bot User OAuth Token (it starts with xoxb-) from your Slack app's OAuth & Permissions page."
        )
    if app and not app.startswith("xapp-"):
        problems.append("SLACK_APP_TOKEN: copy the app-level token (it starts with xapp-) from your Slack app's Basic Information page.")
    if bot and not app and not secret:
        problems.append(
            "SLACK_SIGNING_SECRET: copy it from your Slack app's Basic Information page, or set SLACK_APP_TOKEN for socket mode."
        )
    if (app or secret) and not bot and not values["SLACK_CLIENT_ID"]:
        problems.append("SLACK_BOT_TOKEN: it is missing beside the other Slack settings; copy it from the OAuth & Permissions page.")
    if bool(values["SLACK_CLIENT_ID"]) != bool(values["SLACK_CLIENT_SECRET"]):
        problems.append("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together: set both, or neither.")
    return problems


def check_teams(values: Mapping[str, str]) -> list[str]:
    """Check Microsoft's credentials by their shape."""
    app_id, kind = values["MicrosoftAppId"], values["MicrosoftAppType"] or "MultiTenant"
    problems = []
    if app_id and not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", app_id):
        problems.append("MicrosoftAppId: copy the Application (client) ID; it looks like 12345678-90ab-cdef-1234-567890abcdef.")
    if kind not in TEAMS_TYPES:
        problems.append(f"MicrosoftAppType: write one of {', '.join(TEAMS_TYPES)}.")
    if app_id and kind != "UserAssignedMSI" and not values["MicrosoftAppPassword"]:
        problems.append("MicrosoftAppPassword: copy the client secret's value from Certificates & secrets.")
    if app_id and kind != "MultiTenant" and not values["MicrosoftAppTenantId"]:
        problems.append(f"MicrosoftAppTenantId: {kind} needs your Directory (tenant) ID.")
    if values["MicrosoftAppPassword"] and not app_id:
        problems.append("MicrosoftAppId: it is missing beside MicrosoftAppPassword; copy the Application (client) ID.")
    return problems


CHECKS: tuple[Callable[[Mapping[str, str]], list[str]], ...] = (check_page, check_mail, check_slack, check_teams)
