"""A school takes in another edition of its policy: what was written about a clause follows its words, not its number."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from knowledge.advice import Adviser
from knowledge.base import PolicySource, import_document
from knowledge.build import POLICIES
from knowledge.editions import moved
from knowledge.encoder import open_encoder
from knowledge.parsing import parse
from tests.support import knowledge

NAME = "harwell-social-media"
TEXT = (POLICIES / NAME / "policy.txt").read_text(encoding="utf-8")
ADDED = "20. Staff should read this policy once a year and sign that they have done so."


def renumbered(text: str, first: int, by: int) -> str:
    return re.sub(r"(?m)^(\d+)\.", lambda match: f"{int(match[1]) + (by if int(match[1]) >= first else 0)}.", text)


INSERTED = renumbered(TEXT, 20, 1).replace("\n21. ", f"\n{ADDED}\n21. ", 1)
WITHOUT_28 = renumbered(re.sub(r"(?m)^28\. .*\n", "", TEXT), 29, -1)
WITHOUT_71 = re.sub(r"(?m)^71\. .*\n?", "", TEXT)
EDITED = TEXT.replace("Staff should decline 'friend requests'", "Staff must always decline all 'friend requests'")


def adviser_of(text: str, folder: Path) -> Adviser:
    knowledge.adviser()
    path = folder / "clauses.db"
    shutil.copy(knowledge.BASE, path)
    encoder = open_encoder(None)
    import_document(path, PolicySource(NAME, text), encoder.encode if encoder else None)
    return Adviser.open(path, aliases={}, encoder=encoder)


@pytest.mark.parametrize("number", ["20", "28", "46", "71", "22d"])
def test_a_clause_that_moved_is_found_by_its_words(number: str) -> None:
    old, new = parse(TEXT, NAME), parse(INSERTED, NAME)
    place = moved(old, new)[number]
    assert place is not None
    assert new.clause(place).text == old.clause(number).text


def test_the_same_edition_moves_nothing_and_an_edited_clause_stays() -> None:
    assert moved(parse(TEXT, NAME), parse(TEXT, NAME)) == {}
    assert moved(parse(TEXT, NAME), parse(EDITED, NAME)) == {}


def test_the_words_that_were_meant_are_quoted_under_their_new_number(tmp_path: Path) -> None:
    adviser = adviser_of(INSERTED, tmp_path)
    answer = adviser.ask("can I friend an ex-pupil?")
    assert answer.clauses[0].number == answer.ranked[0] == "29"
    assert "ex-students except via professional networking sites" in answer.clauses[0].text
    assert [one.number for one in answer.read_with] == ["30"]
    heard = adviser.ask("a boy showed me a naked picture of a girl in year 6").disclosure
    assert heard is not None
    assert heard.clauses[0] == "72"
    assert "indecent images of children" in adviser.policy.clause("72").text
    assert not any("clause 71" in line for line in (*heard.do, *heard.do_not))
    assert "(clauses 18 and 41)" in " ".join(adviser.help_for("safeguarding").do)


def test_what_stood_in_a_clause_that_is_gone_is_no_longer_said(tmp_path: Path) -> None:
    adviser = adviser_of(WITHOUT_28, tmp_path)
    answer = adviser.ask("can I friend an ex-pupil?")
    assert not any(one.number == "28" for one in answer.clauses)
    assert answer.verdict != "conditional"
    request = adviser.ask("should I decline a friend request from a pupil?")
    assert "Staff should decline 'friend requests'" in request.clauses[0].text


def test_help_comes_even_where_the_clause_on_images_is_gone(tmp_path: Path) -> None:
    adviser = adviser_of(WITHOUT_71, tmp_path)
    heard = adviser.ask("a boy showed me a naked picture of a girl in year 6").disclosure
    assert heard is not None
    assert heard.kind == "indecent_images"
    assert heard.do_not
    assert "71" not in heard.clauses
