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


def told_of(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """What is said of the demo school with some of its words changed."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "school.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_school(file)
    return [problem.removeprefix("school.toml: ") for problem in caught.value.problems]


def test_a_misspelt_key_hides_no_other_mistake(tmp_path: Path) -> None:
    told = told_of(
        tmp_path,
        ('it_contact = "it"', 'it_contcat = "it"'),
        ('timezone = "Europe/London"', 'timezone = "Mars"'),
        ('line_manager = "deputy"', 'line_manager = "zz"'),
        ('"deputy_headteacher", "designated_safeguarding_lead"', '"deputy_haedteacher"'),
        ('repeat = "24h"', 'repeat = "1s"'),
    )
    assert told == [
        'school, it_contcat is not a setting; did you mean "it_contact"?',
        "teacher's line_manager \"zz\" is nobody's id: use the id of one of the [[people]].",
        'school, timezone "Mars" is unknown: write "Europe/London".',
        told[3],
        'escalation.normal: repeat is under a minute: write "10m" or more, so that people keep listening.',
    ]
    assert told[3].startswith('escalation.urgent: "deputy_haedteacher" is neither "routed" nor a role')


def test_one_mistake_is_told_once_and_in_plain_words(tmp_path: Path) -> None:
    for change, said in (
        (('email = "tara.ash@demo.example"', 'email = "tara"'), "people, block 2, email is no e-mail address: write one such as"),
        (("demo = true", 'demo = "maybe"'), "school, demo is neither true nor false: write one of the two"),
        (('id = "it"', 'id = "IT"'), "people, block 9, id must begin with a small letter"),
        (
            ('roles = ["headteacher", "slt"]', 'roles = ["haedteacher", "slt"]'),
            "people, block 3, roles, entry 1 is not a role; the roles are",
        ),
        (
            ('roles = ["headteacher", "slt"]', 'rolse = ["headteacher", "slt"]'),
            'people, block 3, rolse is not a setting; did you mean "roles"?',
        ),
        (('name = "Harwell Community Primary School"', 'name = ""'), "school, name is empty: write something"),
        (('policies = ["harwell-social-media"]', "policies = []"), "school, policies is empty: put something in"),
        (('telephone = "01235 000000"', "telephone = 1235"), "school, telephone must stand in quotation marks"),
        (('after = "5m"', 'after = "five"'), "escalation, urgent, steps, step 2, after: write a length of time"),
        (('after = "0s", alert = ["routed"]', 'after = "0s", alert = []'), "escalation, urgent, steps, step 1, alert is empty"),
        (("# terms = [ { first = 2026-09-02", 'terms = [ { first = "soon"'), "quiet, terms, term 1, first is no date: write one such as"),
    ):
        told = told_of(tmp_path, change)
        assert len(told) == 1, told
        assert told[0].startswith(said), told
        assert told[0].endswith((".", "?"))


def test_a_school_without_people_is_told_so(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    start, end = text.index("[[people]]\n"), text.index("[escalation.urgent]")
    told = told_of(tmp_path, (text[start:end], ""), ("[school]", "people = []\n[school]"))
    assert told == ["people is empty: add a [[people]] block for each person who holds a role, as in school.example.toml."]


def test_a_school_of_people_who_cannot_be_read_is_not_said_to_be_empty(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    start, end = text.index("[[people]]\n"), text.index("[escalation.urgent]")
    told = told_of(
        tmp_path, ('it_contact = "it"', ""), (text[start:end], '[[people]]\nid = "head"\nname = "A"\nroles = "headteacher"\nemail = "a"\n')
    )
    assert [line.split(" ", 4)[3] for line in told] == ["roles", "email"]


def test_a_policy_that_is_not_there_is_told_with_the_other_mistakes(folder: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace('["harwell-social-media"]', '["harwell-social-media", "nope"]')
    (folder / "school.toml").write_text(text.replace("Europe/London", "Mars"), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(folder, {"DATA_DIR": "here"}, missing=lambda data, name: (data, name) == (folder / "here", "nope"))
    assert [problem.split(": ", 2)[1] for problem in caught.value.problems] == ['school, timezone "Mars" is unknown', "school, policies"]
    assert "policy import FILE --name nope" in caught.value.problems[1]


def test_a_missing_school_file_says_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"copy school\.example\.toml"):
        read_school(tmp_path / "school.toml")


def test_times_are_read() -> None:
    school = read_school(EXAMPLE)
    assert school.escalation.urgent.steps[1].after == timedelta(minutes=5)
    assert school.escalation.normal.repeat == timedelta(hours=24)
    assert school.retention.safeguarding > timedelta(days=25 * 365)
