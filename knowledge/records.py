"""The tables of the clause base, and how a Policy becomes rows and rows become a Policy again."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlite_utils import Database
from sqlite_utils.db import Table

from knowledge.clauses import Clause, Part, Policy, Section

SCHEMA = 1  # raise this whenever a table or the parser's result changes: bases are then built again


@dataclass(frozen=True, slots=True)
class GuidanceRow:
    """One authored entry as the base keeps it: opaque ``data``, and the ``texts`` in it that are matched by meaning."""

    kind: str
    id: str
    data: dict[str, Any]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a policy that the base has seen."""

    id: int
    policy: str
    hash: str
    imported_at: datetime
    title: str
    ratified: date | None
    clauses: int
    current: bool


def create_tables(db: Database) -> None:
    """The empty tables."""
    table(db, "meta").create({"key": str, "value": str}, pk="key")
    table(db, "versions").create(
        {
            "id": int, "policy": str, "hash": str, "imported_at": str, "current": int, "title": str, "school": str, "origin": str,
            "reviewed": str, "ratified": str, "review_due": str, "preamble": str, "text": str, "left_out": str,
        },
        pk="id",
    )  # fmt: skip
    table(db, "sections").create(
        {"version": int, "position": int, "number": str, "title": str, "heading": str},
        pk=("version", "position"), foreign_keys=[("version", "versions", "id")],
    )  # fmt: skip
    table(db, "clauses").create(
        {
            "id": int, "version": int, "section": int, "position": int, "number": str, "section_title": str, "text": str,
            "lead": str, "bullets": str, "emphasis": str, "marker": str, "positional": int,
        },
        pk="id", foreign_keys=[("version", "versions", "id")],
    )  # fmt: skip
    table(db, "parts").create(
        {"clause": int, "position": int, "label": str, "text": str}, pk=("clause", "position"), foreign_keys=[("clause", "clauses", "id")]
    )
    table(db, "clause_references").create(
        {"clause": int, "position": int, "number": str}, pk=("clause", "position"), foreign_keys=[("clause", "clauses", "id")]
    )
    table(db, "guidance").create(
        {"policy": str, "position": int, "kind": str, "id": str, "data": str, "texts": str}, pk=("policy", "kind", "id")
    )
    table(db, "vectors").create({"kind": str, "text_hash": str, "vector": bytes}, pk=("kind", "text_hash"))
    table(db, "clauses").create_index(["version", "number"])


def table(db: Database, name: str) -> Table:
    """A table of the base (never a view)."""
    found = db[name]
    if not isinstance(found, Table):
        raise TypeError(f"{name} is not a table.")
    return found


