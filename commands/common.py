"""What the commands share: the settings, the clause base, and a bar for what takes longer than a moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from bot.settings import Settings
    from handlers.known import Knowledge
    from knowledge.encoder import Encoder

ROOT = Path(__file__).resolve().parent.parent
CLAUSES = "clauses.db"


def settings() -> Settings:
    """The checked settings of this folder."""
    from bot.settings import load

    return load(ROOT)


def settings_to_answer() -> Settings:
    """The same for a command that answers questions: the policies that school.toml names must be there."""
    from bot.settings import load

    return load(ROOT, missing=missing_policy)


def missing_policy(data_dir: Path, name: str) -> bool:
    """Whether a policy is neither authored here nor taken into the clause base."""
    if (ROOT / "knowledge" / "policies" / name / "policy.txt").exists():
        return False
    base = data_dir / CLAUSES
    if not base.exists():
        return True
    try:
        with closing(sqlite3.connect(f"{base.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute("select 1 from versions where policy = ?", [name]).fetchone() is None
    except sqlite3.DatabaseError:
        return False  # what is wrong with the base is told where it is opened


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show what takes longer than a moment, on standard error; nothing where nothing does."""
    with ExitStack() as shown:
        bars: list[Progress] = []
        tasks: dict[str, TaskID] = {}

        def advance(what: str, done: int, total: int) -> None:
            if not bars:
                bars.append(shown.enter_context(new_bar()))
            bar = bars[0]
            if what not in tasks:
                tasks[what] = bar.add_task(what.capitalize(), total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield advance


def new_bar() -> Progress:
    """A bar on standard error; rich is loaded only where there is something to show."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(console=Console(stderr=True), transient=True)


def base_path(where: Settings) -> Path:
    """Where the clause base is."""
    return where.data_dir / CLAUSES


def model_path(where: Settings) -> Path | None:
    """Another sentence model than the packaged one, where ENCODER_MODEL names it."""
    return Path(where.encoder_model) if where.encoder_model else None


def built(where: Settings) -> None:
    """Build the clause base where anything has changed; nothing heavy is loaded where nothing has."""
    from knowledge.stamp import POLICIES, stamp_of, stored_stamp
    from knowledge.weights import model_name

    if stored_stamp(base_path(where)) != stamp_of(POLICIES, model_name(model_path(where))):
        prepared(where)


def prepared(where: Settings) -> Encoder | None:
    """Build the clause base where anything has changed. Gives the sentence model."""
    from knowledge.build import build_base
    from knowledge.encoder import open_encoder

    encoder = open_encoder(model_path(where))
    with progress_bar() as progress:
        build_base(base_path(where), encoder, progress=progress)
    return encoder


def knowledge(where: Settings) -> Knowledge:
    """The clause base, built where anything has changed, and opened at the first policy that school.toml names."""
    from threadpoolctl import threadpool_limits

    from bot.cited import WRITTEN_FOR, follow
    from bot.clock import SystemClock
    from handlers.known import Knowledge
    from knowledge.advice import Adviser
    from knowledge.build import written_for
    from knowledge.editions import moved
    from knowledge.news import policy_news
    from knowledge.outside import outside_facts

    encoder = prepared(where)
    # A question's sums are small: threads would only wait for one another, the longer the busier the machine.
    threadpool_limits(1, "blas")
    name = where.school.school.policies[0]
    adviser = Adviser.open(base_path(where), name=name, aliases=where.school.everyone().names(), encoder=encoder)
    follow(moved(written_for(WRITTEN_FOR) or adviser.policy, adviser.policy))
    return Knowledge(adviser, adviser.policy, outside_facts(), SystemClock(), policy_news(base_path(where), name))
