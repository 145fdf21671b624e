"""The settings of .env and the environment, checked together with school.toml when the bot starts."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dotenv import dotenv_values

from bot.errors import SettingsError
from bot.school import SchoolFile
from bot.school_file import read_school
from bot.settings_checks import CHECKS, NAMES, misspelt

EXAMPLE = Path("school.example.toml")


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


def load(
    folder: Path = Path(), environment: Mapping[str, str] | None = None, *, missing: Callable[[Path, str], bool] | None = None
) -> Settings:
    """Read .env in `folder` and the environment (which wins), and the school file that they name.

    `missing` tells whether a policy that is named there is neither in DATA_DIR (its first argument) nor anywhere else.

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
        school = read_school(school_file, partial(missing, data_dir(folder, values)) if missing else None)
    except SettingsError as error:
        problems += error.problems
    if school and school.school.demo and values["HOST"] and not loopback(values["HOST"]):
        problems.append("HOST: the demo school listens on this machine only; set HOST=127.0.0.1, or name your own school in school.toml.")
    if problems or school is None:
        raise SettingsError(problems)
    return build(folder, values, school_file, school)


def build(folder: Path, values: Mapping[str, str], school_file: Path, school: SchoolFile) -> Settings:
    """Put checked values together."""
    data = data_dir(folder, values)
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
        data_dir=data,
        database_url=values["DATABASE_URL"] or f"sqlite:///{data / 'usher.db'}",
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


def data_dir(folder: Path, values: Mapping[str, str]) -> Path:
    """Where everything is kept that the bot writes."""
    return folder / (values["DATA_DIR"] or "data")


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
