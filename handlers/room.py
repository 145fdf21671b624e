"""What members say and do in an incident's private room: all of it is on the record."""

from __future__ import annotations

from functools import partial

from bot.cards import Card, Text
from bot.dispatch import Dispatcher
from bot.events import Message, RoomChange
from bot.incidents.bounded import in_time
from bot.incidents.model import Kind
from bot.ports import Reply
from handlers import wording
from handlers.clause_71 import THAT_FILE, warn_of_image, warning_card
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
        """Record what a member said. A file is never taken; for clause 71, a file's or an image told of, everybody is warned at once."""
        register, ref = self._services.register, message.place.incident
        if message.text.strip():
            say = partial(register.say, channel=message.place.channel, message=message.message_id)
            incident = await in_time(say, ref, message.sender, message.text, message.event_id)
            wrote = (message.sender, message.text, message.event_id, message.place.channel)
            incident = await warn_of_image(self._services, incident, *wrote, reply)
        else:
            incident = await in_time(register.read, ref, message.sender)
        if not message.files:
            return
        warned = incident.kind in {Kind.INDECENT_IMAGES, Kind.SAFEGUARDING}
        told = wording.ROOM_WARNING if warned else wording.FILE_KEEP
        where = wording.FILE_HELD.format(name=message.sender.name, message=message.message_id, channel=message.place.channel.capitalize())
        held = f"{told} {where}" if message.message_id else told
        file_shown = partial(register.file_shown, message=message.message_id)
        await in_time(file_shown, ref, message.sender, held, f"{message.event_id}:files", message.place.channel)
        ignored = Card(wording.FILE_IGNORED, (Text(wording.FILE_KEEP),), notice=wording.ANSWERED)
        card = warning_card(self._services, THAT_FILE, told) if warned else ignored
        if warned:
            await reply.point(card)  # everybody in the room must see it, not only who put the file there
        await reply.say(card)

    async def change(self, change: RoomChange, reply: Reply) -> None:
        """Record an edit, a deletion, a join or a leave. An edit can tell of an image as a message can."""
        register = self._services.register
        record = partial(register.change_room_entry, channel=change.place.channel, text=change.text, message=change.message_id)
        incident = await in_time(record, change.place.incident, change.sender, change.kind, change.event_id)
        if incident is not None and change.kind == "edited":
            wrote = (change.sender, change.text, change.event_id, change.place.channel)
            await warn_of_image(self._services, incident, *wrote, reply)
