"""What Slack's documentation allows, and texts made to fit.

Lengths are counted in UTF-16 units, which is never less than what Slack counts. The documented limits stand in the comments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
HEADER = 140  # 150
SECTION = 2900  # 3,000
CONTEXT_TEXT = 1900  # 2,000
BUTTON_LABEL = 72  # 75
BUTTON_VALUE = 2000
ROW_BUTTONS = 10  # 25 are allowed in a block; Slack breaks the row where the window ends
OPTION_LABEL = 72  # 75
OPTION_VALUE = 150
OPTIONS = 100
GROUPS = 100
CHECKBOXES = 10
RADIOS = 5  # 10 are allowed; more than five read better as a menu
CONFIRM_TITLE = 100
CONFIRM_TEXT = 290  # 300
CONFIRM_BUTTON = 30
VIEW_TITLE = 24
INPUT_LABEL = 1900  # 2,000
INPUT_HINT = 1900  # 2,000
INPUT_LENGTH = 3000
PLACEHOLDER = 140  # 150
PRIVATE_METADATA = 3000
ACTION_ID = 255
NOTICE = 500  # 4,000; five for each character that is escaped, and no lock screen shows more
# Undocumented, but refused as msg_blocks_too_long from about 13,200 characters on (slackapi/bolt-js issues 2509 and 2867).
MESSAGE_WEIGHT = 11000
ROW_WEIGHT = 4500
VIEW_WEIGHT = 150000  # a view may weigh 250 KB

ELLIPSIS = "…"
# What nobody can see or type; each weighs six times what it counts, so a message of them could not be weighed.
UNSEEN = {code: "\ufffd" for code in (*range(0x20), 0x7F) if chr(code) not in "\n\t"}


def shorten(text: str, limit: int) -> str:
    """The text where it fits, else its beginning with an ellipsis; never empty, for Slack refuses empty texts."""
    clean = text.strip() or ELLIPSIS
    return clean if units(clean) <= limit else cut(clean, limit - 1).rstrip() + ELLIPSIS


def shorten_head(text: str, limit: int) -> str:
    """As `shorten`, but what stands in brackets at the end, such as "(28–40)", is kept."""
    head, mark, tail = text.strip().rpartition(" (")
    if units(text.strip()) <= limit or not head or not tail.endswith(")") or units(tail) > limit // 2:
        return shorten(text, limit)
    return f"{shorten(head, limit - units(mark + tail))}{mark}{tail}"


def units(text: str) -> int:
    """The length in UTF-16 units: never less than what Slack counts, whichever way it counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """The longest beginning of the text that has at most `limit` units."""
    if units(text) <= limit:
        return text
    end = min(len(text), limit)
    while units(text[:end]) > limit:
        end -= max(1, (units(text[:end]) - limit) // 2)
    return text[:end]


def fitted(value: str, limit: int) -> str:
    """What a button or a form carries, made to fit. Of a JSON object the longest text gives way, so that the rest can still be read."""
    if units(value) <= limit:
        return value
    try:
        known = json.loads(value)
    except ValueError:
        return cut(value, limit)
    texts = {name: units(text) for name, text in known.items() if isinstance(text, str)} if isinstance(known, dict) else {}
    longest = max(texts, key=lambda name: texts[name], default="")
    low, high = 0, texts.get(longest, 0)
    while low < high:
        middle = (low + high + 1) // 2
        fits = units(as_json({**known, longest: cut(known[longest], middle)})) <= limit
        low, high = (middle, high) if fits else (low, middle - 1)
    return as_json({**known, longest: cut(known[longest], low)}) if low else cut(value, limit)


def as_json(known: Json) -> str:
    """An object as text, every character as it is: an escaped one would count six times."""
    return json.dumps(known, ensure_ascii=False, separators=(",", ":"))


def pieces(text: str, limit: int) -> Iterator[str]:
    """The text in parts that fit, cut where lines or words end; put together they are the text again, character for character."""
    rest = text
    while units(rest) > limit:
        part = cut(rest, limit)
        at = max(part.rfind("\n"), part.rfind(" "))
        if at > len(part) // 2:
            part = part[: at + 1]
        yield part
        rest = rest[len(part) :]
    if rest:
        yield rest
