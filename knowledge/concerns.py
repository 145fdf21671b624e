"""What a message discloses: the safety-critical triage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from knowledge.guidance_files import Guidance


@dataclass(frozen=True)
class Disclosure:
    """What was heard, and the help that comes first.

    ``kind`` is one of CONTRACT's concerns; ``clauses`` their numbers, best first; ``subject_roles`` the roles of those whom it is
    about; ``do``, ``do_not`` and ``facts`` are authored (``facts`` are ids of outside facts);
    ``life`` says that the life of somebody on the staff may be at risk, whatever the kind.
    """

    kind: str
    clauses: tuple[str, ...] = ()
    subject_roles: tuple[str, ...] = ()
    confidence: float = 1.0
    do: tuple[str, ...] = ()
    do_not: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    read_with: tuple[str, ...] = ()
    life: bool = False


def help_for(guidance: Guidance, kind: str, about: Sequence[str] = ()) -> Disclosure:
    """The help that comes first for a kind of concern, as it was authored; where it is about the Headteacher, what passes them by."""
    table = next((table for table in guidance.concerns if table["kind"] == kind), {})
    clauses, do, do_not, facts, read_with = (tuple(table.get(name, ())) for name in ("clauses", "do", "do_not", "facts", "read_with"))
    if "headteacher" in about:
        do = tuple(table.get("do_about_headteacher", do))
    return Disclosure(kind, clauses, tuple(about), do=do, do_not=do_not, facts=facts, read_with=read_with)


class Triage(Protocol):
    """Hears what a message discloses."""

    def __call__(self, message: str, vector: npt.NDArray[np.float32] | None) -> Disclosure | None:
        """The gravest concern that the message discloses, or None. ``vector`` is the message's, where there is a model."""
        ...

    def may_tell(self, message: str) -> bool:
        """Whether it may disclose something, by its words alone: asked before a vector is spent on a part of a message."""
        ...
