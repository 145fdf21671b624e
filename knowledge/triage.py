"""Hears what a message discloses: rules and a learnt model, on the whole message and on its sentences; the gravest that fits.

Indecent images have two independent means, the rules of ``triage_images`` and the model; either suffices. Long stories are heard as
a whole and by sentences, because one line of twenty may be the one that matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from knowledge.concerns import Disclosure, help_for
from knowledge.guidance_files import CONCERNS, IMAGES, Guidance
from knowledge.language import Reader, Reading, sentences
from knowledge.own_life import life_at_risk, of_staff_alone
from knowledge.subjects import subject_roles
from knowledge.triage_features import features
from knowledge.triage_images import shows_indecent_image
from knowledge.triage_model import LABELS, Floats, TriageModel
from knowledge.triage_rules import asked_but_told, told, unmistakable

HEARD: Final = 0.12  # of the whole message: the share of all kinds together from which it counts as heard
HEARD_PART: Final = 0.9  # of a part of a long message, where the whole is not without a sign of it either
SIGN: Final = 0.05
REACH: Final = 120  # words; what stands beyond them may be unknown to the vector of the whole
GRAVER: Final = 0.7  # a graver kind wins where its share is this near to the best one's
SHORTEST_PART: Final = 4  # words
CERTAIN: Final = 0.99
SURE: Final = 0.9
LIKELY: Final = 0.5
OWN: Final = "staff_abuse"  # of the kinds that there are, the one with support for staff (clauses 61 and 66)
CITED: Final = 0.25
MOST_CITED: Final = 4

Encode = Callable[[str, Sequence[str]], Sequence[Floats]]


@dataclass(frozen=True)
class Heard:
    """What was heard: a kind, and how sure it is."""

    kind: str
    confidence: float


class Listener:
    """The triage of one policy (see ``concerns.Triage``). Many threads may ask at once."""

    def __init__(
        self,
        guidance: Guidance,
        model: TriageModel,
        reader: Reader,
        *,
        encode: Encode | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """``encode``: the vectors of a text and of its parts; ``aliases``: a person's name in lower case -> their role."""
        self._guidance = guidance
        self._model = model
        self._reader = reader
        self._encode = encode
        self._aliases = dict(aliases or {})
        self._citable = {
            kind: frozenset(number for entry in guidance.entries if entry.concern == kind for number in entry.clauses) for kind in CONCERNS
        }

    def __call__(self, message: str, vector: Floats | None) -> Disclosure | None:
        """The gravest concern that the message discloses, or None. ``vector`` is the message's as it was read, where there is one."""
        reading = self._reader.read(message)
        if vector is None and self._encode is not None:
            vector = self._encode(reading.text, ())[0]
        heard = self.hear(reading, vector)
        if heard is None:
            return None
        subjects = subject_roles(reading.text, self._aliases)
        told = help_for(self._guidance, heard.kind, subjects)
        return replace(
            told, clauses=self._clauses(heard.kind, reading, vector), confidence=round(heard.confidence, 4), life=life_at_risk(reading.text)
        )

    def may_tell(self, message: str) -> bool:
        """Whether it may disclose something, by its words alone."""
        text = (reading := self._reader.read(message)).text
        by_words = 1 - float(self._model.probabilities(features(reading), None)[0])
        return by_words >= SIGN or shows_indecent_image(text) or bool(told(text)) or asked_but_told(text)

    def hear(self, reading: Reading, vector: Floats | None) -> Heard | None:
        """What is disclosed, or None. Where a life on the staff may be at risk it is heard at the least as what has support for staff."""
        heard = self._hear(reading, vector)
        if not life_at_risk(reading.text):
            return heard
        kind = heard.kind if heard else ""
        mistaken = (kind == "safeguarding" and of_staff_alone(reading.text)) or (
            heard is not None and kind == "data_breach" and heard.confidence < LIKELY
        )
        return _gravest([None if mistaken else heard, Heard(OWN, SURE)])  # mistaken: it was the colleague's own danger that was heard

    def _hear(self, reading: Reading, vector: Floats | None) -> Heard | None:
        whole = self._model.probabilities(features(reading), vector)
        if shows_indecent_image(reading.text):
            return Heard(IMAGES, CERTAIN)
        heard = _heard(whole, HEARD)
        if heard is None:
            unseen = len(reading.words) > REACH
            if 1 - whole[0] < SIGN and not unseen and not asked_but_told(reading.text):
                return None
            heard = _gravest([*self._in_parts(reading, vector), *(Heard(kind, SURE) for kind in told(reading.text))])
        return _gravest([heard, *(Heard(kind, heard.confidence) for kind in unmistakable(reading.text))]) if heard else None

    def _in_parts(self, reading: Reading, vector: Floats | None) -> list[Heard | None]:
        """What each sentence of a message that has several discloses, read by itself, with its vector from the run of the whole."""
        parts = [part for part in sentences(reading.text) if len(part.split()) >= SHORTEST_PART]
        if len(parts) < 2:  # noqa: PLR2004
            return []
        vectors = [None] * len(parts) if vector is None or self._encode is None else self._encode(reading.text, parts)[1:]
        shares = (self._model.probabilities(features(self._reader.read(part)), own) for part, own in zip(parts, vectors, strict=True))
        return [_heard(one, HEARD_PART) for one in shares]

    def _clauses(self, kind: str, reading: Reading, vector: Floats | None) -> tuple[str, ...]:
        """What the disclosures of this kind that are nearest to the message cite; clause 71 leads wherever there is an indecent image."""
        own = self._citable.get(kind, frozenset())
        found = [number for number, score in self._model.cited(features(reading), vector) if number in own and score >= CITED][:MOST_CITED]
        standing = help_for(self._guidance, kind).clauses
        if kind == IMAGES:
            return tuple(dict.fromkeys([*standing[:1], *found]))[:MOST_CITED]
        return tuple(found) or standing


def _heard(shares: Floats, enough: float) -> Heard | None:
    """What these shares say, where they say enough."""
    sure = 1.0 - float(shares[0])
    if sure < enough:
        return None
    best = float(shares[1:].max())
    place = max(number for number in range(1, len(LABELS)) if shares[number] >= GRAVER * best)
    return Heard(LABELS[place], sure)


def _gravest(heard: Sequence[Heard | None]) -> Heard | None:
    """The gravest of what was heard."""
    return max((one for one in heard if one), key=lambda one: LABELS.index(one.kind), default=None)
