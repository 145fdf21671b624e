"""Cards and forms as JSON values and back, so that a conversation can be kept, and a form can travel with its answers."""

from __future__ import annotations

from dataclasses import fields
from enum import StrEnum
from typing import Any

from bot.cards import Button, Card, Facts, Field, Fold, Form, Option, Outside, Quote, Steps, Text, Tone

KINDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Text, Quote, Steps, Facts, Outside, Fold, Button, Card, Option, Field, Form)
}
KIND = "@"


def pack(value: Any) -> Any:
    """A card, a form or any part of one, as what JSON can hold."""
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, tuple):
        return [pack(one) for one in value]
    if type(value).__name__ in KINDS:
        return {KIND: type(value).__name__, **{one.name: pack(getattr(value, one.name)) for one in fields(value)}}
    return value


def unpack(value: Any) -> Any:
    """What `pack` packed. Fields that are no longer known are left out, so that old conversations stay readable."""
    if isinstance(value, list):
        return tuple(unpack(one) for one in value)
    if not isinstance(value, dict):
        return value
    kind = KINDS[value[KIND]]
    known = {one.name for one in fields(kind)}
    given = {name: unpack(one) for name, one in value.items() if name in known}
    if kind is Card:
        given["tone"] = Tone(given["tone"])
    return kind(**given)


def unpack_card(value: Any) -> Card:
    """What `pack` packed of a card."""
    card = unpack(value)
    assert isinstance(card, Card)  # noqa: S101 what was sealed as a card is one
    return card
