"""A card as Adaptive Cards 1.5, the version that Teams draws on desktop and phone. One card becomes as many as its size asks for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from bot.cards import Button, Card, Tone
from bot.channels.signs import SIGNS
from bot.channels.teams.blocks import CHUNK, PIECE, Element, block_elements, clean, heading, lines, size

BUDGET = 24_000  # bytes of one card: Teams takes about 28 KB, the message around it included
SHORT_LABEL = 34  # characters; Teams cuts longer labels off, so those become rows that wrap
ROW = 52  # characters of labels side by side, each with what stands around it; more would wrap by themselves, and raggedly
AROUND_LABEL = 5
MANY_ROWS = 5  # rows from which on they open at a press
SHOWS = {"policy.section": "Show the {number} sections", "incident.tick": "Mark something as done ({number})"}
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
STYLES = {
    Tone.YES: "good",
    Tone.NO: "attention",
    Tone.DEPENDS: "warning",
    Tone.REPORT: "warning",
    Tone.INFO: "accent",
    Tone.NOT_COVERED: "emphasis",
    Tone.URGENT: "attention",
    Tone.PLAIN: "default",
}
PRESSED = {"primary": "positive", "danger": "destructive"}

# What opens a form: Teams opens a dialog only for a button that says so beforehand. A test holds this list to the handlers.
DIALOGS = frozenset(
    {
        "report.open",
        "person.open",
        "enquiry.answer",
        "feedback.open",
        "incident.note",
        "incident.say",
        "incident.close",
        "incident.invite",
        "incident.subject",
        "incident.police_over",
    }
)
FORM_BUTTON = "usher.form"  # opens the dialog of the action that follows it, whatever the list above says


def draw(card: Card, *, refresh: Element | None = None) -> tuple[Element, ...]:
    """The card as one Adaptive Card, or as several that together hold all of it, in order."""
    return paged([*opening(card), *contents(card, "b")], refresh)


def draw_together(cards: Iterable[Card]) -> tuple[Element, ...]:
    """Several cards in one, for the home; parted where they are too large."""
    elements: list[Element] = []
    for number, card in enumerate(cards):
        inner = [*opening(card), *contents(card, f"h{number}")]
        if inner and number:
            inner[0] = {**inner[0], "separator": True, "spacing": "large"}
        elements += inner
    return paged(elements, None)


def opening(card: Card) -> list[Element]:
    """The verdict in words, with its sign and colour, and the title."""
    made: list[Element] = []
    if card.badge:
        made.append({"type": "Container", "style": STYLES[card.tone], "items": lines(f"{SIGNS[card.tone]} {card.badge}", weight="bolder")})
    return [*made, *heading(card.title, large=True)] if card.title and card.title != card.badge else made


def contents(card: Card, name: str) -> list[Element]:
    """The blocks, then what can be pressed."""
    elements = [element for number, block in enumerate(card.blocks) for element in block_elements(block, f"{name}{number}")]
    return [*elements, *buttons(card.buttons, name)]


def buttons(given: Iterable[Button], name: str = "b") -> list[Element]:
    """Short labels side by side, as many as fit; a list with long ones as rows of their own, whose words wrap.

    A long list of such rows opens at a press. `name` is unique in the card.
    """
    made: list[Element] = []
    row: list[Element] = []
    used = 0
    for _, group in groupby(given, key=lambda one: one.action):
        same = list(group)
        as_rows = any(len(one.label) > SHORT_LABEL for one in same)
        if as_rows and len(same) >= MANY_ROWS and (folded := folded_rows(same, f"{name}-rows{len(made)}")):
            made += [{"type": "ActionSet", "actions": row}] if row else []
            made, row, used = [*made, *folded], [], 0
            continue
        for button in same:
            length = len(button.label) + AROUND_LABEL
            if row and (as_rows or used + length > ROW):
                made.append({"type": "ActionSet", "actions": row})
                row, used = [], 0
            if as_rows and not button.confirm:
                made.append(tall(button))
            else:
                row.append(action(button))
                used += length
    if row:
        made.append({"type": "ActionSet", "actions": row})
    return [part for one in made for part in parted(one)]


def folded_rows(same: list[Button], name: str) -> list[Element]:
    """Many rows under one button that shows them; nothing where they are too large to stay together, or one of them asks first."""
    inside = [tall(one) for one in same]
    if size(inside) > PIECE or any(one.confirm for one in same):
        return []
    title = SHOWS.get(same[0].action, "Show all {number}").format(number=len(same))
    press = {"type": "Action.ToggleVisibility", "title": title, "targetElements": [name]}
    return [{"type": "ActionSet", "actions": [press]}, {"type": "Container", "id": name, "isVisible": False, "items": inside}]


def tall(button: Button) -> Element:
    """A button as a row whose words wrap."""
    pressed = action(button)
    pressed.pop("style", None)
    words = lines(f"▸ {button.label}"[: 3 * CHUNK])
    return {"type": "Container", "style": "emphasis", "spacing": "small", "selectAction": pressed, "items": words}


def parted(row: Element) -> list[Element]:
    """A row of buttons, each on its own where together they would be too large."""
    if row["type"] != "ActionSet" or size(row) <= BUDGET // 2:
        return [row]
    return [{"type": "ActionSet", "actions": [one]} for one in row["actions"]]


def action(button: Button) -> Element:
    """One button: it opens a dialog, asks first, or acts and is answered in place."""
    style = {"style": PRESSED[button.style]} if button.style in PRESSED else {}
    title = clean(button.label).replace("\n", " ")
    if button.confirm:
        inner = {"type": "AdaptiveCard", "body": lines(button.confirm), "actions": [execute(title, button, style)]}
        return {"type": "Action.ShowCard", "title": title, **style, "card": inner}
    if button.action in DIALOGS or button.action.startswith(f"{FORM_BUTTON}:"):
        data = {"usher": button.action.removeprefix(f"{FORM_BUTTON}:"), "value": button.value, "msteams": {"type": "task/fetch"}}
        return {"type": "Action.Submit", "title": title, "data": data, **style}
    return execute(title, button, style)


def execute(title: str, button: Button, style: Element) -> Element:
    """An action that the bot answers with a card in the place of this one."""
    data = {"usher": button.action, "value": button.value}
    return {"type": "Action.Execute", "title": title, "verb": button.action, "data": data, **style}


def paged(elements: list[Element], refresh: Element | None) -> tuple[Element, ...]:
    """Elements as cards, none above the budget."""
    cards: list[Element] = []
    body: list[Element] = []
    used = 0
    for element in elements:
        length = size(element) + 2
        if body and used + length > BUDGET:
            cards.append(whole(body, refresh))
            body, used = [], 0
        body.append(element)
        used += length
    return (*cards, whole(body, refresh)) if body or not cards else tuple(cards)


def whole(body: list[Element], refresh: Element | None = None) -> Element:
    """A complete Adaptive Card."""
    card: Element = {"type": "AdaptiveCard", "$schema": SCHEMA, "version": "1.5", "body": body, "msteams": {"width": "Full"}}
    return {**card, "refresh": refresh} if refresh else card


def without_dialogs(value: Any) -> Any:
    """The same, with forms and their buttons acting in place: for a client that cannot open dialogs."""
    if isinstance(value, list):
        return [without_dialogs(one) for one in value]
    if not isinstance(value, dict):
        return value
    data = value.get("data")
    if value.get("type") == "Action.Submit" and isinstance(data, dict):
        kept = {name: one for name, one in data.items() if name != "msteams"}
        return {**value, "type": "Action.Execute", "verb": str(kept.get("usher") or FORM_BUTTON), "data": kept}
    return {name: without_dialogs(one) for name, one in value.items()}


def attachment(card: Element) -> dict[str, Any]:
    """A card as it is attached to a message or put into a dialog."""
    return {"contentType": CONTENT_TYPE, "content": card}
