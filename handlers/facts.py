"""Small talk, and facts of the document itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.cards import Block, Button, Card, Steps, Text, Tone
from bot.cited import cited
from handlers import wording
from handlers.known import Knowledge
from knowledge.clauses import Policy

BROWSE = Button("Browse the policy", "policy.browse")


def fact_card(knowledge: Knowledge, fact: str) -> Card:
    """Draw one fact or one piece of small talk.

    Raises:
        KeyError: there is no such fact; guidance is checked for that.
    """
    return FACTS[fact](knowledge)


def document(title: Callable[[Policy], str]) -> Callable[[Knowledge], Card]:
    """A fact that the document states about itself."""

    def draw(knowledge: Knowledge) -> Card:
        policy = knowledge.policy
        blocks: tuple[Block, ...] = (Text(f"{policy.title}: {policy.standing(knowledge.clock.now().date())}."),)
        return Card(title(policy), blocks, (BROWSE,), Tone.INFO, "What the document says", wording.ANSWERED)

    return draw


def talk(text: str, *, lines: tuple[str, ...] = (), buttons: tuple[Button, ...] = ()) -> Callable[[Knowledge], Card]:
    """A fixed piece of small talk."""

    def draw(_: Knowledge) -> Card:
        blocks = (Steps("", tuple(map(cited, lines))),) if lines else ()
        return Card(text, blocks, buttons, Tone.PLAIN, "", wording.ANSWERED)

    return draw


def day(policy: Policy, name: str) -> str:
    """A date of the document in words, or that it states none."""
    found = getattr(policy, name)
    return f"{found.day} {found:%B %Y}" if found else "a date that the document does not state"


HELP_BUTTONS = (wording.REPORT, BROWSE)
FACTS: Mapping[str, Callable[[Knowledge], Card]] = {
    "ratified": document(lambda policy: f"The policy was ratified on {day(policy, 'ratified')}."),
    "reviewed": document(lambda policy: f"The policy was last reviewed on {day(policy, 'reviewed')}."),
    "review_due": document(
        lambda policy: f"The policy's next review was due in {policy.review_due or 'a year that the document does not state'}."
    ),
    "school": document(lambda policy: f"This is the {policy.title}, adopted by {policy.school}."),
    "origin": document(
        lambda policy: f"It is based on the {policy.origin}." if policy.origin else "The document does not say who wrote it."
    ),
    "length": document(lambda policy: f"The policy has {len(list(policy.clauses))} clauses in {len(policy.sections)} sections."),
    "greeting": talk(wording.GREETING, lines=wording.HELP_LINES, buttons=HELP_BUTTONS),
    "help": talk("What I can do for you", lines=wording.HELP_LINES, buttons=HELP_BUTTONS),
    "thanks": talk(wording.THANKS),
    "goodbye": talk(wording.GOODBYE),
    "recording": talk("What I keep about you", lines=wording.RECORDED),
    "bot": talk(wording.BOT, buttons=HELP_BUTTONS),
    "files": talk(wording.FILE_IGNORED, lines=(wording.FILE_CLAUSE_71,), buttons=HELP_BUTTONS),
}
