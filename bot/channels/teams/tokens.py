"""The bot's own token, which Microsoft gives it for its id and secret, or for the machine's managed identity.

The SDK fetches it in the event loop, waits without end for it, and tells a refusal from "come again later" by nothing; for a managed
identity it stumbles over both (KeyError). Here it is fetched in a thread, and what goes wrong is one sentence in the log.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msal  # type: ignore[import-untyped]
import requests
from botframework.connector.auth import AppCredentials, ServiceClientCredentialsFactory
from botframework.connector.auth.managedidentity_app_credentials import ManagedIdentityAppCredentials
from msrest import pipeline

from bot.errors import ChannelRefused, DeliveryError, RetryLater

log = logging.getLogger(__name__)

TOKEN_SECONDS = 10  # for one question to Microsoft's token service
SAY_AGAIN = 300.0  # seconds: the same trouble is logged no more often than this
GOOD_FOR = 240.0  # seconds: MSAL gives out no token that has less than five minutes left
SOON = 30.0
REFUSED, BUSY, FAULTY = 400, 429, 500
CODE = re.compile(r"AADSTS\d+")
ASKING = ThreadPoolExecutor(4, thread_name_prefix="teams token")  # those of the loop may all be waiting for the database


class Asking(requests.Session):
    """Asks Microsoft's token service, within a limit of time, and remembers how it refused; `status` 0 where it did not."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 0
        self.after = ""

    def request(self, *given: Any, **more: Any) -> requests.Response:
        """As requests does it."""
        answer = super().request(*given, **{"timeout": TOKEN_SECONDS, **more})
        if answer.status_code >= REFUSED:
            self.status, self.after = answer.status_code, answer.headers.get("Retry-After", "")
        return answer


class Identity(ManagedIdentityAppCredentials):  # type: ignore[misc]
    """A managed identity whose refusals are told as those of a secret are."""

    def __init__(self, app_id: str, scope: str) -> None:
        super().__init__(app_id, scope)
        self.asking = Asking()
        # A cache of its own, where the SDK shares one between everything that runs here.
        self.app = msal.ManagedIdentityClient(msal.UserAssignedManagedIdentity(client_id=app_id), http_client=self.asking)

    def get_access_token(self, force_refresh: object = None) -> str:
        """The token. PermissionError where there is none."""
        del force_refresh
        found = self.app.acquire_token_for_client(resource=self.oauth_scope)
        if "access_token" not in found:
            raise PermissionError(f"{found.get('error')}: {found.get('error_description')}")
        return str(found["access_token"])


class Tokens:
    """One credential of the bot, and its token."""

    def __init__(self, inner: AppCredentials) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._token, self._looked = "", float("-inf")
        self._said: tuple[str, float] = ("", 0.0)
        self.app_id = str(inner.microsoft_app_id or "")

    def at_hand(self) -> str:
        """The token, where it is good for some minutes for certain; "" else."""
        return self._token if time.monotonic() - self._looked < GOOD_FOR else ""

    def fetch(self) -> str:
        """The token, fetched where there is none. It may wait, and belongs into a thread.

        Raises:
            RetryLater: the token service asks to wait, or cannot be reached.
            ChannelRefused: it refuses the bot.
        """
        with self._lock:
            if token := self.at_hand():
                return token
            asking = self._asking()
            try:
                self._token = str(self._inner.get_access_token())
            except Exception as error:
                raise self._told(trouble(error, asking)) from error
            self._said, self._looked = ("", 0.0), time.monotonic()
            if asking:
                asking.status, asking.after = 0, ""
            return self._token

    def _asking(self) -> Asking | None:
        """Whatever asks for this credential; made here for a secret, for the SDK's own would wait without end."""
        if isinstance(self._inner, Identity):
            return self._inner.asking
        secret = getattr(self._inner, "microsoft_app_password", "")
        if not secret or not hasattr(self._inner, "app"):
            return None
        if self._inner.app is None:
            asking = Asking()
            try:
                self._inner.app = msal.ConfidentialClientApplication(
                    self._inner.microsoft_app_id, client_credential=secret, authority=self._inner.oauth_endpoint, http_client=asking
                )
            except Exception as error:  # it asks at once where the tenant is
                raise self._told(trouble(error, asking)) from error
            self._inner.app.asking = asking
        return getattr(self._inner.app, "asking", None)

    def _told(self, error: DeliveryError) -> DeliveryError:
        text = str(error)
        if text != self._said[0] or time.monotonic() - self._said[1] > SAY_AGAIN:
            log.error("%s Nothing can be sent in Teams until it does; alerts go other ways meanwhile, and it is asked again.", text)
            self._said = (text, time.monotonic())
        return error


class Signing(pipeline.AsyncHTTPPolicy):  # type: ignore[name-defined,misc]
    """Signs each call as it is made. The SDK's own way would fetch the token in the event loop, which then stands still."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens

    async def send(self, request: Any, **more: Any) -> Any:
        """Pass the call on, signed; RetryLater or ChannelRefused where there is no token."""
        if self.tokens.app_id:
            token = self.tokens.at_hand() or await asyncio.get_running_loop().run_in_executor(ASKING, self.tokens.fetch)
            request.http_request.headers["Authorization"] = f"Bearer {token}"
        return await self.next.send(request, **more)


class KeptCredentials(ServiceClientCredentialsFactory):  # type: ignore[misc]
    """Makes each credential once, so that its token is fetched once an hour and not at every turn."""

    def __init__(self, inner: ServiceClientCredentialsFactory) -> None:
        self._inner = inner
        self._kept: dict[tuple[str, str], Tokens] = {}

    async def is_valid_app_id(self, app_id: str) -> bool:
        """Whether a token's audience is this bot."""
        return bool(await self._inner.is_valid_app_id(app_id))

    async def is_authentication_disabled(self) -> bool:
        """Whether no app id is set."""
        return bool(await self._inner.is_authentication_disabled())

    async def create_credentials(self, app_id: str, oauth_scope: str, login_endpoint: str, validate_authority: bool) -> Signing:  # noqa: FBT001
        """The credentials for this app and scope, for one client: it is chained into it."""
        key = (app_id, oauth_scope)
        if key not in self._kept:
            made = await self._inner.create_credentials(app_id, oauth_scope, login_endpoint, validate_authority)
            own = Identity(made.microsoft_app_id, made.oauth_scope) if isinstance(made, ManagedIdentityAppCredentials) else made
            self._kept[key] = Tokens(own)
        return Signing(self._kept[key])


def trouble(error: Exception, asking: Asking | None) -> DeliveryError:
    """What a token that did not come means for the outbox, in one sentence that names nobody and no secret."""
    silent = isinstance(error, requests.ConnectionError | requests.Timeout)
    status = asking.status if asking and not silent else 0
    if isinstance(error, DeliveryError):
        return error
    if status == BUSY:
        after = asking.after if asking else ""
        return RetryLater("Microsoft's token service asks the bot to wait (429).", float(after) if after.isdecimal() else SOON)
    if status >= FAULTY:
        return RetryLater(f"Microsoft's token service is out of order ({status}).", SOON)
    if isinstance(error, OSError | ValueError | RuntimeError) and not isinstance(error, PermissionError) and not status:
        return RetryLater(f"Microsoft's token service cannot be reached ({type(error).__name__}).", SOON)
    code = CODE.search(str(error))
    return ChannelRefused(f"Microsoft refuses the bot a token{f' ({code.group()})' if code else ''}.")
