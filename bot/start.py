"""From the settings to the store, the vault and the register: what every command on incidents begins with."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from bot.channels.teams.book import MIGRATIONS as TEAMS_TABLES
from bot.channels.web.tables import MIGRATIONS as PAGE_TABLES
from bot.clock import Clock
from bot.errors import SettingsError
from bot.feedback import MIGRATIONS as FEEDBACK_TABLES
from bot.incidents import schema
from bot.incidents.audit import Trail
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import ID_BYTES, Vault, load_or_make, parse_keys
from bot.kept import keepers
from bot.rules import rules_of
from bot.settings import Settings

log = logging.getLogger(__name__)

HEX = re.compile(r"(?:[0-9a-f]{2})+")
WRONG_KEY = (
    "ENCRYPTION_KEYS: what is in the database was written with another key, and nothing of it can be read without that one. "
    "Put it into ENCRYPTION_KEYS, or the key file of the machine that wrote it into {file}, and start again."
)


def key_file(where: Settings) -> Path:
    """Where the encryption key is kept when ENCRYPTION_KEYS is not set."""
    return where.data_dir / "encryption.key"


def open_vault(where: Settings) -> Vault:
    """The vault with the keys that are set; or with those of the key file, made at the first start."""
    if where.encryption_keys:
        return Vault(parse_keys(",".join(where.encryption_keys)))
    where.data_dir.mkdir(parents=True, exist_ok=True)
    keys, made = load_or_make(key_file(where))
    if made:
        log.warning("A new encryption key is in %s. Back it up, apart from the database: without it nothing can be read.", key_file(where))
    return Vault(keys)


def open_register(where: Settings, clock: Clock | None = None, school: str = "school") -> Register:
    """The incidents of this school, with their tables up to date. `school`: the short name under which its rows are kept."""
    store = Store.ready(where.database_url, school, clock)
    store.migrate((*FEEDBACK_TABLES, *PAGE_TABLES, *TEAMS_TABLES))
    rules = rules_of(where.school, where.public_url, school)
    register = Register(store, fitting_vault(where, store), where.school.everyone(), rules)
    register.keepers = keepers(register)
    return register


def fitting_vault(where: Settings, store: Store) -> Vault:
    """The vault, where it opens what is in the database; the first to come leaves its mark there, for those who come after it.

    Raises:
        SettingsError: none of the keys has written anything there. With a new key everybody's open incidents would seem to be gone,
            and no alert about them could be made any more.
    """
    used = keys_in_use(store)
    there = bool(where.encryption_keys) or key_file(where).exists()  # else one would be made now, and stand in the place of the right one
    vault = open_vault(where) if there or not used else Vault([])
    if used and not any(vault.knows(one) for one in used):
        store.close()
        raise SettingsError([WRONG_KEY.format(file=key_file(where))])
    if not all(vault.knows(one) for one in used):
        log.error("Some of what is in the database was written with a key that is not here: put it back at the end of ENCRYPTION_KEYS")
    if not used:
        Trail(store, vault).head()
    return vault


def keys_in_use(store: Store) -> set[bytes]:
    """Ids of the keys with which this school's people are sealed, and the end of its record is signed."""
    persons, head = schema.persons, schema.audit_head
    with store.reading() as conn:
        sealed = {bytes(one[:ID_BYTES]) for one in conn.scalars(store.rows(persons, persons.c.sealed))}
        signed = set(conn.scalars(store.rows(head, head.c.key_id)))
    return sealed | {bytes.fromhex(one) for one in signed if HEX.fullmatch(one)}
