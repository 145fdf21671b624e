"""What Slack remembers: people, conversations with their members, messages, modals, homes."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class User:
    """One account."""

    id: str
    name: str
    email: str = ""
    admin: bool = False
    bot: bool = False
    deleted: bool = False
    stranger: bool = False
    team: str = "T1"

    def as_json(self) -> Json:
        return {
            "id": self.id, "team_id": self.team, "name": self.id.lower(), "real_name": self.name, "deleted": self.deleted,
            "is_bot": self.bot, "is_admin": self.admin, "is_owner": False, "is_stranger": self.stranger,
            "profile": {"real_name": self.name, "display_name": "", "email": self.email},
        }  # fmt: skip


@dataclass
class Conversation:
    """A channel (C), a private channel (G) or a direct conversation (D)."""

    id: str
    name: str
    members: set[str]
    private: bool = True
    archived: bool = False
    creator: str = ""
    topic: str = ""
    messages: list[Json] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)
    hidden: list[tuple[str, Json]] = field(default_factory=list)  # ephemeral: for whom, and what

    @property
    def direct(self) -> bool:
        return self.id.startswith("D")

    def find(self, ts: str) -> Json | None:
        return next((one for one in self.messages if one["ts"] == ts), None)


@dataclass
class Modal:
    """An open modal. `stack`: its id and those below it."""

    id: str
    user: str
    view: Json
    below: str = ""
    hash: int = 0


class World:
    """One workspace with one bot in it."""

    TEAM = "T1"
    BOT = "UBOT"
    BOT_ID = "BBOT"
    APP = "AUSHER"

    def __init__(self) -> None:
        self.users: dict[str, User] = {self.BOT: User(self.BOT, "Usher", bot=True)}
        self.conversations: dict[str, Conversation] = {}
        self.modals: dict[str, Modal] = {}
        self.homes: dict[str, Json] = {}
        self.triggers: dict[str, tuple[str, float]] = {}
        self.statuses: list[Json] = []
        self.prompts: list[Json] = []
        self.bot_token = "xoxb-stand-in"
        self.app_token = "xapp-stand-in"
        self.signing_secret = "a-secret-of-the-stand-in"
        self.trigger_lasts = 3.0
        self._numbers = itertools.count(1)
        self._ts = itertools.count(int(time.time() * 1_000_000))

    def add(self, user_id: str, name: str, email: str = "", **more: bool) -> User:
        self.users[user_id] = User(user_id, name, email, **more)
        return self.users[user_id]

    def number(self) -> int:
        return next(self._numbers)

    def ts(self) -> str:
        micros = next(self._ts)
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def channel(self, name: str, *members: str, private: bool = False) -> Conversation:
        made = Conversation(f"{'G' if private else 'C'}{self.number()}", name, {*members}, private=private)
        self.conversations[made.id] = made
        return made

    def direct(self, user: str) -> Conversation:
        """The direct conversation of a user and the bot."""
        for one in self.conversations.values():
            if one.direct and user in one.members:
                return one
        made = Conversation(f"D{self.number()}", "", {user, self.BOT})
        self.conversations[made.id] = made
        return made

    def trigger(self, user: str) -> str:
        made = f"{self.number()}.trigger"
        self.triggers[made] = (user, time.monotonic())
        return made

    def take_trigger(self, trigger: str) -> str:
        """The user of a trigger, which is good once, for three seconds."""
        user, since = self.triggers.pop(trigger, ("", 0.0))
        if not user:
            return "!exchanged_trigger_id" if trigger else "!invalid_trigger_id"
        return "!expired_trigger_id" if time.monotonic() - since > self.trigger_lasts else user

    def post(self, where: Conversation, user: str, text: str, **more: Any) -> Json:
        message = {"type": "message", "user": user, "text": text, "ts": self.ts(), **{name: value for name, value in more.items() if value}}
        where.messages.append(message)
        return message

    def rooms(self) -> list[Conversation]:
        """The private channels that the bot made."""
        return [one for one in self.conversations.values() if one.creator == self.BOT]
