"""A disk that is full, a database that is read-only or gone: the person is told, nothing is half-written, it comes back by itself."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.errors import NotSaved
from bot.incidents.verify import verify
from tests.faults.outage import gone_for
from tests.support import postgres
from tests.support.people import CHAIR, HEAD, TEACHER
from tests.support.school import School, report


def set_on_each_connection(school: School, pragma: str) -> None:
    """As if the disk had changed under every connection."""

    def checkout(connection: Any, record: Any, proxy: Any) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(school.store.engine, "checkout", checkout)


def mend(school: School, pragma: str) -> None:
    set_on_each_connection(school, pragma)


@pytest.mark.parametrize(("broken", "mended"), [("max_page_count=1", "max_page_count=1073741823"), ("query_only=ON", "query_only=OFF")])
def test_a_full_or_read_only_disk(tmp_path: Path, broken: str, mended: str) -> None:
    school = School(f"sqlite:///{tmp_path / 'usher.db'}")
    before = school.register.open(report(), TEACHER, school.event()).ref
    set_on_each_connection(school, broken)
    refused = 0
    for number in range(40):
        with suppress(NotSaved):
            school.register.open(report(what=f"{number} " + "long words " * 400), TEACHER, school.event())
            continue
        refused += 1
    assert refused
    with pytest.raises(NotSaved) as told:
        school.register.open(report(what="x" * 20000), TEACHER, school.event())
    assert HEAD.telephone in str(told.value)
    with pytest.raises(NotSaved) as about_the_head:
        school.register.open(report(what="x" * 20000, done_by=("headteacher",)), TEACHER, school.event())
    assert CHAIR.telephone in str(about_the_head.value)
    assert HEAD.telephone not in str(about_the_head.value)
    mend(school, mended)
    assert verify(school.store, school.vault).sound, "nothing may be half-written"
    assert before in [row.ref for row in school.register.visible_to(HEAD)]
    assert len(school.register.visible_to(HEAD)) == 1 + 40 - refused
    school.register.open(report(what="And it works again."), TEACHER, school.event())


@pytest.mark.postgres
@pytest.mark.slow
async def test_a_database_that_is_gone_for_a_while() -> None:
    """For seconds here; `make soak` has it gone for longer than a minute."""
    if not postgres.binaries():
        pytest.skip(postgres.MISSING)
    outcome = await gone_for(3)
    assert outcome.refused > 0
    assert outcome.telephone
    assert (outcome.lost, outcome.unseen, outcome.problem) == (0, False, "")
    assert outcome.slowest < 15
    assert outcome.back < 30
