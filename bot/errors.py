"""Everything that can go wrong in the bot, as one tree.

UsherError                   the base: its text is one sentence that may be shown to the person it concerns
├── SettingsError            .env or school.toml cannot be used as they are (all mistakes, one a line)
├── NotFound                 no such incident, or not for this person: the two are never told apart
├── Refused                  the person may see it, but not do this, or not in this state
├── NotSaved                 the store did not take it: the person is told so, and whom to telephone
└── DeliveryError            a channel did not deliver
    ├── RetryLater           it may work later; `after` seconds where the server said so
    ├── RoomGone             the room is not there any more, or somebody closed it by hand
    ├── RecipientGone        this person cannot be reached here; try another way
    └── ChannelRefused       the channel refuses us altogether (token revoked, app removed)
"""

from __future__ import annotations


class UsherError(Exception):
    """The base of all errors that the bot raises on purpose."""


class SettingsError(UsherError):
    """Settings that cannot be used; `problems` holds one sentence for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class NotFound(UsherError):
    """No such incident, or not for this person."""

    def __init__(self) -> None:
        super().__init__("There is no such reference, or it is not for you to see.")


class Refused(UsherError):
    """An action that this person may not take, or that the present state does not allow."""


class NotSaved(UsherError):
    """The store could not take what was reported."""


class DeliveryError(UsherError):
    """A channel did not deliver."""


class RetryLater(DeliveryError):
    """A passing fault; `after` is the wait in seconds that the server asked for, if it did."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class RecipientGone(DeliveryError):
    """This person cannot be reached by this channel."""


class RoomGone(DeliveryError):
    """A room is not there any more, somebody closed it by hand, or it cannot be kept private."""


class ChannelRefused(DeliveryError):
    """The channel refuses the bot itself, whoever the recipient is."""
