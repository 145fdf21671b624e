"""The clause base: built only when needed, never half, with every version kept; and the commands that show it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from knowledge import commands
from knowledge.base import Base, BaseError, GuidanceRow, PolicySource, build, import_document
from knowledge.changes import compare, word_runs
from knowledge.clauses import Policy
from knowledge.document import DocumentError
from knowledge.parsing import parse

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "knowledge/policies/harwell-social-media/policy.txt").read_text(encoding="utf-8")
CHANGED = TEXT.replace("Staff should decline 'friend", "Staff must refuse 'friend").replace("7. To ensure", "7. To make sure")
GUIDANCE = [GuidanceRow("answer", "ex-pupil", {"clauses": ["28"], "verdict": "conditional"}, ("can I add an ex-pupil?", "former pupils?"))]
SOURCE = PolicySource("harwell", TEXT, GUIDANCE)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Encoder:
    """Stands in for the sentence model: a vector from the text's letters, and a record of what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[len(text), text.count("e"), 1.0] for text in texts])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "clauses.db"


def test_the_policy_comes_back_as_it_was_parsed(path: Path):
    build(path, [SOURCE], None)
    with Base.open(path) as base:
        assert base.policy("harwell") == parse(TEXT, "harwell")
        assert base.version == parse(TEXT).hash
        assert base.names == ["harwell"]


def test_nothing_is_done_when_nothing_has_changed(path: Path):
    assert build(path, [SOURCE], None)
    before = path.stat()
    assert not build(path, [SOURCE], None)
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


@pytest.mark.parametrize(
    "other",
    [PolicySource("harwell", CHANGED, GUIDANCE), PolicySource("harwell", TEXT), PolicySource("other", TEXT, GUIDANCE)],
    ids=["words", "guidance", "name"],
)
def test_a_change_is_seen(path: Path, other: PolicySource):
    build(path, [SOURCE], None)
    assert build(path, [other], None)


def test_vectors_are_computed_once_for_each_text(path: Path):
    encoder = Encoder()
    build(path, [SOURCE], encoder, model="letters")
    assert len(encoder.asked) == 73
    encoder.asked.clear()
    build(path, [PolicySource("harwell", CHANGED, GUIDANCE)], encoder, model="letters")
    assert sorted(text.split()[0] for text in encoder.asked) == ["Staff", "To"]
    encoder.asked.clear()
    build(path, [PolicySource("harwell", CHANGED, GUIDANCE)], encoder, model="another")
    assert len(encoder.asked) == 75  # the clauses of both versions, and the examples


def test_vectors_are_found_by_kind_and_text(path: Path):
    build(path, [SOURCE], Encoder(), model="letters")
    with Base.open(path) as base:
        found = base.vectors("answer", GUIDANCE[0].texts)
        assert found is not None
        assert found.tolist() == [[22.0, 1.0, 1.0], [14.0, 1.0, 1.0]]
        assert base.vectors("answer", ["never seen"]) is None
        assert base.vectors("clause", GUIDANCE[0].texts) is None
        assert base.guidance("harwell", "answer") == GUIDANCE
        assert base.guidance("harwell", "concern") == []


def test_full_text_search_finds_the_clause(path: Path):
    build(path, [SOURCE], None)
    with Base.open(path) as base:
        assert base.search('jargon-free "plain English"')[0][0] == "22"
        assert base.search("occupational health")[0][0] == "66"
        assert base.search("") == []


def test_earlier_versions_can_still_be_quoted(path: Path):
    build(path, [SOURCE], None, now=lambda: NOON)
    version = import_document(path, PolicySource("harwell", CHANGED), None)
    with Base.open(path) as base:
        assert [(one.id, one.current) for one in base.versions("harwell")] == [(1, False), (2, True)]
        assert base.versions()[0].imported_at == NOON
        assert base.policy("harwell").clause("29").text.startswith("Staff must refuse")
        assert base.policy("harwell", parse(TEXT).hash).clause("29").text.startswith("Staff should decline")
        assert base.version == version.hash
        assert base.guidance("harwell") == GUIDANCE
        assert base.search("refuse")[0][0] == "29"
        assert base.search("decline") == []


