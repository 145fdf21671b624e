"""The Harwell policy, split: every number, heading, part and bullet, and not a character lost."""

import re
from datetime import date
from pathlib import Path

import pytest

from knowledge.clauses import Policy
from knowledge.parsing import parse

DOCUMENT = Path(__file__).parents[2] / "knowledge/policies/harwell-social-media/policy.txt"
HEADINGS = [
    "Introduction",
    "Purpose of policy and guidance",
    "Legal implications",
    "Policy",
    "Users' responsibilities",
    "Principles",
    "Monitoring",
    "Personal use of Social Media",
    "Where a member of staff is a parent/guardian as well as an employee of the school",
    "Risks",
    "External communication with pupils/students",
    "External communication with parents/carers",
    "Using social media on behalf of the school.",
    "School website",
    "Use of Images",
    "Cyber bullying and Harassment",
    "Senior Leadership responsibility in relation to Online Bullying and Harassment",
]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return parse(DOCUMENT.read_text(encoding="utf-8"), "harwell-social-media")


def test_seventy_one_clauses_in_order(policy: Policy):
    assert [clause.number for clause in policy.clauses] == [str(number) for number in range(1, 72)]
    assert not any(clause.positional for clause in policy.clauses)


def test_seventeen_headings(policy: Policy):
    assert [section.title for section in policy.sections] == HEADINGS
    assert [len(section.clauses) for section in policy.sections] == [4, 4, 2, 8, 3, 1, 4, 11, 3, 1, 2, 4, 5, 1, 3, 10, 5]


def test_each_clause_knows_its_section(policy: Policy):
    assert policy.clause("28").section == "Personal use of Social Media"
    assert policy.clause("71").section == HEADINGS[-1]
    assert all(clause.section == section.title for section in policy.sections for clause in section.clauses)


def test_put_back_together_it_is_the_document(policy: Policy):
    def bare(text: str) -> str:
        return re.sub(r"\s+", "", text)

    assert bare(policy.rebuilt()) == bare(DOCUMENT.read_text(encoding="utf-8"))
    assert policy.left_out == ()


def test_clause_28_word_for_word(policy: Policy):
    assert policy.clause("28").text == (
        "Staff should not have contact through any social medium with any student from Harwell School or any other school. Staff are "
        "advised not to communicate on social media platforms with ex-students except via professional networking sites for "
        "professional reasons."
    )


def test_lettered_parts_of_22(policy: Policy):
    clause = policy.clause("22")
    assert [part.label for part in clause.parts] == list("abcdefghij")
    assert clause.lead == "In all communications from members of staff/employees of the school, staff should:"
    assert clause.parts[9].text == "be cost effective."
    assert clause.text.splitlines()[10] == "- j) be cost effective."


@pytest.mark.parametrize("written", ["22d", "22(d)", "22 d", "22D", " 22d. "])
def test_a_part_is_quoted_like_a_clause(policy: Policy, written: str):
    quote = policy.clause(written)
    assert quote.number == "22d"
    assert quote.section == "Principles"
    assert quote.text.startswith("not discuss personal information about students, staff")


def test_bullets(policy: Policy):
    assert policy.clause("8").bullets == (
        "Child Protection and Safeguarding", "Communication policy", "Data Protection", "Dignity at Work", "Professional Standards",
    )  # fmt: skip
    assert len(policy.clause("9").bullets) == 8
    risks = policy.clause("41")
    assert len(risks.bullets) == 13
    assert risks.bullets[3:5] == ("damage to the reputation of the school;", "disclosure of confidential information;")
    assert risks.lead.endswith("Principal amongst these risks are:")


def test_sentences_broken_by_blank_lines_are_joined(policy: Policy):
    assert "or otherwise cause distress to the person" in policy.clause("57").text
    assert "Staff who are victims of cyber bullying" in policy.clause("66").text


def test_the_spelling_of_25_stays(policy: Policy):
    assert "Publically accessible postings" in policy.clause("25").text


def test_the_reference_from_47_to_36(policy: Policy):
    assert policy.clause("47").references == ("36",)
    assert [clause.number for clause in policy.clauses if clause.references] == ["47"]


def test_the_emphasis_of_71(policy: Policy):
    clause = policy.clause("71")
    [run] = clause.emphasis
    assert run.startswith("In the event that such evidence contains indecent images of children, it is an offence to save, send, or alter")
    assert run.endswith("or to show it to anyone else.")
    assert clause.text.startswith("**In the event")
    assert [other.number for other in policy.clauses if other.emphasis] == ["71"]


def test_the_facts_that_the_document_states(policy: Policy):
    assert policy.title == "Harwell School Social Media Policy"
    assert policy.school == "Harwell Community Primary School"
    assert policy.origin == "OCC model policy"
    assert policy.reviewed == date(2020, 11, 12)
    assert policy.ratified == date(2020, 11, 17)
    assert policy.review_due == "academic year 2022/2023"


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2021, 1, 4), "ratified 17 November 2020; review is due 2022/23"),
        (date(2023, 8, 31), "ratified 17 November 2020; review is due 2022/23"),
        (date(2023, 9, 1), "ratified 17 November 2020; review was due 2022/23"),
        (date(2026, 11, 22), "ratified 17 November 2020; review was due 2022/23"),
    ],
)
def test_standing(policy: Policy, today: date, said: str):
    assert policy.standing(today) == said


def test_no_such_clause(policy: Policy):
    assert policy.find("72") is None
    assert policy.find("22k") is None
    with pytest.raises(KeyError):
        policy.clause("72")
