"""An incident's room as the page shows it: drawn from the register each time, never a copy. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.cards import Button
from bot.cited import cited, clauses
from bot.incidents.gate import Action, may
from bot.incidents.model import Entry, Incident, Kind, Member, Owed, State, who_in_words
from bot.incidents.notices import (
    CLAUSE_71_FIRST,
    NO_FILES,
    NOT_ENGAGE,
    POLICE_HOLD,
    WORDS,
    acknowledgement_lines,
    incident_card,
    tone,
)
from bot.incidents.times import full
from bot.people import Person

SPEECH = {"said": "said", "note": "note"}
BESIDE = frozenset(
    {"acknowledged", "ticked", "invited", "handed_over", "handed_on", "escalated", "delivered", "undelivered", "intruder", "subject_named"}
)
SILENT = frozenset({"seen"})
DRAWN_ELSEWHERE = frozenset({"incident.say", "incident.open", "incident.tick"})
GROUPS = {"safety": "Safety first", "path": "Next steps", "evidence": "Evidence (clauses 61 and 70)", "support": "Support"}
TONES = {State.ACKNOWLEDGED: "yes", State.IN_HAND: "yes", State.WITH_POLICE: "report", State.CLOSED: "not_covered"}
PARTS = {"reporter": "Reported it", "invited": "Brought in to help"}
CHANNELS = {"slack": "from Slack", "teams": "from Teams", "mail": "by e-mail", "console": "from the terminal"}


@dataclass(frozen=True)
class EntryView:
    """One entry of the timeline: `kind` is "said", "note" or "event"; `words` say what happened, `text` quotes somebody."""

    number: int
    at: datetime
    kind: str
    name: str
    mine: bool
    words: str
    text: str
    where: str


@dataclass(frozen=True)
class OwedView:
    """Something owed: `state` is "done", "todo" or "held"; `button` ticks it, where this person may."""

    text: str
    state: str
    detail: str
    button: Button | None


@dataclass(frozen=True)
class RoomView:
    """The whole room."""

    ref: str
    kind: str
    tone: str
    badge: str
    standing: tuple[str, ...]
    first: tuple[Button, ...]
    rest: tuple[Button, ...]
    warning: str
    what: str
    facts: tuple[tuple[str, str], ...]
    owed: tuple[tuple[str, tuple[OwedView, ...]], ...]
    members: tuple[tuple[str, str], ...]
    people: str
    entries: tuple[EntryView, ...]
    may_say: bool

    @property
    def talked(self) -> bool:
        """Whether anybody has written here yet."""
        return any(entry.kind != "event" for entry in self.entries)

    @property
    def last(self) -> int:
        """The number of the newest entry."""
        return self.entries[-1].number if self.entries else 0


def room_view(incident: Incident, person: Person, told: str = "") -> RoomView:
    """Draw an incident that this person may read. `told`: how it stands, for its reporter.

    What can be pressed is what `incident_card` offers, so that the page and the chat products never differ in it.
    """
    buttons = incident_card(incident, person).buttons
    ticks = {button.value.partition("|")[2]: button for button in buttons if button.action == "incident.tick"}
    here = tuple(button for button in buttons if button.action not in DRAWN_ELSEWHERE)
    active = tuple(sorted((member for member in incident.members if member.left_at is None), key=lambda one: (one.via in PARTS, one.name)))
    return RoomView(
        ref=incident.ref,
        kind=incident.kind.label,
        tone=TONES.get(incident.state, "info") if not incident.unacknowledged else tone(incident, waiting=True),
        badge=incident.state.label if not incident.unacknowledged else "Not yet acknowledged",
        standing=(told,) if told else acknowledgement_lines(incident, reasons=True),
        first=tuple(button for button in here if button.style == "primary"),
        rest=tuple(button for button in here if button.style != "primary"),
        warning=warning(incident),
        what=incident.report.what or "The words of this report have been removed.",
        facts=facts(incident),
        owed=owed_groups(incident, ticks),
        members=tuple((member.name, part(member)) for member in active),
        people=people_line(active, person),
        entries=tuple(entry_view(entry, person) for entry in incident.timeline),
        may_say=may(person, Action.SAY, incident) and incident.state is not State.CLOSED,
    )


def warning(incident: Incident) -> str:
    """What stands before anything that is owed: clause 71 first, wherever it could bear on the evidence."""
    if incident.kind is Kind.INDECENT_IMAGES:
        return cited(NO_FILES)
    return cited(f"{CLAUSE_71_FIRST} {NOT_ENGAGE}" if incident.owes_evidence else NOT_ENGAGE)


def facts(incident: Incident) -> tuple[tuple[str, str], ...]:
    """What is known beyond the story, in words; what was not said is left out."""
    report = incident.report
    told = (
        ("Reported by", incident.reporter_name),
        ("Opened", full(incident.opened_at)),
        ("Affected", who_in_words(report.affected)),
        ("Done by", who_in_words(report.done_by)),
        ("About", ", ".join(incident.about)),
        ("Where", report.platform),
        ("Address", report.address),
        ("Noticed", report.noticed),
        ("In danger now", yes_no(report.danger)),
        ("Police told", yes_no(report.police_told)),
        ("Police hold", cited(POLICE_HOLD).partition(": ")[2].capitalize() if incident.police_hold else ""),
        ("Outcome", incident.outcome),
    )
    return tuple(one for one in told if one[1])


def yes_no(value: bool | None) -> str:  # noqa: FBT001 a value, not a switch
    """A yes, a no, or nothing where it was not said."""
    return "" if value is None else "Yes" if value else "No"


def owed_groups(incident: Incident, ticks: dict[str, Button]) -> tuple[tuple[str, tuple[OwedView, ...]], ...]:
    """What is owed, under its headings."""
    found = ((cited(title), tuple(owed_view(one, ticks) for one in incident.owed if one.group == group)) for group, title in GROUPS.items())
    return tuple((title, items) for title, items in found if items)


def owed_view(owed: Owed, ticks: dict[str, Button]) -> OwedView:
    """One thing that is owed."""
    clause = clauses([owed.clause]).capitalize()
    if owed.done_at:
        return OwedView(owed.text, "done", f"Done by {owed.done_by}, {full(owed.done_at)}", None)
    if owed.held:
        return OwedView(owed.text, "held", f"Waits for the police. {clause}", None)
    press = ticks.get(owed.item)
    return OwedView(owed.text, "todo", clause, press)


def part(member: Member) -> str:
    """What somebody is in this incident."""
    return PARTS.get(member.via) or (member.role.label if member.role else "Handles it")


def people_line(active: tuple[Member, ...], person: Person) -> str:
    """Who reads what is written here."""
    names = [member.name for member in active if member.person != person.id]
    if not names:
        return "Only you are in this room so far"
    listed = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    return f"Read by {listed}, and you"


def entry_view(entry: Entry, person: Person) -> EntryView:
    """One entry, in words."""
    kind = SPEECH.get(entry.what, "event")
    name = entry.name or "Usher"
    doing = WORDS.get(entry.what, entry.what.replace("_", " "))
    words = f"{'You' if entry.by == person.id else name} {doing}" if entry.name else doing
    text = "" if entry.what in SILENT else entry.text
    if kind == "event" and text and entry.what in BESIDE:
        words, text = f"{words}: {text}", ""
    return EntryView(entry.number, entry.at, kind, name, entry.by == person.id, words, text, CHANNELS.get(entry.channel, ""))
