"""An alert goes to an account that somebody still reads."""

from __future__ import annotations

import asyncio

from bot.cards import Card
from bot.incidents.model import Entry
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in import faults
from tests.channels.slack.stand_in.member import Member, until
from tests.channels.slack.test_incidents import _head, report


def undelivered(bench: Bench, ref: str) -> list[Entry]:
    return [one for one in bench.bot.register.read(ref, _head(bench)).timeline if one.what == "undelivered"]


async def test_an_account_that_is_switched_off_is_no_delivery_and_the_next_person_is_asked_at_once(bench: Bench) -> None:
    teacher, head, deputy = (bench.who(name) for name in ("teacher", "head", "deputy"))
    await report(teacher)
    await head.reads_until("Please acknowledge")
    bench.slack.world.users[head.id].deleted = True  # Slack goes on taking what is written to them
    ref = await report(bench.who("ta"), kind="threat")
    assert ref in await deputy.reads_until("Please acknowledge")
    assert ref not in head.reads()
    assert [one.text for one in undelivered(bench, ref)] == ["Mrs Helen Demo-Blake cannot be reached by any channel"]


async def test_whoever_has_a_new_account_is_alerted_there(bench: Bench) -> None:
    teacher, head, world = bench.who("teacher"), bench.who("head"), bench.slack.world
    await report(teacher)
    await head.reads_until("Please acknowledge")
    world.users[head.id].deleted = True
    world.add("UHEAD2", "Mrs Helen Demo-Blake", "helen.blake@demo.example")
    ref = await report(bench.who("ta"), kind="threat")
    assert ref in await Member(bench.slack, "UHEAD2").reads_until(f"Threat: {ref}")
    assert undelivered(bench, ref) == []


async def test_an_alert_is_sent_though_slack_shows_only_some_of_the_history(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    for number in range(40):
        bench.slack.world.post(head.dm, bench.slack.world.BOT, f"An older message, {number}")
    await bench.side.staff.direct("", teacher.id)
    bench.slack.history_every = 60.0
    bench.slack.fault("conversations.open", faults.broken(503))  # the alert is tried again, and looked for first
    ref = await report(teacher, kind="threat")
    for _ in range(100):
        bench.clock.turn(seconds=1)
        bench.worker.ring()
        await asyncio.sleep(0.05)
        if ref in head.reads():
            break
    assert head.reads().count("Please acknowledge") == 1


async def test_an_alert_does_not_wait_for_slack_to_say_who_is_still_there(bench: Bench) -> None:
    teacher, head = bench.who("teacher"), bench.who("head")
    await report(teacher)
    await head.reads_until("Please acknowledge")
    await bench.who("ta").says("hello")
    await bench.who("ta").reads_until("Ask me")
    bench.slack.fault("users.info", faults.too_many(60), *[faults.hang(10)] * 3)
    ref = await report(bench.who("ta"), kind="threat")
    await until(lambda: f"Threat: {ref}" in head.reads(), "the alert")


async def test_a_message_that_arrived_twice_is_known_by_its_key_and_the_later_one_is_taken_out(bench: Bench) -> None:
    head, channel, key = bench.who("head"), bench.side.channel, "a-key-of-a-job"
    person = _head(bench)
    sent = [await channel.send(person, Card("Threat", notice=f"Urgent {number}"), key) for number in range(2)]
    other = await channel.send(person, Card("Another"), "another-key")
    assert await channel.copies(person, key) == tuple(sent)
    assert await channel.find(person, key) == sent[0], "the first stays, so it is the one that is found"
    await channel.take_back(sent[1])
    await channel.take_back(sent[1])  # no error where it is gone already
    assert await channel.copies(person, key) == (sent[0],)
    assert await channel.copies(person, "another-key") == (other,)
    assert head.reads().count("Threat") == 1
