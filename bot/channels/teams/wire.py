"""Writing to Teams through the Bot Connector, and what its answers mean. One try for each call: the outbox decides about the next.

429 and 412 did not arrive and are tried later; 502, 504 and silence may have arrived; 403 and 404 mean that this person or
conversation is out of reach; 401 means that Teams refuses the bot itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from botbuilder.schema import Activity, Attachment, ChannelAccount, ConversationParameters, ErrorResponseException
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import AuthenticationConstants, BotFrameworkAuthentication, ClaimsIdentity
from msrest.exceptions import ClientException

from bot.channels.teams.auth import CALL_SECONDS
from bot.channels.teams.blocks import Element
from bot.channels.teams.drawing import attachment
from bot.channels.teams.references import Reference
from bot.errors import ChannelRefused, DeliveryError, RecipientGone, RetryLater

T = TypeVar("T")
SOON = 5.0  # seconds to wait where Teams asks to wait without saying how long
TRIES_LATER = frozenset({408, 500, 502, 503, 504})


class Wire:
    """Writes, updates and removes messages, and asks who the members are. Raises RetryLater, RecipientGone or ChannelRefused."""

    def __init__(self, authentication: BotFrameworkAuthentication, app_id: str) -> None:
        claims = {AuthenticationConstants.AUDIENCE_CLAIM: app_id, AuthenticationConstants.APP_ID_CLAIM: app_id}
        identity = ClaimsIdentity(claims, True)  # noqa: FBT003 the SDK's own flag
        self._factory = authentication.create_connector_factory(identity)
        self._audience = authentication.get_originating_audience()
        self._clients: dict[str, ConnectorClient] = {}

    async def send(self, service_url: str, conversation: str, activity: Activity) -> str:
        """Write into a conversation; the id of what was written."""
        client = await self._client(service_url)
        sent = await answered(client.conversations.send_to_conversation(conversation, activity))
        return str(sent.id) if sent and sent.id else ""

    async def update(self, service_url: str, conversation: str, message: str, activity: Activity) -> None:
        """Put another message in the place of one that was sent."""
        client = await self._client(service_url)
        activity.id = message
        await answered(client.conversations.update_activity(conversation, message, activity))

    async def delete(self, service_url: str, conversation: str, message: str) -> None:
        """Take out a message that was sent."""
        client = await self._client(service_url)
        await answered(client.conversations.delete_activity(conversation, message))

    async def member(self, service_url: str, conversation: str, user: str) -> dict[str, Any]:
        """What Teams tells of a member: aadObjectId, name, email, userPrincipalName, userRole."""
        client = await self._client(service_url)
        found = await answered(client.conversations.get_conversation_member(conversation, user))
        return {"name": found.name, "aadObjectId": found.aad_object_id, **(found.additional_properties or {})}

    async def converse(self, service_url: str, tenant: str, bot: str, user: str) -> str:
        """The private conversation with a user, made where there is none yet. `user`: Teams' own id or the account's object id."""
        client = await self._client(service_url)
        parameters = ConversationParameters(
            is_group=False,
            bot=ChannelAccount(id=bot),
            members=[ChannelAccount(id=user)],
            tenant_id=tenant,
            channel_data={"tenant": {"id": tenant}},
        )
        made = await answered(client.conversations.create_conversation(parameters))
        return str(made.id)

    async def _client(self, service_url: str) -> ConnectorClient:
        if service_url not in self._clients:
            self._clients[service_url] = await answered(self._factory.create(service_url, self._audience))
        return self._clients[service_url]


async def answered(call: Awaitable[T]) -> T:
    """What Teams answers; a fault as one of the bot's own errors."""
    try:
        async with asyncio.timeout(CALL_SECONDS + 3):
            return await call
    except ErrorResponseException as error:
        raise meaning(error.response.status_code, error.response.headers) from error
    except PermissionError as error:
        raise ChannelRefused("Microsoft did not give the bot a token.") from error
    except (ClientException, TimeoutError, OSError, ValueError) as error:
        raise RetryLater("Teams did not answer.") from error


def meaning(status: int, headers: Any) -> DeliveryError:
    """What a status of the Bot Connector means for the outbox."""
    if status in (412, 429):
        asked = str((headers or {}).get("Retry-After", ""))
        return RetryLater("Teams asks to wait.", float(asked) if asked.isdecimal() else SOON)
    if status in TRIES_LATER:
        return RetryLater("Teams could not take it just now.")
    if status in (403, 404):
        return RecipientGone("Teams does not let the bot write to this person.")
    if status == 401:  # noqa: PLR2004
        return ChannelRefused("Teams does not know the bot.")
    return DeliveryError(f"Teams answered {status}.")


def message(cards: tuple[Element, ...] = (), text: str = "", notice: str = "") -> Activity:
    """A message. `notice` is what a lock screen and the list of chats may show of it."""
    drawn = [Attachment(content_type=one["contentType"], content=one["content"]) for one in map(attachment, cards)]
    return Activity(type="message", text=text or None, summary=notice or None, attachments=drawn or None)


def addressed(activity: Activity, reference: Reference) -> Activity:
    """The same, from the bot to this person: what Teams wants to know of a message that nobody asked for."""
    activity.channel_id = "msteams"
    activity.from_property = ChannelAccount(id=reference.bot)
    activity.recipient = ChannelAccount(id=reference.user or reference.account)
    activity.channel_data = {"notification": {"alert": True}, "tenant": {"id": reference.tenant}}
    return activity
