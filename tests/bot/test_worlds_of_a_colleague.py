"""Two worlds that differ only in incidents about an ordinary colleague: whatever that colleague can see, not one byte differs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bot.channels.text import card_text
from bot.errors import NotFound, Refused
from bot.incidents import opening
from bot.incidents.enquiries import Enquiries
from bot.incidents.model import Kind
from bot.incidents.retention import export_person
from bot.people import Role
from tests.support.channels import RecordingChannel
from tests.support.delivering import Post
from tests.support.people import CHAIR, DSL, HEAD, SBM, TA, TEACHER
from tests.support.school import School, report

CHOSEN, LATER = "ZZZZ-ZZZZ", "YYYY-YYYY"


class World:
    """Some days at a school, and everything that the colleague can see in them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, secret: bool, about: str = TA.id) -> None:
        self.school, self.secret, self.about = School(f"sqlite:///{folder / 'usher.db'}"), secret, about
        self.register = self.school.register
        self.chat = RecordingChannel("chat")
        self.mail = RecordingChannel("mail", can_find=False, has_rooms=False, can_update=False)
        self.post = Post(self.school, {"chat": self.chat, "mail": self.mail})
        self.monkeypatch = monkeypatch
        self.seen: list[str] = []
        ordinary = iter(range(100))
        monkeypatch.setattr(opening, "new_reference", lambda: reference(next(ordinary)))

    async def step(self, minutes: int) -> None:
        """Let time pass, deliver, and look as the colleague."""
        self.school.clock.turn(minutes=minutes)
        self.post.worker.ladder.climb()
        await self.post.deliver()
        self.seen.append(self.look())

    def look(self) -> str:
        register = self.register
        rows = (*register.visible_to(TA), *register.reported_by(TA))
        told = [
            rows, register.changes_since(0, TA), Enquiries(register.records).open_for(TA), Enquiries(register.records).mine(TA),
            [register.read(row.ref, TA) for row in rows], [register.delivery_state(row.ref, TA) for row in register.reported_by(TA)],
        ]  # fmt: skip
        messages = [
            sorted(repr((one.sent.conversation, one.cards)) for one in channel.to(TA)) for channel in (self.chat, self.mail)
        ]  # jobs of one moment have no order
        rooms = [(room.name, sorted(room.members), room.cards, room.posts) for room in self.chat.rooms.values() if TA.id in room.members]
        return repr((told, messages, rooms, self.refusals()))

    def refusals(self) -> list[str]:
        """What the references of the secret incidents are answered with; one that never was gets the same words."""
        found = []
        for ref in (CHOSEN, LATER, "XXXX-XXXX"):
            for call in (self.register.read, self.register.delivery_state):
                with pytest.raises(NotFound) as told:
                    call(ref, TA)
                found.append(str(told.value))
        assert len(set(found)) == 1
        return found

    def hidden(self, ref: str, what: str, subjects: tuple[str, ...]) -> None:
        """An incident with a reference of its own, so that the ordinary ones keep theirs."""
        with self.monkeypatch.context() as own:
            own.setattr(opening, "new_reference", lambda: ref)
            told = report(Kind.SAFEGUARDING, what=what, subjects=subjects, affected=("pupil",))
            self.register.open(told, TEACHER, f"open {ref}")

    async def begin_secret(self) -> None:
        """One incident names the colleague in its report; another, in which they would be asked to help, names them later."""
        self.hidden(CHOSEN, "The teaching assistant messages a pupil at night.", (self.about,))
        await self.post.deliver()
        self.hidden(LATER, "Somebody messages a pupil.", ())
        self.register.name_subject(LATER, DSL, TA, "named")
        self.register.add_note(LATER, DSL, "It is Tina Assistant.", "noted")
        self.register.say(CHOSEN, TEACHER, "Please be discreet.", "said", "chat")
        for act in (self.register.invite, self.register.hand_over):
            with pytest.raises(Refused):
                act(LATER, DSL, TA, f"never {act.__name__}")

    def end_secret(self) -> None:
        for ref in (CHOSEN, LATER):
            for who in (DSL, HEAD):
                self.register.acknowledge(ref, who, f"ack {ref} {who.id}")
            self.register.close(ref, HEAD, "Handled.", f"close {ref}")


async def live(folder: Path, monkeypatch: pytest.MonkeyPatch, *, secret: bool, about: str = TA.id) -> str:
    world = World(folder, monkeypatch, secret=secret, about=about)
    register = world.register
    first = register.open(report(what="A parent's post."), TA, "e1").ref
    await world.step(1)
    if secret:
        await world.begin_secret()
    await world.step(20)
    helped = register.open(report(Kind.STAFF_ABUSE, what="Another parent's post."), SBM, "e2").ref
    register.invite(helped, HEAD, TA, "e3")
    await world.step(5)
    register.say(helped, TA, "I saw it, too.", "e4", "chat")
    register.acknowledge(first, HEAD, "e5")
    await world.step(300)
    if secret:
        world.end_secret()
    asked = Enquiries(register.records).ask("May I post this?", TA, Role.HEADTEACHER, "e6")
    Enquiries(register.records).answer(asked.ref, HEAD, "Yes.", "e7")
    register.close(first, HEAD, "Done.", "e8")
    await world.step(60)
    world.seen.append(repr(export_person(register, TA)))
    assert all(card_text(one.card) for one in world.chat.to(TA))
    world.school.close()
    return "\n".join(world.seen)


def reference(number: int) -> str:
    letters = [opening.ALPHABET[byte % len(opening.ALPHABET)] for byte in hashlib.sha256(str(number).encode()).digest()[:8]]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


@pytest.mark.slow
async def test_not_one_byte_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = await live(tmp_path / "plain", monkeypatch, secret=False)
    with_secret = await live(tmp_path / "secret", monkeypatch, secret=True)
    assert plain == with_secret
    assert "I saw it, too." in plain
    assert "discreet" not in with_secret


async def test_the_test_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, but the colleague has an incident more of their own: now the worlds differ."""
    looks = []
    for name in ("one", "two"):
        world = World(tmp_path / name, monkeypatch, secret=False)
        if name == "two":
            world.register.open(report(what="One more."), TA, "e0")
        looks.append(world.look())
        world.school.close()
    assert looks[0] != looks[1]


async def test_the_chair_is_told_of_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A colleague who is the subject changes nobody's way but their own: the DSL and the Headteacher are told, as ever."""
    world = World(tmp_path, monkeypatch, secret=True)
    await world.begin_secret()
    await world.post.deliver()
    assert {one.person.id for one in world.chat.delivered} == {DSL.id, HEAD.id}
    assert world.chat.to(CHAIR) == []
    world.school.close()
