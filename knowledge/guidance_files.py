"""What people have authored about a policy: TOML files beside it, read and checked.

The format is described in ``docs/guidance.md``. Nothing here knows vectors or scores.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

VERDICTS = frozenset({"yes", "no", "conditional", "report", "info"})
IMAGES = "indecent_images"
CONCERNS = ("misuse", "staff_abuse", "threat", "data_breach", "safeguarding", IMAGES)
ROLES = frozenset(
    {
        "headteacher",
        "deputy_headteacher",
        "designated_safeguarding_lead",
        "data_protection_officer",
        "chair_of_governors",
        "business_manager",
        "slt",
        "line_manager",
    }
)


class GuidanceError(ValueError):
    """The authored files cannot be used; the message lists every mistake, one a line."""


@dataclass(frozen=True)
class ClauseNote:
    """What is said about one clause: a plain summary, and the clauses to be shown beside it."""

    number: str
    summary: str
    read_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One thing the bot can say, with the ways in which staff ask for it.

    ``kind`` is ``answer``, ``not_covered`` or ``disclosure``. ``groups`` holds paraphrase groups:
    one tuple for each authored line, its wordings parted.
    """

    id: str
    kind: str
    verdict: str
    clauses: tuple[str, ...] = ()
    summary: str = ""
    next: str = ""
    role: str | None = None
    fact: str = ""
    topic: str = ""
    near: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    concern: str = "none"
    groups: tuple[tuple[str, ...], ...] = ()
    source: str = ""

    def examples(self) -> Iterator[tuple[int, str]]:
        """Every wording with the number of its paraphrase group."""
        for number, group in enumerate(self.groups):
            for text in group:
                yield number, text


@dataclass(frozen=True)
class Guidance:
    """Everything authored for one policy."""

    notes: Mapping[str, ClauseNote] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    concerns: tuple[Mapping[str, Any], ...] = ()
    lookalikes: tuple[Mapping[str, Any], ...] = ()

    def entry(self, entry_id: str) -> Entry | None:
        """The entry with this id, or None."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)

    def summary_of(self, number: str) -> str:
        """The plain summary of a clause; a lettered part falls back on its clause."""
        note = self.notes.get(number) or self.notes.get(number.rstrip("abcdefghijklmnopqrstuvwxyz"))
        return note.summary if note else ""


def paraphrases(lines: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Authored lines -> paraphrase groups: the wordings on one line are parted by ``|``."""
    groups = (tuple(part.strip() for part in line.split("|") if part.strip()) for line in lines)
    return tuple(group for group in groups if group)


def load(folder: Path) -> Guidance:
    """Read ``guidance``, ``not_covered``, ``concerns`` and ``voices`` (each ``NAME.toml`` or ``NAME/*.toml``) under a policy's folder.

    Missing files are no error: a policy without guidance is still searched by its own text.
    Raises GuidanceError with every mistake of form (TOML, unknown keys' types, verdicts, ids).
    """
    problems: list[str] = []
    notes: dict[str, ClauseNote] = {}
    entries: list[Entry] = []
    concerns: list[Mapping[str, Any]] = []
    lookalikes: list[Mapping[str, Any]] = []
    more: list[tuple[str, Mapping[str, Any]]] = []
    for path in _files(folder):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{path.name}: {error}")
            continue
        for number, table in data.get("clause", {}).items():
            notes[str(number)] = ClauseNote(str(number), table.get("summary", ""), tuple(table.get("read_with", ())))
        entries += _entries(path.name, data, problems)
        concerns += data.get("concern", [])
        lookalikes += data.get("lookalike", [])
        more += [(path.name, table) for table in data.get("more", [])]
    entries = _with_more(_with_lookalikes(entries, lookalikes), more, problems)
    problems += _repeated(entry.id for entry in entries)
    if problems:
        raise GuidanceError("\n".join(problems))
    return Guidance(notes, tuple(entries), tuple(concerns), tuple(lookalikes))


def _files(folder: Path) -> list[Path]:
    """The authored files in a fixed order; each kind is one file or a folder of files."""
    found: list[Path] = []
    for name in ("guidance", "not_covered", "concerns", "voices"):
        found += sorted((folder / name).glob("*.toml"))
        found += [path for path in (folder / f"{name}.toml",) if path.exists()]
    return found


def _entries(source: str, data: Mapping[str, Any], problems: list[str]) -> list[Entry]:
    """The answers, not-covered topics and disclosures of one file; mistakes are added to ``problems``."""
    found: list[Entry] = []
    for kind, lines in (("answer", "questions"), ("not_covered", "questions"), ("disclosure", "messages")):
        for table in data.get(kind, []):
            name = table.get("id")
            if not name or not isinstance(name, str):
                problems.append(f"{source}: [[{kind}]] without an id")
                continue
            verdict = {"not_covered": "not_covered", "disclosure": "report"}.get(kind) or table.get("verdict", "info")
            if kind == "answer" and verdict not in VERDICTS:
                problems.append(f"{source}: {name}: unknown verdict {verdict!r}; use one of {', '.join(sorted(VERDICTS))}")
            if table.get("role") not in (None, *ROLES):
                problems.append(f"{source}: {name}: unknown role {table['role']!r}")
            concern = table.get("kind", "none") if kind == "disclosure" else "none"
            if kind == "disclosure" and concern not in CONCERNS:
                problems.append(f"{source}: {name}: unknown kind of concern {concern!r}")
            groups = paraphrases(table.get(lines, ()))
            if not groups:
                problems.append(f"{source}: {name}: no example {lines}")
            found.append(
                Entry(
                    id=name,
                    kind=kind,
                    verdict=verdict,
                    clauses=tuple(map(str, table.get("clauses", ()))),
                    summary=table.get("summary", ""),
                    next=table.get("next", ""),
                    role=table.get("role"),
                    fact=table.get("fact", ""),
                    topic=table.get("topic", ""),
                    near=tuple(map(str, table.get("near", ()))),
                    facts=tuple(table.get("facts", ())),
                    concern=concern,
                    groups=groups,
                    source=source,
                )
            )
    return found


def _with_lookalikes(entries: list[Entry], lookalikes: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Look-alikes that name an answer are example questions of that answer as well (`check` reports names of none)."""
    by_id = {entry.id: entry for entry in entries}
    for table in lookalikes:
        name = table.get("answer", "")
        entry = by_id.get(name)
        if entry is None:
            continue
        by_id[name] = replace(entry, groups=entry.groups + paraphrases(table.get("messages", ())))
    return [by_id[entry.id] for entry in entries]


def _with_more(entries: list[Entry], more: Iterable[tuple[str, Mapping[str, Any]]], problems: list[str]) -> list[Entry]:
    """Further wordings (``[[more]]``) join the entry that they name."""
    by_id = {entry.id: entry for entry in entries}
    for source, table in more:
        entry = by_id.get(str(table.get("id", "")))
        if entry is None:
            problems.append(f"{source}: [[more]] names {table.get('id')!r}, which is no entry")
            continue
        by_id[entry.id] = replace(entry, groups=entry.groups + paraphrases(table.get("lines", ())))
    return [by_id[entry.id] for entry in entries]


def _repeated(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [f"the id {name!r} is used twice" for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
