"""Something has happened: help first, then a report, an alert, an acknowledgement, a room."""

from __future__ import annotations

import pytest

from bot.cards import Button
from bot.channels.text import card_text
from bot.incidents.routing import KCSIE, LADO
from knowledge.outside import outside_facts
from tests.support.dialogue import Dialogue

STORY = "A parent is writing horrible things about me on Facebook"


def reference(text: str) -> str:
    return next(word.strip(".:,") for word in text.split() if len(word.strip(".:,")) == 9 and word.strip(".:,")[4] == "-")


async def test_help_comes_first_and_nothing_is_sent_by_itself(talk: Dialogue) -> None:
    reply = await talk.say("teacher", STORY)
    assert "clause 60" in reply.text or "Clause 60" in reply.text or "Clause 61" in reply.text
    assert "Nothing has been sent to anyone yet" in reply.text
    assert await talk.alerts("head") == []


@pytest.mark.parametrize(
    "text",
    [STORY, "A parent has just posted that he is coming to school to stab me", "The headteacher is sending me abusive messages at night"],
)
async def test_clause_71s_caution_stands_before_any_evidence_advice(talk: Dialogue, text: str) -> None:
    said = (await talk.say("teacher", text)).text
    caution = said.index("do not save, send or copy it: that comes first (clause 71)")
    for advice in ("screen print", "Keep a record", "Keep the record", "keep any records", "Keep emails"):
        if advice in said:
            assert caution < said.index(advice), advice
    assert "screen print" in said
    assert said.count("that comes first (clause 71)") == 1


async def test_the_whole_story(talk: Dialogue) -> None:
    saved = await talk.report("teacher", STORY)
    assert saved.text.index("that comes first (clause 71)") < saved.text.index("clauses 61 and 70")
    ref = reference(saved.text)
    (alert,) = await talk.alerts("head")
    assert ref in alert.title
    assert "horrible" not in str(alert)
    assert "Tess" not in str(alert)
    waiting = await talk.press("teacher", saved.button("How does it stand?"))
    assert "Delivered to the Headteacher at 10:00" in waiting.text
    talk.clock.turn(minutes=3)
    acknowledged = await talk.press("head", next(button for button in alert.buttons if button.label == "Acknowledge"))
    assert STORY in acknowledged.text
    seen = await talk.press("teacher", saved.button("How does it stand?"))
    assert "10:03" in seen.text
    await talk.say("head", "Thank you. Come and see me at break.", room=ref)
    await talk.say("teacher", "I will.", room=ref)
    room = await talk.press("teacher", Button("Open", "incident.open", ref))
    assert "Come and see me at break." in str(room.cards[0].blocks)
    assert "I will." in str(room.cards[0].blocks)


async def test_it_never_ends_without_an_acknowledgement(talk: Dialogue) -> None:
    await talk.report("teacher", "A parent said he will smash my face in, on messenger", danger="no")
    await talk.post.pass_time(3 * 3600, step=30)
    assert len(await talk.alerts("head")) >= 3
    assert await talk.alerts("deputy")
    assert await talk.alerts("chair")


async def test_whoever_has_acknowledged_is_asked_again_only_where_they_owe_it_in_anothers_place(talk: Dialogue) -> None:
    ref = reference((await talk.report("teacher", "A child in my class told me her uncle sends her messages at night")).text)
    (alert,) = await talk.alerts("head")
    assert "Please acknowledge" in card_text(alert)
    pressed = await talk.press("head", Button("Acknowledge", "incident.acknowledge", ref))
    (alert,) = await talk.alerts("head")
    for card in (alert, *pressed.cards):
        assert not any(button.label == "Acknowledge" for button in card.buttons)
        assert "Please acknowledge" not in card_text(card)
        assert "not yet acknowledged" in card_text(card), "the other has not"
    assert any(button.label == "Acknowledge" for card in await talk.alerts("dsl") for button in card.buttons)
    await talk.post.pass_time(2 * 3600, step=30)
    asked = [card for who in ("deputy", "head", "chair") for card in await talk.alerts(who)]
    assert any(button.label == "Acknowledge" for card in asked for button in card.buttons), "the ladder goes on"
    await talk.press("dsl", Button("Acknowledge", "incident.acknowledge", ref))
    cards = [card for who in ("head", "dsl", "deputy", "chair") for card in await talk.alerts(who)]
    assert not any(button.label == "Acknowledge" for card in cards for button in card.buttons)


