"""A card as Block Kit. Pure: what goes in is a card, what comes out is within every documented limit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from bot.cards import Block, Card, Facts, Fold, Outside, Quote, Steps, Text
from bot.channels.signs import SIGNS
from bot.channels.slack import rich
from bot.channels.slack.buttons import actions, plain, verbatim
from bot.channels.slack.limits import CONTEXT_TEXT, HEADER, MESSAGE_BLOCKS, MESSAGE_WEIGHT, NOTICE, Json, pieces, shorten

STEP_SIGNS = {"do": "white_check_mark", "do_not": "no_entry_sign"}
SHORTENED = "There is more than a message can hold."


def card_blocks(card: Card) -> list[Json]:
    """Everything on the card, in the order in which it is read; as many blocks as it needs."""
    drawn = [*heading(card), *(one for block in card.blocks for one in draw(block)), *actions(card.buttons)]
    return drawn or [rich.rich(rich.section(rich.run(shorten(card.notice, NOTICE))))]


def heading(card: Card) -> Iterator[Json]:
    """The verdict with its sign and its word, then the sentence."""
    if card.badge:
        yield {"type": "header", "text": plain(f"{SIGNS[card.tone]} {card.badge}", HEADER)}
    if card.title != card.badge:
        yield from rich.paragraph(card.title, bold=True)


def draw(block: Block) -> Iterator[Json]:
    """One block of a card."""
    match block:
        case Text():
            yield from rich.paragraph(block.text, bold=block.strong)
        case Quote():
            yield from quote(block)
        case Steps():
            yield from steps(block)
        case Facts():
            yield from facts(block)
        case Outside():
            yield from rich.listing((rich.emoji("information_source"), rich.run(" Not from the policy", italic=True)), (block.text,))
            checked = f", last checked {block.checked}" if block.checked else ""
            yield small(f"{block.source}{checked}")
        case Fold():
            yield {"type": "divider"}
            yield from rich.paragraph(block.title, bold=True)
            for inner in block.blocks:
                yield from draw(inner)


def quote(block: Quote) -> Iterator[Json]:
    """A clause word for word, its number and section above it, where it comes from below."""
    label = f"{block.label}: clause {block.number}" if block.label else f"Clause {block.number}"
    head = [rich.run(shorten(label, HEADER), bold=True)]
    if block.section:
        head.append(rich.run(f" · {shorten(block.section, HEADER)}"))
    yield from rich.quote(head, block.text)
    if block.source:
        yield small(block.source)


def steps(block: Steps) -> Iterator[Json]:
    """A list under its heading, with the sign of what to do or not to do."""
    sign = STEP_SIGNS.get(block.kind)
    title = [rich.run(shorten(block.title, HEADER), bold=True)] if block.title else []
    if title and sign:
        title = [rich.emoji(sign), rich.run(" "), *title]
    yield from rich.listing(title, block.items, ordered=block.kind == "ordered")


def facts(block: Facts) -> Iterator[Json]:
    """Labels and values, a line each."""
    lines: list[Json] = []
    weight = 0
    for label, value in block.items:
        for part in pieces_of(value):
            if lines and weight + len(part) > HEADER * 15:
                yield rich.rich(*lines)
                lines, weight = [], 0
            lines.append(rich.section(rich.run(f"{shorten(label, HEADER)}: ", bold=True), rich.run(part)))
            weight += len(part) + len(label)
    if lines:
        yield rich.rich(*lines)


def pieces_of(value: str) -> Iterable[str]:
    """A value in parts that fit."""
    return list(pieces(value, CONTEXT_TEXT)) or ["–"]


def small(text: str) -> Json:
    """A line in small grey print."""
    return {"type": "context", "elements": [verbatim(text, CONTEXT_TEXT)]}


def notification(card: Card) -> str:
    """What a lock screen and a screen reader's list of messages say: the notice, which tells no story."""
    return shorten(card.notice or card.title, NOTICE)


def messages(card: Card) -> list[list[Json]]:
    """The card as one message, or as several where one cannot hold it; nothing is left out."""
    return fill(card_blocks(card), MESSAGE_BLOCKS, MESSAGE_WEIGHT)


def one_message(card: Card) -> list[Json]:
    """The card as exactly one message. Where it is too long its middle gives way: the head, and the buttons, stay."""
    return shortened(card_blocks(card), MESSAGE_BLOCKS, MESSAGE_WEIGHT)


def fill(blocks: list[Json], most: int, weight: int) -> list[list[Json]]:
    """Blocks parted into lists that fit."""
    parts: list[list[Json]] = [[]]
    total = 0
    for block in blocks:
        size = weigh(block)
        if parts[-1] and (len(parts[-1]) >= most or total + size > weight):
            parts.append([])
            total = 0
        parts[-1].append(block)
        total += size
    return parts


def shortened(blocks: list[Json], most: int, weight: int) -> list[Json]:
    """Blocks that fit into one list; the last ones that are not buttons give way to a line that says so."""
    if len(blocks) <= most and sum(map(weigh, blocks)) <= weight:
        return blocks
    tail = [block for block in blocks if block["type"] == "actions"][: most // 2]
    while sum(map(weigh, tail)) > weight // 2:
        tail.pop()
    marker = small(SHORTENED)
    room, left = most - len(tail) - 1, weight - sum(map(weigh, tail)) - weigh(marker)
    head = fill([block for block in blocks if block["type"] != "actions"] or [marker], room, left)[0]
    return [*head, marker, *tail]


def weigh(block: Json) -> int:
    """How much a block counts towards what a message or a view can hold: its bytes, which is never less than its characters."""
    return len(json.dumps(block, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
