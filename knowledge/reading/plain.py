"""Plain text and Markdown files."""

import re
from pathlib import Path

from knowledge.reading.errors import DocumentError

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_RULE_LINE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>-])")
_ORDERED = re.compile(r"(\s*)(\d{1,3})([.)])(\s+)(?=\S)")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s+")


def read_text(path: Path) -> tuple[str, dict[str, str]]:
    """A text file in UTF-8, UTF-16 (with its mark) or the encoding of old Windows files."""
    return decode(path.read_bytes(), path.name), {}


def decode(data: bytes, name: str) -> str:
    """Bytes to text. Raises DocumentError where they are not text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    if len(_CONTROL.findall(text)) > len(text) // 100:
        raise DocumentError(f"{name} is not a text file: save it as .txt, .md, .docx or .pdf.")
    return _CONTROL.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def read_markdown(path: Path) -> tuple[str, dict[str, str]]:
    """A Markdown file: its words without the marks that only serve the layout; emphasis inside sentences stays as it is."""
    text, metadata = decode(path.read_bytes(), path.name), {}
    if found := _FRONT_MATTER.match(text):
        pairs = re.findall(r"^([\w-]+):[ \t]*(.+)$", found.group(1), re.MULTILINE)
        metadata = {key.lower(): value.strip().strip("\"'") for key, value in pairs}
        text = text[found.end() :]
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return "\n".join(_renumbered(_plain_lines(text.split("\n")))), metadata


def _plain_lines(lines: list[str]) -> list[str]:
    """Underlined headings as "## …", quotes, tables, rules, fences and escapes as plain text."""
    plain: list[str] = []
    for raw in lines:
        line = re.sub(r"^\s{0,3}(?:>\s?)+", "", raw)
        if re.fullmatch(r"\s{0,3}(=+|-{2,})\s*", line) and plain and plain[-1].strip() and not _ITEM.match(plain[-1]):
            plain[-1] = f"## {plain[-1].strip()}" if not plain[-1].startswith("#") else plain[-1]
            continue
        if _RULE_LINE.match(line) or re.match(r"\s*(```|~~~)", line) or re.fullmatch(r"\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?)?\s*", line):
            plain.append("")
            continue
        if line.strip().startswith("|") and line.strip().endswith("|") and len(line.strip()) > 1:
            line = "\t".join(cell.strip() for cell in line.strip()[1:-1].split("|"))
        line = re.sub(r"<br\s*/?>", " ", line, flags=re.IGNORECASE)
        line = re.sub(r"</?(?:a|b|i|u|p|div|span|em|strong|center|h[1-6])(?:\s[^>]*)?>", "", line, flags=re.IGNORECASE)
        plain.append(_ESCAPED.sub(r"\1", line.rstrip().removesuffix("\\")))
    return plain


def _renumbered(lines: list[str]) -> list[str]:
    """Lists that say "1." before every item, as Markdown allows, get the numbers with which they are shown."""
    done: list[str] = []
    counts: dict[tuple[int, str], int] = {}
    for line in lines:
        if line.startswith("#"):
            counts.clear()
        found = _ORDERED.match(line)
        if not found:
            done.append(line)
            continue
        key = (len(found.group(1).expandtabs(4)), found.group(3))
        for other in [other for other in counts if other[0] > key[0]]:
            del counts[other]
        written = int(found.group(2))
        counts[key] = counts[key] + 1 if key in counts and written == 1 else written
        done.append(f"{found.group(1)}{counts[key]}{found.group(3)}{found.group(4)}{line[found.end() :]}")
    return done
