"""What members say and do in an incident's private room: all of it is on the record."""

from __future__ import annotations

from functools import partial

from bot.cards import Card, Text
from bot.cited import cited
from bot.dispatch import Dispatcher
from bot.errors import NotSaved
from bot.events import Message, RoomChange
from bot.incidents.bounded import in_time
from bot.incidents.model import Kind
from bot.ports import Reply
from handlers import wording
from handlers.clause_71 import THAT_FILE, record_words, warning_card
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
            wrote = (message.sender, message.text, message.event_id, message.place.channel)
            say = partial(register.say, ref, *wrote, message=message.message_id)
            await record_words(self._services, say, *wrote, reply)
        if message.files:
            await self._files(message, ref, reply)

    async def _files(self, message: Message, ref: str, reply: Reply) -> None:
        """Warn first, for that needs no store; then put the file on record. Where the kind is not known, warn as for clause 71."""
        register = self._services.register
        try:
            kind = (await in_time(register.read, ref, message.sender)).kind
        except NotSaved:
            await self._show(cited(wording.ROOM_WARNING), reply)
            raise
        warned = kind in {Kind.INDECENT_IMAGES, Kind.SAFEGUARDING}
        told = cited(wording.ROOM_WARNING if warned else wording.FILE_KEEP)
        where = wording.FILE_HELD.format(name=message.sender.name, message=message.message_id, channel=message.place.channel.capitalize())
        held = f"{told} {where}" if message.message_id else told
        if warned:
            await self._show(told, reply)
        file_shown = partial(register.file_shown, message=message.message_id)
        await in_time(file_shown, ref, message.sender, held, f"{message.event_id}:files", message.place.channel)
        if not warned:
            await reply.say(Card(wording.FILE_IGNORED, (Text(told),), notice=wording.ANSWERED))

    async def _show(self, told: str, reply: Reply) -> None:
        card = warning_card(self._services, THAT_FILE, told)
        await reply.point(card)  # everybody in the room must see it, not only who put the file there
        await reply.say(card)

    async def change(self, change: RoomChange, reply: Reply) -> None:
        """Record an edit, a deletion, a join or a leave. An edit can tell of an image as a message can."""
        register = self._services.register
        what = (change.place.incident, change.sender, change.kind, change.event_id)
        record = partial(register.change_room_entry, *what, channel=change.place.channel, text=change.text, message=change.message_id)
        text = change.text if change.kind == "edited" else ""
        await record_words(self._services, record, change.sender, text, change.event_id, change.place.channel, reply)
