"""The settings of .env and the environment, checked together with school.toml when the bot starts."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from rapidfuzz import process

from bot.errors import SettingsError
from bot.school import SchoolFile, read_school

EXAMPLE = Path("school.example.toml")
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


@dataclass(frozen=True)
class Slack:
    """Slack's credentials. Socket mode where `app_token` is set; `api_url` is another Web API address, for tests."""

    bot_token: str
    signing_secret: str
    app_token: str
    api_url: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Teams:
    """Microsoft's credentials, by their usual names."""

    app_id: str
    password: str
    app_type: str
    tenant_id: str
    graph_chats: bool


@dataclass(frozen=True)
class Settings:
    """Everything that an administrator can set, checked."""

    host: str
    port: int
    data_dir: Path
    database_url: str
    encryption_keys: tuple[str, ...]
    smtp_url: str
    mail_from: str
    public_url: str
    encoder_model: str
    slack: Slack | None
    teams: Teams | None
    school_file: Path
    school: SchoolFile

    @property
    def demo(self) -> bool:
        """Whether this is the demo school, in which the page lets one be anybody."""
        return self.school.school.demo


def load(folder: Path = Path(), environment: Mapping[str, str] | None = None) -> Settings:
    """Read .env in `folder` and the environment (which wins), and the school file that they name.

    Raises:
        SettingsError: with every mistake that was found in either, one sentence each.
    """
    real = os.environ if environment is None else environment
    from_file = {name: value or "" for name, value in dotenv_values(folder / ".env").items()}
    values = {name: str(real.get(name, from_file.get(name, ""))).strip() for name in NAMES}
    problems = misspelt(from_file) + [problem for check in CHECKS for problem in check(values)]
    school_file = which_school(folder, values["SCHOOL_FILE"])
    school = None
    try:
        school = read_school(school_file)
    except SettingsError as error:
        problems += error.problems
    if school and school.school.demo and values["HOST"] and not loopback(values["HOST"]):
        problems.append("HOST: the demo school listens on this machine only; set HOST=127.0.0.1, or name your own school in school.toml.")
    if problems or school is None:
        raise SettingsError(problems)
    return build(folder, values, school_file, school)


def build(folder: Path, values: Mapping[str, str], school_file: Path, school: SchoolFile) -> Settings:
    """Put checked values together."""
    data_dir = folder / (values["DATA_DIR"] or "data")
    port = int(values["PORT"] or 8080)
    host = values["HOST"] or "127.0.0.1"
    slack = Slack(
        bot_token=values["SLACK_BOT_TOKEN"],
        signing_secret=values["SLACK_SIGNING_SECRET"],
        app_token=values["SLACK_APP_TOKEN"],
        api_url=values["SLACK_API_URL"],
        client_id=values["SLACK_CLIENT_ID"],
        client_secret=values["SLACK_CLIENT_SECRET"],
    )
    teams = Teams(
        app_id=values["MicrosoftAppId"],
        password=values["MicrosoftAppPassword"],
        app_type=values["MicrosoftAppType"] or "MultiTenant",
        tenant_id=values["MicrosoftAppTenantId"],
        graph_chats=values["TEAMS_GRAPH_CHATS"].lower() in {"1", "yes", "true", "on"},
    )
    return Settings(
        host=host,
        port=port,
        data_dir=data_dir,
        database_url=values["DATABASE_URL"] or f"sqlite:///{data_dir / 'usher.db'}",
        encryption_keys=tuple(key.strip() for key in values["ENCRYPTION_KEYS"].split(",") if key.strip()),
        smtp_url=values["SMTP_URL"],
        mail_from=values["MAIL_FROM"],
        public_url=(values["PUBLIC_URL"] or f"http://{host}:{port}").rstrip("/"),
        encoder_model=values["ENCODER_MODEL"],
        slack=slack if slack.bot_token or slack.client_id else None,
        teams=teams if teams.app_id else None,
        school_file=school_file,
        school=school,
    )


def which_school(folder: Path, named: str) -> Path:
    """The school file to read: the one named, else school.toml, else the demo school."""
    if named:
        return folder / named
    own = folder / "school.toml"
    return own if own.exists() else folder / EXAMPLE


def loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
