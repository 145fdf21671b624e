"""What is said about incidents, as cards. What leaves the private room tells the reference, the kind and the urgency: never the story.

Buttons carry the reference (and, for `incident.tick`, "reference|item"). Which buttons a person gets is the gate's decision.
"""

from __future__ import annotations

from dataclasses import replace

from bot.cards import Block, Button, Card, Facts, Fold, Steps, Text, Tone
from bot.cited import cited
from bot.incidents.acknowledged import line
from bot.incidents.enquiries import Enquiry
from bot.incidents.gate import Action, permitted
from bot.incidents.model import Entry, Incident, Kind, Owed, Urgency, who_in_words
from bot.incidents.times import full
from bot.people import Person

ENGAGING = frozenset({Kind.MISUSE, Kind.STAFF_ABUSE, Kind.THREAT})  # clause 60 speaks of cyberbullying
NOT_ENGAGE = "Do not reply to it or engage with it yourself (clause 60)."
REPEAT = "If you have had this message before, it is the same one: the bot could not be sure that it arrived."
NO_FILES = "Do not save, send, alter or show any image, and do not post any file here (clause 71)."
POLICE_HOLD = "Police hold: until the police have finished, the school starts no inquiry of its own (clause 66); nothing here is removed."
CLAUSE_71_FIRST = "If any of it shows an indecent image of a child, do not save, send or copy it: that comes first (clause 71)."
ASKED = frozenset({"route", "ladder", "handed_over"})
ACKNOWLEDGING = frozenset({"acknowledge", "in_hand", "police"})
WORDS = {
    "opened": "reported this", "repeated": "sent the same report again", "seen": "opened this", "acknowledged": "acknowledged this",
    "in_hand": "took this in hand", "police": "recorded that the police have been informed",
    "police_over": "recorded that the police have finished", "closed": "closed this",
    "said": "wrote", "note": "noted", "edited": "changed a message", "deleted": "deleted a message", "joined": "came into the room",
    "left": "left the room", "intruder": "was in the room without being a member, and was taken out", "invited": "brought somebody in",
    "handed_over": "handed this over", "ticked": "marked as done", "hold": "set the legal hold", "subject_named": "barred a person",
    "escalated": "Escalated", "delivered": "Alert delivered",
    "undelivered": "Alert not delivered", "file": "put up a file; it was not taken",
    "purged": "The words were removed when their time was up", "room": "Room opened",
    "room_lost": "Room closed", "handed_on": "Passed on", "raised": "Raised to a graver kind",
}  # fmt: skip


def notice(incident: Incident) -> str:
    """What a lock screen may show: urgency, kind, reference."""
    return f"{urgency(incident)}: {incident.kind.label}, {incident.ref}"


def urgency(incident: Incident) -> str:
    """The urgency in a word."""
    return "Urgent" if incident.urgency is Urgency.URGENT else "New report"


def alert_card(incident: Incident, person: Person, *, again: bool = False) -> Card:
    """The alert: reference, kind, urgency, state; acknowledge and open. `again`: a reminder."""
    waiting = incident.awaits and Action.ACKNOWLEDGE in permitted(person, incident)
    lines: list[Block] = [Facts((("Reference", incident.ref), ("Kind", incident.kind.label), ("State", incident.state.label),
                                 ("Opened", full(incident.opened_at))))]  # fmt: skip
    lines += [Text(one) for one in acknowledgement_lines(incident)]
    if others := [one.name for one in incident.members if one.via in ASKED and one.left_at is None and one.person != person.id]:
        lines.append(Text(f"Also told: {', '.join(others)}."))
    if waiting:
        lead = "Still not acknowledged. " if again else ""
        lines.insert(0, Text(f"{lead}Please acknowledge, so that the person who reported it knows that you know.", strong=True))
    if incident.kind is Kind.INDECENT_IMAGES:
        lines.append(Text(cited(NO_FILES), strong=True))
    buttons = (*((_button("Acknowledge", "acknowledge", incident, "primary"),) if waiting else ()), _button("Open", "open", incident))
    badge = urgency(incident) if waiting else incident.state.label
    return Card(f"{incident.kind.label}: {incident.ref}", tuple(lines), buttons, tone(incident, waiting=waiting), badge, notice(incident))


def marked_as_repeat(card: Card) -> Card:
    """A message that perhaps arrived before, where nobody can look."""
    return replace(card, blocks=(*card.blocks, Text(REPEAT)))


def withdrawn_card() -> Card:
    """What stands in the place of an alert that is no longer for this person."""
    return Card("This message has been withdrawn", notice="A message was withdrawn")


