"""PDF pages on which words could be lost or glued together: tables close to a line, headings at page tops, watermarks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import BaseDocTemplate, Frame, FrameBreak, PageBreak, PageTemplate, Paragraph, SimpleDocTemplate, Table

from knowledge.document import read
from knowledge.parsing import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

STYLES = getSampleStyleSheet()
GRID = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
RULE = "Staff tell the Headteacher at once where they learn that somebody who works for the school has broken this rule."


def body(text: str) -> Paragraph:
    return Paragraph(text, STYLES["BodyText"])


def title(text: str) -> Paragraph:
    return Paragraph(text, STYLES["Heading2"])


def footer(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 9)
    canvas.drawString(72, 30, "Approved September 2023")
    canvas.drawRightString(520, 30, f"Page {document.page} of 9")


def clauses(path: Path, story: Sequence[Any], on_page: Callable[[Any, Any], None] = footer) -> list[tuple[str, str]]:
    """The clauses of a PDF made of a story, as (heading, text)."""
    SimpleDocTemplate(str(path), pagesize=A4, topMargin=60, bottomMargin=60).build(list(story), onFirstPage=on_page, onLaterPages=on_page)
    return [(clause.section, clause.text) for clause in parse(read(path).text).clauses]


def test_a_line_that_touches_a_ruled_table_is_kept(tmp_path: Path) -> None:
    table = Table([["Role", "Duty"], ["Governors", "Review it"]], colWidths=[120, 250], style=GRID)
    story = [title("1. Roles"), body("1.1 The table says who does what."), table, body("1.2 Nobody else has a duty.")]
    assert clauses(tmp_path / "a.pdf", story) == [
        ("Roles", "The table says who does what.\nRole\tDuty\nGovernors\tReview it"),
        ("Roles", "Nobody else has a duty."),
    ]


def test_a_narrow_table_in_the_middle_of_a_page_comes_after_the_short_lines_above_it(tmp_path: Path) -> None:
    table = Table([["Role", "Duty"], ["Clerk", "Writes it"]], style=GRID)
    story = [title("1. Aims"), body(f"1.1 {RULE}"), title("2. Roles"), body("2.1 The roles are these."), table]
    assert clauses(tmp_path / "a.pdf", story, lambda _canvas, _document: None) == [
        ("Aims", RULE),
        ("Roles", "The roles are these.\nRole\tDuty\nClerk\tWrites it"),
    ]


def test_headings_that_each_begin_a_page_are_no_running_header(tmp_path: Path) -> None:
    story: list[Any] = [title("1. Aims"), body(f"1.1 {RULE}")]
    for number, matter in enumerate(("visitors", "trips", "clubs"), 1):
        story += [PageBreak(), title(f"Appendix {number}"), body(f"This form is for {matter}.")]
    assert clauses(tmp_path / "a.pdf", story) == [
        ("Aims", RULE), ("Appendix 1", "This form is for visitors."), ("Appendix 2", "This form is for trips."),
        ("Appendix 3", "This form is for clubs."),
    ]  # fmt: skip


def test_clauses_that_differ_only_in_their_number_are_no_running_header(tmp_path: Path) -> None:
    story: list[Any] = [title("1. Aims")]
    for number in range(1, 19):
        story += [body(f"1.{number} {RULE}"), *([] if number % 3 else [PageBreak()])]
    assert clauses(tmp_path / "a.pdf", story) == [("Aims", RULE)] * 18


def test_a_footer_with_its_page_number_is_left_out_of_a_single_page(tmp_path: Path) -> None:
    assert clauses(tmp_path / "a.pdf", [title("1. Aims"), body(f"1.1 {RULE}")]) == [("Aims", RULE)]


def test_the_letters_of_a_watermark_stay_out_of_the_words(tmp_path: Path) -> None:
    def marked(canvas: Any, document: Any) -> None:
        footer(canvas, document)
        canvas.saveState()
        canvas.setFont("Helvetica", 80)
        canvas.translate(120, 350)
        canvas.rotate(45)
        canvas.drawString(0, 0, "DRAFT COPY")
        canvas.restoreState()

    story = [title("1. Aims"), *(body(f"1.{number} {RULE}") for number in range(1, 20))]
    assert clauses(tmp_path / "a.pdf", story, marked) == [("Aims", RULE)] * 19


def test_a_table_in_a_column_stays_in_it(tmp_path: Path) -> None:
    document = BaseDocTemplate(str(tmp_path / "a.pdf"), pagesize=A4)
    document.addPageTemplates([PageTemplate(frames=[Frame(50, 60, 235, 640), Frame(310, 60, 235, 640)], onPage=footer)])
    table = Table([["Role", "Duty"], ["Governors", "Review it"]], colWidths=[100, 100], style=GRID)
    left = [piece for number in range(1, 5) for piece in (title(f"{number}. Part {number}"), body(f"{RULE} {RULE}"))]
    right = [title("5. Part 5"), body(f"{RULE} {RULE}"), table, title("6. Part 6"), body(f"{RULE} {RULE}")]
    document.build([*left, Table([["Person", "Task"], ["Clerk", "Writes it"]], colWidths=[100, 100], style=GRID), FrameBreak(), *right])
    found = {clause.number: clause.text for clause in parse(read(tmp_path / "a.pdf").text).clauses}
    tables = {"4": "\nPerson\tTask\nClerk\tWrites it", "5": "\nRole\tDuty\nGovernors\tReview it"}
    assert found == {number: f"{RULE} {RULE}{tables.get(number, '')}" for number in "123456"}


def test_no_word_of_a_table_is_read_twice_where_only_some_of_its_rules_are_drawn(tmp_path: Path) -> None:
    style = [("GRID", (0, 1), (1, -1), 0.5, colors.black), ("BOX", (0, 0), (-1, -1), 0.5, colors.black)]
    rows = [["Role", "Duty", "When"], ["Governors", "Review it", "Yearly"], ["Headteacher", "Signs it", "Termly"]]
    story = [title("1. Roles"), body("1.1 Each has one."), Table(rows, colWidths=[120, 150, 80], style=style), body("1.2 Nobody else has.")]
    text = " ".join(text for _, text in clauses(tmp_path / "a.pdf", story))
    words = "Each has one. Role Duty When Governors Review it Yearly Headteacher Signs it Termly Nobody else has."
    assert sorted(text.split()) == sorted(words.split())
