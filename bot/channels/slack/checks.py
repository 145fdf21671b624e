"""What `app.py doctor` asks Slack: tokens, scopes, the socket, and whether everybody in school.toml can be reached."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.scopes import SCOPES
from bot.channels.slack.staff import NAME
from bot.channels.slack.workspaces import API, ORG_WIDE
from bot.doctor import Finding, fine, note, wrong
from bot.people import People, Person
from bot.settings import Settings, Slack

PATIENCE = 10
REINSTALL = "Open api.slack.com/apps, your app, Install App, and press Reinstall to Workspace; then copy the token into .env."
PASTE = (
    "Print the manifest with `app.py slack manifest`, paste it into your app under App Manifest, save, and press Reinstall to Workspace."
)
NEW_SOCKET = "Open api.slack.com/apps, your app, Basic Information, App-Level Tokens: make one with connections:write."


async def check_slack(settings: Settings) -> list[Finding]:
    """Ask Slack about everything that the bot needs. Sends nothing to anybody."""
    slack = settings.slack
    if slack is None:
        return [note("Slack is not set up.", "Follow docs/slack.md if your school uses it.")]
    if not slack.bot_token:
        return [note("Slack's tokens come from installations.", f"Open {settings.public_url}/slack/install to install the bot.")]
    client = AsyncWebClient(slack.bot_token, base_url=(slack.api_url or API).rstrip("/") + "/", timeout=PATIENCE, retry_handlers=[])
    findings, works = await check_token(client)
    findings += await check_way_in(settings, slack)
    if works:
        findings += await check_everybody(client, settings)
    return findings


async def check_token(client: AsyncWebClient) -> tuple[list[Finding], bool]:
    """Whether the bot token works, and has the scopes in use and no others."""
    try:
        me = await client.auth_test()
    except SlackApiError as error:
        return [wrong(f"Slack refuses SLACK_BOT_TOKEN ({error.response.get('error', 'no reason given')}).", REINSTALL)], False
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return [wrong(f"Slack cannot be reached ({type(error).__name__}).", "Check that this machine may open https://slack.com.")], False
    if me.get("is_enterprise_install"):
        return [wrong(ORG_WIDE, "Open api.slack.com/apps, your app, Install App, and choose the school's workspace there.")], False
    findings = [fine(f"Slack knows the bot as {me.get('user')} in {me.get('team')}.")]
    given = {scope.strip() for scope in str(me.headers.get("x-oauth-scopes", "")).split(",")} - {""}
    if missing := sorted(set(SCOPES) - given):
        lacking = "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing)
        findings.append(wrong(f"The bot token lacks: {lacking}.", PASTE))
    if "files:read" in given:
        findings.append(wrong("The bot token may read files.", f"Usher never fetches a file (clause 71): take files:read away. {PASTE}"))
    elif extra := sorted(given - set(SCOPES)):
        findings.append(note(f"The bot token may do more than it needs: {', '.join(extra)}.", PASTE))
    if not missing:
        findings.append(fine("The bot token has every scope in use."))
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


async def check_everybody(client: AsyncWebClient, settings: Settings) -> list[Finding]:
    """Whether everybody in school.toml exists in Slack and can be written to, and who else can see what the bot writes."""
    people: People = settings.school.everyone()
    findings: list[Finding] = []
    for person in people:
        if settings.demo or not (person.roles or person.addresses.get(NAME)):
            continue
        findings.append(await check_person(client, person))
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


async def check_person(client: AsyncWebClient, person: Person) -> Finding:
    """Whether one person has a working account that the bot can write to."""
    address = person.addresses.get(NAME) or person.addresses.get("mail", "")
    mend = f'Set slack = "…" for {person.id} in school.toml: their profile, the three dots, "Copy member ID".'
    if not address:
        return note(f"{person.name} has neither a Slack id nor an e-mail.", mend)
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