def room_card(incident: Incident) -> Card:
    """The pinned card of the room: state, what is owed, actions. The story is one press away, for members only."""
    lines: list[Block] = [Facts((("State", incident.state.label), ("Kind", incident.kind.label), ("Opened", full(incident.opened_at))))]
    lines += [Text(one) for one in acknowledgement_lines(incident)]
    lines.append(Text("What members write here is part of the record."))
    lines += _caution(incident)
    lines += [Text(cited(POLICE_HOLD))] if incident.police_hold else []
    lines += _owed_blocks(incident.owed)
    names = (("Acknowledge", "acknowledge"), ("Open", "open"), ("Take in hand", "in_hand"), ("Police informed", "police"),
             *((("The police have finished", "police_over"),) if incident.police_hold else ()), ("Add to the record", "note"),
             ("Close", "close"))  # fmt: skip
    buttons = tuple(_button(label, action, incident, "primary" if action == "acknowledge" else "plain") for label, action in names)
    if incident.state.value == "closed":
        buttons = (_button("Open", "open", incident),)
    return Card(f"Incident {incident.ref}", tuple(lines), buttons, tone(incident, waiting=incident.unacknowledged), incident.state.label,
                f"Incident {incident.ref}")  # fmt: skip


def incident_card(incident: Incident, person: Person) -> Card:
    """The whole incident, for a person who may read it, with everything that this person may do now."""
    report, may = incident.report, permitted(person, incident)
    known = (("State", incident.state.label), ("Kind", incident.kind.label), ("Reported by", incident.reporter_name),
             ("Opened", full(incident.opened_at)), ("Noticed", report.noticed), ("Where", report.platform), ("Address", report.address),
             ("Affected", who_in_words(report.affected)), ("Done by", who_in_words(report.done_by)), ("About", ", ".join(incident.about)),
             ("In danger now", _yes_no(report.danger)),
             ("Police told", _yes_no(report.police_told)), ("Outcome", incident.outcome))  # fmt: skip
    lines: list[Block] = [Text(report.what or "The words of this report have been removed."), Facts(tuple(one for one in known if one[1]))]
    lines += [Text(one) for one in acknowledgement_lines(incident, reasons=True)]
    lines += _caution(incident)
    lines += [Text(cited(POLICE_HOLD))] if incident.police_hold else []
    lines += _owed_blocks(incident.owed)
    if incident.timeline:
        lines.append(Fold("Timeline", (Steps("", tuple(entry_line(entry) for entry in incident.timeline)),)))
    return Card(f"Incident {incident.ref}", tuple(lines), _actions(incident, may), tone(incident, waiting=incident.unacknowledged),
                incident.state.label, f"Incident {incident.ref}")  # fmt: skip


def saved_card(incident: Incident, first: tuple[Block, ...] = ()) -> Card:
    """What the reporter sees once the report is stored. `first`: what must be read before anything else."""
    roles = " and the ".join(ack.role.label for ack in incident.acknowledgements)
    goes = f"It is on its way to the {roles}." if roles else "There is nobody in this school whom it can go to."
    lines: list[Block] = [*first, Text(f"Your report is saved. Its reference is {incident.ref}. {goes}", strong=True)]
    lines.append(Text("You will be told when it is acknowledged. If it is not, the bot keeps asking, and asks the next person."))
    if incident.kind is not Kind.INDECENT_IMAGES:
        lines += _caution(incident)
        keep = tuple(owed.text for owed in incident.owed if owed.group == "evidence")
        lines += [Steps(cited("What helps, as far as you can (clauses 61 and 70)"), keep)] if keep else []
    reads = bool(incident.timeline)
    buttons = (_button("How does it stand?", "status", incident), *((_button("Open", "open", incident),) if reads else ()))
    return Card("Your report is saved", tuple(lines), buttons, Tone.REPORT, "Saved", f"Your report is saved: {incident.ref}")


def status_card(ref: str, told: str, telephone: str = "") -> Card:
    """How a report stands. `telephone`: the school's number, shown where the words ask for a call."""
    lines: list[Block] = [Text(told)]
    if telephone and "please telephone" in told:
        lines.append(Text(f"The school's number is {telephone}.", strong=True))
    return Card(f"Your report {ref}", tuple(lines), (Button("How does it stand?", "incident.status", ref),), Tone.INFO,
                notice=f"Your report {ref}")  # fmt: skip


