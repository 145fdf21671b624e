"""The document's own emphasis (clause 71 has one) is kept as a pair of double stars; a channel draws it in bold."""

from __future__ import annotations

MARK = "**"


def emphasised(text: str) -> list[tuple[str, bool]]:
    """The text as runs, each with whether it is emphasised, without the marks; marks that are not in pairs are left as they are."""
    parts = text.split(MARK)
    if len(parts) % 2 == 0:
        return [(text, False)]
    return [(part, number % 2 == 1) for number, part in enumerate(parts) if part]
