"""Backup while serving, and restore into an empty place. The words in a backup are as sealed as they are in the database.

The keys are not in it: keep ENCRYPTION_KEYS, or the key file, elsewhere. Without them a backup opens for nobody.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, MetaData, inspect

from bot.errors import UsherError
from bot.incidents.audit import Trail
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.verify import Verdicts, verify_all

MINUTES = 60 * 30
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside its file, and plays into whatever has the file's name


class BackupError(UsherError):
    """A backup could not be written, or not be restored; the text says what to do."""


def backup(store: Store, vault: Vault, file: Path, *, by: str) -> None:
    """Write everything to `file`, as of one moment, while the bot goes on serving. It is there whole, or not at all.

    `by`: who takes it, for the audit trail. That is written first, so the copy tells of itself, and a try that failed is on record.
    """
    if file.exists():
        raise BackupError(f"{file} is there already; name a file that is not.")
    with store.transaction() as conn:
        Trail(store, vault).append(conn, by, "backed_up")
    part = file.with_name(file.name + ".part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        if store.is_sqlite:
            _copy(Path(store.url.database or ""), part)
        else:
            _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={part}"], store.url)
        with part.open("rb") as done:
            os.fsync(done.fileno())
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)


def restore(store: Store, file: Path) -> None:
    """Put a backup into an empty place: a SQLite file that is not there yet, or a PostgreSQL database without tables."""
    if not file.exists():
        raise BackupError(f"{file} is not there.")
    if store.is_sqlite:
        _restore_file(file, Path(store.url.database or ""))
        return
    if inspect(store.engine).get_table_names():
        raise BackupError("The database is not empty; restore into a new one.")
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run(["pg_restore", *options, "--dbname", store.url.database or "", str(file)], store.url)


def check(store: Store, vault: Vault, *, by: str, despite: bool = False) -> Verdicts:
    """Whether what was restored is whole and can be opened, every school's: bring the tables up to date, verify, put that on record.

    Where it is not, the place is made empty again and nothing is kept, unless `despite` says to keep it all the same.
    """
    store.migrate()
    verdicts = verify_all(store, vault)
    if not verdicts.sound and not despite:
        _empty(store)
        return verdicts
    for school, verdict in verdicts.by_school.items():
        own = store.for_school(school)
        with own.transaction() as conn:
            Trail(own, vault).append(conn, by, "restored", detail={"sound": verdict.sound})
    return verdicts


def _empty(store: Store) -> None:
    """Take away what was just restored into a place that had been empty."""
    store.close()
    if store.is_sqlite:
        target = Path(store.url.database or "")
        for old in (target, *(target.with_name(target.name + end) for end in BESIDE)):
            old.unlink(missing_ok=True)
        return
    found = MetaData()
    found.reflect(store.engine)
    found.drop_all(store.engine)
    store.close()


def _restore_file(file: Path, target: Path) -> None:
    """Put a backup where the SQLite database is to be. Whatever SQLite left beside an old one would be played into the new one."""
    for old in (target, *(target.with_name(target.name + end) for end in BESIDE)):
        if old.exists():
            raise BackupError(
                f"{old} is there already; stop the bot and move {target.name} away together with any file named {target.name}-wal, "
                f"{target.name}-shm or {target.name}-journal, so that nothing is written over or mixed into the backup."
            )
    part = target.with_name(target.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _copy(file, part)
        wanted = _heads(file)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    if _heads(target, "rw") != wanted:
        raise BackupError(f"{target} does not end where the backup ends: something else is in it. Move it away and restore again.")


def _heads(file: Path, mode: str = "ro") -> list[tuple[str, int, str]]:
    """The end of each school's audit trail, as whoever opens this file reads it."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file))}?mode={mode}", uri=True)) as conn:
            return conn.execute("SELECT school, seq, hash FROM audit_head ORDER BY school").fetchall()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{file} is not a backup of this bot, or is damaged.") from error


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True)) as origin, closing(sqlite3.connect(target)) as copy:
            origin.backup(copy)
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupError(f"{source} is damaged.")
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{source} is not a backup of this bot, or is damaged.") from error


def _run(command: list[str], url: URL) -> None:
    """Run one of PostgreSQL's own tools; the password goes by the environment, where no process list shows it."""
    known = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password,
             "PGDATABASE": url.database}  # fmt: skip
    environment = {**os.environ, **{name: str(value) for name, value in known.items() if value}}
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=MINUTES)  # noqa: S603 - fixed words of ours
    except FileNotFoundError as error:
        raise BackupError(f"{command[0]} is not installed; install PostgreSQL's client tools.") from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{command[0]} failed: {error.stderr.decode(errors='replace').strip().splitlines()[-1:]}") from error
    except subprocess.TimeoutExpired as error:
        raise BackupError(f"{command[0]} did not end within half an hour.") from error
