"""What a person sees of a card, and what they can press in it."""

from __future__ import annotations

from typing import Any


def read_words(value: Any) -> str:
    """Everything that is read in a card, a line for each element."""
    if isinstance(value, list):
        return "\n".join(filter(None, (read_words(one) for one in value)))
    if not isinstance(value, dict):
        return ""
    if value.get("type") == "RichTextBlock":
        return "".join(one["text"] for one in value["inlines"])
    parts = [value.get("text", "")] if value.get("type") == "TextBlock" else []
    return "\n".join(filter(None, [*parts, *(read_words(value.get(name)) for name in ("body", "items", "columns"))]))


def actions(value: Any) -> list[dict[str, Any]]:
    """Every action in a card but its refresh; a row that can be pressed has its words for a title."""
    if isinstance(value, list):
        return [found for one in value for found in actions(one)]
    if not isinstance(value, dict):
        return []
    own = [value] if str(value.get("type", "")).startswith("Action.") else []
    return own + [found for name, one in value.items() if name != "refresh" for found in actions(one)]
