"""What stands behind `app.py evaluate`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from knowledge.encoder import open_encoder

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.known import Knowledge

Progress = Callable[[], AbstractContextManager[Callable[[str, int, int], None]]]


def run(
    where: Settings,
    knowledge: Callable[[], Knowledge],
    progress: Progress,
    *,
    questions: Path | None,
    triage: Path | None,
    subjects: Path | None,
    clauses: Path | None,
    question_alone: bool,
    as_json: bool,
    errors: bool,
    plot: Path | None,
) -> None:
    """Score what was asked for, and print it."""
    if clauses:
        if not questions:
            raise click.UsageError("--clauses goes with --questions.")
        show(corpus_figures(where, progress, clauses, questions, scenario=not question_alone), as_json=as_json)
        return
    if not (questions or triage or subjects):
        raise click.UsageError("Name a file with --questions, --triage or --subjects.")
    school(knowledge, questions, triage, subjects, as_json=as_json, errors=errors, plot=plot)


def corpus_figures(where: Settings, progress: Progress, clauses: Path, questions: Path, *, scenario: bool) -> Mapping[str, Any]:
    """The figures of another corpus, ranked by its texts alone."""
    from knowledge.corpus import Corpus, evaluate_corpus, read_corpus

    texts, rows = read_corpus(clauses, questions)
    with progress() as bar:
        corpus = Corpus(texts, open_encoder(Path(where.encoder_model) if where.encoder_model else None, tuned=False), bar)
        return evaluate_corpus(corpus, rows, scenario=scenario, progress=bar)


def school(
    knowledge: Callable[[], Knowledge], questions: Path | None, triage: Path | None, subjects: Path | None, *,
    as_json: bool, errors: bool, plot: Path | None,
) -> None:  # fmt: skip
    """The figures of the school's own policy."""
    from knowledge.evaluation import confusion, evaluate, miss_lines, plot_reliability, read_questions, read_triage, score_subjects

    labelled = [*(read_questions(questions) if questions else ()), *(read_triage(triage) if triage else ())]
    scores = evaluate(knowledge().adviser, labelled)
    about = score_subjects(knowledge().adviser, subjects) if subjects else {}
    show({**(scores.figures if labelled else {}), **about}, as_json=as_json)
    if errors:
        click.echo("\n".join(miss_lines(scores)), err=as_json)
        for what in ("verdict", "concern"):
            click.echo("\n" + "\n".join(confusion(scores, what)), err=as_json)
    if plot:
        plot_reliability(scores, plot)


def show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print figures, as one JSON object or one a line."""
    click.echo(json.dumps(figures) if as_json else "\n".join(f"{name:>20}  {value}" for name, value in figures.items()))
