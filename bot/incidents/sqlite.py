"""Connections to SQLite: durable, one writer at a time, and a file that only its owner may read."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url


def sqlite_engine(url: str) -> Engine:
    """An engine over one file, which is made where there is none."""
    path = make_url(url).database
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 15}, pool_size=10, max_overflow=20)

    @event.listens_for(engine, "do_connect")
    def make(*_: Any) -> None:
        """Nobody but its owner may read the file, from the first moment on."""
        if path and path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the "begin" below decides, not the driver
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        # A writer takes the lock at once: a transaction that starts to read and then writes can fail halfway.
        conn.exec_driver_sql("BEGIN" if conn.get_execution_options().get("usher_reads") else "BEGIN IMMEDIATE")

    return engine
