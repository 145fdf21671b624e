"""Forms that Teams takes whatever is in them: it takes 28 KB, and a form comes back with its mistakes and all that was filled in.

A form travels with its answers. What does not fit is kept here for a day instead, sealed, under a key that travels in its place:
the form first, then the fields that have no mistakes, then what was filled in. Nothing that somebody wrote is lost.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.cards import Field, Form, Text
from bot.channels.packing import pack, unpack
from bot.channels.teams.blocks import Element
from bot.channels.teams.book import Book
from bot.channels.teams.forms import Values, bare, draw_form, read_form, values_of
from bot.channels.teams.post import stored

LARGEST = 25_000  # bytes of a form as it goes to Teams; what stands around it takes some more
KEPT, KEY = "form", "usher.kept"
KEPT_FOR = timedelta(days=1)
ELSEWHERE = "What you filled in elsewhere in this form is kept."
BLANK = "What you wrote is kept as well. Leave a field empty and it stays as it was."
TOO_MANY = "Not everything fits into this list. If what you look for is not in it, please say so in your own words."
FEW = 8  # choices that are always there


@dataclass(frozen=True)
class Forms:
    """Draws forms within what Teams takes, and reads what comes back."""

    book: Book

    async def drawn(self, form: Form, person_id: str, values: Values | None = None, errors: Mapping[str, str] | None = None) -> Element:
        """The form, filled in and with its mistakes."""
        card = draw_form(form, values, errors)
        if fits(card):
            return card
        given = {one.name: (values or {}).get(one.name, one.initial) for one in form.fields}
        wrong = tuple(one for one in form.fields if one.name in (errors or {})) or form.fields
        less = replace(form, fields=wrong, blocks=(Text(ELSEWHERE),) if len(wrong) < len(form.fields) else form.blocks)
        nothing: Values = {}
        ways = ((form, given, False), (less, given, False), (short(less, given), given, False), (short(blank(less), {}), nothing, True))
        for shown, filled, empty_stays in ways:
            key = await self._keep(form, given, shown, person_id, empty_stays=empty_stays)
            card = draw_form(shown, filled, errors, data={KEY: key})
            if fits(card):
                break
        return card

    async def read(self, data: Mapping[str, Any], person_id: str) -> tuple[Form, dict[str, str | tuple[str, ...]]] | None:
        """The form that was sent and its values; None where what came is no form of ours, or is not there any more."""
        if KEY not in data:
            return read_form(data)
        found = await stored(lambda: self.book.get(KEPT, str(data[KEY])))
        if found is None or found["person"] != person_id:
            return None
        form, shown = unpack(found["form"]), unpack(found["shown"])
        values = {name: tuple(one) if isinstance(one, list) else one for name, one in found["values"].items()}
        now = values_of(shown, data).items()
        return form, {**values, **{name: value for name, value in now if value or not found["empty_stays"]}}

    async def _keep(self, form: Form, values: Values, shown: Form, person_id: str, *, empty_stays: bool) -> str:
        key = secrets.token_hex(16)
        value = {
            "form": pack(bare(form)), "shown": pack(bare(shown)), "values": {name: pack(one) for name, one in values.items()},
            "person": person_id, "empty_stays": empty_stays,
        }  # fmt: skip
        await stored(lambda: self.book.forget_before(KEPT, self.book.now - KEPT_FOR))
        await stored(lambda: self.book.put(KEPT, key, value))
        return key


def fits(card: Element) -> bool:
    """Whether Teams takes it: as UTF-8, which is how dialogs are answered."""
    return len(json.dumps(card, ensure_ascii=False).encode("utf-8", "replace")) <= LARGEST


def blank(form: Form) -> Form:
    """The form without what was filled in, which says that it is kept."""
    return replace(form, fields=tuple(replace(one, initial="") for one in form.fields), blocks=(Text(ELSEWHERE), Text(BLANK)))


def short(form: Form, given: Values) -> Form:
    """The form with the choices that were made and as many others as fit, and a word about the rest."""
    room = LARGEST // 2
    fields: list[Field] = []
    for one in form.fields:
        chosen = [option for option in one.options if option.value in given.get(one.name, ())]
        others = [option for option in one.options if option not in chosen]
        options, used = [*chosen, *others[:FEW]], 0
        for option in others[FEW:]:
            used += len(json.dumps(option.label, ensure_ascii=False).encode("utf-8", "replace")) + 40
            if used > room // max(1, sum(1 for field in form.fields if len(field.options) > FEW)):
                break
            options.append(option)
        cut = len(options) < len(one.options)
        fields.append(replace(one, options=tuple(options), hint=TOO_MANY if cut else one.hint))
    return replace(form, fields=tuple(fields))
