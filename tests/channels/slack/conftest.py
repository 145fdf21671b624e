from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.channels.slack.bench import Bench


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
