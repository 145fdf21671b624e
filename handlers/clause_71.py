"""Clause 71 inside a room: everybody there is warned at once, whether a file was put up or words tell of an image."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.cards import Card, Steps, Tone
from bot.cited import cited
from bot.errors import NotSaved
from bot.incidents.bounded import in_time
from bot.incidents.model import Incident, Kind
from bot.incidents.raising import raise_kind
from bot.people import Person, Role
from bot.ports import Reply
from handlers import wording
from handlers.in_brackets import without_what_is_gone
from handlers.services import Services
from handlers.whom_to_tell import named

LONGEST = 40_000
THAT_FILE = "Do not open, save, send or show that file"
THAT_IMAGE = "Do not save, send, alter or show that image"


def warning_card(services: Services, title: str, notice: str) -> Card:
    """What must and must not be done, for everybody in a room.

    It names nobody to tell: those who handle it read the room, and one name fewer would tell the others whom it is about.
    """
    guidance = services.knowledge.adviser.help_for(Kind.INDECENT_IMAGES)
    do = without_what_is_gone(step for step in guidance.do if not named(step, Role))
    steps = (Steps("Do not", without_what_is_gone(guidance.do_not), "do_not"), Steps("Do", (*do, wording.ROOM_IN_WORDS), "do"))
    return Card(title, steps, tone=Tone.URGENT, badge="Urgent", notice=notice)


async def record_words(
    services: Services, write: Callable[[], Incident | None], by: Person, text: str, event_id: str, channel: str, reply: Reply
) -> Incident | None:  # fmt: skip
    """Put a member's words on record; where they tell of an indecent image of a child, warn everybody in the room and raise the matter.

    The incident as it is then, or None where `write` gives none. The warning needs no store: it stands even where nothing is saved.

    Raises:
        NotSaved: the words, or the matter's being raised, are not on record.
    """
    try:
        incident = await in_time(write)
    except NotSaved:
        await _warn(services, text, reply)
        raise
    if incident is None or incident.kind is Kind.INDECENT_IMAGES or not await _warn(services, text, reply):
        return incident  # where it is a clause 71 matter already, the warning stands in the room
    kind, told = Kind.INDECENT_IMAGES, cited(wording.ROOM_PICTURE)
    return await in_time(raise_kind, services.register, incident.ref, by, kind, told, f"{event_id}:raised", channel)


async def _warn(services: Services, text: str, reply: Reply) -> bool:
    """Whether these words tell of such an image; if so everybody there has been warned."""
    if not text.strip():
        return False
    heard = (await asyncio.to_thread(services.knowledge.adviser.ask, text[:LONGEST])).disclosure
    if heard is None or heard.kind != Kind.INDECENT_IMAGES:
        return False
    card = warning_card(services, THAT_IMAGE, cited(wording.ROOM_PICTURE))
    await reply.point(card)  # everybody in the room must see it, not only who wrote
    await reply.say(card)
    return True
