"""Which lines look like headings, and what a heading is called without its number."""

import re
from dataclasses import dataclass

from knowledge.reading.labels import readings

MOST_WORDS = 20
MOST_NUMBERED_WORDS = 12
MOST_STOPPED_WORDS = 10
_MODAL = re.compile(
    r"\b(must|should|shall|will|may not|may only|cannot|can not|do not|does not|are not|is not|has been|have been)\b", re.IGNORECASE
)
_LEAD = re.compile(r"\b(include|includes|including|are|is|following|to|example|by|that)\s*:$")
_CONTACT = re.compile(r"\d{3,}[ -]?\d{3,}|\S@\S+\.\w|\bwww\.|https?://", re.IGNORECASE)
_VERB = re.compile(r"\b(is|are|was|has|have|had|can|may|need|needs|ensure|report|be|avoid|keep|never|always|only)\b", re.IGNORECASE)
_ASKS = re.compile(r"(what|who|whom|when|where|why|how|which)\b", re.IGNORECASE)
_MARKED = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_BOLD = re.compile(r"(\*\*|__)(?=\S)([^*]+?)\1:?$")
_WORDED = re.compile(r"(section|part|chapter|article|topic)\s+(\d{1,2}|[A-Z]|[IVX]{1,5})\s*(?:[:.–—-]\s*|\s|$)(.*)$", re.IGNORECASE)
_APPENDED = re.compile(r"(appendix|appendices|annex|annexe|schedule)\b(?:\s+[\dA-Z]{1,3}\b)?\s*[:.–—-]?", re.IGNORECASE)
_FORM = re.compile(r"(form|template|checklist|stage|step|level|table|figure|unit|day|week)\s+\d{1,2}\b", re.IGNORECASE)
_KNOWN = re.compile(
    r"(introduction|purpose|aims?|scope|policy statement|statement of intent|rationale|overview|background|definitions?|objectives?"
    r"|legal framework|legislation and guidance|roles and responsibilities|context|principles)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading taken apart: its title without number, its number where it has one, and whether the document marks it as one.

    ``worded`` says that the number is the section's alone ("Section 4"), and ``appended`` that it is an appendix.
    """

    title: str
    number: str = ""
    marked: bool = False
    appended: bool = False
    worded: bool = False


def begins(text: str) -> bool:
    """Whether a text begins as a title or a sentence does: with a capital of any language, a digit, a quotation mark or a bracket."""
    return text[:1].isupper() or bool(re.match(r"[0-9“‘\"'(&]", text))


def title_like(text: str) -> bool:
    """Whether words could be a title: few, beginning like one, without the end of a sentence or the verb of a rule."""
    text = text.strip().strip("*").strip()
    words = text.split()
    if "\t" in text or _CONTACT.search(text):  # a table's row, or how somebody is reached
        return False
    if not words or len(words) > MOST_WORDS or not begins(text) or not re.search(r"[^\W\d_]{2}", text):
        return False
    if text.endswith((",", ";", ".", "!")) or re.search(r"[.!?]\s+[A-Z]", text):
        return False
    if text.endswith(":") and (len(words) > 6 or _LEAD.search(text)):  # noqa: PLR2004
        return False
    return not _MODAL.search(text) or bool(_ASKS.match(text))


def numbered_title_like(text: str) -> bool:
    """The stricter question for a line with a number, which may as well be a short clause: fewer words and no verb at all."""
    plain = bool(_ASKS.match(text)) or not _VERB.search(text)
    return title_like(text) and len(text.split()) <= MOST_NUMBERED_WORDS and plain and "." not in text


def stopped_title(text: str) -> bool:
    """Whether a line with a full stop may still be a title: short and without a verb ("Using social media on behalf of the school.")."""
    words = text.rstrip(".")
    return text.endswith(".") and len(text.split()) <= MOST_STOPPED_WORDS and title_like(words) and not _VERB.search(words)


def marked_heading(line: str) -> tuple[int, str] | None:
    """The level and text of a line that the document marks as a heading ("## Aims", "**Aims**"), else None."""
    if found := _MARKED.match(line.strip()):
        return len(found.group(1)), found.group(2).strip().strip("*").strip()
    if (found := _BOLD.match(line.strip())) and title_like(found.group(2)):
        return 6, found.group(2).strip()
    return None


def worded_heading(line: str) -> Heading | None:
    """A heading in words ("Section 4: Personal use", "Appendix B"), else None."""
    text = re.sub(r"\t", " ", line.strip())
    if len(text.split()) > MOST_WORDS or text.endswith((".", ";", ",")):
        return None
    if found := _WORDED.match(text):
        return None if found.group(3) and not title_like(found.group(3)) else Heading(found.group(3).strip(), found.group(2), worded=True)
    if (found := _APPENDED.match(text)) and (len(text.split()) <= 2 or text[found.end() - 1] in ":.–—-" or title_like(text)):  # noqa: PLR2004
        return Heading(text, appended=True)
    return None


def counted_title(line: str) -> bool:
    """Whether a line is one of a count of headings ("Appendix 2", "Form 3: Visitors"), which page after page may begin with."""
    return bool(_FORM.match(line.strip())) or worded_heading(line) is not None


def unnumbered(title: str) -> tuple[str, str]:
    """A marked heading's title and its number: "3. Personal use" gives ("Personal use", "3")."""
    for label in readings(title):
        if label.kind in ("number", "capital", "numeral") and label.rest and label.form in ("strong", "bracket", "glued", "spaced"):
            if label.kind == "number" and label.form == "spaced" and label.value[0] > 40:  # noqa: PLR2004
                break
            return label.rest, label.name
    return title, ""


def well_known(title: str) -> bool:
    """Whether a title is one with which the body of a policy usually begins."""
    return bool(_KNOWN.match(title.strip())) and len(title.split()) <= 8  # noqa: PLR2004
