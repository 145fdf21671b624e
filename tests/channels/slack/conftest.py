from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.channels.slack.bench import Bench


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(900))  # the first one may build the clause base


@pytest.fixture(params=["http", "socket"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """The whole bot against the stand-in, in both modes. Nothing that was drawn may have been refused."""
    async with Bench(tmp_path, request.param) as made:
        yield made
        assert [refusal for refusal in made.slack.refusals if "invalid_blocks" in refusal or "blocks[" in refusal] == []


@pytest.fixture
async def http_bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """The same over HTTP alone, for what does not differ."""
    async with Bench(tmp_path, "http") as made:
        yield made
