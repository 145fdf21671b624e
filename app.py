"""The commands. Puts the parts together and does nothing else; `python app.py --help` lists them."""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from commands import admin
from commands.common import built, knowledge, progress_bar, settings, settings_to_answer
from commands.policy import DOCUMENT, policy

if TYPE_CHECKING:
    from bot.incidents.routing import RouteStep
    from bot.people import People
    from handlers.known import Knowledge
    from knowledge.answer import Answer


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
        except BrokenPipeError:
            raise  # click ends quietly: whoever read has had enough
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
    from bot.logs import quieten

    quieten()


@cli.command()
def serve() -> None:
    """Start the bot: the page, and Slack and Teams where they are set up."""
    from bot.logs import set_up
    from commands import serving

    set_up()
    where = settings_to_answer()
    built(where)
    asyncio.run(serving.serve(where, partial(knowledge, where)))


@cli.command()
@click.option("--as", "person", default="teacher", show_default=True, help="The id in school.toml of who you are.")
def chat(person: str) -> None:
    """Talk to Usher in the terminal, incidents included."""
    import logging

    from bot.logs import set_up
    from commands import chatting

    set_up(logging.ERROR)
    where = settings_to_answer()
    asyncio.run(chatting.chat(where, knowledge(where), person))


@cli.command()
@click.argument("question", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each question.")
def ask(question: str | None, as_json: bool) -> None:  # noqa: FBT001 click passes options by name
    """Answer QUESTION, or one question a line from standard input."""
    from bot.channels.console_input import lines_of
    from bot.events import whole

    where = settings_to_answer()
    known, people = knowledge(where), where.school.everyone()
    draw = as_object if as_json else as_text
    for text in [question] if question is not None else lines_of(sys.stdin.buffer):
        click.echo(draw(known, *routed(people, known.adviser.ask(whole(text)))))
        sys.stdout.flush()


def routed(people: People, answer: Answer) -> tuple[Answer, tuple[RouteStep, ...]]:
    """The answer with everybody whom it is about in all their roles, and whom a report would go to in this school."""
    from dataclasses import replace

    from handlers.whom_it_is_about import goes_to, in_all_their_roles

    if answer.disclosure is None:
        return answer, ()
    heard = in_all_their_roles(people, answer.disclosure, None)
    return replace(answer, disclosure=heard), goes_to(people, heard, None)


def as_text(known: Knowledge, answer: Answer, steps: tuple[RouteStep, ...]) -> str:
    """What the person sees, as text."""
    from bot.channels.text import card_text
    from handlers.said import cards_for

    return "\n\n".join(card_text(card) for card in cards_for(known, answer, goes_to=steps if answer.disclosure else None))


def as_object(known: Knowledge, answer: Answer, steps: tuple[RouteStep, ...]) -> str:
    """One line of JSON with the contract's keys."""
    heard = answer.disclosure
    return json.dumps(
        {
            "question": answer.question,
            "verdict": answer.verdict,
            "clauses": list(answer.ranked) or [one.number for one in answer.clauses],
            "concern": heard.kind if heard else "none",
            "routes": [step.role.value for step in steps if step.alerted],
            "confidence": answer.confidence,
            "answer": as_text(known, answer, steps),
            "policy": {"name": answer.policy.name, "ratified": answer.policy.ratified, "version": answer.policy.version},
        },
        ensure_ascii=False,
    )


@cli.command()
@click.option("--questions", type=DOCUMENT, help="Labelled questions: .tsv; or .jsonl together with --clauses.")
@click.option("--triage", type=DOCUMENT, help="Labelled messages, .tsv.")
@click.option("--subjects", type=DOCUMENT, help="Messages labelled with the role of whom they are about, .tsv.")
@click.option("--clauses", type=DOCUMENT, help="Any other corpus, .jsonl: ranked by its texts alone.")
@click.option("--question-alone", is_flag=True, help="With --clauses: leave the scenario out.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the figures.")
@click.option("--errors", is_flag=True, help="Every miss with the scores that led to it.")
@click.option("--plot", type=DOCUMENT, help="Draw confidence against being right into this PNG.")
def evaluate(**options: Any) -> None:
    """Score the matcher, the triage, and who a message is about, on labelled sets."""
    from commands import scoring

    where = settings_to_answer()
    scoring.run(where, lambda: knowledge(where), progress_bar, **options)


@cli.command()
def doctor() -> None:
    """Check settings, people, tokens and reachability, and say what to mend. Exit 1 where something is wrong."""
    from commands.checkup import findings

    if not admin.print_findings(findings(settings_to_answer())):
        sys.exit(1)


cli.add_command(policy)
admin.add_to(cli, settings)

if __name__ == "__main__":
    cli()
