"""What a message discloses: the safety-critical triage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Disclosure:
    """What was heard, and the help that comes first.

    ``kind`` is one of CONTRACT's concerns; ``clauses`` their numbers, best first; ``subject_roles`` the roles of those whom it is
    about; ``do``, ``do_not`` and ``facts`` are authored (``facts`` are ids of outside facts).
    """

    kind: str
    clauses: tuple[str, ...] = ()
    subject_roles: tuple[str, ...] = ()
    confidence: float = 1.0
    do: tuple[str, ...] = ()
    do_not: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    read_with: tuple[str, ...] = ()


class Triage(Protocol):
    """Hears what a message discloses."""

    def __call__(self, message: str, vector: npt.NDArray[np.float32] | None) -> Disclosure | None:
        """The gravest concern that the message discloses, or None. ``vector`` is the message's, where there is a model."""
        ...
