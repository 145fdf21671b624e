"""Whom an incident is about, for a channel that must not show it to them. Nobody sees this."""

from __future__ import annotations

from bot.incidents.opening import as_reference
from bot.incidents.register import Register
from bot.people import Person

SOMEBODY = Person("", "A member of staff")  # nobody has said which


def about_whom(register: Register, ref: str) -> tuple[Person, ...]:
    """Everybody whom it is about; SOMEBODY where a member of staff did it and nobody has said which. Not recorded as reading."""
    records = register.records
    with register.store.reading() as conn:
        facts = records.facts(conn, as_reference(ref))
        if facts is None:
            return ()
        named = tuple(records.directory.current(facts.people[facts.keys[one]]) for one in facts.subjects if one in facts.keys)
        return (SOMEBODY,) if not named and "staff" in records.report(facts).done_by else named
