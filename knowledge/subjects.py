"""Who a message is about: the holders of a role who did the thing, not those who were told of it or suffered it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ROLES: Final = {"headteacher": re.compile(r"\b(?:head ?teacher|headmistress|headmaster|principal|(?:the|our|my) (?:head|ht))\b")}


def subject_roles(text: str, aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The roles of those whom the message is about."""
    lower = text.lower()
    names = {role for name, role in aliases.items() if re.search(rf"\b{re.escape(name)}\b", lower)}
    return tuple(sorted({role for role, pattern in ROLES.items() if pattern.search(lower)} & names))
