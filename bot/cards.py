"""What the bot can say: a card, made of blocks and buttons, and a form. Each channel draws these in its own way.

All texts are plain text. A channel escapes them; no markup language is understood in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """How a card is coloured; never the only sign of its meaning, for `Card.badge` says it in words."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"
    REPORT = "report"
    INFO = "info"
    NOT_COVERED = "not_covered"
    URGENT = "urgent"
    PLAIN = "plain"


@dataclass(frozen=True)
class Text:
    """A paragraph. `strong` for the one sentence that must be read."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Quote:
    """A clause, word for word. `number` "28" or "22d"; `source` tells the document and its standing."""

    number: str
    section: str
    text: str
    source: str = ""
    label: str = ""


@dataclass(frozen=True)
class Steps:
    """A list under a heading: `kind` is "do", "do_not", "ordered" (numbered) or "plain"."""

    title: str
    items: tuple[str, ...]
    kind: str = "plain"


@dataclass(frozen=True)
class Facts:
    """Short label and value pairs, such as the state of an incident."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Outside:
    """Something that is not from the policy; channels label it so and show `source` and when it was last checked."""

    text: str
    source: str
    checked: str = ""


@dataclass(frozen=True)
class Fold:
    """Blocks that a channel may fold away under `title`, where it can."""

    title: str
    blocks: tuple[Text | Quote | Steps | Facts | Outside, ...]


Block = Text | Quote | Steps | Facts | Outside | Fold


@dataclass(frozen=True)
class Button:
    """Something to press. `action` names the handler, `value` is an opaque text of at most 1,500 characters.

    `style` is "plain", "primary" or "danger". `confirm`, where set, is asked before the press counts.
    """

    label: str
    action: str
    value: str = ""
    style: str = "plain"
    confirm: str = ""


@dataclass(frozen=True)
class Card:
    """One message of the bot. `notice` is what a lock screen may show: never a story, never a name."""

    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    tone: Tone = Tone.PLAIN
    badge: str = ""
    notice: str = ""


@dataclass(frozen=True)
class Option:
    """One choice of a field."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One field of a form. `kind`: "text", "long_text", "choice", "choices" or "moment" (a date and time, ISO 8601)."""

    name: str
    label: str
    kind: str = "text"
    options: tuple[Option, ...] = ()
    required: bool = False
    hint: str = ""
    initial: str | tuple[str, ...] = ""
    max_length: int = 3000


@dataclass(frozen=True)
class Form:
    """Fields to fill in. `context` travels with it, opaque, at most 2,500 characters; `blocks` stand above the fields."""

    name: str
    title: str
    fields: tuple[Field, ...]
    submit: str = "Send"
    context: str = ""
    blocks: tuple[Block, ...] = field(default=())
