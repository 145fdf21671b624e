"""All handlers, attached at once."""

from __future__ import annotations

from bot.dispatch import Dispatcher
from handlers.acknowledge import Incidents
from handlers.ask import Ask
from handlers.curate import Curating
from handlers.feedback import Judging
from handlers.handoff import Handoff
from handlers.help import Browsing
from handlers.home import Home
from handlers.news import News
from handlers.report import Reporting
from handlers.room import RoomTalk
from handlers.services import Services

EVERYTHING = (Ask, Reporting, Incidents, RoomTalk, Handoff, Judging, Curating, News, Home, Browsing)


def attach(dispatch: Dispatcher, services: Services) -> None:
    """Attach every handler to the dispatcher."""
    for handler in EVERYTHING:
        handler(services).attach(dispatch)
