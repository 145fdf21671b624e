"""The commands. Puts the parts together and does nothing else; `python app.py --help` lists them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import admin

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.known import Knowledge
    from knowledge.advice import Answer

ROOT = Path(__file__).resolve().parent


class Commands(click.Group):
    """A group whose expected errors end in one clear line and exit 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what it raises on purpose is told in one line."""
        try:
            return super().invoke(ctx)
        except click.exceptions.Exit:
            raise
        except click.ClickException:
            raise
        except Exception as error:
            raise click.ClickException(told(error)) from None


def told(error: Exception) -> str:
    """An error as one line for whoever typed the command; of an unexpected one, its kind and place alone."""
    from bot.errors import UsherError
    from bot.logs import trail
    from knowledge.document import DocumentError
    from knowledge.guidance_files import GuidanceError
    from knowledge.reader import BaseError

    if isinstance(error, UsherError | DocumentError | GuidanceError | BaseError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'}: {error.strerror or type(error).__name__}."
    return f"Something went wrong that should not have: {trail(error)}. Please report this line."


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Usher quotes the school's own policy to staff, and makes sure that an incident is really known."""


def settings() -> Settings:
    """The checked settings of this folder."""
    from bot.settings import load

    return load(ROOT)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show what takes longer than a moment, on standard error."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def advance(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what.capitalize(), total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield advance


def base_path(where: Settings) -> Path:
    """Where the clause base is."""
    return where.data_dir / "clauses.db"


def model_path(where: Settings) -> Path | None:
    """Another sentence model than the packaged one, where ENCODER_MODEL names it."""
    return Path(where.encoder_model) if where.encoder_model else None


def knowledge(where: Settings) -> Knowledge:
    """The clause base, built where anything has changed, and opened."""
    from bot.clock import SystemClock
    from handlers.known import Knowledge
    from knowledge.advice import Adviser
    from knowledge.build import build_base
    from knowledge.encoder import open_encoder
    from knowledge.outside import outside_facts

    encoder = open_encoder(model_path(where))
    with progress_bar() as progress:
        build_base(base_path(where), encoder, progress=progress)
    adviser = Adviser.open(base_path(where), aliases=where.school.everyone().names(), encoder=encoder)
    return Knowledge(adviser, adviser.policy, outside_facts(), SystemClock())


@cli.command()
def serve() -> None:
    """Start the bot: the page, and Slack and Teams where they are set up."""
    import wiring
    from bot.logs import set_up

    set_up()
    where = settings()
    asyncio.run(wiring.serve(where, knowledge(where)))


@cli.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each question.")
def ask(question: str | None, as_json: bool) -> None:  # noqa: FBT001 click passes options by name
    """Answer QUESTION, or one question a line from standard input."""
    known = knowledge(settings())
    draw = as_object if as_json else as_text
    for text in [question] if question is not None else (line.rstrip("\r\n") for line in sys.stdin):
        click.echo(draw(known, known.adviser.ask(text)))
        sys.stdout.flush()


def as_text(known: Knowledge, answer: Answer) -> str:
    """What the person sees, as text."""
    from bot.channels.text import card_text
    from handlers.said import cards_for

    return "\n\n".join(card_text(card) for card in cards_for(known, answer))


def as_object(known: Knowledge, answer: Answer) -> str:
    """One line of JSON with the contract's keys."""
    from bot.incidents.model import Kind
    from bot.incidents.routing import route
    from bot.people import Role

    heard = answer.disclosure
    steps = route(Kind(heard.kind), [Role(role) for role in heard.subject_roles]) if heard else ()
    return json.dumps(
        {
            "question": answer.question,
            "verdict": answer.verdict,
            "clauses": list(answer.ranked) or [one.number for one in answer.clauses],
            "concern": heard.kind if heard else "none",
            "routes": [step.role.value for step in steps if step.alerted],
            "confidence": answer.confidence,
            "answer": as_text(known, answer),
            "policy": {"name": answer.policy.name, "ratified": answer.policy.ratified, "version": answer.policy.version},
        },
        ensure_ascii=False,
    )


@cli.group()
def policy() -> None:
    """Take policy documents in, and see what is in the clause base."""


DOCUMENT = click.Path(dir_okay=False, path_type=Path)


@policy.command("parse")
@click.argument("file", type=DOCUMENT)
@click.option("--json", "as_json", is_flag=True, help="One object a line: number, section, text.")
def policy_parse(file: Path, as_json: bool) -> None:  # noqa: FBT001 click passes options by name
    """Split FILE (.txt, .md, .docx, .pdf) into clauses and print them. Stores nothing."""
    from knowledge.commands import parse_command

    click.echo("\n".join(parse_command(file, json=as_json)))


@policy.command("import")
@click.argument("file", type=DOCUMENT)
@click.option("--name", help="The policy that FILE is a version of; the first of school.toml where it is left out.")
def policy_import(file: Path, name: str | None) -> None:
    """Take FILE into the clause base as a new version."""
    from knowledge.commands import import_command
    from knowledge.encoder import open_encoder

    where = settings()
    knowledge(where)
    encoder = open_encoder(model_path(where))
    wanted = name or where.school.school.policies[0]
    with progress_bar() as progress:
        lines = import_command(base_path(where), file, wanted, encoder.encode if encoder else None, progress)
    click.echo("\n".join(lines))


@policy.command("diff")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--name", help="Which policy, where there are several.")
def policy_diff(old: str | None, new: str | None, name: str | None) -> None:
    """Show what changed from version OLD to NEW; from the last but one to the current one where they are left out."""
    from knowledge.commands import diff_command

    where = settings()
    knowledge(where)
    click.echo("\n".join(diff_command(base_path(where), name, old, new)))


@policy.command("list")
@click.option("--name", help="Only this policy.")
def policy_list(name: str | None) -> None:
    """List the versions in the clause base."""
    from knowledge.commands import list_command

    where = settings()
    knowledge(where)
    click.echo("\n".join(list_command(base_path(where), name)))


@policy.command("check")
def policy_check() -> None:
    """Look for contradictions, orphans and clauses with too few examples in the guidance. Exit 1 where something must be mended."""
    from knowledge.checking import check_base

    where = settings()
    known = knowledge(where)
    mistakes = 0
    for name, checked in check_base(base_path(where), known.facts).items():
        click.echo("\n".join([name, *(f"MEND  {line}" for line in checked.mistakes), *(f"note  {line}" for line in checked.hints)]))
        mistakes += len(checked.mistakes)
    click.echo(f"{mistakes} to mend.")
    if mistakes:
        sys.exit(1)


@cli.command()
def doctor() -> None:
    """Check settings, people, tokens and reachability, and say what to mend. Exit 1 where something is wrong."""
    from checkup import findings

    if not admin.print_findings(findings(settings())):
        sys.exit(1)


admin.add_to(cli, settings)

if __name__ == "__main__":
    cli()
