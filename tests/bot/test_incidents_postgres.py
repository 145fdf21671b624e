"""The same dialogues on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.incidents.verify import verify
from tests.bot.test_incidents import *  # noqa: F403 - every dialogue of that file runs here too
from tests.support.school import School

pytestmark = pytest.mark.postgres


@pytest.fixture
def school(postgres_url: str) -> Iterator[School]:
    made = School(postgres_url)
    yield made
    assert verify(made.store, made.vault).problem == ""
    made.close()


def test_no_statement_waits_for_ever(school: School) -> None:
    """What the URL says goes first."""
    own = School(str(school.store.url) + "?options=-c%20statement_timeout%3D7s")
    for made, wanted in ((school, ["14s", "14s"]), (own, ["7s", "14s"])):
        with made.store.reading() as conn:
            assert [conn.exec_driver_sql(f"SHOW {name}").scalar() for name in ("statement_timeout", "lock_timeout")] == wanted
    own.close()
