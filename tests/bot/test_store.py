"""The database by itself: events handled once, migrations taken once, transactions whole; on both databases, by many at once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from bot.errors import NotSaved
from bot.incidents import schema
from bot.incidents.jobs import Jobs
from bot.incidents.migrations import MIGRATIONS, Migration, making
from bot.incidents.outbox import Outbox
from bot.incidents.store import Store
from bot.incidents.vault import Vault
from bot.incidents.verify import verify
from tests.support.clock import TurnableClock
from tests.support.people import HEAD, TEACHER
from tests.support.school import KEY, School, report


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'usher.db'}"
    else:
        yield request.getfixturevalue("postgres_url")


@pytest.fixture
def clock() -> TurnableClock:
    return TurnableClock()


@pytest.fixture
def store(url: str, clock: TurnableClock) -> Iterator[Store]:
    made = Store.ready(url, clock=clock)
    yield made
    made.close()


def test_an_event_is_claimed_once(store: Store) -> None:
    assert [store.claim_event("e1") for _ in range(3)] == [True, False, False]
    store.finish_event("e1")
    assert not store.claim_event("e1")
    assert store.claim_event("e2")


def test_an_event_whose_handling_died_is_handled_when_it_comes_again(store: Store, clock: TurnableClock) -> None:
    assert store.claim_event("died")
    clock.turn(seconds=29)
    assert not store.claim_event("died")
    clock.turn(seconds=2)
    assert [store.claim_event("died"), store.claim_event("died")] == [True, False]


def test_an_event_whose_handling_failed_is_handled_at_once(store: Store) -> None:
    assert store.claim_event("failed")
    store.release_event("failed")
    assert store.claim_event("failed")
    store.finish_event("failed")
    store.release_event("failed")
    assert not store.claim_event("failed")


def test_many_claim_one_event_and_one_gets_it(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(store.claim_event, ["the same"] * 24)) == 1


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def half(conn: Connection) -> None:
        store.insert_new(conn, schema.beats, name="half", at=store.clock.now())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.transaction() as conn:
        half(conn)
    assert store.last_beat("half") is None


def test_a_listener_that_fails_does_not_unsay_what_was_saved(store: Store) -> None:
    store.on_commit(lambda: 1 / 0)
    store.beat("saved")
    assert store.last_beat("saved") == store.clock.now()


def test_migrations_are_taken_once_by_many_processes(url: str) -> None:
    stores = [Store(url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        taken = [name for names in pool.map(lambda store: store.migrate(), stores) for name in names]
    assert taken == [step.name for step in MIGRATIONS]
    made = set(inspect(stores[0].engine).get_table_names())
    assert {table.name for table in schema.metadata.tables.values() if table.name in made} == made
    for table in schema.metadata.tables.values():
        if table.name in made:
            assert {column["name"] for column in inspect(stores[0].engine).get_columns(table.name)} == {one.name for one in table.c}
    for one in stores:
        one.close()


def test_a_migration_that_fails_is_not_taken(store: Store) -> None:
    def fail(conn: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.migrate([Migration("9001 fine", making(schema.beats)), Migration("9002 fails", fail)])
    assert store.migrate([Migration("9001 fine", making(schema.beats))]) == ["9001 fine"]


def test_a_job_is_claimed_by_one_of_many(store: Store) -> None:
    with store.transaction() as conn:
        for number in range(40):
            Jobs(store).notify(conn, f"REF{number}", f"person{number}", "alert:0")
    outboxes = [Outbox(store.for_school(store.school)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        claimed = [job.id for jobs in pool.map(lambda outbox: outbox.claim("", 40), outboxes) for job in jobs]
    claimed += [job.id for job in outboxes[0].claim("", 40)]
    assert sorted(claimed) == sorted(set(claimed))
    assert len(claimed) == 40


def test_a_slow_worker_that_lost_its_lease_records_nothing(store: Store, clock: TurnableClock) -> None:
    with store.transaction() as conn:
        Jobs(store).notify(conn, "REF", "person", "alert:0")
    outbox = Outbox(store)
    (slow,) = outbox.claim("", 5)
    assert outbox.claim("", 5) == []
    clock.turn(seconds=61)
    (quick,) = outbox.claim("", 5)
    with store.transaction() as conn:
        assert not outbox.finish(conn, slow, "sent")
        assert not outbox.renew(conn, slow)
        assert outbox.put_off(conn, slow, 5, arrived=None) is None
        assert outbox.finish(conn, quick, "sent")
        assert not outbox.finish(conn, quick, "sent")


def test_the_same_report_from_many_threads_is_one_incident(url: str) -> None:
    school = School(url)
    with ThreadPoolExecutor(11) as pool:
        refs = set(pool.map(lambda number: school.register.open(report(), TEACHER, f"delivery-{number}").ref, range(11)))
    assert len(refs) == 1
    assert len(school.register.visible_to(HEAD)) == 1
    assert verify(school.store, Vault([KEY])).sound
    school.close()


def test_many_act_at_once_and_the_record_stays_whole(url: str) -> None:
    school = School(url)
    ref = school.register.open(report(), TEACHER, "e").ref
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: school.register.say(ref, TEACHER, f"line {number}", f"s{number}", "chat"), range(40)))
    timeline = school.register.read(ref, HEAD).timeline
    assert [entry.number for entry in timeline] == list(range(1, 43))  # opened, forty lines, and that the Headteacher has seen it
    assert len({change.entry for change in school.register.changes_since(0, HEAD).items}) == 42
    assert verify(school.store, Vault([KEY])).sound
    school.close()


def test_one_process_delivers_from_sqlite(tmp_path: Path) -> None:
    first, second = (Store.ready(f"sqlite:///{tmp_path / 'usher.db'}") for _ in range(2))
    handle = first.only_worker()
    assert handle is not None
    assert second.only_worker() is None
    os.close(handle)
    assert second.only_worker() is not None


def test_only_its_owner_reads_the_database(tmp_path: Path) -> None:
    Store.ready(f"sqlite:///{tmp_path / 'new' / 'usher.db'}").close()
    assert stat.S_IMODE((tmp_path / "new" / "usher.db").stat().st_mode) == 0o600


def test_a_database_that_cannot_be_opened_is_told_as_not_saved(tmp_path: Path) -> None:
    (tmp_path / "usher.db").mkdir()
    with pytest.raises(NotSaved):
        Store.ready(f"sqlite:///{tmp_path / 'usher.db'}")
