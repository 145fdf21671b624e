from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.errors import NotSaved
from bot.incidents.verify import verify
from tests.support.school import School


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = School(f"sqlite:///{tmp_path / 'usher.db'}")
    yield made
    with suppress(NotSaved):  # some tests take the database away
        assert verify(made.store, made.vault).problem == ""
    made.close()
