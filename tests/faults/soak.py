"""`make soak`: the long runs, and the figures of docs/reliability.md, from one command.

python -m tests.faults.soak            every long run, with its figures as a table at the end
python -m tests.faults.soak --quick    the same runs, small
python -m tests.faults.soak kill load  only these
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.faults import load
from tests.faults.killing import Outcome, kill_often
from tests.faults.outage import frozen_for, gone_for
from tests.faults.tampering import tamper
from tests.support import postgres
from tests.support.school import School

Row = tuple[str, str, bool]


class Soak:
    """The runs. Each yields rows: what was done, what came of it, and whether that is as it must be."""

    def __init__(self, folder: Path, server: str | None, *, quick: bool) -> None:
        self._folder, self._server, self._quick, self._count = folder, server, quick, 0

    def size(self, full: int, small: int) -> int:
        return small if self._quick else full

    def sqlite(self) -> str:
        self._count += 1
        return f"sqlite:///{self._folder / f'{self._count}.db'}"

    def kill(self) -> Iterator[Row]:
        """One process on SQLite, killed again and again; and a channel that cannot be asked what has arrived."""
        kills, incidents = self.size(1000, 20), self.size(2000, 60)
        one = kill_often(self.sqlite(), incidents=incidents, kills=kills)
        yield f"SQLite, {one.incidents} incidents, {one.kills} kills", outcome(one), not (one.lost or one.doubled or one.problem)
        blind = kill_often(self.sqlite(), incidents=self.size(400, 30), kills=self.size(200, 10), can_find=False)
        said = f"lost {blind.lost}, came twice {blind.doubled}, of which not marked {blind.unmarked}"
        yield f"SQLite, the channel cannot be asked, {blind.kills} kills", said, not (blind.lost or blind.unmarked or blind.problem)

    def killpg(self) -> Iterator[Row]:
        """Two processes on PostgreSQL, in pieces; and one of two that never comes back."""
        if self._server is None:
            yield "PostgreSQL", "not installed here: NOT TESTED", True
            return
        kills, incidents = self.size(250, 10), self.size(500, 30)
        for piece in range(1, self.size(4, 1) + 1):
            with postgres.fresh_database(self._server) as url:
                two = kill_often(url, incidents=incidents, kills=kills, bots=2)
                what = f"PostgreSQL, two processes, {two.incidents} incidents, {two.kills} kills, piece {piece}"
                yield what, outcome(two), not (two.lost or two.doubled or two.problem)
        with postgres.fresh_database(self._server) as url:
            gone = kill_often(url, incidents=self.size(400, 40), kills=self.size(50, 5), bots=2, aimed=False, never_back=True)
            what = f"PostgreSQL, one of two never comes back, {gone.incidents} incidents, {gone.kills} kills"
            yield what, outcome(gone), not (gone.lost or gone.doubled or gone.problem)

    def load(self) -> Iterator[Row]:
        one = asyncio.run(load.flood(School(self.sqlite()), self.size(1000, 50)))
        said = f"lost {one.lost}, doubled {one.doubled}, refused with 429 {one.refused}, last alert after {one.minutes:.0f} minutes"
        yield f"{one.reports} reports at once, one message a second", said, not (one.lost or one.doubled)
        for name, url in self._both():
            took = asyncio.run(load.latency(School(url), self.size(200, 30)))
            said = f"p50 {took.p50 * 1000:.0f} ms, p99 {took.p99 * 1000:.0f} ms, worst {took.worst * 1000:.0f} ms"
            yield f"{name}: from report to the alert's acceptance, {took.reports} reports", said, took.p99 < 2.0

    def year(self) -> Iterator[Row]:
        one = load.year(self.sqlite(), self.size(1000, 20), restarts=self.size(200, 10))
        said = f"{one.rungs} rungs, the latest {one.late:.1f} s late, ended without an acknowledgement {one.ended}, restarts {one.restarts}"
        yield f"A year of ladders, {one.incidents} incidents", said, one.late < 15 and one.early <= 0 and not one.ended

    def names(self) -> Iterator[Row]:
        one = asyncio.run(load.names(School(self.sqlite()), self.size(10000, 100)))
        said = f"{len(one.found)} found in {one.looked_at} texts and {one.logged} lines of the log"
        yield f"Names in {one.incidents} incidents", said, not one.found and one.logged > 0

    def tampering(self) -> Iterator[Row]:
        one = tamper(School(self.sqlite()), self.size(10000, 300), seed=int(time.time()))
        yield f"{one.made} changes to the record", f"{len(one.missed)} not found", not one.missed

    def outage(self) -> Iterator[Row]:
        if not postgres.binaries():
            yield "PostgreSQL stopped", "not installed here: NOT TESTED", True
            return
        one = asyncio.run(gone_for(self.size(75, 3)))
        said = f"{one.refused} reports told as not saved within {one.slowest:.1f} s, lost {one.lost}, alerts again after {one.back:.1f} s"
        yield (
            f"PostgreSQL stopped for {one.seconds:.0f} s",
            said,
            not (one.lost or one.unseen or one.problem) and one.telephone and one.refused > 0,
        )

    def frozen(self) -> Iterator[Row]:
        if not postgres.binaries():
            yield "PostgreSQL frozen", "not installed here: NOT TESTED", True
            return
        one = frozen_for(self.size(75, 8))
        said = (
            f"{one.refused} reports told with a telephone number, the first after {one.first:.1f} s, none after more than "
            f"{one.slowest:.1f} s; saved again {one.back:.1f} s after it goes on, as one incident"
        )
        sound = one.telephone and one.slowest < 10 and one.back < 10 and one.kept == 1
        yield f"PostgreSQL frozen for {self.size(75, 8)} s", said, sound

    def _both(self) -> Iterator[tuple[str, str]]:
        yield "SQLite", self.sqlite()
        if self._server is not None:
            with postgres.fresh_database(self._server) as url:
                yield "PostgreSQL", url


def outcome(one: Outcome) -> str:
    """What came of a run with kills."""
    return f"lost {one.lost}, doubled {one.doubled}, record {one.problem or 'sound'}, in {one.seconds:.0f} s"


def main() -> int:
    """Run what was asked for; 0 where all of it is as it must be."""
    logging.disable(logging.CRITICAL)  # what fails on purpose need not be told
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers and folders are cleared away
    parser = argparse.ArgumentParser(description="The long runs of the fault tests.")
    parser.add_argument("runs", nargs="*", help="kill, killpg, load, year, names, tampering, outage, frozen; all where none is named")
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that everything runs")
    asked = parser.parse_args()
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="usher-soak-")))
        server = stack.enter_context(postgres.any_server_url()) if postgres.available() else None
        soak = Soak(folder, server, quick=asked.quick)
        runs: dict[str, Callable[[], Iterator[Row]]] = {
            "kill": soak.kill, "killpg": soak.killpg, "load": soak.load, "year": soak.year, "names": soak.names,
            "tampering": soak.tampering, "outage": soak.outage, "frozen": soak.frozen,
        }  # fmt: skip
        for name in asked.runs or runs:
            for row in runs[name]():
                rows.append(row)
                print(f"{'as it must be' if row[2] else 'FAILED'}: {row[0]}: {row[1]}", flush=True)
    print("\n| run | outcome |\n|---|---|")
    for what, came, _ in rows:
        print(f"| {what} | {came} |")
    return 0 if all(sound for _, _, sound in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
