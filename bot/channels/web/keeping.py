"""What the page keeps of people: their conversation with Usher, and when they signed in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from bot.channels.text import card_text
from bot.channels.web.conversations import Conversations
from bot.channels.web.sessions import LINK_LASTS, SESSION_LASTS, Sessions
from bot.channels.web.tables import links, sessions
from bot.incidents.directory import Directory
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.people import Person

SHORTEST = 8  # characters; shorter words stand in what was said to anybody


class Conversation:
    """Fulfils `Keeper` for conversations. Where somebody is erased, what Usher repeated of their words to others goes, too."""

    name = "conversation"

    def __init__(self, store: Store, vault: Vault, directory: Directory, keep: timedelta | None) -> None:
        """`keep`: how long a line is kept; None: until it is erased."""
        self._conversations = Conversations(store, vault, directory)
        self._keep = keep

    def export(self, person: Person) -> list[dict[str, Any]]:
        """Every line, in order."""
        return [
            {"at": line.at.isoformat(), "by": "Usher" if line.card else "them", "text": card_text(line.card) if line.card else line.text}
            for line in self._conversations.everything(person)
        ]

    def erase(self, person: Person, words: Collection[str]) -> int:
        """Forget their conversation, and the lines of others in which their name or a sentence of theirs stands."""
        telling = [word for word in words if len(word) >= SHORTEST and " " in word.strip()]
        return self._conversations.erase(person) + self._conversations.forget_saying(telling)

    def forget(self, now: datetime) -> int:
        """Forget the lines whose time is up."""
        return self._conversations.forget_before(now - self._keep) if self._keep else 0

    def forget_incidents(self, refs: Collection[str]) -> int:
        """Forget every line that names one of these incidents: the whole card of it may stand there."""
        return self._conversations.forget_saying(refs)


class SigningIn:
    """Fulfils `Keeper` for links and sessions."""

    name = "sessions"

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._sessions = Sessions(store, directory, "")

    def export(self, person: Person) -> list[dict[str, Any]]:
        """When each session began and was last used; the tokens are stored nowhere."""
        with self._store.reading() as conn:
            key = self._directory.known_key(conn, person.id) or "-"
            rows = conn.execute(self._store.rows(sessions).where(sessions.c.person == key).order_by(sessions.c.made_at)).all()
        return [{"signed_in_at": row.made_at.isoformat(), "last_seen_at": row.seen_at.isoformat()} for row in rows]

    def erase(self, person: Person, words: Collection[str]) -> int:  # noqa: ARG002 no words are kept here
        """End and forget every session and link."""
        with self._store.reading() as conn:
            known = self._directory.known_key(conn, person.id)
        return self._sessions.sign_out_everywhere(person) if known else 0

    def forget(self, now: datetime) -> int:
        """Forget sessions and links that have ended."""
        with self._store.transaction() as conn:
            gone = self._store.remove(conn, links, links.c.ends_at < now - LINK_LASTS)
            return gone + self._store.remove(conn, sessions, sessions.c.made_at < now - SESSION_LASTS)

    def forget_incidents(self, refs: Collection[str]) -> int:  # noqa: ARG002 no words are kept here
        """Nothing of incidents is kept here."""
        return 0
