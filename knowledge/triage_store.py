"""The trained triage of each policy, kept in the clause base beside what it was learnt from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from sqlite_utils import Database

from knowledge.guidance_files import Guidance
from knowledge.language import Reader
from knowledge.reader import Base
from knowledge.training import vocabulary_of
from knowledge.triage_model import Floats, TriageModel
from knowledge.triage_training import VERSION, Examples, examples_of, train

TABLE: Final = "trained_triage"
WORDS: Final = ("concepts.toml", "triage_words.toml")

Progress = Callable[[str, int, int], None]
GuidanceOf = Callable[[Base, str], Guidance]


def train_base(path: Path, guidance_of: GuidanceOf, progress: Progress | None = None) -> bool:
    """Train the triage of each policy with authored disclosures and store it; False where all are up to date."""
    with Base.open(path) as base:
        wanted = {name: key_of(base, name) for name in base.names if base.guidance(name, "disclosure")}
        missing = [name for name, key in wanted.items() if _column(path, name, "key") != key.encode()]
        trained = {}
        for done, name in enumerate(missing):
            if progress:
                progress("learning to hear disclosures", done, len(missing))
            trained[name] = train_policy(base, name, guidance_of(base, name)).dump()
    for name, data in trained.items():
        database = Database(path)
        database[TABLE].upsert({"policy": name, "key": wanted[name].encode(), "model": data}, pk="policy")  # type: ignore[union-attr]
        database.close()
    return bool(trained)


def train_policy(base: Base, name: str, guidance: Guidance) -> TriageModel:
    """Train the triage of one policy from what the base holds."""
    examples = examples_of(guidance, Reader(vocabulary_of(guidance.entries, base.policy(name).text)))
    return train(examples, _vectors(base, examples))


def stored_triage(path: Path, name: str) -> TriageModel | None:
    """The trained triage of a policy, or None."""
    data = _column(path, name, "model")
    return TriageModel.restore(data) if data else None


def key_of(base: Base, name: str) -> str:
    """What a trained triage depends on, as one hash."""
    tables = b"".join(Path(__file__).with_name(table).read_bytes() for table in WORDS)
    return hashlib.sha256(f"{base.fingerprint}|{name}|{VERSION}|".encode() + tables).hexdigest()


def _column(path: Path, name: str, column: str) -> bytes:
    table = Database(path)[TABLE]
    return next((bytes(row[column]) for row in table.rows_where("policy = ?", [name])), b"") if table.exists() else b""


def _vectors(base: Base, examples: Examples) -> Floats | None:
    """The stored vectors of the examples, or None where the base has none."""
    found = np.zeros((len(examples.texts), 0), dtype=np.float32)
    for kind in sorted(set(examples.kind)):
        rows = [row for row, own in enumerate(examples.kind) if own == kind]
        vectors = base.vectors(kind, [examples.readings[row].text for row in rows])
        if vectors is None:
            return None
        if not found.shape[1]:
            found = np.zeros((len(examples.texts), vectors.shape[1]), dtype=np.float32)
        found[rows] = vectors
    return found
