"""An incident's private channel: opened once for each key, its card pinned, its members kept as the record wants them."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import suppress

from bot.cards import Card
from bot.channels.slack import rich
from bot.channels.slack.blocks import fallback, fill, notification, one_message
from bot.channels.slack.calls import Calls
from bot.channels.slack.discretion import ELSEWHERE, WRITTEN, Discretion, link_card, without_words
from bot.channels.slack.faults import LOST, SlackRefused, code_of, there_still
from bot.channels.slack.limits import MESSAGE_BLOCKS, MESSAGE_WEIGHT, Json
from bot.channels.slack.marks import metadata, with_key
from bot.channels.slack.staff import NAME, Staff
from bot.channels.slack.workspaces import joined, parted
from bot.errors import ChannelRefused, RecipientGone, RoomGone
from bot.people import Person
from bot.ports import Room

log = logging.getLogger(__name__)
TOPIC = "Private. What members write here is part of the record. No pictures or files, please."
NAMES = 20  # a name stays taken when its channel is archived
KICKS = 500
KEPT_IN = frozenset({"restricted_action", "no_permission"})  # a workspace can let its administrators alone take people out


class SlackRooms:
    """Does to private channels what the record asks for."""

    def __init__(self, calls: Calls, staff: Staff, discretion: Discretion) -> None:
        self._calls = calls
        self._staff = staff
        self._discretion = discretion
        self._pinned: dict[str, str] = {}
        self._taken_out: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._linked: set[str] = set()
        self.opening: set[str] = set()  # rooms that the record does not know of yet

    async def open(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """Open the room, or go on with the one that was begun with this key."""
        team = (await self._staff.user_of(members[0]))[0] if members else ""
        channel, begun = await self._channel(team, name, key)
        self.opening.add(joined(team, channel))
        if begun:
            await self._pin(team, channel, begun)
        else:
            await self._calls(team, "conversations.setTopic", channel=channel, topic=TOPIC)
            await self._pin_card(team, channel, card, key, ref_of(name))
        for person in members:
            try:
                await self.invite(Room(NAME, joined(team, channel)), person)
            except RecipientGone:
                log.warning("Somebody could not be brought into a room, for Slack does not know them")
        return Room(NAME, joined(team, channel))

    async def update(self, room: Room, card: Card) -> None:
        """Put the card in the place of the pinned one; pin it anew where that one is gone."""
        with there_still():
            await self.still_private(*parted(room.conversation))
            await self._update(room, card)

    async def _update(self, room: Room, card: Card) -> None:
        ref = card.title.removeprefix("Incident ")
        shown = await self._discretion.shown(card, ref)
        await self._put(room, card, shown, ref)
        if (now := await self._discretion.shown(card, ref)) != shown:  # somebody was named while it was on its way
            await self._put(room, card, now, ref)

    async def _put(self, room: Room, card: Card, shown: Card, ref: str) -> None:
        team, channel = parted(room.conversation)
        if ts := await self._pinned_card(team, channel):
            try:
                text = notification(shown)
                await self._calls(team, "chat.update", channel=channel, ts=ts, text=text, blocks=one_message(shown))
            except RecipientGone as error:
                if code_of(error) in LOST:
                    raise
                self._pinned.pop(room.conversation, None)
            else:
                return
        await self._pin_card(team, channel, card, "", ref)

    async def keep_out(self, conversation: str, ref: str) -> None:
        """Put a link in the place of a card whose words must stay out since somebody was named; looked for once by each process."""
        if conversation in self._linked or not await self._discretion.came_out(ref):
            return
        team, channel = parted(conversation)
        card, link = await self._pinned_message(team, channel), link_card(ref)
        if card and ELSEWHERE not in json.dumps(card.get("blocks")):
            await self._calls(team, "chat.update", channel=channel, ts=card["ts"], text=notification(link), blocks=one_message(link))
        self._linked.add(conversation)

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """Carry a line into the room, once for each key. Whatever words it carries stay out where the incident's do."""
        with there_still():
            await self.still_private(*parted(room.conversation))
            await self._post(room, author, text, key)

    async def _post(self, room: Room, author: str, text: str, key: str) -> None:
        team, channel = parted(room.conversation)
        if await with_key(self._calls, team, channel, key, pages=1):
            return
        ref = key.rpartition("-")[0]
        if await self._discretion.keeps_out(ref):
            author, text = "", WRITTEN if author else without_words(text)
        blocks = ([rich.rich(rich.section(rich.run(f"{author} wrote elsewhere", italic=True)))] if author else []) + list(
            rich.paragraph(text or "–", italic=not author)
        )
        notice = fallback(f"{author} wrote in this room" if author else "Something happened in this room")
        for part in fill(blocks, MESSAGE_BLOCKS, MESSAGE_WEIGHT):
            await self._calls(team, "chat.postMessage", channel=channel, text=notice, blocks=part, metadata=metadata(key), **QUIET)

    async def invite(self, room: Room, person: Person) -> None:
        """Bring somebody in. Whatever Slack has against one person is no reason to leave the others out: RecipientGone."""
        team, channel = parted(room.conversation)
        user = await self._staff.account(team, person)
        try:
            with there_still():
                await self._unless(("already_in_channel", "cant_invite_self"), team, "conversations.invite", channel=channel, users=user)
        except SlackRefused as error:
            raise RecipientGone(str(error)) from None

    async def remove(self, room: Room, person: Person) -> None:
        """Take somebody out. Where the workspace's settings forbid that, the room is closed, and RoomGone: they stay behind in it."""
        team, channel = parted(room.conversation)
        user = await self._staff.account(team, person)
        self._taken_out[channel, user] = None
        if len(self._taken_out) > KICKS:
            self._taken_out.popitem(last=False)
        fine = ("not_in_channel", "cant_kick_self")
        try:
            with there_still():
                await self._unless(fine, team, "conversations.kick", channel=channel, user=user)
        except ChannelRefused as error:
            if code_of(error) not in KEPT_IN:
                raise
            with suppress(ChannelRefused):
                await self.close(room)
            raise RoomGone("Somebody who may not be in the room cannot be taken out of it.") from None

    def was_taken_out(self, channel: str, user: str) -> bool:
        """Whether somebody who has just left was taken out by the bot itself; asked once for each."""
        return self._taken_out.pop((channel, user), "no") is None

    async def close(self, room: Room) -> None:
        """Archive it."""
        team, channel = parted(room.conversation)
        await self._unless(("already_archived", *LOST), team, "conversations.archive", channel=channel)

    async def still_private(self, team: str, channel: str) -> None:
        """RoomGone where a room was archived, or opened to everybody.

        Of a channel that is open to everybody Slack tells the bot nothing, for want of a scope that it shall not have. It would
        still take what the bot writes there.
        """
        try:
            found = (await self._calls(team, "conversations.info", channel=channel)).get("channel") or {}
        except ChannelRefused as error:
            if code_of(error) != "missing_scope" or channel in {one["id"] async for one in self.open_channels(team)}:
                raise
            found = {"is_private": False}
        if found.get("is_archived") or found.get("is_private") is False:
            raise RoomGone("The room was archived, or opened to everybody.")

    async def _channel(self, team: str, name: str, key: str) -> tuple[str, str]:
        """The channel for this key, and the ts of its card where that is already in it. A name that another room has gets a number."""
        for number in range(1, NAMES):
            wanted = name if number == 1 else f"{name}-{number}"
            try:
                created = await self._calls(team, "conversations.create", name=wanted, is_private=True)
                return str(created["channel"]["id"]), ""
            except SlackRefused as error:
                if error.code != "name_taken":
                    raise
            channel = await self._ours(team, wanted)
            if channel is None:
                continue
            if card := await with_key(self._calls, team, channel, key):
                return channel, str(card["ts"])
            if not await self._pinned_card(team, channel):
                return channel, ""  # begun, and then the process died
        raise SlackRefused("conversations.create", "name_taken")

    async def _ours(self, team: str, name: str) -> str | None:
        """The open private channel with this name that the bot is in, or None."""
        async for channel in self.open_channels(team):
            if channel.get("name") == name:
                return str(channel["id"])
        return None

    async def open_channels(self, team: str) -> AsyncIterator[Json]:
        """Every private channel that the bot is in and that is not archived."""
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            found = await self._calls(team, "users.conversations", types="private_channel", exclude_archived=True, limit=200, **more)
            for channel in found.get("channels", []):
                yield dict(channel)
            cursor = str((found.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def _pin_card(self, team: str, channel: str, card: Card, key: str, ref: str) -> None:
        shown = await self._discretion.shown(card, ref)
        first = {"metadata": metadata(key)} if key else {}
        blocks = one_message(shown)
        posted = await self._calls(team, "chat.postMessage", channel=channel, text=notification(shown), blocks=blocks, **first, **QUIET)
        await self._pin(team, channel, str(posted["ts"]))

    async def _pin(self, team: str, channel: str, ts: str) -> None:
        await self._unless(("already_pinned",), team, "pins.add", channel=channel, timestamp=ts)
        self._pinned[joined(team, channel)] = ts

    async def _pinned_card(self, team: str, channel: str) -> str:
        """The ts of the card, or nothing: of the bot's own messages that are pinned, the first. Members may have pinned others since."""
        if known := self._pinned.get(joined(team, channel)):
            return known
        if ts := str((await self._pinned_message(team, channel)).get("ts") or ""):
            self._pinned[joined(team, channel)] = ts
        return ts

    async def _pinned_message(self, team: str, channel: str) -> Json:
        items = (await self._calls(team, "pins.list", channel=channel)).get("items", [])
        me = (await self._calls(team, "auth.test")).get("user_id")
        messages = [item.get("message") or {} for item in items]
        ours = [one for one in messages if one.get("user") == me and one.get("ts")]
        return dict(min(ours, key=lambda one: str(one["ts"]), default={}))

    async def _unless(self, fine: tuple[str, ...], team: str, method: str, **arguments: str) -> None:
        """Call a method; these answers mean that it is done already."""
        try:
            await self._calls(team, method, **arguments)
        except (SlackRefused, RecipientGone) as error:
            if code_of(error) not in fine:
                raise


QUIET = {"unfurl_links": False, "unfurl_media": False}


def ref_of(name: str) -> str:
    """The incident's reference from the name of its room."""
    return name.partition("-")[2].upper()
