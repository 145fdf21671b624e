"""`python -m bench [--shared FOLDER] [--many]`: this matcher beside plain tools, in one process, on the same questions."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from bench.peers import Rank, bm25, fts5, fuzzy, recall, vectors
from knowledge.advice import Adviser
from knowledge.build import POLICIES, build_base
from knowledge.corpus import Corpus, read_corpus
from knowledge.encoder import Encoder
from knowledge.evaluation import clauses_of, evaluate, read_questions, read_triage, score_subjects
from knowledge.parsing import parse

HERE = Path(__file__).parent
CONSOLE = Console(width=110)
SETS = ("first", "second", "third", "fourth", "fifth", "sixth")
SHOWN = ("recall_at_1", "recall_at_3", "verdict_accuracy", "not_covered_recall", "wrongly_refused")
HEAD = (
    "| questions | vectors alone: first / first three | Usher: first / first three | verdict | not covered, said so | refused |\n"
    "|---|---|---|---|---|---|"
)
TRIAGE_SHOWN = ("concern_heard", "concern_recall", "indecent_images_recall", "false_alarms")
TRIAGE_HEAD = "| messages | heard | as the right kind | indecent images, heard as such | false alarms |\n|---|---|---|---|---|"
SUBJECT_HEAD = "| whom it is about | the Headteacher found | anybody with a role found | somebody kept out for nothing |\n|---|---|---|---|"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared", help="the folder with evaluation/ in it")
    options.add_argument("--many", type=int, default=0, metavar="CLAUSES", help="also rank a corpus of so many clauses")
    chosen = options.parse_args()
    plain = Encoder.open(tuned=False)
    with tempfile.TemporaryDirectory() as folder:
        school(Path(folder) / "base.db", chosen.shared / "evaluation", plain)
    corpus_file = chosen.shared / "evaluation" / "or-sharc" / "clauses.jsonl"
    if corpus_file.exists():
        other_rules(corpus_file, corpus_file.with_name("questions.jsonl"), plain)
    if chosen.many:
        scale(chosen.many, plain)


def timed(rank: Callable[[str], Sequence[str]], questions: Sequence[str]) -> tuple[list[Sequence[str]], float, float]:
    """What is ranked for each question, with the median time and the 99th of a hundred, in milliseconds."""
    found, spent = [], []
    rank(questions[0])
    for question in questions:
        start = time.perf_counter()
        found.append(rank(question))
        spent.append((time.perf_counter() - start) * 1000)
    return found, float(np.percentile(spent, 50)), float(np.percentile(spent, 99))


def compare(title: str, ways: Mapping[str, Rank], questions: Sequence[str], gold: Sequence[Sequence[str]]) -> None:
    """Print one row for each way of ranking."""
    table = Table("way", "first", "first three", "p50 ms", "p99 ms", title=f"{title}: {len(questions)} questions")
    for name, rank in ways.items():
        found, middle, late = timed(rank, questions)
        first, three = recall(found, gold)
        table.add_row(name, f"{first:.1%}", f"{three:.1%}", f"{middle:.1f}", f"{late:.1f}")
    CONSOLE.print(table)


def school(base: Path, evaluation: Path, plain: Encoder) -> None:
    """The school's questions: plain tools on the clauses' text, and the bot."""
    start = time.perf_counter()
    build_base(base, Encoder.open())
    CONSOLE.print(f"Building the clause base and learning took {time.perf_counter() - start:.0f} s.")
    threadpool_limits(1, "blas")  # as the bot answers
    adviser = Adviser.open(base, encoder=Encoder.open())
    text = (POLICIES / "harwell-social-media" / "policy.txt").read_text(encoding="utf-8")
    policy = parse(text, "harwell-social-media")
    texts = {clause.number: clause.text for clause in policy.clauses}
    ways: dict[str, Rank] = {
        "rapidfuzz": fuzzy(texts), "SQLite FTS5": fts5(texts), "bm25s": bm25(texts), "vectors": vectors(texts, plain),
        "text alone (ours)": (corpus := Corpus(texts, plain)).rank, "Usher": lambda question: list(clauses_of(adviser.ask(question))),
    }  # fmt: skip
    assert corpus.ids == list(texts)
    summary = []
    for name, path in question_sets(evaluation).items():
        located = [one for one in read_questions(path) if one.clauses]
        gold = [[*one.clauses, *(number.rstrip("abcdefghij") for number in one.clauses)] for one in located]
        compare(name, ways, [one.text for one in located], gold)
        plain_way = recall([ways["vectors"](one.text) for one in located], gold)
        summary.append(row(f"{name} ({len(located)})", plain_way, evaluate(adviser, read_questions(path)).figures))
    CONSOLE.print("\n".join([HEAD, *summary]), soft_wrap=True)
    triage = [triage_row(name, evaluate(adviser, read_triage(path)).figures) for name, path in triage_sets(evaluation).items()]
    CONSOLE.print("\n".join([TRIAGE_HEAD, *triage]), soft_wrap=True)
    about = [subject_row(name, score_subjects(adviser, path)) for name, path in held_out("subject").items()]
    CONSOLE.print("\n".join([SUBJECT_HEAD, *about]), soft_wrap=True)
    CONSOLE.print("Of authored lines that were left out: clause {:.0%}, verdict {:.0%} right.".format(*adviser.cross_validated))


def question_sets(evaluation: Path) -> dict[str, Path]:
    """Every set of labelled questions that is there, by the name under which it is told."""
    short, long = ({f"{name}, {kind}": path for name, path in held_out(kind).items()} for kind in ("short", "long"))
    return developed(evaluation / "questions.tsv") | short | long


def triage_sets(evaluation: Path) -> dict[str, Path]:
    """Every set of labelled messages that is there, by the name under which it is told."""
    return developed(evaluation / "triage.tsv") | held_out("triage")


def developed(path: Path) -> dict[str, Path]:
    """The set to develop on, where it is there."""
    return {"development": path} if path.exists() else {}


def held_out(kind: str) -> dict[str, Path]:
    """Every held-out set of a kind, by the name under which it is told."""
    found = {f"{which} set": HERE / "held_out" / f"{which}_{kind}.tsv" for which in SETS}
    return {name: path for name, path in found.items() if path.exists()}


def row(name: str, plain: tuple[float, float], figures: Mapping[str, float | int]) -> str:
    """One line of the table of questions, as the README has it."""
    shown = [f"{figures[key]:.0%}" if key in figures else "-" for key in SHOWN]
    return f"| {name} | {plain[0]:.0%} / {plain[1]:.0%} | {shown[0]} / {shown[1]} | " + " | ".join(shown[2:]) + " |"


def triage_row(name: str, figures: Mapping[str, float | int]) -> str:
    """One line of the table of disclosures, as the README has it."""
    return f"| {name} | " + " | ".join(f"{figures[key]:.0%}" if key in figures else "-" for key in TRIAGE_SHOWN) + " |"


def subject_row(name: str, figures: Mapping[str, float | int]) -> str:
    """One line of the table of those whom messages are about, as the README has it."""
    return f"| {name} | " + " | ".join(f"{figures[key]:.0%}" for key in ("headteacher_found", "subject_found", "wrongly_subject")) + " |"


def other_rules(clauses: Path, questions: Path, plain: Encoder) -> None:
    """Rules that this project has never seen, ranked by their text alone: with the scenario told, and with the question alone."""
    texts, rows = read_corpus(clauses, questions)
    corpus = Corpus(texts, plain)
    told = {f"{row.scenario} {row.question}": row for row in rows}
    peers: dict[str, Rank] = {"SQLite FTS5": fts5(texts), "bm25s": bm25(texts), "rapidfuzz": fuzzy(texts), "vectors": vectors(texts, plain)}
    with_scenario = {**peers, "text alone (ours)": lambda text: corpus.rank(told[text].question, told[text].scenario)}
    listed = [f"{row.scenario} {row.question}" for row in rows]
    compare("OR-ShARC, scenario and question", with_scenario, listed, [sorted(row.gold) for row in rows])
    alone: dict[str, set[str]] = {}
    for row in rows:
        alone.setdefault(row.question, set()).update(row.gold)
    compare("OR-ShARC, question alone", {**peers, "text alone (ours)": corpus.rank}, list(alone), [sorted(gold) for gold in alone.values()])


def scale(size: int, plain: Encoder) -> None:
    """Time and memory with many clauses, of which one school's policy are some seventy."""
    import resource  # noqa: PLC0415 not on every system

    text = (POLICIES / "harwell-social-media" / "policy.txt").read_text(encoding="utf-8")
    own = {clause.number: clause.text for clause in parse(text, "harwell-social-media").clauses}
    copies = -(-size // len(own))
    many = {f"{copy}:{number}": f"{clause} (policy {copy})" for copy in range(copies) for number, clause in own.items()}
    corpus = Corpus(dict(list(many.items())[:size]), plain)
    mine = [name for name in corpus.ids if name.startswith("0:")]
    questions = ["can I friend an ex-pupil?", "who checks the photographs for the website", "can I text parents from my own phone"] * 20
    table = Table(
        "asked of", "p50 ms", "p99 ms", title=f"{size} clauses, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most"
    )
    for name, rank in {"all": corpus.rank, "one school's": lambda question: corpus.rank(question, "", mine)}.items():
        _, middle, late = timed(rank, questions)
        table.add_row(name, f"{middle:.1f}", f"{late:.1f}")
    CONSOLE.print(table)


if __name__ == "__main__":
    main()