async def test_clause_71_comes_before_everything(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "A pupil showed me a naked picture of another child on her phone")
    first = reply.cards[0]
    assert "do not" in str(first.blocks[1]).lower()
    assert "71" in reply.text
    for advice in ("clauses 61 and 70", "keep a record", "keep any records", "screen prints"):
        assert advice not in reply.text.lower()
    form = (await talk.press("teacher", reply.button("Report it now"))).forms[0]
    assert form.fields[1].initial == "indecent_images"
    assert {one.kind for one in form.fields} <= {"text", "long_text", "choice", "choices", "moment"}
    saved = await talk.send("teacher", form)
    assert "clauses 61 and 70" not in saved.text
    assert "police" in saved.text.lower()
    (dsl,), (head,) = await talk.alerts("dsl"), await talk.alerts("head")
    assert "naked" not in str(dsl) + str(head)


async def test_a_report_about_the_headteacher_goes_to_the_chair_and_the_headteacher_sees_nothing(talk: Dialogue) -> None:
    before = (await talk.home("head")).text
    saved = await talk.report("teacher", "The headteacher is sending private messages to pupils on Instagram at night")
    ref = reference(saved.text)
    assert "Chair of Governors" in saved.text
    assert "It is kept from Mrs Helen Demo-Blake" in saved.text
    assert await talk.alerts("head") == []
    assert await talk.alerts("chair")
    assert (await talk.home("head")).text == before
    wrong = await talk.press("head", Button("Open", "incident.open", "AAAA-BBBB"))
    forbidden = await talk.press("head", Button("Open", "incident.open", ref))
    assert wrong.text == forbidden.text


async def test_danger_now_means_999_before_the_form(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "A parent has just posted that he is coming to school to stab me")
    danger = await talk.press("teacher", reply.button("Somebody is in danger now"))
    assert danger.cards[0].title == "Ring 999 now."
    assert not danger.forms
    form = (await talk.press("teacher", danger.buttons[0])).forms[0]
    assert next(one for one in form.fields if one.name == "danger").initial == "yes"
    saved = await talk.send("teacher", form)
    assert "999" in str(saved.cards[0].blocks[0])


async def test_an_empty_report_is_refused_beside_its_field(talk: Dialogue) -> None:
    form = (await talk.press("teacher", Button("Report", "report.open"))).forms[0]
    reply = await talk.send("teacher", form, what="  ")
    assert "what" in reply.errors
    assert talk.register.reported_by(talk.person("teacher")) == ()


async def test_the_same_report_eleven_times_is_one_incident(talk: Dialogue) -> None:
    form = (await talk.press("teacher", Button("Report", "report.open"))).forms[0]
    for _ in range(11):
        await talk.send("teacher", form, what=STORY, kind="staff_abuse")
    assert len(talk.register.reported_by(talk.person("teacher"))) == 1
    assert len(await talk.alerts("head")) == 1


async def test_a_file_in_the_room_is_never_taken_and_clause_71_warns_everybody(talk: Dialogue) -> None:
    saved = await talk.report("teacher", "There is an indecent image of a pupil going round on Snapchat")
    ref = reference(saved.text)
    await talk.alerts("head")
    warned = await talk.say("teacher", "", room=ref, files=1)
    assert "Do not open, save, send or show that file" in warned.text
    room = await talk.press("head", Button("Open", "incident.open", ref))
    assert "A file was put into this room" in str(room.cards[0].blocks)


async def test_the_home_shows_what_waits_un_acknowledged_first(talk: Dialogue) -> None:
    saved = await talk.report("teacher", STORY)
    ref = reference(saved.text)
    assert ref in (await talk.home("teacher")).text
    head = await talk.home("head")
    assert "Not yet acknowledged" in head.text
    assert "horrible" not in head.text
    assert ref not in (await talk.home("ta")).text


async def test_somebody_whom_the_form_had_ticked_can_be_unticked_by_the_person(talk: Dialogue) -> None:
    said = await talk.say("teacher", "The headteacher is sending private messages to pupils on Instagram at night")
    form = (await talk.press("teacher", said.button("Report it now"))).forms[0]
    assert "head" in next(one for one in form.fields if one.name == "subjects").initial
    await talk.send("teacher", form, subjects=(), done_by=("unknown",))
    assert await talk.alerts("head")


