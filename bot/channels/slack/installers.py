"""Who installed the bot in a workspace: the one thing of people that Slack's installations keep beside their tokens."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, DateTime, Integer, MetaData, String, Table, inspect, select, update

from bot.incidents.store import Store
from bot.people import Person

NAME = "slack"
# Only what is needed here of the table that slack_sdk makes, so that no command has to load the rest for it.
installations = Table(
    "slack_installations", MetaData(), Column("id", Integer, primary_key=True), Column("school", String), Column("team_id", String),
    Column("user_id", String), Column("installed_at", DateTime),
)  # fmt: skip


class Installers:
    """Fulfils `Keeper`."""

    name = "installed"

    def __init__(self, store: Store) -> None:
        self._store = store

    def export(self, person: Person) -> list[dict[str, Any]]:
        """The workspaces in which they installed the bot, and when."""
        with self._store.reading() as conn:
            found = list(self._theirs(conn, person))
        return [{"workspace": row.team_id or "", "user": row.user_id, "at": when(row.installed_at)} for row in found]

    def erase(self, person: Person, words: Collection[str]) -> int:  # noqa: ARG002 nobody's words are kept here
        """Forget that it was them; the bot stays installed."""
        with self._store.transaction() as conn:
            ids = [row.id for row in self._theirs(conn, person)]
            mine = (installations.c.school == self._store.school, installations.c.id.in_(ids))
            return conn.execute(update(installations).where(*mine).values(user_id="")).rowcount if ids else 0

    def forget(self, now: datetime) -> int:  # noqa: ARG002 an installation lasts until the bot is taken out of the workspace
        """Nothing here has a time of its own."""
        return 0

    def forget_incidents(self, refs: Collection[str]) -> int:  # noqa: ARG002 an installation is no incident's
        """Nothing of incidents is kept here."""
        return 0

    def _theirs(self, conn: Connection, person: Person) -> Iterator[Any]:
        """The installations by any of their accounts: "U1", or "T1/U1" where there are several workspaces."""
        if not inspect(conn).has_table(installations.name) or "school" not in {
            column["name"] for column in inspect(conn).get_columns(installations.name)
        }:
            return
        channel, _, named = person.id.partition(":")
        for address in {person.addresses.get(NAME, ""), named if channel == NAME else ""} - {""}:
            team, _, user = address.rpartition("/")
            mine = (installations.c.school == self._store.school, installations.c.user_id == user)
            yield from conn.execute(select(installations).where(*mine, *([installations.c.team_id == team] if team else []))).all()


def when(at: datetime | None) -> str:
    """A moment as text."""
    return at.isoformat() if at else ""
