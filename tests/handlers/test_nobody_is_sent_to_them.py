"""No line of any answer sends anybody to those whom the message is about, nor to the writer."""

# ruff: noqa: E501 (patterns and cases read best in one line)

from __future__ import annotations

import re
from functools import cache

import pytest

from bot.cards import Button, Outside, Steps, Text
from bot.people import Role
from handlers import wording
from handlers.answers import answer_card
from handlers.carried import MOST, brought, carried
from handlers.sent_elsewhere import next_lines
from handlers.whom_it_is_about import Whom
from knowledge.build import POLICIES
from knowledge.guidance_files import load
from tests.support.dialogue import Dialogue, RecordingReply

PLAIN = {
    Role.HEADTEACHER: r"(?<!deputy )head ?teacher", Role.DEPUTY_HEADTEACHER: "deputy", Role.DESIGNATED_SAFEGUARDING_LEAD: "safeguarding lead",
    Role.DATA_PROTECTION_OFFICER: "protection officer", Role.CHAIR_OF_GOVERNORS: "chair of governors", Role.BUSINESS_MANAGER: "business manager",
    Role.SLT: r"slt\b|senior leader", Role.LINE_MANAGER: "line manager",
}  # fmt: skip
SENDS = r"\b(?:ask|tell|report|inform|contact|speak|talk|raise|take|put|bring|send)\b(?! yourself| whether you)[^.;]*?(?<!about the )(?<!not the )"
HEAD, CHAIR = Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS
SETS = [frozenset({role}) for role in Role] + [frozenset({HEAD, CHAIR}), frozenset({HEAD, Role.DESIGNATED_SAFEGUARDING_LEAD})]


@cache
def authored() -> tuple[str, ...]:
    """Every authored "what to do next"."""
    entries = load(POLICIES / "harwell-social-media").entries
    return tuple(dict.fromkeys(entry.next for entry in entries if entry.next))


def sends_to(text: str, roles: frozenset[Role]) -> bool:
    return any(re.search(rf"{SENDS}(?:{PLAIN[role]})", text, re.IGNORECASE) for role in roles)


@pytest.mark.parametrize("about", SETS, ids=lambda roles: " and ".join(sorted(roles)))
def test_no_authored_step_sends_anybody_to_them(about: frozenset[Role]) -> None:
    whom = Whom(about)
    lines = [(text, line) for text in (*authored(), wording.NOT_COVERED_ROUTE) for line in next_lines(text, whom)]
    assert [(text, line) for text, line in lines if sends_to(line, about)] == []
    assert all(line[0].isupper() or line[0] == text[0] for text, line in lines)
    assert not [line for _, line in lines if re.search(r" or [.;,]|, [.;]|  |\u00a7|\bthe the\b|\bor and\b", line)]


def test_where_it_is_about_nobody_every_step_stays_as_it_was_written() -> None:
    assert [next_lines(text, Whom()) for text in authored()] == [(text,) for text in authored()]


def test_what_is_left_of_several_stays() -> None:
    about = Whom(frozenset({HEAD}))
    assert next_lines("Ask the office or the Headteacher.", about) == ("Ask the office.",)
    assert next_lines("Ask the Headteacher.", about) == ("Ask the chair of governors (not from the policy).",)
    assert next_lines("Tell the Headteacher or your line manager.", about) == ("Tell the chair of governors (not from the policy).",)
    assert next_lines("Ask the Headteacher or your line manager.", Whom(frozenset({Role.LINE_MANAGER}))) == ("Ask the Headteacher.",)
    assert next_lines("Tell the Headteacher.", Whom(frozenset({HEAD, CHAIR}))) == (
        "Tell the Designated Safeguarding Lead (not from the policy).",
    )
    assert "local authority designated officer" in next_lines("Tell the Headteacher.", Whom(frozenset(Role)))[0]


def test_nobody_is_sent_to_themselves_and_nothing_else_is_lost() -> None:
    head = Whom(own=frozenset({HEAD, Role.LINE_MANAGER}))
    assert next_lines("Ask the Headteacher or your line manager.", head)[0].startswith("That is for you, as the Headteacher;")
    secured = "Secure the device where nobody can see it, contact the police at once, and tell the safeguarding lead and the Headteacher."
    assert next_lines(secured, head) == (secured.replace(" and the Headteacher.", "."),)
    lead = Whom(own=frozenset({Role.DESIGNATED_SAFEGUARDING_LEAD}))
    assert next_lines(secured, lead) == (secured.replace("the safeguarding lead and ", ""),)


def words_of(reply: RecordingReply) -> str:
    """What the cards say to do: steps and texts, not the clauses."""
    blocks = [block for card in reply.cards for block in card.blocks]
    return " ".join(
        line for block in blocks for line in (block.items if isinstance(block, Steps) else [block.text] if isinstance(block, Text) else [])
    )


@pytest.mark.parametrize(
    ("text", "about", "instead"),
    [
        ("what if the data protection officer is the one who lost it", Role.DATA_PROTECTION_OFFICER, "Headteacher"),
        ("the DPO lost it, who do I tell", Role.DATA_PROTECTION_OFFICER, "Headteacher"),
        ("what if the DSL is the problem", Role.DESIGNATED_SAFEGUARDING_LEAD, "Headteacher"),
        ("what if the person upsetting me is my line manager, on text, most nights", Role.LINE_MANAGER, "Headteacher"),
        ("can the headteacher post photos of pupils on her own facebook", HEAD, "chair of governors"),
        ("who do I tell if the chair of governors did it", CHAIR, "Headteacher"),
        ("the head did it", HEAD, "chair of governors"),
    ],
)
async def test_an_answer_names_somebody_else(talk: Dialogue, text: str, about: Role, instead: str) -> None:
    reply = await talk.say("teacher", text)
    assert not sends_to(words_of(reply), frozenset({about})), words_of(reply)
    assert instead in words_of(reply)


