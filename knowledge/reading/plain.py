"""Plain text and Markdown files."""

import re
from pathlib import Path

from knowledge.reading.errors import DocumentError
from knowledge.reading.lines import row_of

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_RULE_LINE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>-])")
_ORDERED = re.compile(r"(\s*)(\d{1,3})([.)])(\s+)(?=\S)")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(([^()\s]*(?:\([^()\s]*\))?[^()\s]*)(?:\s+\"[^\"]*\")?\)")
_RULED = re.compile(r"\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?)?\s*")
_TICK_BOX = re.compile(r"(\s*(?:[-*+]|\d{1,3}[.)])\s+)\[[ xX]\]\s+")
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
    rows = _rows(lines)
    for place, raw in enumerate(lines):
        line = re.sub(r"^\s{0,3}(?:>\s?)+", "", raw)
        if re.fullmatch(r"\s{0,3}(=+|-{2,})\s*", line) and plain and plain[-1].strip() and not _ITEM.match(plain[-1]):
            plain[-1] = f"## {plain[-1].strip()}" if not plain[-1].startswith("#") else plain[-1]
            continue
        if _RULE_LINE.match(line) or re.match(r"\s*(```|~~~)", line) or _RULED.fullmatch(line):
            plain.append("")
            continue
        if place in rows:
            line = row_of(
                [re.sub(r"<br\s*/?>", " ", cell, flags=re.IGNORECASE) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            )
        line = _TICK_BOX.sub(r"\1", _LINK.sub(_shown, line))
        line = re.sub(r"<br\s*/?>", " ", line, flags=re.IGNORECASE)
        line = re.sub(r"</?(?:a|b|i|u|p|div|span|em|strong|center|h[1-6])(?:\s[^>]*)?>", "", line, flags=re.IGNORECASE)
        plain.append(_ESCAPED.sub(r"\1", line.rstrip().removesuffix("\\")))
    return plain


def _rows(lines: list[str]) -> set[int]:
    """The lines that are rows of tables: between strokes, or around a line of dashes and strokes."""
    found = {place for place, line in enumerate(lines) if re.fullmatch(r"\s*\|.+\|\s*", line)}
    for place, line in enumerate(lines):
        if place and "|" in line and _RULED.fullmatch(line) and "|" in lines[place - 1]:
            found.add(place - 1)
            after = place + 1
            while after < len(lines) and "|" in lines[after]:
                found.add(after)
                after += 1
    return found


def _shown(link: re.Match[str]) -> str:
    """A link's words, and its address where it leads out of the document."""
    words, address = link[1], link[2]
    return words if not re.match(r"https?://|mailto:", address) or words == address or link[0][0] == "!" else f"{words} ({address})"


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
