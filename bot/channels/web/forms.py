"""A form travels to the browser and back with a mark of ours, so that what comes back is the form that was opened, for this person."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping

from multidict import MultiMapping

from bot.cards import Field, Form
from bot.channels.packing import pack, unpack
from bot.channels.web.page import Page
from bot.errors import Refused
from bot.people import Person

Values = dict[str, str | tuple[str, ...]]
STALE = "This form is out of date. Please open it again; what you wrote can be copied from here."


def sign(page: Page, person: Person, form: Form) -> str:
    """The form as text, with the mark."""
    text = base64.urlsafe_b64encode(json.dumps(pack(form), ensure_ascii=False).encode()).decode()
    return f"{text}.{page.seal('form', person, text)}"


def signed_form(page: Page, person: Person, token: str) -> Form:
    """The form again.

    Raises:
        Refused: it is not one that the page opened for this person.
    """
    text, _, mark = token.rpartition(".")
    if not any(hmac.compare_digest(mark, good) for good in page.sealed("form", person, text)):
        raise Refused(STALE)
    try:
        form = unpack(json.loads(base64.urlsafe_b64decode(text)))
    except (ValueError, KeyError, TypeError, binascii.Error):
        form = None
    if not isinstance(form, Form):
        raise Refused(STALE)
    return form


def filled(form: Form, sent: MultiMapping[object]) -> tuple[Values, Mapping[str, str]]:
    """The values of the form's own fields, and what is wrong with them, by field."""
    values: Values = {}
    errors: dict[str, str] = {}
    for field in form.fields:
        given = tuple(str(one).replace("\r\n", "\n").strip() for one in sent.getall(field.name, []))
        values[field.name] = given if field.kind == "choices" else (given or ("",))[0]
        if wrong := error(field, given):
            errors[field.name] = wrong
    return values, errors


def error(field: Field, given: tuple[str, ...]) -> str:
    """What is wrong with what was given for a field, or ""."""
    said = tuple(one for one in given if one)
    if field.required and not said:
        return "Please choose one." if field.kind in ("choice", "choices") else "Please write a few words here."
    if field.kind in ("choice", "choices") and not set(said) <= {option.value for option in field.options}:
        return "Please choose from the list."
    if any(len(one) > field.max_length for one in said):
        return f"Please keep it under {field.max_length:,} characters. You can add more later."
    return ""
