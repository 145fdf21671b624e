"""Real group chats for incident rooms, where the school grants Microsoft Graph's permissions for them. Off by default.

Graph makes the chat and keeps its members; what is said in it goes through the Bot Connector like everything else.
Needs the application permissions Chat.Create, ChatMember.ReadWrite.All and TeamsAppInstallation.ReadWriteAndConsentSelfForChat.All,
and the packages msgraph-sdk and azure-identity, which nothing else needs: they are imported only where the option is on.
"""

from __future__ import annotations

from typing import Any, Protocol

from bot.channels.teams.package import HEARS
from bot.errors import ChannelRefused, RecipientGone, RetryLater
from bot.settings import Teams

GRAPH = "https://graph.microsoft.com/v1.0"
DONE = object()  # what was asked for had been done before
SCOPE = "https://graph.microsoft.com/.default"


class Chats(Protocol):
    """Group chats. Each method may raise RetryLater, RecipientGone or ChannelRefused."""

    async def create(self, topic: str, accounts: tuple[str, ...]) -> str:
        """A new chat with these accounts in it; its id."""
        ...

    async def install(self, chat: str) -> bool:
        """Bring the bot in; False where it is in already."""
        ...

    async def members(self, chat: str) -> tuple[str, ...]:
        """The accounts of everybody who is in it."""
        ...

    async def add(self, chat: str, account: str) -> None:
        """Bring somebody in; no error where they are in already."""
        ...

    async def remove(self, chat: str, account: str) -> None:
        """Take somebody out; no error where they are not in."""
        ...


class GraphChats:
    """The same through Microsoft's own Graph library."""

    def __init__(self, settings: Teams, client: Any = None) -> None:
        """`client`: a GraphServiceClient; made from the bot's own credentials where none is given."""
        self._app_id = settings.app_id
        self._client = client or _client(settings)

    async def create(self, topic: str, accounts: tuple[str, ...]) -> str:
        """A new chat with these accounts in it; its id. None is made where the bot could not be brought into it."""
        from msgraph.generated.models.chat import Chat  # noqa: PLC0415 only where the option is on
        from msgraph.generated.models.chat_type import ChatType  # noqa: PLC0415

        await self._catalogue_id()
        members = [_member(account) for account in accounts]
        made = await _asked(self._client.chats.post(Chat(chat_type=ChatType.Group, topic=topic, members=members)))
        return str(made.id)

    async def install(self, chat: str) -> bool:
        """Bring the bot in; False where it is in already."""
        app = _installation(await self._catalogue_id())
        return await _asked(self._client.chats.by_chat_id(chat).installed_apps.post(app), done=409) is not DONE

    async def members(self, chat: str) -> tuple[str, ...]:
        """The accounts of everybody who is in it."""
        return tuple(await self._memberships(chat))

    async def add(self, chat: str, account: str) -> None:
        """Bring somebody in; no error where they are in already."""
        if account not in await self._memberships(chat):
            await _asked(self._client.chats.by_chat_id(chat).members.post(_member(account)))

    async def remove(self, chat: str, account: str) -> None:
        """Take somebody out; no error where they are not in."""
        found = (await self._memberships(chat)).get(account)
        if found is not None:
            await _asked(self._client.chats.by_chat_id(chat).members.by_conversation_member_id(found).delete())

    async def _memberships(self, chat: str) -> dict[str, str]:
        """Each account and the id of its membership, from as many pages as Graph parts them into."""
        found: dict[str, str] = {}
        asking = self._client.chats.by_chat_id(chat).members
        while asking is not None:
            page = await _asked(asking.get())
            found |= {str(one.user_id): str(one.id) for one in page.value or [] if getattr(one, "user_id", None)}
            asking = asking.with_url(page.odata_next_link) if page.odata_next_link else None
        return found

    async def _catalogue_id(self) -> str:
        from kiota_abstractions.base_request_configuration import RequestConfiguration  # noqa: PLC0415
        from msgraph.generated.app_catalogs.teams_apps.teams_apps_request_builder import TeamsAppsRequestBuilder  # noqa: PLC0415

        wanted = TeamsAppsRequestBuilder.TeamsAppsRequestBuilderGetQueryParameters(filter=f"externalId eq '{self._app_id}'")
        found = await _asked(self._client.app_catalogs.teams_apps.get(request_configuration=RequestConfiguration(query_parameters=wanted)))
        if not found.value:
            raise ChannelRefused("The app is not in the school's app catalogue.")
        return str(found.value[0].id)


