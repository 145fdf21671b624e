"""Installing the bot in many workspaces: slack_sdk's SQLAlchemy stores, with every token sealed by the vault."""

from __future__ import annotations

import asyncio
import base64
import copy
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, TypeVar

from slack_bolt import BoltResponse
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, Engine, Table, inspect, select, update

from bot.channels.slack.install_tables import INSTALLATIONS, SECRETS, SchoolsInstallations, SchoolsStates, bring_up_to_date, tables
from bot.channels.slack.scopes import SCOPES
from bot.channels.slack.workspaces import API, ORG_WIDE
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault
from bot.settings import Slack

T = TypeVar("T")
STATE_LASTS = 600
INSTALL = "/slack/install"


def install_link(settings: Slack, public_url: str) -> str:
    """The address on which a workspace's owner installs the bot. It is for those alone to whom the school gives it.

    Anybody at all may install an app that is distributed; and in a workspace of their own they choose who has the Headteacher's e-mail.
    """
    return f"{public_url.rstrip('/')}{INSTALL}?key={invitation(settings)}"


def invitation(settings: Slack) -> str:
    """What shows that somebody was given the address: nobody can make it who has not the client secret."""
    return hmac.new(settings.client_secret.encode(), b"usher: install", hashlib.sha256).hexdigest()[:40]


class OrgWide(BoltError):
    """Somebody tried to install the bot for a whole organisation."""

    def __init__(self) -> None:
        super().__init__(ORG_WIDE)


class SealedStore(AsyncInstallationStore):
    """An installation store for Bolt that seals on the way in and opens on the way out. Works in threads."""

    def __init__(self, store: SchoolsInstallations, vault: Vault, school: str) -> None:
        self._store = store
        self._vault = vault
        self._school = school

    async def async_save(self, installation: Installation) -> None:
        """Store an installation, and its bot. OrgWide where it is for a whole organisation: its token names no workspace."""
        if installation.is_enterprise_install or not installation.team_id:
            raise OrgWide
        await asyncio.to_thread(self._store.save, self._sealed(installation))

    async def async_save_bot(self, bot: Bot) -> None:
        """Store a bot."""
        await asyncio.to_thread(self._store.save_bot, self._sealed(bot))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The bot of a workspace, or None."""
        return await self._found(self._store.find_bot, enterprise_id, team_id, is_enterprise_install=is_enterprise_install)

    async def async_find_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None, is_enterprise_install: bool | None = False
    ) -> Installation | None:
        """The newest installation of a workspace, or None."""
        find = self._store.find_installation
        return await self._found(find, enterprise_id, team_id, user_id=user_id, is_enterprise_install=is_enterprise_install)

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Delete a workspace's bot."""
        await asyncio.to_thread(self._store.delete_bot, enterprise_id=enterprise_id, team_id=team_id)

    async def async_delete_installation(self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None) -> None:
        """Delete a workspace's installations."""
        await asyncio.to_thread(self._store.delete_installation, enterprise_id=enterprise_id, team_id=team_id, user_id=user_id)

    async def _found(self, find: Callable[..., T | None], enterprise_id: str | None, team_id: str | None, **more: Any) -> T | None:
        found = await asyncio.to_thread(find, enterprise_id=enterprise_id, team_id=team_id, **more)
        return self._opened(found) if found is not None else None

    def _sealed(self, one: T) -> T:
        return self._changed(one, lambda place, text: base64.b64encode(self._vault.seal(place, text)).decode())

    def _opened(self, one: T) -> T:
        return self._changed(one, lambda place, text: self._vault.open(place, base64.b64decode(text)))

    def _changed(self, one: T, change: Callable[[Place, str], str]) -> T:
        other = copy.copy(one)
        for name in SECRETS:
            if value := getattr(one, name, None):
                place = place_of(self._school, getattr(one, "enterprise_id", ""), getattr(one, "team_id", ""), name)
                setattr(other, name, change(place, value))
        return other


def place_of(school: str, enterprise: str | None, team: str | None, name: str) -> Place:
    """Where a token stands: it opens for its workspace alone."""
    return Place(school, INSTALLATIONS, f"{enterprise or ''}/{team or ''}", name)


def reseal(store: Store, vault: Vault) -> int:
    """Seal with the first key what another one sealed in the tables of installations, where there are any; how many tokens."""
    bring_up_to_date(store.engine, make=False)
    bots, installations, _ = tables()
    there = set(inspect(store.engine).get_table_names())
    with store.transaction() as conn:
        return sum(_resealed(conn, table, store.school, vault) for table in (bots, installations) if table.name in there)


