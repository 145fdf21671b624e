"""Scores the adviser on labelled questions: the right clause and verdict, knowing what is not covered, hearing a disclosure and of whom.

Three tab-separated formats, with a header line that begins with "#":
questions: id, question, clauses (any of which counts, best first; "-" for none), verdicts accepted, concerns accepted;
triage: id, message, concerns accepted ("none": must raise nothing);
subjects: id, message, the role of whoever it is about ("-" where that is nobody with a role).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.advice import Adviser
from knowledge.answer import Answer
from knowledge.document import DocumentError
from knowledge.guidance_files import IMAGES

NONE = "none"
NOT_COVERED = "not_covered"
HEADTEACHER = "headteacher"
QUESTION_COLUMNS = 5
TRIAGE_COLUMNS = 3
FIRST_THREE = 3


@dataclass(frozen=True)
class Labelled:
    """One labelled message. Empty `clauses` and `verdicts`: it is labelled for its concern alone."""

    id: str
    text: str
    clauses: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """One labelled message, what was answered, and how long that took in milliseconds."""

    labelled: Labelled
    clauses: tuple[str, ...]
    verdict: str
    concern: str
    confidence: float
    milliseconds: float
    how: str

    @property
    def rank(self) -> int:
        """The place of the first right clause, from 1; 0 where none of the ranked clauses is right."""
        return next((place for place, one in enumerate(self.clauses, start=1) if one in self.labelled.clauses), 0)

    @property
    def right_verdict(self) -> bool:
        """Whether the verdict is one of those accepted."""
        return not self.labelled.verdicts or self.verdict in self.labelled.verdicts

    @property
    def right_concern(self) -> bool:
        """Whether the concern is one of those accepted."""
        return not self.labelled.concerns or self.concern in self.labelled.concerns

    @property
    def missed(self) -> bool:
        """Whether anything about it is wrong."""
        return not (self.right_verdict and self.right_concern and (self.rank == 1 or not self.labelled.clauses))


@dataclass(frozen=True)
class Scores:
    """The figures of the contract, by name, and what they were reckoned from."""

    figures: Mapping[str, float | int]
    results: tuple[Result, ...] = field(repr=False, default=())


def read_questions(path: Path) -> tuple[Labelled, ...]:
    """Read a file of labelled questions. Raises DocumentError, naming the line, where a row has another number of columns."""
    return tuple(Labelled(row[0], row[1], several(row[2]), several(row[3]), several(row[4])) for row in rows(path, QUESTION_COLUMNS))


def read_triage(path: Path) -> tuple[Labelled, ...]:
    """Read a file of labelled messages. Raises DocumentError, naming the line, where a row has another number of columns."""
    return tuple(Labelled(row[0], row[1], concerns=several(row[2])) for row in rows(path, TRIAGE_COLUMNS))


def score_subjects(adviser: Adviser, path: Path) -> dict[str, float | int]:
    """How often the one with a role whom a message is about is found, and how often somebody is kept out of it for nothing.

    Raises DocumentError, naming the line, where a row has another number of columns.
    """
    listed = [(several(row[2]), adviser.about(row[1])) for row in rows(path, TRIAGE_COLUMNS)]
    found: dict[str, float | int] = {"subjects": len(listed)}
    for name, wanted in (("headteacher_found", [HEADTEACHER]), ("subject_found", sorted({role for roles, _ in listed for role in roles}))):
        told = [(roles, about) for roles, about in listed if set(roles) & set(wanted)]
        if told:
            found[name] = share(set(roles) <= set(about) for roles, about in told)
    found["wrongly_subject"] = share(bool(set(about) - set(roles)) for roles, about in listed)
    return found


def rows(path: Path, columns: int) -> Iterable[list[str]]:
    """The rows of a tab-separated file, without comments and empty lines."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise DocumentError(f"There is no file {path}: check the name.") from None
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            row = line.split("\t")
            if len(row) < columns:
                raise DocumentError(f"{path.name}, line {number}: {len(row)} columns instead of {columns}; they are parted by tabs.")
            yield row


def several(cell: str) -> tuple[str, ...]:
    """The values of a cell, parted by commas; "-" is none."""
    return tuple(part.strip() for part in cell.split(",") if part.strip() and part.strip() != "-")


def evaluate(adviser: Adviser, labelled: Sequence[Labelled]) -> Scores:
    """Ask every labelled message and reckon the figures. The first, untimed question wakes everything up."""
    adviser.ask("hello")
    results = tuple(asked(adviser, one) for one in labelled)
    return Scores(figures(results), results)


def asked(adviser: Adviser, one: Labelled) -> Result:
    """Ask one labelled message."""
    start = time.perf_counter()
    answer = adviser.ask(one.text)
    spent = (time.perf_counter() - start) * 1000
    concern = answer.disclosure.kind if answer.disclosure else NONE
    return Result(one, clauses_of(answer), answer.verdict, concern, answer.confidence, spent, f"{answer.kind} {answer.entry_id}".strip())


