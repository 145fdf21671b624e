"""Policies of other schools, as they come: each is read with its own numbers, its tables as rows, its appendices under their titles."""

from __future__ import annotations

from pathlib import Path

from knowledge.clauses import Policy
from knowledge.document import read
from knowledge.parsing import parse
from tests.knowledge import layouts
from tests.knowledge.layouts import LONG, MARKDOWN


def policy_of(path: Path) -> Policy:
    return parse(read(path).text)


def pairs(policy: Policy) -> list[tuple[str, str]]:
    return [(clause.number, clause.section) for clause in policy.clauses]


def test_word_with_headings_tables_and_appendices(tmp_path: Path) -> None:
    layouts.headings_and_tables(path := tmp_path / "policy.docx")
    policy = policy_of(path)
    assert pairs(policy) == [
        ("1", "Aims"), ("2", "Roles and responsibilities"), ("3.1", "Friend requests"), ("3.2", "Parents"),
        ("§6.1", "Appendix A: Acceptable use agreement"), ("1", "Appendix A: Acceptable use agreement"),
        ("§7.1", "APPENDIX B: Low-level concerns form"),
    ]  # fmt: skip
    rows = policy.clause("2").text.splitlines()
    assert rows[2] == (
        "Headteacher\t1. Makes sure that staff have read this policy. 2. Deals with complaints within 5 days. 3. Reports to governors."
    )
    assert rows[-1] == "All staff\t1. Keep to this policy 2. Report concerns"
    assert policy.clauses[-1].text == "Name of person reporting\n1. What happened?\n2. Who was there?"


def test_word_with_numbers_across_bold_headings(tmp_path: Path) -> None:
    layouts.numbers_across_bold_headings(path := tmp_path / "policy.docx")
    policy = policy_of(path)
    assert [number for number, _ in pairs(policy)] == ["1", "2", "3", "4", "§3.1"]
    assert [part.label for part in policy.clause("2").parts] == ["a", "b", "b(i)"]
    assert policy.clause("3").text.splitlines()[1:] == [
        "Level\tExample\tWhat happens", "1\tUsing a phone in class\tTalk with the line manager",
        "2\tPosting a picture\t1. warning 2. hearing",
    ]  # fmt: skip
    assert policy.clauses[-1].section == "SCHEDULE 1: Template letter to a parent"


def test_word_with_the_policy_inside_a_table(tmp_path: Path) -> None:
    layouts.a_policy_in_a_table(path := tmp_path / "policy.docx")
    policy = policy_of(path)
    assert [(clause.number, clause.text) for clause in policy.clauses] == [
        ("1.1", "This policy is for all staff."),
        ("1.2", "Staff must not accept requests from pupils. This includes former pupils."),
        ("2.1", "The Headteacher monitors this policy."),
    ]


def test_word_with_headings_in_the_cells_beside(tmp_path: Path) -> None:
    layouts.headings_beside(path := tmp_path / "policy.docx")
    sections = ["Purpose", "Scope", "Scope", "Rules", "Rules", "Rules", "Review"]
    assert pairs(policy_of(path)) == list(zip(["§1.1", "1", "2", "3", "4", "5", "6"], sections, strict=True))


def test_pdf_with_header_contents_ruled_table_and_appendix(tmp_path: Path) -> None:
    layouts.contents_and_ruled_table(path := tmp_path / "policy.pdf")
    policy = policy_of(path)
    assert pairs(policy) == [
        ("1.1", "Introduction"), ("1.2", "Introduction"), ("2", "Roles and responsibilities"), ("3.1", "Use of social media"),
        ("3.2", "Use of social media"), ("§4.1", "Appendix A: Consent form for photographs"),
    ]  # fmt: skip
    assert policy.clause("1.1").text == LONG
    assert policy.clause("2").text.splitlines()[2] == "Designated safeguarding lead\tKeeps a record of concerns. See section 4."
    assert "Page" not in policy.rebuilt()


def test_pdf_in_two_columns(tmp_path: Path) -> None:
    layouts.two_columns(path := tmp_path / "policy.pdf")
    policy = policy_of(path)
    assert [clause.number for clause in policy.clauses] == [str(number) for number in range(1, 16)]
    assert {clause.text for clause in policy.clauses} == {LONG}
    assert [section.title for section in policy.sections] == ["Who this is for", "Personal accounts", "When something goes wrong"]


def test_markdown_with_tables_links_and_lists_under_numbered_headings(tmp_path: Path) -> None:
    path = tmp_path / "policy.md"
    path.write_text(MARKDOWN, encoding="utf-8")
    policy = policy_of(path)
    assert pairs(policy) == [
        ("1", "Purpose"), ("2", "Who does what"), ("3.1", "Personal accounts"), ("3.2", "School accounts"),
        ("§6.1", "Appendix A: Checklist for leavers"),
    ]  # fmt: skip
    assert policy.clause("1").text.endswith("It follows the guidance (https://www.gov.uk/guidance).")
    assert policy.clause("2").text.splitlines()[1:] == [
        "Headteacher\t1. Approves accounts. 2. Reviews them.",
        "IT technician\tSee section 3",
    ]
    assert [part.label for part in policy.clause("3.1").parts] == ["1", "2", "3"]
    assert policy.clause("3.2").bullets == ("Has the parent agreed?",)
