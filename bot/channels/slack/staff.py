"""Slack's users as the school's people, and the school's people as Slack's users.

Whom school.toml names is found by the id or the e-mail there. Every other member of the workspace is staff, too.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from bot.channels.slack.calls import Calls
from bot.channels.slack.profile import Profile, as_profile
from bot.channels.slack.workspaces import joined, parted
from bot.errors import ChannelRefused, DeliveryError, RecipientGone, RetryLater
from bot.people import People, Person

NAME = "slack"
FRESH = 600.0  # seconds for which a profile is believed without asking again
USERS = 5000
AT_ONCE = 0.7  # seconds; somebody waits for an answer
LOOK_WITHIN = 3.0  # seconds for which an alert waits to hear whether its account still works


class Staff:
    """Looks people up, and remembers them for some minutes."""

    def __init__(self, calls: Calls, people: People) -> None:
        self._calls = calls
        self.people = people
        self._profiles: dict[tuple[str, str], tuple[Profile, float]] = {}
        self._users: dict[str, dict[str, str]] = {}  # a person's id to their account in each workspace
        self._absent: dict[str, float] = {}
        self._all_met = False
        self._ours: dict[str, frozenset[str]] = {}
        self._direct: dict[tuple[str, str], str] = {}
        self._me: dict[str, str] = {}

    async def person(self, team: str, user: str) -> Person | None:
        """The person with this account; None for bots, for those who left, and for people of other organisations.

        Raises:
            DeliveryError: Slack does not say who it is. To guess could show one person what is another's.
        """
        profile = await self.profile(team, user)
        if not profile.here:
            return None
        return self._as_person(team, user, profile)

    async def anybody(self, team: str, user: str) -> Person:
        """As `person`, but also for bots and guests: somebody who came into a room has to be somebody."""
        profile = await self.profile(team, user)
        if profile.here:
            return self._as_person(team, user, profile)
        address = joined(team, user)
        return Person(f"{NAME}:{address}", profile.name, addresses={NAME: address})

    def _as_person(self, team: str, user: str, profile: Profile) -> Person:
        address = joined(team, user)
        known = self.people.at(NAME, address) or self.people.at(NAME, user)
        mail = profile.email
        known = known or (self.people.at(NAME, mail) or self.people.at("mail", mail) if mail else None)
        if known is not None:
            self._users.setdefault(known.id, {})[team] = user
            return known
        addresses = {NAME: address, **({"mail": mail} if mail else {})}
        return Person(f"{NAME}:{address}", profile.name, addresses=addresses)

    async def profile(self, team: str, user: str) -> Profile:
        """A user's profile, from memory where it is fresh; an old one where Slack cannot be asked just now."""
        known = self._profiles.get((team, user))
        if known and time.monotonic() - known[1] < FRESH:
            return known[0]
        try:
            known_here = await self._organisation(team)
            found = as_profile((await self._calls.patiently(team, "users.info", user=user))["user"], known_here)
        except RetryLater:
            if known is None:
                raise
            return known[0]
        if len(self._profiles) > USERS:
            self._profiles.clear()
        self._profiles[team, user] = (found, time.monotonic())
        return found

    def reaches(self, person: Person) -> bool:
        """Whether this person has an account here, as far as is known. Until everybody has been looked up: whether they may have one."""
        if self._users.get(person.id):
            return True
        if not self._all_met and person.addresses.get("mail"):
            return True
        return bool(person.addresses.get(NAME)) and time.monotonic() - self._absent.get(person.id, -FRESH) >= FRESH

    async def user_of(self, person: Person) -> tuple[str, str]:
        """A workspace in which the person has an account, the oldest first, and their user id there.

        Raises:
            RecipientGone: there is no account with what school.toml says.
            ChannelRefused: there is no workspace any more.
        """
        teams = await self._calls.workspaces.teams()
        if not teams:
            raise ChannelRefused("The bot is not installed in any workspace.")
        known = self._users.get(person.id, {})
        if found := next(((team, known[team]) for team in teams if team in known), None):
            return found
        address = person.addresses.get(NAME, "")
        if address and "@" not in address:
            return parted(address)
        for team in teams:
            try:
                return team, await self.account(team, person)
            except RecipientGone:
                continue
        self._absent[person.id] = time.monotonic()
        raise RecipientGone("Nobody in Slack has this e-mail address.")

    async def working_account(self, person: Person) -> tuple[str, str]:
        """As `user_of`, but of somebody who has left it looks for another account: Slack takes what is written to one that is switched off.

        Where Slack cannot say just now, the account that is known is believed: an alert waits for no look.
        """
        for _ in range(3):  # the one that is known, and what is found in its place
            team, user = await self.user_of(person)
            try:
                found = await asyncio.wait_for(self._calls(team, "users.info", user=user), LOOK_WITHIN)
                if not found["user"].get("deleted"):
                    return team, user
            except RecipientGone:
                pass
            except (DeliveryError, TimeoutError):
                return team, user
            self._users.get(person.id, {}).pop(team, None)
            self._direct.pop((team, user), None)
        self._absent[person.id] = time.monotonic()
        raise RecipientGone("This person's account in Slack is switched off.")

    async def account(self, team: str, person: Person) -> str:
        """The person's user id in one workspace. RecipientGone where they have none there."""
        if user := self._users.get(person.id, {}).get(team):
            return user
        address, mail = person.addresses.get(NAME, ""), person.addresses.get("mail", "")
        if "@" in address:
            address, mail = "", address
        where, user = parted(address)
        if user and (where or next(iter(await self._calls.workspaces.teams()), "")) == team:
            return user
        if mail:
            found = (await self._calls(team, "users.lookupByEmail", email=mail))["user"]
            if as_profile(found, await self._organisation(team)).here:
                self._users.setdefault(person.id, {})[team] = str(found["id"])
                return str(found["id"])
        raise RecipientGone("This person has no account in this workspace of Slack.")

    def forget(self, team: str) -> None:
        """The bot is in this workspace no more: nobody can be reached there."""
        for accounts in self._users.values():
            accounts.pop(team, None)
        for kept in (self._profiles, self._direct):
            for key in [one for one in kept if one[0] == team]:
                del kept[key]
        self._me.pop(team, None)
        self._ours.pop(team, None)

    async def meet(self) -> None:
        """Find the account of everybody whom school.toml names by e-mail, so that it is known who can be reached.

        Passing faults are left for the next time.
        """
        for person in self.people:
            if self._users.get(person.id) or "@" not in (person.addresses.get(NAME) or person.addresses.get("mail", "")):
                continue
            try:
                await self.user_of(person)
            except RecipientGone:
                continue
            except (RetryLater, ChannelRefused):
                return
        self._all_met = True

    async def name(self, team: str, user: str) -> str:
        """What a user is called, or "somebody" where Slack does not say."""
        try:
            return (await self.anybody(team, user)).name
        except DeliveryError:
            return "somebody"

    async def is_admin(self, person: Person) -> bool:
        """Whether this person owns or administers any of the workspaces. Where Slack cannot say, yes: the careful answer.

        Somebody with no account under the address of school.toml may have one under another.
        """
        found = []
        try:
            for team in await self._calls.workspaces.teams():
                with suppress(RecipientGone):
                    found.append((await self.profile(team, await self.account(team, person))).admin)
        except DeliveryError:
            return True
        return any(found) or not found

    async def me(self, team: str) -> str:
        """The bot's own account in a workspace."""
        if team not in self._me:
            self._me[team] = str((await self._calls.patiently(team, "auth.test"))["user_id"])
        return self._me[team]

    async def direct(self, team: str, user: str, *, patient: bool = False) -> str:
        """The direct conversation with a user. `patient`: somebody waits for it, so wait a few seconds where Slack asks for that."""
        if (team, user) not in self._direct:
            opened = await (self._calls.patiently if patient else self._calls)(team, "conversations.open", users=user)
            self._direct[team, user] = str(opened["channel"]["id"])
        return self._direct[team, user]

    async def direct_or_none(self, team: str, user: str) -> str:
        """The address of the direct conversation with a user; nothing where Slack does not say at once."""
        try:
            return joined(team, await asyncio.wait_for(self.direct(team, user), AT_ONCE))
        except (DeliveryError, TimeoutError):
            return ""

    async def _organisation(self, team: str) -> frozenset[str]:
        """The ids of the workspace and of the organisation that it belongs to: whoever has another is a guest from elsewhere."""
        if team not in self._ours:
            me = await self._calls.patiently(team, "auth.test")
            self._ours[team] = frozenset(str(me[name]) for name in ("team_id", "enterprise_id") if me.get(name))
        return self._ours[team]
