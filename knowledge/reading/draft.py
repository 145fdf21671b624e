"""A clause while it is being read, and how it becomes a Clause."""

import re
from dataclasses import dataclass, field
from typing import Literal

from knowledge.clauses import Clause, Part
from knowledge.reading.labels import Label
from knowledge.reading.lines import broken_word

_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL)


@dataclass
class Piece:
    """A run of a clause: plain text, a lettered part or a bullet. ``text`` is as it stands, ``body`` without the mark."""

    kind: Literal["text", "part", "bullet"]
    text: str
    body: str
    label: str = ""

    def go_on(self, line: str) -> None:
        """Add the next line of the same paragraph."""
        space = "" if broken_word(self.text, line) else " "
        self.text = f"{self.text}{space}{line}".strip()
        self.body = f"{self.body}{space}{line}".strip()


@dataclass
class Level:
    """An open list inside a clause: what it counts with, how its marks are written, and where the count stands."""

    kind: str
    style: str
    value: int
    label: str


@dataclass
class Draft:
    """The clause that is being read."""

    number: str
    marker: str = ""
    positional: bool = False
    indent: int = 0
    pieces: list[Piece] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)

    def add_text(self, line: str) -> None:
        """Begin a new paragraph."""
        self.pieces.append(Piece("text", line, line))

    def add_bullet(self, label: Label) -> None:
        """Begin a bullet."""
        self.pieces.append(Piece("bullet", f"{label.marker} {label.rest}", label.rest))

    def add_part(self, label: Label, depth: int) -> None:
        """Begin a part at a depth of the open lists; deeper lists end."""
        del self.levels[depth + 1 :]
        outer = self.levels[depth - 1].label if depth else ""
        name = f"{outer}({label.name})" if depth else label.name
        level = Level(label.kind, style_of(label), label.value[-1], name)
        if depth == len(self.levels):
            self.levels.append(level)
        else:
            self.levels[depth] = level
        self.pieces.append(Piece("part", f"{label.marker} {label.rest}".strip(), label.rest, name))

    @property
    def last_text(self) -> str:
        """The text of the piece that is being read."""
        return self.pieces[-1].text if self.pieces else ""

    def finish(self, section: str) -> Clause:
        """The clause, its references still to be found (they need the whole policy)."""
        text = "\n".join(piece.text for piece in self.pieces).strip()
        lead: list[str] = []
        parts: list[Part] = []
        bullets: list[str] = []
        for index, piece in enumerate(self.pieces):
            if piece.kind == "part":
                parts.append(Part(piece.label, piece.body))
            elif piece.kind == "bullet" and parts and self.pieces[index - 1].kind != "text":
                parts[-1] = Part(parts[-1].label, f"{parts[-1].text}\n{piece.text}")
            elif piece.kind == "bullet":
                bullets.append(piece.body)
            elif not parts and not bullets:
                lead.append(piece.text)
        emphasis = tuple(re.sub(r"\s+", " ", run) for run in _STRONG.findall(text))
        return Clause(
            self.number, section, text, "\n".join(lead), tuple(parts), tuple(bullets),
            emphasis=emphasis, marker=self.marker, positional=self.positional,
        )  # fmt: skip


def style_of(label: Label) -> str:
    """How a mark is written apart from its number: "(a)" and "(b)" are one style, "a." another."""
    return re.sub(r"[A-Za-z0-9]+", "", label.marker.replace(" ", ""))
