"""A start: the page's front at once, whatever needs the policy a moment later, and nothing loaded that is not needed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import aiohttp
import pytest

from bot.clock import SystemClock
from bot.settings import load
from commands.serving import serve
from handlers.known import Knowledge
from knowledge.guidance_files import GuidanceError
from tests.support.knowledge import BASE, EXAMPLE, ROOT, knowledge

HEAVY = (
    "numpy onnxruntime tokenizers sklearn sqlite_utils pdfplumber docx rich psycopg holidays slack_bolt slack_sdk botbuilder botframework "
    "msgraph playwright"
).split()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def settings(folder: Path, port: int) -> dict[str, str]:
    (folder / "school.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return {"PORT": str(port), "DATA_DIR": str(folder / "data"), "SCHOOL_FILE": str(folder / "school.toml")}


def test_nothing_heavy_is_loaded_before_the_page_is_there() -> None:
    look = (
        "import sys, app; from commands import common, serving; common.built(common.settings_to_answer());"
        "print(*(one for one in sys.argv[1:] if one in sys.modules))"
    )
    knowledge(SystemClock())  # the base is there, as at every start but the first
    env = {**os.environ, "DATA_DIR": str(BASE.parent)}
    done = subprocess.run([sys.executable, "-c", look, *HEAVY], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []


async def test_the_front_is_there_at_once_and_the_rest_waits_for_the_policy_and_is_right(tmp_path: Path) -> None:
    go, port = threading.Event(), free_port()
    where = load(tmp_path, settings(tmp_path, port))

    def opening() -> Knowledge:
        assert go.wait(60)
        return knowledge(SystemClock())

    serving = asyncio.create_task(serve(where, opening))
    base = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as browser:
        for _ in range(200):
            try:
                async with browser.get(f"{base}/") as front:
                    assert "Year 4" in await front.text()
                break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
        async with browser.get(f"{base}/healthz") as up, browser.get(f"{base}/readyz") as ready:
            assert (up.status, ready.status) == (200, 503)
            assert "starting" in await ready.text()
        person = asyncio.create_task(fetched(browser, f"{base}/as/teacher/"))
        given_up = asyncio.create_task(fetched(browser, f"{base}/as/head/"))
        await asyncio.sleep(0.3)
        assert not person.done()
        given_up.cancel()  # whoever closes the page while it loads takes nothing from the others
        go.set()
        assert "Can I friend an ex-pupil?" in await asyncio.wait_for(person, 60)
        for _ in range(600):
            async with browser.get(f"{base}/readyz") as ready:
                if ready.status == 200:
                    break
            await asyncio.sleep(0.05)
        assert ready.status == 200
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(serving, 30)


async def fetched(browser: aiohttp.ClientSession, url: str) -> str:
    async with browser.get(url) as answer:
        return await answer.text()


async def test_what_cannot_be_loaded_ends_the_start_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    go, port = threading.Event(), free_port()
    where = load(tmp_path, settings(tmp_path, port))

    def opening() -> Knowledge:
        assert go.wait(60)
        raise GuidanceError("a file is wrong")

    serving = asyncio.create_task(serve(where, opening))
    await asyncio.sleep(1.5)
    async with aiohttp.ClientSession() as browser:
        person = asyncio.create_task(fetched(browser, f"http://127.0.0.1:{port}/as/teacher/"))
        await asyncio.sleep(0.2)
        go.set()
        with pytest.raises(GuidanceError):
            await asyncio.wait_for(serving, 20)
        with pytest.raises((aiohttp.ClientError, asyncio.CancelledError)):
            await asyncio.wait_for(person, 10)
