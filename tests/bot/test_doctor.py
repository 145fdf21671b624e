"""What the doctor says of people, alerts and how long things are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor import Finding, check_alerts, check_people, check_retention
from bot.settings import Settings, load
from tests.support.delivering import Post
from tests.support.knowledge import EXAMPLE
from tests.support.people import TEACHER
from tests.support.school import School, report


def settings(folder: Path, *changes: tuple[str, str], **env: str) -> Settings:
    """A real school's settings: the example, no longer a demo, with these words put in the place of others."""
    text = EXAMPLE.read_text(encoding="utf-8").replace("demo = true", "demo = false")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (folder / "school.toml").write_text(text, encoding="utf-8")
    return load(folder, env)


def bad(findings: object) -> list[Finding]:
    return [one for one in findings if one.good is False]  # type: ignore[attr-defined]


def test_who_cannot_be_reached_is_named(tmp_path: Path) -> None:
    mail = {"SMTP_URL": "smtp://127.0.0.1:2525", "MAIL_FROM": "usher@demo.example"}
    well = settings(tmp_path, **mail)
    assert bad(check_people(well)) == []
    ill = settings(tmp_path, ('email = "carol.grant@demo.example"\n', ""), **mail)
    (found,) = bad(check_people(ill))
    assert found.what == "Dr Carol Demo-Grant cannot be reached."
    assert "chair" in found.mend
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    assert bad(check_people(settings(tmp_path, **slack))) == [], "Slack finds people by their e-mail"
    without = settings(tmp_path)
    assert len(bad(check_people(without))) == 6
    assert any("Nobody is told when the bot itself is ill" in one.what for one in check_people(without))
    assert not any("itself is ill" in one.what for one in check_people(well))


async def test_alerts_that_reached_nobody_are_counted_and_not_told_of(tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    assert list(check_alerts(school.store)) == []
    ref = school.register.open(report(), TEACHER, school.event()).ref
    await Post(school, {}).deliver()
    (found,) = check_alerts(school.store)
    assert found.what == "1 alert(s) could reach nobody."
    assert ref not in str(found)
    school.close()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('safeguarding = "25y"', 'safeguarding = "6d"'), "safeguarding: incidents' words go after 6 days"),
        (('misuse = "6y"', 'misuse = "1d"'), "misuse: incidents' words go after 1 day"),
        (('threat = "6y"', 'threat = "900y"'), "threat: 900 years is longer"),
        (('questions = "2y"', 'questions = "0s"'), "questions: words go after less than a day"),
        (('conversations = "1y"', 'conversations = "7y"'), "conversations are kept longer than incidents of the kind misuse"),
    ],
)
def test_odd_times_are_noted(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    found = list(check_retention(settings(tmp_path, change)))
    assert any(said in one.what for one in found), found
    assert {one.good for one in found} == {None}


def test_the_examples_times_are_not_odd(tmp_path: Path) -> None:
    (found,) = check_retention(settings(tmp_path))
    assert found.good is True


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTP_URL", "MAIL_FROM", "SCHOOL_FILE"):
        monkeypatch.delenv(name, raising=False)
