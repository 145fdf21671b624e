"""What people write in Slack, as the plain text that they meant."""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable

TOKEN = re.compile(r"<([^<>]+)>")
LONGEST = 200_000  # Slack keeps 40,000 characters of a message, and writes some of them as five


async def plain_words(text: str, name_of: Callable[[str], Awaitable[str]], me: str = "") -> str:
    """Undo Slack's markup: mentions become names (the bot's own goes), links become their addresses, entities characters."""
    found: list[str] = []
    end = 0
    for token in TOKEN.finditer(text[:LONGEST]):
        found += [text[end : token.start()], await spoken(token[1], name_of, me)]
        end = token.end()
    found.append(text[:LONGEST][end:])
    return html.unescape("".join(found)).strip()


async def spoken(token: str, name_of: Callable[[str], Awaitable[str]], me: str) -> str:
    """One token between angle brackets, as it reads on the screen."""
    target, _, label = token.partition("|")
    if target.startswith("@"):
        return "" if target[1:] == me else await name_of(target[1:])
    if target.startswith("#"):
        return f"#{label}" if label else "a channel"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    if target.startswith("mailto:"):
        return label or target.removeprefix("mailto:")
    return target if not label or label in target else f"{label} ({target})"
