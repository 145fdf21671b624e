"""The figures are reckoned as CONTRACT.md says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.peers import bm25, fts5, fuzzy, recall
from knowledge.corpus import Corpus, Row, evaluate_corpus
from knowledge.evaluation import Labelled, Result, Scores, confusion, figures, miss_lines, reliability, score_subjects

TEXTS = {
    "a": "You may grow tomatoes in a greenhouse.",
    "b": "Dogs must be kept on a lead in the park.",
    "c": "A greenhouse must have a door.",
}


def result(name: str, clauses: tuple[str, ...], verdict: str, labelled: Labelled, confidence: float = 0.9) -> Result:
    return Result(labelled, clauses, verdict, "none", confidence, 5.0, name)


RESULTS = (
    result("first", ("28", "29"), "no", Labelled("1", "x", ("28",), ("no",), ("none",))),
    result("second", ("5", "28"), "yes", Labelled("2", "x", ("28",), ("no",), ("misuse",)), 0.2),
    result("refused", (), "not_covered", Labelled("3", "x", ("28",), ("no",), ("none",)), 0.6),
    result("outside", (), "not_covered", Labelled("4", "x", (), ("not_covered",), ("none",))),
)


def test_figures() -> None:
    found = figures(RESULTS)
    assert found["questions"] == 4
    assert found["recall_at_1"] == pytest.approx(1 / 3, abs=1e-3)
    assert found["recall_at_3"] == pytest.approx(2 / 3, abs=1e-3)
    assert found["mrr"] == pytest.approx(0.5)
    assert found["verdict_accuracy"] == pytest.approx(0.5)
    assert found["not_covered_recall"] == 1
    assert found["wrongly_refused"] == pytest.approx(1 / 3, abs=1e-3)
    assert found["concern_recall"] == 0
    assert found["false_alarms"] == 0


def test_indecent_images_are_reckoned_apart() -> None:
    heard = result("heard", ("71",), "report", Labelled("1", "x", (), (), ("indecent_images",)))
    other = result("heard as something else", ("60",), "report", Labelled("2", "x", (), (), ("threat", "indecent_images")))
    assert "indecent_images_recall" not in figures((other,))
    assert (
        figures((replace(heard, concern="indecent_images"), replace(heard, concern="safeguarding"), other))["indecent_images_recall"] == 0.5
    )


def test_misses_and_tables_are_shown() -> None:
    scores = Scores(figures(RESULTS), RESULTS)
    assert [line.split("\t")[0] for line in miss_lines(scores)] == ["2", "3"]
    assert any("not_covered" in line for line in confusion(scores, "verdict"))
    assert sum(count for _, _, count in reliability(scores)) == 3


class Knows:
    """Finds somebody in two messages of four, once wrongly."""

    def about(self, words: str) -> tuple[str, ...]:
        return {"The head did it": ("headteacher",), "The cook did it": ("deputy",)}.get(words, ())


def test_who_a_message_is_about_is_scored(tmp_path: Path) -> None:
    file = tmp_path / "subjects.tsv"
    rows = ("1\tThe head did it\theadteacher", "2\tShe did\theadteacher", "3\tThe cook did it\t-", "4\tNobody did\t-")
    file.write_text("\n".join(("# id\tmessage\tsubject", *rows)), encoding="utf-8")
    found = score_subjects(Knows(), file)  # type: ignore[arg-type]  # only that is asked of it
    assert found == {"subjects": 4, "headteacher_found": 0.5, "subject_found": 0.5, "wrongly_subject": 0.25}


def test_a_corpus_is_ranked_by_its_texts_alone_and_by_candidates() -> None:
    corpus = Corpus(TEXTS, None)
    assert corpus.rank("do dogs need a lead")[0] == "b"
    assert corpus.rank("greenhouse door", "", ["a", "b"])[0] == "a"
    rows = [
        Row("is a dog on a lead in parks", "", frozenset({"b"}), None),
        Row("door", "I have a greenhouse", frozenset({"c"}), ("a", "c")),
    ]
    found = evaluate_corpus(corpus, rows)
    assert (found["recall_at_1"], found["questions"]) == (1.0, 2)


@pytest.mark.parametrize("way", [fts5, bm25, fuzzy])
def test_the_peers_find_the_plain_case(way: object) -> None:
    assert way(TEXTS)("dogs on a lead")[0] == "b"  # type: ignore[operator]


def test_recall_counts_any_right_clause() -> None:
    assert recall([["a", "b"], ["x", "y", "z", "b"]], [["b", "a"], ["b"]]) == (0.5, 0.5)
    assert np.isclose(recall([[], ["b"]], [["a"], ["b"]])[0], 0.5)
