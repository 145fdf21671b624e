"""What the record binds of an incident beside its words: how it stands, who is in on it, who owes what, which jobs were planned.

The digest of these rows stands in the audit trail, so the trail's chain and its signed head vouch for them: no key of
its own is needed, and nothing has to be written anew when keys change. It covers no words, so it tells none when they go.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from bot.incidents import schema
from bot.incidents.store import OPEN_WORK, Store

if TYPE_CHECKING:
    from bot.incidents.audit import Head

# What each version of the binding covers. A later release adds a version and changes none: an entry is checked as it was made, and
# a process that does not know a version yet says nothing of it. What stands here is what was there, so it is written out in full.
VERSIONS: dict[int, dict[str, tuple[str, ...]]] = {
    1: {
        "incidents": (
            "ref", "kind", "state", "urgency", "reporter", "opened_at", "fingerprint", "reported_at", "barred", "sealed", "outcome",
            "legal_hold", "closed_at", "purged_at", "police_hold_at", "hold_ended_at",
        ),
        "subjects": ("ref", "person"),
        "members": ("ref", "person", "via", "role", "in_room", "joined_at", "left_at"),
        "acknowledgements": ("ref", "role", "why", "place", "person", "at", "seen_by", "seen_at", "delivered_at", "step", "next_at"),
        "alerted": ("ref", "role", "person", "at"),
        "ticks": ("ref", "item", "person", "at"),
    },
}  # fmt: skip
LATEST = max(VERSIONS)
BOUND = (schema.incidents, schema.subjects, schema.members, schema.acknowledgements, schema.alerted, schema.ticks)
WORDS = frozenset({"sealed", "outcome"})  # bound by whether they are there: their seals bind them to their places
FREE = frozenset({"school", "read_to"})  # how far somebody has read is nobody's business


@dataclass
class Pending:
    """What one transaction has yet to put on record.

    `known`: the digest on record of each incident that it looked at; `stood`: how that stood then, as this release binds it.
    """

    head: Head | None = None
    known: dict[str, str] = field(default_factory=dict)
    stood: dict[str, str] = field(default_factory=dict)
    altered: set[str] = field(default_factory=set)
    planned: dict[str, list[str]] = field(default_factory=dict)


def pending(conn: Connection) -> Pending:
    """What the present transaction has to put on record."""
    found: Pending = conn.info.setdefault(OPEN_WORK, {}).setdefault("pending", Pending())
    return found


def plan(conn: Connection, ref: str, job: str) -> None:
    """A job was made: the entry that this transaction leaves names it, so that it cannot go without a trace."""
    pending(conn).planned.setdefault(ref, []).append(job)


def version_of(state: str) -> int:
    """With which version of the binding a digest on record was made. The first wrote no number."""
    number, told, _ = state.partition(":")
    return int(number) if told else 1


def states(conn: Connection, store: Store, ref: str | None = None, version: int | None = None) -> dict[str, str]:
    """The digest of how each incident stands, by reference; of one alone where it is named. Nothing where there is none.

    `version`: of the binding, the latest unless named; nothing for one that this release does not know.
    """
    made = LATEST if version is None else version
    found: dict[str, list[Any]] = defaultdict(list)
    incidents: set[str] = set()
    for name, bound in VERSIONS.get(made, {}).items():
        table = schema.metadata.tables[name]
        columns = [(table.c[one].is_not(None) if one in WORDS else table.c[one]).label(one) for one in bound]
        query = store.rows(table, *columns)
        for row in conn.execute(query if ref is None else query.where(table.c.ref == ref)).mappings():
            found[row["ref"]].append([name, _plain(row)])
            if table is schema.incidents:
                incidents.add(row["ref"])
    return {one: _digest(found[one]) if made == 1 else f"{made}:{_digest(found[one])}" for one in incidents}


def _digest(rows: Iterable[Any]) -> str:
    return hashlib.sha256(json.dumps(sorted(json.dumps(row, sort_keys=True) for row in rows)).encode()).hexdigest()


def _plain(row: Mapping[Any, Any]) -> dict[str, str]:
    """As JSON holds it, the same from every database. What is empty is left out, so that a column that comes later changes nothing."""
    return {str(name): str(value) for name, value in row.items() if value}
