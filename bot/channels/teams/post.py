"""Cards to people's private conversations: written at most once for each key, as far as anybody can know.

Teams cannot be asked what has arrived, so a table says what was sent. A try is noted before it is made. Where a try has no
end, for the process died or Teams fell silent, the message goes out once more and says that it may be a repeat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.cards import Card, Text
from bot.channels.teams.blocks import Element
from bot.channels.teams.book import Book
from bot.channels.teams.drawing import draw, without_dialogs
from bot.channels.teams.lines import Line, Lines
from bot.channels.teams.references import NAME, Reference, References
from bot.channels.teams.wire import Wire, addressed, message
from bot.errors import ChannelRefused, DeliveryError, NotSaved, RecipientGone, RetryLater
from bot.incidents.notices import REPEAT, withdrawn_card
from bot.people import Person
from bot.ports import Sent

T = TypeVar("T")
SENT, TRIED = "sent", "tried"


@dataclass(frozen=True)
class Post:
    """Sends and updates. Every method may raise RetryLater, RecipientGone or ChannelRefused."""

    book: Book
    references: References
    wire: Wire
    dialogs: bool = True  # whether this client can open them

    def for_client(self, card: Element) -> Element:
        """The card as this client can use it."""
        shown: Element = card if self.dialogs else without_dialogs(card)
        return shown

    @property
    def lines(self) -> Lines:
        """Which message is about which incident."""
        return Lines(self.book)

    async def send(self, person: Person, card: Card, key: str, refresh: Element | None = None, *, stays: bool = False) -> Sent:
        """Send a card to one person, unless it was sent with this key before. `stays`: a notice, which the outbox alone takes back."""
        if found := await self.find(key):
            return found
        again = await stored(lambda: self.book.get(TRIED, key)) is not None
        reference = await self.conversation(person)
        shown = replace(card, blocks=(Text(REPEAT), *card.blocks)) if again else card
        pages = draw(shown, refresh=refresh)
        await stored(lambda: self.book.put(TRIED, key, {"at": self.book.now.isoformat()}))
        sent: list[Sent] = []
        for page in pages:
            message_id = await self._write(reference, page, shown.notice or shown.title, key, fresh=not sent and not again)
            sent.append(Sent(NAME, reference.conversation, message_id))
        value = {"conversation": reference.conversation, "message": sent[0].message, "service_url": reference.service_url}
        # It has arrived. Should the store not take that, nor the outbox, the repeat will say that it may be one.
        with suppress(RetryLater):
            kept = await stored(lambda: self.book.first(SENT, key, value))
            if kept["message"] != sent[0].message:  # this process stood still inside the call, and another has sent it meanwhile
                await self._take_back(reference, sent)
                return Sent(NAME, kept["conversation"], kept["message"])
            for one in sent:
                await stored(lambda page=one: self.lines.shown(card, person.id, page, stays=stays))  # type: ignore[misc]
        return sent[0]

    async def _take_back(self, reference: Reference, pages: list[Sent]) -> None:
        for one in pages:
            with suppress(DeliveryError):  # then it came twice
                await self.wire.delete(reference.service_url, one.conversation, one.message)

    async def find(self, key: str) -> Sent | None:
        """What was sent with this key, or None."""
        found = await stored(lambda: self.book.get(SENT, key))
        return Sent(NAME, found["conversation"], found["message"]) if found else None

    async def update(self, sent: Sent, card: Card, refresh: Element | None = None) -> None:
        """Put another card in the place of one that was sent; the first page of it, where it has several."""
        reference = await stored(lambda: self.at(sent.conversation))
        if reference is None:
            raise RecipientGone("That conversation is not there any more.")
        shown = message((self.for_client(draw(card, refresh=refresh)[0]),), notice=card.notice or card.title)
        await self.wire.update(reference.service_url, sent.conversation, sent.message, addressed(shown, reference))

    async def withdraw(self, line: Line) -> None:
        """Take back what stands in a message, and forget it. What the person wrote themselves stays theirs."""
        if not line["own"]:
            with suppress(RecipientGone):
                await self.update(Sent(NAME, line["conversation"], line["message"]), withdrawn_card())
        await stored(lambda: self.lines.forget(line))

    async def withdraw_all(self, person_id: str, ref: str, room: str = "") -> None:
        """Take back everything that somebody has of an incident, but for notices."""
        for line in await stored(lambda: self.lines.to_withdraw(person_id, ref, room)):
            await self.withdraw(line)

    async def conversation(self, person: Person) -> Reference:
        """The person's private conversation, made where Teams lets the bot write first."""
        reference = await stored(lambda: self.references.of(person))
        if reference and reference.conversation:
            return reference
        anyone = await stored(self.references.anyone)
        account = reference.account if reference else object_id(person)
        if anyone is None or not account:
            raise RecipientGone("This person has not met the bot in Teams yet.")
        user = (reference.user if reference else "") or account
        try:
            made = await self.wire.converse(anyone.service_url, anyone.tenant, anyone.bot, user)
        except RecipientGone:
            await stored(lambda: self.references.refuse(person, account))
            raise
        met = Reference(
            account, user=user, name=person.name, conversation=made, service_url=anyone.service_url, tenant=anyone.tenant, bot=anyone.bot
        )
        return await stored(lambda: self.references.met(met))

    def at(self, conversation: str) -> Reference | None:
        """Whose private conversation this is."""
        return next((one for one in self.references.all() if one.conversation == conversation), None)

    async def _write(self, reference: Reference, page: Element, notice: str, key: str, *, fresh: bool) -> str:
        activity = addressed(message((self.for_client(page),), notice=notice), reference)
        try:
            return await self.wire.send(reference.service_url, reference.conversation, activity)
        except RecipientGone:
            await stored(lambda: self.references.gone(reference.account))
            await stored(lambda: self.book.remove(TRIED, key))
            raise
        except (RetryLater, ChannelRefused) as error:
            certain = isinstance(error, ChannelRefused) or error.after is not None
            if certain and fresh:
                await stored(lambda: self.book.remove(TRIED, key))
            raise


def object_id(person: Person) -> str:
    """The account that school.toml gives, where it is an object id and not an e-mail."""
    address = person.addresses.get(NAME, "")
    return "" if "@" in address else address


async def stored(work: Callable[[], T]) -> T:
    """Ask the store, off the loop; a store that does not answer is a reason to try again."""
    try:
        return await asyncio.to_thread(work)
    except NotSaved as error:
        raise RetryLater("The store did not answer.") from error
