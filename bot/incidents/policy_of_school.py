"""What school.toml decides about incidents, as values. The settings make these; everything here reads them.

Times are `timedelta`, roles are `Role`, days and hours are those of `Quiet.zone`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from bot.incidents.model import Kind, Urgency
from bot.people import Role


@dataclass(frozen=True)
class LadderStep:
    """One rung: `after` the opening, alert these roles; no roles: those who owe the acknowledgement, again.

    The first alert, at once, to those whom routing names, is not a step: it always happens.
    """

    after: timedelta
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True)
class Ladder:
    """The rungs in the order of time; after the last, everyone alerted so far again, every `repeat`, without end."""

    steps: tuple[LadderStep, ...]
    repeat: timedelta


@dataclass(frozen=True)
class Term:
    """One term or half-term: both days are school days."""

    first: date
    last: date


@dataclass(frozen=True)
class Quiet:
    """When what is not urgent waits: later rungs move on as if these hours did not exist. The first alert never waits.

    `start` to `end` is each night, local time (both None: no quiet hours). `terms` empty: every day counts as term.
    `longest`: however long the holidays, no rung waits longer than this.
    """

    start: time | None = None
    end: time | None = None
    weekends: bool = False
    bank_holidays: bool = False
    terms: tuple[Term, ...] = ()
    longest: timedelta = timedelta(days=3)
    zone: str = "Europe/London"


@dataclass(frozen=True)
class Retention:
    """How long words are kept. `keep`: those of a closed incident, per kind; the others from when they were written.

    What is not named, or None, is kept until somebody decides. `conversations`: the page's; `questions`: those passed to a
    person, from their answer on; `judgements`: what people said of answers; `answers`: which clause was quoted, without a name.
    """

    keep: Mapping[Kind, timedelta] = field(default_factory=dict)
    conversations: timedelta | None = None
    questions: timedelta | None = None
    judgements: timedelta | None = None
    answers: timedelta | None = None


URGENT_LADDER = Ladder(
    steps=(
        LadderStep(timedelta(minutes=5)),
        LadderStep(timedelta(minutes=10), (Role.DEPUTY_HEADTEACHER, Role.DESIGNATED_SAFEGUARDING_LEAD)),
        LadderStep(timedelta(minutes=20), (Role.SLT, Role.CHAIR_OF_GOVERNORS)),
    ),
    repeat=timedelta(minutes=15),
)
NORMAL_LADDER = Ladder(
    steps=(
        LadderStep(timedelta(hours=2)),
        LadderStep(timedelta(hours=4), (Role.DEPUTY_HEADTEACHER,)),
        LadderStep(timedelta(hours=24), (Role.CHAIR_OF_GOVERNORS,)),
    ),
    repeat=timedelta(hours=24),
)


@dataclass(frozen=True)
class SchoolRules:
    """All of it together. `school` is the short name under which every row is kept; it never changes once in use.

    `audit_head_to`: id of the second person who is sent the head of the audit trail every day ("" for nobody).
    `it_contact`: e-mail of whoever mends the bot, told when the outbox stops. `public_url`: the page's address, for links.
    """

    school: str = "school"
    ladders: Mapping[Urgency, Ladder] = field(default_factory=lambda: {Urgency.URGENT: URGENT_LADDER, Urgency.NORMAL: NORMAL_LADDER})
    quiet: Quiet = field(default_factory=Quiet)
    retention: Retention = field(default_factory=Retention)
    audit_head_to: str = ""
    it_contact: str = ""
    public_url: str = ""

    def ladder(self, urgency: Urgency) -> Ladder:
        """The ladder for this urgency; the built-in one where the school has set none."""
        default = URGENT_LADDER if urgency is Urgency.URGENT else NORMAL_LADDER
        return self.ladders.get(urgency, default)
