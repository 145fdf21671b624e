"""What `app.py doctor` looks at in Teams: credentials, the package, and who can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.util import find_spec

from bot.channels.teams.auth import authentication
from bot.channels.teams.package import package
from bot.channels.teams.references import NAME, References
from bot.doctor import Finding, fine, note, wrong
from bot.errors import ChannelRefused, RetryLater, SettingsError
from bot.people import Person
from bot.settings import Settings

STEPS = "See docs/teams.md."


def check_teams(settings: Settings, references: References | None, token: Callable[[], object] | None = None) -> list[Finding]:
    """Everything about Teams. `references`: None where the bot has never run. `token`: another way to ask for one, for tests."""
    if settings.teams is None:
        return [note("Teams is not set up.", f"Set MicrosoftAppId and its fellows in .env if the school uses Teams. {STEPS}")]
    findings = [*check_tenant(settings), *check_package(settings), *check_token(settings, token), *check_graph(settings)]
    return [*findings, *check_reach(settings, references)]


def check_tenant(settings: Settings) -> list[Finding]:
    """Whether only the school's own people can be staff."""
    if settings.teams and settings.teams.tenant_id:
        return [fine("Teams: only people of the school's own tenant are heard.")]
    return [wrong("Teams: no tenant is set.", "Set MicrosoftAppTenantId: without it people of other organisations could pass for staff.")]


def check_package(settings: Settings) -> list[Finding]:
    """Whether the app package can be made."""
    try:
        made = package(settings)
    except SettingsError as error:
        return [wrong(f"Teams: the app package cannot be made. {problem}", STEPS) for problem in error.problems]
    return [fine(f"Teams: the app package can be made ({len(made) // 1024 + 1} KiB).")]


def check_graph(settings: Settings) -> list[Finding]:
    """Whether real group chats can be made, where they are asked for."""
    if not (settings.teams and settings.teams.graph_chats):
        return []
    missing = [name for name in ("msgraph", "azure.identity") if find_spec(name) is None]
    if missing:
        return [wrong("Teams: TEAMS_GRAPH_CHATS needs Microsoft's Graph library.", "pip install -r requirements-graph.txt")]
    return [note("Teams: incidents get real group chats.", "Upload the app package anew if it was made before TEAMS_GRAPH_CHATS was set.")]


def check_token(settings: Settings, token: Callable[[], object] | None = None) -> list[Finding]:
    """Whether Microsoft gives the bot a token for its id and secret."""
    try:
        (token or (lambda: asyncio.run(_ask(settings))))()
    except (PermissionError, ChannelRefused) as error:
        mend = "Check MicrosoftAppId, MicrosoftAppPassword (it expires), MicrosoftAppType and MicrosoftAppTenantId."
        told = f" {error}" if isinstance(error, ChannelRefused) else ""
        return [wrong(f"Teams: Microsoft did not give the bot a token.{told}", mend)]
    except RetryLater as error:
        return [wrong(f"Teams: {error}", "Run doctor again in a few minutes. Until then alerts go other ways.")]
    except (OSError, ValueError) as error:
        return [
            wrong(f"Teams: Microsoft could not be asked ({type(error).__name__}).", "Check that login.microsoftonline.com can be reached.")
        ]
    return [fine("Teams: Microsoft accepts the bot's id and secret.")]


def check_reach(settings: Settings, references: References | None) -> list[Finding]:
    """Who has opened the bot, and who would be alerted by other ways alone."""
    findings = []
    for person in settings.school.everyone():
        if not person.roles or not (person.addresses.get(NAME) or person.addresses.get("mail")):
            continue
        findings.append(reach(person, references, mail=bool(settings.smtp_url and person.addresses.get("mail"))))
    return findings


def reach(person: Person, references: References | None, *, mail: bool) -> Finding:
    """Whether an alert reaches this person in Teams."""
    found = references.of(person) if references else None
    if found and found.conversation:
        return fine(f"Teams: {person.name} has opened the bot.")
    if found and found.refused:
        what = f"Teams: the app is not installed for {person.name} (or they blocked it): Teams refused a message to them on {found.refused}"
        mend = "Add Usher to their setup policy (docs/teams.md, step 5), or ask them to add it and not to block it."
        return note(f"{what}; they are reached by e-mail.", mend) if mail else wrong(f"{what}, and nothing else reaches them.", mend)
    mend = "Ask them to open Usher in Teams once, or have the app installed for them by a setup policy (docs/teams.md, step 5)."
    if mail:
        return note(f"Teams: {person.name} has not opened the bot; they are reached by e-mail.", mend)
    return wrong(f"Teams: {person.name} has not opened the bot, and nothing else reaches them.", mend)


async def _ask(settings: Settings) -> None:
    careful = authentication(settings.teams)
    app_id = settings.teams.app_id if settings.teams else ""
    identity = _identity(app_id)
    factory = careful.create_connector_factory(identity)
    client = await factory.create("https://smba.trafficmanager.net/uk/", careful.get_originating_audience())
    await asyncio.to_thread(client.config.credentials.tokens.fetch)


def _identity(app_id: str) -> object:
    from botframework.connector.auth import AuthenticationConstants, ClaimsIdentity  # noqa: PLC0415 for `doctor` alone

    claims = {AuthenticationConstants.AUDIENCE_CLAIM: app_id, AuthenticationConstants.APP_ID_CLAIM: app_id}
    return ClaimsIdentity(claims, True)  # noqa: FBT003 the SDK's own flag
