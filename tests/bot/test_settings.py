"""What an administrator writes, and what the bot says of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.people import Role
from bot.school_file import read_school
from bot.settings import load

EXAMPLE = Path(__file__).resolve().parents[2] / "school.example.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "school.example.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def problems(folder: Path, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, environment)
    return caught.value.problems


def test_nothing_set_gives_the_demo_school_on_loopback(folder: Path) -> None:
    settings = load(folder, {})
    assert settings.demo
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.database_url.startswith("sqlite:///")
    assert settings.slack is None
    assert settings.teams is None


def test_the_demo_school_has_everyone_whom_the_stories_need(folder: Path) -> None:
    people = load(folder, {}).school.everyone()
    for role in Role:
        if role is not Role.LINE_MANAGER:
            assert people.with_role(role), role
    assert people.get("ta") is not None
    teacher = people.get("teacher")
    assert teacher is not None
    assert people.line_manager_of(teacher) == people.get("deputy")


def test_the_real_environment_wins_over_the_file(folder: Path) -> None:
    (folder / ".env").write_text("PORT=9000\nPUBLIC_URL=https://usher.example\n", encoding="utf-8")
    settings = load(folder, {"PORT": "9001"})
    assert settings.port == 9001
    assert settings.public_url == "https://usher.example"


def test_all_mistakes_are_told_at_once_and_each_says_how_to_mend_it(folder: Path) -> None:
    told = problems(
        folder,
        PORT="eighty",
        DATABASE_URL="mysql://x",
        SLACK_BOT_TOKEN="xapp-wrong",
        SMTP_URL="smtp.example",
        MicrosoftAppId="123",
        ENCRYPTION_KEYS="short",
        PUBLIC_URL="usher.example",
    )
    for name in (
        "PORT",
        "DATABASE_URL",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SMTP_URL",
        "MAIL_FROM",
        "MicrosoftAppId",
        "MicrosoftAppPassword",
    ):
        assert any(problem.startswith(name) for problem in told), name
    assert not any("\n" in problem for problem in told)


def test_a_secret_never_stands_in_what_is_said(folder: Path) -> None:
    told = problems(folder, SLACK_BOT_TOKEN="hunter2-token", SMTP_URL="ftp://me:hunter2@host", ENCRYPTION_KEYS="hunter2")
    assert not any("hunter2" in problem for problem in told)


def test_a_misspelt_setting_is_noticed(folder: Path) -> None:
    (folder / ".env").write_text("SLACK_BOT_TOKN=x\n", encoding="utf-8")
    assert problems(folder) == [".env: SLACK_BOT_TOKN is not a setting; did you mean SLACK_BOT_TOKEN?"]


def test_the_demo_school_is_never_served_to_the_network(folder: Path) -> None:
    assert "127.0.0.1" in problems(folder, HOST="0.0.0.0")[0]  # noqa: S104 it must be refused


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('roles = ["headteacher", "slt"]', 'roles = ["head"]'), "is not a role"),
        (('line_manager = "head"', 'line_manager = "nobody"'), "nobody's id"),
        (('id = "ta"', 'id = "teacher"'), "two [[people]] blocks"),
        (('after = "5m"', 'after = "five"'), '"10m"'),
        (('after = "10m", alert = ["deputy_headteacher"', 'after = "10m", alert = ["deputy_haedteacher"'), "neither"),
        (('from = "18:30"', 'from = "6pm"'), "time of day"),
        (("telephone =", "telefone ="), 'did you mean "telephone"?'),
        (('timezone = "Europe/London"', 'timezone = "Mars/Base"'), "unknown"),
        (("[school]", "[school"), "not valid TOML"),
        (('roles = ["chair_of_governors"]', "roles = []"), "nobody holds the role chair_of_governors"),
    ],
)
def test_a_mistake_in_school_toml_is_told_in_a_sentence(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert change[0] in text
    file = tmp_path / "school.toml"
    file.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_school(file)
    assert any(said in problem for problem in caught.value.problems), caught.value.problems


def test_a_missing_school_file_says_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"copy school\.example\.toml"):
        read_school(tmp_path / "school.toml")


def test_times_are_read() -> None:
    school = read_school(EXAMPLE)
    assert school.escalation.urgent.steps[1].after == timedelta(minutes=5)
    assert school.escalation.normal.repeat == timedelta(hours=24)
    assert school.retention.safeguarding > timedelta(days=25 * 365)
