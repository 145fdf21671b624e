"""Guidance is read with the numbers of the edition that it was written for; what is to be pasted into it must carry those."""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.build import written_for
from knowledge.clauses import Policy
from knowledge.editions import MENTION, NUMBER, moved

NEW = "Clause {number} is not in policy.txt, so guidance cannot name it: put the new edition there first."


class Numbering:
    """The numbers of the edition that is quoted, back to those of the edition in policy.txt."""

    def __init__(self, policy: Policy) -> None:
        self._moved = moved(written_for(policy.name) or policy, policy)
        self._back = {place: number for number, place in self._moved.items() if place}

    def written(self, number: str) -> str:
        """The number as the guidance has to name it; empty for a clause that came later."""
        return self._back.get(number) or ("" if number in self._moved else number)

    def all_written(self, numbers: Iterable[str]) -> list[str]:
        """Those of these numbers that guidance can name."""
        return [found for number in numbers if (found := self.written(number))]

    def in_words(self, text: str) -> str:
        """Words that name clauses, as guidance has to name them."""
        return MENTION.sub(lambda mention: NUMBER.sub(lambda number: self.written(number[0]) or number[0], mention[0]), text)

    def notes(self, numbers: Iterable[str], *texts: str) -> tuple[str, ...]:
        """A line for each clause there that guidance cannot name."""
        said = [number for text in texts for mention in MENTION.findall(text) for number in re.findall(NUMBER, mention)]
        return tuple(NEW.format(number=number) for number in dict.fromkeys([*numbers, *said]) if not self.written(number))
