"""kill -9 loses nothing and doubles nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.killing import kill_at_random

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_sqlite_survives_being_killed(tmp_path: Path) -> None:
    outcome = kill_at_random(f"sqlite:///{tmp_path / 'usher.db'}", incidents=200, kills=60)
    assert (outcome.lost, outcome.doubled, outcome.problem) == (0, 0, "")


def test_where_the_channel_cannot_be_asked_a_repeat_is_marked(tmp_path: Path) -> None:
    outcome = kill_at_random(f"sqlite:///{tmp_path / 'usher.db'}", incidents=40, kills=20, can_find=False)
    assert (outcome.lost, outcome.unmarked, outcome.problem) == (0, 0, "")


@pytest.mark.postgres
def test_two_processes_on_postgresql_survive_being_killed(postgres_url: str) -> None:
    outcome = kill_at_random(postgres_url, incidents=200, kills=60, bots=2)
    assert (outcome.lost, outcome.doubled, outcome.problem) == (0, 0, "")


@pytest.mark.postgres
def test_one_of_two_never_comes_back(postgres_url: str) -> None:
    outcome = kill_at_random(postgres_url, incidents=60, kills=6, bots=2, never_back=True)
    assert (outcome.lost, outcome.doubled, outcome.problem) == (0, 0, "")
