"""Policies as other schools lay them out, made as files: Word with automatic numbers and tables, PDF with a contents list or columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    ListFlowable,
    PageBreak,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

STYLES = getSampleStyleSheet()
RULED = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP")])
LONG = (
    "Staff must not use social media to contact pupils, and must tell the Headteacher at once where a pupil contacts them through a "
    "personal account, so that the school can speak to the family and keep a record of what was said."
)
ROLES = (
    ("Role", "Responsibility"),
    ("Headteacher", "1. Makes sure that staff have read this policy.\n2. Deals with complaints within 5 days.\n3. Reports to governors."),
    ("Designated safeguarding lead", "Keeps a record of concerns. See section 4."),
    ("All staff", "1. Keep to this policy\n2. Report concerns"),
)


def numbered(levels: Sequence[tuple[str, str]]) -> Any:
    """A Word document with one automatic list; each level is (format, text)."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(levels)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{inner}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    return document


def item(document: Any, text: str, depth: int = 0, style: str | None = None) -> None:
    """A paragraph of the list."""
    properties = document.add_paragraph(text, style=style)._p.get_or_add_pPr()
    properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="90"/></w:numPr>'))


def table(document: Any, rows: Sequence[Sequence[str]]) -> None:
    """A table; a line of a cell is a paragraph in it."""
    made = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            first, *more = text.split("\n")
            cell.paragraphs[0].text = first
            for line in more:
                cell.add_paragraph(line)


def bold(document: Any, text: str) -> None:
    """A heading that is only bold."""
    document.add_paragraph().add_run(text).bold = True


def headings_and_tables(path: Path) -> None:
    """Word's own headings with automatic numbers, a contents list, a table of roles, two appendices with their titles below."""
    document = numbered([("decimal", "%1."), ("decimal", "%1.%2")])
    document.add_paragraph("Oakfield Primary School")
    document.add_heading("Staff Social Media and Online Conduct Policy", 0)
    table(document, [("Approved by:", "Governing Board", "Date: 12 March 2024"), ("Next review due by:", "March 2026", "")])
    document.add_heading("Contents", 1)
    for entry in ("1. Aims\t3", "2. Roles and responsibilities\t3", "3. Personal use of social media\t5", "Appendix A: acceptable use\t8"):
        document.add_paragraph(entry)
    item(document, "Aims", style="Heading 1")
    document.add_paragraph("This policy aims to:")
    document.add_paragraph("Protect pupils, staff and the reputation of the school", style="List Bullet")
    item(document, "Roles and responsibilities", style="Heading 1")
    document.add_paragraph("The table shows who does what.")
    table(document, ROLES)
    item(document, "Personal use of social media", style="Heading 1")
    item(document, "Friend requests", 1, style="Heading 2")
    document.add_paragraph("Staff must not accept friend requests from pupils.")
    item(document, "Parents", 1, style="Heading 2")
    document.add_paragraph("Staff should not accept friend requests from parents.")
    document.add_heading("Appendix A", 1)
    document.add_heading("Acceptable use agreement", 1)
    document.add_paragraph("When I use the school's systems I will:")
    document.add_paragraph("1. Only use my own login")
    document.add_paragraph("Signed: ____________________ Date: ____________")
    bold(document, "APPENDIX B")
    bold(document, "Low-level concerns form")
    table(document, [("Name of person reporting", ""), ("1. What happened?", ""), ("2. Who was there?", "")])
    document.save(str(path))


def numbers_across_bold_headings(path: Path) -> None:
    """Clauses counted by Word through the whole document, parts inside parts, a table of levels, a schedule."""
    document = numbered([("decimal", "%1."), ("lowerLetter", "(%2)"), ("lowerRoman", "(%3)")])
    bold(document, "SOCIAL MEDIA POLICY FOR EMPLOYEES")
    document.add_paragraph("Ratified by the Trust Board on 3rd July 2023. Next review: Summer Term 2025")
    bold(document, "Introduction")
    item(document, "This policy applies to everyone who works for the Trust, paid or unpaid.")
    item(document, "In this policy, social media means any service by which people share content, for example:")
    item(document, "social networks;", 1)
    item(document, "sites that share", 1)
    item(document, "films.", 2)
    bold(document, "What you must not do")
    item(document, "The consequences depend on how grave the breach is:")
    levels = ("1", "Using a phone in class", "Talk with the line manager"), ("2", "Posting a picture", "1. warning 2. hearing")
    table(document, [("Level", "Example", "What happens"), *levels])
    item(document, "Appeals go to the Chair of Trustees within 10 working days.")
    bold(document, "SCHEDULE 1")
    bold(document, "Template letter to a parent")
    document.add_paragraph("Dear [name], it has been brought to our attention that you have posted comments about our staff.")
    document.save(str(path))


def a_policy_in_a_table(path: Path) -> None:
    """The clauses stand in a table, each number in a cell of its own."""
    document = docx.Document()
    document.add_heading("Fairfield School: Staff use of social media", 0)
    rows = [("1.1", "This policy is for all staff."), ("1.2", "Staff must not accept requests from pupils.\nThis includes former pupils.")]
    table(document, [("No.", "Policy"), *rows, ("2.1", "The Headteacher monitors this policy.")])
    document.save(str(path))


