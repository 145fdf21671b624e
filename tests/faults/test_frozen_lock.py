"""A process is frozen in the middle of a transaction, holding the school's lock: the others wait seconds for it, and not for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.errors import NotSaved
from tests.support.people import TEACHER
from tests.support.school import School, report

ROOT = Path(__file__).resolve().parent.parent.parent
HOLDS = """
import sys
from bot.clock import SystemClock
from tests.support.school import School
school = School(sys.argv[1], clock=SystemClock())
with school.store.transaction() as conn:
    school.register.records.trail.lock(conn)
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.postgres
@pytest.mark.timeout(120)
def test_whoever_is_frozen_with_the_schools_lock_in_hand_loses_it(postgres_url: str) -> None:
    school = School(postgres_url, clock=SystemClock())  # type: ignore[arg-type]
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, postgres_url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        os.kill(holder.pid, signal.SIGSTOP)
        began, saved = time.monotonic(), False
        while not saved and time.monotonic() - began < 60:
            try:
                saved = bool(school.register.open(report(), TEACHER, "e").ref)
            except NotSaved:
                time.sleep(0.2)
        assert saved, "a school must not stand still because one of its processes does"
        assert time.monotonic() - began < 20
    finally:
        holder.kill()
        holder.wait(10)
        school.close()
