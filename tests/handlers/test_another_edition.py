"""A school takes in an edition whose clauses are numbered otherwise: no card of the bot's own names a clause by its old number."""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import cited
from bot.cards import Block, Button, Card, Fold, Form, Quote
from bot.channels.text import block_text, card_text
from bot.channels.web.rooms import room_view
from bot.clock import SystemClock
from bot.incidents.model import Kind
from commands.numbering import NEW, Numbering
from commands.suggesting import Gathering, as_toml
from handlers.in_brackets import without_what_is_gone
from handlers.known import Knowledge
from knowledge.build import written_for
from knowledge.editions import moved
from knowledge.outside import outside_facts
from knowledge.parsing import parse
from tests.handlers.test_reporting import reference
from tests.knowledge.test_editions import INSERTED, NAME, TEXT, WITHOUT_71, adviser_of, renumbered
from tests.support.dialogue import Dialogue, RecordingReply

TIMES = itertools.count(1)  # the same words twice would be one report
BY = 100  # so that every number of the old edition is wrong in the new one
NUMBERS = re.compile(r"\b[Cc]lauses? (\d+[a-z]?(?:(?:, | and | or )\d+[a-z]?)*)")
EXAMPLE = '"clause 28"'  # how a clause can be asked for, whatever the edition
STORIES = {
    Kind.MISUSE: "A colleague posts rude things about the school on a public page",
    Kind.STAFF_ABUSE: "A parent is writing horrible things about me on Facebook",
    Kind.THREAT: "A parent said he will smash my face in, on messenger",
    Kind.DATA_BREACH: "I sent the class list with all the addresses to the wrong parent",
    Kind.SAFEGUARDING: "A year 6 girl told me that a man online asks her to meet him",
    Kind.INDECENT_IMAGES: "A pupil showed me a naked picture of another child on her phone",
}


def opened(text: str, folder: Path) -> Dialogue:
    folder.mkdir()
    adviser = adviser_of(text, folder)
    return Dialogue(folder, known=Knowledge(adviser, adviser.policy, outside_facts(), SystemClock()))


def followed(talk: Dialogue) -> Iterator[Dialogue]:
    written = written_for(cited.WRITTEN_FOR)
    assert written is not None
    cited.follow(moved(written, talk.bot.services.knowledge.policy))
    yield talk
    cited.follow({})


@pytest.fixture(scope="module")
def its_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialogue]:
    talk = opened(renumbered(TEXT, 1, BY), tmp_path_factory.mktemp("shifted") / "bot")
    yield talk
    talk.close()


@pytest.fixture
def shifted(its_bot: Dialogue) -> Iterator[Dialogue]:
    yield from followed(its_bot)


@pytest.fixture
def without_71(tmp_path: Path) -> Iterator[Dialogue]:
    talk = opened(WITHOUT_71, tmp_path / "bot")
    yield from followed(talk)
    talk.close()


def named(*shown: Card | Form | str) -> set[str]:
    """Every clause that is named there, but for what the policy itself says."""
    parts = []
    for one in shown:
        if isinstance(one, str):
            parts.append(one)
        elif isinstance(one, Form):
            parts += [block_text(block) for block in one.blocks] + [field.hint for field in one.fields]
        else:
            parts += [one.title, one.notice, *(button.label for button in one.buttons), *map(said_in, one.blocks)]
    text = " ".join(parts).replace(EXAMPLE, "")
    return {number for found in NUMBERS.findall(text) for number in re.findall(r"\d+[a-z]?", found)}


def said_in(block: Block) -> str:
    """A block as text; of a clause its number alone."""
    if isinstance(block, Fold):
        return " ".join([block.title, *map(said_in, block.blocks)])
    return f"clause {block.number}" if isinstance(block, Quote) else block_text(block)


def all_new(*shown: Card | Form | str) -> set[str]:
    found = named(*shown)
    assert all(int(re.sub(r"\D", "", number)) > BY for number in found), found
    return found


async def raised(talk: Dialogue, kind: Kind) -> tuple[RecordingReply, Form, RecordingReply, str]:
    said = await talk.say("teacher", STORIES[kind])
    button = next(button for button in said.buttons if button.action == "report.open")
    assert json.loads(button.value)["kind"] == kind
    form = (await talk.press("teacher", button)).forms[0]
    saved = await talk.send(
        "teacher", form, what=f"{STORIES[kind]}, time {next(TIMES)}", danger="no", affected=("me",), done_by=("staff", "pupil", "public")
    )
    return said, form, saved, reference(card_text(saved.cards[-1]).replace("(", " "))


