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
