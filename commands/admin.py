"""The commands of whoever looks after Usher: incidents, keys, backups, people's rights, and the doctor."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.doctor import Finding
    from bot.incidents.register import Register
    from bot.people import Person
    from bot.settings import Settings

FILE = click.Path(dir_okay=False, path_type=Path)
# The same whatever there was: a number, or a sentence more, would hint at an incident that the person may not hear of.
ERASED = "Erased. What the law has the school keep goes when its time is up."
REFUSED = "Nothing was restored. Use another backup; or, where there is none, restore this one with --despite-findings."
MARKS = {True: "ok  ", False: "MEND", None: "note"}


@contextmanager
def register(where: Settings) -> Iterator[Register]:
    """The incidents of this school, let go of at the end."""
    from bot.start import open_register

    opened = open_register(where)
    try:
        yield opened
    finally:
        opened.store.close()


def add_to(cli: click.Group, settings: Callable[[], Settings]) -> None:
    """Add these commands to the command line; `settings` reads and checks the settings when a command runs."""
    cli.add_command(incidents(settings))
    cli.add_command(keys(settings))
    cli.add_command(people(settings))
    cli.add_command(slack(settings))
    cli.add_command(teams(settings))
    add_copies(cli, settings)


def incidents(settings: Callable[[], Settings]) -> click.Group:
    """The commands on the record of incidents."""

    @click.group("incidents")
    def group() -> None:
        """Check the record of incidents, and remove what need not be kept."""

    @group.command("verify")
    @click.option("--heads", type=FILE, help="A file of earlier heads (one a line), as they were mailed: they must lie on the trail.")
    def verify_trail(heads: Path | None) -> None:
        """Check that nobody has changed, moved, put in or cut off anything in the record of any school in the database."""
        from bot.incidents.audit import Trail
        from bot.incidents.verify import verify_all

        kept = heads.read_text(encoding="utf-8").split() if heads else []
        with register(settings()) as opened:
            verdicts, vault = verify_all(opened.store, opened.records.vault, kept), opened.records.vault
            ends = [Trail(opened.store.for_school(school), vault).head().line for school in verdicts.by_school]
        if not verdicts.sound:
            raise click.ClickException(verdicts.problem)
        click.echo(f"All {verdicts.entries} entries are as they were written." + "".join(f" Head: {end}" for end in ends))

    @group.command("purge")
    @click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
    def purge_words(dry_run: bool) -> None:  # noqa: FBT001 click passes options by name
        """Remove the words of closed incidents whose time is up, and all else that is old enough; that there was one stays on record."""
        from bot.incidents.retention import due_for_purge, forget, purge

        with register(settings()) as opened:
            refs = due_for_purge(opened) if dry_run else purge(opened)
            counts = {} if dry_run else forget(opened)
        click.echo(f"{len(refs)} {'would be' if dry_run else 'were'} purged." + "".join(f"\n{ref}" for ref in refs))
        click.echo("".join(f"{name}: {count} forgotten.\n" for name, count in counts.items()), nl=False)

    return group


def keys(settings: Callable[[], Settings]) -> click.Group:
    """The commands on encryption keys."""

    @click.group("keys")
    def group() -> None:
        """Make and change the keys with which everything is encrypted."""

    @group.command("new")
    def new_key_line() -> None:
        """Print a fresh key. Put it FIRST in ENCRYPTION_KEYS, restart, then run `keys rotate`."""
        from bot.incidents.vault import new_key

        click.echo(new_key())

    @group.command("rotate")
    def rotate_keys() -> None:
        """Encrypt everything with the first key, while the bot goes on serving."""
        from commands.rotating import rotate_everything

        with register(settings()) as opened:
            count = rotate_everything(opened.store, opened.records.vault)
        click.echo(f"{count} values were encrypted anew. Take the old key out of ENCRYPTION_KEYS now; keep it for old backups.")

    return group


def people(settings: Callable[[], Settings]) -> click.Group:
    """The commands on what is kept about a person."""

    @click.group("people")
    def group() -> None:
        """What is kept about one person: for a subject access request, and for erasure."""

    @group.command("export")
    @click.argument("person_id")
    @click.option("--about", is_flag=True, help="Also incidents that are about this person. Ask your data protection officer first.")
    def export(person_id: str, about: bool) -> None:  # noqa: FBT001 click passes options by name
        """Print everything that is kept about PERSON_ID as JSON. The export itself is put on record."""
        from bot.incidents.audit import COMMAND_LINE
        from bot.incidents.retention import export_person

        with register(settings()) as opened:
            found = export_person(opened, named(opened, person_id), about=about, by=COMMAND_LINE)
        json.dump(found, sys.stdout, ensure_ascii=False, indent=2, default=str)
        click.echo()

    @group.command("erase")
    @click.argument("person_id")
    @click.confirmation_option(prompt="This cannot be undone. Erase this person?")
    def erase(person_id: str) -> None:
        """Forget who PERSON_ID was, where the law allows it. The erasure is put on record."""
        from bot.incidents.audit import COMMAND_LINE
        from bot.incidents.retention import erase_person

        with register(settings()) as opened:
            erase_person(opened, named(opened, person_id), by=COMMAND_LINE)
        click.echo(ERASED)

    return group


def named(opened: Register, person_id: str) -> Person:
    """The person with an id of school.toml, or of a chat product such as "slack:U123"."""
    from bot.people import Person

    return opened.records.directory.people.get(person_id) or Person(person_id, person_id)


def slack(settings: Callable[[], Settings]) -> click.Group:
    """The commands on Slack."""

    @click.group("slack")
    def group() -> None:
        """What Slack needs to know about Usher."""

    @group.command("manifest")
    @click.option("--url", default="", help="The public address of this bot, for events over HTTP; without it the app uses socket mode.")
    def print_manifest(url: str) -> None:
        """Print the manifest from which a Slack app is made: exactly the scopes in use."""
        from bot.channels.slack.manifest import manifest

        click.echo(json.dumps(manifest(url), indent=2))

    @group.command("install-link")
    def print_link() -> None:
        """Print the address on which a workspace's owner installs Usher, for several workspaces. Give it to nobody else."""
        from bot.channels.slack.installs import install_link

        where = settings()
        if where.slack is None or not where.slack.client_id:
            raise click.ClickException("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are not set: they are for several workspaces.")
        click.echo(install_link(where.slack, where.public_url))

    return group


