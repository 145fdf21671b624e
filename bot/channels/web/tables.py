"""The page's own tables, beside those of incidents in the same database: conversations, one-time links, sessions.

What was said stands sealed; people stand as their random keys of the table persons; tokens stand as hashes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table

from bot.incidents.migrations import Migration, making
from bot.incidents.schema import Moment

metadata = MetaData()

threads = Table(
    "web_threads",
    metadata,
    Column("school", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("seq", BigInteger, nullable=False, default=0),
    Column("read_to", BigInteger, nullable=False, default=0),
)

lines = Table(
    "web_lines",
    metadata,
    Column("school", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("key", String, nullable=False),
    Column("author", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
Index("web_lines_key", lines.c.school, lines.c.person, lines.c.key, unique=True)
Index("web_lines_seq", lines.c.school, lines.c.person, lines.c.seq)

links = Table(
    "web_links",
    metadata,
    Column("school", String, primary_key=True),
    Column("token", String, primary_key=True),
    Column("person", String, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("used_at", Moment),
)

sessions = Table(
    "web_sessions",
    metadata,
    Column("school", String, primary_key=True),
    Column("token", String, primary_key=True),
    Column("person", String, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

MIGRATIONS = (Migration("page 0001 conversations, links and sessions", making(threads, lines, links, sessions)),)
# What `rotation.rotate` has to seal anew beside the tables of incidents.
SEALED: tuple[tuple[Table, str, Callable[[Any], str]], ...] = ((lines, "sealed", lambda row: f"{row['person']}/{row['n']}"),)
