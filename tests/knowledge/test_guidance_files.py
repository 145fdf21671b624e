"""Authored guidance is read as it is written, and mistakes of form are told all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.build import POLICIES, guidance_of, rows_of
from knowledge.guidance_files import GuidanceError, load, paraphrases
from knowledge.language import Reader

ANSWER = """
[clause.28]
summary = "No contact."
read_with = ["29"]
[[answer]]
id = "one"
clauses = ["28"]
verdict = "no"
summary = "Do not."
questions = ["can I | may I", "should I"]
"""


def folder_with(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        path = tmp_path / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_line_is_a_group_of_paraphrases() -> None:
    assert paraphrases(["a | b|c", " ", "d"]) == (("a", "b", "c"), ("d",))


def test_entries_of_every_kind_are_read(tmp_path: Path) -> None:
    guidance = load(folder_with(
        tmp_path, guidance__a=ANSWER,
        not_covered='[[not_covered]]\nid = "lift"\ntopic = "lifts"\nsummary = "No word on it."\nquestions = ["lift home"]',
        concerns='[[disclosure]]\nid = "told"\nkind = "threat"\nclauses = ["61"]\nmessages = ["he will get me"]\n'
        '[[lookalike]]\nid = "same"\nmessages = ["might I"]\nanswer = "one"',
    ))  # fmt: skip
    kinds = {entry.id: (entry.kind, entry.verdict) for entry in guidance.entries}
    assert kinds == {"one": ("answer", "no"), "lift": ("not_covered", "not_covered"), "told": ("disclosure", "report")}
    one = guidance.entry("one")
    assert one is not None
    assert one.groups == (("can I", "may I"), ("should I",), ("might I",))
    assert guidance.summary_of("28") == "No contact."
    assert guidance.summary_of("28a") == "No contact."


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    bad = ANSWER.replace('"no"', '"perhaps"').replace("verdict", 'role = "king"\nverdict')
    with pytest.raises(GuidanceError) as told:
        load(folder_with(tmp_path, guidance__a=bad, guidance__b=ANSWER, guidance__c="[[answer"))
    assert len(str(told.value).splitlines()) == 4


def test_the_schools_guidance_reads_and_every_clause_has_a_summary() -> None:
    guidance = load(POLICIES / "harwell-social-media")
    missing = [number for number in range(1, 72) if not guidance.summary_of(str(number))]
    assert missing == []
    assert len({entry.id for entry in guidance.entries}) == len(guidance.entries)


def test_guidance_comes_back_from_its_rows() -> None:
    guidance = load(POLICIES / "harwell-social-media")

    rows = rows_of(guidance, Reader({}))

    class Rows:
        def guidance(self, _: str, *kinds: str) -> list[object]:
            return [row for row in rows if row.kind in kinds]

    again = guidance_of(Rows(), "harwell-social-media")  # type: ignore[arg-type]
    assert {entry.id: entry for entry in again.entries} == {entry.id: entry for entry in guidance.entries}
    assert again.notes == guidance.notes