async def test_somebody_whom_only_the_words_name_is_kept_out_of_it(talk: Dialogue) -> None:
    form = (await talk.press("teacher", Button("Report", "report.open"))).forms[0]
    await talk.send("teacher", form, what="Our headteacher has been messaging Year 6 pupils privately on Instagram")
    assert await talk.alerts("head") == []
    assert await talk.alerts("chair")


async def test_an_ordinary_colleague_can_be_chosen_and_never_learns_of_it(talk: Dialogue) -> None:
    form = (await talk.press("teacher", Button("Report", "report.open"))).forms[0]
    offered = next(one for one in form.fields if one.name == "subjects").options
    assert "Tara Demo-Ash, Teaching assistant, and a parent here" in {option.label for option in offered}
    before = (await talk.home("ta")).text
    saved = await talk.send("teacher", form, what="She has posted photographs of my class on her own page", subjects=("ta", "slack:U1"))
    assert "It is kept from Tara Demo-Ash" in saved.text
    ref = reference(saved.text)
    assert await talk.alerts("head")
    assert await talk.alerts("ta") == []
    assert (await talk.home("ta")).text == before
    unknown = await talk.press("ta", Button("Open", "incident.open", "AAAA-BBBB"))
    for action in (
        "incident.open",
        "incident.status",
        "incident.acknowledge",
        "incident.invite",
        "incident.subject",
        "incident.police_over",
    ):
        assert (await talk.press("ta", Button("x", action, ref))).text == unknown.text
    card = await talk.press("head", Button("Open", "incident.open", ref))
    assert "Investigated" in card.text  # a colleague did it: clause 64
    invite = (await talk.press("head", Button("Bring in", "incident.invite", ref))).forms[0]
    assert "ta" not in {option.value for option in invite.fields[0].options}
    refused = await talk.send("head", invite, person="ta")
    assert "cannot be brought into" in refused.text


async def test_who_handles_it_says_whom_it_is_about_and_the_reporter_is_not_told(talk: Dialogue) -> None:
    ref = reference((await talk.report("teacher", STORY)).text)
    await talk.alerts("head")
    form = (await talk.press("head", Button("About", "incident.subject", ref))).forms[0]
    assert "head" not in {option.value for option in form.fields[0].options}
    named = await talk.send("head", form, person="ta")
    assert "Tara Demo-Ash" in named.text
    theirs = await talk.press("teacher", Button("Open", "incident.open", ref))
    assert "Tara" not in theirs.text
    # Nor may a form tell them by what it leaves out.
    for action in ("incident.invite", "incident.subject", "incident.close", "incident.police_over"):
        pressed = await talk.press("teacher", Button("x", action, ref))
        assert not pressed.forms
        assert "Tara" not in pressed.text


async def test_the_police_finish_and_somebody_says_so(talk: Dialogue) -> None:
    ref = reference((await talk.report("teacher", STORY, police="yes")).text)
    await talk.alerts("head")
    card = await talk.press("head", Button("Open", "incident.open", ref))
    assert "Police hold" in card.text
    form = (await talk.press("head", card.button("The police have finished"))).forms[0]
    assert (await talk.send("head", form, reason=" ")).errors
    lifted = await talk.send("head", form, reason="The officer rang: no further action.")
    assert "Police hold" not in lifted.text
    assert "recorded that the police have finished" in str(lifted.cards[0].blocks)


def test_every_fact_that_routing_rests_on_is_there() -> None:
    assert {KCSIE, LADO} <= set(outside_facts())


async def test_my_line_manager_is_a_person_who_is_kept_out_of_it(talk: Dialogue) -> None:
    heard = await talk.say("deputy", "My line manager keeps harassing me on WhatsApp")
    assert "It is kept from" in heard.text
    assert "people are told: the Headteacher" not in heard.text
    await talk.report("deputy", "My line manager keeps harassing me on WhatsApp")
    assert await talk.alerts("head") == []
    assert await talk.alerts("chair")


async def test_nobody_is_promised_to_keep_it_from_a_line_manager_whom_the_school_has_not_named(talk: Dialogue) -> None:
    heard = await talk.say("chair", "My line manager keeps harassing me on WhatsApp")
    assert "line manager" not in heard.text.split("If you report it")[1]


