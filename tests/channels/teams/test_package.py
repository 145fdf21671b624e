"""The app package is what Teams takes, and doctor says what is missing."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema.validators import validator_for
from PIL import Image

from bot.channels.teams.book import Book
from bot.channels.teams.checks import check_teams
from bot.channels.teams.package import manifest, package
from bot.channels.teams.references import Reference, References
from bot.errors import SettingsError
from bot.settings import Settings, load
from tests.support.school import School

MADE = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((Path(__file__).parent / "manifest-1.17.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "school.toml").write_text((ROOT / "school.example.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return load(tmp_path, {
        "MicrosoftAppId": "12345678-90ab-cdef-1234-567890abcdef", "MicrosoftAppPassword": "x", "MicrosoftAppTenantId": "t",
        "PUBLIC_URL": "https://usher.school.example",
    })  # fmt: skip


def test_the_manifest_is_valid_by_microsofts_schema(settings: Settings) -> None:
    validator = validator_for(SCHEMA)(SCHEMA)
    assert [error.message for error in validator.iter_errors(manifest(settings, MADE))] == []


def test_with_group_chats_the_app_asks_to_hear_every_word_in_a_chat_and_else_not(settings: Settings) -> None:
    assert settings.teams
    asks = manifest(replace(settings, teams=replace(settings.teams, graph_chats=True)), MADE)
    validator = validator_for(SCHEMA)(SCHEMA)
    assert [error.message for error in validator.iter_errors(asks)] == []
    heard = [{"name": "ChatMessage.Read.Chat", "type": "Application"}]
    assert asks["authorization"]["permissions"]["resourceSpecific"] == heard
    assert "authorization" not in manifest(settings, MADE)


def test_a_package_made_later_has_a_higher_version_or_teams_would_not_take_it(settings: Settings) -> None:
    moments = (MADE, MADE + timedelta(minutes=1), MADE + timedelta(days=1, hours=-9), MADE + timedelta(days=4000))
    made = [str(manifest(settings, one)["version"]) for one in moments]
    numbers = [tuple(map(int, one.split("."))) for one in made]
    assert numbers == sorted(set(numbers))
    assert all(part < 65536 and str(part) in one.split(".") for one, parts in zip(made, numbers, strict=True) for part in parts)


def test_doctor_says_what_group_chats_need(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.teams
    with_chats = replace(settings, teams=replace(settings.teams, graph_chats=True))
    monkeypatch.setattr("bot.channels.teams.checks.find_spec", lambda _: None)
    assert any(one.mend == "pip install -r requirements-graph.txt" for one in check_teams(with_chats, None, token=lambda: "good"))
    assert not any("Graph" in one.what for one in check_teams(settings, None, token=lambda: "good"))


def test_the_package_holds_the_manifest_and_two_icons_of_the_right_size(settings: Settings) -> None:
    with zipfile.ZipFile(io.BytesIO(package(settings))) as archive:
        assert sorted(archive.namelist()) == ["color.png", "manifest.json", "outline.png"]
        colour, outline = (Image.open(io.BytesIO(archive.read(name))) for name in ("color.png", "outline.png"))
        assert json.loads(archive.read("manifest.json"))["bots"][0]["botId"] == "12345678-90ab-cdef-1234-567890abcdef"
    assert (colour.size, outline.size) == ((192, 192), (32, 32))
    shades = {pixel[:3] for _, pixel in outline.getcolors(2000) or [] if pixel[3]}  # type: ignore[index]
    assert shades == {(255, 255, 255)}, "an outline is white on nothing"


def test_a_package_that_teams_could_not_reach_is_not_made(settings: Settings) -> None:
    for url in ("http://usher.school.example", "https://127.0.0.1:8080"):
        with pytest.raises(SettingsError, match="PUBLIC_URL"):
            package(replace(settings, public_url=url))
    with pytest.raises(SettingsError, match="MicrosoftAppId"):
        package(replace(settings, teams=None))


def test_doctor_says_who_cannot_be_reached_in_teams(settings: Settings, tmp_path: Path) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    references = References(Book(school.store, school.vault), settings.school.everyone())
    references.met(Reference("aad-1", "29:1", "Helen", "helen.blake@demo.example", conversation="a:1"))
    found = check_teams(settings, references, token=lambda: "good")
    told = {one.what: one.good for one in found}
    assert told["Teams: Mrs Helen Demo-Blake has opened the bot."] is True
    assert told["Teams: Mr Dev Demo-Patel has not opened the bot, and nothing else reaches them."] is False
    assert told["Teams: only people of the school's own tenant are heard."] is True
    with_mail = check_teams(replace(settings, smtp_url="smtp://x"), references, token=lambda: "good")
    assert any(one.good is None and "reached by e-mail" in one.what for one in with_mail)
    school.close()


def test_doctor_tells_a_refused_secret_from_a_network_that_is_down(settings: Settings) -> None:
    def refuse() -> None:
        raise PermissionError

    def down() -> None:
        raise ConnectionError

    assert any("did not give the bot a token" in one.what for one in check_teams(settings, None, token=refuse))
    assert any("could not be asked (ConnectionError)" in one.what for one in check_teams(settings, None, token=down))
    assert check_teams(replace(settings, teams=None), None)[0].good is None
