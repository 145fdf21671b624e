"""Somebody reports what has happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.cards import Block, Button, Card, Field, Form, Option, Steps, Text, Tone
from bot.cited import cited
from bot.dispatch import Dispatcher
from bot.events import Press, Submission
from bot.incidents.bounded import in_time
from bot.incidents.model import Incident, Kind, Report
from bot.incidents.notices import saved_card
from bot.incidents.routing import facts_for
from bot.people import Person, Role
from bot.ports import Reply
from handlers import wording
from handlers.answers import outside
from handlers.concern_cards import help_blocks
from handlers.services import Services
from handlers.whom_it_is_about import whom_of
from handlers.whom_to_tell import facts_about

SHORT = 300
UNDERSTOOD_WITHIN = 20.0  # seconds; the store is not asked


class Reporting:
    """Opens the form, and the incident once the form is sent. Never by itself: a person presses."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def attach(self, dispatch: Dispatcher) -> None:
        """Take the buttons that begin a report, and the form."""
        dispatch.on_press("report.open", self.open_form, opens_form=True)
        dispatch.on_press("report.danger", self.danger)
        dispatch.on_submission("report", self.submit)

    async def open_form(self, press: Press, reply: Reply) -> None:
        """Open the form with what is known filled in."""
        await reply.open_form(self.form(press.value, press.sender))

    async def danger(self, press: Press, reply: Reply) -> None:
        """Say 999 before anything else; the form comes after."""
        known = {**read(press.value), "danger": "yes"}
        button = Button(wording.REPORT_NOW, "report.open", json.dumps(known, ensure_ascii=False), "primary")
        await reply.say(
            Card(wording.IN_DANGER[0], (Steps("", wording.IN_DANGER, "ordered"),), (button,), Tone.URGENT, "Urgent", wording.ANSWERED)
        )

    def form(self, value: str, sender: Person) -> Form:
        """The report form. Every field but "what happened" may stay empty."""
        known = read(value)
        kind = known.get("kind", "")
        blocks: tuple[Block, ...] = (
            Text(wording.DANGER_FIRST, strong=True),
            Text(cited(wording.NO_PICTURES), strong=kind == Kind.INDECENT_IMAGES),
        )
        meant = [person.id for role in known.get("subjects", ()) for person in self._services.people.meant_by(Role(role), sender)]
        subjects = tuple(dict.fromkeys(meant))
        holder = ("headteacher",) if Role.HEADTEACHER in known.get("subjects", ()) else ("staff",) if subjects else ()
        done_by = holder or offered(known, "done_by", wording.DONE_BY_OPTIONS)
        fields = (
            Field(
                "what",
                "What happened?",
                "long_text",
                required=True,
                hint=wording.WHAT_CUT if known.get("cut") else wording.WHAT_HINT,
                initial=known.get("what", ""),
                max_length=3000,
            ),
            Field("kind", "What is it about?", "choice", wording.KIND_OPTIONS, initial=kind),
            Field("danger", "Is anyone in danger now?", "choice", wording.YES_NO, initial=known.get("danger", "")),
            Field(
                "affected",
                "Who is affected?",
                "choices",
                wording.AFFECTED_OPTIONS,
                initial=offered(known, "affected", wording.AFFECTED_OPTIONS),
            ),
            Field("done_by", "Who did it?", "choices", wording.DONE_BY_OPTIONS, initial=done_by),
            Field(
                "subjects", "Is it about one of these people?", "choices", self._colleagues(), hint=wording.SUBJECT_HINT, initial=subjects
            ),
            Field("platform", "Where? (app or site)", "text", initial=str(known.get("platform", "")), max_length=SHORT),
            Field(
                "address",
                "Its address, if you have it",
                "text",
                hint=wording.ADDRESS_HINT,
                initial=str(known.get("address", "")),
                max_length=2000,
            ),
            Field(
                "noticed",
                "When was it noticed?",
                "text",
                hint='In your own words, such as "today at about ten"',
                initial=str(known.get("noticed", "")),
                max_length=SHORT,
            ),
            Field("police", "Have the police been told?", "choice", wording.YES_NO),
        )
        ticked = json.dumps([str(role) for role in known.get("subjects", ())])
        return Form("report", "Report something", fields, "Send the report", ticked, blocks)

    async def submit(self, sent: Submission, reply: Reply) -> None:
        """Check, store, and only then say that it is stored and whom it goes to."""
        values = sent.values
        if not str(values.get("what", "")).strip():
            await reply.field_errors({"what": "Please say in a few words what happened."})
            return
        report = await in_time(self._report, values, offered_roles(sent.context), sent.sender, within=UNDERSTOOD_WITHIN)
        register = self._services.register
        incident = await in_time(register.open, report, sent.sender, sent.event_id, late=register.opening.not_known(report))
        await reply.say(self._saved(incident, report, sent.sender))

    def _report(self, values: Mapping[str, Any], offered: frozenset[str], sender: Person) -> Report:
        """The form's values as a Report; the gravest of what was chosen and what the words themselves disclose.

        A role-holder whom the words are about is kept out of it even where nobody ticked them: that can be put right later, a leak
        cannot. Those whom the form had ticked already (`offered`) are the person's own decision.
        """
        what = str(values["what"]).strip()
        adviser = self._services.knowledge.adviser
        heard = adviser.ask(what).disclosure
        kinds = [Kind(one) for one in (values.get("kind"), heard.kind if heard else None) if one]
        subjects = {one for one in many(values, "subjects") if self._services.people.get(one)}
        roles = [Role(role) for role in adviser.about(what) if role not in offered]
        done_by = list(many(values, "done_by"))
        if "headteacher" in done_by or Role.HEADTEACHER in roles:
            roles.append(Role.HEADTEACHER)
            done_by = [*done_by, *({"headteacher"} - set(done_by))]
        subjects |= {person.id for role in roles for person in self._services.people.meant_by(role, sender)}
        if subjects and not done_by:
            done_by = ["staff"]  # a colleague was chosen, and no more was said of who did it
        return Report(
            kind=max(kinds, key=lambda kind: kind.gravity, default=Kind.MISUSE),
            what=what,
            affected=many(values, "affected"),
            done_by=tuple(done_by),
            subjects=tuple(sorted(subjects)),
            platform=str(values.get("platform", "")).strip(),
            address=str(values.get("address", "")).strip(),
            noticed=str(values.get("noticed", "")).strip(),
            danger=yes_or_no(values.get("danger")),
            police_told=yes_or_no(values.get("police")),
        )

    def _saved(self, incident: Incident, report: Report, sender: Person) -> Card:
        """What the reporter sees after the commit: 999 first where somebody is in danger, clause 71 first where it may apply."""
        knowledge = self._services.knowledge
        subjects = [person for name in incident.report.subjects if (person := self._services.people.get(name))]
        roles = [role for person in subjects for role in person.roles]
        blocks: list[Block] = []
        if report.danger:
            blocks.append(Steps("First", wording.IN_DANGER[:2], "ordered"))
        if report.kind is Kind.INDECENT_IMAGES:
            own = whom_of(knowledge.adviser, "", self._services.people, sender)
            blocks += help_blocks(knowledge, report.kind, knowledge.adviser.help_for(report.kind, roles), roles, whom=own)
        if subjects:
            blocks.append(Text(wording.KEPT_FROM.format(names=" and ".join(person.name for person in subjects))))
            blocks += facts_about(outside(knowledge, facts_for(report.kind, roles)), roles)
        return saved_card(incident, tuple(blocks))

    def _colleagues(self) -> tuple[Option, ...]:
        """Everybody whom the school names: those with a role first, then the others, each in the order of school.toml."""
        people = sorted(self._services.people, key=lambda person: not person.roles)
        return tuple(Option(person.id, f"{person.name}, {person.job}" if person.job else person.name) for person in people)