def text_hash(text: str) -> str:
    """The key under which a text's vector is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def write_policy(db: Database, policy: Policy, imported_at: datetime, *, current: bool) -> int:
    """Write one version of a policy and return its id; with ``current``, earlier versions step back."""
    if current:
        db.execute("update versions set current = 0 where policy = ?", [policy.name])
    versions = table(db, "versions")
    version = int(next(iter(db.query("select coalesce(max(id), 0) + 1 as id from versions")))["id"])
    versions.insert(
        {
            "id": version, "policy": policy.name, "hash": policy.hash, "imported_at": imported_at.isoformat(), "current": int(current),
            "title": policy.title, "school": policy.school, "origin": policy.origin, "reviewed": _iso(policy.reviewed),
            "ratified": _iso(policy.ratified), "review_due": policy.review_due, "preamble": policy.preamble, "text": policy.text,
            "left_out": json.dumps(policy.left_out),
        }
    )  # fmt: skip
    clause_id = int(next(iter(db.query("select coalesce(max(id), 0) as id from clauses")))["id"])
    for place, section in enumerate(policy.sections):
        table(db, "sections").insert(
            {"version": version, "position": place, "number": section.number, "title": section.title, "heading": section.heading}
        )
        for position, clause in enumerate(section.clauses):
            clause_id += 1
            _write_clause(db, clause, {"id": clause_id, "version": version, "section": place, "position": position})
    return version


def _write_clause(db: Database, clause: Clause, keys: dict[str, int]) -> None:
    row = {
        "number": clause.number, "section_title": clause.section, "text": clause.text, "lead": clause.lead,
        "bullets": json.dumps(clause.bullets), "emphasis": json.dumps(clause.emphasis), "marker": clause.marker,
        "positional": int(clause.positional),
    }  # fmt: skip
    table(db, "clauses").insert({**keys, **row})
    table(db, "parts").insert_all(
        {"clause": keys["id"], "position": place, "label": part.label, "text": part.text} for place, part in enumerate(clause.parts)
    )
    table(db, "clause_references").insert_all(
        {"clause": keys["id"], "position": place, "number": number} for place, number in enumerate(clause.references)
    )


def read_policy(db: Database, version: int) -> Policy:
    """The policy as it was recorded under a version's id."""
    row = next(iter(db.query("select * from versions where id = ?", [version])))
    parts = _grouped(db, "parts", version)
    references = _grouped(db, "clause_references", version)
    clauses: dict[int, list[Clause]] = {}
    for found in db.query("select * from clauses where version = ? order by section, position", [version]):
        clause = Clause(
            found["number"], found["section_title"], found["text"], found["lead"],
            tuple(Part(part["label"], part["text"]) for part in parts.get(found["id"], ())),
            tuple(json.loads(found["bullets"])), tuple(one["number"] for one in references.get(found["id"], ())),
            tuple(json.loads(found["emphasis"])), found["marker"], bool(found["positional"]),
        )  # fmt: skip
        clauses.setdefault(found["section"], []).append(clause)
    sections = tuple(
        Section(found["title"], tuple(clauses.get(found["position"], ())), found["number"], found["heading"])
        for found in db.query("select * from sections where version = ? order by position", [version])
    )
    return Policy(
        name=row["policy"], title=row["title"], school=row["school"], origin=row["origin"], reviewed=day(row["reviewed"]),
        ratified=day(row["ratified"]), review_due=row["review_due"], sections=sections, preamble=row["preamble"], text=row["text"],
        hash=row["hash"], left_out=tuple(json.loads(row["left_out"])),
    )  # fmt: skip


def _grouped(db: Database, name: str, version: int) -> dict[int, list[dict[str, Any]]]:
    grouped: dict[int, list[dict[str, Any]]] = {}
    sql = f"select p.* from {name} p join clauses c on c.id = p.clause where c.version = ? order by p.clause, p.position"  # noqa: S608
    for row in db.query(sql, [version]):
        grouped.setdefault(row["clause"], []).append(row)
    return grouped


def write_guidance(db: Database, policy: str, rows: Iterable[GuidanceRow]) -> None:
    """Put the authored entries of a policy in place of those that were there."""
    table(db, "guidance").delete_where("policy = ?", [policy])
    table(db, "guidance").insert_all(
        {
            "policy": policy, "position": place, "kind": row.kind, "id": row.id,
            "data": json.dumps(row.data, ensure_ascii=False, default=str), "texts": json.dumps(row.texts, ensure_ascii=False),
        }
        for place, row in enumerate(rows)
    )  # fmt: skip


def read_guidance(db: Database, policy: str, kinds: Sequence[str] = ()) -> list[GuidanceRow]:
    """The authored entries of a policy in the order in which they were given."""
    wanted = f" and kind in ({', '.join('?' * len(kinds))})" if kinds else ""
    rows = db.query(f"select * from guidance where policy = ?{wanted} order by position", [policy, *kinds])  # noqa: S608 question marks
    return [GuidanceRow(row["kind"], row["id"], json.loads(row["data"]), tuple(json.loads(row["texts"]))) for row in rows]


def read_vectors(db: Database, kind: str) -> dict[str, NDArray[np.float32]]:
    """All vectors of a kind under the hashes of their texts."""
    rows = db.query("select text_hash, vector from vectors where kind = ?", [kind])
    return {row["text_hash"]: np.frombuffer(row["vector"], dtype="<f4") for row in rows}


def day(text: str | None) -> date | None:
    """A date column's value."""
    return date.fromisoformat(text) if text else None


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None
