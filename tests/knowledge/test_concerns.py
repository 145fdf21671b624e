"""What a message discloses: indecent images by rules alone, the unmistakable by rules, and the rest as it is learnt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.build import POLICIES
from knowledge.guidance_files import CONCERNS, Guidance, load
from knowledge.language import Reader
from knowledge.training import vocabulary_of
from knowledge.triage import Listener
from knowledge.triage_features import features
from knowledge.triage_images import shows_indecent_image
from knowledge.triage_model import LABELS, TriageModel
from knowledge.triage_rules import asked_but_told, told
from knowledge.triage_store import stored_triage
from tests.support.knowledge import BASE, adviser

POLICY: Path = POLICIES / "harwell-social-media"

IMAGES = [
    "a pupil has a naked picture of a girl on his tablet",
    "somebody airdropped a nude of a year 8 to my phone",
    "there are explicit videos of one of our boys on a website",
    "two of my form have been sexting",
    "I've been sent child abuse material by an unknown number",
    "they used AI to make a nude of a girl in my class",
    "A mum showed me a photo of her daughter with no top on that is going round",
    "what do I do, I found indecent images on a memory stick",
    "can I keep the nude of that pupil to show the police",
    "I screenshotted the topless picture of the girl as proof. She is twelve.",
    "found a rude picture of a pupil on a confiscated phone",
    "one of the coaches filmed children in the changing rooms",
    "He is eleven and he sent a video of his private parts to the class",
    "dick pic from a pupil",
    "a TA is filming Reception children on the toilet with her phone",
    "We had the training last night. I've since found indecent images on the shared drive.",
    "Kids looking at something in my lesson. Babies. Being abused. On the screen.",
    "Nude pics of Maisie in Y5 doing the rounds. Please explain what to do.",
    "DSL away at a conference. Nude of yr 6 girl being shared on whatsapp right now.",
    "We had the training on sexting last night. Two of my class have been sexting.",
    "The police officer came to talk to Year 6 about the nudes that one of them sent.",
    "The speaker from the charity pulled me aside. Year 5 boys. Nudes.",
]
NO_IMAGES = [
    "are nude tights allowed",
    "the naked mole rats are back in the science corner",
    "is it ok to put up a baby photo of me for the staff quiz",
    "we have a life drawing lesson with year 10 at the gallery",
    "what happens if a pupil is caught sexting",
    "do staff have to report indecent images of children to the police?",
    "planning an assembly on nudes and why not to send them to other kids",
    "what would I do if a child showed me a naked picture",
    "may I take pictures of the children on the school ipad",
    "please give the children explicit instructions for the video",
    "my ex is threatening to post nudes of me",
    "the changing rooms are locked, who has the key to let the boys in",
    "I'm doing the level 3 course. Unit 4 is about indecent images and I'm stuck on question 2.",
    "PCSO visited us today. She spoke to the children about sexting. They were very sensible.",
    "",
]
TOLD = [
    ("a dad says he's going to kill me", "threat"),
    ("she knows where I live and sends me pictures of my house", "threat"),
    ("I've lost my school laptop on the way home", "data_breach"),
    ("our email has been hacked", "data_breach"),
    ("I sent a report to the wrong parent", "data_breach"),
    ("a trainee is texting one of our pupils at night", "safeguarding"),
    ("a girl in my class has been self harming", "safeguarding"),
    ("I don't know what to do, a pupil wants to die", "safeguarding"),
]
NOT_TOLD = [
    "what if someone says he's going to kill me",
    "has a laptop with records ever been lost here?",
    "can a teacher text pupils about the match",
    "it's threatening to rain on sports day",
    "I could murder a biscuit, the marking is killing me",
    "we have training on self harm on Friday",
]
UNSEEN = [
    ("a father keeps writing insults about me under every post", "staff_abuse"),
    ("pupils have opened a fake account that mocks our music teacher", "staff_abuse"),
    ("a mum sent me a message that she will smash my windows", "threat"),
    ("somebody got into my work email and it is sending strange links", "data_breach"),
    ("I left the bag with the class reports on a bus", "data_breach"),
    ("a girl told me that her uncle hits her", "safeguarding"),
    ("our new assistant has added half of year 6 on Snapchat", ("misuse", "safeguarding")),
    ("a colleague is slagging off the school on Facebook", "misuse"),
    ("a boy showed me a nude of a girl in his class", "indecent_images"),
]
HARMLESS = [
    "can I add a pupil on Facebook?",
    "what counts as harassment?",
    "do we have to tell the police about indecent images?",
    "who do I report a data breach to",
    "that lesson bombed",
    "this marking is killing me",
    "a parent said thank you on twitter",
    "may I film the concert for the school's page",
    "can I accept a friend request from a parent who works here",
    "when is the staff meeting",
]


@pytest.mark.parametrize("message", IMAGES)
def test_an_indecent_image_is_heard_by_rules_alone(message: str) -> None:
    assert shows_indecent_image(message)


@pytest.mark.parametrize("message", NO_IMAGES)
def test_what_only_sounds_like_one_is_not(message: str) -> None:
    assert not shows_indecent_image(message)


@pytest.mark.parametrize(("message", "kind"), TOLD)
def test_the_unmistakable_is_heard_by_rules_alone(message: str, kind: str) -> None:
    assert told(message)[-1] == kind


@pytest.mark.parametrize("message", NOT_TOLD)
def test_rules_are_silent_on_questions_suppositions_and_figures_of_speech(message: str) -> None:
    assert told(message) == ()


def test_a_question_may_tell_of_what_goes_on() -> None:
    assert asked_but_told("may I answer a mum who keeps insulting me on Facebook?")
    assert not asked_but_told("may I answer a mum on Facebook?")
    assert not asked_but_told("what if there were a mum who keeps insulting me?")


@pytest.fixture(scope="module")
def guidance() -> Guidance:
    return load(POLICY)


@pytest.fixture(scope="module")
def reader(guidance: Guidance) -> Reader:
    return Reader(vocabulary_of(guidance.entries, (POLICY / "policy.txt").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def model() -> TriageModel:
    adviser()  # the base is there, and what was learnt with it
    found = stored_triage(BASE, POLICY.name)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def listener(guidance: Guidance, reader: Reader, model: TriageModel) -> Listener:
    return Listener(guidance, model, reader, aliases={"mrs blake": "headteacher"})


@pytest.mark.slow
@pytest.mark.parametrize(("message", "kinds"), UNSEEN)
def test_disclosures_are_heard_by_words_alone(listener: Listener, message: str, kinds: str | tuple[str, ...]) -> None:
    heard = listener(message, None)
    assert heard is not None
    assert heard.kind in ((kinds,) if isinstance(kinds, str) else kinds)
    assert heard.clauses
    assert heard.do


@pytest.mark.slow
@pytest.mark.parametrize("message", HARMLESS)
def test_questions_and_figures_of_speech_raise_nothing(listener: Listener, message: str) -> None:
    assert listener(message, None) is None


@pytest.mark.slow
def test_one_line_of_a_long_story_is_heard(listener: Listener) -> None:
    story = (
        "It has been a lovely week. We made lanterns for the parade and the hall looks wonderful. The choir sang. "
        "A parent has threatened to kill me on Messenger. The raffle made ninety pounds, and the cake was gone by two."
    )
    heard = listener(story, None)
    assert heard is not None
    assert heard.kind == "threat"


@pytest.mark.slow
def test_clause_71_says_first_what_must_not_be_done_and_asks_for_no_evidence(listener: Listener) -> None:
    heard = listener("there is a nude of a pupil on a phone", None)
    assert heard is not None
    assert heard.kind == "indecent_images"
    assert heard.clauses[0] == "71"
    assert not {"61", "70"} & set(heard.clauses)
    assert heard.do_not


@pytest.mark.slow
def test_where_the_head_did_it_the_steps_pass_the_head_by(listener: Listener) -> None:
    heard = listener("Mrs Blake keeps sending me abusive messages", None)
    assert heard is not None
    assert heard.subject_roles == ("headteacher",)
    assert any("chair of governors" in step for step in heard.do)
    other = listener("a parent keeps sending me abusive messages", None)
    assert other is not None
    assert other.subject_roles == ()
    assert not any("chair of governors" in step for step in other.do)


@pytest.mark.slow
def test_what_is_stored_hears_the_same(model: TriageModel, reader: Reader) -> None:
    restored = TriageModel.restore(model.dump())
    for message, _ in UNSEEN:
        terms = features(reader.read(message))
        np.testing.assert_allclose(restored.probabilities(terms, None), model.probabilities(terms, None), atol=0.02)
        assert model.probabilities(terms, None).sum() == pytest.approx(1, abs=1e-4)


def test_every_kind_has_its_help(guidance: Guidance) -> None:
    assert {str(table["kind"]) for table in guidance.concerns} == set(CONCERNS)
    assert list(LABELS) == ["none", *CONCERNS]
    for table in guidance.concerns:
        assert table["do"]
        assert table["do_not"]
        assert table["do_about_headteacher"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Hi, I have a safeguarding concern", "safeguarding"),
        ("I am worried about a pupil's welfare", "safeguarding"),
        ("we're concerned about the safety of one of our children", "safeguarding"),
    ],
)
def test_who_says_outright_that_a_child_may_not_be_safe_is_heard_whatever_was_learnt(text: str, kind: str) -> None:
    assert kind in told(text.lower())


@pytest.mark.parametrize(
    "text", ["what if I have a safeguarding concern", "we have a safeguarding policy", "I am worried about a boy's reading"]
)
def test_the_same_words_that_tell_of_nothing_are_not(text: str) -> None:
    assert told(text.lower()) == ()
