"""Which message of somebody's own conversation with the bot is about which incident, and whose room it belongs to.

By this an answer to it is for the room, an edit reaches the record, and it is withdrawn from whoever may not see it any more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bot.cards import Card
from bot.channels.teams.book import Book
from bot.ports import Sent

LINE = "line"
REFERENCE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")
Line = dict[str, Any]


@dataclass(frozen=True)
class Lines:
    """Notes and finds them. Synchronous; NotSaved where the database does not answer."""

    book: Book

    def note(self, person_id: str, ref: str, sent: Sent, *, room: str = "", own: bool = False, stays: bool = False) -> Line:
        """`room`: which carries it. `own`: the person's own words. `stays`: a notice, which the outbox alone takes back."""
        line = {
            "room": room, "ref": ref, "person": person_id, "conversation": sent.conversation, "message": sent.message, "own": own,
            "stays": stays,
        }  # fmt: skip
        self.book.put(LINE, name_of(line), line)
        return line

    def shown(self, card: Card, person_id: str, sent: Sent, *, stays: bool = False) -> None:
        """A card stands there now. What is known of the message already stays as it is."""
        ref = ref_of(card)
        if ref and sent.message and self.at(sent.conversation, sent.message) is None:
            self.note(person_id, ref, sent, stays=stays)

    def at(self, conversation: str, message: str) -> Line | None:
        """What is known of a message."""
        return self.book.get(LINE, f"{conversation}/{message}")

    def to_withdraw(self, person_id: str, ref: str, room: str = "") -> list[Line]:
        """What somebody has of an incident, but for notices."""
        mine = [one for one in self.book.all(LINE) if one["person"] == person_id and not one.get("stays")]
        return [one for one in mine if one.get("ref") == ref or (room and one["room"] == room)]

    def forget(self, line: Line) -> None:
        """It is of no incident any more."""
        self.book.remove(LINE, name_of(line))


def name_of(line: Line) -> str:
    """Where a line stands in the book."""
    return f"{line['conversation']}/{line['message']}"


def ref_of(card: Card) -> str:
    """The incident that a card is about, by its notice, which names the reference and nobody's words; "" where it is about none."""
    found = REFERENCE.search(card.notice)
    return found.group() if found else ""
