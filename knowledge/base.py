"""Building the clause base: atomically, only where something has changed, with every version kept.

A build writes a new file beside the old one, makes sure that it is on the disk, and only then puts it in the old one's place. A crash
at any moment leaves the old base as it was.
"""

import hashlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database

from knowledge import records
from knowledge.clauses import Policy
from knowledge.parsing import parse
from knowledge.reader import Base, BaseError
from knowledge.records import GuidanceRow, Version, text_hash
from knowledge.stamp import parser_stamp

__all__ = ["Base", "BaseError", "GuidanceRow", "PolicySource", "Version", "build", "import_document"]

Encode = Callable[[Sequence[str]], Any]
Progress = Callable[[str, int, int], None]
_STALE_SECONDS = 3600.0
_BATCH = 512


@dataclass(frozen=True, slots=True)
class PolicySource:
    """What a base is built from: a policy's name, its text, and what people authored about it."""

    name: str
    text: str
    guidance: Sequence[GuidanceRow] = field(default=())


@dataclass(frozen=True, slots=True)
class _Old:
    """What a new base takes over from the one before it."""

    fingerprint: str = ""
    model: str = ""
    parser: str = ""
    versions: tuple[tuple[Policy, datetime, bool], ...] = ()
    guidance: dict[str, list[GuidanceRow]] = field(default_factory=dict)
    vectors: dict[tuple[str, str], bytes] = field(default_factory=dict)


