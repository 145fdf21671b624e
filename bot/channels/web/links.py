"""The link to the page that the bot sends in chat: `make_link(person)`."""

from __future__ import annotations

from collections.abc import Callable

from bot.channels.web.sessions import Sessions
from bot.people import Person

MakeLink = Callable[[Person], str]


def link_maker(sessions: Sessions, public_url: str, *, demo: bool) -> MakeLink:
    """What handlers and channels call: a person's own way to the page. It writes to the store, so call it in a thread.

    In the demo school there is no signing in, and the link leads to the page of that person.
    """
    if demo:
        return lambda person: f"{public_url.rstrip('/')}/as/{person.id}/"
    return sessions.make_link