async def test_what_the_policy_does_not_settle_goes_to_somebody_else(talk: Dialogue) -> None:
    reply = await talk.press("teacher", Button("None of these", "ask.none", "the headteacher drives a pupil home and texts her"))
    assert not sends_to(words_of(reply), frozenset({HEAD, Role.LINE_MANAGER}))
    assert "ask the chair of governors" in words_of(reply)
    assert "union" in words_of(reply)


@pytest.mark.parametrize("first", ["the head did it", "the head keeps bullying me on whatsapp"])
async def test_who_else_could_i_tell(talk: Dialogue, first: str) -> None:
    await talk.say("teacher", first)
    reply = await talk.say("teacher", "who else could I tell?")
    assert "tell the chair of governors" in words_of(reply)
    assert not sends_to(words_of(reply), frozenset({HEAD}))
    form = (await talk.press("teacher", reply.button("Ask a person"))).forms[0]
    sent = await talk.send("teacher", form)
    assert "on its way to Dr Carol Demo-Grant" in sent.text
    assert not [card for card in await talk.alerts("head") if "person" in card.title.casefold() or "question" in card.title.casefold()]


async def test_it_is_forgotten_after_some_minutes_and_for_a_new_topic(talk: Dialogue) -> None:
    await talk.say("teacher", "the head did it")
    assert "ask the Headteacher" in words_of(await talk.say("teacher", "can I post a photo of my class on my own facebook?"))
    talk.clock.turn(minutes=11)
    assert "Tell the Headteacher" in words_of(await talk.say("teacher", "so who do I tell"))


async def test_a_story_that_goes_on_is_kept_from_whoever_it_was_about(talk: Dialogue) -> None:
    await talk.say("teacher", "the head did it")
    reply = await talk.say("teacher", "he sends me rude messages every night")
    assert "kept from the Headteacher" in reply.text
    assert "these people are told: the Chair of Governors" in reply.text
    assert not sends_to(words_of(reply), frozenset({HEAD}))


async def test_what_is_told_beside_the_question_of_the_way_is_heard(talk: Dialogue) -> None:
    await talk.say("teacher", "the head did it")
    reply = await talk.say("teacher", "who can I tell, he threatened to kill me")
    assert "999" in reply.text
    assert "kept from the Headteacher" in reply.text


async def test_a_new_story_goes_where_it_belongs(talk: Dialogue) -> None:
    await talk.say("teacher", "the head did it")
    reply = await talk.say("teacher", "a parent has threatened to hurt me on facebook")
    assert "these people are told: the Headteacher (" in reply.text


def test_a_choice_and_none_of_these_bring_with_them_whom_it_was_about(talk: Dialogue) -> None:
    knowledge = talk.bot.services.knowledge
    answer = knowledge.adviser.ask("facebook")
    whom = Whom(frozenset({HEAD}), called=frozenset({HEAD}))
    buttons = [one for one in answer_card(knowledge, answer, whom).buttons if one.action != "report.open"]
    assert buttons
    for button in buttons:
        if button.action in {"ask.choose", "ask.none", "person.open"}:
            assert brought(button.value)[1].about == {HEAD}


async def test_a_button_of_another_time_is_understood(talk: Dialogue) -> None:
    reply = await talk.press("teacher", Button("", "ask.choose", carried("who do I report misuse to", Whom(frozenset({HEAD})))))
    assert "Tell the chair of governors" in words_of(reply)
    assert "Tell the Headteacher now" in words_of(await talk.press("teacher", Button("", "ask.choose", "who do I report misuse to")))
    assert brought("{not json") == ("{not json", Whom())
    assert len(carried('"\n' * 2000, Whom(frozenset(Role)))) <= MOST


async def test_somebody_who_avoids_the_headteacher_may_go_to_another(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "I don't trust the head. A parent has threatened to hurt me on facebook")
    assert "If you would rather not go to the Headteacher, you can tell the chair of governors" in words_of(reply)
    assert "these people are told: the Headteacher (" in reply.text, "it is not about the Headteacher"


async def test_a_fact_from_elsewhere_sends_nobody_to_them_either(talk: Dialogue) -> None:
    reply = await talk.say("teacher", "who do I tell if the chair of governors did it")
    facts = [block.text for card in reply.cards for block in card.blocks if isinstance(block, Outside)]
    assert not [fact for fact in facts if "goes to the chair" in fact]


@pytest.mark.parametrize(
    ("value", "who", "to"),
    [
        ("may the headteacher do that? she follows pupils", "teacher", "Dr Carol Demo-Grant"),
        ("can I wear a hat?", "head", "Dr Carol Demo-Grant"),
        ("can I wear a hat?", "teacher", "Mrs Helen Demo-Blake"),
    ],
)
async def test_a_question_goes_neither_to_the_one_it_is_about_nor_to_the_one_who_asks(
    talk: Dialogue, value: str, who: str, to: str
) -> None:
    form = (await talk.press(who, Button("Ask a person", "person.open", value))).forms[0]
    assert f"on its way to {to}" in (await talk.send(who, form)).text


async def test_a_line_manager_whom_it_is_about_is_no_choice(talk: Dialogue) -> None:
    asked = "my line manager follows pupils on tiktok, may they?"
    form = (await talk.press("teacher", Button("Ask a person", "person.open", asked))).forms[0]
    (to,) = [field for field in form.fields if field.name == "to"]
    assert [option.value for option in to.options] == ["headteacher"]
