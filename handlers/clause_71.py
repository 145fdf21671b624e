"""Clause 71 inside a room: everybody there is warned at once, whether a file was put up or words tell of an image."""

from __future__ import annotations

import asyncio

from bot.cards import Card, Steps, Tone
from bot.incidents.bounded import in_time
from bot.incidents.model import Incident, Kind
from bot.incidents.raising import raise_kind
from bot.people import Person, Role
from bot.ports import Reply
from handlers import wording
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
    do = tuple(step for step in guidance.do if not named(step, Role))
    steps = (Steps("Do not", guidance.do_not, "do_not"), Steps("Do", (*do, wording.ROOM_IN_WORDS), "do"))
    return Card(title, steps, tone=Tone.URGENT, badge="Urgent", notice=notice)


async def warn_of_image(
    services: Services, incident: Incident, by: Person, text: str, event_id: str, channel: str, reply: Reply
) -> Incident:  # fmt: skip
    """Where a member's words in a room tell of an indecent image of a child: raise the matter, and warn everybody there at once.

    The incident as it is then. Where it is a clause 71 matter already, the warning stands in the room.
    """
    if incident.kind is Kind.INDECENT_IMAGES or not text.strip():
        return incident
    heard = (await asyncio.to_thread(services.knowledge.adviser.ask, text[:LONGEST])).disclosure
    if heard is None or heard.kind != Kind.INDECENT_IMAGES:
        return incident
    kind, told = Kind.INDECENT_IMAGES, wording.ROOM_PICTURE
    card = warning_card(services, THAT_IMAGE, told)
    await reply.point(card)  # everybody in the room must see it, not only who wrote; first, for it needs no store
    await reply.say(card)
    return await in_time(raise_kind, services.register, incident.ref, by, kind, told, f"{event_id}:raised", channel)
