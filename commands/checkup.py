"""What the doctor looks at, over every part of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.channels.slack.checks import check_slack
from bot.channels.slack.installs import Installs
from bot.doctor import (
    Finding,
    check_alerts,
    check_folder,
    check_keys,
    check_mail,
    check_people,
    check_retention,
    check_store,
    check_trail,
    examine,
    fine,
    note,
    wrong,
)
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.verify import verify
from bot.settings import Settings
from bot.start import key_file, open_register


def findings(where: Settings) -> list[Finding]:
    """Everything that the doctor looks at."""
    checks: list[Callable[[], Iterable[Finding]]] = [
        lambda: check_folder(where),
        lambda: check_keys(where, key_file(where)),
        lambda: check_store(where),
        lambda: check_trail(lambda: trail_problem(where)),
        lambda: stranded_findings(where),
        lambda: check_people(where),
        lambda: check_retention(where),
        lambda: check_model(where),
        lambda: check_mail(where),
        lambda: slack_findings(where),
        lambda: teams_findings(where),
    ]
    return examine(checks)


def trail_problem(where: Settings) -> str:
    """The first bad entry of the audit trail in words, or nothing."""
    register = open_register(where)
    try:
        return verify(register.store, register.records.vault).problem
    finally:
        register.store.close()


def stranded_findings(where: Settings) -> Iterable[Finding]:
    """Whether there are alerts that nobody can receive."""
    register = open_register(where)
    try:
        return list(check_alerts(register.store))
    finally:
        register.store.close()


def check_model(where: Settings) -> Iterable[Finding]:
    """Whether questions are understood by meaning, or by words alone."""
    from knowledge.encoder import Encoder, ModelUnavailableError
    from knowledge.weights import SMALL

    try:
        encoder = Encoder.open(Path(where.encoder_model) if where.encoder_model else None)
    except ModelUnavailableError as error:
        yield wrong(f"Questions are understood by words alone: {error}.", "Run `make run` again to install it, or correct ENCODER_MODEL.")
        return
    small = encoder.model_id.startswith(SMALL.name)
    which = ", with the small sentence model. `make run` fetches the large one, which understands more." if small else "."
    yield fine(f"Questions are understood by meaning and by words{which}")


def slack_findings(where: Settings) -> Iterable[Finding]:
    """What the doctor says of Slack; where there may be many workspaces, their tokens stand in the database."""
    if where.slack is None or where.slack.bot_token:
        return asyncio.run(check_slack(where))
    register = open_register(where)
    try:
        return asyncio.run(check_slack(where, slack_installs(where, register.store, register.records.vault)))
    finally:
        register.store.close()


def slack_installs(where: Settings, store: Store, vault: Vault) -> Installs | None:
    """The stored installations, where the bot can be installed in many workspaces."""
    if where.slack is None or not where.slack.client_id:
        return None
    return Installs(where.slack, store.engine, vault, where.public_url, store.school)


def teams_findings(where: Settings) -> Iterable[Finding]:
    """What the doctor says of Teams; Microsoft's packages are loaded only where it is set up."""
    if where.teams is None:
        return [note("Teams is not set up.", "Follow docs/teams.md if your school uses it.")]
    from bot.channels.teams.book import Book
    from bot.channels.teams.checks import check_teams
    from bot.channels.teams.references import References

    register = open_register(where)
    try:
        return check_teams(where, References(Book(register.store, register.records.vault), where.school.everyone()))
    finally:
        register.store.close()
