"""Where each person is in Teams: stored when they first meet the bot, so that an alert reaches them after a restart.

A person is known by the object id of their account; their e-mail comes from the conversation's member list, not from what they claim.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import asdict, dataclass, fields, replace

from bot.channels.teams.book import Book
from bot.people import HONORIFICS, People, Person, Role

KIND = "reference"
NAME = "teams"
WORD = re.compile(r"[\w'’-]+")
LOOK_AGAIN = 30.0  # seconds: another process may have met somebody


@dataclass(frozen=True)
class Reference:
    """One person's account and their private conversation with the bot. `conversation` is empty where there is none (any more)."""

    account: str  # the object id in Microsoft Entra
    user: str = ""  # Teams' own id of the user, "29:…"
    name: str = ""
    mail: str = ""
    guest: bool = False
    conversation: str = ""
    service_url: str = ""
    tenant: str = ""
    bot: str = ""
    refused: str = ""  # when Teams last refused a message to them: the app is not installed for them, or they blocked it


class References:
    """Everybody who has met the bot. Kept in memory beside the store, for it is asked at every step."""

    def __init__(self, book: Book, people: People) -> None:
        self._book = book
        self._people = people
        self._lock = threading.Lock()
        self._known: dict[str, Reference] = {}
        self._looked = float("-inf")
        self._look()

    def all(self) -> tuple[Reference, ...]:
        """Everybody who is known."""
        self._look()
        return tuple(self._known.values())

    def at(self, account: str) -> Reference | None:
        """What is known of an account, or None."""
        found = self._known.get(account.casefold())
        if found is None:
            self._look()
        return found or self._known.get(account.casefold())

    def met(self, reference: Reference) -> Reference:
        """Keep what is known of an account; what is empty in `reference` stays as it was. Returns all that is known now."""
        before = self.at(reference.account)
        given = {one.name: getattr(reference, one.name) for one in fields(reference) if getattr(reference, one.name)}
        now = replace(before, **given) if before else reference
        if reference.conversation and now.refused:
            now = replace(now, refused="")
        if now != before:
            self._keep(now)
        return now

    def gone(self, account: str) -> None:
        """The private conversation with this person is not there any more."""
        found = self.at(account)
        if found and found.conversation:
            self._keep(replace(found, conversation="", refused=f"{self._book.now:%d %B %Y}".lstrip("0")))

    def refuse(self, person: Person, account: str) -> None:
        """Teams does not let the bot write first to this person: the app is not installed for them."""
        found = self.at(account) or Reference(account, name=person.name)
        self._keep(replace(found, refused=f"{self._book.now:%d %B %Y}".lstrip("0")))

    def of(self, person: Person) -> Reference | None:
        """The account of this person: by the address in school.toml, else by the e-mail that Teams itself tells."""
        wanted = {address.casefold() for name in (NAME, "mail") if (address := person.addresses.get(name, ""))}
        for address in wanted:
            if found := self.at(address):
                return found
        return next((one for one in self._known.values() if one.mail and one.mail.casefold() in wanted), None)

    def person(self, reference: Reference) -> Person:
        """Who this is: a person of school.toml, else a member of staff known by their account alone."""
        named = self._people.at(NAME, reference.account)
        if named is None and reference.mail:
            named = self._people.at(NAME, reference.mail) or self._people.at("mail", reference.mail)
        if named:
            return named
        addresses = {NAME: reference.account, **({"mail": reference.mail} if reference.mail else {})}
        return Person(f"{NAME}:{reference.account}", reference.name or "A member of staff", addresses=addresses)

    def roles_of(self, account: str, name: str) -> tuple[Role, ...]:
        """The roles of whoever wrote something, as Teams names them: by their account, and by their name, for both may be theirs.

        A role too many is a tick that can be taken away; one too few is an alert to the person whom it is about.
        """
        met = self.at(account) if account else None
        found = {self.person(met)} if met else set()
        found |= {person for person in self._people if account and person.addresses.get(NAME, "").casefold() == account.casefold()}
        found |= {person for person in self._people if same_name(person.name, name)}
        return tuple(sorted({role for person in found for role in person.roles}))

    def anyone(self) -> Reference | None:
        """Some reference that tells where the school's Teams is: for writing first to somebody who has not met the bot."""
        return next((one for one in reversed(self.all()) if one.service_url and one.tenant), None)

    def _keep(self, reference: Reference) -> None:
        self._book.put(KIND, reference.account.casefold(), asdict(reference))
        self._known[reference.account.casefold()] = reference

    def _look(self) -> None:
        with self._lock:
            if time.monotonic() - self._looked < LOOK_AGAIN:
                return
            self._looked = time.monotonic()
            known = {one.name for one in fields(Reference)}
            for value in self._book.all(KIND):
                found = Reference(**{name: part for name, part in value.items() if name in known})
                self._known[found.account.casefold()] = found


def same_name(known: str, shown: str) -> bool:
    """Whether a name as Teams shows it ("Blake, Helen (Head)") is this person's ("Mrs Helen Blake")."""
    ours, theirs = name_words(known), name_words(shown)
    return bool(ours) and (ours == theirs or (len(ours) > 1 and ours <= theirs))


def name_words(name: str) -> frozenset[str]:
    """The words of a name, without how the person is addressed."""
    return frozenset(WORD.findall(name.casefold())) - HONORIFICS
