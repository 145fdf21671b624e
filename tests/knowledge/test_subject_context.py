"""What surrounds the subject of a message: who writes, whom they would rather not go to, whom the conversation was about."""

from __future__ import annotations

import pytest

from knowledge.subject_context import asks_whom_to_tell, avoided_roles, in_context, leans_back, own_roles

HEAD = ("headteacher",)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("I'm the headteacher. A parent is posting lies about me", "headteacher"),
        ("Hi, I'm the head and a TA has come to me", "headteacher"),
        ("Head here: a teacher has told me about abusive comments", "headteacher"),
        ("Headteacher here, one of the TAs is upset", "headteacher"),
        ("As headteacher, what should I do about it?", "headteacher"),
        ("I'm on the SLT and a TA just told me", "slt"),
        ("I am an assistant head and I have been shown some posts", "slt"),
        ("as the DSL I need to know", "designated_safeguarding_lead"),
        ("speaking as the deputy, may we?", "deputy_headteacher"),
    ],
)
def test_what_the_writer_says_that_they_are(text: str, role: str) -> None:
    assert own_roles(text, {}) == (role,)


@pytest.mark.parametrize(
    "text",
    [
        "He said I'm the head and you do what I say",
        "I'm the head's PA",
        "our head here is bullying me",
        "I'm the head of year 4",
        "I asked the headteacher",
        "such as the headteacher, how do I reach him",
    ],
)
def test_nobody_is_taken_for_a_leader_who_does_not_say_so(text: str) -> None:
    assert own_roles(text, {}) == ()


@pytest.mark.parametrize(
    "text",
    [
        "I dont trust the head, who else can I report to",
        "what if i report it and the head gets angry",
        "Can I report without telling the head?",
        "who is above the headteacher",
        "what if the headteacher ignores my report",
        "the head doesn't believe me",
        "who can I tell other than the head",
    ],
)
def test_whom_the_writer_would_rather_not_go_to(text: str) -> None:
    assert avoided_roles(text, {}) == HEAD


@pytest.mark.parametrize(
    "text",
    [
        "What do I do if the person I need to report is the Headteacher?",
        "my complaint is against the headteacher",
        "who do I tell about the head",
    ],
)
def test_whom_a_report_would_be_about(text: str) -> None:
    assert in_context(text, (), {}) == HEAD


@pytest.mark.parametrize(
    "text",
    [
        "I haven't told the head yet",
        "may I add the headteacher on facebook",
        "can I ask the headteacher to post it",
        "should the headteacher approve my post",
        "the headteacher doesn't use facebook, can I tag her",
        "does the headteacher get involved",
    ],
)
def test_a_headteacher_who_is_only_named_is_not_avoided(text: str) -> None:
    assert avoided_roles(text, {}) == ()


@pytest.mark.parametrize(
    "text", ["who else could I tell?", "he sent me rude messages", "she texts a girl at night", "it happens every night"]
)
def test_what_goes_on_goes_on_about_the_same_person(text: str) -> None:
    assert in_context(text, HEAD, {}) == HEAD
    assert in_context(text, (), {}) == ()


@pytest.mark.parametrize(
    "text",
    [
        "a parent threatened me",
        "I left my school laptop on the train",
        "a mum posted my number and won't stop",
        "I have lost the school ipad on the bus. Can I use my own phone for photos now?",
        "help, my memory stick has gone",
        "I've just sent a report to the wrong address and it had names on",
    ],
)
def test_what_is_about_somebody_new_is_not_about_whoever_was_named_before(text: str) -> None:
    assert in_context(text, HEAD, {}) == ()


def test_a_new_topic_does_not_lean_back() -> None:
    assert not leans_back("can I post a photo of my class on facebook?")
    assert not leans_back("is it ok to friend a parent?")
    assert leans_back("so what do I do now")


@pytest.mark.parametrize(
    "text", ["who else could I tell?", "so who do I tell", "is there anyone I can talk to about it", "where do I go then"]
)
def test_a_question_of_the_way_alone(text: str) -> None:
    assert asks_whom_to_tell(text)


def test_a_question_of_something_else_is_none_of_the_way() -> None:
    assert not asks_whom_to_tell("who runs the website")
    assert not asks_whom_to_tell("can I tell the parents of my class on facebook that the trip is off because nobody else will")
