"""What a reporter is told, without whom it goes to: for a conversation that the one whom it is about may be able to read.

Whom an incident goes to tells whom it is about. Pure. The sentences that are known are shortened; any other that names a role
or one of the school's people gives way to the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.cards import Block, Button, Card, Fold, Outside, Steps, Text
from bot.people import Role

ON_PAGE = "Usher's own page says who has it."
TELL = "Tell those whom Usher's own page names, in words only."
SHORTER = (
    (re.compile(r"([Oo]n its way|Delivered) to the [^.]+?(?=\.| at \d|, not)"), r"\1"),
    (re.compile(r"(Seen|Acknowledged) by .+? at (?=\d)"), r"\1 at "),
    (re.compile(r"please telephone\.(?: .+?: \+?\d[\d ()-]*\.)+"), "please telephone. Usher's own page says whom."),
)
ROLES = tuple(role.label for role in Role if role is not Role.LINE_MANAGER)


def neutral(card: Card, names: Iterable[str], page: Button) -> Card:
    """The card without roles and people, and with a way to the page that names them."""
    telling = re.compile("|".join(re.escape(one) for one in (*ROLES, *names) if one), re.IGNORECASE)
    blocks = tuple(kept for one in card.blocks if (kept := without(one, telling)) is not None)
    return replace(card, blocks=blocks, buttons=(*card.buttons, page))


def without(block: Block, telling: re.Pattern[str]) -> Block | None:
    """A block that names nobody; None where nothing of it is left. What the policy itself says stays as it is."""
    match block:
        case Text():
            text = block.text
            for known, shorter in SHORTER:
                text = known.sub(shorter, text)
            return replace(block, text=ON_PAGE if telling.search(text) else text)
        case Steps():
            return replace(block, items=tuple(dict.fromkeys(TELL if telling.search(one) else one for one in block.items)))
        case Outside():
            return None if telling.search(block.text) else block
        case Fold():
            inner = tuple(kept for one in block.blocks if (kept := without(one, telling)) is not None and not isinstance(kept, Fold))
            return replace(block, blocks=inner) if inner else None
        case _:
            return block
