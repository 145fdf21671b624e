"""E-mail over a real SMTP server, and what the watchdog does with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cards import Button, Card
from bot.channels.mail import MailChannel, parse_smtp_url
from bot.errors import RecipientGone, RetryLater, SettingsError
from bot.incidents.audit import Head
from bot.incidents.model import Kind
from bot.incidents.policy_of_school import SchoolRules
from bot.incidents.register import Register
from bot.incidents.telling import send_head, tell_it_contact
from bot.incidents.verify import verify
from bot.incidents.watchdog import Watchdog
from bot.incidents.worker import Worker
from tests.support.channels import RecordingChannel, later
from tests.support.delivering import Post
from tests.support.people import HEAD, SBM, TEACHER
from tests.support.school import School, report
from tests.support.smtp import MailServer


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def channel(server: MailServer) -> MailChannel:
    return MailChannel(server.url, "Usher <usher@school.test>", "https://usher.school.test")


async def test_an_alert_by_mail_tells_reference_and_kind_and_no_story(school: School, server: MailServer) -> None:
    post = Post(school, {"mail": channel(server)})
    ref = school.register.open(report(Kind.THREAT, what="Secretname said so"), TEACHER, school.event()).ref
    await post.deliver()
    (message,) = [one for one in server.inbox.messages if one["To"] == "head@school.test"]
    assert message["Subject"] == f"Urgent: Threat, {ref}"
    assert "Secretname" not in message.as_string()
    assert "Tom Teacher" not in message.as_string()
    assert "https://usher.school.test" in str(message.get_payload(decode=True))


async def test_the_same_key_makes_the_same_message_id(server: MailServer) -> None:
    mail = channel(server)
    cards = [mail.compose("a@school.test", _card(), "key")["Message-ID"] for _ in range(2)]
    assert cards[0] == cards[1]
    assert mail.compose("a@school.test", _card(), "other")["Message-ID"] != cards[0]


@pytest.mark.parametrize(
    ("reply", "error"), [("550 no such user", RecipientGone), ("450 later", RetryLater), ("452 disk full", RetryLater)]
)
async def test_what_the_server_says_decides(server: MailServer, reply: str, error: type[Exception]) -> None:
    server.inbox.refuse["head@school.test"] = reply
    with pytest.raises(error):
        await channel(server).send(HEAD, _card(), "key")


async def test_a_server_that_is_down_is_tried_again() -> None:
    with pytest.raises(RetryLater):
        await MailChannel("smtp://127.0.0.1:9", "usher@school.test").send(HEAD, _card(), "key")


async def test_when_chat_is_down_the_mail_arrives_within_a_minute(school: School, server: MailServer) -> None:
    chat = RecordingChannel("chat")
    chat.always = later()
    post = Post(school, {"chat": chat, "mail": channel(server)})
    school.register.open(report(Kind.THREAT), TEACHER, school.event())
    await post.deliver()
    await post.pass_time(46)
    assert "head@school.test" in [one["To"] for one in server.inbox.messages]


@pytest.mark.parametrize("url", ["", "http://x", "smtp://", "mail.school.uk"])
def test_a_bad_url_is_told_in_one_line(url: str) -> None:
    with pytest.raises(SettingsError):
        parse_smtp_url(url)


def test_urls() -> None:
    assert parse_smtp_url("smtps://u:p%40ss@mail.school.uk").port == 465
    assert parse_smtp_url("smtps://u:p%40ss@mail.school.uk").password == "p@ss"
    assert parse_smtp_url("smtp://mail.school.uk:587").security == "starttls"
    assert parse_smtp_url("smtp://mail.school.uk").security == "none"


def test_the_watchdog_notices_a_stopped_outbox_and_tells_the_it_contact(school: School, server: MailServer) -> None:
    worker = Worker(school.register, {})
    watchdog = Watchdog(worker, tell_it_contact(channel(server), "it@school.test"))
    watchdog._since = school.clock.now()
    school.store.beat("outbox")
    school.register.open(report(Kind.THREAT), TEACHER, school.event())
    school.clock.turn(seconds=30)
    assert watchdog.look() == ()
    school.clock.turn(seconds=89)  # not quite two minutes in all
    problems = watchdog.look()
    assert any("No process delivers" in problem for problem in problems)
    assert any("reached nobody" in problem for problem in problems)
    watchdog.look()
    (told,) = server.inbox.messages
    assert told["To"] == "it@school.test"
    assert "Threat" not in told.as_string()


def test_the_watchdog_says_so_when_the_database_is_gone(school: School) -> None:
    watchdog = Watchdog(Worker(school.register, {}))
    school.store.close()
    Path(str(school.store.url.database)).unlink()
    Path(str(school.store.url.database)).mkdir()
    assert any("database cannot be reached" in problem for problem in watchdog.look())


async def test_the_head_of_the_trail_goes_to_the_second_person_once_a_day(school: School, server: MailServer) -> None:
    register = Register(school.store, school.vault, school.people, SchoolRules(audit_head_to="sbm"))
    register.open(report(), TEACHER, school.event())
    head = await send_head(register, channel(server))
    assert isinstance(head, Head)
    assert await send_head(register, channel(server)) is None
    (message,) = server.inbox.messages
    assert message["To"] == SBM.addresses["mail"]
    (line,) = re.findall(r"school:x[0-9a-f]{32}:[0-9a-f]{64}", str(message.get_payload(decode=True)))
    register.open(report(what="more"), TEACHER, school.event())
    assert verify(school.store, school.vault, [head.line, line]).sound
    assert not verify(school.store, school.vault, [line[:-1] + ("0" if line[-1] != "0" else "1")]).sound
    school.clock.turn(hours=25)
    assert await send_head(register, channel(server)) is not None


def _card() -> Card:
    return Card("Threat: K7QM-2WXR", buttons=(Button("Open", "incident.open"),), notice="Urgent: Threat, K7QM-2WXR")
