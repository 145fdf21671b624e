"""Plain text whose lines could be taken for something else: counted titles beside page numbers, numbers at a line's beginning."""

from __future__ import annotations

from knowledge.parsing import parse


def clauses(text: str) -> list[tuple[str, str]]:
    """The clauses of a text, as (heading, text)."""
    return [(clause.section, clause.text) for clause in parse(text).clauses]


def test_appendices_at_page_tops_keep_their_headings() -> None:
    text = "1. Aims\n1.1 Staff keep to this policy.\n\nPage 1 of 4\n\n"
    for number, matter in enumerate(("visitors", "trips", "clubs"), 1):
        text += f"Appendix {number}\n\nThis form is for {matter}.\n\nPage {number + 1} of 4\n\n"
    assert clauses(text) == [
        ("Aims", "Staff keep to this policy."), ("Appendix 1", "This form is for visitors."), ("Appendix 2", "This form is for trips."),
        ("Appendix 3", "This form is for clubs."),
    ]  # fmt: skip
