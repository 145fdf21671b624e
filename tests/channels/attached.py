"""What is attached in the tests, and the search for it: in files, the log, temporary files, and in everything that was sealed."""

from __future__ import annotations

import base64
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incidents.vault import Place, Vault
from tests.faults.test_at_rest import found_in

CANARY = "canary-4711-in-a-picture"
INLINE = "data:image/png;base64," + base64.b64encode(f"xx{CANARY}xx".encode()).decode()
MARKS = (CANARY, base64.b64encode(f"xx{CANARY}xx".encode()).decode()[4:30])


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Every text that was sealed and put away. Temporary files go where they are searched."""
    texts: list[str] = []
    real = Vault.seal

    def seal(self: Vault, place: Place, text: str) -> bytes:
        texts.append(f"{place.table}.{place.column}: {text}")
        return real(self, place, text)

    monkeypatch.setattr(Vault, "seal", seal)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    for name in ("bot", "handlers", "slack_bolt", "slack_sdk", "botbuilder", "msrest", "aiohttp"):
        caplog.set_level(logging.DEBUG, name)
    yield texts
    assert "words beside it" in "".join(texts), "the words are on record"
    assert [one for one in texts if any(mark in one for mark in MARKS)] == []
    assert found_in(tmp_path, *MARKS) == []
    assert not any(mark in caplog.text for mark in MARKS)
