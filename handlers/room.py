"""What members say and do in an incident's private room: all of it is on the record."""

from __future__ import annotations

import asyncio

from bot.cards import Card, Steps, Text, Tone
from bot.dispatch import Dispatcher
from bot.events import Message, RoomChange
from bot.incidents.model import Kind
from bot.ports import Reply
from handlers import wording
from handlers.services import Services


class RoomTalk:
    """Writes the room's words into the timeline; nothing that is attached is ever fetched."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def attach(self, dispatch: Dispatcher) -> None:
        """Take what is said in rooms, and what changes there."""
        dispatch.on_room_message(self.message)
        dispatch.on_room_change(self.change)

    async def message(self, message: Message, reply: Reply) -> None:
        """Record what a member said. A file is never taken; for clause 71 everybody in the room is warned at once."""
        register, ref = self._services.register, message.place.incident
        if message.text.strip():
            incident = await asyncio.to_thread(
                register.say, ref, message.sender, message.text, message.event_id, message.place.channel, message.message_id
            )
        else:
            incident = await asyncio.to_thread(register.read, ref, message.sender)
        if not message.files:
            return
        await asyncio.to_thread(register.file_mentioned, ref, message.sender, message.files, f"{message.event_id}:files")
        if incident.kind is Kind.INDECENT_IMAGES:
            guidance = self._services.adviser.help_for(Kind.INDECENT_IMAGES)
            warning = Card(
                "Do not open, save, send or show that file",
                (Steps("Do not", guidance.do_not, "do_not"), Steps("Do", guidance.do, "do")),
                tone=Tone.URGENT,
                badge="Urgent",
                notice=wording.ROOM_WARNING,
            )
            await asyncio.to_thread(register.warn_room, ref, wording.ROOM_WARNING, f"{message.event_id}:warning")
            await reply.say(warning)
        else:
            await reply.say(Card(wording.FILE_IGNORED, (Text(wording.FILE_KEEP),), notice=wording.ANSWERED))

    async def change(self, change: RoomChange, reply: Reply) -> None:
        """Record an edit, a deletion, a join or a leave."""
        register = self._services.register
        await asyncio.to_thread(
            register.room_changed, change.place.incident, change.sender, change.kind, change.text, change.message_id, change.event_id
        )
