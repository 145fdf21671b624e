"""Policies in general: any structure, written in any usual way, is read back; and no word of the body is ever lost."""

import re
import textwrap
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge.clauses import Policy
from knowledge.parsing import parse

DOCUMENTS = Path(__file__).parent / "documents"
TITLES = [
    "Introduction", "Personal use", "Monitoring of school systems",
    "Use of images", "Roles and responsibilities", "Cyber bullying",
    "PROFESSIONAL CONDUCT", "Staff who are also parents", "School Website", "What to do when something goes wrong", "Legal implications",
    "Links with other policies", "Safeguarding", "Confidentiality and data protection", "Social media on behalf of the school",
]  # fmt: skip
OPENINGS = [
    "Staff must not", "All employees should", "The Headteacher will", "Governors may", "It is important to", "Parents are asked to",
    "In 2020 the school decided to", "No member of staff should", "Pupils' details (including photographs) must not",
    "Trainees should always",
]  # fmt: skip
DOINGS = [
    "accept friend requests from pupils", "share confidential information about families", "report concerns within 24 hours",
    "keep passwords secret and change them every 90 days", "use a school device, where one is available, on trips",
    "post images of children without written consent", "read this policy together with the Code of Conduct (see the website)",
    "be professional at all times, e.g. in comments and replies", "contact the police on 101 or, in an emergency, 999",
    "agree to at least 2 checks a year", "think before posting, because a post cannot be taken back once it has been seen by others",
]  # fmt: skip
ITEMS = [
    "images of pupils",
    "personal telephone numbers",
    "complaints about parents",
    "confidential information",
    "passwords",
    "timetables",
]


@dataclass(frozen=True)
class Spec:
    """A clause as it is meant: its sentences, and the parts or bullets after them."""

    text: str
    parts: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Style:
    numbers: str  # how clauses are numbered
    part: str  # how parts are
    bullet: str
    width: int  # 0: a paragraph a line
    airy: bool  # blank lines between clauses


AS_A_HEADER = 3  # what stands so often beside lone numbers cannot be told from a page's running header

sentences = st.builds(lambda opening, doing: f"{opening} {doing}.", st.sampled_from(OPENINGS), st.sampled_from(DOINGS))
plain_clauses = st.builds(lambda found: Spec(" ".join(found)), st.lists(sentences, min_size=1, max_size=3, unique=True))
lists = st.lists(st.sampled_from(ITEMS), min_size=2, max_size=5, unique=True).map(tuple)
leads = st.sampled_from(["Staff must not share:", "The following must be kept secret:", "The school will protect, among others:"])
clauses = st.one_of(
    plain_clauses, plain_clauses, st.builds(lambda lead, found: Spec(lead, parts=found), leads, lists),
    st.builds(lambda lead, found: Spec(lead, bullets=found), leads, lists),
)  # fmt: skip
structures = (
    st.lists(st.sampled_from(TITLES), min_size=1, max_size=5, unique=True)
    .flatmap(lambda titles: st.tuples(*[st.tuples(st.just(title), st.lists(clauses, min_size=1, max_size=5)) for title in titles]))
    .filter(lambda structure: Counter(spec.text for _, body in structure for spec in body).most_common(1)[0][1] < AS_A_HEADER)
)
styles = st.builds(
    Style,
    numbers=st.sampled_from(["{n}. ", "{n}) ", "({n}) ", "{n}\t", "{n}  ", "{n} ", "{n}", "{n}.\n", "{n}\n", "decimal", "restart", "none"]),
    part=st.sampled_from(["a) ", "(a) ", "a. ", "(i) ", "i. ", "- a) "]),
    bullet=st.sampled_from(["- ", "• ", "* ", "– ", "o ", "▪ ", "•"]),
    width=st.sampled_from([0, 0, 72, 90]),
    airy=st.booleans(),
)


def written(structure, style: Style) -> tuple[str, list[tuple[str, str, str]]]:
    """A structure as a document in a style, and what must be read from it: number, section, text."""
    lines = ["Example School Social Media Policy", "", "Ratified by governors: 4 May 2023", ""]
    expected = []
    count = 0
    for order, (title, body) in enumerate(structure, 1):
        lines += ["", f"{order}. {title}" if style.numbers == "decimal" else title, ""]
        for place, spec in enumerate(body, 1):
            count += 1
            number, mark = numbered(style, order, place, count)
            listed = [*map(marked(style.part), range(len(spec.parts)), spec.parts), *(f"{style.bullet}{item}" for item in spec.bullets)]
            lines += wrapped(f"{mark}{spec.text}", style.width)
            lines += [line for item in listed for line in wrapped(item, style.width, "   ")]
            lines += [""] if style.airy else []
            expected.append((number, title, re.sub(r"\s+", "", spec.text + "".join(listed))))
    return "\n".join(lines), expected


