"""Fixtures for everything, and a loud last word on what could not be tested here."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import postgres

LONGEST = (  # the files that take more than twenty seconds on a busy machine, longest first
    "faults/test_kill.py", "browser/test_anywhere.py", "faults/test_frozen.py", "channels/teams/test_graph.py", "faults/test_load.py",
    "channels/test_killed.py", "browser/test_about_the_headteacher.py", "channels/teams/test_faults.py", "channels/slack/test_stalled.py",
    "channels/teams/test_rooms.py", "test_commands.py", "channels/teams/test_lines.py", "faults/test_restore_schools.py",
    "channels/slack/test_roll.py", "channels/slack/test_incidents.py", "channels/slack/test_faults.py",
    "channels/slack/test_attachments.py", "channels/slack/test_dialogues.py", "bot/test_access.py", "bot/test_outbox.py",
    "channels/teams/test_dialogues.py", "channels/teams/test_slow.py", "channels/slack/test_meant.py", "faults/test_tampering.py",
    "channels/slack/test_rooms.py", "faults/test_two_processes.py", "handlers/test_reporting.py", "browser/test_clause_71.py",
    "browser/test_main_story.py", "test_bench.py",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: begun last, one of them would keep one worker busy while the others have nothing left to do."""
    place = {Path(__file__).parent / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_collection_finish() -> None:
    """Thousands of tests stay to the end: they need not be looked through again and again for what could be thrown away."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    if not postgres.available():
        pytest.skip(postgres.MISSING)
    with postgres.any_server_url() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    with postgres.fresh_database(postgres_server) as url:
        yield url


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly what was skipped, as the very last lines."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = sorted({report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr) for report in skipped})
    if reasons:
        terminalreporter.section(f"{len(skipped)} TESTS WERE SKIPPED", red=True, bold=True)
        for reason in reasons:
            terminalreporter.write_line(f"NOT TESTED: {reason.removeprefix('Skipped: ')}", red=True)
