"""`make bench`: what the README's figures rest on, run on a few questions of which it is known what comes out."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from bench import __main__ as bench
from bench.peers import Rank, bm25, fts5, fuzzy, vectors
from knowledge.build import POLICIES
from knowledge.corpus import Corpus
from knowledge.encoder import Encoder
from knowledge.evaluation import evaluate, read_questions
from knowledge.parsing import parse
from knowledge.weights import SMALL
from tests.support.knowledge import BASE, ROOT, adviser

README = (ROOT / "README.md").read_text(encoding="utf-8")
HEADS = {head.splitlines()[0] for head in (bench.HEAD, bench.TRIAGE_HEAD, bench.SUBJECT_HEAD)}
PEERS = ("SQLite FTS5", "bm25s", "rapidfuzz", "vectors", "text alone (ours)")
# Of two questions each: one that is answered as it is labelled, and one whose label says on purpose what is not so.
QUESTIONS = (
    "# id\tquestion\tclauses\tverdicts\tconcern",
    "1\tcan I friend an ex-pupil?\t28\tno,conditional\tnone",
    "2\tCan I accept a friend request from a pupil?\t72\tyes\tnone",
    "3\twhat time does the swimming pool open\t-\tnot_covered\tnone",
)
LONG = (
    QUESTIONS[0],
    "1\tA girl who was in my class until two summers ago has sent me a friend request. Can I accept?\t28\tno,conditional\tnone",
)
TRIAGE = (
    "# id\tmessage\tconcerns",
    "1\tOne of my pupils has naked photos of another pupil on his phone\tindecent_images",
    "2\tOne of my pupils has naked photos of another pupil on his phone\tthreat",
    "3\tOne of my pupils has naked photos of another pupil on his phone\tnone",
    "4\tcan I friend an ex-pupil?\tnone",
)
SUBJECTS = (
    "# id\tmessage\tsubject",
    "1\tour headteacher called the cooks 'thick as mince' on her twitter last night\theadteacher",
    "2\tour headteacher called the cooks 'thick as mince' on her twitter last night\t-",
)
RULES = {
    "a": "You may grow tomatoes in a greenhouse.",
    "b": "Dogs must be kept on a lead.",
    "c": "A greenhouse must have a door.",
    "d": "No.",
}
ASKED = (
    {"question": "Must dogs be kept on a lead?", "scenario": "We own one.", "gold": ["b"]},
    {"question": "Must dogs be kept on a lead?", "scenario": "We own two.", "gold": ["d"]},
)


def written(path: Path, lines: tuple[str, ...]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the bench prints of these sets, with the real base."""
    folder = tmp_path_factory.mktemp("bench")
    for name, lines in {"short": QUESTIONS, "long": LONG, "triage": TRIAGE, "subject": SUBJECTS}.items():
        written(folder / "held_out" / f"second_{name}.tsv", lines)
    written(folder / "questions.tsv", QUESTIONS)
    written(folder / "clauses.jsonl", tuple(json.dumps({"id": name, "text": text}) for name, text in RULES.items()))
    written(folder / "questions.jsonl", tuple(json.dumps(one) for one in ASKED))
    adviser()  # the base is there, and is not built a second time
    told, plain = io.StringIO(), Encoder.open(tuned=False, model=SMALL)  # any model will do
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bench, "HERE", folder)
        patched.setattr(bench, "CONSOLE", Console(file=told, width=200))
        bench.school(BASE, folder, plain)
        bench.other_rules(folder / "clauses.jsonl", folder / "questions.jsonl", plain)
    return told.getvalue()


def table(printed: str, title: str) -> dict[str, list[str]]:
    """The rows of one comparison: the way of ranking, and what stands beside it."""
    found = re.search(rf"^ *{re.escape(title)} questions? *\n([^└]*)└", printed, re.MULTILINE)
    assert found, title
    body = found[1]
    rows = [[cell.strip() for cell in line.strip("│┃ ").split("│")] for line in body.splitlines() if line.startswith("│")]
    return {row[0]: row[1:] for row in rows}


def test_every_way_has_every_column_in_every_set(printed: str) -> None:
    sets = {"development: 2": True, "second set, short: 2": True, "second set, long: 1": True}
    sets |= {"OR-ShARC, scenario and question: 2": False, "OR-ShARC, question alone: 1": False}
    for title, ours in sets.items():
        rows = table(printed, title)
        assert set(rows) == {*PEERS, *(["Usher"] if ours else [])}
        for first, three, middle, late in rows.values():
            assert 0 <= float(first.removesuffix("%")) <= float(three.removesuffix("%")) <= 100
            assert 0 <= float(middle) <= float(late)


