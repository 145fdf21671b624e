"""The commands on policy documents and the guidance about them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from commands.common import base_path, knowledge, prepared, progress_bar, settings, settings_to_answer


@click.group()
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
@click.option("--anyway", is_flag=True, help="Also where FILE has far fewer clauses than the version before.")
def policy_import(file: Path, name: str | None, anyway: bool) -> None:  # noqa: FBT001 click passes options by name
    """Take FILE into the clause base as a new version."""
    from knowledge.commands import import_command

    where = settings()
    encoder = prepared(where)
    wanted = name or where.school.school.policies[0]
    with progress_bar() as progress:
        lines = import_command(base_path(where), file, wanted, encoder.encode if encoder else None, progress, anyway=anyway)
    click.echo("\n".join(lines))


@policy.command("diff")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--name", help="Which policy, where there are several.")
def policy_diff(old: str | None, new: str | None, name: str | None) -> None:
    """Show what changed from version OLD to NEW; from the last but one to the current one where they are left out."""
    from knowledge.commands import diff_command

    where = settings()
    prepared(where)
    click.echo("\n".join(diff_command(base_path(where), name, old, new)))


@policy.command("list")
@click.option("--name", help="Only this policy.")
def policy_list(name: str | None) -> None:
    """List the versions in the clause base."""
    from knowledge.commands import list_command

    where = settings()
    prepared(where)
    click.echo("\n".join(list_command(base_path(where), name)))


@policy.command("check")
def policy_check() -> None:
    """Look for contradictions, orphans and clauses with too few examples in the guidance. Exit 1 where something must be mended."""
    from knowledge.checking import check_base

    where = settings_to_answer()
    known = knowledge(where)
    mistakes = 0
    for name, checked in check_base(base_path(where), known.facts).items():
        click.echo("\n".join([name, *(f"MEND  {line}" for line in checked.mistakes), *(f"note  {line}" for line in checked.hints)]))
        mistakes += len(checked.mistakes)
    click.echo(f"{mistakes} to mend.")
    if mistakes:
        sys.exit(1)


@policy.command("suggestions")
@click.option("--school", default="school", show_default=True, help="The short name under which the school's rows are kept.")
@click.option("--used", multiple=True, metavar="ID", help="Mark this suggestion as used, once it stands in the guidance.")
def policy_suggestions(school: str, used: tuple[str, ...]) -> None:
    """Print what people's answers and judgements could add to the guidance, as TOML to review and paste. It names nobody."""
    from bot.feedback import Feedback
    from bot.incidents.enquiries import Enquiries
    from bot.start import open_register
    from commands.numbering import Numbering
    from commands.suggesting import Gathering, as_toml

    where = settings_to_answer()
    known = knowledge(where)
    register = open_register(where, school=school)
    try:
        feedback = Feedback(register.store, register.records.vault)
        gathering = Gathering(Enquiries(register.records), feedback, register.records.directory.people, known.adviser)
        if used:
            wrong = sorted(set(used) - {one.id for one in gathering.all().suggestions})
            if wrong:
                raise click.ClickException(f"No such suggestion: {', '.join(wrong)}.")
            click.echo(f"{feedback.use(used)} marked as used.")
        else:
            click.echo(as_toml(gathering.all(), Numbering(known.policy)))
    finally:
        register.store.close()
