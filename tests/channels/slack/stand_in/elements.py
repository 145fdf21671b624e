"""What stands in blocks: text objects, buttons, menus, fields, runs of rich text; each refused where Slack's documentation forbids it.

Where two editions of the documentation differ the stricter holds: an action_id was required of everything that can be pressed.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
PRESSED = {"action_id", "confirm", "focus_on_load"}
MENU = PRESSED | {"placeholder", "options", "option_groups"}
ELEMENTS: dict[str, set[str]] = {
    "button": {"text", "action_id", "value", "url", "style", "confirm", "accessibility_label"},
    "static_select": MENU | {"initial_option"},
    "multi_static_select": MENU | {"initial_options", "max_selected_items"},
    "radio_buttons": PRESSED | {"options", "initial_option"},
    "checkboxes": PRESSED | {"options", "initial_options"},
    "overflow": {"action_id", "options", "confirm"},
    "plain_text_input": {
        "action_id", "initial_value", "multiline", "min_length", "max_length", "placeholder", "dispatch_action_config", "focus_on_load",
    },
    "datetimepicker": PRESSED | {"initial_date_time"},
    "image": {"image_url", "slack_file", "alt_text"},
}  # fmt: skip
IN_ACTIONS = {"button", "static_select", "radio_buttons", "checkboxes", "overflow", "datetimepicker"}
IN_SECTION = {"button", "static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow", "image"}
IN_INPUT = {"static_select", "multi_static_select", "radio_buttons", "checkboxes", "plain_text_input", "datetimepicker"}
NOT_AT_HOME = {"datetimepicker"}
OPTIONS = {"radio_buttons": 10, "checkboxes": 10, "overflow": 5}
TRIGGERS = {"on_enter_pressed", "on_character_entered"}
STYLES = {"bold", "italic", "strike", "code"}
PARTS = {
    "rich_text_section": set(), "rich_text_quote": {"border"}, "rich_text_preformatted": {"border"},
    "rich_text_list": {"style", "indent", "offset", "border"},
}  # fmt: skip


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
    flags(text, where, "emoji", "verbatim")
    need(isinstance(text.get("text"), str) and text["text"].strip(), where, "is empty")
    need(length(text["text"]) <= most, where, f"is longer than {most}")


def string(thing: Json, name: str, where: str, most: int, *, least: int = 0) -> None:
    if name in thing:
        need(isinstance(thing[name], str), where, f"{name} is not a string")
        need(least <= length(thing[name]) <= most, where, f"{name} is not between {least} and {most} long")


def flags(thing: Json, where: str, *names: str) -> None:
    for name in names:
        need(isinstance(thing.get(name, False), bool), where, f"{name} is neither true nor false")


def number(thing: Json, name: str, where: str, least: int, most: int) -> None:
    if name in thing:
        fits = isinstance(thing[name], int) and not isinstance(thing[name], bool) and least <= thing[name] <= most
        need(fits, where, f"{name} is no number from {least} to {most}")


def element(one: Json, where: str, surface: str, allowed: set[str]) -> None:
    """Something in a block that holds elements of these kinds."""
    kind = one.get("type") if isinstance(one, dict) else None
    need(kind in allowed and not (surface == "home" and kind in NOT_AT_HOME), where, f"cannot hold {kind}")
    known(one, ELEMENTS[str(kind)] | {"type"}, where)
    if kind == "image":
        image(one, where)
        return
    need("action_id" in one, where, "has no action_id")
    string(one, "action_id", where, 255, least=1)
    flags(one, where, "focus_on_load", "multiline")
    if "placeholder" in one:
        words(one["placeholder"], f"{where}.placeholder", 150, only_plain=True)
    if "confirm" in one:
        confirm(one["confirm"], where)
    {"button": button, "plain_text_input": text_input, "datetimepicker": moment}.get(str(kind), choices)(one, where)


def image(one: Json, where: str) -> None:
    need(("image_url" in one) != ("slack_file" in one), where, "needs either image_url or slack_file")
    need("alt_text" in one, where, "is an image without alt_text")
    string(one, "alt_text", where, 2000, least=1)
    string(one, "image_url", where, 3000, least=1)


def button(one: Json, where: str) -> None:
    words(one.get("text"), where, 75, only_plain=True)
    string(one, "value", where, 2000, least=1)
    string(one, "url", where, 3000, least=1)
    string(one, "accessibility_label", where, 75, least=1)
    need(one.get("style", "primary") in ("primary", "danger"), where, "has an unknown style")


def text_input(one: Json, where: str) -> None:
    number(one, "max_length", where, 1, 3000)
    number(one, "min_length", where, 0, one.get("max_length", 3000))
    string(one, "initial_value", where, one.get("max_length", 3000), least=1)
    config = one.get("dispatch_action_config", {})
    known(config, {"trigger_actions_on"}, where)
    need(not config or set(config.get("trigger_actions_on", ())) <= TRIGGERS, where, "is sent on something unknown")


def moment(one: Json, where: str) -> None:
    number(one, "initial_date_time", where, 10**9, 10**10 - 1)


def confirm(one: Json, where: str) -> None:
    known(one, {"title", "text", "confirm", "deny", "style"}, where)
    for name, most in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
        words(one.get(name), f"{where}.confirm.{name}", most, only_plain=True)
    need(one.get("style", "primary") in ("primary", "danger"), where, "has an unknown style")


def choices(one: Json, where: str) -> None:
    kind, groups = one["type"], one.get("option_groups")
    need(("options" in one) != bool(groups), where, "needs either options or option_groups")
    need(not groups or len(groups) <= 100, where, "has more than 100 groups")
    offered: list[Json] = []
    for group in groups or [{"label": None, "options": one.get("options")}]:
        if groups:
            known(group, {"label", "options"}, where)
            words(group["label"], f"{where}.label", 75, only_plain=True)
        options = group["options"]
        need(isinstance(options, list) and 1 <= len(options) <= OPTIONS.get(kind, 100), where, "has no, or too many, options")
        offered += options
    for offer in offered:
        option(offer, kind, where)
    values = [offer["value"] for offer in offered]
    need(len(values) == len(set(values)), where, "offers one value twice")
    initial = one.get("initial_options", [one["initial_option"]] if "initial_option" in one else [])
    need(all(offer in offered for offer in initial), where, "begins with an option that it does not offer")
    need("initial_options" not in one or initial, where, "has empty initial_options")
    number(one, "max_selected_items", where, max(1, len(initial)), 10**6)


def option(one: Json, kind: str, where: str) -> None:
    known(one, {"text", "value", "description"} | ({"url"} if kind == "overflow" else set()), where)
    words(one.get("text"), f"{where}.option", 75, only_plain=kind not in ("radio_buttons", "checkboxes"))
    need(isinstance(one.get("value"), str) and 1 <= length(one["value"]) <= 150, where, "has an option value that is none, or too long")
    if "description" in one:
        words(one["description"], f"{where}.description", 75, only_plain=kind not in ("radio_buttons", "checkboxes"))
    string(one, "url", where, 3000, least=1)


def rich_part(part: Json, where: str) -> None:
    """A section, a list, a quote or a piece of code."""
    kind = str(part.get("type"))
    need(kind in PARTS, where, f"holds {kind}")
    known(part, {"type", "elements"} | PARTS[kind], where)
    need(isinstance(part.get("elements"), list) and part["elements"], where, "has an empty part")
    number(part, "border", where, 0, 1)
    number(part, "indent", where, 0, 8)
    number(part, "offset", where, 0, 10**6)
    if kind != "rich_text_list":
        for run in part["elements"]:
            rich_run(run, where)
        return
    need(part.get("style") in ("bullet", "ordered"), where, "is a list without a style")
    for item in part["elements"]:
        need(item.get("type") == "rich_text_section", where, "lists what is no section")
        rich_part(item, where)


def rich_run(run: Json, where: str) -> None:
    if run.get("type") == "emoji":
        known(run, {"type", "name", "unicode", "style"}, where)
        need(run.get("name"), where, "has an emoji without a name")
        return
    need(run.get("type") == "text", where, f"holds {run.get('type')}")
    known(run, {"type", "text", "style"}, where)
    need(isinstance(run.get("text"), str) and run["text"], where, "has an empty text")
    need(length(run["text"]) <= 3000, where, "has a run longer than 3000")
    known(run.get("style", {}), STYLES, where)
    flags(run.get("style", {}), where, *STYLES)
