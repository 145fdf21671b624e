"""The page as a tab in Teams: the person is signed in by the token that Teams gives, checked here; then the page's session begins.

The tab's first page loads Microsoft's library from Microsoft, pinned by its hash: without it Teams does not tell who is looking.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from aiohttp import web

from bot.channels.teams.package import TAB_PATH
from bot.channels.teams.post import stored
from bot.channels.teams.references import References
from bot.errors import RetryLater
from bot.logs import trail
from bot.people import Person
from bot.settings import Teams

log = logging.getLogger(__name__)

FRAMES = (
    "https://teams.microsoft.com", "https://*.teams.microsoft.com", "https://teams.cloud.microsoft", "https://*.cloud.microsoft",
    "https://*.microsoft365.com", "https://*.office.com",
)  # fmt: skip
LIBRARY = "https://res.cdn.office.net/teams-js/2.58.0/js/MicrosoftTeams.min.js"
LIBRARY_HASH = "sha384-sMo/EOqQPa1OCup2/VBRum7oFeOS22kvs8WGDc45xK53tUVZzFR5WwFYDUYN1LO4"
LEEWAY = 60
LONGEST = 16_384
ELSEWHERE = "Usher could not sign you in through Teams. Write “link” to Usher in your chat with it: the link it sends opens this page."
PAGE = f"""<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Usher</title>
<script src="{LIBRARY}" integrity="{LIBRARY_HASH}" crossorigin="anonymous" defer></script>
<script src="{TAB_PATH}.js" defer></script></head>
<body><main><h1>Usher</h1><p id="told" role="status">Signing you in …</p></main>
<noscript><p>{ELSEWHERE}</p></noscript></body></html>
"""
SCRIPT = f"""
(async () => {{
  const told = document.getElementById("told");
  try {{
    await microsoftTeams.app.initialize();
    const token = await microsoftTeams.authentication.getAuthToken();
    const answer = await fetch("{TAB_PATH}/session", {{
      method: "POST", headers: {{ "Content-Type": "application/json" }}, body: JSON.stringify({{ token }}),
    }});
    if (!answer.ok) throw new Error("refused");
    location.replace((await answer.json()).url);
  }} catch (problem) {{
    told.textContent = {ELSEWHERE!r};
  }}
}})();
"""


@dataclass(frozen=True)
class Verifier:
    """Checks the token that Teams gives to a tab: Microsoft's signature, the school's tenant, this very app, and not too old."""

    settings: Teams
    host: str
    keys: Any  # a jwt.PyJWKClient

    @classmethod
    def of(cls, settings: Teams, host: str) -> Verifier:
        """With the keys that Microsoft publishes for the tenant; `host` is that of the public address."""
        return cls(
            settings, host, jwt.PyJWKClient(f"https://login.microsoftonline.com/{settings.tenant_id}/discovery/v2.0/keys", timeout=10)
        )

    def account(self, token: str) -> str:
        """The object id of the account that is looking. Synchronous.

        Raises:
            PermissionError: it is no good token of this app and tenant.
        """
        tenant, app_id = self.settings.tenant_id.lower(), self.settings.app_id.lower()
        try:
            key = self.keys.get_signing_key_from_jwt(token).key
            claims = jwt.decode(
                token, key, algorithms=["RS256"], leeway=LEEWAY, options={"require": ["exp", "iss", "aud", "oid", "tid"]},
                audience=[app_id, f"api://{self.host}/{app_id}"],
                issuer=[f"https://login.microsoftonline.com/{tenant}/v2.0", f"https://sts.windows.net/{tenant}/"],
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError) as error:
            raise PermissionError from error
        if str(claims["tid"]).lower() != tenant or "access_as_user" not in str(claims.get("scp", "")).split():
            raise PermissionError
        return str(claims["oid"])


def add_tab(app: web.Application, verifier: Verifier, references: References, make_link: Callable[[Person], str]) -> None:
    """Have the application answer the tab. `make_link` makes the page's one-time link for a person; it is called in a thread.

    The page must allow FRAMES as its frame ancestors. Only who has met the bot is let in, and no guest.
    """

    async def page(_request: web.Request) -> web.Response:
        policy = (
            f"default-src 'none'; script-src 'self' https://res.cdn.office.net; connect-src 'self'; base-uri 'none'; "
            f"form-action 'self'; frame-ancestors {' '.join(FRAMES)}"
        )
        headers = {"Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "cross-origin"}
        return web.Response(text=PAGE, content_type="text/html", headers=headers)

    async def script(_request: web.Request) -> web.Response:
        return web.Response(text=SCRIPT, content_type="text/javascript")

    async def session(request: web.Request) -> web.Response:
        try:
            token = await token_of(request)
            account = await asyncio.to_thread(verifier.account, token)
            reference = await stored(lambda: references.at(account))
            if reference is None or reference.guest:
                raise PermissionError
            person = references.person(reference)
            return web.json_response({"url": await stored(lambda: make_link(person))})
        except PermissionError:
            return web.json_response({"problem": ELSEWHERE}, status=403)
        except RetryLater as error:
            log.error("A tab could not be signed in: %s", trail(error))
            return web.json_response({"problem": ELSEWHERE}, status=503)

    app.router.add_get(TAB_PATH, page)
    app.router.add_get(f"{TAB_PATH}.js", script)
    app.router.add_post(f"{TAB_PATH}/session", session)


async def token_of(request: web.Request) -> str:
    """The token that was sent; PermissionError for anything else."""
    if request.content_type != "application/json" or (request.content_length or 0) > LONGEST:
        raise PermissionError
    try:
        body = await request.json()
    except (ValueError, RecursionError) as error:
        raise PermissionError from error
    token = body.get("token") if isinstance(body, dict) else None
    if not isinstance(token, str):
        raise PermissionError
    return token
