"""Two worlds that differ only in an incident about the Headteacher: whatever the Headteacher can see, not one byte differs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bot.errors import NotFound
from bot.incidents import opening
from bot.incidents.enquiries import Enquiries
from bot.incidents.model import Kind
from bot.people import Person, Role
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import CHAIR, DSL, HEAD, TA, TEACHER
from tests.support.school import School, report


async def live(folder: Path, monkeypatch: pytest.MonkeyPatch, *, secret: bool) -> str:
    """Some days at a school; everything that the Headteacher can see in them, as text."""
    school = School(f"sqlite:///{folder / 'usher.db'}")
    chat = RecordingChannel("chat")
    mail = RecordingChannel("mail", can_find=False, has_rooms=False, can_update=False)
    post, seen = Post(school, {"chat": chat, "mail": mail}, together=False), []
    references = iter(range(100))
    # References are random; here they only depend on how many ordinary ones came before, and the secret one's is its own.
    monkeypatch.setattr(opening, "new_reference", lambda: _reference(next(references)))

    async def step(minutes: int) -> None:
        school.clock.turn(minutes=minutes)
        post.worker.ladder.climb()
        await post.deliver()
        seen.append(what_the_head_sees(school, chat, mail))

    register = school.register
    first = register.open(report(what="A parent's post."), TEACHER, "e1").ref
    await step(1)
    hidden = ""
    if secret:
        with monkeypatch.context() as own:
            own.setattr(opening, "new_reference", lambda: "ZZZZ-ZZZZ")
            hidden = register.open(report(Kind.SAFEGUARDING, done_by=("headteacher",), affected=("pupil",)), TA, "secret1").ref
        await post.deliver()
    await step(5)
    second = register.open(report(Kind.SAFEGUARDING, what="A child said so."), TA, "e2").ref
    if secret:
        register.say(hidden, TA, "Please be discreet.", "secret2", "chat")
        register.acknowledge(hidden, CHAIR, "secret3")
        register.add_note(hidden, CHAIR, "The local authority's officer was told.", "secret4")
        with pytest.raises(NotFound):
            register.read(hidden, HEAD)
    await step(10)
    register.acknowledge(first, HEAD, "e3")
    register.acknowledge(second, DSL, "e4")
    for _ in range(12):
        await step(120)
    if secret:
        register.acknowledge(hidden, DSL, "secret5")
        register.close(hidden, CHAIR, "Handled.", "secret6")
    Enquiries(register.records).ask("May I?", TEACHER, Role.HEADTEACHER, "e5")
    register.close(first, HEAD, "Done.", "e6")
    await step(60)
    school.close()
    return "\n".join(seen)


def what_the_head_sees(school: School, chat: RecordingChannel, mail: RecordingChannel) -> str:
    register = school.register
    pages = [
        register.visible_to(HEAD), register.reported_by(HEAD), register.changes_since(0, HEAD),
        Enquiries(register.records).open_for(HEAD), Enquiries(register.records).mine(HEAD),
        [register.read(row.ref, HEAD) for row in register.visible_to(HEAD)],
        [register.delivery_state(row.ref, HEAD) for row in register.visible_to(HEAD)],
    ]  # fmt: skip
    messages = [
        sorted(repr((one.sent.conversation, one.cards)) for one in channel.to(HEAD)) for channel in (chat, mail)
    ]  # jobs of one moment have no order
    rooms = [(room.name, sorted(room.members), room.cards, room.posts) for room in chat.rooms.values() if HEAD.id in room.members]
    refusals = []
    for ref in ("ZZZZ-ZZZZ", "YYYY-YYYY"):
        with pytest.raises(NotFound) as told:
            register.delivery_state(ref, HEAD)
        refusals.append(str(told.value))
    assert refusals[0] == refusals[1]
    return repr((pages, messages, rooms))


def _reference(number: int) -> str:
    letters = [opening.ALPHABET[byte % len(opening.ALPHABET)] for byte in hashlib.sha256(str(number).encode()).digest()[:8]]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


def first_difference(one: str, other: str) -> tuple[str, str]:
    """What stands around the first place where two texts differ, of both; nothing where they are the same."""
    at = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other)))
    return ("", "") if one == other else (one[max(0, at - 200) : at + 200], other[max(0, at - 200) : at + 200])


@pytest.mark.slow
async def test_not_one_byte_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = await live(tmp_path / "plain", monkeypatch, secret=False)
    with_secret = await live(tmp_path / "secret", monkeypatch, secret=True)
    assert first_difference(plain, with_secret) == ("", "")
    assert "A parent's post." in plain
    assert "discreet" not in with_secret


async def test_the_test_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same worlds, but with an incident that the Headteacher may see: now they differ."""
    plain = await live(tmp_path / "plain", monkeypatch, secret=False)
    other = Person("extra", "Extra", addresses={"chat": "extra"})
    monkeypatch.setattr("tests.faults.test_worlds.TA", other)
    assert plain != await live(tmp_path / "other", monkeypatch, secret=False)
