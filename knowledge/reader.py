"""An open clause base: its policies, versions, guidance and vectors. Read-only; ``knowledge.base`` builds it."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database

from knowledge import records
from knowledge.changes import Diff, compare
from knowledge.clauses import Policy
from knowledge.records import GuidanceRow, Version, text_hash

Vectors = NDArray[np.float32]


class BaseError(Exception):
    """The clause base cannot be used; the message says what to do."""


class Base:
    """A clause base that is open for reading. Many threads may read it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._vectors: dict[str, dict[str, Vectors]] = {}
        self._policies: dict[int, Policy] = {}

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a base. Raises BaseError where there is none or where it is not one of this release."""
        if not path.exists():
            raise BaseError(f"There is no clause base at {path}. Start the bot with `make run`, which builds it.")
        try:
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            base = cls(Database(connection))
            schema = base._meta("schema")
        except sqlite3.DatabaseError as error:
            raise BaseError(f"The clause base at {path} cannot be read ({error}). Delete it and start the bot again.") from error
        if schema != str(records.SCHEMA):
            base.close()
            raise BaseError(f"The clause base at {path} is of another release. Start the bot with `make run`, which builds it again.")
        return base

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _meta(self, key: str) -> str:
        return next((str(row["value"]) for row in self._db.query("select value from meta where key = ?", [key])), "")

    @property
    def fingerprint(self) -> str:
        """What the base was built from: one hash over documents, guidance, model and schema."""
        return self._meta("fingerprint")

    @property
    def names(self) -> list[str]:
        """The policies in the base, the oldest first."""
        return [str(row["policy"]) for row in self._db.query("select policy from versions group by policy order by min(id)")]

    @property
    def version(self) -> str:
        """The hash that is recorded with every answer: of the first policy's current text."""
        return self.policy().hash

    def versions(self, name: str | None = None) -> list[Version]:
        """All versions, the oldest first, of one policy or of all."""
        sql = "select v.*, (select count(*) from clauses c where c.version = v.id) as clauses from versions v order by v.id"
        return [
            Version(
                row["id"], row["policy"], row["hash"], datetime.fromisoformat(row["imported_at"]), row["title"],
                records.day(row["ratified"]), row["clauses"], bool(row["current"]),
            )
            for row in self._db.query(sql)
            if name in (None, row["policy"])
        ]  # fmt: skip

    def find_version(self, wanted: str | int | None = None, name: str | None = None) -> Version:
        """The version with this id or this hash (or its beginning, six characters at least); None means the current one."""
        versions = self.versions(name)
        if name is None and wanted is None:
            versions = [version for version in versions if version.policy == versions[0].policy]
        key = str(wanted) if wanted is not None else ""
        for version in reversed(versions):
            exact = key in (str(version.id), version.hash) or (len(key) >= 6 and version.hash.startswith(key))  # noqa: PLR2004
            if exact if wanted is not None else version.current:
                return version
        what = f"version {wanted}" if wanted is not None else f"policy {name}" if name else "policy"
        raise BaseError(f"The clause base has no {what}. `app.py policy list` shows what it has.")

    def policy(self, name: str | None = None, version: str | int | None = None) -> Policy:
        """A policy as recorded: the current version, or an earlier one by its id or hash. Raises BaseError where there is none."""
        found = self.find_version(version, name)
        if found.id not in self._policies:
            self._policies[found.id] = records.read_policy(self._db, found.id)
        return self._policies[found.id]

    def diff(self, old: str | int, new: str | int | None = None, name: str | None = None) -> Diff:
        """What changed from one version to another (to the current one where ``new`` is None)."""
        before = self.find_version(old, name)
        return compare(self.policy(before.policy, before.id), self.policy(name or before.policy, new))

    def guidance(self, name: str, *kinds: str) -> list[GuidanceRow]:
        """The authored entries of a policy, of some kinds or of all."""
        return records.read_guidance(self._db, name, kinds)

    @property
    def model(self) -> str:
        """The model of the vectors; empty where the base was built without one."""
        return self._meta("model")

    def vectors(self, kind: str, texts: Sequence[str]) -> Vectors | None:
        """The vectors of texts, one row each, or None where the base does not have them all."""
        if kind not in self._vectors:
            self._vectors[kind] = records.read_vectors(self._db, kind)
        known = self._vectors[kind]
        rows = [known.get(text_hash(text)) for text in texts]
        present = [row for row in rows if row is not None]
        return np.stack(present) if present and len(present) == len(rows) else None

    def search(self, words: str, name: str | None = None, limit: int = 10) -> list[tuple[str, float]]:
        """Clause numbers of the current version with any of the words, best first, with the BM25 score (greater is better)."""
        version = self.find_version(None, name)
        query = " OR ".join(f'"{word}"' for word in words.replace('"', " ").split())
        sql = (
            "select c.number as number, -bm25(clauses_fts) as score from clauses_fts join clauses c on c.id = clauses_fts.rowid "
            "where clauses_fts match ? and c.version = ? order by score desc, c.id limit ?"
        )
        return [(row["number"], row["score"]) for row in self._db.query(sql, [query, version.id, limit])] if query else []
