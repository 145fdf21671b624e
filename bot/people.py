"""The school's people, their roles, and how a channel's user becomes one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """The roles that an incident can be routed to (CONTRACT names)."""

    HEADTEACHER = "headteacher"
    DEPUTY_HEADTEACHER = "deputy_headteacher"
    DESIGNATED_SAFEGUARDING_LEAD = "designated_safeguarding_lead"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    CHAIR_OF_GOVERNORS = "chair_of_governors"
    BUSINESS_MANAGER = "business_manager"
    SLT = "slt"
    LINE_MANAGER = "line_manager"

    @property
    def label(self) -> str:
        """The role as staff read it."""
        return ROLE_TITLES[self]


ROLE_TITLES: Mapping[Role, str] = {
    Role.HEADTEACHER: "Headteacher",
    Role.DEPUTY_HEADTEACHER: "Deputy Headteacher",
    Role.DESIGNATED_SAFEGUARDING_LEAD: "Designated Safeguarding Lead",
    Role.DATA_PROTECTION_OFFICER: "Data Protection Officer",
    Role.CHAIR_OF_GOVERNORS: "Chair of Governors",
    Role.BUSINESS_MANAGER: "School Business Manager",
    Role.SLT: "Senior Leadership Team",
    Role.LINE_MANAGER: "line manager",
}


@dataclass(frozen=True)
class Person:
    """One person. `id` is stable ("head", or "slack:U123" for staff whom school.toml does not name).

    `addresses`: channel name to that channel's own user id or e-mail. `job` is what to call their work in a list of people.
    """

    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    addresses: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    job: str = ""
    line_manager: str = ""
    telephone: str = ""


class People:
    """Everyone whom school.toml names, by id, role and address."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._by_id = {person.id: person for person in people}

    def __iter__(self) -> Iterator[Person]:
        return iter(self._by_id.values())

    def get(self, person_id: str) -> Person | None:
        """The person with this id, or None."""
        return self._by_id.get(person_id)

    def with_role(self, role: Role) -> tuple[Person, ...]:
        """Everyone who holds this role, in the order of school.toml."""
        return tuple(person for person in self._by_id.values() if role in person.roles)

    def at(self, channel: str, address: str) -> Person | None:
        """The person with this address in this channel; upper and lower case are the same. None where nobody has it."""
        wanted = address.casefold()
        for person in self._by_id.values():
            if person.addresses.get(channel, "").casefold() == wanted:
                return person
        return None

    def acting(self, name: str, roles: Iterable[Role]) -> str:
        """Somebody and what they act as: "Mrs Blake, the Headteacher", or "Mr Patel for the Headteacher" where the role is another's."""
        known = tuple(roles)
        own = all(any(person.name == name for person in self.with_role(role)) for role in known)
        return f"{name}{', the' if own else ' for the'} {' and the '.join(role.label for role in known)}{',' if own else ''}"

    def line_manager_of(self, person: Person) -> Person | None:
        """The person's line manager, or None where school.toml names none."""
        return self._by_id.get(person.line_manager)

    def meant_by(self, role: Role, speaker: Person) -> tuple[Person, ...]:
        """Whom somebody means who names a role: its holders other than themselves, or for "my line manager" the speaker's own."""
        manager = self.line_manager_of(speaker) if role is Role.LINE_MANAGER else None
        holders = (manager,) if manager else self.with_role(role)
        return tuple(person for person in holders if person.id != speaker.id) or holders

    def names(self) -> dict[str, str]:
        """Every way of naming a role-holder ("mrs blake", "helen blake"), in lower case, to that role's name."""
        found: dict[str, str] = {}
        for person in self._by_id.values():
            for role in sorted(person.roles):
                words = person.name.casefold().split()
                found.setdefault(" ".join(words), role)
                if words[0].rstrip(".") in HONORIFICS:
                    found.setdefault(" ".join([words[0].rstrip("."), words[-1]]), role)
                    found.setdefault(" ".join(words[1:]), role)
        return found


HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "rev", "prof"})
