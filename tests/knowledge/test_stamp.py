"""A start looks at bytes first: what has not changed is not read again, and what has is noticed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.build import build_base
from knowledge.reader import Base
from knowledge.stamp import stamp_of, stored_stamp

RULES = "A policy\n\nRules\n\n1. Staff must be kind to every pupil.\n2. Staff must be quiet in the library.\n"
GUIDANCE = """
[[answer]]
id = "kind"
clauses = ["1"]
verdict = "yes"
summary = "Be kind."
questions = ["must I be kind", "do I have to be nice"]
"""


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    folder = tmp_path / "policies" / "rules"
    (folder / "guidance").mkdir(parents=True)
    (folder / "policy.txt").write_text(RULES, encoding="utf-8")
    (folder / "guidance" / "rules.toml").write_text(GUIDANCE, encoding="utf-8")
    return folder.parent


def test_what_has_not_changed_is_not_built_again(policies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = tmp_path / "clauses.db"
    assert build_base(base, None, policies=policies)
    monkeypatch.setattr("knowledge.build.source_of", lambda _: pytest.fail("a source was read again"))
    assert not build_base(base, None, policies=policies)


def test_a_changed_word_of_guidance_is_noticed(policies: Path, tmp_path: Path) -> None:
    base = tmp_path / "clauses.db"
    build_base(base, None, policies=policies)
    file = policies / "rules" / "guidance" / "rules.toml"
    file.write_text(GUIDANCE.replace("Be kind.", "Be very kind."), encoding="utf-8")
    assert build_base(base, None, policies=policies)
    with Base.open(base) as opened:
        assert opened.guidance("rules", "answer")[0].data["summary"] == "Be very kind."


def test_another_model_is_another_stamp(policies: Path) -> None:
    assert stamp_of(policies, "one") != stamp_of(policies, "other")


def test_a_base_that_is_gone_or_broken_has_no_stamp(policies: Path, tmp_path: Path) -> None:
    base = tmp_path / "clauses.db"
    build_base(base, None, policies=policies)
    assert stored_stamp(base)
    shutil.copy(policies / "rules" / "policy.txt", base)
    assert not stored_stamp(base)
    base.unlink()
    assert not stored_stamp(base)
    assert build_base(base, None, policies=policies)
