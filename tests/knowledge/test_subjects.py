"""Whom a message is about: the doer, never the one who was told or who suffered."""

from __future__ import annotations

import pytest

from knowledge.subject_mentions import marked
from knowledge.subjects import subject_roles

NAMES = {"mrs blake": "headteacher", "helen blake": "headteacher", "mr osei": "deputy_headteacher"}

BY_THE_HEAD = [
    "a cleaner was mocked by the head on Facebook",
    "Two boys were messaged by our head on Discord",
    "I keep getting rude texts from the headteacher",
    "The headteacher and the deputy are both messaging a girl in year 6",
    "the headteacher, the deputy and the DSL are making fun of a TA in a group chat",
    "The head and my line manager are bullying me",
    "I'm frightened of our headteacher, he threatens me on WhatsApp",
    "The screenshots show the head flirting with a pupil",
    "The chair and the head both follow pupils on TikTok",
    "our head, would you believe, has stuck my payslip on Instagram",
    "the headteacher's got an account where he rates the dinner ladies",
    "the headteacher's got a burner he uses to have a go at mums",
    "It's the head that's posting about us on the village page",
    "the boss (our headteacher) emailed the whole staff a picture of me asleep",
    "The head has gone and told the mums' chat about a boy's medication",
    "The head thinks it's hilarious to caption photos of me in the staff chat",
    "The head told a dad on WhatsApp what a girl had said in confidence",
    "On the head's own story there's a list of which children get free meals",
    "The head told me by text that he knows people who could shut me up",
    "the head has been sending me rude messages",
    "Our HT posts about pupils on her own Facebook",
    "our head teacher is in a Snapchat group with some year sixes",
    "Headmaster keeps commenting on my figure",
    "The principal wrote on X that our cleaners are lazy",
    "acting head shared a family's address in a parents' chat",
    "I was told to wipe the messages by the head teacher",
    "The photos were put up by our headmistress herself",
    "Every evening I get insulting texts from the head",
    "It's the headteacher who does it, and everybody looks away",
    "I'd like to complain about the headteacher's comments on Instagram",
    "The bully is our head",
    "the head's been calling me names in emails",
    "there were naked pictures of a girl on the headteacher's screen",
    "Mrs Blake is following half of year 6 on TikTok",
    "I'm worried about Helen Blake, she rings a boy at home every night",
    "our head, Mr Tully, has threatened to make my life hell",
    "Mr Tully (head) laughed at a TA in the group chat",
    "my boss the head emails me insults",
    "I need to report the head for what he posted",
    "The head told us to keep quiet about the lost files",
    "head asked me not to report it",
    "The head knows where I live and said I'd be sorry. He threatened me.",
    "I saw the head taking photos of the girls in the changing rooms",
    "The head and her sister are mocking our cook on Facebook",
    "Who can I tell if it's the head who is sending them?",
    "our exec head, who I used to like, now humiliates me in front of everyone online",
    "I think the head teacher lost the memory stick and isn't saying",
    "the headteacher refuses to act on what a child told us",
    "It was Mrs Blake who forwarded the medical list to a parent",
    "the one who runs our school is messaging a pupil at night",
    "I want to talk about our head. She calls me stupid in emails.",
    "a parent told me that the head has added her daughter on Snapchat",
    "somebody needs to know that the head has a secret account where he posts about pupils",
    "I got a dm from the head that called me a waste of space",
]

NOT_BY_THE_HEAD = [
    "I told the head that a dad is sending me abuse",
    "The head asked me to report this: a parent has posted lies about me",
    "parents are calling the head a liar on Facebook",
    "The headteacher has been bullied by a governor for months",
    "A mum has set up a page mocking our head",
    "our head of year texts pupils",
    "The head of music posts about the children",
    "someone hacked the head's email account",
    "our head was sent a threatening letter",
    "a pupil stole the head's phone and posted from it",
    "the head knows that a TA is messaging pupils",
    "He said it went over my head, then he called me thick in the chat",
    "I banged my head when a parent pushed me",
    "the head girl at my old school is trolling me",
    "My daughter's headteacher shares photos of pupils",
    "a colleague emailed the head and copied everyone with pupils' details",
    "the head is off sick and a parent is threatening me",
    "The deputy is sending me nasty texts",
    "should I tell the head? A teacher is following pupils on Instagram",
    "The head found a phone with a nude of a pupil on it",
    "the head's husband is slagging off staff online",
    "a fake profile of the headteacher is adding our pupils",
    "pupils put the head's face on a cartoon and shared it",
    "The head said I should write to you: a boy showed me a rude picture of a girl",
    "the head told me that a parent has posted my address",
    "we have head lice and a parent is blaming me on Facebook",
    "Our former head used to message pupils",
    "A governor threatened the headteacher in an email",
    "the head is being harassed by an ex-pupil",
    "I reported it to Mrs Blake and the caretaker still does it",
    "Mrs Blake has had death threats",
    "there is a page saying the head should be sacked, and lies about her",
    "a scammer pretending to be the head got our bank details",
    "A parent wrote to the head about me and called me useless",
    "please tell the headteacher that a child is not safe at home",
    "the head boy sent a nude to a girl",
    "parents say online that the head hits children, which is rubbish",
    "a dad is angry with the head and has threatened to burn the school",
    "the head supported me when a mum trolled me",
    "Letters about head injuries went to the wrong homes",
    "an email from someone pretending to be the headteacher asked for gift cards",
    "the headteacher at another school messages me filth",
]

