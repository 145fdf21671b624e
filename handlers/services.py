"""What every handler is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.feedback import Feedback
from bot.incidents.enquiries import Enquiries
from bot.incidents.register import Register
from bot.people import People
from handlers.known import Knowledge
from handlers.links import Links
from handlers.memory import Memory


@dataclass(frozen=True)
class Services:
    """The parts of the bot, put together by app.py. `telephone` is the school's number.

    `knowing` gives what can be said without knowing any person; at a start it waits until that is loaded.
    """

    knowing: Callable[[], Knowledge]
    register: Register
    enquiries: Enquiries
    feedback: Feedback
    people: People
    memory: Memory
    school: str
    telephone: str
    links: Links = field(default_factory=Links)

    @property
    def knowledge(self) -> Knowledge:
        """What can be said without knowing any person."""
        return self.knowing()
