"""Encryption at rest: what opens where, with which key."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.incidents.vault import Place, Sealed, Vault, load_or_make, new_key, parse_keys

HERE = Place("school", "incidents", "K7QM-2WXR", "sealed")


def test_a_value_opens_only_where_it_was_sealed() -> None:
    vault = Vault(parse_keys(new_key()))
    sealed = vault.seal(HERE, "Ünïcode words")
    assert vault.open(HERE, sealed) == "Ünïcode words"
    for place in (
        Place("other", "incidents", "K7QM-2WXR", "sealed"), Place("school", "entries", "K7QM-2WXR", "sealed"),
        Place("school", "incidents", "K7QM-2WXS", "sealed"), Place("school", "incidents", "K7QM-2WXR", "outcome"),
    ):  # fmt: skip
        with pytest.raises(Sealed):
            vault.open(place, sealed)


def test_every_flipped_bit_is_noticed() -> None:
    vault = Vault(parse_keys(new_key()))
    sealed = vault.seal(HERE, "words")
    for position in range(len(sealed)):
        with pytest.raises(Sealed):
            vault.open(HERE, sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :])


def test_the_first_key_encrypts_and_all_open() -> None:
    old, new = new_key(), new_key()
    sealed = Vault(parse_keys(old)).seal(HERE, "words")
    both = Vault(parse_keys(f"{new}, {old}"))
    assert both.open(HERE, sealed) == "words"
    assert not both.is_current(sealed)
    assert both.is_current(both.seal(HERE, "words"))
    with pytest.raises(Sealed, match="not in ENCRYPTION_KEYS"):
        Vault(parse_keys(new)).open(HERE, sealed)


def test_the_index_finds_and_tells_nothing() -> None:
    old, new = Vault(parse_keys(new_key())), Vault(parse_keys(new_key()))
    assert old.index("school", "person", "head") == old.index("school", "person", "head")
    assert len({old.index("school", "person", "head"), old.index("other", "person", "head"), new.index("school", "person", "head")}) == 3


def test_a_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    keys, made = load_or_make(tmp_path / "keys")
    assert made
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    assert load_or_make(tmp_path / "keys") == (keys, False)


@pytest.mark.parametrize("text", ["", "abc", "!!!", "c2hvcnQ="])
def test_bad_keys_are_told_in_one_line(text: str) -> None:
    with pytest.raises(SettingsError) as told:
        parse_keys(text)
    assert len(told.value.problems) == 1
