"""The README says what is so."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import click
import pytest

from app import cli
from bot.settings_checks import NAMES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def commands(group: click.Group, before: str = "") -> set[str]:
    """Every command by its full name."""
    found = set()
    for name, command in group.commands.items():
        found |= commands(command, f"{before}{name} ") if isinstance(command, click.Group) else {before + name}
    return found


def listed(section: str) -> list[list[str]]:
    """The code words in the first column of a section's table."""
    body = README.split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    return [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in body.splitlines() if line.startswith("| `")]


def test_every_setting_stands_in_the_readme_and_no_other() -> None:
    assert sorted(name for row in listed("Settings") for name in row) == sorted(NAMES)


def test_every_command_stands_in_the_readme_and_no_other() -> None:
    told = set()
    for row in listed("Commands"):
        group = row[0].split()[0] if " " in row[0] and not row[0].endswith("]") else ""
        for words in row:
            name = re.sub(r" \[.*", "", words)
            told.add(name if " " in name or not group else f"{group} {name}")
    assert told == commands(cli)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), target


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, page


def test_a_second_make_run_does_nothing_but_start() -> None:
    env = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    env["MODEL"] = "large" if (ROOT / ".venv" / "sentence-model").exists() else "small"  # where it could not be fetched, it is tried again
    words = ["make", "--dry-run", "--silent", "run"]
    asked = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert asked.stdout.split("\n") == [".venv/bin/python app.py serve", ""]