async def test_the_form_is_filled_in_with_what_was_told_and_the_public_have_their_path(talk: Dialogue) -> None:
    said = await talk.say("teacher", "A member of the public keeps posting abuse about me on Facebook, I saw it last night")
    form = (await talk.press("teacher", next(one for one in said.buttons if one.action == "report.open"))).forms[0]
    filled = {one.name: one.initial for one in form.fields if one.initial}
    assert filled["platform"] == "Facebook"
    assert filled["noticed"] == "last night"
    assert filled["done_by"] == ("public",)
    assert filled["affected"] == ("me",)
    ref = reference((await talk.send("teacher", form)).text)
    opened = (await talk.press("head", Button("Open", "incident.open", ref))).text
    assert "(clause 26)" in opened
    assert "Affected: the person who reported it" in opened, "not: me"


async def test_a_button_fills_in_only_what_the_form_has(talk: Dialogue) -> None:
    value = '{"what": "x", "done_by": ["public", "nobody"], "affected": "me", "kind": "other"}'
    form = (await talk.press("teacher", Button("Report", "report.open", value))).forms[0]
    filled = {one.name: one.initial for one in form.fields if one.initial}
    assert filled == {"what": "x", "done_by": ("public",)}


async def test_each_step_of_the_route_is_told_with_its_clause(talk: Dialogue) -> None:
    said = await talk.say("teacher", STORY)
    assert "the Headteacher (clauses 19, 37 and 60)" in said.text
    about_head = await talk.say("teacher", "The headteacher is sending me abusive messages at night")
    assert "the Chair of Governors (from Keeping Children Safe in Education, not this policy)" in about_head.text
    ref = reference((await talk.report("ta", STORY)).text)
    opened = await talk.press("head", Button("Open", "incident.open", ref))
    assert "Headteacher (clauses 19, 37 and 60): not yet acknowledged." in opened.text


@pytest.mark.parametrize("kind", ["staff_abuse", "threat"])
async def test_71_is_quoted_before_61_and_70(talk: Dialogue, kind: str) -> None:
    adviser = talk.bot.services.knowledge.adviser
    numbers = [one.number for one in adviser.together(adviser.help_for(kind).clauses)]
    assert "61" in numbers
    assert numbers.index("71") < min(numbers.index(one) for one in ("61", "70") if one in numbers)


async def test_half_an_emoji_loses_neither_an_answer_nor_a_report(talk: Dialogue) -> None:
    said = await talk.say("teacher", f"{STORY} \ud83d")
    assert "Nothing has been sent to anyone yet" in said.text
    form = (await talk.press("teacher", Button("Report something", "report.open", ""))).forms[0]
    saved = await talk.send("teacher", form, what="A parent insults me on \udc4d Facebook \ud83d", affected=("me\ud83d",))
    ref = reference(saved.text)
    assert [card for card in await talk.alerts("head") if ref in card.title]
    assert talk.register.read(ref, talk.person("head")).report.what == "A parent insults me on \ufffd Facebook \ufffd"


async def test_a_story_too_long_for_a_button_says_that_only_its_beginning_stands_in_the_form(talk: Dialogue) -> None:
    story = f"{STORY}. " + "He goes on and on about me. " * 60 + "It never ends."
    said = await talk.say("teacher", story)
    what = (await talk.press("teacher", next(one for one in said.buttons if one.action == "report.open"))).forms[0].fields[0]
    assert what.initial.endswith(" …")
    assert story.startswith(what.initial.removesuffix(" …") + " ")
    assert "Only the beginning" in what.hint
    short = await talk.say("teacher", STORY)
    what = (await talk.press("teacher", next(one for one in short.buttons if one.action == "report.open"))).forms[0].fields[0]
    assert (what.initial, "Only the beginning" in what.hint) == (STORY, False)


@pytest.mark.parametrize("value", ['{"subjects": 5}', '{"kind": ["misuse"], "subjects": [["x"]]}', "[1]", "not JSON"])
async def test_a_button_that_carries_nonsense_opens_an_empty_form(talk: Dialogue, value: str) -> None:
    form = (await talk.press("teacher", Button("", "report.open", value))).forms[0]
    assert [one.initial for one in form.fields if one.initial] == []