def numbered(style: Style, order: int, place: int, count: int) -> tuple[str, str]:
    if style.numbers == "decimal":
        return f"{order}.{place}", f"{order}.{place} "
    if style.numbers == "restart":
        return str(place), f"{place}. "
    if style.numbers == "none":
        return f"{order}.{place}", ""
    return str(count), style.numbers.format(n=count)


def marked(part: str):
    def mark(place: int, item: str) -> str:
        letter = ["i", "ii", "iii", "iv", "v"][place] if "i" in part else "abcde"[place]
        return re.sub(r"[ai]", letter, part) + item + ";"

    return mark


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    if not width:
        return text.split("\n")
    first, *rest = text.split("\n")
    lines = [first] if rest else []
    return [*lines, *(indent + line for line in textwrap.wrap("\n".join(rest) if rest else first, width, break_on_hyphens=False))]


def found_in(policy: Policy) -> list[tuple[str, str, str]]:
    return [(clause.number, clause.section, re.sub(r"\s+", "", clause.text)) for clause in policy.clauses]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(structures, styles)
@example(  # a year in a sentence makes no line of facts
    tuple((title, [Spec("In 2020 the school decided to keep every account closed.")]) for title in TITLES[:2]),
    Style("none", "a) ", "- ", 0, airy=True),
)
def test_a_structure_is_read_back_in_whatever_way_it_is_written(structure, style: Style):
    if style.numbers == "none" and (style.width or not style.airy):
        style = Style(style.numbers, style.part, style.bullet, 0, airy=True)
    text, expected = written(structure, style)
    assert found_in(parse(text)) == expected


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(structures, styles)
def test_parts_and_bullets_are_told_apart(structure, style: Style):
    text, _ = written(structure, style)
    specs = [spec for _, body in structure for spec in body]
    if style.numbers == "none":
        return
    for clause, spec in zip(parse(text).clauses, specs, strict=True):
        assert tuple(part.text.removesuffix(";") for part in clause.parts) == spec.parts
        assert clause.bullets == spec.bullets
        assert re.sub(r"\s+", " ", clause.lead) == spec.text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("aBIA12. \n\t()-•ivx:;#*|_–’,\f"), max_size=400))
def test_no_character_is_lost_whatever_the_text(text: str):
    policy = parse(text)
    for out in policy.left_out:
        text = text.replace(out, "", 1)
    assert sorted(re.sub(r"\s+", "", policy.rebuilt())) == sorted(re.sub(r"\s+", "", text))


@settings(max_examples=120, deadline=None)
@given(structures, styles, st.lists(st.sampled_from(["\n", "\n\n", " ", "  \n"]), min_size=1, max_size=5))
def test_no_word_of_a_torn_document_is_lost(structure, style: Style, tears: list[str]):
    words = written(structure, style)[0].split(" ")
    torn = "".join(word + tears[place % len(tears)] for place, word in enumerate(words))
    policy = parse(torn)
    kept = re.sub(r"\s+", "", policy.rebuilt())
    if not policy.left_out:
        assert kept == re.sub(r"\s+", "", torn)
    assert sorted(kept + re.sub(r"\s+", "", "".join(policy.left_out))) == sorted(re.sub(r"\s+", "", torn))


def _expected(path: Path) -> list[tuple[str, str, str]]:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [(number, section, beginning) for number, section, beginning in rows]


@pytest.mark.parametrize("document", sorted(DOCUMENTS.glob("*.txt")), ids=lambda path: path.stem)
def test_documents_as_schools_write_them(document: Path):
    clauses = parse(document.read_text(encoding="utf-8")).clauses
    expected = _expected(document.with_suffix(".expected"))
    assert [(clause.number, clause.section) for clause in clauses] == [(number, section) for number, section, _ in expected]
    for clause, (_, _, whole) in zip(clauses, expected, strict=True):
        assert re.sub(r"\s+", " ", clause.text) == whole


def test_a_document_of_one_paragraph_is_one_clause():
    policy = parse("Staff must not accept friend requests from pupils, whoever asks.\n")
    assert [(clause.number, clause.text) for clause in policy.clauses] == [
        ("1.1", "Staff must not accept friend requests from pupils, whoever asks."),
    ]
