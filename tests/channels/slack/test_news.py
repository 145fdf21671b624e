"""What is new stands on the home: what a version changed, word for word, and answers that came since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from bot.guidance_states import GuidanceStates
from handlers.news import NOTHING
from knowledge.base import PolicySource, build, import_document
from knowledge.changes import compare
from knowledge.news import PolicyNews, policy_news
from knowledge.parsing import parse
from tests.channels.slack.bench import Bench
from tests.channels.slack.stand_in.member import until

OLD = "Social Media Policy\n\nContact\n1. Staff should be careful.\n2. Staff should not friend pupils.\n3. Ask first.\n"
NEW = "Social Media Policy\n\nContact\n1. Staff must be careful.\n2. Staff should not friend pupils.\n4. Passwords are private.\n"


async def test_the_home_says_honestly_that_nothing_is_new(bench: Bench) -> None:
    teacher = bench.who("teacher")
    await teacher.opens_home()
    await until(lambda: "What is new" in teacher.home(), "the home")
    assert NOTHING in teacher.home()


async def test_the_home_tells_what_a_version_changed_and_which_answers_are_new(http_bench: Bench) -> None:
    bench, services = http_bench, http_bench.bot.services
    diff = compare(parse(OLD, "p"), parse(NEW, "p"))
    news = PolicyNews(bench.clock.now() - timedelta(days=3), date(2026, 2, 1), diff)
    entries = [entry for entry in services.knowledge.adviser.entries if entry.clauses]
    fresh = entries[0]
    GuidanceStates(bench.bot.store).note(entry.id for entry in entries[1:])
    bench.clock.turn(days=1)
    known = replace(services.knowledge, news=news)
    object.__setattr__(services, "knowing", lambda: known)
    teacher = bench.who("teacher")
    await teacher.opens_home()
    await until(lambda: "What is new" in teacher.home(), "the home")
    home = teacher.home()
    assert "it was ratified on 1 February 2026" in home
    assert "Clause 1: changed" in home
    assert "Clause 4: new" in home
    assert "Clause 3: gone" in home
    assert "New answers (1)" in home
    assert fresh.summary in home
    await teacher.presses_in_home("Show what changed")
    await until(lambda: "What this version changed" in teacher.modal_text(), "the changes")
    shown = teacher.modal_text()
    assert all(words in shown for words in ("Staff should be careful.", "Staff must be careful.", "Passwords are private.", "Ask first."))
    assert "Staff should not friend pupils." not in shown
    bench.clock.turn(days=61)
    await teacher.opens_home()
    await until(lambda: NOTHING in teacher.home(), "the home of two months later")


def test_a_policys_news_come_from_the_versions_in_the_base(tmp_path: Path) -> None:
    base = tmp_path / "clauses.db"
    build(base, [PolicySource("p", OLD)], None)
    assert policy_news(base).diff is None
    import_document(base, PolicySource("p", NEW), None)
    diff = policy_news(base).diff
    assert diff is not None
    assert ([one.number for one in diff.added], [one.number for one in diff.removed]) == (["4"], ["3"])
