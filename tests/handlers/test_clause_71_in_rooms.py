"""An indecent image that is first told of inside a room: everybody is warned, no evidence is asked for, and the matter is raised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.cards import Button, Card, Steps
from bot.channels.text import card_text
from bot.channels.web.rooms import room_view
from bot.events import Place, PlaceKind, RoomChange
from bot.incidents.model import Incident, Kind, Report, Urgency
from bot.incidents.notices import incident_card, room_card, saved_card
from bot.incidents.store import Store
from bot.incidents.verify import verify
from tests.handlers.test_reporting import STORY, reference
from tests.support.dialogue import Dialogue, RecordingReply

PICTURES = "One of the pictures shows a naked child from Year 5, I have taken a screenshot as the list says"
ABOUT_THE_LEAD = "Our DSL keeps sending me insulting messages on WhatsApp"


@contextmanager
def away(store: Store) -> Iterator[None]:
    """While the database cannot be reached."""

    def checkout(connection: object, record: object, proxy: object) -> None:
        raise OperationalError("", None, Exception("the database is away"))

    event.listen(store.engine, "checkout", checkout)
    yield
    event.remove(store.engine, "checkout", checkout)


async def opened(talk: Dialogue, story: str = STORY) -> str:
    before = {one.ref for one in talk.register.reported_by(talk.person("teacher"))}
    await talk.report("teacher", story)
    (ref,) = {one.ref for one in talk.register.reported_by(talk.person("teacher"))} - before
    await talk.alerts("head")
    await talk.press("head", Button("Acknowledge", "incident.acknowledge", ref))
    return ref


def read(talk: Dialogue, ref: str, who: str = "teacher") -> Incident:
    return talk.register.read(ref, talk.person(who))


def evidence(incident: Incident) -> list[str]:
    return [owed.item for owed in incident.owed if owed.group == "evidence"]


async def test_everybody_in_the_room_is_warned_at_once(talk: Dialogue) -> None:
    ref = await opened(talk)
    said = await talk.say("teacher", PICTURES, room=ref)
    for card in (*said.cards, *said.pointers):
        assert card.title == "Do not save, send, alter or show that image"
        assert "Do not take a screen print" in card_text(card)
        assert not any(name in card_text(card).casefold() for name in ("headteacher", "safeguarding lead", "chair"))
    assert said.cards
    assert said.pointers
    (entry,) = [one for one in read(talk, ref, "head").timeline if one.what == "raised"]
    assert entry.by == ""
    assert "contact the police at once (clause 71)" in entry.text


async def test_the_matter_is_raised_no_evidence_is_asked_for_and_the_lead_is_alerted(talk: Dialogue) -> None:
    ref = await opened(talk)
    assert "screen_print" in evidence(read(talk, ref))
    assert await talk.alerts("dsl") == []
    await talk.say("teacher", PICTURES, room=ref)
    raised = read(talk, ref)
    assert raised.kind is Kind.INDECENT_IMAGES
    assert raised.urgency is Urgency.URGENT
    assert raised.police_hold
    assert evidence(raised) == []
    assert {"untouched", "secured", "police_called"} <= {owed.item for owed in raised.owed}
    drawn = card_text(room_card(raised))
    assert "do not post any file here (clause 71)" in drawn
    assert not any(asked in drawn for asked in ("Evidence", "screen print", "is noted", "not deleted"))
    (alert,) = await talk.alerts("dsl")
    assert "Clause 71 matter" in alert.title
    assert len(await talk.alerts("head")) == 2  # who had acknowledged the smaller matter is told of the graver one
    await talk.press("dsl", alert.buttons[0])
    assert [one.name for one in read(talk, ref, "dsl").acknowledgements] == ["", talk.person("dsl").name]
    assert verify(talk.store, talk.bot.vault).sound


async def test_a_press_on_the_card_of_the_smaller_matter_acknowledges_nothing_and_says_why(talk: Dialogue) -> None:
    ref = await opened(talk)
    await talk.say("teacher", PICTURES, room=ref)
    late = await talk.press("head", Button("Acknowledge", "incident.acknowledge", ref))
    assert "It has turned out graver than what you were shown" in late.text
    assert "before it was known to be a clause 71 matter; not yet acknowledged since" in card_text(room_card(read(talk, ref)))
    (*_, again) = await talk.alerts("head")
    await talk.press("head", again.buttons[0])
    assert read(talk, ref, "head").acknowledgements[0].at


async def test_it_is_raised_once_and_never_lowered(talk: Dialogue) -> None:
    ref = await opened(talk)
    await talk.say("teacher", PICTURES, room=ref)
    again = await talk.say("head", PICTURES, room=ref)
    await talk.say("teacher", "A parent posts insults about me on Facebook as well", room=ref)
    found = read(talk, ref, "head")
    assert found.kind is Kind.INDECENT_IMAGES
    assert [one.what for one in found.timeline].count("raised") == 1
    assert again.cards == []


async def test_ordinary_talk_raises_nothing(talk: Dialogue) -> None:
    ref = await opened(talk)
    said = await talk.say("teacher", "Thank you. He wrote two more insults last night.", room=ref)
    assert said.cards == []
    assert read(talk, ref).kind is Kind.STAFF_ABUSE


async def test_an_edit_and_a_form_are_heard_too(talk: Dialogue) -> None:
    ref = await opened(talk)
    place = Place("slack", "C1", PlaceKind.ROOM, incident=ref)
    change = RoomChange(talk.event(), talk.person("teacher"), "edited", place, talk.clock.now(), PICTURES, "m1")
    reply = RecordingReply()
    await talk.bot.dispatch.handle(change, reply)
    assert reply.pointers
    assert read(talk, ref).kind is Kind.INDECENT_IMAGES
    other = await opened(talk, "A mum keeps posting insults about me on Instagram")
    form = (await talk.press("teacher", Button("Write", "incident.say", other))).forms[0]
    assert "that image" in (await talk.send("teacher", form, text=PICTURES)).cards[0].title


async def test_everybody_is_warned_even_where_nothing_can_be_saved(talk: Dialogue) -> None:
    ref = await opened(talk)
    form = (await talk.press("teacher", Button("Write", "incident.say", ref))).forms[0]
    place = Place("slack", "C1", PlaceKind.ROOM, incident=ref)
    change = RoomChange(talk.event(), talk.person("teacher"), "edited", place, talk.clock.now(), PICTURES, "m1")
    edited = RecordingReply()
    with away(talk.store):
        said = await talk.say("teacher", PICTURES, room=ref)
        await talk.bot.dispatch.handle(change, edited)
        sent = await talk.send("teacher", form, text=PICTURES)
        filed = await talk.say("teacher", "", room=ref, files=1)
        plain = await talk.say("teacher", "Thank you. He wrote two more insults last night.", room=ref)
    for told in (said, edited, sent, filed):
        assert told.pointers[0].title.startswith("Do not ")
        assert "could not" in told.text, "and whoever wrote it is told that it is not on record"
    assert plain.pointers == []
    assert read(talk, ref).kind is Kind.STAFF_ABUSE


async def test_whoever_it_is_about_is_not_alerted_by_the_raising(talk: Dialogue) -> None:
    ref = await opened(talk, ABOUT_THE_LEAD)
    said = await talk.say("teacher", PICTURES, room=ref)
    assert said.cards
    assert await talk.alerts("dsl") == []
    assert read(talk, ref, "head").kind is Kind.INDECENT_IMAGES
    assert verify(talk.store, talk.bot.vault).sound


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.INDECENT_IMAGES])
def test_clause_71s_caution_stands_before_any_evidence_that_is_owed(talk: Dialogue, kind: Kind) -> None:
    incident = talk.register.open(Report(kind, "Something was posted about us."), talk.person("teacher"), talk.event())
    seen = talk.register.read(incident.ref, talk.person("teacher"))
    assert evidence(seen)
    for card in (room_card(seen), incident_card(seen, talk.person("teacher")), saved_card(incident)):
        drawn = card_text(card)
        assert drawn.count("that comes first (clause 71)") == 1
        assert drawn.index("that comes first (clause 71)") < drawn.index("The date is noted")
    assert "that comes first (clause 71)" in room_view(seen, talk.person("teacher")).warning


def test_a_clause_71_room_has_its_own_caution_and_no_other(talk: Dialogue) -> None:
    incident = talk.register.open(Report(Kind.INDECENT_IMAGES, "In words only."), talk.person("teacher"), talk.event())
    assert "comes first" not in card_text(room_card(incident)) + room_view(incident, talk.person("teacher")).warning
    assert "do not post any file here (clause 71)" in room_view(incident, talk.person("teacher")).warning


def steps_of(card: Card) -> str:
    return " ".join(line for block in card.blocks if isinstance(block, Steps) for line in block.items)


async def test_a_files_warning_names_nobody_to_tell_in_a_room(talk: Dialogue) -> None:
    ref = reference((await talk.report("teacher", "The headteacher showed me a naked picture of a pupil")).text)
    await talk.alerts("dsl")
    warned = await talk.say("teacher", "", room=ref, files=1)
    assert "police at once" in steps_of(warned.cards[0])
    assert "headteacher" not in steps_of(warned.cards[0]).casefold()