def enquiry_card(enquiry: Enquiry) -> Card:
    """A question for somebody to answer."""
    lines = (Text(f"{enquiry.asker_name} asks something that the policy does not settle:"), Text(enquiry.question, strong=True))
    return Card("A question for you", lines, (Button("Reply", "enquiry.answer", enquiry.ref, "primary"),), Tone.INFO, "Question",
                "A question waits for you")  # fmt: skip


def answer_card(enquiry: Enquiry) -> Card:
    """The answer to a question, for its asker."""
    lines = (Text(f"You asked: {enquiry.question}"), Text(f"{enquiry.answered_by} answers:"), Text(enquiry.answer, strong=True))
    return Card("Your question has been answered", lines, tone=Tone.INFO, badge="Answer", notice="Your question has been answered")


def acknowledgement_lines(incident: Incident, *, reasons: bool = False) -> tuple[str, ...]:
    """One line for each acknowledgement that is owed; with `reasons` also why this role is told."""
    return tuple(line(ack, incident.kind, reasons=reasons) for ack in incident.acknowledgements)


def entry_line(entry: Entry) -> str:
    """One entry of the timeline as one line."""
    words = WORDS.get(entry.what, entry.what)
    what = f"{entry.name} {words}" if entry.name else words
    if entry.what in ("seen", "acknowledged") and entry.text:
        return f"{full(entry.at)}: {what} ({entry.text})."  # the text is the role for which they did
    return f"{full(entry.at)}: {what}" + (f": {entry.text}" if entry.text else ".")


def tone(incident: Incident, *, waiting: bool) -> Tone:
    """Urgent while it is urgent and waits; calm once somebody has it."""
    if not waiting:
        return Tone.INFO
    return Tone.URGENT if incident.urgency is Urgency.URGENT else Tone.REPORT


def _caution(incident: Incident) -> list[Block]:
    if incident.kind is Kind.INDECENT_IMAGES:
        return [Text(cited(NO_FILES), strong=True)]
    first = [Text(cited(CLAUSE_71_FIRST), strong=True)] if incident.owes_evidence else []
    return [*first, *([Text(cited(NOT_ENGAGE))] if incident.kind in ENGAGING else [])]


def _actions(incident: Incident, may: frozenset[Action]) -> tuple[Button, ...]:
    asks = (
        (Action.ACKNOWLEDGE, "Acknowledge", "acknowledge"), (Action.TAKE_IN_HAND, "Take in hand", "in_hand"),
        (Action.POLICE, "Police informed", "police"), (Action.SAY, "Write to the room", "say"), (Action.NOTE, "Add to the record", "note"),
        (Action.INVITE, "Bring somebody in", "invite"), (Action.POLICE_OVER, "The police have finished", "police_over"),
        (Action.NAME_SUBJECT, "Say whom it is about", "subject"), (Action.CLOSE, "Close", "close"),
    )  # fmt: skip
    found = [
        _button(label, name, incident, "primary" if name == "acknowledge" else "plain")
        for action, label, name in asks
        if action in may and (action is not Action.ACKNOWLEDGE or incident.awaits)
    ]
    for owed in incident.owed:
        allowed = Action.TICK in may or (owed.group == "evidence" and Action.TICK_EVIDENCE in may)
        if allowed and owed.done_at is None and not owed.held:
            found.append(Button(f"Done: {owed.text}", "incident.tick", f"{incident.ref}|{owed.item}"))
    return tuple(found)


def _owed_blocks(owed: tuple[Owed, ...]) -> list[Block]:
    titles = {"safety": "Safety first", "path": "Next steps", "evidence": "Evidence", "support": "Support"}
    blocks: list[Block] = []
    for group, title in titles.items():
        lines = tuple(_owed_line(one) for one in owed if one.group == group)
        if lines:
            blocks.append(Steps(title, lines))
    return blocks


def _owed_line(owed: Owed) -> str:
    clause = cited(f" (clause {owed.clause})") if owed.clause else ""
    if owed.done_at:
        return f"Done: {owed.text}{clause}. {owed.done_by}, {full(owed.done_at)}"
    return f"{'Waits for the police' if owed.held else 'To do'}: {owed.text}{clause}"


def _button(label: str, action: str, incident: Incident, style: str = "plain") -> Button:
    known = f"|{incident.kind}" if incident.raised and action in ACKNOWLEDGING else ""  # an acknowledgement is of what was shown
    return Button(label, f"incident.{action}", f"{incident.ref}{known}", style)


def _yes_no(value: bool | None) -> str:  # noqa: FBT001 - a value, not a switch
    return "" if value is None else "Yes" if value else "No"
