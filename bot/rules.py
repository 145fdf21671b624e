"""What school.toml decides, as the incidents' own values."""

from __future__ import annotations

from datetime import timedelta

from bot.incidents.model import Kind, Urgency
from bot.incidents.policy_of_school import Ladder, LadderStep, Quiet, Retention, SchoolRules, Term
from bot.people import Role
from bot.school import LadderTable, SchoolFile

ROUTED = "routed"


def rules_of(file: SchoolFile, public_url: str, school: str = "school") -> SchoolRules:
    """Map the file to the rules of incidents. `school` is the key under which this school's rows are kept."""
    quiet = file.quiet
    it_contact = file.everyone().get(file.school.it_contact)
    return SchoolRules(
        school=school,
        ladders={Urgency.URGENT: ladder(file.escalation.urgent), Urgency.NORMAL: ladder(file.escalation.normal)},
        quiet=Quiet(
            start=quiet.start,
            end=quiet.end,
            weekends=quiet.weekends,
            bank_holidays=quiet.bank_holidays,
            terms=tuple(Term(term.first, term.last) for term in quiet.terms),
            zone=file.school.timezone,
        ),
        retention=Retention(
            {kind: getattr(file.retention, kind.value) for kind in Kind},
            conversations=file.retention.conversations,
            questions=file.retention.questions,
            judgements=file.retention.judgements,
            answers=file.retention.answers,
        ),
        audit_head_to=file.school.audit_copy_to,
        it_contact=it_contact.addresses.get("mail", "") if it_contact else "",
        public_url=public_url,
    )


def ladder(table: LadderTable) -> Ladder:
    """A ladder. The first alert, at once, to those routed, always happens, so a step at "0s" adds nothing of its own."""
    steps = tuple(
        LadderStep(step.after, tuple(Role(name) for name in step.alert if name != ROUTED))
        for step in table.steps
        if step.after > timedelta(0)
    )
    return Ladder(steps, table.repeat)
