"""Word files: paragraphs, lists with their numbers, tables, text boxes; tracked deletions are left out, insertions stay."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn

from knowledge.reading.errors import DocumentError
from knowledge.reading.headings import title_like
from knowledge.reading.labels import readings
from knowledge.reading.lines import row_of
from knowledge.reading.numbering import BULLET, Numbering, styles_by_id
from knowledge.reading.tables import lays_out, prose

_SKIPPED = {qn(tag) for tag in ("w:del", "w:moveFrom", "w:txbxContent", "w:pPr", "w:rPr", "w:instrText", "w:delText")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MOST_HEADING_WORDS = 16


def read_word(path: Path) -> tuple[str, dict[str, str]]:
    """The text of a Word file, a blank line after each paragraph, headings marked. Raises DocumentError where it is damaged."""
    try:
        package = docx.Document(str(path))
        reader = _Reader(package)
        lines = list(reader.blocks(package.element.body))
        core = package.core_properties
        facts = {"title": core.title, "author": core.author, "modified": core.modified}
    except Exception as error:  # whatever a broken file provokes inside the libraries for zip, XML and Word
        raise DocumentError(f"{path.name} is damaged: open it in Word and save it again.") from error
    return "\n".join(lines), {key: str(value) for key, value in facts.items() if value}


class _Reader:
    def __init__(self, package: Any) -> None:
        numbering = next((part.element for part in _related(package, "/numbering")), None)
        styles = next((part.element for part in _related(package, "/styles")), None)
        self.numbering = Numbering(numbering, styles)
        self.styles: dict[str, Any] = styles_by_id(styles)

    def blocks(self, parent: Any) -> Iterator[str]:
        """The lines of everything inside an element."""
        for child in parent:
            if child.tag == qn("w:p"):
                yield from self.paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self.table(child)
            elif child.tag == qn("w:sdt"):
                content = child.find(qn("w:sdtContent"))
                if content is not None and not _is_contents(child):
                    yield from self.blocks(content)
            elif child.tag in (qn("w:customXml"), qn("w:ins"), qn("w:moveTo"), qn("w:smartTag")):
                yield from self.blocks(child)

    def paragraph(self, element: Any) -> Iterator[str]:
        """A paragraph's lines with its number, then those of the text boxes in it."""
        names = self._style_names(element)
        text = text_of(element)
        label = self.numbering.label(element)
        if text.strip() and not any(name.startswith("toc ") for name in names):
            yield from self._lines(element, names, label, text.strip())
        for box in element.iter(qn("w:txbxContent")):
            if not any(above.tag == _FALLBACK for above in box.iterancestors()):
                yield from self.blocks(box)

    def _lines(self, element: Any, names: list[str], label: str, text: str) -> Iterator[str]:
        level = _heading_level(names)
        joined = f"{label} {text}" if label else text
        words = len(text.split())
        if level is not None and words <= _MOST_HEADING_WORDS * 2:
            if title_like(text) or not label:
                yield from ("", f"{'#' * min(level, 6)} {_one_line(joined)}", "")
                return
        elif label != BULLET and words <= _MOST_HEADING_WORDS and self._bold(element, names) and _titled(text):
            yield from ("", f"## {_one_line(joined)}", "")
            return
        if label == BULLET and readings(text) and readings(text)[0].kind != "bullet":
            joined = text
        yield from joined.split("\n")
        yield ""

    def table(self, element: Any) -> Iterator[str]:
        """A row a line, its cells apart by tabs; cells that hold whole lists are read one after the other."""
        rows = [row for row in element.iter(qn("w:tr")) if element in (row.getparent(), row.getparent().getparent())]
        filled_rows = []
        for row in rows:
            cells = [[line for line in self.blocks(cell) if line] for cell in row.iter(qn("w:tc")) if _row_of(cell) is row]
            filled_rows.append(([cell for cell in cells if cell], len(cells)))
        laid_out = lays_out([["\n".join(cell) for cell in filled] for filled, _ in filled_rows])
        for filled, columns in filled_rows:
            numbered = len(filled) == 2 and len(filled[0]) == 1 and bool(readings(filled[0][0] + " x"))  # noqa: PLR2004
            single = all(len(cell) == 1 for cell in filled)
            if (
                columns > 1
                and filled
                and ((not laid_out and not numbered) or (single and len(filled) > 1 and not (laid_out and prose(filled))))
            ):
                yield row_of([re.sub(r"^#+ ", "", line) for line in (" ".join(cell) for cell in filled)])
            elif numbered:
                yield f"{filled[0][0]}\t{filled[1][0]}"
                for line in [*filled[1][1:], *(line for cell in filled[2:] for line in cell)]:
                    yield from (line, "")
            else:
                for line in (line for cell in filled for line in cell):
                    yield from (line, "")
            yield ""

    def _style_names(self, element: Any) -> list[str]:
        """The names of the paragraph's style and of those that it is based on, in lower case."""
        properties = element.find(qn("w:pPr"))
        found = properties.find(qn("w:pStyle")) if properties is not None else None
        key = found.get(qn("w:val")) if found is not None else None
        names: list[str] = []
        while key in self.styles and len(names) < 10:  # noqa: PLR2004 - a ring of styles must not hang
            style = self.styles[key]
            name = style.find(qn("w:name"))
            names.append((name.get(qn("w:val")) if name is not None else key).lower())
            based = style.find(qn("w:basedOn"))
            key = based.get(qn("w:val")) if based is not None else None
        return names

    def _bold(self, element: Any, names: list[str]) -> bool:
        """Whether all of a paragraph's words are bold (or underlined, as headings of typewriter days are)."""
        runs = [run for run in element.iter(qn("w:r")) if "".join(part.text or "" for part in run.iter(qn("w:t"))).strip()]
        return bool(runs) and (all(_on(run, "w:b") for run in runs) or all(_on(run, "w:u") for run in runs) or "strong" in names)