def clauses_of(answer: Answer) -> tuple[str, ...]:
    """The clauses of an answer, best first."""
    return answer.ranked or tuple(one.number for one in answer.clauses)


def figures(results: Sequence[Result]) -> dict[str, float | int]:
    """The contract's figures; those that nothing was labelled for are left out."""
    found: dict[str, float | int] = {"questions": len(results)}
    located = [one for one in results if one.labelled.clauses]
    judged = [one for one in results if one.labelled.verdicts]
    refused = [one for one in judged if set(one.labelled.verdicts) == {NOT_COVERED}]
    told = [one for one in results if one.labelled.concerns and NONE not in one.labelled.concerns]
    quiet = [one for one in results if one.labelled.concerns == (NONE,)]
    if located:
        found["recall_at_1"] = share(one.rank == 1 for one in located)
        found["recall_at_3"] = share(0 < one.rank <= FIRST_THREE for one in located)
        found["mrr"] = mean(1 / one.rank if one.rank else 0.0 for one in located)
        found["wrongly_refused"] = share(one.verdict == NOT_COVERED for one in located if NOT_COVERED not in one.labelled.verdicts)
    if judged:
        found["verdict_accuracy"] = share(one.right_verdict for one in judged)
    if refused:
        found["not_covered_recall"] = share(one.verdict == NOT_COVERED for one in refused)
    if told:
        found["concern_recall"] = share(one.right_concern for one in told)
        found["concern_heard"] = share(one.concern != NONE for one in told)
    if shown := [one for one in told if one.labelled.concerns[0] == IMAGES]:
        found["indecent_images_recall"] = share(one.concern == IMAGES for one in shown)
    if quiet:
        found["false_alarms"] = share(one.concern != NONE for one in quiet)
    if results:
        times = [one.milliseconds for one in results]
        found["p50_ms"], found["p99_ms"] = (round(float(np.percentile(times, part)), 2) for part in (50, 99))
    return found


def share(marks: Iterable[bool]) -> float:
    """The part of the marks that are set; 0 for none."""
    return mean(float(mark) for mark in marks)


def mean(values: Iterable[float]) -> float:
    """The mean, to four places; 0 for none."""
    listed = list(values)
    return round(sum(listed) / len(listed), 4) if listed else 0.0


def miss_lines(scores: Scores) -> list[str]:
    """Every miss with the scores that led to it."""
    return [
        f"{one.labelled.id}\t{one.labelled.text}\n"
        f"    wanted {','.join(one.labelled.clauses) or '-'} {','.join(one.labelled.verdicts)} {','.join(one.labelled.concerns)}\n"
        f"    got    {','.join(one.clauses[:FIRST_THREE]) or '-'} {one.verdict} {one.concern}  ({one.how}, confidence {one.confidence:.2f})"
        for one in scores.results
        if one.missed
    ]


def confusion(scores: Scores, what: str) -> list[str]:
    """A table of wanted against got, for "verdict" or "concern". Wanted is the accepted value that was got, else the first accepted."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in scores.results:
        accepted = one.labelled.verdicts if what == "verdict" else one.labelled.concerns
        got = one.verdict if what == "verdict" else one.concern
        if accepted:
            counts[got if got in accepted else accepted[0], got] += 1
    names = sorted({name for pair in counts for name in pair})
    head = f"{what + ' wanted':>18} | " + " ".join(f"{name[:12]:>12}" for name in names)
    return [head, *(f"{name:>18} | " + " ".join(f"{counts[name, other] or '':>12}" for other in names) for name in names)]


def reliability(scores: Scores, bins: int = 10) -> list[tuple[float, float, int]]:
    """Confidence against being right: for each tenth with answers in it, the mean confidence, the part that is right, and how many."""
    located = [one for one in scores.results if one.labelled.clauses]
    found = []
    for place in range(bins):
        inside = [one for one in located if min(int(one.confidence * bins), bins - 1) == place]
        if inside:
            found.append((mean(one.confidence for one in inside), share(one.rank == 1 for one in inside), len(inside)))
    return found


def plot_reliability(scores: Scores, path: Path) -> None:
    """Draw `reliability` as a PNG. Raises DocumentError where matplotlib (a development package) is not installed."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 a development package
    except ImportError:
        raise DocumentError("The plot needs matplotlib: run `make test` once, which installs the development packages.") from None
    points = reliability(scores)
    figure = Figure(figsize=(5, 5))
    axes: Any = figure.subplots()
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey", label="perfectly calibrated")
    axes.scatter([one[0] for one in points], [one[1] for one in points], s=[10 + 3 * one[2] for one in points], label="answers")
    axes.set(xlabel="confidence", ylabel="part that is right", xlim=(0, 1), ylim=(0, 1.02), title="Confidence against being right")
    axes.legend(loc="upper left")
    figure.savefig(path, dpi=120)
