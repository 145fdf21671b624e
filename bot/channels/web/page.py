"""Everything that the page is made of. app.py puts it together with `Page.build` and hands it to `server.make_app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.channels.web.channel import WebChannel
from bot.channels.web.conversations import Conversations
from bot.channels.web.hub import Hub
from bot.channels.web.links import MakeLink, link_maker
from bot.channels.web.sessions import Sessions
from bot.channels.web.tables import MIGRATIONS
from bot.clock import Clock
from bot.dispatch import Dispatcher
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.people import People, Person

EXAMPLES = (
    "Can I friend an ex-pupil?",
    "Can I post photos of my class?",
    "A parent is saying horrible things about me on Facebook",
    "What about my own children at this school?",
)


def no_problems() -> tuple[str, ...]:
    """Nothing is known to be wrong."""
    return ()


@dataclass(frozen=True)
class Page:
    """The parts. `problems` is asked by /readyz: one line for each thing that is wrong, none where all is well."""

    dispatch: Dispatcher
    register: Register
    store: Store
    vault: Vault
    people: People
    clock: Clock
    conversations: Conversations
    sessions: Sessions
    hub: Hub
    channel: WebChannel
    make_link: MakeLink
    school: str
    zone: ZoneInfo
    public_url: str
    demo: bool
    telephone: str = ""
    frame_ancestors: tuple[str, ...] = ()
    examples: tuple[str, ...] = EXAMPLES
    problems: Callable[[], tuple[str, ...]] = no_problems

    @classmethod
    def build(
        cls,
        *,
        dispatch: Dispatcher,
        register: Register,
        store: Store,
        vault: Vault,
        people: People,
        school: str,
        public_url: str,
        demo: bool,
        timezone: str = "Europe/London",
        telephone: str = "",
        frame_ancestors: tuple[str, ...] = (),
        problems: Callable[[], tuple[str, ...]] = no_problems,
    ) -> Page:
        """Put the page together: bring its tables up to date, and have every commit wake the pages that are open.

        `frame_ancestors`: sites that may show the page in a frame, such as "https://teams.microsoft.com"; none by default.
        """
        store.migrate(MIGRATIONS)
        directory = register.records.directory
        conversations = Conversations(store, vault, directory)
        sessions = Sessions(store, directory, public_url)
        hub = Hub()
        store.on_commit(hub.wake)
        return cls(
            dispatch=dispatch,
            register=register,
            store=store,
            vault=vault,
            people=people,
            clock=store.clock,
            conversations=conversations,
            sessions=sessions,
            hub=hub,
            channel=WebChannel(conversations, people, hub, demo=demo),
            make_link=link_maker(sessions, public_url, demo=demo),
            school=school,
            zone=ZoneInfo(timezone),
            public_url=public_url,
            demo=demo,
            telephone=telephone,
            frame_ancestors=frame_ancestors,
            problems=problems,
        )

    def seal(self, purpose: str, person: Person, text: str) -> str:
        """A mark by which the page knows its own work again: bound to the purpose and the person, the same after a restart."""
        return self.vault.index(self.store.school, f"web {purpose}", f"{person.id} {text}")

    def sealed(self, purpose: str, person: Person, text: str) -> tuple[str, ...]:
        """The marks that are good, by every key that may still be in use."""
        return tuple(self.vault.indexes(self.store.school, f"web {purpose}", f"{person.id} {text}"))
