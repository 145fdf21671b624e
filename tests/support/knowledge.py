"""The real clause base, built once for all tests and kept between runs; a change of its inputs builds it anew."""

from __future__ import annotations

import fcntl
import gc
from functools import cache
from pathlib import Path

from bot.clock import Clock
from bot.school_file import read_school
from handlers.known import Knowledge
from knowledge.advice import Adviser
from knowledge.build import build_base
from knowledge.encoder import open_encoder
from knowledge.outside import outside_facts

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "school.example.toml"
BASE = ROOT / "build" / "tests" / "clauses.db"


@cache
def adviser() -> Adviser:
    """The real answers. Test processes that start together wait for the one that builds."""
    BASE.parent.mkdir(parents=True, exist_ok=True)
    encoder = open_encoder(None)
    with BASE.with_suffix(".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build_base(BASE, encoder)
    opened = Adviser.open(BASE, aliases=read_school(EXAMPLE).everyone().names(), encoder=encoder)
    gc.collect()
    gc.freeze()  # it stays to the end: nothing of it need be looked through again and again for what could be thrown away
    return opened


def knowledge(clock: Clock) -> Knowledge:
    """What can be said without knowing any person."""
    return Knowledge(adviser(), adviser().policy, outside_facts(), clock)


if __name__ == "__main__":
    adviser()
