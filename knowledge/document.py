"""A policy as a file (.txt, .md, .docx, .pdf) to plain text that ``knowledge.parsing.parse`` understands.

The text has one paragraph a line where the format knows its paragraphs. Headings that the format marks are written "## Heading", and
numbers that Word only draws are written out.
"""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from knowledge.reading.errors import DocumentError
from knowledge.reading.pdf import read_pdf
from knowledge.reading.plain import read_markdown, read_text
from knowledge.reading.word import read_word

__all__ = ["Document", "DocumentError", "read"]

Format = Literal["txt", "md", "docx", "pdf"]
_SUFFIXES: Mapping[str, Format] = {
    ".txt": "txt", ".text": "txt", ".md": "md", ".markdown": "md", ".docx": "docx", ".docm": "docx", ".pdf": "pdf",
}  # fmt: skip
_READERS: Mapping[Format, Callable[[Path], tuple[str, dict[str, str]]]] = {
    "txt": read_text, "md": read_markdown, "docx": read_word, "pdf": read_pdf,
}  # fmt: skip
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MOST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says: its text, its format, and what the file records about itself (title, author, dates)."""

    text: str
    format: Format
    metadata: Mapping[str, str] = field(default_factory=dict)


def read(path: Path) -> Document:
    """Read a document. Raises DocumentError, one sentence that says what to do, where that is not possible."""
    path = Path(path)
    kind = _kind(path)
    text, metadata = _READERS[kind](path)
    if not text.strip():
        raise DocumentError(f"{path.name} has no text in it: check that it is the right file.")
    return Document(text, kind, metadata)


def _kind(path: Path) -> Format:
    """The format, by the file's first bytes rather than by its name, which may be wrong."""
    try:
        if path.is_dir():
            raise DocumentError(f"{path.name} is a folder: name the file inside it.")
        if path.stat().st_size > _MOST_BYTES:
            raise DocumentError(f"{path.name} is larger than 100 MB: save it without its pictures.")
        with path.open("rb") as file:
            start = file.read(1024)
    except FileNotFoundError:
        raise DocumentError(f"There is no file {path}: check the name.") from None
    except OSError as error:
        raise DocumentError(f"{path.name} cannot be opened ({error.strerror}): check that you may read it.") from error
    if not start:
        raise DocumentError(f"{path.name} is empty: check that it is the right file.")
    return _by_bytes(path, start)


def _by_bytes(path: Path, start: bytes) -> Format:
    if b"%PDF-" in start:
        return "pdf"
    if start.startswith(_OLD_OFFICE):
        raise DocumentError(f"{path.name} is an old or a protected Word file: open it and save it as .docx without a password.")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path)
    suffix = _SUFFIXES.get(path.suffix.lower())
    if start.startswith(b"{\\rtf") or suffix is None:
        raise DocumentError(f"{path.name} is not a .txt, .md, .docx or .pdf file: save it as one of these.")
    if suffix in ("docx", "pdf"):
        raise DocumentError(f"{path.name} is damaged or is not a .{suffix} file: save it again from the program that made it.")
    return suffix


def _zipped(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        raise DocumentError(f"{path.name} is damaged: save it again from the program that made it.") from None
    if not any(name.startswith("word/") for name in names):
        raise DocumentError(f"{path.name} is not a .txt, .md, .docx or .pdf file: save it as one of these.")
    return "docx"
