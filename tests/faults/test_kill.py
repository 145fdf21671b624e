"""kill -9 loses nothing and doubles nothing.

Each run but the last kills a bot at every moment of its work that can be named: at each call to the chat product, before and after the
product has done it; as it is about to hear that it was heard; in each of its first transactions, before and after the commit. Then some
kills at random; `make soak` has a thousand of these.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.killing import kill_often

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_sqlite_survives_being_killed(tmp_path: Path) -> None:
    outcome = kill_often(f"sqlite:///{tmp_path / 'usher.db'}", incidents=50, kills=15)
    assert (outcome.lost, outcome.doubled, outcome.problem) == (0, 0, "")


def test_where_the_channel_cannot_be_asked_a_repeat_is_marked(tmp_path: Path) -> None:
    outcome = kill_often(f"sqlite:///{tmp_path / 'usher.db'}", incidents=30, kills=5, can_find=False)
    assert (outcome.lost, outcome.unmarked, outcome.problem) == (0, 0, "")


@pytest.mark.postgres
def test_two_processes_on_postgresql_survive_being_killed(postgres_url: str) -> None:
    outcome = kill_often(postgres_url, incidents=50, kills=15, bots=2)
    assert (outcome.lost, outcome.doubled, outcome.problem) == (0, 0, "")


@pytest.mark.postgres
def test_one_of_two_never_comes_back(postgres_url: str) -> None:
    outcome = kill_often(postgres_url, incidents=30, kills=6, bots=2, aimed=False, never_back=True)
    assert (outcome.lost, outcome.doubled, outcome.problem) == (0, 0, "")
