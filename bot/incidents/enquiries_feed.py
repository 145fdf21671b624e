"""Whether anything has changed about the questions that were passed on: they are no incidents, so the feed of those is silent."""

from __future__ import annotations

from sqlalchemy import func

from bot.incidents import schema
from bot.incidents.store import Store


def passed_on(store: Store) -> tuple[int, int]:
    """How many questions there are, and how many of them have their answer. One small query, for it is asked every few seconds."""
    table = schema.enquiries
    with store.reading() as conn:
        row = conn.execute(store.rows(table, func.count(), func.count(table.c.answered_at))).one()
    return int(row[0]), int(row[1])