def under(printed: str, head: str) -> dict[str, list[str]]:
    """The rows of one of the tables that the README has: the set, and its figures."""
    _, found, rest = printed.partition(f"{head}\n")
    assert found, head
    rows = [
        line.strip("| ").split(" | ") for line in takewhile(lambda line: line.startswith("| ") and line not in HEADS, rest.splitlines())
    ]
    return {row[0]: row[1:] for row in rows}


def test_what_comes_out_of_sets_with_known_answers(printed: str) -> None:
    questions = under(printed, bench.HEAD)
    assert set(questions) == {"development (2)", "second set, short (2)", "second set, long (1)"}
    for name in ("development (2)", "second set, short (2)"):
        assert questions[name][1:] == ["50% / 50%", "67%", "100%", "0%"]
    assert questions["second set, long (1)"][1:] == ["100% / 100%", "100%", "-", "0%"]
    assert table(printed, "second set, short: 2")["Usher"][:2] == ["50.0%", "50.0%"]
    assert under(printed, bench.TRIAGE_HEAD) == {"second set": ["100%", "50%", "100%", "50%"]}
    assert under(printed, bench.SUBJECT_HEAD) == {"second set": ["100%", "100%", "50%"]}


def test_a_question_asked_without_its_scenario_is_right_with_any_clause_that_it_may_mean(printed: str) -> None:
    for way in PEERS:
        assert table(printed, "OR-ShARC, scenario and question: 2")[way][0] == "50.0%"
        assert table(printed, "OR-ShARC, question alone: 1")[way][0] == "100.0%"


class Known:
    """Answers as it was told to."""

    def __init__(self, answers: Mapping[str, tuple[tuple[str, ...], str]]) -> None:
        self._answers = answers

    def ask(self, words: str) -> SimpleNamespace:
        ranked, verdict = self._answers.get(words, ((), "not_covered"))
        return SimpleNamespace(ranked=ranked, clauses=(), verdict=verdict, disclosure=None, confidence=1.0, kind="guidance", entry_id="")


def test_a_row_of_the_readme_is_reckoned_right(tmp_path: Path) -> None:
    labelled = [f"{name}\t28\tno\tnone" for name in ("first", "third", "late", "refused")] + ["outside\t-\tnot_covered\tnone"]
    written(tmp_path / "set.tsv", tuple(f"{number}\t{line}" for number, line in enumerate(labelled)))
    known = Known({"first": (("28",), "no"), "third": (("5", "6", "28"), "yes"), "late": (("5", "6", "7", "28"), "no")})
    figures = evaluate(known, read_questions(tmp_path / "set.tsv")).figures  # type: ignore[arg-type]  # only that is asked of it
    assert bench.row("tiny (4)", (0.25, 0.5), figures) == "| tiny (4) | 25% / 50% | 25% / 50% | 60% | 100% | 25% |"


WAYS: dict[str, Callable[[Mapping[str, str], Encoder], Rank]] = {
    "fts5": lambda texts, _: fts5(texts),
    "bm25": lambda texts, _: bm25(texts),
    "fuzzy": lambda texts, _: fuzzy(texts),
    "vectors": vectors,
    "ours": lambda texts, encoder: Corpus(texts, encoder).rank,
}


@pytest.fixture(scope="module")
def plain() -> Encoder:
    return Encoder.open(tuned=False, model=SMALL)


@pytest.mark.parametrize("way", WAYS)
def test_every_clause_is_found_by_its_very_words(way: str, plain: Encoder) -> None:
    text = (POLICIES / "harwell-social-media" / "policy.txt").read_text(encoding="utf-8")
    clauses = {clause.number: clause.text for clause in parse(text, "harwell-social-media").clauses}
    rank = WAYS[way](clauses, plain)
    assert [number for number, words in clauses.items() if clauses[rank(words)[0]] != words] == []


def test_the_readme_has_these_tables_with_a_row_for_each_set_of_its_true_size() -> None:
    for head in (bench.HEAD, bench.TRIAGE_HEAD, bench.SUBJECT_HEAD):
        assert head in README
    for kind in ("short", "long"):
        for name, path in bench.held_out(kind).items():
            size = sum(bool(one.clauses) for one in read_questions(path))
            assert f"\n| {name}, {kind} ({size}) | " in README
    for kind, head in (("triage", bench.TRIAGE_HEAD), ("subject", bench.SUBJECT_HEAD)):
        listed = README.partition(head)[2].partition("\n\n")[0]
        assert re.findall(r"^\| (\w+ set) ", listed, re.MULTILINE) == list(bench.held_out(kind))
