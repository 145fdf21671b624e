from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.school import School


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    made = School(f"sqlite:///{tmp_path / 'usher.db'}")
    yield made
    made.close()
