"""E-mail: the way that is left when a chat product fails. It carries alerts and answers; it has no rooms and takes nothing in.

The subject line is the card's notice: reference, kind and urgency, never a story or a name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from bot.cards import Card
from bot.channels.text import card_text
from bot.errors import ChannelRefused, RecipientGone, RetryLater, SettingsError
from bot.people import Person
from bot.ports import Room, Sent

SECONDS = 15.0
PERMANENT = 500
NO_ROOMS = "E-mail has no rooms."


@dataclass(frozen=True)
class Server:
    """Where mail is handed in. `security`: "tls" from the first byte, "starttls" required, or "none"."""

    host: str
    port: int
    user: str
    password: str
    security: str


def parse_smtp_url(url: str) -> Server:
    """`smtps://user:password@host:465`, `smtp://host:587?starttls=yes` or `smtp://host:25`. SettingsError where it is neither."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingsError(["SMTP_URL must look like smtps://user:password@mail.school.uk:465 or smtp://mail.school.uk:587?starttls=yes."])
    starttls = parse_qs(parts.query).get("starttls", ["yes" if parts.port == 587 else "no"])[-1]  # noqa: PLR2004 - the submission port
    security = "tls" if parts.scheme == "smtps" else "starttls" if starttls in ("yes", "1", "true") else "none"
    port = parts.port or {"tls": 465, "starttls": 587, "none": 25}[security]
    return Server(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), security)


class MailChannel:
    """The port `Channel` over SMTP. Nobody can ask a mailbox whether a message is in it, so `can_find` is False."""

    name = "mail"
    can_find = False
    can_update = False
    has_rooms = False

    def __init__(self, smtp_url: str, sender: str, public_url: str = "") -> None:
        """`sender`: the From address. `public_url`: where the page is, for the line that says where to acknowledge."""
        self._server = parse_smtp_url(smtp_url)
        self._sender = sender
        self._public_url = public_url

    def reaches(self, person: Person) -> bool:
        """Whether school.toml, or the person's channel, told an e-mail address."""
        return "@" in person.addresses.get(self.name, "")

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        """Hand the card in. The key makes the Message-ID, so that mailboxes which drop repeats drop this one's."""
        message = self.compose(person.addresses[self.name], card, key)
        await self.hand_in(message)
        return Sent(self.name, "", str(message["Message-ID"]))

    def compose(self, address: str, card: Card, key: str) -> EmailMessage:
        """The message: plain text, with the notice as its subject."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, address, card.notice or "A message from Usher"
        message["Date"] = formatdate(localtime=False)
        domain = self._sender.rpartition("@")[2].strip("> ") or "usher.invalid"
        message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        where = f"Open Usher to answer: {self._public_url}" if self._public_url else "Open Usher in your chat to answer."
        message.set_content(card_text(card) + ("\n\n" + where if card.buttons else "") + "\n")
        return message

    async def hand_in(self, message: EmailMessage) -> None:
        """Give a message to the server, or say in the port's own errors why not."""
        server = self._server
        try:
            await aiosmtplib.send(
                message, hostname=server.host, port=server.port, username=server.user or None, password=server.password or None,
                use_tls=server.security == "tls", start_tls=server.security == "starttls", timeout=SECONDS,
            )  # fmt: skip
        except SMTPAuthenticationError as error:
            raise ChannelRefused("the mail server refuses the user name or password") from error
        except SMTPSenderRefused as error:
            raise _permanent_or_later(error, ChannelRefused("the mail server refuses the sender")) from error
        except SMTPRecipientsRefused as error:
            raise _permanent_or_later(error.recipients[0], RecipientGone("the mail server refuses the recipient")) from error
        except (SMTPException, OSError, TimeoutError) as error:
            raise RetryLater("the mail server cannot be reached") from error

    async def find(self, person: Person, key: str) -> Sent | None:
        """Nobody can know."""
        del person, key
        return None

    async def update(self, sent: Sent, card: Card) -> None:
        """What is in a mailbox stays as it is."""
        del sent, card

    async def open_room(self, name: str, members: tuple[Person, ...], card: Card, key: str) -> Room:
        """Never asked for: `has_rooms` is False."""
        del name, members, card, key
        raise ChannelRefused(NO_ROOMS)

    async def update_room(self, room: Room, card: Card) -> None:
        """Never asked for."""
        del room, card
        raise ChannelRefused(NO_ROOMS)

    async def post(self, room: Room, author: str, text: str, key: str) -> None:
        """Never asked for."""
        del room, author, text, key
        raise ChannelRefused(NO_ROOMS)

    async def invite(self, room: Room, person: Person) -> None:
        """Never asked for."""
        del room, person
        raise ChannelRefused(NO_ROOMS)

    async def remove(self, room: Room, person: Person) -> None:
        """Never asked for."""
        del room, person
        raise ChannelRefused(NO_ROOMS)

    async def close_room(self, room: Room) -> None:
        """Never asked for."""
        del room
        raise ChannelRefused(NO_ROOMS)


def _permanent_or_later(error: SMTPResponseException | SMTPRecipientRefused, permanent: Exception) -> Exception:
    return permanent if error.code >= PERMANENT else RetryLater("the mail server asks to wait")
