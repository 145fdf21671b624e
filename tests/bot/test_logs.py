"""No person's words and no secret go through any logger, whatever carries them."""

from __future__ import annotations

import asyncio
import io
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import Column, MetaData, String, Table, create_engine, insert
from sqlalchemy.exc import IntegrityError

from bot.logs import ROOT, Quiet, is_ours, set_up

CANARY = "Canary-Quetzalcoatl xoxb-1234-secret"
FOREIGN = (
    "aiohttp.server", "aiohttp.web", "aiohttp.client", "aiohttp.access", "sqlalchemy.engine.Engine", "sqlalchemy.pool.impl.QueuePool",
    "slack_bolt.AsyncApp", "slack_bolt.AsyncBoltAgent", "slack_sdk.web.async_client", "slack_sdk.socket_mode.aiohttp", "botbuilder.core",
    "botframework.connector", "msal.application", "msrest.serialization", "azure.core", "urllib3.connectionpool", "asyncio", "psycopg",
    "psycopg.pool", "aiosmtplib", "concurrent.futures", "py.warnings", "root", "boto", "botanything", "handlersx",
)  # fmt: skip


class Refusal(Exception):
    """Like a chat product's: its words quote the request and the answer."""


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What set_up's handler writes, and everything that Python itself prints; undone afterwards."""
    kept = (logging.root.handlers[:], logging.root.level, sys.excepthook, threading.excepthook, sys.unraisablehook, logging.raiseExceptions)
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    last = logging.lastResort.formatter if logging.lastResort else None
    set_up(logging.DEBUG)
    for name in ("aiohttp.access", "slack_sdk", "slack_bolt", "msrest", "urllib3", "azure"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    yield out
    logging.captureWarnings(capture=False)
    logging.root.handlers[:], level, sys.excepthook, threading.excepthook, sys.unraisablehook, logging.raiseExceptions = kept
    logging.root.setLevel(level)
    if logging.lastResort:
        logging.lastResort.setFormatter(last)


@pytest.fixture
def talkative(request: pytest.FixtureRequest) -> Iterator[None]:
    """The logger under test says everything."""
    logger = logging.getLogger(request.node.callspec.params["name"])
    before = logger.level
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(before)


def refused() -> Refusal:
    """An error with a cause and a note, each with words."""
    error = Refusal(f"status=500 body={CANARY}")
    error.add_note(f"request: {CANARY}")
    try:
        try:
            raise ValueError(CANARY)
        except ValueError as cause:
            raise error from cause
    except Refusal as caught:
        return caught


@pytest.mark.parametrize("name", FOREIGN)
def test_a_library_says_where_and_never_what(written: io.StringIO, name: str, talkative: None) -> None:
    del talkative
    logger = logging.getLogger(name) if name != "root" else logging.getLogger()
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        logger.log(level, CANARY)
        logger.log(level, "body: %s", {"text": CANARY})
        logger.log(level, "%(text)s", {"text": CANARY})
        logger.log(level, "failed", exc_info=refused())
        logger.log(level, "where", stack_info=True, extra={"body": CANARY})
        logger.log(level, "too few values %s %s", CANARY)
    said = written.getvalue()
    assert CANARY not in said
    assert "secret" not in said
    assert said.count("test_logs.py:") >= 30  # each says where
    assert "Refusal at" in said
    assert len(said.splitlines()) == 30, "one line a record"


def test_our_own_sentences_stay_and_an_errors_words_go(written: io.StringIO) -> None:
    logger = logging.getLogger("bot.incidents.store")
    logger.warning("The database cannot be reached (%s)", "OSError")
    logger.error("It failed", exc_info=refused())
    logger.error("does not fit %s %s", CANARY)  # noqa: PLE1206 that is the point
    said = written.getvalue()
    assert "The database cannot be reached (OSError)" in said
    assert "Refusal at tests/bot/test_logs.py" in said
    assert CANARY not in said
    assert [is_ours(name) for name in ("bot.store", "handlers.ask", "botbuilder.core", "root", "slack_bolt")] == [True, True, *[False] * 3]


def test_what_another_handler_has_formatted_is_not_used(written: io.StringIO) -> None:
    record = logging.LogRecord("bot.x", logging.ERROR, __file__, 1, "It failed", (), (Refusal, refused(), None))
    logging.Formatter().format(record)  # keeps the traceback in record.exc_text
    assert CANARY in (record.exc_text or "")
    assert CANARY not in Quiet("%(message)s").format(record)
    assert written is not None


def test_a_databases_error_with_its_values(written: io.StringIO) -> None:
    engine = create_engine("sqlite://", echo=False)  # parameters are not hidden: the worst case
    table = Table("t", MetaData(), Column("id", String, primary_key=True))
    with engine.connect() as conn:
        table.create(conn)
        logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
        try:
            conn.execute(insert(table).values(id=CANARY))
            conn.execute(insert(table).values(id=CANARY))
        except IntegrityError:
            logging.getLogger("sqlalchemy.pool").exception("lost")
            logging.getLogger("bot.incidents.store").exception("Not saved")
        finally:
            logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    engine.dispose()
    said = written.getvalue()
    assert "IntegrityError at" in said
    assert CANARY not in said


async def test_a_web_servers_own_handling_of_a_failure(written: io.StringIO) -> None:
    async def fails(request: web.Request) -> web.Response:
        raise Refusal(await request.text())

    app = web.Application()
    app.router.add_post("/{rest:.*}", fails)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as session, session.post(f"http://127.0.0.1:{port}/sign-in/{CANARY}", data=CANARY) as answer:
        assert answer.status == 500
    await runner.cleanup()
    said = written.getvalue()
    assert "aiohttp.server" in said
    assert "Refusal at" in said
    assert CANARY.split(maxsplit=1)[0] not in said


async def test_the_event_loop_and_its_tasks(written: io.StringIO) -> None:
    async def fails() -> None:
        raise Refusal(CANARY)

    task = asyncio.create_task(fails(), name=CANARY)
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_exception_handler({"message": CANARY, "exception": refused(), "task": task})
    task.exception()
    said = written.getvalue()
    assert "asyncio" in said
    assert CANARY not in said


def test_threads_destructors_and_warnings(written: io.StringIO) -> None:
    def fails() -> None:
        raise Refusal(CANARY)

    thread = threading.Thread(target=lambda: threading.excepthook(threading.ExceptHookArgs((Refusal, refused(), None, None))))
    thread.start()
    thread.join()
    sys.excepthook(Refusal, refused(), None)
    warnings.warn(CANARY, stacklevel=1)
    said = written.getvalue()
    assert said.count("Refusal at") == 2
    assert CANARY not in said
    assert fails is not None


def test_a_program_that_ends_badly_tells_its_kind_alone(tmp_path: Path) -> None:
    script = tmp_path / "ends.py"
    script.write_text(
        "import logging, sys, threading\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from bot.logs import quieten\n"
        "quieten()\n"
        f"said = {CANARY!r}\n"
        "logging.getLogger('slack_bolt').error('body %s', said)\n"
        "thread = threading.Thread(target=lambda: int(said)); thread.start(); thread.join()\n"
        "class Odd:\n    def __del__(self): raise ValueError(said)\n"
        "odd = Odd(); del odd\n"
        "raise RuntimeError(said)\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert done.stderr.count("ValueError at") == 2
    assert "RuntimeError at" in done.stderr
    assert CANARY not in done.stderr + done.stdout
