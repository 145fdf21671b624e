"""People who have accounts in several workspaces: each is written to, brought in, taken out and judged by the right one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.calls import Calls
from bot.channels.slack.checks import check_everybody
from bot.channels.slack.discretion import Discretion
from bot.channels.slack.faults import Gone
from bot.channels.slack.limits import Json
from bot.channels.slack.profile import as_profile
from bot.channels.slack.rooms import SlackRooms
from bot.channels.slack.staff import Staff
from bot.errors import ChannelRefused, RecipientGone
from bot.people import People, Person
from bot.ports import Room
from bot.settings import Settings

HEAD = Person("head", "Helen", addresses={"mail": "h@x"})
DEPUTY = Person("deputy", "Dev", addresses={"mail": "d@x"})
USERS = {"T1": {"U1H": "h@x", "U1D": "d@x"}, "T2": {"U2H": "h@x", "U2D": "d@x"}}


class TwoWorkspaces:
    """What is asked of Slack, in two workspaces; the deputy administers the second."""

    def __init__(self) -> None:
        self.workspaces = self
        self.there = list(USERS)
        self.asked: list[tuple[str, str, Json]] = []

    async def teams(self) -> list[str]:
        return self.there

    async def patiently(self, team: str, method: str, **given: Any) -> Json:
        return await self(team, method, **given)

    async def __call__(self, team: str, method: str, **given: Any) -> Json:
        self.asked.append((team, method, given))
        if method == "auth.test":
            return {"team_id": team, "user_id": "UBOT"}
        if method == "users.lookupByEmail":
            given["user"] = next((user for user, mail in USERS[team].items() if mail == given["email"]), "")
        user = str(given.get("users") or given.get("user") or "")
        if method != "conversations.info" and user not in USERS[team]:
            raise Gone(method, "user_not_found")
        mail = USERS[team].get(user, "")
        return {"user": {"id": user, "team_id": team, "is_admin": user == "U2D", "profile": {"email": mail, "real_name": mail}}}


@pytest.fixture
def slack() -> TwoWorkspaces:
    return TwoWorkspaces()


@pytest.fixture
def staff(slack: TwoWorkspaces) -> Staff:
    return Staff(cast(Calls, slack), People([HEAD, DEPUTY]))


async def test_a_room_knows_its_own_workspaces_accounts_whichever_was_used_last(slack: TwoWorkspaces, staff: Staff) -> None:
    rooms = SlackRooms(cast(Calls, slack), staff, Discretion(staff, lambda _: (), content_in_slack=True))
    room = Room("slack", "T1/G1")
    for user in ("U1D", "U2D"):
        await staff.person(f"T{user[1]}", user)
    await rooms.invite(room, DEPUTY)
    assert slack.asked[-1] == ("T1", "conversations.invite", {"channel": "G1", "users": "U1D"})
    await rooms.remove(room, DEPUTY)
    assert slack.asked[-1] == ("T1", "conversations.kick", {"channel": "G1", "user": "U1D"})
    assert await staff.user_of(DEPUTY) == ("T1", "U1D")


async def test_whom_slack_does_not_know_was_not_taken_out(slack: TwoWorkspaces, staff: Staff) -> None:
    rooms = SlackRooms(cast(Calls, slack), staff, Discretion(staff, lambda _: (), content_in_slack=True))
    with pytest.raises(RecipientGone):
        await rooms.remove(Room("slack", "T1/G1"), Person("x", "X", addresses={"slack": "T1/UGONE"}))


async def test_an_administrator_of_any_workspace_or_of_the_organisation_is_one(staff: Staff) -> None:
    assert await staff.user_of(DEPUTY) == ("T1", "U1D")
    assert await staff.is_admin(DEPUTY)
    assert not await staff.is_admin(HEAD)
    owner = {"id": "U", "team_id": "T1", "enterprise_user": {"enterprise_id": "E1", "is_owner": True}, "profile": {}}
    assert as_profile(owner, frozenset({"T1"})).admin


async def test_after_it_was_removed_from_a_workspace_people_are_reached_in_another(slack: TwoWorkspaces, staff: Staff) -> None:
    slack.there = ["T2", "T1"]
    assert await staff.user_of(HEAD) == ("T2", "U2H")
    slack.there = ["T1"]
    assert await staff.user_of(HEAD) == ("T1", "U1H")
    staff.forget("T1")
    slack.there = []
    with pytest.raises(ChannelRefused):
        await staff.user_of(HEAD)


async def test_the_doctor_looks_for_everybody_whatever_their_role() -> None:
    class Nobody:
        async def users_lookupByEmail(self, email: str) -> Json:  # noqa: N802 as slack_sdk calls it
            raise SlackApiError(email, {"error": "users_not_found"})

    manager = Person("mgr", "Max Manager", addresses={"mail": "nobody@nowhere"})
    people = People([manager, Person("t", "Tess", addresses={"mail": "t@x"}, line_manager="mgr"), Person("u", "Una")])
    school = SimpleNamespace(everyone=lambda: people, school=SimpleNamespace(content_in_slack=False))
    clients = {"": cast(AsyncWebClient, Nobody())}
    found = await check_everybody(clients, cast(Settings, SimpleNamespace(demo=False, school=school)))
    assert [one.what.partition(" ")[0] for one in found if not one.good] == ["Max", "Tess", "Una"]