def test_an_imported_version_survives_a_restart_and_an_old_text_can_return(path: Path):
    build(path, [SOURCE], None)
    import_document(path, PolicySource("harwell", CHANGED), None)
    assert not build(path, [SOURCE], None)
    build(path, [PolicySource("harwell", TEXT)], None)  # new guidance, the same document
    with Base.open(path) as base:
        assert base.version == parse(CHANGED).hash
    import_document(path, PolicySource("harwell", TEXT), None)
    with Base.open(path) as base:
        assert base.version == parse(TEXT).hash
        assert len(base.versions()) == 2


def test_what_changed_is_told_word_by_word(path: Path):
    build(path, [SOURCE], None)
    import_document(path, PolicySource("harwell", CHANGED), None)
    with Base.open(path) as base:
        diff = base.diff(1, 2)
    assert [one.new.number for one in diff.changed] == ["7", "29"]
    assert not diff.added
    assert not diff.removed
    assert [(run.change, run.text) for run in diff.changed[1].runs[:3]] == [
        ("same", "Staff"), ("removed", "should decline"), ("added", "must refuse"),
    ]  # fmt: skip


def test_a_clause_that_was_only_renumbered_is_not_a_change():
    old = parse("Conduct\n\n1. Staff must be kind.\n2. Staff must be careful.\n3. Staff must be honest.\n")
    new = parse("Conduct\n\n1. Staff must be kind.\n2. Staff must be honest.\n3. Staff must be brave.\n")
    diff = compare(old, new)
    assert [(one.old.number, one.new.number) for one in diff.moved] == [("3", "2")]
    assert [clause.text for clause in diff.removed] == ["Staff must be careful."]
    assert [clause.text for clause in diff.added] == ["Staff must be brave."]
    assert not compare(old, old)


def test_runs_of_words_give_both_texts_back():
    runs = word_runs("Staff should not post images", "Staff must not ever post images")
    assert " ".join(run.text for run in runs if run.change != "added") == "Staff should not post images"
    assert " ".join(run.text for run in runs if run.change != "removed") == "Staff must not ever post images"


SLOW_BUILD = """
import sys, time
from pathlib import Path
import numpy as np
from knowledge.base import PolicySource, build

def encode(texts):
    print("encoding", flush=True)
    time.sleep(30)
    return np.zeros((len(texts), 3))

build(Path(sys.argv[1]), [PolicySource("harwell", Path(sys.argv[2]).read_text(encoding="utf-8"))], encode, model="slow")
"""


