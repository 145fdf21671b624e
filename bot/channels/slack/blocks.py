"""A card as Block Kit. Pure: what goes in is a card, what comes out is within every documented limit."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.cards import Block, Button, Card, Facts, Fold, Outside, Quote, Steps, Text
from bot.channels.signs import SIGNS
from bot.channels.slack import rich
from bot.channels.slack.buttons import MENU_FROM, actions, plain, verbatim
from bot.channels.slack.limits import (
    BUTTON_LABEL,
    CONTEXT_TEXT,
    HEADER,
    MESSAGE_BLOCKS,
    MESSAGE_WEIGHT,
    NOTICE,
    SECTION,
    Json,
    pieces,
    shorten,
    units,
)

NEW_LINE = "\n"
FACTS_WEIGHT = 2000
STEP_SIGNS = {"do": "white_check_mark", "do_not": "no_entry_sign"}
SHORTENED = "There is more than a message can hold."


def card_blocks(card: Card, *, home: bool = False) -> list[Json]:
    """Everything on the card, in the order in which it is read; as many blocks as it needs. `home`: as a part of a longer page.

    Slack cannot fold anything away. What could be folded stands last, so that nobody has to look for the buttons below it.
    """
    drawn = [
        *(title_first(card) if home else heading(card)),
        *draw_all(one for one in card.blocks if not isinstance(one, Fold)),
        *choices_in_full(card.buttons),
        *actions(card.buttons),
        *draw_all(one for one in card.blocks if isinstance(one, Fold)),
    ]
    return drawn or [rich.rich(rich.section(rich.run(shorten(card.notice, NOTICE))))]


def heading(card: Card) -> Iterator[Json]:
    """The verdict with its sign and its word, then the sentence."""
    if card.badge:
        yield {"type": "header", "text": plain(f"{SIGNS[card.tone]} {card.badge}", HEADER)}
    if card.title != card.badge:
        yield from rich.paragraph(card.title, bold=True)


def title_first(card: Card) -> Iterator[Json]:
    """On a page of several parts each part begins with its name; how it stands comes below."""
    if units(card.title) > HEADER or not card.title.strip():
        yield from heading(card)
        return
    yield {"type": "header", "text": plain(card.title, HEADER)}
    if card.badge and card.badge != card.title:
        yield from rich.paragraph(f"{SIGNS[card.tone]} {card.badge}", bold=True)


def choices_in_full(buttons: tuple[Button, ...]) -> Iterator[Json]:
    """What the buttons offer, in full, where a button cannot hold it. A menu is read when it is opened."""
    number = Counter(one.action for one in buttons)
    cut_short = [one.label for one in buttons if units(one.label) > BUTTON_LABEL and number[one.action] < MENU_FROM]
    if cut_short:
        yield from rich.listing((), tuple(cut_short))


def draw_all(blocks: Iterable[Block]) -> Iterator[Json]:
    """Blocks in their order; what is not from the policy stands together under one heading."""
    for is_outside, group in groupby(blocks, key=lambda one: isinstance(one, Outside)):
        if is_outside:
            yield from outside(tuple(one for one in group if isinstance(one, Outside)))
        else:
            for block in group:
                yield from draw(block)


def outside(facts_found: tuple[Outside, ...]) -> Iterator[Json]:
    """What is not from the policy, labelled so, each with where it is from and when that was last checked."""
    title = [rich.emoji("information_source"), rich.run(" Not from the policy", bold=True)]
    for fact in facts_found:
        checked = f", last checked {fact.checked}" if fact.checked else ""
        source = shorten(f"{fact.source}{checked}", HEADER)
        parts = list(pieces(fact.text, SECTION)) or ["–"]
        for part in parts:
            runs = [rich.run(part), *([rich.run(f"{NEW_LINE}{source}", italic=True)] if part is parts[-1] else [])]
            yield rich.rich(*([rich.section(*title)] if title else []), rich.listed([rich.section(*runs)], 0, ordered=False))
            title = []


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
            yield from outside((block,))
        case Fold():
            yield {"type": "divider"}
            yield from rich.paragraph(block.title, bold=True)
            yield from draw_all(block.blocks)


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
    line: list[Json] = []
    weight = 0
    for label, value in block.items:
        for part in pieces_of(value):
            if line and weight + units(part) > FACTS_WEIGHT:
                yield rich.rich(rich.section(*line))
                line, weight = [], 0
            line += [rich.run(f"{NEW_LINE if line else ''}{shorten(label, HEADER)}: ", bold=True), rich.run(part)]
            weight += units(part) + units(label)
    if line:
        yield rich.rich(rich.section(*line))


def pieces_of(value: str) -> Iterable[str]:
    """A value in parts that fit."""
    return list(pieces(value, CONTEXT_TEXT)) or ["–"]


def small(text: str) -> Json:
    """A line in small grey print."""
    return {"type": "context", "elements": [verbatim(text, CONTEXT_TEXT)]}


def notification(card: Card) -> str:
    """What a lock screen and a screen reader's list of messages say: the notice, which tells no story."""
    return fallback(card.notice or card.title)


def fallback(text: str) -> str:
    """The text beside blocks. Slack reads markup in it, so that a name in it could call a whole channel: no character counts as such."""
    return html.escape(shorten(text, NOTICE), quote=False)


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
