from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dialogue import Dialogue


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Dialogue]:
    made = Dialogue(tmp_path)
    yield made
    made.close()
