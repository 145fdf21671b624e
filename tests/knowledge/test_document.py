"""Reading files: a PDF's pages, Markdown, odd encodings, and one clear sentence for what cannot be read."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import ListFlowable, ListItem, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from knowledge.clauses import Policy
from knowledge.document import DocumentError, read
from knowledge.parsing import parse

LONG = (
    "Staff must not accept friend requests from pupils, and they should tell the Headteacher where a pupil asks more than once, so that "
    "the school can speak with the family before a misunderstanding grows into something worse."
)


def policy_of(path: Path) -> Policy:
    return parse(read(path).text)


def pairs(policy: Policy) -> list[tuple[str, str]]:
    return [(clause.number, clause.section) for clause in policy.clauses]


def bare(text: str) -> str:
    return re.sub(r"\s+", " ", text)


# -- PDF


def pdf(path: Path, story: list, *, header: str = "Oak School Social Media Policy 2024", encrypt: StandardEncryption | None = None) -> Path:
    def furniture(canvas: Canvas, template: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, A4[1] - 40, header)
        canvas.drawCentredString(A4[0] / 2, 30, f"Page {template.page} of 3" if template.page % 2 else str(template.page))

    SimpleDocTemplate(str(path), pagesize=A4, encrypt=encrypt).build(story, onFirstPage=furniture, onLaterPages=furniture)
    return path


def test_pdf_with_running_headers_page_numbers_and_wrapped_lines(tmp_path: Path):
    style = getSampleStyleSheet()
    story: list = [Paragraph("Oak School Social Media Policy", style["Title"])]
    expected = []
    for order, title in enumerate(["Introduction", "Personal use", "Monitoring"], 1):
        story.append(Paragraph(f"{order}. {title}", style["Heading2"]))
        for place in range(1, 9):
            story.append(Paragraph(f"{order}.{place} {LONG} {LONG}", style["Normal"]))
            story.append(Spacer(1, 8))
            expected.append((f"{order}.{place}", title))
    policy = policy_of(pdf(tmp_path / "policy.pdf", story))
    assert pairs(policy) == expected
    assert {bare(clause.text) for clause in policy.clauses} == {f"{LONG} {LONG}"}


def test_pdf_with_lists_and_whole_numbers(tmp_path: Path):
    style = getSampleStyleSheet()
    story: list = [Paragraph("Ash School Policy", style["Title"]), Paragraph("Personal use", style["Heading2"])]
    story += [Paragraph("1. Staff must not share any of these things with people outside the school:", style["Normal"])]
    story += [ListFlowable([ListItem(Paragraph(item, style["Normal"])) for item in ("images;", "passwords.")], bulletType="bullet")]
    story += [Paragraph(f"2. {LONG}", style["Normal"]), PageBreak(), Paragraph("Monitoring", style["Heading2"])]
    story += [Paragraph("3. The school may look at its systems.", style["Normal"])]
    policy = policy_of(pdf(tmp_path / "policy.pdf", story))
    assert pairs(policy) == [("1", "Personal use"), ("2", "Personal use"), ("3", "Monitoring")]
    assert policy.clause("1").bullets == ("images;", "passwords.")
    assert bare(policy.clause("2").text) == LONG


def test_pdf_words_broken_by_hyphens_are_joined_and_compounds_are_kept(tmp_path: Path):
    path = tmp_path / "policy.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    lines = [
        "Conduct",
        "1. Staff must treat every piece of personal infor-",
        "mation about pupils and their families with care.",
        "2. Staff should report cyber-bullying and any worry about e-",
        "safety at once, and must never use it as cyber-",
        "bullying of their own.",
        "3. Mae pawb sy'n gweithio yn yr ysgol yn gofalu am y cyn-",
        "ôl, in the short-",
        "and the long term.",
    ]
    for place, line in enumerate(lines):
        canvas.drawString(72, 760 - 14 * place - (10 if place else 0), line)
    canvas.save()
    policy = policy_of(path)
    assert "personal information about pupils" in bare(policy.clause("1").text)
    assert "cyber-bullying of their own" in bare(policy.clause("2").text)
    assert "about e-safety at once" in bare(policy.clause("2").text)
    assert "am y cynôl, in the short- and the long term" in bare(policy.clause("3").text)


def test_pdf_with_a_title_page_a_contents_list_and_hanging_numbers(tmp_path: Path):
    normal = getSampleStyleSheet()["Normal"]
    bold = ParagraphStyle("bold", parent=normal, fontName="Helvetica-Bold")
    hanging = ParagraphStyle("hanging", parent=normal, leftIndent=36, firstLineIndent=-36)
    titles = ["Introduction", "Personal use of social media by members of staff and by volunteers", "Monitoring"]
    story: list = [Paragraph("Elm Tree School", bold), Paragraph("Social Media Policy", bold), Spacer(1, 20)]
    story += [Paragraph("Approved by governors 4 May 2023", normal), Spacer(1, 20), Paragraph("Contents", bold)]
    story += [Paragraph(f"{order}. {title} {'.' * 40} {order + 1}", normal) for order, title in enumerate(titles, 1)]
    story.append(PageBreak())
    expected = []
    for order, title in enumerate(titles, 1):
        story += [Spacer(1, 10), Paragraph(f"{order}. {title}", bold), Spacer(1, 4)]
        for place in range(1, 6):
            story.append(Paragraph(f"{order}.{place}&nbsp;&nbsp;&nbsp;{' '.join([LONG] * (1 + place % 3))}", hanging))
            expected.append((f"{order}.{place}", title, 1 + place % 3))
    policy = policy_of(pdf(tmp_path / "policy.pdf", story))
    assert [(clause.number, clause.section, clause.text.count("Staff must not accept")) for clause in policy.clauses] == expected
    assert {bare(clause.text).replace(LONG, "").strip() for clause in policy.clauses} == {""}
    assert policy.title == "Social Media Policy"
    assert policy.school == "Elm Tree School"


def test_pdf_with_a_table_keeps_its_rows_in_the_clause_and_stretched_lines_whole(tmp_path: Path):
    style = getSampleStyleSheet()
    stretched = ParagraphStyle("stretched", parent=style["Normal"], alignment=4)
    words = f"{LONG} Use www.{'childrenandyoungpeople' * 3}.example for it."
    rows = [("Platform", "Allowed", "Who decides"), ("Facebook", "No", "Headteacher"), ("School website", "Yes", "Business Manager")]
    story: list = [Paragraph("Ash School Policy", style["Title"]), Paragraph("2. PERSONAL USE", style["Heading2"])]
    story += [Paragraph(f"2.1 {words}", stretched), Paragraph("2.2 The table shows what is allowed:", style["Normal"])]
    story += [Table(rows), Paragraph("2.3 Staff may use what is not in the table.", style["Normal"])]
    policy = policy_of(pdf(tmp_path / "policy.pdf", story))
    assert pairs(policy) == [("2.1", "PERSONAL USE"), ("2.2", "PERSONAL USE"), ("2.3", "PERSONAL USE")]
    assert policy.clause("2.1").text == words
    assert policy.clause("2.2").text.split("\n")[1:] == ["\t".join(row) for row in rows]


# -- Markdown and plain text


def test_markdown(tmp_path: Path):
    path = tmp_path / "policy.md"
    path.write_text(
        "---\ntitle: Conduct\n---\n# Elm School Social Media Policy\n\n## Introduction\n\n1. This is for staff.\n1. It is **short**.\n\n"
        "Personal use\n------------\n\n3\\. Staff must not:\n\n   - share images\n   - share passwords\n\n> 4. Staff should be kind.\n",
        encoding="utf-8",
    )
    document = read(path)
    policy = parse(document.text)
    assert document.metadata["title"] == "Conduct"
    assert pairs(policy) == [("1", "Introduction"), ("2", "Introduction"), ("3", "Personal use"), ("4", "Personal use")]
    assert policy.clause("2").emphasis == ("short",)
    assert policy.clause("3").bullets == ("share images", "share passwords")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str):
    path = tmp_path / "policy.txt"
    path.write_bytes("Introduction\r\n\r\n1. The school’s café is “private”.\r\n".encode(encoding))
    assert policy_of(path).clause("1").text == "The school’s café is “private”."


# -- what cannot be read


def scan() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.rect(100, 100, 300, 300, fill=1)
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\n \t", "has no text"),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "save it as one of these"),
        ("binary.txt", bytes(range(256)) * 4, "is not a text file"),
        ("letter.rtf", b"{\\rtf1 hello}", "save it as one of these"),
        ("old.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "without a password"),
        ("broken.docx", b"PK\x03\x04 broken", "is damaged"),
        ("text.docx", b"only text", "is damaged"),
        ("broken.pdf", b"%PDF-1.7\nnothing else", "is damaged"),
        ("scan.pdf", scan(), "text recognition"),
    ],
)
def test_one_clear_sentence_for_what_cannot_be_read(tmp_path: Path, name: str, content: bytes, says: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        read(path)
    message = str(caught.value)
    assert says in message
    assert name in message
    assert message.endswith(".")
    assert "\n" not in message


def word_file(change: Callable[[str, bytes], bytes] = lambda _name, data: data) -> bytes:
    made, out = io.BytesIO(), io.BytesIO()
    document = docx.Document()
    document.add_paragraph(LONG, style="List Number")
    document.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


@pytest.mark.parametrize("fault", ["torn data", "password", "level without a depth"])
def test_a_word_file_that_is_broken_inside(tmp_path: Path, fault: str):
    data = word_file(lambda name, part: part.replace(b"w:ilvl=", b"w:none=") if fault.startswith("level") and "numbering" in name else part)
    if fault == "torn data":
        data = data[:80] + b"\xff" * 40 + data[120:]
    if fault == "password":
        data = data.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01").replace(
            b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
        )
    (path := tmp_path / "policy.docx").write_bytes(data)
    with pytest.raises(DocumentError, match="is damaged"):
        read(path)


def test_a_text_that_begins_like_a_zip_file(tmp_path: Path):
    (path := tmp_path / "policy.txt").write_text("PK stands for the Headteacher.\n1. Staff ask PK first.\n", encoding="utf-8")
    assert policy_of(path).clause("1").text == "Staff ask PK first."


def test_an_encrypted_pdf(tmp_path: Path):
    path = pdf(tmp_path / "secret.pdf", [Paragraph(LONG, getSampleStyleSheet()["Normal"])], encrypt=StandardEncryption("secret"))
    with pytest.raises(DocumentError, match="password"):
        read(path)


def test_a_missing_file_and_a_folder(tmp_path: Path):
    with pytest.raises(DocumentError, match="no file"):
        read(tmp_path / "none.txt")
    with pytest.raises(DocumentError, match="is a folder"):
        read(tmp_path)