def build(
    path: Path,
    policies: Sequence[PolicySource],
    encode: Encode | None,
    progress: Progress | None = None,
    *,
    model: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> bool:
    """Build the base at ``path`` where its inputs have changed; False means that nothing was to be done.

    ``model`` names (by hash) what ``encode`` is; vectors are taken over for texts that are unchanged under the same model. Earlier
    versions stay. A text that the base has seen before makes no new version, so an imported document is not undone by a restart; where
    the parser has changed, every text is split anew, and stays the version that it was.
    """
    used = model if encode else ""
    fingerprint = fingerprint_of(policies, used)
    old = _take_over(path)
    versions = _split_anew(old)
    if old.fingerprint == fingerprint and versions == old.versions:
        _mark_parser(path, old)
        return False
    seen = {(policy.name, policy.hash) for policy, _, _ in old.versions}
    fresh = [parsed for parsed in (parse(source.text, source.name) for source in policies) if (parsed.name, parsed.hash) not in seen]
    guidance = {source.name: list(source.guidance) for source in policies}
    state = _Old(fingerprint, used, "", versions, guidance, old.vectors if old.model == used else {})
    _write(path, state, fresh, encode, progress, now=now())
    return True


def import_document(
    path: Path,
    source: PolicySource,
    encode: Encode | None,
    progress: Progress | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Version:
    """Take a document in as the new current version of a policy, keeping all earlier ones and the guidance.

    A text that is already there becomes current again. ``encode`` must be the model with which the base was built.
    """
    with Base.open(path):
        old = _take_over(path)
    policy = parse(source.text, source.name)
    known = any((one.name, one.hash) == (policy.name, policy.hash) for one, _, _ in old.versions)
    versions = tuple((one, at, one.hash == policy.hash if one.name == policy.name else current) for one, at, current in _split_anew(old))
    guidance = {**old.guidance, **({source.name: list(source.guidance)} if source.guidance else {})}
    complete = bool(encode) or not old.model  # without its model the base is only half built, and the next build has to see that
    state = _Old(old.fingerprint if complete else "", old.model, "", versions, guidance, old.vectors)
    _write(path, state, [] if known else [policy], encode if old.model else None, progress, now=now())
    with Base.open(path) as base:
        return base.find_version(None, source.name)


def fingerprint_of(policies: Sequence[PolicySource], model: str) -> str:
    """One hash over everything that a base is built from."""
    inputs = [[one.name, text_hash(one.text), [[row.kind, row.id, row.data, row.texts] for row in one.guidance]] for one in policies]
    return hashlib.sha256(json.dumps([records.SCHEMA, model, inputs], sort_keys=True, default=str).encode()).hexdigest()


def _take_over(path: Path) -> _Old:
    """What is worth keeping of the base that is there; a file that cannot be read is put aside, not thrown away."""
    if not path.exists():
        return _Old()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            db = Database(connection)
            meta = {row["key"]: row["value"] for row in db.query("select key, value from meta")}
            if meta.get("schema") != str(records.SCHEMA):
                return _Old(versions=_parsed_again(db))
            rows = list(db.query("select id, policy, imported_at, current from versions order by id"))
            times = [datetime.fromisoformat(row["imported_at"]) for row in rows]
            versions = [(records.read_policy(db, row["id"]), at, bool(row["current"])) for row, at in zip(rows, times, strict=True)]
            return _Old(
                meta.get("fingerprint", ""),
                meta.get("model", ""),
                meta.get("parser", ""),
                tuple(versions),
                {name: records.read_guidance(db, name) for name in {row["policy"] for row in rows}},
                {(row["kind"], row["text_hash"]): row["vector"] for row in db.query("select * from vectors")},
            )
    except sqlite3.DatabaseError:
        path.replace(path.with_name(f"{path.name}.unreadable"))
        return _Old()


def _parsed_again(db: Database) -> tuple[tuple[Policy, datetime, bool], ...]:
    """The versions of a base of another release, from their texts."""
    rows = db.query("select policy, text, imported_at, current from versions order by id")
    return tuple((parse(row["text"], row["policy"]), datetime.fromisoformat(row["imported_at"]), bool(row["current"])) for row in rows)


def _split_anew(old: _Old) -> tuple[tuple[Policy, datetime, bool], ...]:
    """The versions as today's parser splits them; when they came in, and which is current, stays."""
    if old.parser == parser_stamp():
        return old.versions
    return tuple((parse(policy.text, policy.name), at, current) for policy, at, current in old.versions)


def _mark_parser(path: Path, old: _Old) -> None:
    """Note that today's parser splits the texts as they stand in the base."""
    if old.parser != parser_stamp():
        with closing(Database(path)) as db:
            records.table(db, "meta").upsert({"key": "parser", "value": parser_stamp()}, pk="key")


def _write(path: Path, state: _Old, fresh: Sequence[Policy], encode: Encode | None, progress: Progress | None, *, now: datetime) -> None:
    """Write the whole base to a new file and put it in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    os.close(handle)
    new = Path(name)
    try:
        with closing(Database(new)) as db:
            _fill(db, state, fresh, encode, progress, now=now)
            _carry_over(db, path)
        _to_disk(new)
        new.replace(path)
        _to_disk(path.parent)
    finally:
        new.unlink(missing_ok=True)


def _fill(db: Database, state: _Old, fresh: Sequence[Policy], encode: Encode | None, progress: Progress | None, *, now: datetime) -> None:
    with db.atomic():
        records.create_tables(db)
        for policy, imported_at, current in state.versions:
            records.write_policy(db, policy, imported_at, current=current)
        for policy in fresh:
            records.write_policy(db, policy, now, current=True)
        for policy_name, rows in state.guidance.items():
            records.write_guidance(db, policy_name, rows)
        if encode:
            _write_vectors(db, state.vectors, encode, progress)
        model = state.model if encode else ""
        meta = {"schema": str(records.SCHEMA), "fingerprint": state.fingerprint, "model": model}
        meta |= {"parser": parser_stamp(), "built_at": now.isoformat()}
        records.table(db, "meta").insert_all({"key": key, "value": value} for key, value in meta.items())
    records.table(db, "clauses").enable_fts(["text", "section_title"], tokenize="porter unicode61")


def _carry_over(db: Database, old: Path) -> None:
    """Take over what was learnt: whoever learns puts a key beside it, and learns again where the key is another."""
    if not old.exists():
        return
    with closing(sqlite3.connect(f"{old.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        kept = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table' and name like 'trained%'")]
        for name in kept:
            rows = connection.execute(f"select * from {name}")  # noqa: S608 the name comes from the file's own list
            columns = [column[0] for column in rows.description]
            records.table(db, name).insert_all((dict(zip(columns, row, strict=True)) for row in rows), pk=columns[0])


def _write_vectors(db: Database, known: dict[tuple[str, str], bytes], encode: Encode, progress: Progress | None) -> None:
    """Vectors for every clause and every authored text; only what is not known yet is computed."""
    texts: dict[tuple[str, str], str] = {}
    for row in db.query("select text from clauses"):
        texts["clause", text_hash(row["text"])] = row["text"]
    for row in db.query("select kind, texts from guidance"):
        texts.update({(row["kind"], text_hash(text)): text for text in json.loads(row["texts"])})
    wanted = [key for key in texts if key not in known]
    vectors = {key: known[key] for key in texts if key in known}
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        encoded = np.asarray(encode([texts[key] for key in batch]), dtype="<f4")
        vectors.update(zip(batch, (vector.tobytes() for vector in encoded), strict=True))
        if progress:
            progress("sentence vectors", min(start + _BATCH, len(wanted)), len(wanted))
    rows = ({"kind": kind, "text_hash": digest, "vector": vector} for (kind, digest), vector in vectors.items())
    records.table(db, "vectors").insert_all(rows)


def _sweep(path: Path) -> None:
    """Remove what builds that were stopped long ago have left."""
    for left in path.parent.glob(f".{path.name}.*.new*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink()


def _to_disk(path: Path) -> None:
    """Wait until a file or a folder's list of files is on the disk (folders cannot be opened on every system)."""
    try:
        handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
