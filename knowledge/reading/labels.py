"""The numbers, letters and bullets with which a line of a policy can begin.

A line may be read in more than one way ("(i)" is the ninth letter or the first roman number), so ``readings`` gives them all and
the parser takes the one that continues what came before.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "letter", "roman", "capital", "numeral", "bullet"]
Form = Literal["strong", "alone", "bracket", "spaced", "glued"]

_ONES = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"]
_ROMAN = [f"{tens}{ones}" for tens in ("", "x", "xx") for ones in _ONES][1:]
_DOTS = r"•●◦▪▫■□‣⁃∙·➢➤►✓✔❖○\uf0b7\uf0a7\uf0d8\uf076\uf0fc"
_BULLET = re.compile(rf"(?:[*+\-–—]\s+|o\s+|[{_DOTS}]\s*)(?=\S)")
_WORD_BEFORE = re.compile(r"(?:clause|paragraph|para\.?|§)\s*(?=\d)", re.IGNORECASE)
_DECIMAL = re.compile(r"(\d{1,3}(?:\.\d{1,3})+)([.):]|\s[–-](?=\s)|)(?=(\s*))")
_WHOLE = re.compile(r"(\d{1,3})([.):]|\s[–-](?=\s)|)(?=(\s*))")
_BRACKET_NUMBER = re.compile(r"[(\[](\d{1,3}(?:\.\d{1,3})*)[)\]]")
_LETTER = re.compile(r"(?:\(([A-Za-z])\)|([A-Za-z])([.):]))(?=(\s*))")
_ROMAN_LABEL = re.compile(r"(?:\(([ivxIVX]{1,6})\)|([ivxIVX]{1,6})([.):]))(?=(\s*))")

_WHOLE_LABEL = re.compile(
    r"(\d{1,3}(?:\.\d{1,3})*)((?:\s?\((?:[a-z]|[ivx]{1,5}|\d{1,2})\))+|\.?[a-z][.):]?(?=\s))\s*([A-Za-z“‘\"'].*)$", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Label:
    """One way to read a line's beginning: its kind, its place in the order, the mark as it stands, and the text after it.

    ``value`` is (1, 1, 2) for "1.1.2", (4,) for "d" and for "iv". ``name`` is the label without its punctuation.
    """

    kind: Kind
    value: tuple[int, ...]
    name: str
    marker: str
    rest: str
    form: Form = "strong"


def readings(line: str) -> list[Label]:
    """Every label with which the line may begin; empty for plain text. Emphasis marks around a label are looked through."""
    text = line.strip()
    opened = re.match(r"\*\*(?=[\w(\[])", text)
    if opened and (bold := re.match(r"\*\*([(\[]?\w[\w.]*[)\].:]*)\*\*", text)):
        return [_moved(label, text[: bold.end()], text[bold.end() :]) for label in readings(bold.group(1) + " x") if label.kind != "bullet"]
    found = [*_numbers(text), *_romans(text), *_letters(text)]
    if not found and (bullet := _BULLET.match(text)):
        rest = text[bullet.end() :]
        inner = [label for label in readings(rest) if label.kind != "bullet" and label.form in ("strong", "bracket") and label.rest]
        found = [_moved(label, bullet.group() + label.marker, label.rest) for label in inner]
        found.append(Label("bullet", (), "", bullet.group().strip(), rest))
    return found


def _moved(label: Label, marker: str, rest: str) -> Label:
    return Label(label.kind, label.value, label.name, marker, rest.strip(), label.form)


def _numbers(text: str) -> list[Label]:
    start = found.end() if (found := _WORD_BEFORE.match(text)) else 0
    if found := _BRACKET_NUMBER.match(text, start):
        return [_number(found.group(1), text, found.end(), "bracket")]
    if found := _DECIMAL.match(text, start):
        return [_number(found.group(1), text, found.end(), _form(text, found.end(), found.group(2).strip(), found.group(3), text[start:]))]
    if found := _WHOLE.match(text, start):
        form = _form(text, found.end(), found.group(2).strip(), found.group(3), text[start:])
        if form != "glued" or re.match(r"[A-Z“‘\"'(]", text[found.end() :]):
            return [_number(found.group(1), text, found.end(), form)]
    return []


def _form(text: str, end: int, stop: str, space: str, whole: str) -> Form:
    """How sure the mark looks: with a stop or a wide gap, with one space only, or glued to the word after it."""
    if not text[end:].strip():
        return "alone"
    if not space:
        return "glued"
    if stop or "\t" in space or len(space) > 1:
        return "strong"
    return "strong" if "." in whole.split(maxsplit=1)[0] else "spaced"


def _number(digits: str, text: str, end: int, form: Form) -> Label:
    return Label("number", tuple(int(piece) for piece in digits.split(".")), digits, text[:end], text[end:].strip(), form)


def _letters(text: str) -> list[Label]:
    found = _LETTER.match(text)
    if not found:
        return []
    letter = found.group(1) or found.group(2)
    rest = text[found.end() :].strip()
    if not found.group(4) and not found.group(1) and (found.group(3) != ")" or not rest):
        return []  # "e.g." and "U.K." are words
    kind: Kind = "letter" if letter.islower() else "capital"
    return [Label(kind, (ord(letter.lower()) - 96,), letter, found.group(), rest, "bracket" if found.group(1) else "strong")]


def _romans(text: str) -> list[Label]:
    found = _ROMAN_LABEL.match(text)
    if not found:
        return []
    name = found.group(1) or found.group(2)
    rest = text[found.end() :].strip()
    if name.lower() not in _ROMAN or (not found.group(4) and not found.group(1) and (found.group(3) != ")" or not rest)):
        return []
    if name.lower() != name and name.upper() != name:
        return []
    kind: Kind = "roman" if name.islower() else "numeral"
    return [Label(kind, (_ROMAN.index(name.lower()) + 1,), name, found.group(), rest, "bracket" if found.group(1) else "strong")]


def whole_label(line: str) -> Label | None:
    """A part's label with its clause's number before it: the value is the number's, the name the part's ("a(ii)" for "4.2.1(a)(ii)")."""
    found = _WHOLE_LABEL.match(line.strip())
    if not found:
        return None
    first, *inner = re.findall(r"\w+", found.group(2))
    name = first + "".join(f"({one})" for one in inner)
    value = tuple(int(piece) for piece in found.group(1).split("."))
    return Label("letter", value, name, found.group(1) + found.group(2), found.group(3))


def follows(last: tuple[int, ...] | None, value: tuple[int, ...], reach: int = 1) -> bool:
    """Whether a number can come after another: 3 after 2, 1.2 after 1.1, 1.1.1 or 2 or 2.1 after 1.1; ``reach`` allows gaps."""
    if last is None:
        return value[-1] in (0, 1) or len(value) == 1
    shared = 0
    while shared < min(len(last), len(value)) and last[shared] == value[shared]:
        shared += 1
    if shared == len(value):
        return False
    step = value[shared] - (last[shared] if shared < len(last) else 0)
    return 0 < step <= reach and all(piece <= 1 for piece in value[shared + 1 :])
