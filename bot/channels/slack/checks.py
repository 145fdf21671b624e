"""What `app.py doctor` asks Slack: tokens, scopes, the socket, and whether everybody in school.toml can be reached.

With one workspace there is one token, in .env; with many, one for each installation, in the database.
"""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.installs import Installs, install_link
from bot.channels.slack.scopes import SCOPES
from bot.channels.slack.staff import NAME
from bot.channels.slack.workspaces import API, ORG_WIDE, parted
from bot.doctor import Finding, fine, note, wrong
from bot.people import People, Person
from bot.settings import Settings, Slack

PATIENCE = 10
REINSTALL = "Open api.slack.com/apps, your app, Install App, and press Reinstall to Workspace; then copy the token into .env."
PASTE = (
    "Print the manifest with `app.py slack manifest`, paste it into your app under App Manifest, save, and press Reinstall to Workspace."
)
NEW_SOCKET = "Open api.slack.com/apps, your app, Basic Information, App-Level Tokens: make one with connections:write."
PASTE_ONCE = "Print the manifest with `app.py slack manifest --url …`, paste it into your app under App Manifest, save, and then:"


async def check_slack(settings: Settings, installs: Installs | None = None) -> list[Finding]:
    """Ask Slack about everything that the bot needs. Sends nothing to anybody. `installs`: where there may be many workspaces."""
    slack = settings.slack
    if slack is None:
        return [note("Slack is not set up.", "Follow docs/slack.md if your school uses it.")]
    findings: list[Finding] = []
    clients: dict[str, AsyncWebClient] = {}
    if slack.bot_token:
        client = client_with(slack, slack.bot_token)
        findings, works = await check_token(client, "SLACK_BOT_TOKEN", REINSTALL, PASTE)
        clients = {"": client} if works else {}
    elif installs is not None:
        findings, clients = await check_installs(settings, slack, installs)
    findings += await check_way_in(settings, slack)
    if clients:
        findings += await check_everybody(clients, settings)
    return findings


def client_with(slack: Slack, token: str) -> AsyncWebClient:
    """A client that waits as long as somebody at a terminal does."""
    return AsyncWebClient(token, base_url=(slack.api_url or API).rstrip("/") + "/", timeout=PATIENCE, retry_handlers=[])


async def check_installs(settings: Settings, slack: Slack, installs: Installs) -> tuple[list[Finding], dict[str, AsyncWebClient]]:
    """Whether each installation's token works; and a client for each workspace whose token does, the oldest first."""
    page = install_link(slack, settings.public_url)
    teams = await installs.teams()
    if not teams:
        return [wrong("No workspace has installed the bot yet.", f"Each workspace's owner opens {page}.")], {}
    findings: list[Finding] = []
    clients: dict[str, AsyncWebClient] = {}
    for team in teams:
        mend = f"Whoever owns the workspace {team} opens {page} once more."
        try:
            token = await installs.token(team)
        except Exception as error:
            findings.append(wrong(f"The token of the workspace {team} cannot be read ({type(error).__name__}).", mend))
            continue
        client = client_with(slack, token or "")
        found, works = await check_token(client, f"the token of the workspace {team}", mend, f"{PASTE_ONCE} {mend}")
        findings += found
        if works:
            clients[team] = client
    return findings, clients


async def check_token(client: AsyncWebClient, which: str, renew: str, paste: str) -> tuple[list[Finding], bool]:
    """Whether a bot token works, and has the scopes in use and no others. `renew`, `paste`: how to get another, and other scopes."""
    the = f"T{which[1:]}" if which.startswith("the ") else "The bot token"
    try:
        me = await client.auth_test()
    except SlackApiError as error:
        return [wrong(f"Slack refuses {which} ({error.response.get('error', 'no reason given')}).", renew)], False
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [wrong(f"Slack cannot be reached ({type(error).__name__}).", "Check that this machine may open https://slack.com.")], False
    if me.get("is_enterprise_install"):
        return [wrong(ORG_WIDE, "Open api.slack.com/apps, your app, Install App, and choose the school's workspace there.")], False
    findings = [fine(f"Slack knows the bot as {me.get('user')} in {me.get('team')}.")]
    given = {scope.strip() for scope in str(me.headers.get("x-oauth-scopes", "")).split(",")} - {""}
    if missing := sorted(set(SCOPES) - given):
        lacking = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
        findings.append(wrong(f"{the} lacks: {lacking}.", paste))
    if "files:read" in given:
        findings.append(wrong(f"{the} may read files.", f"Usher never fetches a file (clause 71): take files:read away. {paste}"))
    elif extra := sorted(given - set(SCOPES)):
        findings.append(note(f"{the} may do more than it needs: {', '.join(extra)}.", paste))
    if not missing:
        findings.append(fine(f"{the} has every scope in use."))
    return findings, True