def teams(settings: Callable[[], Settings]) -> click.Group:
    """The commands on Microsoft Teams."""

    @click.group("teams")
    def group() -> None:
        """What Microsoft Teams needs to know about Usher."""

    @group.command("package")
    @click.argument("file", type=FILE, default=Path("usher-teams.zip"))
    def write_package(file: Path) -> None:
        """Write the app package to upload in the Teams admin centre; usher-teams.zip unless FILE is named."""
        from bot.channels.teams.package import package

        file.write_bytes(package(settings()))
        click.echo(f"Written: {file}. Upload it in the Teams admin centre under Manage apps.")

    return group


def add_copies(cli: click.Group, settings: Callable[[], Settings]) -> None:
    """Add backup and restore."""

    @cli.command("backup")
    @click.argument("file", type=FILE)
    def backup_to(file: Path) -> None:
        """Write everything to FILE while the bot goes on serving. Keep it apart from the encryption key."""
        from bot.incidents.audit import COMMAND_LINE
        from bot.incidents.backup import backup

        with register(settings()) as opened:
            backup(opened.store, opened.records.vault, file, by=COMMAND_LINE)
        click.echo(f"Written: {file} ({file.stat().st_size // 1024} KiB). It opens only with the encryption key: keep that elsewhere.")

    @cli.command("restore")
    @click.argument("file", type=FILE)
    @click.option("--despite-findings", is_flag=True, help="Keep it although a record was changed; where there is no better backup.")
    def restore_from(file: Path, despite_findings: bool) -> None:  # noqa: FBT001 click passes options by name
        """Put a backup into an empty place, and check the record of every school in it. Where one was changed, nothing is kept."""
        from bot.incidents.audit import COMMAND_LINE
        from bot.incidents.backup import check, restore
        from bot.incidents.store import Store
        from bot.start import open_vault

        where = settings()
        store = Store(where.database_url)
        restore(store, file)
        verdicts = check(store, open_vault(where), by=COMMAND_LINE, despite=despite_findings)
        store.close()
        if not verdicts.sound:
            kept = "It was restored all the same." if despite_findings else REFUSED
            raise click.ClickException(f"{verdicts.problem}\n{kept}")
        schools = len(verdicts.by_school)
        of = f" of {schools} schools" if schools > 1 else ""
        click.echo(f"Restored and checked: {verdicts.entries} entries{of} are as they were written.")


def print_findings(findings: Iterable[Finding]) -> bool:
    """Print what the doctor found; whether nothing must be mended."""
    well = True
    for finding in findings:
        well = well and finding.good is not False
        click.echo(f"{MARKS[finding.good]}  {finding.what}" + (f"\n      {finding.mend}" if finding.mend else ""))
    return well
