"""New keys for old, in every part that seals something."""

from __future__ import annotations

from bot.channels.slack.installs import reseal
from bot.channels.teams.book import MIGRATIONS as TEAMS_TABLES
from bot.channels.teams.book import reindex
from bot.channels.web.tables import SEALED as PAGE
from bot.feedback import SEALED as FEEDBACK
from bot.inbox_table import SEALED as INBOX
from bot.incidents.audit import COMMAND_LINE
from bot.incidents.rotation import rotate
from bot.incidents.store import Store
from bot.incidents.vault import Vault


def rotate_everything(store: Store, vault: Vault) -> int:
    """Encrypt everything of this school with the vault's first key, while the bot goes on serving; how many values there were."""
    store.migrate(TEAMS_TABLES)
    return rotate(store, vault, (*FEEDBACK, *PAGE, *INBOX), (reindex, reseal), by=COMMAND_LINE)
