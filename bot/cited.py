"""The clauses that the bot names by itself, under the numbers that they have in the edition which is quoted.

What is said here and in the handlers was written with the numbers of one edition, as the guidance was. Another edition may number its
clauses otherwise, or lack some: so a number is looked up when it is shown, and what is gone is said without a number.
What is stored (why somebody was told) keeps the numbers as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

WRITTEN_FOR: Final = "harwell-social-media"  # the policy whose authored edition the numbers are of
NUMBERS: Final = r"\d+[a-z]?(?:(?:, | and )\d+[a-z]?)*"
MENTION: Final = re.compile(rf"(?P<aside> ?\(clauses? {NUMBERS}\))|\b[Cc]lauses? {NUMBERS}")

_places: dict[str, str | None] = {}  # one for the process, which quotes one edition; numbers that stand where they stood are not in it


def follow(places: Mapping[str, str | None]) -> None:
    """Take the numbers of the edition that is quoted from now on: the number as written -> where it stands, or None where it is gone."""
    _places.clear()
    _places.update(places)


def number(written: str) -> str:
    """The number of a clause in the edition that is quoted; empty where it has none."""
    return _places.get(written, written) or ""


def cited(text: str) -> str:
    """Words of ours with the numbers of the edition that is quoted; a clause that is gone is left out of the brackets that name it.

    For what the bot says, never for what a person wrote or what the policy says.
    """
    return MENTION.sub(_placed, text) if _places else text


def clauses(written: Iterable[str]) -> str:
    """Clauses by their numbers, in words: "clauses 19, 37 and 60"; empty where none of them is left."""
    found = list(dict.fromkeys(filter(None, map(number, written))))
    return f"clause{'s' * (len(found) > 1)} {in_a_row(found)}" if found else ""


def in_a_row(names: Sequence[str]) -> str:
    """Words in a row: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _placed(mention: re.Match[str]) -> str:
    found = clauses(re.findall(r"\d+[a-z]?", mention[0]))
    if mention["aside"]:
        return f" ({found})" if found else ""
    return mention[0][0] + found[1:] if found else f"{mention[0]} of an earlier edition"
