"""A process stands still inside the very call to the chat product, and sends what another has sent meanwhile: one message stays."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cards import Card
from bot.clock import SystemClock
from bot.errors import RecipientGone
from bot.incidents import delivery, schema
from bot.incidents.model import Kind
from bot.incidents.verify import verify
from bot.people import Person
from bot.ports import Sent
from tests.support.bots import Bot
from tests.support.channels import Delivered, Fault, RecordingChannel, later, revoked
from tests.support.delivering import Post
from tests.support.people import DSL, HEAD, TEACHER
from tests.support.product import Product, Running
from tests.support.school import School, report

PATIENCE = 60.0
WITHDRAWN = "This message has been withdrawn"


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.mark.postgres
@pytest.mark.timeout(180)
@pytest.mark.parametrize("patience", [0.8, 60.0], ids=["it hears no answer", "it hears the answer"])
def test_who_sends_after_the_lease_was_anothers_takes_its_own_message_out(postgres_url: str, patience: float) -> None:
    school, product = School(postgres_url, clock=SystemClock()), Product()  # type: ignore[arg-type]
    with Running(product) as running:
        sleeper, other = Bot(postgres_url, running.port, dawdles=0.5, patience=patience), Bot(postgres_url, running.port)
        sleeper.start()
        try:
            ref = school.register.open(report(), TEACHER, "e").ref
            until(lambda: product.inside)
            os.kill(product.inside[0], signal.SIGSTOP)  # it is inside the call, and has sent nothing
            other.start()
            until(product.alerts)  # the lease ran out; the other has looked, found nothing, and sent
            until(lambda: "Delivered to the Headteacher" in school.register.delivery_state(ref, TEACHER))
            os.kill(product.inside[0], signal.SIGCONT)
            until(lambda: any(one.get("taken_back") for one in product.messages))
            until(lambda: nothing_due(school))
        finally:
            sleeper.kill()
            other.kill()
    assert len(product.messages) > len(product.alerts()), "it did arrive twice"
    assert set(product.alerts().values()) == {1}
    first = next(one for one in product.messages if one["person"] == HEAD.id)
    assert not first.get("taken_back"), "the one on record stays"
    assert verify(school.store, school.vault).problem == ""
    school.close()


def nothing_due(school: School) -> bool:
    jobs = schema.jobs
    with school.store.reading() as conn:
        return conn.execute(school.store.rows(jobs, jobs.c.id).where(jobs.c.done_at.is_(None)).limit(1)).first() is None


async def _vanished(call: str) -> None:
    raise RecipientGone(call)


class Taking(RecordingChannel):
    """One that can take back. `before`: what happens inside the call, before its message arrives."""

    def __init__(self) -> None:
        super().__init__("chat")
        self.before: Callable[[Person, Card, str], None] | None = None
        self.looking: list[Fault] = []

    async def send(self, person: Person, card: Card, key: str) -> Sent:
        before, self.before = self.before, None
        if before is not None:
            before(person, card, key)
        return await super().send(person, card, key)

    async def copies(self, person: Person, key: str) -> tuple[Sent, ...]:
        if self.looking:
            await self.looking.pop()("copies")
        return tuple(one.sent for one in self.delivered if (one.person.id, one.key) == (person.id, key))

    async def take_back(self, sent: Sent) -> None:
        self.delivered = [one for one in self.delivered if one.sent != sent]


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.setattr(delivery, "SETTLING", (0.0,))
    return School(f"sqlite:///{tmp_path / 'usher.db'}")


async def test_who_has_the_lease_looks_as_well_so_the_first_one_wakes_when_it_may(school: School) -> None:
    chat = Taking()
    post = Post(school, {"chat": chat})
    ref = school.register.open(report(Kind.MISUSE), TEACHER, "e").ref
    for one in post.worker.outbox.claim("", 10):
        await post._delivery.carry_out(one)
    (asleep,) = [one for one in post.worker.outbox.claim("chat", 10) if one.person]
    school.clock.turn(seconds=61)

    def wakes(person: Person, card: Card, key: str) -> None:
        sent = Sent("chat", "dm", "from the sleeper")
        chat.delivered.append(Delivered(person, key, sent, [card]))
        chat._by_sent[sent] = chat.delivered[-1]

    chat.before = wakes  # between the look of the one who has the lease and its message
    await post.deliver()
    (alert,) = chat.to(HEAD)
    assert alert.sent.message == "from the sleeper", "the first that arrived stays"
    await post._delivery.carry_out(replace(asleep, attempts=2))
    assert len(chat.to(HEAD)) == 1
    school.register.acknowledge(ref, HEAD, "a")
    await post.deliver()
    assert "Acknowledge" not in [button.label for button in chat.to(HEAD)[0].card.buttons], "what is kept up to date is what stays"
    school.close()


async def second_try(school: School, post: Post, chat: Taking, *, certain: bool) -> str:
    """A report whose alert did not arrive at the first try. `certain`: the product said so; else a process was killed before it sent."""
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "e").ref
    for one in post.worker.outbox.claim("", 10):
        await post._delivery.carry_out(one)
    if certain:
        chat.always = later(1)
        await post.deliver()
        chat.always = None
        assert not chat.delivered
    else:
        assert [one for one in post.worker.outbox.claim("chat", 10) if one.person]
    school.clock.turn(seconds=61)
    return ref


async def test_where_the_first_try_certainly_did_not_arrive_nothing_is_looked_for(school: School) -> None:
    chat = Taking()
    post = Post(school, {"chat": chat})
    await second_try(school, post, chat, certain=True)
    chat.looking = [later(60)]  # of some apps Slack takes one such question a minute
    await post.deliver()
    assert len(chat.to(HEAD)) == 1
    assert len(chat.looking) == 1
    school.close()


@pytest.mark.parametrize("fault", [later(5), later(), revoked(), _vanished], ids=["busy", "ill", "revoked", "gone"])
async def test_what_has_arrived_is_withdrawn_though_it_could_not_be_looked_for_whether_it_came_twice(school: School, fault: Fault) -> None:
    chat = Taking()
    post = Post(school, {"chat": chat})
    ref = await second_try(school, post, chat, certain=False)
    chat.looking = [fault, fault]
    await post.deliver()
    assert len(chat.to(HEAD)) == 1
    assert not chat.looking
    school.register.name_subject(ref, DSL, HEAD, "n")
    await post.pass_time(60, step=10)
    (alert,) = chat.to(HEAD)
    assert alert.card.title == WITHDRAWN
    assert not [one for one in school.register.read(ref, DSL).timeline if one.what == "undelivered"]
    school.close()


async def test_what_a_sleeper_sends_after_its_reader_was_named_is_withdrawn(school: School) -> None:
    chat = Taking()
    post = Post(school, {"chat": chat})
    ref = school.register.open(report(Kind.SAFEGUARDING), TEACHER, "e").ref
    for one in post.worker.outbox.claim("", 10):
        await post._delivery.carry_out(one)
    (asleep,) = [one for one in post.worker.outbox.claim("chat", 10) if one.person and chat_person(school, one.person) == HEAD.id]

    real = chat.send

    async def send(person: Person, card: Card, key: str) -> Sent:
        """While it stands still the Headteacher is named, and another process finds nothing that it would have to withdraw."""
        chat.send = real  # type: ignore[method-assign]
        school.register.name_subject(ref, DSL, HEAD, "n")
        school.clock.turn(seconds=61)
        await post.deliver()
        assert not chat.to(HEAD)
        return await real(person, card, key)

    chat.send = send  # type: ignore[method-assign]
    await post._delivery.carry_out(asleep)
    await post.deliver()
    assert len(chat.to(HEAD)) == 1
    assert all(one.card.title == WITHDRAWN for one in chat.to(HEAD))
    school.close()


def chat_person(school: School, key: str) -> str:
    with school.store.reading() as conn:
        return school.register.records.directory.person(conn, key).id
