"""The app package that an IT person uploads to Teams: the manifest and two icons, made from the settings."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, ImageDraw

from bot.clock import Clock, SystemClock
from bot.errors import SettingsError
from bot.settings import Settings, loopback

FIRST_DAY = date(2026, 1, 1)
SCHEMA_VERSION = "1.17"
COLOUR, WHITE, CLEAR = (31, 78, 121, 255), (255, 255, 255, 255), (0, 0, 0, 0)
TAB_PATH = "/teams/tab"
# What lets the bot hear every word in the chat of an incident; whoever puts the app into a chat consents to exactly these.
HEARS = ({"name": "ChatMessage.Read.Chat", "type": "Application"},)
PROMPTS = (
    ("Can I friend an ex-pupil?", "Ask what the policy says, in your own words"),
    ("Clause 28", "Read a clause word for word"),
    ("Report something", "Say what has happened; you see first who is told"),
    ("Browse the policy", "Read it section by section"),
    ("What do you record about me?", "What Usher keeps, and who sees it"),
    ("Home", "What waits for you, and your reports"),
)


def manifest(settings: Settings, made: datetime) -> dict[str, Any]:
    """The manifest for these settings, as of the moment at which it is made.

    Raises:
        SettingsError: what Teams would not take: no app id, or an address that it cannot reach.
    """
    teams, url = settings.teams, settings.public_url
    problems = [] if teams else ["MicrosoftAppId: the app package needs it; docs/teams.md says where it comes from."]
    parts = urlsplit(url)
    if parts.scheme != "https" or loopback(parts.hostname or ""):
        problems.append("PUBLIC_URL: Teams needs an address that begins with https:// and that can be reached from outside.")
    if problems or teams is None:
        raise SettingsError(problems)
    app_id, host = teams.app_id.lower(), parts.netloc
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA_VERSION}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA_VERSION,
        "version": version(made),
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"usher:{app_id}")),
        "developer": {
            "name": settings.school.school.name[:32],
            "websiteUrl": url,
            "privacyUrl": f"{url}{TAB_PATH}",
            "termsOfUseUrl": f"{url}{TAB_PATH}",
        },
        "name": {"short": "Usher", "full": "Usher: the school's social media policy"},
        "description": {
            "short": "Quotes the school's own policy, and makes sure that a report is known.",
            "full": "Ask what the school's social media policy says and get the clause word for word. Report something that has "
            "happened: Usher makes sure that the Headteacher, or the right person, really knows. For the school's staff.",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#1F4E79",
        "defaultInstallScope": "personal",
        "bots": [
            {
                "botId": app_id,
                "scopes": ["personal", "team", "groupChat"],
                "supportsFiles": False,
                "isNotificationOnly": False,
                "commandLists": [{"scopes": ["personal"], "commands": [{"title": one, "description": told} for one, told in PROMPTS]}],
            }
        ],
        "composeExtensions": [{"botId": app_id, "commands": [ask_command(), report_command()]}],
        "staticTabs": [
            {"entityId": "conversations", "scopes": ["personal"]},
            {"entityId": "page", "name": "Usher", "contentUrl": f"{url}{TAB_PATH}", "websiteUrl": url, "scopes": ["personal"]},
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [host],
        "webApplicationInfo": {"id": app_id, "resource": f"api://{host}/{app_id}"},
        **({"authorization": {"permissions": {"resourceSpecific": [dict(one) for one in HEARS]}}} if teams.graph_chats else {}),
    }


def version(made: datetime) -> str:
    """Higher for each package made later: Teams does not take an app anew whose version is the one that it has."""
    at = made.astimezone(UTC)
    return f"1.{(at.date() - FIRST_DAY).days}.{at.hour * 60 + at.minute}"


def ask_command() -> dict[str, Any]:
    """The message extension that puts a clause into what one is writing."""
    question = {"name": "question", "title": "Question", "description": "In your own words, or a clause's number", "inputType": "text"}
    return {
        "id": "ask",
        "type": "query",
        "title": "Ask the policy",
        "description": "Put a clause into your message, word for word",
        "context": ["compose", "commandBox"],
        "initialRun": False,
        "parameters": [question],
    }


def report_command() -> dict[str, Any]:
    """The action over a message."""
    return {
        "id": "reportMessage",
        "type": "action",
        "title": "Report this message",
        "description": "Begin a report with this message's words",
        "context": ["message"],
        "fetchTask": True,
    }


def package(settings: Settings, clock: Clock | None = None) -> bytes:
    """The zip file to upload. SettingsError where the settings are not enough."""
    made = manifest(settings, (clock or SystemClock()).now())
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(made, indent=2, ensure_ascii=False))
        archive.writestr("color.png", icon(192, COLOUR, WHITE))
        archive.writestr("outline.png", icon(32, CLEAR, WHITE))
    return whole.getvalue()


def icon(side: int, ground: tuple[int, int, int, int], ink: tuple[int, int, int, int]) -> bytes:
    """A speech bubble with a clause's lines in it, drawn at four times its size and made small."""
    large = side * 4
    image = Image.new("RGBA", (large, large), ground)
    pen = ImageDraw.Draw(image)
    unit = large / 16
    pen.rounded_rectangle((3 * unit, 3 * unit, 13 * unit, 11 * unit), radius=1.6 * unit, outline=ink, width=round(unit * 0.9))
    pen.polygon([(5 * unit, 10.6 * unit), (8.2 * unit, 10.6 * unit), (5 * unit, 13.6 * unit)], fill=ink)
    for row, end in ((5.9, 10.6), (7.6, 9.2)):
        pen.line((5.4 * unit, row * unit, end * unit, row * unit), fill=ink, width=round(unit * 0.8))
    out = io.BytesIO()
    image.resize((side, side), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
