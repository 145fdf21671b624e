"""One school's clauses among twenty thousand: asked alone, they are ranked as if no other were there."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.bm25 import Bm25
from knowledge.build import POLICIES
from knowledge.corpus import Corpus, letters_of, words_of
from knowledge.encoder import Encoder
from knowledge.parsing import parse
from knowledge.weights import SMALL

OWN = {
    clause.number: clause.text
    for clause in parse((POLICIES / "harwell-social-media" / "policy.txt").read_text(encoding="utf-8"), "harwell-social-media").clauses
}
QUESTION = "may I put a photograph of my class on the website"


def test_the_scores_of_a_few_texts_are_those_that_they_have_among_all() -> None:
    for terms in (words_of, letters_of):
        index = Bm25([terms(text) for text in OWN.values()])
        few = np.array([3, 28, 54, 70])
        assert index.scores(terms(QUESTION), few) == pytest.approx(index.scores(terms(QUESTION))[few])


def test_another_schools_clauses_change_nothing_of_the_order_by_meaning() -> None:
    encoder = Encoder.open(tuned=False, model=SMALL)
    many = {f"{school}:{number}": text for school in ("a", "b") for number, text in OWN.items()}
    both = Corpus(many, encoder).rank(QUESTION, "", [f"a:{number}" for number in OWN])
    alone = Corpus(OWN, encoder).rank(QUESTION)
    assert [name.removeprefix("a:") for name in both[:3]] == alone[:3]
    assert all(name.startswith("a:") for name in both)
    assert len(both) == len(OWN)