OTHERS = [
    ("our deputy head is bullying me by text", "deputy_headteacher"),
    ("Mr Osei has been messaging a pupil", "deputy_headteacher"),
    ("The DSL posted a child's story on Facebook", "designated_safeguarding_lead"),
    ("chair of governors sends me abuse", "chair_of_governors"),
    ("the business manager lost the payroll file", "business_manager"),
    ("our data protection officer sent the list to the wrong school", "data_protection_officer"),
    ("I'm being harassed online by my line manager", "line_manager"),
    ("the assistant head mocks me in the chat", "slt"),
]

HEAD, DSL, DPO, DEPUTY = "headteacher", "designated_safeguarding_lead", "data_protection_officer", "deputy_headteacher"
ONE_PERSON = [
    ("the head teacher, who is also our DSL, has been messaging a child", (HEAD, DSL)),
    ("our head (who is also our safeguarding lead) has been messaging a pupil", (HEAD, DSL)),
    ("the DSL, who's the headteacher too, has been messaging a child", (HEAD, DSL)),
    ("Our head, who is our DPO too, has lost the memory stick and hides it", (HEAD, DPO)),
    ("Our head is also the DSL and she is messaging a pupil", (HEAD, DSL)),
    ("Our DSL is also the head and he keeps texting a girl in year 6", (HEAD, DSL)),
    ("Our head is also the DSL. She is messaging a pupil at night", (HEAD, DSL)),
    ("The DSL is messaging a child. She is also the head.", (HEAD, DSL)),
    ("The DSL, who is also head, has sent me a naked picture of a pupil", (HEAD, DSL)),
    ("the head - who is also the chair of governors - is bullying me", (HEAD, "chair_of_governors")),
    ("I've had rude texts from the head, who's also our DSL", (HEAD, DSL)),
    ("I'm worried about our head, who is also our DSL and DPO, she rings a boy at home every night", (HEAD, DSL, DPO)),
    ("the business manager (also our DPO) is sharing pupils' data on Facebook", (DPO, "business_manager")),
    ("my line manager is the headteacher and she is bullying me", (HEAD, "line_manager")),
    ("My line manager, who is the DSL, sends me abusive texts", (DSL, "line_manager")),
    ("Mr Osei is also our DSL and has been sending rude texts to a girl", (DEPUTY, DSL)),
    ("our head/DSL has been messaging a child", (HEAD, DSL)),
]
STILL_TWO = [
    ("the head and the DSL have both been told", ()),
    ("I told the head, who is also our DSL, that a dad is sending me abuse", ()),
    ("our head is also the DSL, who do I tell about a parent's threats?", ()),
    ("Our head is the DSL and she has been sent threats by a parent", ()),
    ("the deputy, who is also our DSL, is being threatened by a parent", ()),
    ("the head is the DSL's husband and the DSL has been messaging a child", (DSL,)),
    ("I told the head and the DSL that the deputy is bullying me", (DEPUTY,)),
    ("I have told the head, who is telling the DSL that the deputy is bullying me", (DEPUTY,)),
    ("The one who bullies the head is the chair of governors", ()),
]


@pytest.mark.parametrize(("message", "roles"), ONE_PERSON)
def test_two_roles_of_one_person_are_both_kept_out_of_it(message: str, roles: tuple[str, ...]) -> None:
    assert subject_roles(message, NAMES) == roles, marked(message, NAMES)


@pytest.mark.parametrize(("message", "roles"), STILL_TWO)
def test_two_people_are_not_made_one(message: str, roles: tuple[str, ...]) -> None:
    assert subject_roles(message, NAMES) == roles, marked(message, NAMES)


@pytest.mark.parametrize("message", BY_THE_HEAD)
def test_the_head_is_the_one_who_did_it(message: str) -> None:
    assert "headteacher" in subject_roles(message, NAMES), marked(message, NAMES)


@pytest.mark.parametrize("message", NOT_BY_THE_HEAD)
def test_the_head_is_told_or_suffers_or_is_no_head(message: str) -> None:
    assert "headteacher" not in subject_roles(message, NAMES), marked(message, NAMES)


@pytest.mark.parametrize(("message", "role"), OTHERS)
def test_other_role_holders_are_found_too(message: str, role: str) -> None:
    assert subject_roles(message, NAMES) == (role,)


def test_a_name_counts_only_where_the_school_says_whose_it_is() -> None:
    message = "Mrs Blake has been sending me abuse"
    assert subject_roles(message, {"mrs blake": "headteacher"}) == ("headteacher",)
    assert subject_roles(message, {}) == ()


def test_nobody_is_named() -> None:
    assert subject_roles("a parent has threatened me", NAMES) == ()
    assert subject_roles("", NAMES) == ()


@pytest.mark.parametrize(
    ("message", "roles"),
    [
        ("I'm the head and a parent is abusing me online", ()),
        ("I am the headteacher and a parent abuses me on facebook", ()),
        ("I work as headteacher here and someone made a fake account of me", ()),
        ("I am the head and the chair of governors is bullying me", ("chair_of_governors",)),
        ("I'm the acting head and the deputy is posting about me on facebook", ("deputy_headteacher",)),
        ("I am the deputy head and the head bullies me", ("headteacher",)),
        ("I am not the headteacher but the headteacher abuses me", ("headteacher",)),
        ("I was told that I am the headteacher's favourite and the head sends me texts", ("headteacher",)),
        ("My abuser is the headteacher", ("headteacher",)),
    ],
)
def test_whoever_says_what_they_are_tells_of_somebody_else(message: str, roles: tuple[str, ...]) -> None:
    assert subject_roles(message, {}) == roles
