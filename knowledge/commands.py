"""What stands behind ``app.py policy …``: each command gives the lines to print. Errors are DocumentError and BaseError."""

import json as jsonlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from knowledge.base import Encode, PolicySource, Progress, import_document
from knowledge.changes import Changed, Diff
from knowledge.clauses import Clause, Policy
from knowledge.document import DocumentError, read
from knowledge.parsing import parse
from knowledge.reader import Base

_SHORT_HASH = 10
_FEWEST = 3  # a first version with fewer clauses is more likely a note or a cover page


def parse_file(path: Path, name: str = "") -> Policy:
    """A policy from a file. Raises DocumentError where the file cannot be read or holds nothing that could be quoted."""
    policy = parse(read(path).text, name or name_of(path))
    if not policy.clauses:
        raise DocumentError(f"{Path(path).name} has no clauses in it: check that it is the whole policy and not only its cover page.")
    return policy


def name_of(path: Path) -> str:
    """A policy's name in the base, from its file's name: "Social Media Policy 2024.docx" is social-media-policy-2024."""
    return re.sub(r"[^a-z0-9]+", "-", Path(path).stem.casefold()).strip("-") or "policy"


def parse_command(path: Path, *, json: bool = False) -> list[str]:
    """``policy parse FILE``: the clauses of a document; as JSON, one object a line with number, section and text."""
    policy = parse_file(path)
    if json:
        return [
            jsonlib.dumps({"number": clause.number, "section": clause.section, "text": clause.text}, ensure_ascii=False)
            for clause in policy.clauses
        ]
    lines = [policy.title]
    for section in policy.sections:
        lines += ["", f"{section.number} {section.title}".strip()] if section.title or section.number else [""]
        lines += [_line(clause) for clause in section.clauses]
    headings = len(policy.sections)
    lines += ["", f"{_count(len(policy.clauses))} under {headings} {'heading' if headings == 1 else 'headings'}."]
    if any(clause.positional for clause in policy.clauses):
        lines.append("Clauses without a number of their own are counted by position: section, then place in it.")
    if policy.left_out:
        lines.append(f"Left out as part of the page (headers, page numbers, contents): {len(policy.left_out)} lines.")
    return lines


def _count(clauses: int) -> str:
    return f"{clauses} {'clause' if clauses == 1 else 'clauses'}"


def _line(clause: Clause) -> str:
    return f"{clause.number:>6}  " + clause.text.replace("\n", "\n        ")


def import_command(
    base: Path,
    path: Path,
    name: str,
    encode: Encode | None,
    progress: Progress | None = None,
    *,
    anyway: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[str]:
    """``policy import FILE``: take a document in as the new version of the policy ``name``, and say what that changes.

    Raises DocumentError where it looks like another document or a part of one (far fewer clauses than before), unless ``anyway``.
    """
    text = read(path).text
    found = len(parse_file(path).clauses)
    with Base.open(base) as before:
        known = name in before.names
        earlier = before.find_version(None, name) if known else None
    least = earlier.clauses // 2 if earlier else _FEWEST
    if found < least and not anyway:
        than = f"the current version of {name} has {earlier.clauses}" if earlier else "a policy has more"
        raise DocumentError(f"{Path(path).name} gives {_count(found)}, and {than}. If it is the whole policy, add --anyway.")
    version = import_document(base, PolicySource(name, text), encode, progress, now=now)
    lines = [f"{name}: version {version.id} ({version.hash[:_SHORT_HASH]}), {_count(version.clauses)}, is now current."]
    if earlier is None:
        return lines
    if earlier.hash == version.hash:
        return [f"{name}: nothing to do, this text is already current."]
    with Base.open(base) as after:
        return [*lines, *difference_lines(after.diff(earlier.hash, version.hash, name))]


def diff_command(base: Path, name: str | None = None, old: str | None = None, new: str | None = None) -> list[str]:
    """``policy diff``: what changed from one version to another; without them, from the version before to the current one."""
    with Base.open(base) as opened:
        after = opened.find_version(new, name)
        versions = [version for version in opened.versions(after.policy) if version.id != after.id]
        if old is None and not versions:
            return [f"{after.policy} has one version only: there is nothing to compare."]
        earlier = [version for version in versions if version.id < after.id] or versions
        before = opened.find_version(old, after.policy) if old is not None else earlier[-1]
        head = f"{after.policy}: version {before.id} ({before.hash[:_SHORT_HASH]}) to version {after.id} ({after.hash[:_SHORT_HASH]})"
        return [head, *difference_lines(opened.diff(before.hash, after.hash, after.policy))]


def difference_lines(diff: Diff) -> list[str]:
    """A difference in words: [-what went-] and {+what came+} inside the clause."""
    if not diff:
        return ["No clause has changed."]
    lines = [f"- {clause.number} removed: {_one_line(clause)}" for clause in diff.removed]
    lines += [f"+ {clause.number} added: {_one_line(clause)}" for clause in diff.added]
    lines += [_changed(one) for one in diff.changed]
    lines += [f"= {_place(one.old, one.new)}, same words" for one in diff.moved]
    return lines


def _place(old: Clause, new: Clause) -> str:
    if old.number == new.number:
        return f'{old.number} moved from "{old.section}" to "{new.section}"'
    return f"{old.number} is now {new.number}"


def _changed(one: Changed) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return f"~ {one.new.number} changed: " + " ".join(marks[run.change].format(run.text) for run in one.runs)


def _one_line(clause: Clause) -> str:
    return re.sub(r"\s+", " ", clause.text)


def list_command(base: Path, name: str | None = None) -> list[str]:
    """``policy list``: every version in the base, the current one marked."""
    with Base.open(base) as opened:
        return [
            f"{'*' if version.current else ' '} {version.id:>3}  {version.policy}  {version.hash[:_SHORT_HASH]}  "
            f"{version.clauses} clauses  taken in {version.imported_at:%Y-%m-%d %H:%M}  "
            + (f"ratified {version.ratified:%Y-%m-%d}" if version.ratified else "ratification not stated")
            for version in opened.versions(name)
        ]
