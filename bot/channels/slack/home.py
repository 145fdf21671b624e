"""The App Home: a box to ask in, then the person's cards."""

from __future__ import annotations

import copy

from bot.cards import Card
from bot.channels.slack.blocks import SHORTENED, card_blocks, fill, small
from bot.channels.slack.buttons import plain
from bot.channels.slack.forms import unique
from bot.channels.slack.limits import INPUT_LABEL, PLACEHOLDER, VIEW_BLOCKS, VIEW_WEIGHT, Json

ASK_BLOCK = "ask"
ASK_ACTION = "slack.ask#home"
ASK_BOX: Json = {
    "type": "input",
    "block_id": ASK_BLOCK,
    "dispatch_action": True,
    "label": plain("Ask about the policy", INPUT_LABEL),
    "element": {
        "type": "plain_text_input",
        "action_id": ASK_ACTION,
        "placeholder": plain("For example: can I friend an ex-pupil? Press Enter to ask.", PLACEHOLDER),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        "max_length": 3000,
    },
}


def home_view(cards: tuple[Card, ...]) -> Json:
    """The home with each card under a line of its own. What a home cannot hold is left out, and said to be."""
    blocks: list[Json] = [copy.deepcopy(ASK_BOX)]
    for card in cards:
        blocks += [{"type": "divider"}, *card_blocks(card, home=True)]
    parts = fill(blocks, VIEW_BLOCKS - 1, VIEW_WEIGHT)
    shown = parts[0] if len(parts) == 1 else [*parts[0], small(SHORTENED)]
    return {"type": "home", "blocks": unique(shown)}
