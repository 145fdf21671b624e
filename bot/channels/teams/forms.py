"""A form as an Adaptive Card for a dialog, and what comes back as values. The form travels with its answers, so that nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.cards import Field, Form
from bot.channels.packing import pack, unpack
from bot.channels.teams.blocks import Element, block_elements, clean, heading, lines
from bot.channels.teams.drawing import whole

FORM = "usher.form"
MISSING = "Please fill this in."
EXPANDED = 6  # choices up to which all of them are shown at once
BOXES = 14  # the same where several may be chosen; beyond it Teams is asked for a menu: a whole staff as boxes is no form
Values = Mapping[str, str | tuple[str, ...]]


def draw_form(
    form: Form, values: Values | None = None, errors: Mapping[str, str] | None = None, *, data: Element | None = None
) -> Element:  # fmt: skip
    """The form, filled in with `values` where it comes back with `errors`, each beside its field. `data`: what travels in its place."""
    told = errors or {}
    body = [element for number, block in enumerate(form.blocks) for element in block_elements(block, f"f{number}")]
    names = {field.name for field in form.fields}
    for message in dict.fromkeys([text for name, text in told.items() if name not in names]):
        body += lines(f"⚠ {message}", color="attention", weight="bolder")
    for field in form.fields:
        given = values.get(field.name, "") if values is not None else field.initial
        body += field_elements(field, given, told.get(field.name, ""))
    send = {"type": "Action.Submit", "title": clean(form.submit), "style": "positive", "data": data or {FORM: pack(bare(form))}}
    body.append({"type": "ActionSet", "actions": [send]})
    return whole(body)


def field_elements(field: Field, given: str | tuple[str, ...], error: str) -> list[Element]:
    """One field: what is wrong with it, its hint, and where it is filled in."""
    made = lines(f"⚠ {error}", color="attention", weight="bolder") if error else []
    common: Element = {"id": field.name, "label": clean(field.label)}
    if field.required:
        common |= {"isRequired": True, "errorMessage": MISSING}
    text = given if isinstance(given, str) else ""
    match field.kind:
        case "choice" | "choices":
            made.append({**common, **choice_input(field, given)})
        case "moment":
            day, _, hour = text.partition("T")
            made += heading(field.label)
            made.append({"type": "Input.Date", "id": f"{field.name}.day", "label": "Date", **({"value": day} if day else {})})
            made.append({"type": "Input.Time", "id": f"{field.name}.hour", "label": "Time", **({"value": hour[:5]} if hour else {})})
        case _:
            shown = {"value": clean(text)} if text else {}
            made.append({**common, "type": "Input.Text", "isMultiline": field.kind == "long_text", "maxLength": field.max_length, **shown})
    return [*made, *(lines(field.hint, isSubtle=True, size="small") if field.hint else [])]


def choice_input(field: Field, given: str | tuple[str, ...]) -> Element:
    """Choices by their place in the list, for Teams joins several values with commas."""
    chosen = (given,) if isinstance(given, str) else given
    places = [str(place) for place, option in enumerate(field.options) if option.value in chosen]
    several = field.kind == "choices"
    look = "expanded" if len(field.options) <= (BOXES if several else EXPANDED) else "compact"
    choices = [{"title": clean(option.label), "value": str(place)} for place, option in enumerate(field.options)]
    shown = {"value": ",".join(places)} if places else {}
    return {"type": "Input.ChoiceSet", "style": look, "isMultiSelect": several, "choices": choices, "wrap": True, **shown}


def bare(form: Form) -> Form:
    """The form without what was filled in: that comes back by itself."""
    return replace(form, fields=tuple(replace(field, initial="") for field in form.fields))


def read_form(data: Mapping[str, Any]) -> tuple[Form, dict[str, str | tuple[str, ...]]] | None:
    """The form that was sent and its values by field; None where what came is no form of ours."""
    try:
        form = unpack(data[FORM])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if not isinstance(form, Form) or not all(isinstance(field, Field) for field in form.fields):
        return None
    return form, values_of(form, data)


def values_of(form: Form, data: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    """What was filled in, by field."""
    return {field.name: field_value(field, data) for field in form.fields}


def field_value(field: Field, data: Mapping[str, Any]) -> str | tuple[str, ...]:
    """What was filled in, "" or () for nothing; a choice that is not in the list counts as nothing."""
    if field.kind == "moment":
        day, hour = str(data.get(f"{field.name}.day") or ""), str(data.get(f"{field.name}.hour") or "")
        return f"{day}T{hour or '00:00'}" if day else ""
    text = str(data.get(field.name) or "")
    if field.kind not in ("choice", "choices"):
        return text[: field.max_length]
    known = {str(place): option.value for place, option in enumerate(field.options)}
    chosen = tuple(known[place] for place in text.split(",") if place in known)
    return chosen if field.kind == "choices" else next(iter(chosen), "")
