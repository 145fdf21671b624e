"""Builds the clause base from the policies' folders: the document, its guidance, its vectors, and what is learnt from them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database

from knowledge import base as clause_base
from knowledge import triage_store
from knowledge.base import PolicySource
from knowledge.clauses import Policy
from knowledge.encoder import Encoder
from knowledge.guidance_files import ClauseNote, Entry, Guidance, load, paraphrases
from knowledge.known_vectors import with_known
from knowledge.language import Concepts, Reader
from knowledge.matcher import Floats, Matcher
from knowledge.parsing import parse
from knowledge.reader import Base
from knowledge.records import GuidanceRow
from knowledge.stamp import POLICIES, stamp_of, store_stamp, stored_stamp
from knowledge.training import VERSION, examples_of, train, vocabulary_of

Progress = Callable[[str, int, int], None]


def build_base(path: Path, encoder: Encoder | None, *, policies: Path = POLICIES, progress: Progress | None = None) -> bool:
    """Build the clause base and train its matcher, where anything that they are made of has changed.

    Returns whether anything was done. Raises GuidanceError where the authored files cannot be used, BaseError where the base cannot.
    """
    model = encoder.model_id if encoder else ""
    stamp = stamp_of(policies, model)
    if stored_stamp(path) == stamp:
        return False
    sources = [source_of(folder) for folder in sorted(policies.iterdir()) if (folder / "policy.txt").exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    encode = with_known(encoder) if encoder else None
    built = clause_base.build(path, sources, encode, progress, model=model)
    trained = [train_base(path, progress), triage_store.train_base(path, guidance_of, progress)]
    store_stamp(path, stamp)
    return built or any(trained)


def source_of(folder: Path) -> PolicySource:
    """One policy's folder as the base takes it in; texts to be matched are stored as they were read."""
    text = (folder / "policy.txt").read_text(encoding="utf-8")
    guidance = load(folder)
    reader = Reader(vocabulary_of(guidance.entries, text))
    return PolicySource(folder.name, text, rows_of(guidance, reader))


def written_for(name: str, policies: Path = POLICIES) -> Policy | None:
    """The edition of a policy for which its guidance was written; None where no guidance is authored here."""
    path = policies / name / "policy.txt"
    return parse(path.read_text(encoding="utf-8"), name) if path.exists() else None


def rows_of(guidance: Guidance, reader: Reader) -> list[GuidanceRow]:
    """Authored guidance as rows of the base."""
    rows = [GuidanceRow("note", note.number, asdict(note)) for note in guidance.notes.values()]
    for entry in guidance.entries:
        texts = tuple(reader.read(text).text for _, text in entry.examples())
        rows.append(GuidanceRow(entry.kind, entry.id, asdict(entry), texts))
    rows += [GuidanceRow("concern", str(table["kind"]), dict(table)) for table in guidance.concerns]
    for table in guidance.lookalikes:
        messages = tuple(reader.read(text).text for group in paraphrases(table.get("messages", ())) for text in group)
        rows.append(GuidanceRow("lookalike", str(table["id"]), dict(table), messages))
    return rows


def guidance_of(base: Base, name: str) -> Guidance:
    """The guidance of one policy as the base has it."""
    notes = {row.id: ClauseNote(row.id, row.data["summary"], tuple(row.data["read_with"])) for row in base.guidance(name, "note")}
    entries = []
    for row in base.guidance(name, "answer", "not_covered", "disclosure"):
        data: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.data.items()}
        data["groups"] = tuple(tuple(group) for group in row.data["groups"])
        entries.append(Entry(**data))
    concerns = tuple(row.data for row in base.guidance(name, "concern"))
    lookalikes = tuple(row.data for row in base.guidance(name, "lookalike"))
    return Guidance(notes, tuple(entries), concerns, lookalikes)


def train_base(path: Path, progress: Progress | None = None) -> bool:
    """Train the matcher of each policy with guidance and store it; False where all are up to date."""
    with Base.open(path) as base:
        wanted = {name: training_key(base, name) for name in base.names}
        missing = [name for name, key in wanted.items() if stored_key(path, name) != key and base.guidance(name, "answer")]
        trained = {}
        for done, name in enumerate(missing):
            if progress:
                progress("learning from examples", done, len(missing))
            trained[name] = train_policy(base, name)
    for name, matcher in trained.items():
        _store(path, name, wanted[name], matcher.dump())
    return bool(trained)


def train_policy(base: Base, name: str) -> Matcher:
    """Train a matcher from what the base holds."""
    guidance = guidance_of(base, name)
    vocabulary = vocabulary_of(guidance.entries, base.policy(name).text)
    examples = examples_of(guidance.entries, Reader(vocabulary))
    return train(guidance.entries, examples, example_vectors(base, guidance, [reading.text for reading in examples.readings]), vocabulary)


def example_vectors(base: Base, guidance: Guidance, texts: list[str]) -> Floats | None:
    """One vector for each example, in the order of the entries; None where the base has no vectors."""
    parts, at = [], 0
    for entry in guidance.entries:
        size = sum(len(group) for group in entry.groups)
        found = base.vectors(entry.kind, texts[at : at + size])
        if found is None:
            return None
        parts.append(found)
        at += size
    return np.concatenate(parts).astype(np.float32)


def training_key(base: Base, name: str) -> str:
    """What a trained matcher depends on, as one hash."""
    table = Path(__file__).with_name("concepts.toml").read_bytes()
    return hashlib.sha256(f"{base.fingerprint}|{name}|{VERSION}|".encode() + table).hexdigest()


def stored_key(path: Path, name: str) -> str:
    """The key under which the policy's matcher was stored; empty where there is none."""
    table = Database(path)["trained"]
    return next((str(row["key"]) for row in table.rows_where("policy = ?", [name])), "") if table.exists() else ""


def stored_matcher(path: Path, name: str) -> Matcher | None:
    """The trained matcher of a policy, or None."""
    table = Database(path)["trained"]
    data = next((bytes(row["matcher"]) for row in table.rows_where("policy = ?", [name])), None) if table.exists() else None
    return Matcher.restore(data) if data else None


def _store(path: Path, name: str, key: str, data: bytes) -> None:
    database = Database(path)
    database["trained"].upsert({"policy": name, "key": key, "matcher": data}, pk="policy")  # type: ignore[union-attr]
    database.close()


__all__ = ["POLICIES", "Concepts", "build_base", "guidance_of", "source_of", "stored_matcher", "train_base", "train_policy", "written_for"]
