"""A stateful stand-in of Teams and its Bot Connector; see README.md."""

from tests.channels.teams.stand_in.client import Dialog, User
from tests.channels.teams.stand_in.service import Fault, Posted, Teams

__all__ = ["Dialog", "Fault", "Posted", "Teams", "User"]
