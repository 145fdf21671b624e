"""What the bot tells people outside incidents, by e-mail of its own: the IT contact, and the keeper of the audit trail's heads."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.cards import Card, Facts, Steps, Text, Tone
from bot.incidents.audit import Head
from bot.incidents.register import Register
from bot.incidents.times import full, local
from bot.people import Person
from bot.ports import Sent

HEAD_EVERY = timedelta(days=1)
HEAD_SENT = "audit head sent"


class Posts(Protocol):
    """What is needed of a channel here."""

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        """Send a card to one person."""
        ...


def tell_it_contact(mail: Posts, address: str) -> Callable[[tuple[str, ...], datetime], None]:
    """What the watchdog calls: an e-mail to the IT contact, from the watchdog's own thread."""
    contact = Person("it-contact", "IT contact", addresses={"mail": address})

    def tell(problems: tuple[str, ...], at: datetime) -> None:
        asyncio.run(_send(mail, contact, stopped_card(problems, at), f"stopped-{at.isoformat()}"))

    return tell


def tell_of_a_fault(mail: Posts, address: str) -> Callable[[Card], Awaitable[None]]:
    """What the inbox calls: an e-mail to the IT contact about something that could not be handled."""
    contact = Person("it-contact", "IT contact", addresses={"mail": address})

    async def tell(card: Card) -> None:
        await mail.send(contact, card, f"fault-{uuid.uuid4()}")

    return tell


async def send_head(register: Register, mail: Posts) -> Head | None:
    """Once a day, e-mail the head of the audit trail to the second person of school.toml. The head that was sent, or None.

    With these e-mails at hand, cutting the tail off the trail shows, even to somebody who has the keys.
    """
    keeper = register.records.directory.people.get(register.rules.audit_head_to)
    if keeper is None or not await asyncio.to_thread(_is_time, register):
        return None
    head = await asyncio.to_thread(register.records.trail.head)
    vault, now = register.records.vault, local(register.store.clock.now(), register.rules.quiet.zone)
    line = head.blind()  # its keeper may be whom an incident is about: the number of entries would tell them that there is one
    await mail.send(keeper, head_card(line, vault.sign(line.encode())[1], vault.public_key(), now), f"head-{line}")
    await asyncio.to_thread(register.store.beat, HEAD_SENT)
    return head


def _is_time(register: Register) -> bool:
    last = register.store.last_beat(HEAD_SENT)
    return last is None or register.store.clock.now() - last >= HEAD_EVERY


async def _send(mail: Posts, person: Person, card: Card, key: str) -> None:
    await mail.send(person, card, key)


def stopped_card(problems: tuple[str, ...], at: datetime) -> Card:
    """For the IT contact: the bot cannot deliver. It names no incident."""
    return Card("Usher cannot deliver messages", (Text(f"Since before {full(at)}."), Steps("What is wrong", problems)), tone=Tone.URGENT,
                badge="Check this", notice="Usher cannot deliver messages")  # fmt: skip


def head_card(line: str, signature: str, public_key: str, at: datetime) -> Card:
    """The head of the audit trail, for the person who keeps them."""
    lines = (Text("Please keep this message. With it, `app.py incidents verify --heads` shows whether the record was cut short."),
             Facts((("Head", line), ("Signature", signature), ("Public key", public_key), ("At", full(at)))))  # fmt: skip
    return Card("The head of the audit trail", lines, notice="The head of the audit trail")
