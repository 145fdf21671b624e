"""What people read is in the school's own time, wherever it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.text import card_text
from bot.incidents.audit import Head
from bot.incidents.model import Kind
from bot.incidents.notices import alert_card, incident_card, room_card
from bot.incidents.policy_of_school import Quiet, SchoolRules
from bot.incidents.telling import send_head
from bot.incidents.times import full, hour, local
from handlers.help import LABEL_LIMIT, label, shortened
from handlers.home import line
from knowledge.parsing import parse
from tests.support.channels import RecordingChannel
from tests.support.clock import TurnableClock
from tests.support.people import HEAD, SBM, TEACHER
from tests.support.school import School, report

POLICY = Path(__file__).parents[2] / "knowledge" / "policies" / "harwell-social-media" / "policy.txt"
MORNING = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "said"),
    [
        ("Europe/London", MORNING, "10:00 on 2 March 2026"),
        ("Europe/London", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "00:59 on 29 March 2026"),
        ("Europe/London", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "02:00 on 29 March 2026"),
        ("Atlantic/Stanley", MORNING, "07:00 on 2 March 2026"),
        ("Asia/Dhaka", datetime(2026, 3, 2, 20, 0, tzinfo=UTC), "02:00 on 3 March 2026"),
    ],
)
def test_a_moment_is_shown_in_the_zone_that_it_carries(zone: str, at: datetime, said: str) -> None:
    assert full(local(at, zone)) == said
    assert local(at, zone) == at
    assert hour(at, at, zone) == said[:5]


def test_a_moment_without_a_zone_of_its_own_is_shown_in_englands() -> None:
    assert full(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "13:00 on 1 July 2026"


async def test_every_card_of_a_school_elsewhere_is_in_its_time(tmp_path: Path) -> None:
    rules = SchoolRules(quiet=Quiet(zone="Asia/Dhaka"), audit_head_to=SBM.id)
    school = School(f"sqlite:///{tmp_path / 'usher.db'}", clock=TurnableClock(MORNING), rules=rules)
    register = school.register
    ref = register.open(report(Kind.STAFF_ABUSE), TEACHER, school.event()).ref
    register.acknowledge(ref, HEAD, school.event())
    incident = register.tick(ref, HEAD, "date", school.event())
    for card in (incident_card(incident, HEAD), alert_card(incident, HEAD), room_card(incident)):
        said = card_text(card)
        assert "16:00 on 2 March 2026" in said
        assert "10:00" not in said
    (row,) = register.visible_to(HEAD)
    assert "opened 16:00 on 2 March 2026" in line(row)
    assert "16:00" in register.delivery_state(ref, TEACHER)
    mail = RecordingChannel("mail")
    assert isinstance(await send_head(register, mail), Head)
    assert "16:00 on 2 March 2026" in card_text(mail.to(SBM)[0].card)
    school.close()


def test_a_sections_title_is_cut_after_a_word_or_not_at_all() -> None:
    assert shortened("Use of images", 70) == "Use of images"
    long = "Senior Leadership responsibility in relation to Online Bullying and Harassment"
    assert shortened(long, 60) == "Senior Leadership responsibility in relation to Online…"
    assert shortened(long, len(long)) == long
    policy = parse(POLICY.read_text(encoding="utf-8"))
    labels = [label(section) for section in policy.sections if section.clauses]
    assert max(len(one) for one in labels) <= LABEL_LIMIT + 1
    assert "Senior Leadership responsibility in relation to Online… (67–71)" in labels