def offered_roles(context: str) -> frozenset[str]:
    """The roles that the form had ticked when it was opened."""
    try:
        found = json.loads(context)
    except ValueError:
        return frozenset()
    return frozenset(str(role) for role in found) if isinstance(found, list) else frozenset()


def read(value: str) -> dict[str, Any]:
    """What a button carries: an object of known fields; anything else reads as nothing known."""
    try:
        known = json.loads(value) if value else {}
    except ValueError:
        return {}
    if not isinstance(known, dict):
        return {}
    kind = known.get("kind")
    named = known.get("subjects")
    subjects = [role for role in named if role in list(Role)] if isinstance(named, list) else []
    return {**known, "kind": kind if kind in list(Kind) else "", "subjects": subjects, "what": str(known.get("what", ""))}


def offered(known: Mapping[str, Any], name: str, options: tuple[Option, ...]) -> tuple[str, ...]:
    """What a button carries for a field with choices: those values alone that the field has."""
    found = known.get(name)
    return tuple(one.value for one in options if one.value in found) if isinstance(found, list) else ()


def many(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The chosen values of a field, whether the channel sends one text or several."""
    found = values.get(name) or ()
    return (found,) if isinstance(found, str) else tuple(str(one) for one in found)


def yes_or_no(value: object) -> bool | None:
    """Read "yes" and "no"; None for a field that was left empty."""
    return {"yes": True, "no": False}.get(str(value))
