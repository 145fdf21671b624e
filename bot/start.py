"""From the settings to the store, the vault and the register: what every command on incidents begins with."""

from __future__ import annotations

import logging
from pathlib import Path

from bot.channels.teams.book import MIGRATIONS as TEAMS_TABLES
from bot.channels.web.tables import MIGRATIONS as PAGE_TABLES
from bot.clock import Clock
from bot.feedback import MIGRATIONS as FEEDBACK_TABLES
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault, load_or_make, parse_keys
from bot.kept import keepers
from bot.rules import rules_of
from bot.settings import Settings

log = logging.getLogger(__name__)


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
    register = Register(store, open_vault(where), where.school.everyone(), rules)
    register.keepers = keepers(register)
    return register