async def check_way_in(settings: Settings, slack: Slack) -> list[Finding]:
    """Whether events can come in: the socket, or the signing secret and a public address."""
    if not slack.app_token:
        where = f"{settings.public_url}/slack/events"
        if settings.public_url.startswith("https://"):
            return [fine(f"Slack posts its events to {where}.")]
        return [wrong(f"Slack cannot post to {where}.", "Set PUBLIC_URL to the bot's https address, or SLACK_APP_TOKEN for socket mode.")]
    client = AsyncWebClient(base_url=(slack.api_url or API).rstrip("/") + "/", timeout=PATIENCE, retry_handlers=[])
    try:
        await client.apps_connections_open(app_token=slack.app_token)
    except SlackApiError as error:
        reason = error.response.get("error", "no reason given")
        if reason == "forbidden_socket_mode":
            return [wrong("Socket mode is off.", "Open api.slack.com/apps, your app, Socket Mode, and switch it on.")]
        return [wrong(f"Slack refuses SLACK_APP_TOKEN ({reason}).", NEW_SOCKET)]
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [wrong(f"Slack's socket cannot be reached ({type(error).__name__}).", "Allow outgoing WebSockets to *.slack.com.")]
    return [fine("Slack's socket can be opened.")]


async def check_everybody(clients: Mapping[str, AsyncWebClient], settings: Settings) -> list[Finding]:
    """Whether everybody in school.toml exists in Slack and can be written to, and who else can see what the bot writes."""
    people: People = settings.school.everyone()
    findings = [await check_person(clients, person) for person in people if not settings.demo]
    if settings.school.school.content_in_slack:
        findings.append(
            note(
                "Incidents' words may stand in Slack.",
                "Whoever owns the workspace can have private channels exported. Set content_in_slack = false to keep the words out.",
            )
        )
    else:
        findings.append(fine("Incidents' words are kept out of Slack."))
    return findings


async def check_person(clients: Mapping[str, AsyncWebClient], person: Person) -> Finding:
    """Whether one person has a working account that the bot can write to, in any of the workspaces."""
    address = person.addresses.get(NAME) or person.addresses.get("mail", "")
    mend = f'Set slack = "…" for {person.id} in school.toml: their profile, the three dots, "Copy member ID".'
    if not address:
        return note(f"{person.name} has neither a Slack id nor an e-mail.", mend)
    team, user_id = ("", address) if "@" in address else parted(address)
    if team and team not in clients:
        return wrong(f"{person.name}'s workspace ({team}) is not one in which the bot works.", mend)
    where = list(clients) if "@" in address else [team or next(iter(clients))]
    found = [await check_account(clients[one], person, user_id, mend) for one in where]
    return next((one for one in found if one.good), found[-1])


async def check_account(client: AsyncWebClient, person: Person, address: str, mend: str) -> Finding:
    """Whether this person has a working account in one workspace."""
    try:
        found = await (client.users_lookupByEmail(email=address) if "@" in address else client.users_info(user=address))
        user = found["user"]
        if user.get("deleted") or user.get("is_bot"):
            return wrong(f"{person.name}'s Slack account ({address}) is switched off or is a bot.", mend)
        await client.conversations_open(users=user["id"])
    except SlackApiError as error:
        return wrong(f"{person.name} is not found in Slack by {address} ({error.response.get('error')}).", mend)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return wrong(f"Slack did not answer about {person.name} ({type(error).__name__}).", "Try again in a minute.")
    return fine(f"{person.name} can be reached in Slack.")
