"""A form as a modal, and what was filled in as values again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from bot.cards import Card, Field, Form, Option
from bot.channels.slack.blocks import card_blocks, draw, shortened, small, weigh
from bot.channels.slack.buttons import distinct, plain, verbatim
from bot.channels.slack.limits import (
    CHECKBOXES,
    GROUPS,
    INPUT_HINT,
    INPUT_LABEL,
    INPUT_LENGTH,
    OPTION_LABEL,
    OPTION_VALUE,
    OPTIONS,
    PLACEHOLDER,
    PRIVATE_METADATA,
    RADIOS,
    VIEW_BLOCKS,
    VIEW_TITLE,
    VIEW_WEIGHT,
    Json,
    cut,
    fitted,
    shorten,
    units,
)

PREFIX = "form:"
FIELD = "field:"
ELEMENT = "value"
VIEW_HOLDS = 210_000  # bytes of all blocks of a modal, with room for its names and its metadata
VIEW_LEAST = 10_000  # bytes for what stands above the fields, whatever they hold
Values = dict[str, str | tuple[str, ...]]


def modal(form: Form, origin: str = "", errors: Mapping[str, str] | None = None) -> Json:
    """The form as a modal. `origin`: where it was opened from, kept in one line before the form's own context.

    `errors`: said above the fields, for where it is too late to say them beside each.
    """
    above = [one for block in form.blocks for one in draw(block)]
    above += [small(f"⚠️ {label_of(form, name)}: {text}") for name, text in (errors or {}).items()]
    inputs = [field_block(field) for field in form.fields][: VIEW_BLOCKS - 20]
    room = max(VIEW_LEAST, VIEW_HOLDS - sum(map(weigh, inputs)))
    return {
        "type": "modal",
        "callback_id": f"{PREFIX}{form.name}",
        "title": plain(form.title, VIEW_TITLE),
        "submit": plain(form.submit, VIEW_TITLE),
        "close": plain("Cancel", VIEW_TITLE),
        "private_metadata": f"{origin}\n{fitted(form.context, PRIVATE_METADATA - units(origin) - 1)}",
        "blocks": [*shortened(above, VIEW_BLOCKS - len(inputs), min(VIEW_WEIGHT, room)), *inputs],
    }


def label_of(form: Form, name: str) -> str:
    """The label of a field."""
    return next((field.label for field in form.fields if field.name == name), name)


def card_modal(cards: tuple[Card, ...], origin: str = "", title: str = "Usher") -> Json:
    """Cards to read, as a modal."""
    blocks = [one for card in cards for one in card_blocks(card)]
    return {
        "type": "modal",
        "callback_id": "card",
        "title": plain(title, VIEW_TITLE),
        "close": plain("Close", VIEW_TITLE),
        "private_metadata": f"{cut(origin, PRIVATE_METADATA - 1)}\n",
        "blocks": unique(shortened(blocks, VIEW_BLOCKS, VIEW_WEIGHT)),
    }


def unique(blocks: list[Json]) -> list[Json]:
    """The blocks of several cards, with no action_id twice."""
    number = 0
    for block in blocks:
        for element in block["elements"] if block["type"] == "actions" else ():
            element["action_id"] = f"{element['action_id'].rpartition('#')[0]}#{number}"
            number += 1
    return blocks


def field_block(field: Field) -> Json:
    """One field, with its label and hint."""
    block: Json = {
        "type": "input",
        "block_id": f"{FIELD}{field.name}"[:255],
        "label": plain(field.label, INPUT_LABEL),
        "element": {"action_id": ELEMENT, **element(field)},
        "optional": not field.required,
    }
    if field.hint:
        block["hint"] = plain(field.hint, INPUT_HINT)
    return block


def element(field: Field) -> Json:
    """What is filled in."""
    match field.kind:
        case "choice":
            return choice(field)
        case "choices":
            return choices(field)
        case "moment":
            return moment(field)
        case _:
            return text_input(field)


def text_input(field: Field) -> Json:
    """A line, or a few."""
    longest = max(1, min(field.max_length, INPUT_LENGTH))
    drawn: Json = {"type": "plain_text_input", "multiline": field.kind == "long_text", "max_length": longest}
    initial = cut(field.initial, longest) if isinstance(field.initial, str) else ""
    return {**drawn, "initial_value": initial} if initial else drawn


def choice(field: Field) -> Json:
    """One of several: dots where there are few, else a menu."""
    options = distinct(option(one) for one in field.options)
    first = next((one for one in options if one["value"] == field.initial), None)
    initial = {"initial_option": first} if first else {}
    if 0 < len(options) <= RADIOS:
        return {"type": "radio_buttons", "options": options, **initial}
    return {"type": "static_select", "placeholder": plain("Choose one", PLACEHOLDER), **in_groups(options), **initial}


def choices(field: Field) -> Json:
    """Any of several: boxes where there are few, else a menu."""
    options = distinct(option(one) for one in field.options)
    wanted = field.initial if isinstance(field.initial, tuple) else (field.initial,)
    chosen = [one for one in options if one["value"] in wanted][:OPTIONS]
    initial = {"initial_options": chosen} if chosen else {}
    if 0 < len(options) <= CHECKBOXES:
        return {"type": "checkboxes", "options": options, **initial}
    return {"type": "multi_static_select", "placeholder": plain("Choose", PLACEHOLDER), **in_groups(options), **initial}


def in_groups(options: list[Json]) -> Json:
    """The options of a menu; more than a hundred stand in groups named after the first and last of each."""
    if not options:
        return {"options": [{"text": plain("Nobody to choose", OPTION_LABEL), "value": "-"}]}
    if len(options) <= OPTIONS:
        return {"options": options}
    groups = []
    for start in range(0, min(len(options), OPTIONS * GROUPS), OPTIONS):
        part = options[start : start + OPTIONS]
        name = f"{shorten(part[0]['text']['text'], 30)} to {shorten(part[-1]['text']['text'], 30)}"
        groups.append({"label": plain(name, OPTION_LABEL), "options": part})
    return {"option_groups": groups}


def option(one: Option) -> Json:
    """One option."""
    return {"text": verbatim(one.label, OPTION_LABEL), "value": cut(one.value, OPTION_VALUE) or "-"}


def moment(field: Field) -> Json:
    """A date and time."""
    drawn: Json = {"type": "datetimepicker"}
    try:
        at = datetime.fromisoformat(str(field.initial))
    except ValueError:
        return drawn
    return {**drawn, "initial_date_time": int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())}


def filled(view: Json) -> Values:
    """What was filled in, by field name; a field that was left empty is not there."""
    values: Values = {}
    for block_id, elements in view.get("state", {}).get("values", {}).items():
        for state in elements.values():
            value = one_value(state)
            if block_id.startswith(FIELD) and value:
                values[block_id.removeprefix(FIELD)] = value
    return values


def one_value(state: Json) -> str | tuple[str, ...]:
    """One field's value in Slack's account of it."""
    if isinstance(state.get("selected_option"), dict):
        return str(state["selected_option"]["value"])
    if isinstance(state.get("selected_options"), list):
        return tuple(str(one["value"]) for one in state["selected_options"])
    if state.get("selected_date_time"):
        return datetime.fromtimestamp(int(state["selected_date_time"]), UTC).isoformat()
    return str(state.get("value") or "")


def origin_and_context(view: Json) -> tuple[str, str]:
    """Where the form was opened from, and the form's own context."""
    origin, _, context = str(view.get("private_metadata") or "").partition("\n")
    return origin, context
