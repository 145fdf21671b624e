"""Long stories: every sentence has a say in what is asked, and those that ask have three.

The sentences' vectors come from one run of the encoder over the whole text, each the mean over its own tokens (Günther and others,
2024, "Late chunking"), so a long story takes little longer than its length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from knowledge.language import Reader, Reading, sentences
from knowledge.matcher import Floats, Matcher

LONG: Final = 30  # words from which a text is heard by its sentences too
MOST: Final = 12  # sentences, the last ones: people ask at the end
SHORTEST: Final = 3  # words of a sentence that can say anything
SAY: Final = 0.4  # how much the sentences together count beside the whole
ASKING: Final = 3.0
LEAST: Final = 1e-6
ASKS: Final = re.compile(
    r"\?|\b(?:wonder\w*|not sure|allowed|policy|rules?|supposed to|ought|should|is it ok|can i|do i|need to know|advice)\b", re.IGNORECASE
)


def parts_of(reading: Reading) -> list[str]:
    """The sentences that have a say; none where the text is short."""
    if len(reading.words) < LONG:
        return []
    parts = [part for part in sentences(reading.text) if len(part.split()) >= SHORTEST]
    return parts[-MOST:] if len(parts) > 1 else []


def heard_in_parts(
    matcher: Matcher, reader: Reader, whole: Floats, covered: npt.NDArray[np.bool_], parts: Sequence[str], vectors: Sequence[Floats | None]
) -> Floats:
    """The shares of the whole text, corrected by those of its sentences: a weighted geometric mean.

    ``whole``: one share for each entry; ``covered``: whether the policy settles it. A sentence
    counts by how clearly it is about one thing that the policy settles.
    """
    shares = matcher.shares([reader.read(part) for part in parts], vectors)
    says = shares[:, covered].sum(axis=1) * shares.max(axis=1) * np.array([ASKING if ASKS.search(part) else 1.0 for part in parts])
    mixed = np.log(np.maximum(shares, LEAST)).T @ (says / says.sum())
    blended = np.exp((1 - SAY) * np.log(np.maximum(whole, LEAST)) + SAY * mixed)
    return np.asarray(blended / blended.sum(), dtype=np.float32)
