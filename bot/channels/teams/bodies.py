"""What Teams is answered, as plain dictionaries: dialogs, cards in the place of pressed ones, and single sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bot.cards import Card
from bot.channels.teams.blocks import Element
from bot.channels.teams.drawing import CONTENT_TYPE, attachment, draw_together
from bot.channels.teams.extension import extension_note

Body = dict[str, Any]
NOTE_TYPE = "application/vnd.microsoft.activity.message"
BELOW = "Answered below."
LATER = "This takes a moment longer. It comes as a message in your chat with Usher."
SEARCH_AGAIN = "This takes too long just now. Please try again in a minute."


def dialog(title: str, card: Element) -> Body:
    """A dialog with a card in it."""
    return {"task": {"type": "continue", "value": {"title": title, "height": "large", "width": "medium", "card": attachment(card)}}}


def note(text: str) -> Body:
    """A dialog with one sentence in it."""
    return {"task": {"type": "message", "value": text}}


def spoken(text: str) -> Body:
    """A sentence in answer to a pressed button."""
    return {"statusCode": 200, "type": NOTE_TYPE, "value": text}


def refused(name: str | None, text: str) -> Body:
    """A sentence in answer to any invoke, in the shape that Teams wants for it."""
    if name == "composeExtension/query":
        return extension_note(text)
    return spoken(text) if name == "adaptiveCard/action" else note(text)


def in_place(card: Element) -> Body:
    """A card in the place of the one that was pressed."""
    return {"statusCode": 200, "type": CONTENT_TYPE, "value": card}


def told_in_dialog(cards: Iterable[Card]) -> Body:
    """What was said, shown in the dialog, where its buttons would not work."""
    shown = [replace(card, buttons=()) for card in cards]
    return dialog(shown[-1].title, draw_together(shown)[0]) if shown else {}


def promise(name: str | None) -> Body:
    """What is answered where the work takes longer than Teams waits."""
    return refused(name, SEARCH_AGAIN if name == "composeExtension/query" else LATER)
