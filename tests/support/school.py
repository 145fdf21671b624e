"""A whole school for a test: store, vault, people, a register, and a clock that turns."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from bot.incidents.model import Kind, Report
from bot.incidents.policy_of_school import SchoolRules
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.people import People
from tests.support.clock import TurnableClock
from tests.support.people import school as demo_people

KEY = bytes(range(32))


@dataclass
class School:
    """What a test works with. `event()` gives a fresh event id."""

    url: str
    clock: TurnableClock = field(default_factory=TurnableClock)
    people: People = field(default_factory=demo_people)
    rules: SchoolRules = field(default_factory=SchoolRules)
    name: str = "school"

    def __post_init__(self) -> None:
        self.vault = Vault([KEY])
        self.store = Store.ready(self.url, self.name, self.clock)
        self.register = Register(self.store, self.vault, self.people, self.rules)
        self._events = itertools.count()

    def event(self) -> str:
        return f"event-{next(self._events)}"

    def close(self) -> None:
        self.store.close()


def report(kind: Kind = Kind.MISUSE, what: str = "A parent posts about us on a public page.", **values: object) -> Report:
    return Report(kind, what, **values)  # type: ignore[arg-type]