def headings_beside(path: Path) -> None:
    """A table only for the layout: the heading in the left cell, its clauses in the right one."""
    document = docx.Document()
    document.add_heading("Fairfield School: Social media code", 0)
    rules = ("Rules", "3. Do not accept pupils as friends.\n4. Do not post pictures of pupils.\n5. Report what worries you.")
    purpose = ("Purpose", "This code protects staff and pupils. It was agreed with the unions.")
    table(document, [purpose, ("Scope", "1. It is for all staff.\n2. It is for governors."), rules, ("Review", "6. Every two years.")])
    document.save(str(path))


def printed(text: str, style: str = "BodyText") -> Paragraph:
    """A paragraph of a PDF."""
    return Paragraph(text.replace("\n", "<br/>"), STYLES[style])


def header_and_footer(canvas: Any, document: Any) -> None:
    """What stands on every page."""
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.drawString(60, A4[1] - 30, "Meadow Academy – Social Media Policy")
    canvas.drawCentredString(A4[0] / 2, 25, f"Page {document.page} of 4")
    canvas.restoreState()


def contents_and_ruled_table(path: Path) -> None:
    """PDF: a title page, a contents list with leaders, running header and footer, a ruled table with wrapped cells, an appendix."""
    contents = [("1.", "Introduction"), ("2.", "Roles and responsibilities"), ("3.", "Use of social media"), ("Appendix A", "Consent form")]
    roles = [[printed(cell) for cell in row] for row in ROLES]
    rules = ["3.1 " + LONG, "3.2 Staff should:", "(a) keep their profiles private;", "(b) report what worries them."]
    story = [
        Spacer(1, 150), printed("Meadow Academy", "Title"), printed("Social Media Policy", "Title"),
        Table([["Date approved:", "14 September 2023"], ["Review date:", "September 2025"]], style=RULED), PageBreak(),
        printed("Contents", "Heading1"), *(printed(f"{number} {title} {'.' * 90} 3") for number, title in contents), PageBreak(),
        printed("1. Introduction", "Heading1"), printed("1.1 " + LONG), printed("1.2 This policy applies to:"),
        ListFlowable([printed("teachers"), printed("support staff, of the school or of an agency " * 3)], bulletType="bullet"),
        printed("2. Roles and responsibilities", "Heading1"), Table(roles, colWidths=[110, 200], style=RULED),
        printed("3. Use of social media", "Heading1"), *map(printed, rules), PageBreak(),
        printed("Appendix A", "Heading1"), printed("Consent form for photographs", "Heading2"),
        printed("I agree that pictures of my child may be used on the website."),
    ]  # fmt: skip
    SimpleDocTemplate(str(path), pagesize=A4).build(story, onFirstPage=header_and_footer, onLaterPages=header_and_footer)


def two_columns(path: Path) -> None:
    """PDF: two columns of prose under a title that runs over both, twelve clauses under three headings."""
    width = (A4[0] - 110) / 2
    frames = [Frame(45, 50, width, A4[1] - 130, id="left"), Frame(65 + width, 50, width, A4[1] - 130, id="right")]
    document = BaseDocTemplate(str(path), pagesize=A4)

    def title(canvas: Any, page: Any) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 50, "Brookside Infant School: Social Media Guidelines")
        canvas.setFont("Helvetica", 8)
        canvas.drawCentredString(A4[0] / 2, 25, str(page.page))
        canvas.restoreState()

    document.addPageTemplates([PageTemplate(frames=frames, onPage=title)])
    story = [printed("Adopted 5 May 2022, review due May 2024")]
    for place, heading in enumerate(("Who this is for", "Personal accounts", "When something goes wrong")):
        story.append(printed(heading, "Heading2"))
        story += [printed(f"{place * 5 + number}. {LONG}") for number in range(1, 6)]
    document.build(story)


MARKDOWN = """\
---
title: Acceptable Use Policy
---

# Hillcrest Federation: Staff Acceptable Use Policy

| Approved | Next review |
|----------|-------------|
| 10/09/2024 | September 2025 |

## Contents

- [1. Purpose](#1-purpose)
- [2. Who does what](#2-who-does-what)
- [3. Social media](#3-social-media)

## 1. Purpose

This policy says how staff use social media. It follows [the guidance](https://www.gov.uk/guidance).

## 2. Who does what

Role | Responsibility
--- | ---
Headteacher | 1. Approves accounts.<br>2. Reviews them.
IT technician | See [section 3](#3-social-media)

## 3. Social media

### 3.1 Personal accounts

1. Keep your profile private.
2. Do not accept requests from pupils:
   - current pupils, ever;
   - former pupils, until they are 18.
3. Never post pictures of pupils.

### 3.2 School accounts

- [ ] Has the parent agreed?

## Appendix A

### Checklist for leavers

Hand back your devices.
"""
