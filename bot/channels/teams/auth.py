"""Microsoft's authentication with what 4.17.1 gets wrong mended: it blocks the loop, and stumbles over junk.

Tokens are validated by the SDK itself, against Microsoft's published keys; nothing here lets a request through that the SDK refuses.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import requests
from botbuilder.integration.aiohttp import ConfigurationBotFrameworkAuthentication, ConfigurationServiceClientCredentialFactory
from botbuilder.schema import Activity
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
    ServiceClientCredentialsFactory,
)
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor

from bot.channels.teams.tokens import KeptCredentials
from bot.settings import Teams

CALL_SECONDS = 12  # for one call to Teams: less than the outbox gives it
# Threads of their own: those of the loop may all be waiting for the database, and those of tokens.py for Microsoft.
THREADS = ThreadPoolExecutor(4, thread_name_prefix="teams door")
KEYS_AGAIN = 300.0  # seconds: an unknown key is looked up again no more often than this


class Unverified(Exception):
    """Microsoft's keys cannot be had just now: the request is neither good nor bad."""


class PatientConnectors(ConnectorFactory):  # type: ignore[misc]
    """Connectors that try once: the SDK's own three tries after 502 or 504 could say the same thing three times."""

    def __init__(self, inner: ConnectorFactory) -> None:
        self._inner = inner

    async def create(self, service_url: str, audience: str | None = None) -> ConnectorClient:
        """A connector for this address. It needs a token only where it sends: an invoke is answered without one."""
        client = await self._inner.create(service_url, audience)
        client.config.retry_policy.retries = 0
        client.config.retry_policy.policy.status_forcelist = ()
        client.config.retry_policy.policy.respect_retry_after_header = False
        client.config.connection.timeout = CALL_SECONDS
        return client


class CarefulAuthentication(BotFrameworkAuthentication):  # type: ignore[misc]
    """The SDK's authentication, off the loop; whatever it stumbles over is a refusal."""

    def __init__(self, inner: BotFrameworkAuthentication) -> None:
        self._inner = inner
        self._looked = float("-inf")

    async def authenticate_request(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        """Who sent this. PermissionError where it is not Teams; Unverified where Microsoft's keys cannot be had."""
        try:
            result = await asyncio.get_running_loop().run_in_executor(THREADS, self._authenticate, activity, auth_header)
        except requests.RequestException as error:
            raise Unverified from error
        except Exception as error:
            raise PermissionError from error
        result.connector_factory = PatientConnectors(result.connector_factory)
        return result

    def _authenticate(self, activity: Activity, auth_header: str) -> AuthenticateRequestResult:
        try:
            return asyncio.run(self._inner.authenticate_request(activity, auth_header))
        except IndexError:
            # The SDK looks for new keys once a day only. A key that it does not know may be a new one.
            if time.monotonic() - self._looked < KEYS_AGAIN:
                raise
            self._looked = time.monotonic()
            for metadata in JwtTokenExtractor.metadataCache.values():
                metadata.last_updated = datetime.min  # noqa: DTZ901 the SDK compares it with its own naive times
            return asyncio.run(self._inner.authenticate_request(activity, auth_header))

    async def authenticate_streaming_request(self, auth_header: str, channel_id_header: str) -> AuthenticateRequestResult:
        """Streaming is not used."""
        del auth_header, channel_id_header
        raise PermissionError

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:
        """Connectors for writing first."""
        return PatientConnectors(self._inner.create_connector_factory(claims_identity))

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> Any:
        """As the SDK makes it."""
        return await self._inner.create_user_token_client(claims_identity)

    def create_bot_framework_client(self) -> Any:
        """As the SDK makes it."""
        return self._inner.create_bot_framework_client()

    def get_originating_audience(self) -> str:
        """As the SDK has it."""
        return str(self._inner.get_originating_audience())

    async def authenticate_channel_request(self, auth_header: str) -> ClaimsIdentity:
        """Channel requests are not used."""
        del auth_header
        raise PermissionError


def authentication(settings: Teams | None, credentials: ServiceClientCredentialsFactory | None = None) -> CarefulAuthentication:
    """The authentication for these settings; None is the demo on loopback, where nobody signs anything.

    `credentials`: another source of tokens, for tests. Single- and multi-tenant apps and managed identities are told by `app_type`.
    """
    configuration = SimpleNamespace(
        APP_ID=settings.app_id if settings else None,
        APP_PASSWORD=settings.password if settings else None,
        APP_TYPE=settings.app_type if settings else "MultiTenant",
        APP_TENANTID=settings.tenant_id if settings else None,
    )
    kept = KeptCredentials(credentials or ConfigurationServiceClientCredentialFactory(configuration))
    return CarefulAuthentication(ConfigurationBotFrameworkAuthentication(configuration, credentials_factory=kept))
