"""What is kept of the questions that were passed to a person: for subject access, erasure and the end of their time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from bot.incidents.enquiries import Enquiries
from bot.people import Person


class Questions:
    """Fulfils `Keeper`."""

    name = "questions"

    def __init__(self, enquiries: Enquiries, keep: timedelta | None) -> None:
        """`keep`: how long a question is kept once it was answered; None: until somebody decides. One that waits is always kept."""
        self._enquiries = enquiries
        self._keep = keep

    def export(self, person: Person) -> list[dict[str, Any]]:
        """What they asked, with the answer; and of what they answered their own words, for the question is the asker's."""
        asked = [
            {
                "asked_at": one.asked_at.isoformat(), "asked_of": one.to_name, "question": one.question, "answer": one.answer,
                "answered_by": one.answered_by, "answered_at": one.answered_at.isoformat() if one.answered_at else "",
            }
            for one in self._enquiries.mine(person)
        ]  # fmt: skip
        answered = self._enquiries.answered_by(person)
        return asked + [{"answered_at": one.answered_at.isoformat(), "answer": one.answer} for one in answered if one.answered_at]

    def erase(self, person: Person, words: Collection[str]) -> int:  # noqa: ARG002 who they were goes with the table of persons
        """Forget their questions and their answers."""
        return self._enquiries.erase(person)

    def forget(self, now: datetime) -> int:
        """Forget what was answered long enough ago."""
        return self._enquiries.forget(now - self._keep) if self._keep else 0

    def forget_incidents(self, refs: Collection[str]) -> int:  # noqa: ARG002 a question is not an incident's
        """Nothing of incidents is kept here."""
        return 0