def test_a_crash_in_the_middle_leaves_the_old_base(path: Path, tmp_path: Path):
    build(path, [SOURCE], None)
    before = path.read_bytes()
    changed = tmp_path / "changed.txt"
    changed.write_text(CHANGED, encoding="utf-8")
    process = subprocess.Popen([sys.executable, "-c", SLOW_BUILD, str(path), str(changed)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "encoding\n"  # the new file is half written now
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    assert path.read_bytes() == before
    left = [other for other in path.parent.iterdir() if other != path]
    assert left, "the crash came too late to show anything"
    with Base.open(path) as base:
        assert base.policy("harwell").clause("29").text.startswith("Staff should decline")
    for other in left:
        os.utime(other, (time.time() - 7200, time.time() - 7200))
    assert build(path, [PolicySource("harwell", CHANGED)], None)
    assert list(path.parent.iterdir()) == [path]


def test_a_failing_build_leaves_the_old_base(path: Path):
    build(path, [SOURCE], None)
    before = path.read_bytes()

    def broken(texts: list[str]) -> np.ndarray:
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError):
        build(path, [SOURCE], broken, model="broken")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_damaged_base_is_put_aside_and_built_again(path: Path):
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(BaseError, match="cannot be read"):
        Base.open(path)
    assert build(path, [SOURCE], None)
    assert path.with_name("clauses.db.unreadable").exists()


def test_no_base_and_no_such_version_say_what_to_do(path: Path):
    with pytest.raises(BaseError, match="make run"):
        Base.open(path)
    build(path, [SOURCE], None)
    with Base.open(path) as base, pytest.raises(BaseError, match="policy list"):
        base.policy("harwell", 7)


def test_the_commands(path: Path, tmp_path: Path):
    build(path, [SOURCE], None)
    document = tmp_path / "new.txt"
    document.write_text(CHANGED, encoding="utf-8")
    rows = [json.loads(line) for line in commands.parse_command(document, json=True)]
    assert len(rows) == 71
    assert rows[27] == {"number": "28", "section": "Personal use of Social Media", "text": parse(TEXT).clause("28").text}
    assert "71 clauses under 17 headings." in commands.parse_command(document)
    assert commands.diff_command(path) == ["harwell has one version only: there is nothing to compare."]
    said = commands.import_command(path, document, "harwell", None)
    assert said[0].startswith("harwell: version 2 (")
    assert "~ 29 changed: Staff [-should decline-] {+must refuse+} 'friend requests'" in "\n".join(said)
    assert commands.import_command(path, document, "harwell", None) == ["harwell: nothing to do, this text is already current."]
    assert [line[:5] for line in commands.list_command(path)] == ["    1", "*   2"]
    assert commands.diff_command(path)[1:] == said[1:]


def test_a_part_of_the_policy_is_not_taken_for_all_of_it(path: Path, tmp_path: Path):
    build(path, [SOURCE], None)
    note = tmp_path / "note.txt"
    note.write_text("Staff should be kind to one another.", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"note\.txt gives 1 clause, and the current version of harwell has 71"):
        commands.import_command(path, note, "harwell", None)
    with pytest.raises(DocumentError, match="add --anyway"):
        commands.import_command(path, note, "another", None)
    assert "1 clause, is now current" in commands.import_command(path, note, "another", None, anyway=True)[0]


def badly(text: str, name: str) -> Policy:
    """As a parser that does not see two of the numbers."""
    return replace(parse(text.replace("28.", "").replace("29.", ""), name), text=text, hash=parse(text).hash)


def test_a_better_parser_splits_what_is_there_anew_and_keeps_guidance_vectors_and_history(path: Path, monkeypatch: pytest.MonkeyPatch):
    encoder = Encoder()
    with monkeypatch.context() as before:
        before.setattr("knowledge.base.parse", badly)
        before.setattr("knowledge.base.parser_stamp", lambda: "last year's")
        build(path, [SOURCE], encoder, model="letters", now=lambda: NOON)
        import_document(path, PolicySource("other", "A policy\n\nRules\n\n28. Be kind.\n29. Be quiet.\n"), encoder, now=lambda: NOON)
        with Base.open(path) as base:
            assert base.policy("harwell").find("28") is None
            history = [(one.id, one.policy, one.imported_at, one.current) for one in base.versions()]
            fingerprint = base.fingerprint
    encoder.asked.clear()
    assert build(path, [SOURCE], encoder, model="letters")
    with Base.open(path) as base:
        assert base.policy("harwell").clause("28").text.startswith("Staff")
        assert base.policy("other").clause("29").text == "Be quiet."
        assert [(one.id, one.policy, one.imported_at, one.current) for one in base.versions()] == history
        assert base.guidance("harwell", "answer") == GUIDANCE
        assert base.fingerprint == fingerprint  # so what was learnt from the guidance is not learnt again
    assert all(len(text) < 2000 for text in encoder.asked)
    assert len(encoder.asked) < 8  # the clauses that are other than before
    assert not build(path, [SOURCE], encoder, model="letters")


def test_a_parser_that_splits_all_as_before_leaves_the_base_as_it_is(path: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as before:
        before.setattr("knowledge.base.parser_stamp", lambda: "last year's")
        build(path, [SOURCE], None)
    inode = path.stat().st_ino
    assert not build(path, [SOURCE], None)
    assert path.stat().st_ino == inode
    monkeypatch.setattr("knowledge.base.parse", lambda *_: pytest.fail("split again"))
    assert not build(path, [PolicySource("harwell", TEXT, GUIDANCE)], None)
