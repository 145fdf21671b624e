"""Word files: the numbers that Word draws, headings that are only bold, tables, tracked changes."""

from pathlib import Path

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from knowledge.clauses import Policy
from knowledge.document import read
from knowledge.parsing import parse

LONG = (
    "Staff must not accept friend requests from pupils, and they should tell the Headteacher where a pupil asks more than once, so that "
    "the school can speak with the family before a misunderstanding grows into something worse."
)


def policy_of(path: Path) -> Policy:
    return parse(read(path).text)


def pairs(policy: Policy) -> list[tuple[str, str]]:
    return [(clause.number, clause.section) for clause in policy.clauses]


def numbered_document(levels: list[tuple[str, str]], overrides: str = "") -> tuple[docx.document.Document, str]:
    """A Word document with one automatic list; each level is (format, text). The list's id comes back."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    abstract = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{inner}</w:abstractNum>')
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    if overrides:
        numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="91"><w:abstractNumId w:val="90"/>{overrides}</w:num>'))
    return document, "90"


def listed(document: docx.document.Document, text: str, depth: int = 0, number: str = "90", style: str | None = None) -> None:
    paragraph = document.add_paragraph(text, style=style)
    properties = paragraph._p.get_or_add_pPr()
    properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'))


def saved(document: docx.document.Document, path: Path) -> Path:
    document.save(str(path))
    return path


def test_word_numbers_are_counted_as_word_draws_them(tmp_path: Path):
    document, _ = numbered_document([("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("lowerRoman", "(%4)")])
    document.add_heading("Social Media Policy", 0)
    listed(document, "Introduction", style="Heading 1")
    listed(document, "This policy is for all staff.", 1)
    listed(document, "It also applies to:", 1)
    listed(document, "governors;", 2)
    listed(document, "volunteers, namely:", 2)
    listed(document, "readers;", 3)
    listed(document, "helpers.", 3)
    listed(document, "Personal use", style="Heading 1")
    listed(document, LONG, 1)
    policy = policy_of(saved(document, tmp_path / "policy.docx"))
    assert pairs(policy) == [("1.1", "Introduction"), ("1.2", "Introduction"), ("2.1", "Personal use")]
    assert [part.label for part in policy.clause("1.2").parts] == ["a", "b", "b(i)", "b(ii)"]
    assert policy.clause("2.1").text == LONG
    assert policy.title == "Social Media Policy"


def test_word_numbers_go_on_across_headings_or_begin_again(tmp_path: Path):
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    document, _ = numbered_document([("decimal", "%1.")], restart)
    for heading, number in (("Introduction", "90"), ("Personal use", "90"), ("Monitoring", "91")):
        document.add_heading(heading, 1)
        listed(document, f"Staff must read the part on {heading}.", number=number)
        listed(document, "Staff should ask where they are unsure.", number=number)
    assert [number for number, _ in pairs(policy_of(saved(document, tmp_path / "policy.docx")))] == ["1", "2", "3", "4", "1", "2"]


def test_word_headings_that_are_only_bold_and_typed_numbers(tmp_path: Path):
    document = docx.Document()
    document.add_paragraph().add_run("Oak School Social Media Policy").bold = True
    document.add_paragraph("Approved: 3 March 2024")
    for title, texts in (("1. Introduction", ["1.1 This is for staff.", "1.2 It is short."]), ("2. Personal use", ["2.1 " + LONG])):
        document.add_paragraph().add_run(title).bold = True
        for text in texts:
            document.add_paragraph(text)
    policy = policy_of(saved(document, tmp_path / "policy.docx"))
    assert pairs(policy) == [("1.1", "Introduction"), ("1.2", "Introduction"), ("2.1", "Personal use")]
    assert policy.ratified is not None
    assert policy.ratified.isoformat() == "2024-03-03"


def test_word_bullets_tables_insertions_and_deletions(tmp_path: Path):
    document = docx.Document()
    document.add_heading("Conduct", 1)
    document.add_paragraph("1. Staff must not share:")
    document.add_paragraph("images of pupils", style="List Bullet")
    document.add_paragraph("passwords", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for row, (number, text) in enumerate([("2.", "Staff must be kind."), ("3.", LONG)]):
        table.cell(row, 0).text, table.cell(row, 1).text = number, text
    paragraph = document.add_paragraph("4. Staff may ")
    tracked = (
        f'<w:ins {nsdecls("w")} w:id="1" w:author="a"><w:r><w:t>not </w:t></w:r></w:ins>',
        f'<w:del {nsdecls("w")} w:id="2" w:author="a"><w:r><w:delText>always </w:delText></w:r></w:del>',
        f"<w:r {nsdecls('w')}><w:t>swear.</w:t></w:r>",
    )
    for xml in tracked:
        paragraph._p.append(parse_xml(xml))
    policy = policy_of(saved(document, tmp_path / "policy.docx"))
    assert [number for number, _ in pairs(policy)] == ["1", "2", "3", "4"]
    assert policy.clause("1").bullets == ("images of pupils", "passwords")
    assert policy.clause("3").text == LONG
    assert policy.clause("4").text == "Staff may not swear."


def test_word_numbering_that_belongs_to_a_style(tmp_path: Path):
    document, _ = numbered_document([("upperRoman", "%1"), ("decimal", "%2.")])
    style = document.styles["List Number"].element
    style.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="1"/><w:numId w:val="90"/></w:numPr>'))
    for old in style.pPr.findall(qn("w:numPr"))[:-1]:
        style.pPr.remove(old)
    document.add_heading("Introduction", 1)
    for text in ("This is for staff.", "It is reviewed.", "It is kept."):
        document.add_paragraph(text, style="List Number")
    assert [number for number, _ in pairs(policy_of(saved(document, tmp_path / "policy.docx")))] == ["1", "2", "3"]


def test_a_table_inside_a_clause_and_a_list_of_contacts_are_no_headings(tmp_path: Path):
    document = docx.Document()
    document.add_heading("2. PERSONAL USE", 1)
    document.add_paragraph("2.1 The table shows what is allowed:")
    table = document.add_table(rows=3, cols=3)
    for row, cells in zip(
        table.rows, [("Platform", "Allowed", "Who decides"), ("Facebook", "No", "Headteacher"), ("1", "Yes", "Governors")], strict=True
    ):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("2.2 Staff may use what is not in the table.")
    document.add_heading("Appendix A: Contacts", 1)
    document.add_paragraph("Professionals Online Safety Helpline: 0344 381 4772")
    document.add_paragraph("The police: 101, or 999 in an emergency.")
    document.sections[0].footer.paragraphs[0].text = "Page 3 of 12"
    document.save(str(tmp_path / "policy.docx"))
    policy = policy_of(tmp_path / "policy.docx")
    assert pairs(policy)[:2] == [("2.1", "PERSONAL USE"), ("2.2", "PERSONAL USE")]
    assert policy.clause("2.1").text.split("\n")[1:] == ["Platform\tAllowed\tWho decides", "Facebook\tNo\tHeadteacher", "1\tYes\tGovernors"]
    assert {clause.section for clause in policy.clauses[2:]} == {"Appendix A: Contacts"}
    assert "Helpline: 0344 381 4772" in policy.clauses[2].text
