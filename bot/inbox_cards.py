"""What is told of something that came in and could not be handled."""

from __future__ import annotations

from bot.cards import Card, Text, Tone


def poison_card(channel: str) -> Card:
    """What the IT contact is told. It names nobody and quotes nothing."""
    text = f"Something that came in by {channel.capitalize()} could not be handled, however often it was tried; its sender was told so. "
    mend = "The log says where it failed; please report that line."
    return Card("Usher could not handle a message", (Text(text + mend),), tone=Tone.REPORT, badge="Check this", notice="Usher needs a look")
