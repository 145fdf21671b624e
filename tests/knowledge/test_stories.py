"""Long stories: the sentence that asks is heard among those that do not."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.encoder import Encoder
from knowledge.language import Reader
from knowledge.stories import parts_of
from tests.support import knowledge

STORY = (
    "The boiler packed up again on Monday and we taught in our coats. "
    "My sister had her baby on Tuesday, a little girl, so I was up half the night on the phone. "
    "On the way home from the hospital a Year 5 boy sent me a friend request on Facebook and I have left it there. "
    "Then the car failed its MOT. Do I press accept or not?"
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.open()


def test_a_story_is_answered_by_the_sentence_that_matters() -> None:
    answer = knowledge.adviser().ask(STORY)
    assert answer.ranked[0] in {"28", "29"}
    assert answer.verdict == "no"


def test_only_long_texts_are_heard_in_parts() -> None:
    reader = Reader({})
    assert parts_of(reader.read("Hello. May I add a pupil on Facebook? Thanks.")) == []
    assert parts_of(reader.read(STORY))[-1] == "Do I press accept or not?"
    assert len(parts_of(reader.read("Nothing much happened here today. " * 40))) == 12


def test_parts_are_encoded_in_the_run_of_the_whole(encoder: Encoder) -> None:
    reading = Reader({}).read(STORY)
    parts = parts_of(reading)
    whole, *vectors = encoder.encode_parts(reading.text, parts)
    assert np.allclose(whole, encoder.encode_one(reading.text), atol=1e-5)
    assert len(vectors) == len(parts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    own, alone = np.array(vectors), encoder.encode(parts)  # of what all parts of a story share, nothing is left
    alike = (alone - alone.mean(axis=0)) @ (own - own.mean(axis=0)).T
    assert alike.argmax(axis=0).tolist() == list(range(len(parts)))


def test_what_lies_beyond_the_reach_of_the_model_is_still_read(encoder: Encoder) -> None:
    last = "A man has written to one of our girls and wants to meet her."
    long = "We had soup again and the hall was cold. " * 60 + last
    assert np.allclose(encoder.encode_parts(long, [last])[1], encoder.encode_one(last), atol=1e-5)
    heard = knowledge.adviser().ask(long).disclosure
    assert heard is not None
    assert heard.kind == "safeguarding"
    assert knowledge.adviser().ask("We had soup again and the hall was cold. " * 60).disclosure is None


def test_a_part_that_does_not_stand_in_the_text_is_refused(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="substring"):
        encoder.encode_parts("May I add a pupil?", ["May I add a parent?"])
