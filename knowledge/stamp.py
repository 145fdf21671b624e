"""Whether anything that a base is made of has changed, told from the files' bytes alone: a start need not read nine thousand examples."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

TABLE: Final = "trained_inputs"  # tables of this prefix are carried over to the next base
CODE: Final = Path(__file__).parent
POLICIES: Final = CODE / "policies"


def stamp_of(policies: Path, model: str) -> str:
    """One hash over every file that decides what a base holds (documents, guidance, code, tables), and the name of the model."""
    found = hashlib.sha256(model.encode())
    for path in [*sorted(CODE.rglob("*.py")), *sorted(CODE.glob("*.toml")), *sorted(policies.rglob("*.t*"))]:
        found.update(f"|{path.name}|{path.parent.name}|".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def parser_stamp() -> str:
    """One hash over the code that makes clauses of a text: where it changes, the texts in a base are split anew."""
    found = hashlib.sha256()
    for path in [CODE / "clauses.py", CODE / "parsing.py", *sorted((CODE / "reading").glob("*.py"))]:
        found.update(path.read_bytes())
    return found.hexdigest()


def stored_stamp(base: Path) -> str:
    """The stamp with which a base was completed; empty where there is none."""
    if not base.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"{base.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return next((str(row[0]) for row in connection.execute(f"select stamp from {TABLE}")), "")  # noqa: S608 our own name
    except sqlite3.DatabaseError:
        return ""


def store_stamp(base: Path, stamp: str) -> None:
    """Mark a base as complete."""
    from sqlite_utils import Database  # noqa: PLC0415 only needed where something was built

    with closing(Database(base)) as database:
        database[TABLE].upsert({"id": 1, "stamp": stamp}, pk="id")  # type: ignore[union-attr]
