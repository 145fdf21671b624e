"""People in the database: each has a random key, so that tables and trail can speak of them without naming them.

Whom school.toml names is read from there; of anyone else what their channel told is kept, sealed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from sqlalchemy import Connection

from bot.incidents import schema
from bot.incidents.store import Store
from bot.incidents.vault import Place, Vault
from bot.people import People, Person

UNKNOWN = Person("", "Someone")
BY_ROLE = frozenset({"route", "ladder"})
LET_GO = "let go"  # the index of somebody who was erased, but for an incident that they may not hear of


class Directory:
    """Person to key, and key to person."""

    def __init__(self, store: Store, vault: Vault, people: People) -> None:
        self._store = store
        self._vault = vault
        self.people = people

    def current(self, person: Person) -> Person:
        """The person as school.toml has them now; as given where it does not name them."""
        return self.people.get(person.id) or person

    def has_left(self, person: Person, via: str, role: str) -> bool:
        """Whether they are in on something by their role, or had one as they came in, and school.toml names them no more: they left."""
        return (via in BY_ROLE or bool(role)) and self.people.get(person.id) is None

    def key(self, conn: Connection, person: Person) -> str:
        """The person's key, made at their first appearance; what is kept of them is brought up to date."""
        persons = schema.persons
        found = self._vault.indexes(self._store.school, "person", person.id)
        row = conn.execute(self._store.rows(persons).where(persons.c.found_by.in_(found))).mappings().first()
        key = row["key"] if row else secrets.token_hex(8)
        place = Place(self._store.school, "persons", key, "sealed")
        if row is None:
            self._store.add(conn, persons, key=key, found_by=found[0], sealed=self._vault.seal(place, _as_text(person)))
        elif self._vault.open(place, row["sealed"]) != _as_text(person):
            self._store.change(conn, persons, persons.c.key == key, sealed=self._vault.seal(place, _as_text(person)))
        return str(key)

    def known_key(self, conn: Connection, person_id: str) -> str | None:
        """The key of the person with this id, or None where they have never appeared."""
        persons = schema.persons
        found = self._vault.indexes(self._store.school, "person", person_id)
        key: str | None = conn.scalar(self._store.rows(persons, persons.c.key).where(persons.c.found_by.in_(found)))
        return key

    def person(self, conn: Connection, key: str) -> Person:
        """The person with this key; somebody without a name where they have been erased, or for the bot itself."""
        return self.persons(conn, {key}).get(key, UNKNOWN)

    def persons(self, conn: Connection, keys: set[str]) -> Mapping[str, Person]:
        """The persons with these keys."""
        persons = schema.persons
        found: dict[str, Person] = {}
        for row in conn.execute(self._store.rows(persons).where(persons.c.key.in_(keys - {""}))).mappings():
            stored = _from_text(self._vault.open(Place(self._store.school, "persons", row["key"], "sealed"), row["sealed"]))
            found[row["key"]] = self.people.get(stored.id) or stored
        return found


def _as_text(person: Person) -> str:
    kept = {"id": person.id, "name": person.name, "addresses": dict(person.addresses), "telephone": person.telephone}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False)


def _from_text(text: str) -> Person:
    # Roles are never kept: only school.toml gives them.
    kept = json.loads(text)
    return Person(kept["id"], kept["name"], addresses=kept["addresses"], telephone=kept["telephone"])
