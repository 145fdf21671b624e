"""Fixtures for everything, and a loud last word on what could not be tested here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import postgres


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
