"""Everything that is kept of people beside incidents, for the register's retention, subject access and erasure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.channels.slack.installers import Installers
from bot.channels.teams.book import items as teams_items
from bot.channels.web.keeping import Conversation, SigningIn
from bot.feedback import Feedback, Judgements
from bot.inbox_table import SEALED as INBOX
from bot.incidents.enquiries import Enquiries
from bot.incidents.enquiries_kept import Questions
from bot.incidents.keeping import Keeper, SealedRows
from bot.incidents.register import Register

HELD_FOR = timedelta(days=1)  # words in Teams that wait for "who is this for?"
LONGEST_WAITING = timedelta(days=30)  # what came in and could never be handled: its sender was told long ago
OTHERS_TOO = ("room",)  # a room in Teams is its members', and goes with its incident


def teams_row(row: Any) -> str:
    """How a row of Teams' table is named where its value is sealed."""
    return f"{row['kind']}/{row['id']}"


def keepers(register: Register) -> tuple[Keeper, ...]:
    """The keepers of one school. The tables must be there."""
    store, vault, keep = register.store, register.records.vault, register.rules.retention
    directory = register.records.directory
    # What Teams must know to change or find a message is kept as long as the conversation would be on the page.
    teams = {"held": HELD_FOR, **(dict.fromkeys(("sent", "tried", "chat line"), keep.conversations) if keep.conversations else {})}
    return (
        Conversation(store, vault, directory, keep.conversations),
        SigningIn(store, directory),
        Questions(Enquiries(register.records), keep.questions),
        Judgements(Feedback(store, vault), keep.judgements, keep.answers),
        SealedRows("teams", store, vault, (teams_items, "sealed", teams_row), teams, OTHERS_TOO),
        SealedRows("waiting", store, vault, INBOX[0], LONGEST_WAITING),
        Installers(store),
    )
