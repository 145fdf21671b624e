"""Blocks as the words that a person would read, for tests that read like dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def text_of(blocks: list[Json]) -> str:
    """Everything on the screen, a line each; buttons and menus in brackets."""
    return "\n".join(line for block in blocks for line in lines(block))


def lines(block: Json) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield block["text"]["text"]
        case "context":
            yield from (one["text"] for one in block["elements"])
        case "actions":
            yield " ".join(element_words(one) for one in block["elements"])
        case "input":
            yield f"{block['label']['text']} {element_words(block['element'])}"
        case "rich_text":
            for part in block["elements"]:
                yield from rich_lines(part)


def rich_lines(part: Json) -> Iterator[str]:
    if part["type"] == "rich_text_list":
        for number, item in enumerate(part["elements"], start=1 + part.get("offset", 0)):
            mark = f"{number}." if part["style"] == "ordered" else "•"
            yield f"{mark} {runs(item['elements'])}"
    elif part["type"] == "rich_text_quote":
        yield f"“{runs(part['elements'])}”"
    else:
        yield runs(part["elements"])


def runs(elements: list[Json]) -> str:
    return "".join(one["text"] if one["type"] == "text" else f":{one['name']}:" for one in elements)


def element_words(one: Json) -> str:
    if one["type"] == "button":
        return f"[{one['text']['text']}]"
    if "options" in one:
        return "{" + " | ".join(option["text"]["text"] for option in one["options"]) + "}"
    return "____"


def pressables(blocks: list[Json]) -> Iterator[tuple[str, Json, Json]]:
    """Everything that can be pressed: its label, the action as Slack would send it, and its block."""
    for block in blocks:
        if block["type"] != "actions":
            continue
        for one in block["elements"]:
            if one["type"] == "button":
                sent = {name: one[name] for name in ("type", "action_id", "value", "text") if name in one}
                yield one["text"]["text"], sent, block
            for option in one.get("options", ()):
                yield option["text"]["text"], {"type": one["type"], "action_id": one["action_id"], "selected_option": option}, block
