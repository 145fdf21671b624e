"""The tables. Every row belongs to a school, and `school` is the first part of every key.

Names and what people wrote stand in `sealed` columns only. `person` columns hold a random key of the table persons.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, TypeDecorator
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """A moment as whole microseconds since 1970 in UTC: the same on every database, and exact."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Into the database."""
        del dialect
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Out of the database."""
        del dialect
        return None if value is None else EPOCH + value * MICROSECOND


metadata = MetaData()


def _key(name: str) -> Column[str]:
    return Column(name, String, primary_key=True)


def _text(name: str, default: str = "") -> Column[str]:
    return Column(name, String, nullable=False, default=default)


def _number(name: str, default: int = 0) -> Column[int]:
    return Column(name, BigInteger, nullable=False, default=default)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=False)


def _sealed(name: str = "sealed", *, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def _later(name: str) -> Column[str]:
    """A column that was thought of after the table had been made somewhere."""
    return Column(name, String, nullable=False, default="", server_default="")


def _at(name: str, *, nullable: bool = True) -> Column[datetime]:
    return Column(name, Moment, nullable=nullable)


persons = Table("persons", metadata, _key("school"), _key("key"), _text("found_by"), _sealed())
Index("persons_found_by", persons.c.school, persons.c.found_by, unique=True)

incidents = Table(
    "incidents", metadata, _key("school"), _key("ref"), _text("kind"), _text("state"), _text("urgency"), _text("reporter"),
    _at("opened_at", nullable=False), _text("fingerprint"), _at("reported_at"), _text("barred"), _sealed(nullable=True),
    _sealed("outcome", nullable=True), _flag("legal_hold"), _at("closed_at"), _at("purged_at"),
    _at("police_hold_at"), _at("hold_ended_at"),
)  # fmt: skip
Index("incidents_fingerprint", incidents.c.school, incidents.c.fingerprint)
Index("incidents_reporter", incidents.c.school, incidents.c.reporter)

subjects = Table("subjects", metadata, _key("school"), _key("ref"), _key("person"))

members = Table(
    "members", metadata, _key("school"), _key("ref"), _key("person"), _text("via"), _text("role"), _flag("in_room"),
    _at("joined_at"), _at("left_at"), _number("read_to"),
)  # fmt: skip
Index("members_person", members.c.school, members.c.person)

acknowledgements = Table(
    "acknowledgements", metadata, _key("school"), _key("ref"), _key("role"), _text("why"), _number("place"), _text("person"),
    _at("at"), _text("seen_by"), _at("seen_at"), _at("delivered_at"), _number("step"), _at("next_at"),
)  # fmt: skip
Index("acknowledgements_next", acknowledgements.c.school, acknowledgements.c.next_at)

alerted = Table("alerted", metadata, _key("school"), _key("ref"), _key("role"), _key("person"), _at("at"))

entries = Table(
    "entries", metadata, _key("school"), _key("ref"), Column("number", Integer, primary_key=True, autoincrement=False),
    _at("at", nullable=False), _text("person"), _text("what"), _flag("hidden"), _text("channel"), _sealed(nullable=True),
    _number("audit"),
)  # fmt: skip

ticks = Table("ticks", metadata, _key("school"), _key("ref"), _key("item"), _text("person"), _at("at", nullable=False))

rooms = Table(
    "rooms", metadata, _key("school"), _key("ref"), _key("channel"), _sealed(nullable=True), _number("posted"), _text("card"),
    _text("people"), _flag("closed"), _later("found_by"),
)  # fmt: skip

sent = Table(
    "sent", metadata, _key("school"), _key("ref"), _key("person"), _key("channel"), _key("purpose"), _sealed(), _text("card"),
)  # fmt: skip

jobs = Table(
    "jobs", metadata, _key("school"), _key("id"), _text("kind"), _text("ref"), _text("person"), _text("channel"), _text("purpose"),
    _number("priority"), _at("made_at", nullable=False), _number("wanted"), _at("due_at", nullable=False),
    _at("lease_until"), _number("fence"), _number("attempts"), _flag("unsure"), _at("done_at"), _text("ended"),
)  # fmt: skip
Index("jobs_due", jobs.c.school, jobs.c.done_at, jobs.c.due_at)
Index("jobs_ref", jobs.c.school, jobs.c.ref)

feed = Table(
    "feed", metadata, _key("school"), _key("person"), Column("n", Integer, primary_key=True, autoincrement=False), _text("ref"),
    _text("what"), _number("entry"),
)  # fmt: skip

audit = Table(
    "audit", metadata, _key("school"), Column("seq", BigInteger, primary_key=True, autoincrement=False), _at("at", nullable=False),
    _text("actor"), _text("action"), _text("ref"), _text("detail"), _text("digest"), _text("hash"), _later("state"), _later("jobs"),
)  # fmt: skip
audit_by_ref = Index("audit_by_ref", audit.c.school, audit.c.ref, audit.c.seq)

audit_head = Table("audit_head", metadata, _key("school"), _number("seq"), _text("hash"), _text("key_id"), _text("signature"))

applied = Table("applied", metadata, _key("school"), _key("event"), _text("ref"), _at("at", nullable=False))

seen_events = Table("seen_events", metadata, _key("school"), _key("event"), _at("claimed_at", nullable=False), _flag("done"))

enquiries = Table(
    "enquiries", metadata, _key("school"), _key("id"), _text("asker"), _text("to_role"), _text("to_person"),
    _at("asked_at", nullable=False), _sealed("question", nullable=True), _sealed("answer", nullable=True),
    _text("answered_by"), _at("answered_at"), _sealed("salts", nullable=True),
)  # fmt: skip

inbox = Table(
    "inbox", metadata, _key("school"), _key("id"), _text("channel"), _at("at", nullable=False), _number("tries"),
    _at("lease_until", nullable=False), _sealed(),
)  # fmt: skip

beats = Table("beats", metadata, _key("school"), _key("name"), _at("at", nullable=False))

migrations = Table("migrations", metadata, Column("name", String, primary_key=True), _at("at", nullable=False))
