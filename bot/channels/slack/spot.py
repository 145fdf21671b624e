"""Where in Slack an event came from, and so where its answer goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.channels.slack.limits import Json
from bot.channels.slack.staff import NAME
from bot.channels.slack.workspaces import joined
from bot.events import Place, PlaceKind


class Surface(StrEnum):
    """How the person sees the answer."""

    DIRECT = "direct"  # in the conversation with the bot
    ALONE = "alone"  # only to them, in the conversation that they are in, by its response address
    GROUP = "group"  # a channel that others read: the answer goes to the direct conversation
    ROOM = "room"  # an incident's room: only to them, there
    VIEW = "view"  # a modal or the home: in a modal


@dataclass(frozen=True)
class Spot:
    """One place in Slack. `team` is empty where there is one workspace alone; `view` is the modal or home that was used."""

    team: str
    user: str
    surface: Surface = Surface.DIRECT
    channel: str = ""
    thread: str = ""
    message: str = ""
    response_url: str = ""
    trigger: str = ""
    incident: str = ""
    delivered: bool = False  # the pressed message was brought by the outbox
    alone: bool = False  # the pressed message is shown to this person alone
    view: Json | None = None

    @property
    def place(self) -> Place:
        """The place as the bot knows it."""
        kind = {Surface.GROUP: PlaceKind.GROUP, Surface.ROOM: PlaceKind.ROOM}.get(self.surface, PlaceKind.PRIVATE)
        conversation = self.channel or f"app-{self.user}"
        return Place(NAME, joined(self.team, conversation), kind, self.thread, self.incident)

    @property
    def origin(self) -> str:
        """The place in one line, for a form to carry."""
        if self.surface not in (Surface.DIRECT, Surface.ROOM):
            return ""
        return "|".join((self.surface, self.channel, self.thread or (self.message if self.delivered else ""), self.incident))


def spot_of(origin: str, team: str, user: str, trigger: str = "", view: Json | None = None) -> Spot:
    """Back from the line that a form carried. Without one, the direct conversation."""
    parts = origin.split("|")
    if len(parts) == 4 and parts[0] in (Surface.DIRECT, Surface.ROOM):  # noqa: PLR2004 the four parts of `origin`
        return Spot(team, user, Surface(parts[0]), parts[1], parts[2], trigger=trigger, incident=parts[3], view=view)
    return Spot(team, user, trigger=trigger, view=view)