def text_of(element: Any) -> str:
    """A paragraph's words as they are shown: insertions in, deletions and hidden text out."""
    pieces: list[str] = []
    for child in element:
        if child.tag in _SKIPPED or child.tag == _FALLBACK:
            continue
        if child.tag == qn("w:t"):
            pieces.append(child.text or "")
        elif child.tag in (qn("w:tab"), qn("w:ptab")):
            pieces.append("\t")
        elif child.tag in (qn("w:br"), qn("w:cr")):
            pieces.append("\n")
        elif child.tag == qn("w:noBreakHyphen"):
            pieces.append("-")
        elif not (child.tag == qn("w:r") and _on(child, "w:vanish")):
            pieces.append(text_of(child))
    return "".join(pieces)


def _titled(text: str) -> bool:
    labels = [label for label in readings(text) if label.kind in ("number", "capital") and label.rest]
    return title_like(labels[0].rest if labels else text)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _on(run: Any, tag: str) -> bool:
    properties = run.find(qn("w:rPr"))
    found = properties.find(qn(tag)) if properties is not None else None
    return found is not None and found.get(qn("w:val")) not in ("0", "false", "none", "off")


def _heading_level(names: list[str]) -> int | None:
    for name in names:
        if name == "title":
            return 1
        if found := re.fullmatch(r"heading (\d)", name):
            return int(found.group(1)) + 1
    return None


def _is_contents(element: Any) -> bool:
    gallery = element.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
    return gallery is not None and gallery.get(qn("w:val")) == "Table of Contents"


def _row_of(cell: Any) -> Any:
    return next(above for above in cell.iterancestors() if above.tag == qn("w:tr"))


def _related(package: Any, kind: str) -> Iterator[Any]:
    for relation in package.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(kind) and hasattr(relation.target_part, "element"):
            yield relation.target_part
