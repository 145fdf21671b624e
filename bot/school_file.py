"""Reading school.toml, and saying what is wrong with it: every mistake at once, each in a sentence that says how to mend it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from bot.errors import SettingsError
from bot.people import Role
from bot.school import SchoolFile
from bot.school_checks import across, meant, readable

ITEMS: Final = {"people": "block", "steps": "step", "terms": "term"}
NOT_AS_SHOWN: Final = "cannot be understood: write it as in school.example.toml."
SENTENCES: Final = {
    "missing": "is missing: add it, as in school.example.toml.",
    "string_type": 'must stand in quotation marks: write "…" around it.',
    "string_too_short": "is empty: write something between the quotation marks.",
    "too_short": "is empty: put something in, as in school.example.toml.",
    "tuple_type": 'must be a list: write ["…"], with a comma after each but the last.',
    "model_type": "must be a table of its own, as in school.example.toml.",
}
OF_A_KIND: Final = (
    ("bool", "is neither true nor false: write one of the two, without quotation marks."),
    ("date", "is no date: write one such as 2026-09-02, without quotation marks."),
)
OF_A_KEY: Final = {
    ("email", "string_pattern_mismatch"): "is no e-mail address: write one such as head@school.example, or remove the line.",
    ("id", "string_pattern_mismatch"): 'must begin with a small letter and hold small letters, digits and hyphens only, such as "head".',
    ("people", "too_short"): "is empty: add a [[people]] block for each person who holds a role, as in school.example.toml.",
    ("people", "tuple_type"): "must be blocks: write [[people]], in double brackets, above each person.",
}


def read_school(path: Path, missing: Callable[[str], bool] | None = None) -> SchoolFile:
    """Read and check a school.toml; ``missing`` tells of a policy's name whether there is no such policy.

    Raises:
        SettingsError: with every mistake that was found, one sentence each.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError([f"{path} is not there: copy school.example.toml to that name and put your school in it."]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path} cannot be read ({type(error).__name__}): check the file's permissions."]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{path} is not valid TOML: {error}. Compare that line with school.example.toml."]) from None
    problems: list[str] = []
    school = None
    try:
        school = SchoolFile.model_validate(raw)
    except ValidationError as error:
        problems += [sentence(one) for one in error.errors() if not follows_on(one, raw)]
    parts = readable(raw)
    problems += across(parts)
    named = parts.school.policies if parts.school and missing else ()
    problems += [
        f'school, policies: there is no policy "{name}": correct its name, or run `python app.py policy import FILE --name {name}`.'
        for name in named
        if missing and missing(name)
    ]
    if problems or school is None:
        raise SettingsError([f"{path.name}: {problem}" for problem in problems])
    return school


def follows_on(error: Any, raw: Any) -> bool:
    """Whether a finding only follows from others: a list that is empty because nothing in it could be read."""
    if error["type"] != "too_short":
        return False
    for part in error["loc"]:
        raw = raw[part]
    return bool(raw)


def sentence(error: Any) -> str:
    """One of pydantic's findings, as a sentence that says where and how to mend it."""
    where, kind, key = place(error["loc"]), str(error["type"]), str(error["loc"][-1])
    if kind == "extra_forbidden":
        close = meant(key)
        return (
            f'{where} is not a setting; did you mean "{close}"?'
            if close
            else f"{where} is not a setting: remove it or correct its spelling."
        )
    if kind == "enum":
        return f"{where} is not a role; the roles are {', '.join(Role)}."
    if kind == "value_error":
        message = str(error["msg"]).removeprefix("Value error, ")
        return f"{where}: {message[0].lower() + message[1:]}."
    says = OF_A_KEY.get((key, kind)) or SENTENCES.get(kind)
    return f"{where} {says or next((text for start, text in OF_A_KIND if kind.startswith(start)), NOT_AS_SHOWN)}"


def place(location: tuple[str | int, ...]) -> str:
    """Where in the file: ("people", 2, "roles") reads `people, block 3, roles`."""
    pieces = []
    for index, part in enumerate(location):
        pieces.append(f"{ITEMS.get(str(location[index - 1]), 'entry')} {part + 1}" if isinstance(part, int) else str(part))
    return ", ".join(pieces)
