"""Making the app, checking it, installing it in many workspaces, and being removed again."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import re
import shutil
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import text

from app import cli
from bot.cards import Card
from bot.channels.slack.checks import check_person, check_slack, client_with
from bot.channels.slack.installs import Installs, OrgWide, install_link
from bot.channels.slack.manifest import manifest
from bot.channels.slack.scopes import EVENTS, SCOPES
from bot.channels.slack.server import add_slack
from bot.channels.slack.side import Needs, SlackSide, nobody
from bot.channels.slack.workspaces import ORG_WIDE, ManyWorkspaces, Wire
from bot.clock import SystemClock
from bot.dispatch import Dispatcher
from bot.errors import ChannelRefused, RetryLater, SettingsError
from bot.inbox import Inbox
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.people import People, Person
from bot.settings import Settings, load
from bot.settings import Slack as SlackSettings
from commands.checkup import slack_findings
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in import api
from tests.channels.slack.stand_in.member import until
from tests.channels.slack.stand_in.server import Slack
from tests.channels.slack.test_incidents import report, room
from tests.support.knowledge import EXAMPLE, ROOT

LIMITS = {"name": 35, "description": 140, "long_description": 4000}
CLIENT = SlackSettings("", "secret", "", "", "1.2", "client-secret")


def test_the_manifest_asks_for_what_is_in_use_and_for_no_files() -> None:
    made = manifest("https://usher.example/")
    scopes = set(made["oauth_config"]["scopes"]["bot"])
    assert scopes == set(SCOPES)
    assert not {scope for scope in scopes if scope.startswith(("files:", "channels:", "admin", "mpim:"))}
    assert made["settings"]["event_subscriptions"] == {"request_url": "https://usher.example/slack/events", "bot_events": list(EVENTS)}
    assert made["settings"]["socket_mode_enabled"] is False
    for name, most in LIMITS.items():
        assert 0 < len(made["display_information"][name]) <= most
    assert len(made["display_information"]["long_description"]) >= 174


def test_without_an_address_the_app_uses_its_socket() -> None:
    made = manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in str(made)
    assert "url" not in str(made["features"]["slash_commands"])


def test_every_method_that_is_called_has_its_scope_in_the_manifest() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path("bot/channels/slack").glob("*.py"))
    used = {scope for method, scope in api.NEEDS.items() if f'"{method}"' in source}
    assert used <= set(SCOPES)


def settings(folder: Path, slack: Slack, **more: str) -> Settings:
    words = EXAMPLE.read_text(encoding="utf-8").replace("demo = true", "demo = false")
    (folder / "school.toml").write_text(words, encoding="utf-8")
    environment = {"SLACK_BOT_TOKEN": slack.world.bot_token, "SLACK_APP_TOKEN": slack.world.app_token, "SLACK_API_URL": f"{slack.url}/api/"}
    return load(folder, environment | more)


async def test_the_doctor_finds_a_missing_scope_a_missing_person_and_a_wrong_token(tmp_path: Path) -> None:
    async with Slack() as slack:
        slack.world.add("UHEAD", "Helen", "helen.blake@demo.example")
        slack.world.add("UDSL", "Sara", "sara.lake@demo.example").deleted = True
        slack.scopes -= {"groups:write"}
        slack.scopes |= {"files:read"}
        known = settings(tmp_path, slack).slack
        assert known is not None
        wrong = {one.what: one.mend for one in await check_slack(settings(tmp_path, slack)) if one.good is False}
        assert any("lacks: groups:write" in what for what in wrong)
        assert any("may read files" in what for what in wrong)
        assert any(what.startswith("Ms Sara Demo-Lake is not found") for what in wrong)
        sara = Person("dsl", "Sara", addresses={"slack": "UDSL"})
        by_id = await check_person({"": client_with(known, slack.world.bot_token)}, sara)
        assert by_id.what == "Sara's Slack account (UDSL) is switched off or is a bot."
        assert any(what.startswith("Mr Dev Demo-Patel is not found") for what in wrong)
        assert not any("Helen" in what for what in wrong)
        assert all(mend.endswith((".", "env.")) for mend in wrong.values())
        slack.token_error = "token_revoked"
        assert "token_revoked" in (await check_slack(settings(tmp_path, slack)))[0].what
        refused = await check_slack(settings(tmp_path, slack, SLACK_APP_TOKEN="xapp-wrong"))
        assert any("SLACK_APP_TOKEN" in one.what for one in refused if one.good is False)


def installed_settings(folder: Path, slack: Slack) -> Settings:
    given = {
        "SLACK_BOT_TOKEN": "",
        "SLACK_APP_TOKEN": "",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "x",
        "SLACK_SIGNING_SECRET": "x",
    }
    return settings(folder, slack, **given, PUBLIC_URL="https://usher.example")


async def test_the_doctor_looks_at_every_installation(tmp_path: Path) -> None:
    async with Slack() as slack:
        where, made = installed_settings(tmp_path, slack), installs(tmp_path)
        assert where.slack is not None
        (nobody_yet, *_) = await check_slack(where, made)
        assert (nobody_yet.good, nobody_yet.what) == (False, "No workspace has installed the bot yet.")
        assert "https://usher.example/slack/install" in nobody_yet.mend
        for team, token in (("TGONE", "xoxb-revoked"), ("T1", slack.world.bot_token), ("TMOVED", "xoxb-x")):
            await made.sealed.async_save(Installation(app_id="A1", team_id=team, user_id="U1", bot_token=token))
        with made._engine.begin() as conn:
            conn.execute(text("update slack_bots set bot_token = (select bot_token from slack_bots where team_id = 'TGONE') "
                              "where team_id = 'TMOVED'"))  # fmt: skip
        slack.world.add("UHEAD", "Helen", "helen.blake@demo.example")
        slack.scopes -= {"pins:write"}
        found = await check_slack(where, made)
        wrong = {one.what: one.mend for one in found if one.good is False}
        once_more = f"opens {install_link(where.slack, 'https://usher.example')} once more"
        assert once_more in wrong["Slack refuses the token of the workspace TGONE (invalid_auth)."]
        assert any(what.startswith("The token of the workspace TMOVED cannot be read") for what in wrong)
        assert any(what.startswith("The token of the workspace T1 lacks: pins:write") for what in wrong)
        assert any(what.startswith("Mr Dev Demo-Patel is not found in Slack") for what in wrong)
        fine = [one.what for one in found if one.good]
        assert "Mrs Helen Demo-Blake can be reached in Slack." in fine
        assert "Slack posts its events to https://usher.example/slack/events." in fine
        assert "xoxb" not in str(found)


async def test_the_doctor_looks_for_each_person_in_the_workspace_that_school_toml_names(tmp_path: Path) -> None:
    async with Slack() as slack:
        made = installs(tmp_path)
        await made.sealed.async_save(Installation(app_id="A1", team_id="T1", user_id="U1", bot_token=slack.world.bot_token))
        slack.world.add("UHEAD", "Helen")
        where = installed_settings(tmp_path, slack)
        words = (tmp_path / "school.toml").read_text(encoding="utf-8")
        words = words.replace('id = "head"', 'id = "head"\nslack = "T1/UHEAD"').replace('id = "dsl"', 'id = "dsl"\nslack = "TELSE/UDSL"')
        (tmp_path / "school.toml").write_text(words, encoding="utf-8")
        where = load(tmp_path, {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "x", "SLACK_SIGNING_SECRET": "x",
                                "SLACK_API_URL": f"{slack.url}/api/"})  # fmt: skip
        what = {one.what: one.good for one in await check_slack(where, made)}
        assert what["Mrs Helen Demo-Blake can be reached in Slack."]
        assert what["Ms Sara Demo-Lake's workspace (TELSE) is not one in which the bot works."] is False


def test_the_command_doctor_asks_after_installations(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "school.example.toml")
    given = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "x", "SLACK_SIGNING_SECRET": "x", "PUBLIC_URL": "https://usher.example"}
    assert "No workspace has installed the bot yet." in [one.what for one in slack_findings(load(tmp_path, given))]


async def test_a_healthy_app_has_nothing_to_mend(tmp_path: Path) -> None:
    async with Slack() as slack:
        for person in load(tmp_path.parent, {"SCHOOL_FILE": str(EXAMPLE)}).school.people:
            slack.world.add(f"U{person.id.upper()}", person.name, person.email)
        assert [one.what for one in await check_slack(settings(tmp_path, slack)) if one.good is False] == []


def installs(tmp_path: Path, key: bytes = bytes(range(32))) -> Installs:
    store = Store.ready(f"sqlite:///{tmp_path / 'usher.db'}")
    return Installs(CLIENT, store.engine, Vault([key]), "https://usher.example")


async def test_tokens_are_sealed_found_by_workspace_and_gone_when_the_app_is_removed(tmp_path: Path) -> None:
    made = installs(tmp_path)
    for team in ("TA", "TB"):
        one = Installation(app_id="A1", team_id=team, user_id="U1", bot_token=f"xoxb-{team}", bot_id="B1", bot_user_id="UB")
        await made.sealed.async_save(one)
    with made._engine.connect() as conn:
        stored = str(conn.execute(text("select * from slack_bots")).all()) + str(
            conn.execute(text("select * from slack_installations")).all()
        )
    assert "xoxb-" not in stored
    assert await made.teams() == ["TA", "TB"]
    assert await made.token("TB") == "xoxb-TB"
    many = ManyWorkspaces(made, Wire())
    assert (await many.client("TA")).token == "xoxb-TA"
    await many.forget("TA")
    with pytest.raises(ChannelRefused):
        await many.client("TA")
    assert await many.teams() == ["TB"]
    await many.close()


async def test_a_token_moved_to_another_workspace_does_not_open(tmp_path: Path) -> None:
    made = installs(tmp_path)
    for team in ("TA", "TB"):
        await made.sealed.async_save(Installation(app_id="A1", team_id=team, user_id="U1", bot_token=f"xoxb-{team}"))
    with made._engine.begin() as conn:
        conn.execute(text("update slack_bots set bot_token = (select bot_token from slack_bots where team_id = 'TA')"))
    with pytest.raises(Exception, match="changed or moved"):
        await made.token("TB")


async def test_somebody_installs_the_bot_through_its_pages(tmp_path: Path) -> None:
    async with Slack() as slack:
        client = dataclasses.replace(CLIENT, api_url=f"{slack.url}/api/")
        store = Store.ready(f"sqlite:///{tmp_path / 'usher.db'}")
        made = Installs(client, store.engine, Vault([bytes(range(32))]), "https://usher.example")
        needs = Needs(
            Dispatcher(store),
            People([]),
            SystemClock(),
            lambda *_: None,
            nobody,
            lambda cursor, _: cursor,
            lambda _: "https://usher.example",
            lambda *_: None,
            Inbox(store, Vault([bytes(range(32))])),
        )
        app = web.Application()
        add_slack(app, SlackSide(client, needs, made))
        async with TestClient(TestServer(app)) as browser:
            link = install_link(client, "https://usher.example").removeprefix("https://usher.example")
            page = await (await browser.get(link)).text()
            assert "client-secret" not in page
            assert all(scope in page.replace("%3A", ":") for scope in SCOPES)
            found = re.search(r"state=([\w-]+)", page)
            assert found is not None
            forged = await browser.get("/slack/oauth_redirect", params={"code": "c", "state": "x"}, headers=cookie("x"))
            assert forged.status == 401
            back = {"code": "c", "state": found[1]}
            assert (await browser.get("/slack/oauth_redirect", params=back, headers=cookie(found[1]))).status == 200
            assert (await browser.get("/slack/oauth_redirect", params=back, headers=cookie(found[1]))).status == 401
        assert await made.token("T1") == slack.world.bot_token


async def test_nobody_installs_the_bot_who_was_not_given_the_address(tmp_path: Path) -> None:
    """In a workspace of their own they would be the Headteacher, by that e-mail."""
    store = Store.ready(f"sqlite:///{tmp_path / 'usher.db'}")
    made = Installs(CLIENT, store.engine, Vault([bytes(range(32))]), "https://usher.example")
    needs = Needs(
        Dispatcher(store), People([]), SystemClock(), lambda *_: None, nobody, lambda cursor, _: cursor, lambda _: "", lambda *_: None,
        Inbox(store, Vault([bytes(range(32))])),
    )  # fmt: skip
    app = web.Application()
    add_slack(app, SlackSide(CLIENT, needs, made))
    others = install_link(dataclasses.replace(CLIENT, client_secret="another"), "")
    async with TestClient(TestServer(app)) as browser:
        for address in ("/slack/install", "/slack/install?key=", "/slack/install?key=%E2%80%A6", others):
            refused = await browser.get(address)
            assert refused.status == 403
            assert "state" not in await refused.text() + str(refused.headers)
        assert (await browser.get(install_link(CLIENT, ""))).status == 200


def test_the_command_prints_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE, tmp_path / "school.example.toml")
    env = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "client-secret", "SLACK_SIGNING_SECRET": "s", "PUBLIC_URL": "https://u.example"}
    printed = CliRunner().invoke(cli, ["slack", "install-link"], env=env)
    assert printed.output.strip() == install_link(CLIENT, "https://u.example")
    assert CliRunner().invoke(cli, ["slack", "install-link"]).exit_code == 1


def cookie(state: str) -> dict[str, str]:
    return {"Cookie": f"slack-app-oauth-state={state}"}


async def test_an_installed_workspace_is_served_until_the_app_is_removed(tmp_path: Path) -> None:
    async with Bench(tmp_path, "http", installed=True) as bench:
        teacher, head = bench.who("teacher"), bench.who("head")
        ref = await report(teacher)
        assert ref in await head.reads_until("Please acknowledge")
        place = await room(bench, "teacher", "head")
        await teacher.says("It goes on.", where=place)
        person = bench.bot.services.people.get("head")
        assert person is not None
        await until(lambda: "It goes on." in str(bench.bot.register.read(ref, person).timeline), "the record")
        await bench.slack.event({"type": "app_uninstalled", "event_ts": bench.slack.world.ts()})
        assert bench.installs is not None
        for _ in range(100):
            if not await bench.installs.teams():
                break
            await asyncio.sleep(0.05)
        with pytest.raises(ChannelRefused):
            await bench.side.channel.send(person, Card("A"), "key")


def test_without_a_signing_secret_nothing_is_mounted(tmp_path: Path) -> None:
    store = Store.ready(f"sqlite:///{tmp_path / 'usher.db'}")
    inbox = Inbox(store, Vault([bytes(range(32))]))
    needs = Needs(
        Dispatcher(store),
        People([]),
        SystemClock(),
        lambda *_: None,
        nobody,
        lambda cursor, _: cursor,
        lambda _: "",
        lambda *_: None,
        inbox,
    )
    side = SlackSide(SlackSettings("xoxb-1", "", "", "", "", ""), needs)
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET"):
        add_slack(web.Application(), side)


def test_the_page_for_it_staff_names_every_scope_and_what_it_is_for() -> None:
    page = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_:.]+)` \| (.+?) \|$", page, re.MULTILINE))
    assert rows == SCOPES
    assert "`files:read`" in page


async def test_every_row_of_an_installation_belongs_to_a_school(tmp_path: Path) -> None:
    made = installs(tmp_path)
    other = Installs(CLIENT, made._engine, Vault([bytes(range(32))]), "https://usher.example", "another-school")
    for one, team in ((made, "TA"), (other, "TA"), (other, "TB")):
        kept = Installation(app_id="A1", team_id=team, user_id="U1", bot_token=f"xoxb-{team}-{one._school}", bot_id="B1")
        await one.sealed.async_save(kept)
    with made._engine.connect() as conn:
        for table in ("slack_bots", "slack_installations"):
            query = f"select school, count(*) from {table} group by school order by school"  # noqa: S608 our own names
            assert conn.execute(text(query)).all() == [
                ("another-school", 2), ("school", 1)
            ]  # fmt: skip
    assert (await made.teams(), await other.teams()) == (["TA"], ["TA", "TB"])
    assert (await made.token("TA"), await other.token("TA")) == ("xoxb-TA-school", "xoxb-TA-another-school")
    assert await made.token("TB") is None
    state = await other.flow.settings.state_store.async_issue()
    assert not await made.flow.settings.state_store.async_consume(state)
    assert await other.flow.settings.state_store.async_consume(state)
    await other.remove("TA")
    assert (await made.teams(), await other.teams()) == (["TA"], ["TB"])


def test_installations_from_earlier_days_are_this_schools(tmp_path: Path) -> None:
    store = Store.ready(f"sqlite:///{tmp_path / 'usher.db'}")
    for older in (SQLAlchemyInstallationStore("1.2", store.engine), SQLAlchemyOAuthStateStore(600, store.engine)):
        older.create_tables()  # type: ignore[no-untyped-call]
    with store.engine.begin() as conn:
        conn.execute(
            text("insert into slack_bots (client_id, app_id, team_id, is_enterprise_install, installed_at) values ('1.2', 'A', 'TA', 0, 1)")
        )
    for _ in range(2):
        made = Installs(CLIENT, store.engine, Vault([bytes(range(32))]), "https://usher.example")
    assert made._teams() == ["TA"]


async def test_a_workspace_of_an_enterprise_grid_works_and_a_whole_organisation_is_refused_in_a_sentence(tmp_path: Path) -> None:
    made = installs(tmp_path)
    await made.sealed.async_save(
        Installation(app_id="A1", enterprise_id="E1", team_id="TA", user_id="U1", bot_token="xoxb-TA", bot_id="B1")
    )
    assert (await made.teams(), await made.token("TA")) == (["TA"], "xoxb-TA")
    whole = Installation(app_id="A1", enterprise_id="E1", user_id="U1", bot_token="xoxb-E", is_enterprise_install=True)
    with pytest.raises(OrgWide, match="whole Enterprise Grid organisation"):
        await made.sealed.async_save(whole)
    assert await made.teams() == ["TA"]
    await made.remove("TA")
    assert await made.teams() == []


async def test_somebody_who_installs_for_a_whole_organisation_reads_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = installs(tmp_path)
    whole = Installation(app_id="A1", enterprise_id="E1", user_id="U1", bot_token="xoxb-E", is_enterprise_install=True)

    async def run(*_: object) -> Installation:
        return whole

    monkeypatch.setattr(made.flow, "run_installation", run)
    state = await made.flow.settings.state_store.async_issue()
    request = AsyncBoltRequest(body="", query={"code": "c", "state": state}, headers={"cookie": [f"slack-app-oauth-state={state}"]})
    answer = await made.flow.handle_callback(request)
    assert (answer.status, answer.body) == (400, ORG_WIDE)


async def test_events_of_a_whole_organisation_are_answered_with_that_sentence_once(tmp_path: Path) -> None:
    async with Bench(tmp_path, "http") as bench:
        teacher, slack = bench.who("teacher"), bench.slack
        slack.authorisation = {
            "enterprise_id": "E1",
            "team_id": None,
            "user_id": slack.world.BOT,
            "is_bot": True,
            "is_enterprise_install": True,
        }
        await teacher.says("clause 28")
        await teacher.says("clause 29")
        await teacher.reads_until(ORG_WIDE)
        assert teacher.reads().count(ORG_WIDE) == 1
        assert "Clause 28 ·" not in teacher.reads()


async def test_the_doctor_says_where_the_app_is_installed_for_a_whole_organisation(tmp_path: Path) -> None:
    async with Slack() as slack:
        slack.api.org_wide = True
        assert (await check_slack(settings(tmp_path, slack)))[0].what == ORG_WIDE


async def test_no_connection_is_left_open_at_the_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Bench(tmp_path, "socket") as bench:
        teacher = bench.who("teacher")
        await teacher.says("clause 28")
        await teacher.reads_until("Clause 28")
    with pytest.raises(RetryLater):
        await bench.side.calls("", "auth.test")
    gc.collect()
    await asyncio.sleep(0)
    assert "Unclosed" not in caplog.text
