"""What members say and do in an incident's private room: all of it is on the record."""

from __future__ import annotations

from functools import partial

from bot.cards import Card, Steps, Text, Tone
from bot.dispatch import Dispatcher
from bot.events import Message, RoomChange
from bot.incidents.bounded import in_time
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
            say = partial(register.say, channel=message.place.channel, message=message.message_id)
            incident = await in_time(say, ref, message.sender, message.text, message.event_id)
        else:
            incident = await in_time(register.read, ref, message.sender)
        if not message.files:
            return
        warned = incident.kind in {Kind.INDECENT_IMAGES, Kind.SAFEGUARDING}
        told = wording.ROOM_WARNING if warned else wording.FILE_KEEP
        await in_time(register.file_shown, ref, message.sender, told, f"{message.event_id}:files", message.place.channel)
        card = self._clause_71() if warned else Card(wording.FILE_IGNORED, (Text(wording.FILE_KEEP),), notice=wording.ANSWERED)
        if warned:
            await reply.point(card)  # everybody in the room must see it, not only who put the file there
        await reply.say(card)

    def _clause_71(self) -> Card:
        guidance = self._services.knowledge.adviser.help_for(Kind.INDECENT_IMAGES)
        steps = (Steps("Do not", guidance.do_not, "do_not"), Steps("Do", guidance.do, "do"))
        return Card("Do not open, save, send or show that file", steps, tone=Tone.URGENT, badge="Urgent", notice=wording.ROOM_WARNING)

    async def change(self, change: RoomChange, reply: Reply) -> None:  # noqa: ARG002 every handler is called alike
        """Record an edit, a deletion, a join or a leave."""
        register = self._services.register
        record = partial(register.change_room_entry, channel=change.place.channel, text=change.text, message=change.message_id)
        await in_time(record, change.place.incident, change.sender, change.kind, change.event_id)
