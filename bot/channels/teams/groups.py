"""Where others read along: mentions in teams and chats, and the group chats of incidents where the school grants them.

In a chat of an incident Teams lets the bot hear every word, for the app asks for that when it is put there. The same consent is
given by whoever adds the app to a chat of their own: there nothing is heard but what mentions the bot.
"""

from __future__ import annotations

from dataclasses import dataclass

from botbuilder.core import TurnContext
from botbuilder.schema import Activity

from bot.channels.teams.acquaintance import Acquaintance
from bot.channels.teams.graph import Chats
from bot.channels.teams.heard import Heard, mentions
from bot.channels.teams.post import Post, stored
from bot.channels.teams.references import NAME
from bot.channels.teams.reply import TeamsReply, Voice
from bot.channels.teams.rooms import ROOM
from bot.channels.teams.viewer import Viewer
from bot.channels.teams.wire import message
from bot.dispatch import Dispatcher, Outcome
from bot.events import Message, Place, PlaceKind, RoomChange
from bot.people import Person

BACK = "Usher was taken out of this chat and is back. What was written here in between is not on the record: please write it again."


@dataclass(frozen=True)
class Groups:
    """Handles what is said in groups, and who comes into an incident's chat and goes."""

    dispatch: Dispatcher
    post: Post
    viewer: Viewer
    acquaintance: Acquaintance
    chats: Chats | None = None

    async def place(self, activity: Activity) -> Place:
        """Where something happened: the chat of an incident, or a group of any other kind."""
        room = await stored(lambda: self.post.book.get(ROOM, activity.conversation.id))
        kind, ref = (PlaceKind.ROOM, str(room["ref"])) if room and not room["closed"] else (PlaceKind.GROUP, "")
        return Place(NAME, activity.conversation.id, kind, str(activity.reply_to_id or ""), ref)

    async def said(self, context: TurnContext, person: Person, said: Heard, *, last: bool) -> Outcome:
        """Somebody wrote where others read along."""
        activity: Activity = context.activity
        place = await self.place(activity)
        if not place.incident and not mentions(activity):
            return Outcome.DONE  # people talk to each other, and nobody asked
        reply = TeamsReply(context, Voice(context, self.post, person, personal=False), personal=False)
        words = Message(event_name(activity), person, said.text, place, self.post.book.now, said.files, str(activity.id or ""))
        return await self.dispatch.handle(words, reply, last=last)

    async def came_or_went(self, context: TurnContext, *, last: bool) -> Outcome:
        """Somebody was added to the chat of an incident by hand, or left it. What the bot itself did, it did because of the record."""
        activity: Activity = context.activity
        place = await self.place(activity)
        if not place.incident:
            return Outcome.DONE  # a team's own coming and going: of a large one there is much, and it concerns nobody's chat with the bot
        bot, worst = activity.recipient.id if activity.recipient else "", Outcome.DONE
        if activity.action == "remove" or bot in [one.id for one in activity.members_removed or []]:
            await self._come_back(activity)
            return Outcome.DONE
        for kind, accounts in (("joined", activity.members_added), ("left", activity.members_removed)):
            for account in [one for one in accounts or [] if one.id and one.id != bot]:
                person = await self.acquaintance.member(activity, account)
                known = await stored(lambda who=person.id: self.viewer.in_room(who, place.incident))  # type: ignore[misc]
                if known == (kind == "joined"):
                    continue
                reply = TeamsReply(context, Voice(context, self.post, person, personal=False), personal=False)
                name = f"{event_name(activity)}:{kind}:{account.id}"
                outcome = await self.dispatch.handle(RoomChange(name, person, kind, place, self.post.book.now), reply, last=last)
                worst = worst if outcome is Outcome.DONE else outcome
        return worst

    async def _come_back(self, activity: Activity) -> None:
        """Somebody took the bot out of an incident's chat, where people believe that it hears them."""
        if self.chats and await self.chats.install(activity.conversation.id):
            await self.post.wire.send(str(activity.service_url), activity.conversation.id, message(text=BACK))


def event_name(activity: Activity) -> str:
    """The event's id: the same for every repeat of the same activity."""
    return f"{NAME}:{activity.conversation.id}:{activity.id or activity.reply_to_id}"