@pytest.mark.parametrize("kind", STORIES)
async def test_help_report_alert_and_room_name_the_clauses_by_their_new_numbers(shifted: Dialogue, kind: Kind) -> None:
    talk = shifted
    said, form, saved, ref = await raised(talk, kind)
    assert all_new(*said.cards)
    assert all_new(form) == {"171"}
    all_new(*saved.cards)
    alerts = [card for card in await talk.alerts("head") if ref in card.title]
    assert alerts
    assert all_new(*alerts) == ({"171"} if kind is Kind.INDECENT_IMAGES else set())
    seen = await talk.press("head", Button("Open", "incident.open", ref))
    assert {"119", "137"} <= all_new(*seen.cards)  # why the Headteacher is told
    incident = talk.register.read(ref, talk.person("head"))
    view = room_view(incident, talk.person("head"))
    words = [*view.standing, view.warning, *(text for _, text in view.facts)]
    words += [part for title, items in view.owed for one in items for part in (title, one.text, one.detail)]
    assert "164" in all_new(*words)  # a member of staff did it
    police = await talk.press("head", Button("", "incident.police", ref))
    assert "166" in all_new(*police.cards)
    refused = await talk.press("head", Button("", "incident.tick", f"{ref}|staff_path"))
    assert all_new(*refused.cards) == {"166"}


async def test_the_warnings_of_clause_71_name_it_by_its_new_number(shifted: Dialogue) -> None:
    talk, policy = shifted, shifted.bot.services.knowledge.policy
    assert "indecent images of children" in policy.clause("171").text
    assert all_new(*(await talk.say("teacher", "", files=1)).cards) == {"171"}
    assert "171" in all_new(*(await talk.say("teacher", "can I friend an ex-pupil?", files=1)).cards)
    for kind in (Kind.MISUSE, Kind.SAFEGUARDING):
        *_, ref = await raised(talk, kind)
        file = await talk.say("teacher", "", files=1, room=ref)
        assert "171" in all_new(*file.cards, *file.pointers)
        told = await talk.say("teacher", STORIES[Kind.INDECENT_IMAGES], room=ref)
        assert "171" in all_new(*told.cards, *told.pointers)
        timeline = talk.register.read(ref, talk.person("head")).timeline
        assert "171" in all_new(*(entry.text for entry in timeline if entry.what in {"file", "raised"}))


async def test_what_the_policy_does_not_say_names_the_route_once_and_by_its_new_number(shifted: Dialogue) -> None:
    talk = shifted
    for reply in (await talk.say("teacher", "can I give a pupil a lift home?"), await talk.press("teacher", Button("", "ask.none", "?"))):
        assert all_new(*reply.cards) == {"116"}
        assert reply.text.count("line manager") == 1


async def test_what_is_suggested_for_the_guidance_carries_the_numbers_that_guidance_is_read_with(shifted: Dialogue) -> None:
    services, question = shifted.bot.services, "can I friend an ex-pupil?"
    form = (await shifted.press("teacher", (await shifted.say("teacher", question)).button("Was this right?"))).forms[0]
    await shifted.send("teacher", form, verdict="wrong_verdict", comment="")
    home = await shifted.home("head")
    await shifted.press("head", next(one for one in home.buttons if one.action == "curate.keep"))
    gathered = Gathering(services.enquiries, services.feedback, services.people, services.knowledge.adviser).all()
    (entry,) = tomllib.loads(as_toml(gathered, Numbering(services.knowledge.policy)))["answer"]
    assert entry["clauses"][0] == "28"


def test_a_clause_that_came_later_is_not_named_in_guidance() -> None:
    numbering = Numbering(parse(INSERTED, NAME))
    assert [numbering.written(one) for one in ("19", "20", "21", "29", "72", "22d", "23d")] == ["19", "", "20", "28", "71", "", "22d"]
    assert numbering.in_words("Ask first (clauses 19 and 29).") == "Ask first (clauses 19 and 28)."
    assert numbering.notes(["29"], "See clause 20.") == (NEW.format(number="20"),)


async def test_a_clause_that_is_gone_is_named_by_no_number(without_71: Dialogue) -> None:
    talk = without_71
    said, form, saved, ref = await raised(talk, Kind.STAFF_ABUSE)
    assert "71" not in named(*said.cards, form, *saved.cards)
    assert "do not save, send or copy it: that comes first." in saved.text
    told = await talk.say("teacher", STORIES[Kind.INDECENT_IMAGES], room=ref)
    assert named(*told.pointers) == {"66"}
    image = await talk.say("ta", STORIES[Kind.INDECENT_IMAGES])
    assert "71" not in named(*image.cards)
    assert "otherwise 101 (the numbers are not from the policy)." in image.text
    assert talk.register.read(ref, talk.person("head")).kind.label == "Urgent matter"
    timeline = talk.register.read(ref, talk.person("head")).timeline
    assert "contact the police at once." in next(entry.text for entry in timeline if entry.what == "raised")


@pytest.mark.parametrize(
    ("step", "left"),
    [
        ("Report it (clauses 37 of an earlier edition and 60).", "Report it (clause 60)."),
        ("Report it (clauses 37 of an earlier edition and 60 of an earlier edition).", "Report it."),
        ("Tell (clause 18 of an earlier edition names the officer; clause 37 the Headteacher).", "Tell (clause 37 the Headteacher)."),
        (
            "Do not (clause 66 of an earlier edition, and guidance that is not from the policy).",
            "Do not (guidance that is not from the policy).",
        ),
        ("Keep it (clauses 60, 61 and 70).", "Keep it (clauses 60, 61 and 70)."),
    ],
)
def test_brackets_name_what_the_policy_of_today_has(step: str, left: str) -> None:
    assert without_what_is_gone([step]) == (left,)
