"""Buttons as rows, and many of a kind as a menu; and back again from what Slack says was pressed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from bot.cards import Button
from bot.channels.slack.limits import (
    ACTION_ID,
    BUTTON_LABEL,
    BUTTON_VALUE,
    CONFIRM_BUTTON,
    CONFIRM_TEXT,
    OPTION_LABEL,
    OPTION_VALUE,
    OPTIONS,
    ROW_BUTTONS,
    ROW_WEIGHT,
    UNSEEN,
    Json,
    fitted,
    shorten,
    shorten_head,
    units,
)

MENU_FROM = 5  # so many buttons of one kind become a menu
MARK = "#"
ASKS = {"policy.section": "Choose a section", "incident.tick": "Mark something as done", "incident.open": "Open one of them"}


def plain(text: str, limit: int) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": shorten_head(text.translate(UNSEEN), limit), "emoji": True}


def verbatim(text: str, limit: int) -> Json:
    """A plain text object in which a person's ":name:" does not become an emoji."""
    return {"type": "plain_text", "text": shorten(text.translate(UNSEEN), limit), "emoji": False}


def actions(buttons: tuple[Button, ...]) -> Iterator[Json]:
    """The blocks for a card's buttons: rows, and a menu where many do the same thing. Every action_id is there once."""
    number = 0
    for is_menu, group in groupby(with_kind(buttons), key=lambda one: one[0]):
        drawn = [one for _, one in group]
        if is_menu:
            for part in in_parts(distinct(option(one, shared_lead(drawn)) for one in drawn), OPTIONS):
                yield {"type": "actions", "elements": [menu(drawn, part, number)]}
                number += 1
            continue
        row = [button(one, number + place) for place, one in enumerate(drawn)]
        number += len(row)
        for part in in_parts(row, ROW_BUTTONS):
            yield {"type": "actions", "elements": part}


def with_kind(buttons: tuple[Button, ...]) -> Iterator[tuple[str, Button]]:
    """Each button with the action of its menu, or with nothing where it stands by itself."""
    for (action, _), group in groupby(buttons, key=lambda one: (one.action, one.style == "plain")):
        alike = list(group)
        kind = action if len(alike) >= MENU_FROM and all(fits_a_menu(one) for one in alike) else ""
        yield from ((kind, one) for one in alike)


def in_parts(drawn: list[Json], most: int) -> Iterator[list[Json]]:
    """Lists that one block can hold: by number, and by what a message can hold besides."""
    part: list[Json] = []
    weight = 0
    for one in drawn:
        size = len(json.dumps(one, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if part and (len(part) >= most or weight + size > ROW_WEIGHT):
            yield part
            part, weight = [], 0
        part.append(one)
        weight += size
    if part:
        yield part


def fits_a_menu(one: Button) -> bool:
    """Whether a button can stand in a menu: its value is short enough, and nothing is asked before it counts."""
    return one.style == "plain" and not one.confirm and 0 < units(one.value) <= OPTION_VALUE


def button(one: Button, number: int) -> Json:
    """One button."""
    drawn: Json = {"type": "button", "text": plain(one.label, BUTTON_LABEL), "action_id": action_id(one.action, number)}
    if one.value:
        drawn["value"] = fitted(one.value, BUTTON_VALUE)
    if one.style in ("primary", "danger"):
        drawn["style"] = one.style
    if one.confirm:
        drawn["confirm"] = {
            "title": plain("Are you sure?", CONFIRM_TEXT),
            "text": plain(one.confirm, CONFIRM_TEXT),
            "confirm": plain("Yes", CONFIRM_BUTTON),
            "deny": plain("No", CONFIRM_BUTTON),
        }
    return drawn


def menu(alike: list[Button], options: list[Json], number: int) -> Json:
    """Buttons of one kind as a menu."""
    return {
        "type": "static_select",
        "action_id": action_id(alike[0].action, number),
        "placeholder": plain(ASKS.get(alike[0].action) or shared_lead(alike) or "Choose one", BUTTON_LABEL),
        "options": options,
    }


def option(one: Button, lead: str) -> Json:
    """A button as an option of a menu. Words that all labels begin with ("Done: …") are said once, by the menu itself."""
    return {"text": plain(one.label.removeprefix(f"{lead}: "), OPTION_LABEL), "value": one.value}


def distinct(options: Iterable[Json]) -> list[Json]:
    """The options without a second one of the same value: Slack takes no such menu, and choosing either would be the same."""
    found: dict[str, Json] = {}
    for one in options:
        found.setdefault(one["value"], one)
    return list(found.values())


def shared_lead(alike: list[Button]) -> str:
    """The words before a colon that every label begins with, or nothing."""
    leads = {one.label.partition(": ")[0] if ": " in one.label else "" for one in alike}
    return leads.pop() if len(leads) == 1 else ""


def action_id(action: str, number: int) -> str:
    """The handler's name, made unique within the message."""
    return f"{action[: ACTION_ID - 8]}{MARK}{number}"


def pressed(action: Mapping[str, Json | str]) -> tuple[str, str]:
    """The handler's name and the value, from Slack's account of what was pressed or chosen."""
    name = str(action.get("action_id", "")).rpartition(MARK)[0]
    option = action.get("selected_option")
    value = option.get("value", "") if isinstance(option, dict) else action.get("value", "")
    return name, str(value or "")
