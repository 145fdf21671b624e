"""The house's rules: who may import whom, how long a file may be, and that the project speaks of itself alone."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import LONGEST, pytest_collection_modifyitems

ROOT = Path(__file__).resolve().parent.parent
ENTRY = ("app.py", "wiring.py")
PRODUCT = [
    *sorted(path for folder in ("bot", "commands", "handlers", "knowledge") for path in (ROOT / folder).rglob("*.py")),
    *(ROOT / name for name in ENTRY),
]
OURS = {"app", "bot", "commands", "handlers", "knowledge", "wiring"}
CHAT_SDKS = {"slack_bolt", "slack_sdk", "botbuilder", "botframework", "msgraph", "msal"}
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "bot": {"bot"},
    "handlers": {"handlers", "bot", "knowledge"},
    "commands": OURS,
    **dict.fromkeys(ENTRY, OURS),
}
LONGEST_FILE = 250
LONGEST_FUNCTION = 60


def imports(path: Path) -> set[str]:
    """Every module that a file imports, by its full name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_each_part_imports_only_what_the_house_allows(path: Path) -> None:
    allowed = MAY_IMPORT[path.relative_to(ROOT).parts[0]]
    ours = {module.split(".")[0] for module in imports(path)} & OURS
    assert ours <= allowed, f"{name_of(path)} may not import {ours - allowed}"


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_chat_products_are_known_under_channels_alone(path: Path) -> None:
    sdks = {module.split(".")[0] for module in imports(path)} & CHAT_SDKS
    assert not sdks or "bot/channels/" in name_of(path), f"{name_of(path)} imports {sdks}"


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_handlers_and_channels_never_meet(path: Path) -> None:
    modules = imports(path)
    if name_of(path).startswith("handlers/"):
        assert not {module for module in modules if module.startswith("bot.channels")}
    for product in ("slack", "teams", "web"):
        if name_of(path).startswith(f"bot/channels/{product}/"):
            others = {f"bot.channels.{other}" for other in ("slack", "teams", "web") if other != product}
            assert not {module for module in modules if any(module.startswith(other) for other in others)}


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_files_and_functions_fit(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_FILE, f"{name_of(path)} is longer than {LONGEST_FILE} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno
            assert length <= LONGEST_FUNCTION, f"{name_of(path)}: {node.name} has {length} lines"


def test_the_linter_and_the_types_are_strict() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "strict = true" in text
    assert 'select = ["ALL"]' in text


def test_the_longest_tests_come_first_and_are_there() -> None:
    folder = ROOT / "tests"
    assert [name for name in LONGEST if not (folder / name).is_file()] == []
    items = [SimpleNamespace(path=folder / name, number=number) for name in ("test_house.py", LONGEST[1], LONGEST[0]) for number in (1, 2)]
    pytest_collection_modifyitems(items)  # type: ignore[arg-type]  # only their place is asked for
    assert [(item.path, item.number) for item in items] == [
        (folder / name, number) for name in (LONGEST[0], LONGEST[1], "test_house.py") for number in (1, 2)
    ]
