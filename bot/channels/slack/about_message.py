"""What a report begins with that is made from somebody's message: its address and its author, not its words and no picture."""

from __future__ import annotations

import asyncio

from bot.channels.slack import arrivals
from bot.channels.slack.limits import Json
from bot.channels.slack.staff import Staff
from bot.errors import DeliveryError

WITHIN = 1.0  # seconds of the modal's three; whoever is not known by then stays "somebody"


async def about_message(staff: Staff, team: str, body: Json) -> Json:
    """The values for the report's form, from what the message shortcut brings."""
    message = body.get("message") or {}
    domain, channel = str((body.get("team") or {}).get("domain") or "app"), str(body["channel"]["id"])
    address = arrivals.link_to(domain, channel, str(message.get("ts") or ""), str(message.get("thread_ts") or ""))
    author, roles = str(message.get("username") or "somebody"), []
    if message.get("user"):
        try:
            # Somebody of another organisation, or who has left, has a name; a role has only whom school.toml knows here.
            person = await asyncio.wait_for(staff.anybody(team, str(message["user"])), WITHIN)
        except (DeliveryError, TimeoutError):
            pass
        else:
            author, roles = person.name, sorted(person.roles)
    return {"what": f"A message in Slack by {author}: {address}", "platform": "Slack", "address": address, "subjects": roles}
