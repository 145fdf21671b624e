"""Which guidance there was when: so that staff can be told honestly what has come since.

One row for each state of the guidance that was ever in use here, with the ids of its entries; nothing of what they say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, String, Table, Text

from bot.incidents.migrations import Migration, making
from bot.incidents.schema import Moment, metadata
from bot.incidents.store import Store

states = Table(
    "guidance_states", metadata, Column("school", String, primary_key=True), Column("hash", String, primary_key=True),
    Column("at", Moment, nullable=False), Column("ids", Text, nullable=False),
)  # fmt: skip
MIGRATIONS = (Migration("guidance states 0001", making(states)),)


class GuidanceStates:
    """Synchronous; NotSaved where the database does not answer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, ids: Iterable[str]) -> dict[str, datetime]:
        """Note the guidance that is in use now; of each entry that was not there from the beginning, when it came."""
        now = frozenset(ids)
        name = hashlib.sha256("\n".join(sorted(now)).encode()).hexdigest()
        self._store.migrate(MIGRATIONS)
        with self._store.transaction() as conn:
            self._store.insert_new(conn, states, hash=name, at=self._store.clock.now(), ids="\n".join(sorted(now)))
            rows = conn.execute(self._store.rows(states).order_by(states.c.at)).all()
        known = frozenset(rows[0].ids.split("\n"))
        came: dict[str, datetime] = {}
        for row in rows[1:]:
            for one in frozenset(row.ids.split("\n")) - known:
                came.setdefault(one, row.at)
        return {one: at for one, at in came.items() if one in now}
