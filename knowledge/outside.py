"""Facts from outside the policy: kept in one file with their sources, and never shown as the policy's own words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("facts.toml")


@dataclass(frozen=True)
class OutsideFact:
    """One fact: `text` ready to be shown, `source` where it comes from, `checked` the ISO date on which it was last checked."""

    id: str
    text: str
    source: str
    checked: str


def outside_facts(path: Path = FILE) -> Mapping[str, OutsideFact]:
    """Read all facts, by id. A telephone number, e-mail or page is put behind the text where the file gives one.

    Raises:
        KeyError: an entry lacks its id, text, source or date.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["fact"]
    return {one["id"]: OutsideFact(one["id"], with_contacts(one), one["source"], str(one["checked"])) for one in entries}


def with_contacts(entry: Mapping[str, object]) -> str:
    """The text, and after it those contacts that it does not name already."""
    text = str(entry["text"])
    contacts = [str(entry[key]) for key in ("phone", "email", "page") if entry.get(key) and str(entry[key]) not in text]
    return f"{text} ({', '.join(contacts)})" if contacts else text
