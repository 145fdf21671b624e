"""Where the parts meet: knowledge, people, incidents, handlers and channels become one running bot.

Handlers and channels know nothing of each other; they meet here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.mail import MailChannel
from bot.channels.web.page import Page, no_problems
from bot.clock import Clock, SystemClock
from bot.dispatch import Dispatcher
from bot.feedback import Feedback
from bot.incidents.enquiries import Enquiries
from bot.incidents.register import Register
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.settings import Settings
from bot.start import open_register
from handlers.everything import attach
from handlers.known import Knowledge
from handlers.memory import Memory
from handlers.services import Services


@dataclass(frozen=True)
class Bot:
    """Everything of one school that is not a channel."""

    settings: Settings
    store: Store
    vault: Vault
    register: Register
    services: Services
    dispatch: Dispatcher


def open_bot(where: Settings, knowledge: Knowledge, clock: Clock | None = None) -> Bot:
    """Put the parts of one school together; no channel is opened yet."""
    return open_bot_before(where, lambda: knowledge, clock)


def open_bot_before(where: Settings, knowing: Callable[[], Knowledge], clock: Clock | None = None) -> Bot:
    """The same before the knowledge is there: `knowing` is asked at the first question, and may wait."""
    register = open_register(where, clock)
    store, vault = register.store, register.records.vault
    services = Services(
        knowing=knowing,
        register=register,
        enquiries=Enquiries(register.records),
        feedback=Feedback(store, vault),
        people=where.school.everyone(),
        memory=Memory(clock or SystemClock()),
        school=where.school.school.name,
        telephone=where.school.school.telephone,
    )
    dispatch = Dispatcher(store, telephone=services.telephone)
    attach(dispatch, services)
    return Bot(where, store, vault, register, services, dispatch)


def open_page(bot: Bot, problems: Callable[[], tuple[str, ...]] = no_problems, frames: tuple[str, ...] = ()) -> Page:
    """The page as a channel and as a site; `frames`: sites that may show it in a frame."""
    where = bot.settings
    return Page.build(
        dispatch=bot.dispatch,
        register=bot.register,
        store=bot.store,
        vault=bot.vault,
        people=bot.services.people,
        school=bot.services.school,
        public_url=where.public_url,
        demo=where.demo,
        timezone=where.school.school.timezone,
        telephone=bot.services.telephone,
        frame_ancestors=frames,
        problems=problems,
    )


def open_mail(where: Settings) -> MailChannel | None:
    """E-mail, where a server is set."""
    return MailChannel(where.smtp_url, where.mail_from, where.public_url) if where.smtp_url else None
