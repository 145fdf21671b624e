"""A served school and real browser windows for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.windows import MISSING, Window, browser_path, launch
from tests.browser.world import World


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(900))  # the first one may build the clause base


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for each file of tests. It ends with the file, for its event loop would stand in the way of others."""
    if browser_path() is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A demo school, served."""
    made = World(tmp_path).start()
    yield made
    made.stop()


@pytest.fixture
def window(browser: Browser, world: World) -> Iterator[Callable[..., Window]]:
    """Opens windows; at the end none of them may have complained."""
    opened: list[Window] = []

    def open_one(person: str, **options: object) -> Window:
        opened.append(Window(browser, world, person, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    complaints = [words for one in opened for words in one.complaints]
    for one in opened:
        one.close()
    assert not complaints
