"""The guidance's vectors that are known beforehand are those that the model would give, and whatever is not known it gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge.build import POLICIES, source_of
from knowledge.encoder import Encoder
from knowledge.known_vectors import KNOWN, key_of, with_known, write
from knowledge.weights import LARGE, installed_model

LINES = ["May I ride my bike to school?", "Can I cycle to work?", "When is the tax return due?"]


class Counting(Encoder):
    """The real model, and what it was asked."""

    asked: list[str]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked = [*texts]
        return super().encode(texts)


@pytest.fixture(scope="module")
def encoder() -> Counting:
    return Counting.open()


def test_what_is_in_the_file_is_not_asked_of_the_model_and_is_the_same(encoder: Counting, tmp_path: Path) -> None:
    write(LINES[:2], encoder, tmp_path / "known.npz")
    encode = with_known(encoder, tmp_path / "known.npz")
    encoder.asked = []
    found = encode(LINES)
    assert encoder.asked == LINES[2:]
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
    assert (found * Encoder.encode(encoder, LINES)).sum(axis=1).min() > 0.998
    encoder.asked = []
    assert len(encode(LINES[:2])) == 2
    assert encoder.asked == []


def test_a_file_of_another_model_or_none_is_not_used(encoder: Counting, tmp_path: Path) -> None:
    write(LINES, encoder, tmp_path / "known.npz")
    other = Counting(encoder._session, encoder._tokenizer, "another")
    assert with_known(other, tmp_path / "known.npz")(LINES).shape == (3, encoder.dimensions)
    assert other.asked == LINES
    assert with_known(encoder, tmp_path / "gone.npz")(LINES).shape == (3, encoder.dimensions)


@pytest.mark.skipif(installed_model() is not LARGE, reason="the large sentence model is not here: `make test` fetches it")
def test_the_file_in_the_repository_knows_nearly_all_of_the_guidance_and_knows_it_right() -> None:
    texts = [text for row in source_of(POLICIES / "harwell-social-media").guidance for text in row.texts]
    with np.load(KNOWN) as file:
        known = set(file["keys"].tolist())
    share = sum(key_of(text) in known for text in texts) / len(texts)
    assert share > 0.9, "the guidance has changed much: run `make vectors`"
    encoder = Encoder.open(model=LARGE)
    few = [text for text in texts if key_of(text) in known][::701]
    assert (with_known(encoder)(few) * encoder.encode(few)).sum(axis=1).min() > 0.99
