"""Installing the bot in many workspaces: slack_sdk's SQLAlchemy stores, with every token sealed by the vault."""

from __future__ import annotations

import asyncio
import base64
import copy
from collections.abc import Callable
from typing import Any, TypeVar

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, Engine, MetaData, Table, Text, inspect, select, update

from bot.channels.slack.scopes import SCOPES
from bot.channels.slack.workspaces import API
from bot.incidents.store import Store
from bot.incidents.vault import Place, Sealed, Vault
from bot.settings import Slack

T = TypeVar("T")
SECRETS = (
    "bot_token",
    "bot_refresh_token",
    "user_token",
    "user_refresh_token",
    "incoming_webhook_url",
    "incoming_webhook_configuration_url",
)
STATE_LASTS = 600
TABLE, BOTS = "slack_installations", "slack_bots"


class RoomyStore(SQLAlchemyInstallationStore):
    """slack_sdk's store, with room for sealed tokens, which are longer than its columns."""

    @classmethod
    def build_installations_table(cls, metadata: MetaData, table_name: str) -> Table:
        """The table of installations."""
        return roomy(super().build_installations_table(metadata, table_name))

    @classmethod
    def build_bots_table(cls, metadata: MetaData, table_name: str) -> Table:
        """The table of bots."""
        return roomy(super().build_bots_table(metadata, table_name))


def roomy(table: Table) -> Table:
    """The same table, its secret columns without a length."""
    for name in SECRETS:
        if name in table.c:
            table.c[name].type = Text()
    return table


class SealedStore(AsyncInstallationStore):
    """An installation store for Bolt that seals on the way in and opens on the way out. Works in threads."""

    def __init__(self, store: SQLAlchemyInstallationStore, vault: Vault, school: str) -> None:
        self._store = store
        self._vault = vault
        self._school = school

    async def async_save(self, installation: Installation) -> None:
        """Store an installation, and its bot."""
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
    return Place(school, TABLE, f"{enterprise or ''}/{team or ''}", name)


def reseal(store: Store, vault: Vault) -> int:
    """Seal with the first key what another one sealed in the tables of installations, where there are any; how many tokens."""
    tables = (RoomyStore.build_bots_table(MetaData(), BOTS), RoomyStore.build_installations_table(MetaData(), TABLE))
    there = set(inspect(store.engine).get_table_names())
    with store.transaction() as conn:
        return sum(_resealed(conn, table, store.school, vault) for table in tables if table.name in there)


def _resealed(conn: Connection, table: Table, school: str, vault: Vault) -> int:
    count = 0
    for row in conn.execute(select(table)).mappings().all():
        for name in SECRETS:
            old = row.get(name)
            if not old or vault.is_current(base64.b64decode(old)):
                continue
            place = place_of(school, row["enterprise_id"], row["team_id"], name)
            try:
                text = vault.open(place, base64.b64decode(old))
            except Sealed:  # another school's, in the same database
                continue
            # Only where it is still what was read: somebody may have installed the bot again meanwhile.
            mine = (table.c.id == row["id"], table.c[name] == old)
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
        self._store = RoomyStore(settings.client_id, engine)
        self._store.create_tables()  # type: ignore[no-untyped-call]
        states = SQLAlchemyOAuthStateStore(STATE_LASTS, engine)
        states.create_tables()  # type: ignore[no-untyped-call]
        self.sealed = SealedStore(self._store, vault, school)
        self._engine = engine
        self.flow = AsyncOAuthFlow(
            client=AsyncWebClient(base_url=(settings.api_url or API).rstrip("/") + "/"),
            settings=AsyncOAuthSettings(
                client_id=settings.client_id,
                client_secret=settings.client_secret,
                scopes=list(SCOPES),
                redirect_uri=f"{public_url.rstrip('/')}/slack/oauth_redirect",
                installation_store=self.sealed,
                state_store=StateStore(states),
                state_expiration_seconds=STATE_LASTS,
            ),
        )

    async def token(self, team: str) -> str | None:
        """The bot token of a workspace, or None."""
        bot = await self.sealed.async_find_bot(enterprise_id=None, team_id=team)
        return bot.bot_token if bot else None

    async def teams(self) -> list[str]:
        """Every workspace that the bot is installed in, the oldest first."""
        return await asyncio.to_thread(self._teams)

    async def remove(self, team: str) -> None:
        """Delete everything stored of a workspace."""
        await self.sealed.async_delete_all(enterprise_id=None, team_id=team)

    def _teams(self) -> list[str]:
        bots = self._store.bots
        with self._engine.connect() as conn:
            query = select(bots.c.team_id).where(bots.c.client_id == self._store.client_id).order_by(bots.c.id)
            return list(dict.fromkeys(str(team) for team in conn.scalars(query) if team))
