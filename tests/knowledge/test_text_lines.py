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


def test_a_number_at_the_beginning_of_a_line_goes_on_with_the_sentence() -> None:
    text = (
        "1. Reports\n\nStaff must:\n* keep passwords secret\n* report a breach within\n  24 hours\n* lock the screen\n\n"
        "2. Review\n\nThis policy is reviewed every\n3 years by the governors or when the\nlaw changes.\n"
    )
    assert clauses(text) == [
        ("Reports", "Staff must:\n* keep passwords secret\n* report a breach within 24 hours\n* lock the screen"),
        ("Review", "This policy is reviewed every 3 years by the governors or when the law changes."),
    ]


def test_headings_that_begin_with_an_accented_capital() -> None:
    text = "1. Égalité\n\nÉric est informé de la règle.\n\n2. Ŵyl yr ysgol\n\nMae pawb yn gyfrifol am yr ŵyl.\n"
    assert clauses(text) == [("Égalité", "Éric est informé de la règle."), ("Ŵyl yr ysgol", "Mae pawb yn gyfrifol am yr ŵyl.")]


def test_a_word_broken_at_a_lines_end_has_no_space_in_it() -> None:
    text = "1. Care\n\n1.1 Staff report bullying and self-\nharm, in the short-\nand the long-term, to the DSL.\n"
    assert clauses(text) == [("Care", "Staff report bullying and self-harm, in the short- and the long-term, to the DSL.")]


def test_an_appendix_straight_after_a_signature() -> None:
    text = "1. Aims\n1.1 Staff keep to this policy.\nSigned: ______________ Date: __________\nAppendix A\n\nThis form is for visitors.\n"
    assert clauses(text) == [("Aims", "Staff keep to this policy."), ("Appendix A", "This form is for visitors.")]


def test_the_first_line_of_a_sentence_is_no_heading() -> None:
    text = "1. Care\n\n1.1 Staff keep notes.\n\nThe Designated Safeguarding Lead\n\nof the school reads them.\n\n1.2 Notes are kept safe.\n"
    assert clauses(text) == [
        ("Care", "Staff keep notes.\nThe Designated Safeguarding Lead of the school reads them."),
        ("Care", "Notes are kept safe."),
    ]


def test_a_paragraph_after_a_table_is_a_clause_of_its_own() -> None:
    text = "Roles\n\nThese are the roles of all who work here.\n\nDuties\n\nRole\tDuty\nGovernors\tReview it\n\n"
    text += "Staff ask the Headteacher where they are in doubt.\n\nNobody else has a duty under this policy at all.\n"
    assert clauses(text)[1:] == [
        ("Duties", "Role\tDuty\nGovernors\tReview it"),
        ("Duties", "Staff ask the Headteacher where they are in doubt."),
        ("Duties", "Nobody else has a duty under this policy at all."),
    ]
