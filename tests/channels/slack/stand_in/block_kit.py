"""Refuses what Slack refuses: every documented limit of messages, modals and homes, and every property that Block Kit does not know.

Kinds of blocks and elements that the bot has no use for are not known here; whoever needs one adds what is documented of it.
"""

from __future__ import annotations

import json

from tests.channels.slack.stand_in.elements import (
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    Json,
    Refused,
    element,
    flags,
    image,
    known,
    length,
    need,
    rich_part,
    string,
    words,
)

__all__ = ["Refused", "length", "message", "view"]
ANY_BLOCK = {"type", "block_id"}
BLOCKS: dict[str, set[str]] = {
    "header": {"text"},
    "section": {"text", "fields", "accessory", "expand"},
    "context": {"elements"},
    "divider": set(),
    "actions": {"elements"},
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "rich_text": {"elements"},
    "image": {"image_url", "slack_file", "alt_text", "title"},
}
VIEWS = {
    "modal": {
        "type", "title", "blocks", "submit", "close", "callback_id", "private_metadata", "clear_on_close", "notify_on_close", "external_id",
    },
    "home": {"type", "blocks", "callback_id", "private_metadata", "external_id"},
}  # fmt: skip
MESSAGE_WEIGHT = 13000
VIEW_WEIGHT = 250_000


def message(blocks: list[Json]) -> None:
    """The blocks of a message."""
    need(isinstance(blocks, list) and blocks, "blocks", "are none")
    need(len(blocks) <= 50, "blocks", "are more than 50")
    check_blocks(blocks, "message")
    if len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MESSAGE_WEIGHT:
        raise Refused("msg_blocks_too_long")


def view(shown: Json) -> None:
    """A modal or a home."""
    kind = shown.get("type")
    need(kind in VIEWS, "view", "has an unknown type")
    known(shown, VIEWS[str(kind)], "view")
    need(isinstance(shown.get("blocks"), list) and 1 <= len(shown["blocks"]) <= 100, "view", "has no, or more than 100, blocks")
    string(shown, "private_metadata", "view", 3000)
    string(shown, "callback_id", "view", 255)
    string(shown, "external_id", "view", 255)
    flags(shown, "view", "clear_on_close", "notify_on_close")
    if kind == "modal":
        words(shown.get("title"), "title", 24, only_plain=True)
        for name in ("submit", "close"):
            if name in shown:
                words(shown[name], name, 24, only_plain=True)
        if any(block.get("type") == "input" for block in shown["blocks"]):
            need("submit" in shown, "view", "has inputs and no submit")
    check_blocks(shown["blocks"], str(kind))
    if len(json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")) > VIEW_WEIGHT:
        raise Refused("view_too_large")


def check_blocks(blocks: list[Json], surface: str) -> None:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    need(len(ids) == len(set(ids)), "blocks", "share a block_id")
    for place, block in enumerate(blocks):
        where = f"blocks[{place}]"
        need(block.get("type") in BLOCKS, where, f"has the unknown type {block.get('type')}")
        known(block, BLOCKS[block["type"]] | ANY_BLOCK, where)
        string(block, "block_id", where, 255, least=1)
        CHECKS.get(block["type"], lambda *_: None)(block, where, surface)
    inside = [one for block in blocks for one in (*block.get("elements", ()), block.get("element"), block.get("accessory")) if one]
    need(sum(bool(one.get("focus_on_load")) for one in inside) <= 1, "blocks", "have more than one element that is focused")


def header(block: Json, where: str, _: str) -> None:
    words(block.get("text"), where, 150, only_plain=True)


def section(block: Json, where: str, surface: str) -> None:
    need("text" in block or block.get("fields"), where, "has neither text nor fields")
    flags(block, where, "expand")
    if "text" in block:
        words(block["text"], where, 3000)
    for one in block.get("fields", []):
        words(one, f"{where}.fields", 2000)
    need(len(block.get("fields", [])) <= 10, where, "has more than 10 fields")
    if "accessory" in block:
        element(block["accessory"], f"{where}.accessory", surface, IN_SECTION)


def context(block: Json, where: str, surface: str) -> None:
    need(1 <= len(block.get("elements", [])) <= 10, where, "has no, or more than 10, elements")
    for one in block["elements"]:
        if one.get("type") == "image":
            element(one, where, surface, {"image"})
        else:
            words(one, where, 2000)


def image_block(block: Json, where: str, _: str) -> None:
    image(block, where)
    if "title" in block:
        words(block["title"], f"{where}.title", 2000, only_plain=True)


def actions(block: Json, where: str, surface: str) -> None:
    elements = block.get("elements", [])
    need(1 <= len(elements) <= 25, where, "has no, or more than 25, elements")
    for one in elements:
        element(one, where, surface, IN_ACTIONS)
    ids = [one["action_id"] for one in elements]
    need(len(ids) == len(set(ids)), where, "has one action_id twice")


def input_block(block: Json, where: str, surface: str) -> None:
    words(block.get("label"), f"{where}.label", 2000, only_plain=True)
    if "hint" in block:
        words(block["hint"], f"{where}.hint", 2000, only_plain=True)
    flags(block, where, "optional", "dispatch_action")
    element(block.get("element") or {}, where, surface, IN_INPUT)


def rich_text(block: Json, where: str, _: str) -> None:
    need(block.get("elements"), where, "is empty")
    for part in block["elements"]:
        rich_part(part, where)


CHECKS = {
    "header": header, "section": section, "context": context, "image": image_block, "actions": actions, "input": input_block,
    "rich_text": rich_text,
}  # fmt: skip
