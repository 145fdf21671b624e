"""slack_sdk's tables of installations and of installing, with a school in every row and every statement, and room for sealed tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import Column, Connection, Delete, Engine, Insert, MetaData, Select, String, Table, Text, Update, inspect, text

INSTALLATIONS, BOTS, STATES = "slack_installations", "slack_bots", "slack_oauth_states"
BEFORE = "school"  # the school of rows from before there could be several
SECRETS = (
    "bot_token",
    "bot_refresh_token",
    "user_token",
    "user_refresh_token",
    "incoming_webhook_url",
    "incoming_webhook_configuration_url",
)


class Bound:
    """A connection on which every statement is about one school's rows."""

    def __init__(self, conn: Connection, school: str) -> None:
        self._conn = conn
        self._school = school

    def execute(self, statement: Any, values: dict[str, Any] | None = None) -> Any:
        """Carry out what slack_sdk asks for, for this school alone."""
        match statement:
            case Insert():
                return self._conn.execute(statement, {**(values or {}), "school": self._school})
            case Select():
                bound: Any = statement.where(statement.get_final_froms()[0].c.school == self._school)
            case Update() | Delete():
                bound = statement.where(statement.table.c.school == self._school)
            case _:
                raise TypeError("Only statements that can be bound to a school are carried out here.")
        return self._conn.execute(bound, values or {})


class BoundEngine:
    """What slack_sdk uses of an engine, for one school."""

    def __init__(self, engine: Engine, school: str) -> None:
        self._engine = engine
        self._school = school

    @contextmanager
    def begin(self) -> Iterator[Bound]:
        """One transaction."""
        with self._engine.begin() as conn:
            yield Bound(conn, self._school)

    @contextmanager
    def connect(self) -> Iterator[Bound]:
        """For reading."""
        with self._engine.connect() as conn:
            yield Bound(conn, self._school)


class SchoolsInstallations(SQLAlchemyInstallationStore):
    """The installations of one school."""

    def __init__(self, client_id: str, engine: Engine, school: str) -> None:
        super().__init__(client_id, BoundEngine(engine, school))  # type: ignore[arg-type] # stands for the engine in all that the store calls

    @classmethod
    def build_installations_table(cls, metadata: MetaData, table_name: str) -> Table:
        """The table of installations."""
        return roomy(super().build_installations_table(metadata, table_name))

    @classmethod
    def build_bots_table(cls, metadata: MetaData, table_name: str) -> Table:
        """The table of bots."""
        return roomy(super().build_bots_table(metadata, table_name))


class SchoolsStates(SQLAlchemyOAuthStateStore):
    """Who has begun to install the bot, for one school."""

    def __init__(self, expiration_seconds: int, engine: Engine, school: str) -> None:
        super().__init__(expiration_seconds, BoundEngine(engine, school))  # type: ignore[arg-type] # stands for the engine in all that the store calls

    @classmethod
    def build_oauth_states_table(cls, metadata: MetaData, table_name: str) -> Table:
        """The table of states."""
        return with_school(super().build_oauth_states_table(metadata, table_name))


def roomy(table: Table) -> Table:
    """The same table with a school, its secret columns without a length."""
    for name in SECRETS:
        if name in table.c:
            table.c[name].type = Text()
    return with_school(table)


def with_school(table: Table) -> Table:
    """The same table with a school."""
    table.append_column(Column("school", String, nullable=False, server_default=BEFORE))
    return table


def tables() -> tuple[Table, Table, Table]:
    """The bots, the installations, and the states."""
    metadata = MetaData()
    return (
        SchoolsInstallations.build_bots_table(metadata, BOTS),
        SchoolsInstallations.build_installations_table(metadata, INSTALLATIONS),
        SchoolsStates.build_oauth_states_table(metadata, STATES),
    )


def bring_up_to_date(engine: Engine, *, make: bool = True) -> None:
    """Make the tables where they are not there (and `make` is set), and give those from earlier days a school."""
    with engine.begin() as conn:
        there = set(inspect(conn).get_table_names())
        for table in tables():
            if table.name not in there and make:
                table.create(conn, checkfirst=True)
            elif table.name in there and "school" not in {one["name"] for one in inspect(conn).get_columns(table.name)}:
                only_once = "IF NOT EXISTS " if conn.dialect.name == "postgresql" else ""
                conn.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {only_once}school VARCHAR NOT NULL DEFAULT '{BEFORE}'"))