def _client(settings: Teams) -> Any:
    from azure.identity.aio import ClientSecretCredential, ManagedIdentityCredential  # noqa: PLC0415

    if settings.app_type == "UserAssignedMSI":
        credential: Any = ManagedIdentityCredential(client_id=settings.app_id)
    else:
        credential = ClientSecretCredential(settings.tenant_id, settings.app_id, settings.password)
    from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider  # noqa: PLC0415

    return graph_client(AzureIdentityAuthenticationProvider(credential, scopes=[SCOPE]))


def graph_client(authentication: Any, base_url: str = GRAPH) -> Any:
    """A client that tries once: Graph's own tries after 503 and 504 could make the same chat three times. The outbox decides."""
    from kiota_http.middleware.options import RetryHandlerOption  # noqa: PLC0415
    from msgraph import GraphRequestAdapter, GraphServiceClient  # noqa: PLC0415
    from msgraph_core import GraphClientFactory  # noqa: PLC0415

    once = {RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0, should_retry=False)}
    adapter = GraphRequestAdapter(authentication, GraphClientFactory.create_with_default_middleware(options=once))
    adapter.base_url = base_url
    return GraphServiceClient(request_adapter=adapter)


def _installation(catalogue_id: str) -> Any:
    """The app, with consent to just what its manifest asks for in a chat: without it the bot hears only what mentions it."""
    from msgraph.generated.models.teams_app_installation import TeamsAppInstallation  # noqa: PLC0415
    from msgraph.generated.models.teams_app_permission_set import TeamsAppPermissionSet  # noqa: PLC0415
    from msgraph.generated.models.teams_app_resource_specific_permission import TeamsAppResourceSpecificPermission  # noqa: PLC0415
    from msgraph.generated.models.teams_app_resource_specific_permission_type import (  # noqa: PLC0415
        TeamsAppResourceSpecificPermissionType,
    )

    consented = [
        TeamsAppResourceSpecificPermission(
            permission_value=one["name"], permission_type=TeamsAppResourceSpecificPermissionType(one["type"].lower())
        )
        for one in HEARS
    ]
    return TeamsAppInstallation(
        additional_data={"teamsApp@odata.bind": f"{GRAPH}/appCatalogs/teamsApps/{catalogue_id}"},
        consented_permission_set=TeamsAppPermissionSet(resource_specific_permissions=consented),
    )


def _member(account: str) -> Any:
    from msgraph.generated.models.aad_user_conversation_member import AadUserConversationMember  # noqa: PLC0415

    bind = {"user@odata.bind": f"{GRAPH}/users('{account}')"}
    return AadUserConversationMember(odata_type="#microsoft.graph.aadUserConversationMember", roles=["owner"], additional_data=bind)


async def _asked(call: Any, *, done: int = 0) -> Any:
    """What Graph answers; a fault as one of the bot's own errors. `done`: the status that says that it has been done before."""
    from kiota_abstractions.api_error import APIError  # noqa: PLC0415

    try:
        return await call
    except APIError as error:
        status = error.response_status_code or 0
        if done and status == done:
            return DONE
        after = str((error.response_headers or {}).get("retry-after", ""))
        if status in (401, 403):
            raise ChannelRefused("Graph does not let the bot do this.") from error
        if status == 404:  # noqa: PLR2004
            raise RecipientGone("Graph does not know this chat or person.") from error
        raise RetryLater("Graph could not do it just now.", float(after) if after.isdecimal() else None) from error
    except (OSError, TimeoutError) as error:
        raise RetryLater("Graph did not answer.") from error
