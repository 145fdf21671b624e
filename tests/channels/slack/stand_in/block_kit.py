"""Refuses what Slack refuses: every documented limit of messages, modals and homes, and every property that Block Kit does not know."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]
ANY_BLOCK = {"type", "block_id"}
BLOCKS: dict[str, set[str]] = {
    "header": {"text"},
    "section": {"text", "fields", "accessory", "expand"},
    "context": {"elements"},
    "divider": set(),
    "actions": {"elements"},
    "input": {"label", "element", "hint", "optional", "dispatch_action"},
    "rich_text": {"elements"},
    "image": {"image_url", "alt_text", "title"},
}
ELEMENTS: dict[str, set[str]] = {
    "button": {"text", "action_id", "value", "url", "style", "confirm", "accessibility_label"},
    "static_select": {"action_id", "placeholder", "options", "option_groups", "initial_option", "confirm", "focus_on_load"},
    "multi_static_select": {
        "action_id", "placeholder", "options", "option_groups", "initial_options", "confirm", "focus_on_load", "max_selected_items",
    },
    "radio_buttons": {"action_id", "options", "initial_option", "confirm", "focus_on_load"},
    "checkboxes": {"action_id", "options", "initial_options", "confirm", "focus_on_load"},
    "plain_text_input": {
        "action_id", "initial_value", "multiline", "min_length", "max_length", "placeholder", "dispatch_action_config", "focus_on_load",
    },
    "datetimepicker": {"action_id", "initial_date_time", "confirm", "focus_on_load"},
}  # fmt: skip
IN_ACTIONS = {"button", "static_select", "radio_buttons", "checkboxes", "datetimepicker"}
IN_INPUT = {"static_select", "multi_static_select", "radio_buttons", "checkboxes", "plain_text_input", "datetimepicker"}
VIEWS = {
    "modal": {
        "type", "title", "blocks", "submit", "close", "callback_id", "private_metadata", "clear_on_close", "notify_on_close", "external_id",
    },
    "home": {"type", "blocks", "callback_id", "private_metadata", "external_id"},
}  # fmt: skip
MESSAGE_WEIGHT = 13000
STYLES = {"bold", "italic", "strike", "code"}


class Refused(Exception):
    """Slack would refuse this."""


def need(fine: object, where: str, why: str) -> None:
    if not fine:
        raise Refused(f"{where}: {why}")


def length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def known(thing: Json, allowed: set[str], where: str) -> None:
    need(isinstance(thing, dict), where, "is not an object")
    need(set(thing) <= allowed, where, f"has unknown properties {sorted(set(thing) - allowed)}")


def words(text: Any, where: str, most: int, *, only_plain: bool = False) -> None:
    """A text object."""
    need(isinstance(text, dict) and text.get("type") in ("plain_text", "mrkdwn"), where, "is not a text object")
    if text["type"] == "plain_text":
        known(text, {"type", "text", "emoji"}, where)
    else:
        need(not only_plain, where, "must be plain_text")
        known(text, {"type", "text", "verbatim"}, where)
    need(isinstance(text.get("text"), str) and text["text"].strip(), where, "is empty")
    need(length(text["text"]) <= most, where, f"is longer than {most}")


def string(thing: Json, name: str, where: str, most: int, *, least: int = 0) -> None:
    if name in thing:
        need(isinstance(thing[name], str), where, f"{name} is not a string")
        need(least <= length(thing[name]) <= most, where, f"{name} is not between {least} and {most} long")


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
    if kind == "modal":
        words(shown.get("title"), "title", 24, only_plain=True)
        for name in ("submit", "close"):
            if name in shown:
                words(shown[name], name, 24, only_plain=True)
        if any(block.get("type") == "input" for block in shown["blocks"]):
            need("submit" in shown, "view", "has inputs and no submit")
    check_blocks(shown["blocks"], str(kind))
    if len(json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")) > 250_000:
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


def header(block: Json, where: str, _: str) -> None:
    words(block.get("text"), where, 150, only_plain=True)


def section(block: Json, where: str, _: str) -> None:
    need("text" in block or block.get("fields"), where, "has neither text nor fields")
    if "text" in block:
        words(block["text"], where, 3000)
    for one in block.get("fields", []):
        words(one, f"{where}.fields", 2000)
    need(len(block.get("fields", [])) <= 10, where, "has more than 10 fields")


def context(block: Json, where: str, _: str) -> None:
    need(1 <= len(block.get("elements", [])) <= 10, where, "has no, or more than 10, elements")
    for one in block["elements"]:
        words(one, where, 2000)


def actions(block: Json, where: str, _: str) -> None:
    elements = block.get("elements", [])
    need(1 <= len(elements) <= 25, where, "has no, or more than 25, elements")
    ids = [one.get("action_id") for one in elements]
    need(len(ids) == len(set(ids)), where, "has one action_id twice")
    for one in elements:
        need(one.get("type") in IN_ACTIONS, where, f"cannot hold {one.get('type')}")
        element(one, where)


def input_block(block: Json, where: str, surface: str) -> None:
    need(surface != "message" or block.get("element", {}).get("type") in IN_INPUT, where, "has no element")
    words(block.get("label"), f"{where}.label", 2000, only_plain=True)
    if "hint" in block:
        words(block["hint"], f"{where}.hint", 2000, only_plain=True)
    need(block.get("element", {}).get("type") in IN_INPUT, where, "has no element that can be filled in")
    element(block["element"], where)


def element(one: Json, where: str) -> None:
    kind = one["type"]
    known(one, ELEMENTS[kind] | {"type"}, where)
    string(one, "action_id", where, 255, least=1)
    if "placeholder" in one:
        words(one["placeholder"], f"{where}.placeholder", 150, only_plain=True)
    if kind == "button":
        words(one.get("text"), where, 75, only_plain=True)
        string(one, "value", where, 2000, least=1)
        string(one, "url", where, 3000, least=1)
        need(one.get("style", "primary") in ("primary", "danger"), where, "has an unknown style")
        need("action_id" in one, where, "has no action_id")
        if "confirm" in one:
            confirm(one["confirm"], where)
    elif kind == "plain_text_input":
        most = one.get("max_length", 3000)
        need(isinstance(most, int) and 1 <= most <= 3000, where, "has a max_length beyond 3000")
        string(one, "initial_value", where, most, least=1)
    elif kind == "datetimepicker":
        need(len(str(one.get("initial_date_time", 1_000_000_000))) == 10, where, "has a time that is none")
    else:
        choices(one, where)


def confirm(one: Json, where: str) -> None:
    known(one, {"title", "text", "confirm", "deny", "style"}, where)
    for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        words(one.get(name), f"{where}.confirm.{name}", most, only_plain=name != "text")


def choices(one: Json, where: str) -> None:
    boxes = one["type"] in ("radio_buttons", "checkboxes")
    groups = one.get("option_groups")
    need(("options" in one) != bool(groups), where, "needs either options or option_groups")
    need(not groups or len(groups) <= 100, where, "has more than 100 groups")
    offered: list[Json] = []
    for group in groups or [{"label": None, "options": one.get("options")}]:
        if groups:
            known(group, {"label", "options"}, where)
            words(group["label"], f"{where}.label", 75, only_plain=True)
        options = group["options"]
        need(isinstance(options, list) and 1 <= len(options) <= (10 if boxes else 100), where, "has no, or too many, options")
        offered += options
    for option in offered:
        known(option, {"text", "value", "description", "url"}, where)
        words(option.get("text"), f"{where}.option", 75, only_plain=not boxes)
        need(isinstance(option.get("value"), str) and 1 <= length(option["value"]) <= 150, where, "has an option value that is too long")
    initial = one.get("initial_options", [one["initial_option"]] if "initial_option" in one else [])
    need(all(option in offered for option in initial), where, "begins with an option that it does not offer")
    need("initial_options" not in one or initial, where, "has empty initial_options")


def rich_text(block: Json, where: str, _: str) -> None:
    need(block.get("elements"), where, "is empty")
    for part in block["elements"]:
        kind = part.get("type")
        need(kind in ("rich_text_section", "rich_text_quote", "rich_text_list", "rich_text_preformatted"), where, f"holds {kind}")
        allowed = {"type", "elements", "border"} | ({"style", "indent", "offset"} if kind == "rich_text_list" else set())
        known(part, allowed, where)
        need(part.get("elements"), where, "has an empty part")
        if kind == "rich_text_list":
            need(part.get("style") in ("bullet", "ordered"), where, "is a list without a style")
        for one in part["elements"]:
            runs = one["elements"] if kind == "rich_text_list" else [one]
            need(kind != "rich_text_list" or one.get("type") == "rich_text_section", where, "lists what is no section")
            for run in runs:
                rich_run(run, where)


def rich_run(run: Json, where: str) -> None:
    if run.get("type") == "emoji":
        known(run, {"type", "name", "unicode", "style"}, where)
        need(run.get("name"), where, "has an emoji without a name")
        return
    need(run.get("type") == "text", where, f"holds {run.get('type')}")
    known(run, {"type", "text", "style"}, where)
    need(isinstance(run.get("text"), str) and run["text"], where, "has an empty text")
    need(length(run["text"]) <= 3000, where, "has a run longer than 3000")
    need(set(run.get("style", {})) <= STYLES, where, "has an unknown style")


CHECKS = {
    "header": header, "section": section, "context": context, "actions": actions, "input": input_block, "rich_text": rich_text,
}  # fmt: skip
