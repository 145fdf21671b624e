"""The database: SQLite on one machine, PostgreSQL on many, by the same code. A Store is bound to one school.

Every failure of the database leaves here as NotSaved, with nothing half-written.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, delete, insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock, SystemClock
from bot.errors import NotSaved
from bot.incidents import schema
from bot.incidents.bounded import NoAnswer
from bot.incidents.migrations import MIGRATIONS, Migration, run
from bot.incidents.sqlite import sqlite_engine

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: a killed process's leases run out by themselves there
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

EVENT_LEASE = timedelta(seconds=30)
OPEN_WORK = "usher"  # in a connection's info: what its transaction has yet to do; "finish" is called before the commit
NOT_SAVED = "This could not be saved. Please telephone the person who needs to know, now."
NOT_KNOWN = "It is not known whether this was saved. Please telephone the person who needs to know, now."


class Store:
    """Transactions for one school, and the record of events that have been handled."""

    def __init__(self, url: str, school: str = "school", clock: Clock | None = None, *, engine: Engine | None = None) -> None:
        """`url`: a SQLAlchemy URL, `sqlite:///path` or `postgresql+psycopg://…`. Opens nothing until `migrate`."""
        self.school = school
        self.clock: Clock = clock or SystemClock()
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = engine or (sqlite_engine(url) if self.is_sqlite else _postgres().postgresql_engine(url))
        self._writing = threading.RLock() if self.is_sqlite else None
        self._listeners: list[Callable[[], None]] = []

    @classmethod
    def ready(cls, url: str, school: str = "school", clock: Clock | None = None) -> Store:
        """A store whose tables are up to date."""
        store = cls(url, school, clock)
        store.migrate()
        return store

    def migrate(self, steps: Iterable[Migration] = MIGRATIONS) -> list[str]:
        """Bring the tables up to date; returns the names of the steps taken."""
        with self.transaction() as conn:
            if not self.is_sqlite:
                _postgres().patient(conn)
            return run(conn, steps, self.clock.now())

    def for_school(self, school: str) -> Store:
        """The same database, for another school."""
        other = Store(self.url.render_as_string(hide_password=False), school, self.clock, engine=self.engine)
        other._writing = self._writing
        return other

    def schools(self) -> tuple[str, ...]:
        """Every school of which anything stands in the database, and this one: for what looks after all of them."""
        with self.reading() as conn:
            there = set(inspect(conn).get_table_names())
            tables = [table for table in schema.metadata.tables.values() if "school" in table.c and table.name in there]
            return tuple(sorted({self.school}.union(*(conn.scalars(select(table.c.school).distinct()) for table in tables))))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction that may write. Commits at the end, or leaves nothing. NotSaved where the database does not take it."""
        with self._lock(), _as_not_saved(), self.engine.connect() as conn, conn.begin():
            work: dict[str, Any] = {}
            conn.info[OPEN_WORK] = work
            yield conn
            if "finish" in work:
                work["finish"](conn)
        for listener in self._listeners:
            try:
                listener()
            except Exception as error:
                # It is saved: whoever saved it must not be told otherwise because somebody could not be woken.
                log.error("Something that listens for commits failed: %s", type(error).__name__)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads, and sees one moment."""
        with _as_not_saved(writing=False), self.engine.connect() as conn:
            options = {"usher_reads": True} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
            with conn.execution_options(**options), conn.begin():
                conn.info.pop(OPEN_WORK, None)
                yield conn

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call this after each committed transaction of this process (from whatever thread wrote it)."""
        self._listeners.append(listener)

    def rows(self, table: Table, *columns: Any) -> Select[Any]:
        """A SELECT of this school's rows of a table; all columns unless some are named."""
        return select(*(columns or (table,))).where(table.c.school == self.school)

    def insert_new(self, conn: Connection, table: Table, **values: Any) -> bool:
        """Insert a row unless one with its key is there; whether it was inserted."""
        dialect = sqlite if self.is_sqlite else postgresql
        statement = dialect.insert(table).values(school=self.school, **values).on_conflict_do_nothing()
        # Without the option the count of an INSERT is -1 on some drivers, which would read as "inserted".
        return conn.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1

    def add(self, conn: Connection, table: Table, **values: Any) -> None:
        """Insert a row of this school."""
        conn.execute(insert(table).values(school=self.school, **values))

    def change(self, conn: Connection, table: Table, *where: Any, **values: Any) -> int:
        """Update this school's rows that match; how many there were."""
        return conn.execute(update(table).where(table.c.school == self.school, *where).values(**values)).rowcount

    def remove(self, conn: Connection, table: Table, *where: Any) -> int:
        """Delete this school's rows that match; how many there were."""
        return conn.execute(delete(table).where(table.c.school == self.school, *where)).rowcount

    def claim_event(self, event_id: str) -> bool:
        """Whether this process should handle the event now: nobody has, and nobody is in the middle of it.

        A claim that was neither finished nor released runs out after EVENT_LEASE, for its process has died.
        """
        name, now = _event_name(event_id), self.clock.now()
        seen = schema.seen_events
        with self.transaction() as conn:
            if self.insert_new(conn, seen, event=name, claimed_at=now, done=False):
                return True
            stale = seen.c.claimed_at <= now - EVENT_LEASE
            return bool(self.change(conn, seen, seen.c.event == name, seen.c.done.is_(False), stale, claimed_at=now))

    def event_done(self, event_id: str) -> bool:
        """Whether the event has been handled to its end."""
        seen = schema.seen_events
        with self.reading() as conn:
            query = self.rows(seen, seen.c.done).where(seen.c.event == _event_name(event_id))
            return bool(conn.scalar(query))

    def finish_event(self, event_id: str) -> None:
        """The event has been handled: its repeats are dropped from now on."""
        with self.transaction() as conn:
            self.change(conn, schema.seen_events, schema.seen_events.c.event == _event_name(event_id), done=True)

    def release_event(self, event_id: str) -> None:
        """Handling failed: when the event comes again it is handled again, at once."""
        seen = schema.seen_events
        with self.transaction() as conn:
            self.remove(conn, seen, seen.c.event == _event_name(event_id), seen.c.done.is_(False))

    def beat(self, name: str) -> None:
        """Leave a sign of life under this name."""
        now = self.clock.now()
        with self.transaction() as conn:
            if not self.change(conn, schema.beats, schema.beats.c.name == name, at=now):
                self.insert_new(conn, schema.beats, name=name, at=now)

    def last_beat(self, name: str) -> datetime | None:
        """The last sign of life under this name."""
        with self.reading() as conn:
            at: datetime | None = conn.scalar(self.rows(schema.beats, schema.beats.c.at).where(schema.beats.c.name == name))
            return at

    def only_worker(self) -> int | None:
        """On SQLite, a handle that marks this process as the one that delivers, until it is closed or the process dies.

        None where another process has it, and on PostgreSQL, where many deliver.
        """
        if not self.is_sqlite or fcntl is None:
            return None
        handle = os.open(f"{self.url.database}.{self.school}.worker", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        # SQLite has one writer at a time and its own waiting is not fair; threads of this process queue here instead.
        if self._writing is None:
            yield
        else:
            with self._writing:
                yield


@contextmanager
def _as_not_saved(*, writing: bool = True) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise NoAnswer(NOT_KNOWN) if writing and getattr(getattr(error, "orig", error), "asked", False) else NotSaved(NOT_SAVED) from error


def _postgres() -> ModuleType:
    from bot.incidents import postgres  # noqa: PLC0415 its driver is slow to load, and most schools need none

    return postgres


def _event_name(event_id: str) -> str:
    return hashlib.sha256(event_id.encode()).hexdigest()
