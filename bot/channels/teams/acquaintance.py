"""Getting to know people: who sent an activity, by what Teams itself tells of them."""

from __future__ import annotations

from datetime import date

from botbuilder.core import TurnContext
from botbuilder.schema import Activity, ChannelAccount

from bot.channels.teams.heard import personal, tenant
from bot.channels.teams.post import Post, stored
from bot.channels.teams.references import Reference
from bot.errors import DeliveryError
from bot.people import Person


class Acquaintance:
    """Knows who is who, and keeps where they are."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._described_on: dict[str, date] = {}

    async def who(self, context: TurnContext) -> tuple[Reference, Person]:
        """Who sent this. What Teams' own member list says of them is asked once a day, for addresses change hands."""
        activity: Activity = context.activity
        sender = activity.from_property
        account = str(sender.aad_object_id or sender.id)
        met = Reference(
            account, user=str(sender.id), name=str(sender.name or ""), tenant=tenant(activity),
            service_url=str(activity.service_url or ""), bot=str(activity.recipient.id if activity.recipient else ""),
            conversation=activity.conversation.id if personal(activity) and activity.action not in ("remove", "remove-upgrade") else "",
        )  # fmt: skip
        known = await stored(lambda: self._post.references.at(account))
        if known is None or not known.mail or self._described_on.get(account) != self._post.book.now.date():
            met = await self._described(activity, met)
            self._described_on[account] = self._post.book.now.date()
        reference = await stored(lambda: self._post.references.met(met))
        return reference, self._post.references.person(reference)

    async def member(self, activity: Activity, account: ChannelAccount) -> Person:
        """Who was added to a conversation, or left it: by what is known of them, else by what Teams tells of its members."""
        user, object_id = str(account.id), str(account.aad_object_id or "")
        known = next((one for one in await stored(self._post.references.all) if one.user == user), None)
        if known is None:
            service, bot = str(activity.service_url or ""), str(activity.recipient.id if activity.recipient else "")
            met = Reference(object_id or user, user, str(account.name or ""), service_url=service, tenant=tenant(activity), bot=bot)
            known = await self._described(activity, met)
        return self._post.references.person(known)

    async def _described(self, activity: Activity, met: Reference) -> Reference:
        try:
            told = await self._post.wire.member(met.service_url, activity.conversation.id, met.user)
        except DeliveryError:
            return met  # asked again the next time; an answer is worth more than an address
        mail = str(told.get("email") or told.get("userPrincipalName") or "")
        guest = (
            str(told.get("userRole") or "").casefold() in ("guest", "anonymous") or "#ext#" in str(told.get("userPrincipalName")).casefold()
        )
        account = met.account if met.account != met.user else str(told.get("aadObjectId") or met.account)
        return Reference(
            account, met.user, str(told.get("name") or met.name), mail, guest, met.conversation, met.service_url, met.tenant, met.bot
        )
