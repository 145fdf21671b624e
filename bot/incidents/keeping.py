"""What is kept of people beside incidents: each part of the bot answers for its own, under the same four verbs.

Pages, chat products, questions and judgements keep things in tables of their own. `retention` asks each of them, and knows none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Table

from bot.incidents.store import Store
from bot.incidents.vault import Place, Sealed, Vault
from bot.people import Person

NOT_PERSONAL = frozenset({"token", "response_url", "trigger_id", "api_app_id"})  # a chat product's own keys: secrets, nobody's data
RELATED = ("account", "user", "conversation")  # what a row that names a person says is theirs


class Keeper(Protocol):
    """One part that keeps something of people. Synchronous; each call is a transaction of its own."""

    name: str

    def export(self, person: Person) -> list[dict[str, Any]]:
        """Everything that it keeps of this person, as plain values for JSON."""
        ...

    def erase(self, person: Person, words: Collection[str]) -> int:
        """Forget this person; `words`: their name and their own words, wherever the bot repeated them to others. How many things went."""
        ...

    def forget(self, now: datetime) -> int:
        """Forget everybody's things whose time is up; how many."""
        ...

    def forget_incidents(self, refs: Collection[str]) -> int:
        """The words of these incidents were purged: forget copies of them; how many."""
        ...


class SealedRows:
    """The keeper of a table with one sealed JSON value a row, such as what came in and waits, or what Teams told of people.

    A row is a person's where any text in it is one of their ids or addresses.
    """

    def __init__(
        self,
        name: str,
        store: Store,
        vault: Vault,
        sealed: tuple[Table, str, Callable[[Any], str]],
        keep: Mapping[str, timedelta] | timedelta | None = None,
        but_not: Collection[str] = (),
    ) -> None:
        """`keep`: for how long, or by the row's `kind`; None for as long as needed. `but_not`: kinds that are not one person's."""
        self.name = name
        self._store = store
        self._vault = vault
        self._table, self._column, self._row_name = sealed
        self._keep = keep
        self._but_not = frozenset(but_not)

    def export(self, person: Person) -> list[dict[str, Any]]:
        """The values of the rows that are theirs."""
        shown = ("kind", "channel")
        return [
            {**{name: row[name] for name in shown if name in row}, "at": row["at"].isoformat(), "value": without_secrets(value)}
            for row, value in self._theirs(person)
        ]

    def erase(self, person: Person, words: Collection[str]) -> int:  # noqa: ARG002 the bot repeats nothing here
        """Remove the rows that are theirs."""
        return self._remove([row for row, _ in self._theirs(person)])

    def forget(self, now: datetime) -> int:
        """Remove the rows whose time is up."""
        table, count = self._table, 0
        kinds: list[tuple[tuple[Any, ...], timedelta]] = []
        if isinstance(self._keep, timedelta):
            kinds = [((), self._keep)]
        elif self._keep:
            kinds = [((table.c.kind == kind,), keep) for kind, keep in self._keep.items()]
        with self._store.transaction() as conn:
            for where, keep in kinds:
                count += self._store.remove(conn, table, *where, table.c.at < now - keep)
        return count

    def forget_incidents(self, refs: Collection[str]) -> int:
        """Remove the rows that tell of these incidents."""
        wanted = {ref.casefold() for ref in refs}
        return self._remove([row for row, value in self._opened() if wanted & set(leaves(value))]) if wanted else 0

    def _theirs(self, person: Person) -> list[tuple[Any, Any]]:
        """The rows that name the person, and those that name what the first ones say is theirs (an account, a conversation)."""
        every = [(row, value) for row, value in self._opened() if row.get("kind") not in self._but_not]
        terms = {one.casefold() for one in (person.id, *person.addresses.values()) if one}
        for _, value in every:
            if terms & set(leaves(value)):
                terms |= {str(told[name]).casefold() for told in tables(value) for name in RELATED if told.get(name)}
        return [(row, value) for row, value in every if terms & set(leaves(value))]

    def _opened(self) -> Iterator[tuple[Any, Any]]:
        with self._store.reading() as conn:
            rows = [dict(row) for row in conn.execute(self._store.rows(self._table).order_by(self._table.c.at)).mappings()]
        for row in rows:
            place = Place(self._store.school, self._table.name, self._row_name(row), self._column)
            try:
                yield row, self._vault.open_json(place, row[self._column])
            except Sealed:
                continue  # no key opens it, so it tells nobody anything

    def _remove(self, rows: list[Any]) -> int:
        keys = [column for column in self._table.primary_key.columns if column.name != "school"]
        with self._store.transaction() as conn:
            return sum(self._store.remove(conn, self._table, *(key == row[key.name] for key in keys)) for row in rows)


def tables(value: Any) -> Iterator[dict[str, Any]]:
    """The JSON object that a value is, or those that it lists."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from tables(one)


def leaves(value: Any) -> Iterator[str]:
    """Every text in a JSON value, in lower case."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, str):
        yield value.casefold()


def without_secrets(value: Any) -> Any:
    """The same value without what only the chat product's servers and the bot may know."""
    if isinstance(value, dict):
        return {name: without_secrets(one) for name, one in value.items() if name not in NOT_PERSONAL}
    return [without_secrets(one) for one in value] if isinstance(value, list) else value