def _resealed(conn: Connection, table: Table, school: str, vault: Vault) -> int:
    count = 0
    for row in conn.execute(select(table).where(table.c.school == school)).mappings().all():
        for name in SECRETS:
            old = row.get(name)
            if not old or vault.is_current(base64.b64decode(old)):
                continue
            place = place_of(school, row["enterprise_id"], row["team_id"], name)
            text = vault.open(place, base64.b64decode(old))
            # Only where it is still what was read: somebody may have installed the bot again meanwhile.
            mine = (table.c.school == school, table.c.id == row["id"], table.c[name] == old)
            count += conn.execute(update(table).where(*mine).values({name: base64.b64encode(vault.seal(place, text)).decode()})).rowcount
    return count


class StateStore(AsyncOAuthStateStore):
    """slack_sdk's state store, in threads."""

    def __init__(self, store: SQLAlchemyOAuthStateStore) -> None:
        self._store = store

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """A new state."""
        return await asyncio.to_thread(self._store.issue, *args, **kwargs)

    async def async_consume(self, state: str) -> bool:
        """Whether this state was issued, lately, and not used yet."""
        return await asyncio.to_thread(self._store.consume, state)


class Installs:
    """The installations: for ManyWorkspaces, and for the pages on which the bot is installed."""

    def __init__(self, settings: Slack, engine: Engine, vault: Vault, public_url: str, school: str = "school") -> None:
        """Makes its tables where they are not there yet."""
        bring_up_to_date(engine)
        self._key = invitation(settings)
        self._store = SchoolsInstallations(settings.client_id, engine, school)
        self.sealed = SealedStore(self._store, vault, school)
        self._engine = engine
        self._school = school
        self.flow = AsyncOAuthFlow(
            client=AsyncWebClient(base_url=(settings.api_url or API).rstrip("/") + "/"),
            settings=AsyncOAuthSettings(
                client_id=settings.client_id,
                client_secret=settings.client_secret,
                scopes=list(SCOPES),
                install_path=INSTALL,
                redirect_uri=f"{public_url.rstrip('/')}/slack/oauth_redirect",
                installation_store=self.sealed,
                state_store=StateStore(SchoolsStates(STATE_LASTS, engine, school)),
                callback_options=AsyncCallbackOptions(success=installed, failure=refused),
                state_expiration_seconds=STATE_LASTS,
            ),
        )

    def invites(self, key: str) -> bool:
        """Whether somebody has the address from the school."""
        return hmac.compare_digest(key.encode(), self._key.encode())

    async def token(self, team: str) -> str | None:
        """The bot token of a workspace, or None."""
        for enterprise in await asyncio.to_thread(self._enterprises, team):
            if bot := await self.sealed.async_find_bot(enterprise_id=enterprise, team_id=team):
                return bot.bot_token
        return None

    async def teams(self) -> list[str]:
        """Every workspace that the bot is installed in, the oldest first."""
        return await asyncio.to_thread(self._teams)

    async def remove(self, team: str) -> None:
        """Delete everything stored of a workspace."""
        for enterprise in await asyncio.to_thread(self._enterprises, team):
            await self.sealed.async_delete_all(enterprise_id=enterprise, team_id=team)

    def _enterprises(self, team: str) -> list[str | None]:
        """The organisations under which a workspace was installed, the newest first: None for one that belongs to none."""
        bots = self._store.bots.c
        mine = (bots.school == self._school, bots.client_id == self._store.client_id, bots.team_id == team)
        with self._engine.connect() as conn:
            return list(dict.fromkeys(conn.scalars(select(bots.enterprise_id).where(*mine).order_by(bots.id.desc()))))

    def _teams(self) -> list[str]:
        bots = self._store.bots.c
        mine = (bots.school == self._school, bots.client_id == self._store.client_id)
        with self._engine.connect() as conn:
            return list(dict.fromkeys(str(team) for team in conn.scalars(select(bots.team_id).where(*mine).order_by(bots.id)) if team))


async def installed(done: AsyncSuccessArgs) -> BoltResponse:
    """Slack's own page of thanks."""
    return await done.default.success(done)


async def refused(why: AsyncFailureArgs) -> BoltResponse:
    """What went wrong; in one sentence where it is a whole organisation."""
    if isinstance(why.error, OrgWide):
        return BoltResponse(status=400, headers={"Content-Type": ["text/plain; charset=utf-8"]}, body=ORG_WIDE)
    return await why.default.failure(why)
