"""The tab lets in whom Teams vouches for, and nobody else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.channels.teams.book import Book
from bot.channels.teams.package import TAB_PATH
from bot.channels.teams.references import Reference, References
from bot.channels.teams.tab import LIBRARY_HASH, Verifier, add_tab
from bot.settings import Teams
from tests.channels.teams.stand_in.service import APP_ID, TENANT
from tests.support.people import HEAD
from tests.support.school import School

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS = SimpleNamespace(get_signing_key_from_jwt=lambda token: SimpleNamespace(key=KEY.public_key()))
HOST = "usher.school.example"


def token(key: Any = KEY, **changes: Any) -> str:
    claims = {
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0", "aud": APP_ID, "oid": "aad-head", "tid": TENANT, "scp": "access_as_user",
        "exp": int(time.time()) + 600, **changes,
    }  # fmt: skip
    return jwt.encode(claims, key, algorithm="RS256")


@pytest.fixture
async def tab(tmp_path: Any) -> AsyncIterator[Any]:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    references = References(Book(school.store, school.vault), school.people)
    references.met(Reference("aad-head", "29:1", "Helen", "head@school.test", conversation="a:1"))
    references.met(Reference("aad-guest", "29:2", "Gus", "gus@elsewhere.test", guest=True))
    app = web.Application()
    add_tab(
        app,
        Verifier(Teams(APP_ID, "", "SingleTenant", TENANT, graph_chats=False), HOST, KEYS),
        references,
        lambda who: f"/sign-in/{who.id}",
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
        yield session
    await runner.cleanup()
    school.close()


async def signed_in(tab: Any, given: Any) -> tuple[int, Any]:
    async with tab.post(f"{TAB_PATH}/session", json={"token": given}) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("change", [{}, {"aud": f"api://{HOST}/{APP_ID}"}, {"iss": f"https://sts.windows.net/{TENANT}/"}])
async def test_whom_teams_vouches_for_gets_their_own_link(tab: Any, change: dict[str, str]) -> None:
    assert await signed_in(tab, token(**change)) == (200, {"url": f"/sign-in/{HEAD.id}"})


@pytest.mark.parametrize("change", [
    {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)}, {"aud": "another-app"}, {"tid": "another-tenant"},
    {"iss": "https://login.microsoftonline.com/other/v2.0"}, {"exp": int(time.time()) - 4000}, {"scp": "User.Read"},
    {"oid": "nobody-we-met"}, {"oid": "aad-guest"},
])  # fmt: skip
async def test_nobody_else_gets_in(tab: Any, change: dict[str, Any]) -> None:
    status, told = await signed_in(tab, token(**change))
    assert status == 403
    assert "url" not in told


@pytest.mark.parametrize("given", [None, 5, "", "junk", "a.b.c", jwt.encode({"oid": "aad-head"}, "x" * 40, algorithm="HS256")])
async def test_junk_is_refused(tab: Any, given: Any) -> None:
    assert (await signed_in(tab, given))[0] == 403
    async with tab.post(f"{TAB_PATH}/session", data="{", headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 403


async def test_the_page_may_stand_in_teams_frame_and_loads_only_what_is_pinned(tab: Any) -> None:
    async with tab.get(TAB_PATH) as answer:
        policy, page = answer.headers["Content-Security-Policy"], await answer.text()
    assert "frame-ancestors https://teams.microsoft.com" in policy
    assert "unsafe" not in policy
    assert f'integrity="{LIBRARY_HASH}"' in page
    assert page.count("<script") == page.count("src=") == 2
