"""Buttons as rows, and many of a kind as a menu; and back again from what Slack says was pressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    Json,
    shorten,
    shorten_head,
    units,
)

MENU_FROM = 5  # so many buttons of one kind become a menu
MARK = "#"


def plain(text: str, limit: int) -> Json:
    """A plain text object."""
    return {"type": "plain_text", "text": shorten_head(text, limit), "emoji": True}


def verbatim(text: str, limit: int) -> Json:
    """A plain text object in which a person's ":name:" does not become an emoji."""
    return {"type": "plain_text", "text": shorten(text, limit), "emoji": False}


def actions(buttons: tuple[Button, ...]) -> Iterator[Json]:
    """The blocks for a card's buttons: rows, and a menu where many do the same thing. Every action_id is there once."""
    number = 0
    row: list[Json] = []
    for _, group in groupby(buttons, key=lambda one: (one.action, one.style == "plain")):
        alike = list(group)
        if len(alike) >= MENU_FROM and all(fits_a_menu(one) for one in alike):
            if row:
                yield {"type": "actions", "elements": row}
                row = []
            for start in range(0, len(alike), OPTIONS):
                yield {"type": "actions", "elements": [menu(alike[start : start + OPTIONS], number)]}
                number += 1
            continue
        for one in alike:
            row.append(button(one, number))
            number += 1
            if len(row) == ROW_BUTTONS:
                yield {"type": "actions", "elements": row}
                row = []
    if row:
        yield {"type": "actions", "elements": row}


def fits_a_menu(one: Button) -> bool:
    """Whether a button can stand in a menu: its value is short enough, and nothing is asked before it counts."""
    return one.style == "plain" and not one.confirm and 0 < units(one.value) <= OPTION_VALUE


def button(one: Button, number: int) -> Json:
    """One button."""
    drawn: Json = {"type": "button", "text": plain(one.label, BUTTON_LABEL), "action_id": action_id(one.action, number)}
    if one.value:
        drawn["value"] = one.value[:BUTTON_VALUE]
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


def menu(alike: list[Button], number: int) -> Json:
    """Buttons of one kind as a menu. Words that all labels begin with ("Done: …") are said once."""
    lead = shared_lead(alike)
    return {
        "type": "static_select",
        "action_id": action_id(alike[0].action, number),
        "placeholder": plain(lead or "Choose one", BUTTON_LABEL),
        "options": [{"text": plain(one.label.removeprefix(f"{lead}: "), OPTION_LABEL), "value": one.value} for one in alike],
    }


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
