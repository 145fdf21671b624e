"""Who is at the page: a one-time link that the bot sends in chat becomes a session. Tokens are stored as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from bot.channels.web.tables import links, sessions
from bot.incidents.directory import Directory
from bot.incidents.store import Store
from bot.people import Person

LINK_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
TOUCH_EVERY = timedelta(minutes=1)
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Session:
    """A session and whose it is. `token` is the cookie's value, stored nowhere."""

    token: str
    person: Person


class Sessions:
    """Makes links, takes each once, and knows the sessions that came of them."""

    def __init__(self, store: Store, directory: Directory, public_url: str) -> None:
        self._store = store
        self._directory = directory
        self._public_url = public_url.rstrip("/")

    def make_link(self, person: Person) -> str:
        """A link that signs this person in: once, within ten minutes. It must go to this person alone."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._store.clock.now()
        with self._store.transaction() as conn:
            self._store.remove(conn, links, links.c.ends_at < now - LINK_LASTS)
            key = self._directory.key(conn, person)
            self._store.add(conn, links, token=hashed(token), person=key, ends_at=now + LINK_LASTS, used_at=None)
        return f"{self._public_url}/sign-in/{token}"

    def sign_in(self, token: str) -> Session | None:
        """Take a link and begin a session; None where the link is unknown, used or too old."""
        now = self._store.clock.now()
        with self._store.transaction() as conn:
            # One update decides, so that of two presses at once only one is taken.
            good = (links.c.token == hashed(token), links.c.used_at.is_(None), links.c.ends_at > now)
            if not self._store.change(conn, links, *good, used_at=now):
                return None
            key = str(conn.scalar(self._store.rows(links, links.c.person).where(links.c.token == hashed(token))))
            fresh = secrets.token_urlsafe(TOKEN_BYTES)
            self._store.remove(conn, sessions, sessions.c.made_at <= now - SESSION_LASTS)
            self._store.add(conn, sessions, token=hashed(fresh), person=key, made_at=now, seen_at=now)
            return Session(fresh, self._directory.person(conn, key))

    def person(self, token: str) -> Person | None:
        """Whose session this is; None where it is unknown, has been idle too long, or is too old."""
        now = self._store.clock.now()
        row = self._session(token)
        if row is None or now - row.made_at >= SESSION_LASTS or now - row.seen_at >= SESSION_IDLE:
            return None
        if now - row.seen_at >= TOUCH_EVERY:
            with self._store.transaction() as conn:
                self._store.change(conn, sessions, sessions.c.token == hashed(token), seen_at=now)
        with self._store.reading() as conn:
            found = self._directory.person(conn, row.person)
        return found if found.id else None

    def good(self, token: str) -> bool:
        """Whether the session still holds; asking does not keep it alive."""
        now, row = self._store.clock.now(), self._session(token)
        return row is not None and now - row.made_at < SESSION_LASTS and now - row.seen_at < SESSION_IDLE

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._store.transaction() as conn:
            self._store.remove(conn, sessions, sessions.c.token == hashed(token))

    def sign_out_everywhere(self, person: Person) -> int:
        """End every session of a person, and every link that was not taken; how many sessions there were."""
        with self._store.transaction() as conn:
            key = self._directory.key(conn, person)
            self._store.remove(conn, links, links.c.person == key)
            return self._store.remove(conn, sessions, sessions.c.person == key)

    def _session(self, token: str) -> Row[Any] | None:
        with self._store.reading() as conn:
            return conn.execute(self._store.rows(sessions).where(sessions.c.token == hashed(token))).one_or_none()


def hashed(token: str) -> str:
    """What is stored of a token. The token is 32 random bytes, so that a plain hash cannot be searched backwards."""
    return hashlib.sha256(token.encode()).hexdigest()
