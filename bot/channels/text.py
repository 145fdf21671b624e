"""A card as plain text: for the terminal's one-line answers, for e-mail, and wherever nothing can be drawn."""

from __future__ import annotations

from collections.abc import Iterable

from bot.cards import Block, Button, Card, Facts, Fold, Outside, Quote, Steps, Text

MARKS = {"do": "- ", "do_not": "- Do not: ", "plain": "- "}
ALREADY_SAID = ("do not", "never", "don't")


def card_text(card: Card, *, buttons: bool = False) -> str:
    """The whole card in the order in which it is read, its paragraphs parted by empty lines.

    Clauses stand word for word. `buttons`: end with a line on what the person can choose, where they can choose somewhere.
    """
    parts = [headline(card), *(block_text(block) for block in card.blocks)]
    if buttons and card.buttons:
        parts.append(button_line(card.buttons))
    return "\n\n".join(part for part in parts if part)


def headline(card: Card) -> str:
    """The verdict in words, then the title: "It depends: You are advised not to."."""
    return f"{card.badge}: {card.title}" if card.badge and card.badge != card.title else card.title


def block_text(block: Block) -> str:
    """One block of a card."""
    match block:
        case Text():
            return block.text
        case Quote():
            return quote_text(block)
        case Steps():
            return steps_text(block)
        case Facts():
            return "\n".join(f"{label}: {value}" for label, value in block.items)
        case Outside():
            checked = f", last checked {block.checked}" if block.checked else ""
            return f"Not from the policy: {block.text}\n({block.source}{checked})"
        case Fold():
            return "\n\n".join([f"{block.title}:", *(block_text(inner) for inner in block.blocks)])


def quote_text(quote: Quote) -> str:
    """A clause under a line that names it, and its source below; its own words untouched."""
    label = f"{quote.label}: clause" if quote.label else "Clause"
    section = f", {quote.section}" if quote.section else ""
    source = f"\n({quote.source})" if quote.source else ""
    return f"{label} {quote.number}{section}\n“{quote.text}”{source}"


def steps_text(steps: Steps) -> str:
    """A list under its heading; a "do not" is said with each item, for a list read aloud loses its heading."""
    return "\n".join([*([f"{steps.title}:"] if steps.title else []), *step_lines(steps)])


def step_lines(steps: Steps) -> Iterable[str]:
    """The items of a list, each with its mark."""
    for number, item in enumerate(steps.items, start=1):
        if steps.kind == "ordered":
            yield f"{number}. {item}"
        elif steps.kind == "do_not" and item.casefold().startswith(ALREADY_SAID):
            yield f"- {item}"
        else:
            yield MARKS.get(steps.kind, "- ") + item


def button_line(buttons: Iterable[Button]) -> str:
    """What the person can choose, in one line."""
    return "You can choose: " + "; ".join(button.label for button in buttons) + "."
