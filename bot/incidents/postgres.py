"""Connections to PostgreSQL that wait for no answer without end.

A server that is frozen (a stopped machine, a disk that hangs) takes connections and questions, for the kernel does that,
and never answers. No timeout of the server's own helps then, nor one of TCP: whoever asks must keep the time.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

# A server that went away without a word is noticed in well under a minute, and nothing waits without end for a lock or an answer.
CONNECT = {"connect_timeout": 4, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
POOL: dict[str, Any] = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20, "pool_timeout": 10}
# The server's own, a little before we give up on it. A process that is frozen in the middle of a transaction, with the school's lock
# in hand, loses both: its machine's kernel goes on answering, so nothing else would end that.
LIMITS = {"statement_timeout": "14s", "lock_timeout": "14s", "idle_in_transaction_session_timeout": "10s"}
FIRST_WORD = 3.0  # seconds: what every healthy server answers at once, before a transaction begins
SILENCE = 15.0  # seconds without a word inside a transaction, such as while others hold a lock
LONG_WORK = 600.0  # the same, for what may rightly take long
REST = 3.0  # seconds for which a server that did not answer is not asked again, so that nobody waits in turn for the same


class Silent(psycopg.OperationalError):
    """The server did not answer in time. `asked`: inside a transaction, so what was asked may still be done later."""

    def __init__(self, *, asked: bool) -> None:
        super().__init__("The database does not answer.")
        self.asked = asked


class Rest:
    """Whether a server is left alone for a moment, for it has just not answered. One for each engine."""

    def __init__(self) -> None:
        self._until = 0.0

    def begin(self) -> None:
        """It did not answer."""
        self._until = time.monotonic() + REST

    @property
    def on(self) -> bool:
        """Whether it has just not answered."""
        return time.monotonic() < self._until


class PatientConnection(psycopg.Connection[Any]):
    """Waits `patience` seconds without a word from the server, then gives up and closes. Short until a transaction begins."""

    patience = FIRST_WORD
    rest = Rest()

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **more: Any) -> Any:
        """As the driver's own, but Silent where nothing is heard for too long."""
        first = self.patience == FIRST_WORD
        if first and self.rest.on:
            self.pgconn.finish()
            raise Silent(asked=False)
        try:
            return super().wait(_listening(gen, self.patience), *args, **more)
        except Silent as error:
            if first:
                self.rest.begin()
            error.asked = not first
            self.pgconn.finish()
            raise


def _listening(gen: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
    """The same exchange with the server, watched: the driver looks in several times a second, also where nothing has come."""
    try:
        wanted, heard = next(gen), time.monotonic()
        while True:
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > seconds:
                raise Silent(asked=False)
            wanted = gen.send(ready)
    except StopIteration as done:
        return done.value


def patient(conn: Connection) -> None:
    """What this transaction asks may rightly take long, such as making an index."""
    inner: Any = conn.connection.dbapi_connection
    if isinstance(inner, PatientConnection):
        inner.patience = LONG_WORK
        for name in LIMITS:
            conn.exec_driver_sql(f"SET LOCAL {name} = '{LONG_WORK:.0f}s'")


def postgresql_engine(url: str) -> Engine:
    """An engine whose connections are patient, and never for ever."""
    # What the URL itself says goes before our own limits.
    connect = {name: value for name, value in CONNECT.items() if name not in make_url(url).query}
    engine, rest = create_engine(url, hide_parameters=True, connect_args=connect, **POOL), Rest()

    @event.listens_for(engine, "do_connect")
    def make(_dialect: Any, _record: Any, words: Any, values: Any) -> PatientConnection:
        if rest.on:
            raise Silent(asked=False)
        try:
            connection = PatientConnection.connect(*words, **values)
        except psycopg.errors.ConnectionTimeout:
            rest.begin()
            raise
        connection.rest = rest
        return connection

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        for name in [one for one in LIMITS if one not in url]:
            connection.execute(f"SET {name} = '{LIMITS[name]}'")
        connection.commit()  # set by statement, not as a startup option: poolers refuse those

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        _set(conn.connection.dbapi_connection, SILENCE)

    @event.listens_for(engine, "checkin")
    def checkin(connection: Any, _record: Any) -> None:
        _set(connection, FIRST_WORD)

    return engine


def _set(connection: Any, seconds: float) -> None:
    if isinstance(connection, PatientConnection):  # None where it is gone
        connection.patience = seconds
