"""Something is attached, in every way that Slack allows: nothing of it is kept, not even sealed, and nothing is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.incidents.audit import COMMAND_LINE
from bot.incidents.backup import backup
from tests.channels.attached import CANARY, sealed  # noqa: F401 - a fixture
from tests.channels.slack.bench import Bench
from tests.channels.slack.test_incidents import report, room


def slack_file(number: int) -> dict[str, Any]:
    return {
        "id": f"F{number}", "name": f"{CANARY}.png", "title": CANARY, "mimetype": "image/png", "url_private": f"https://files.invalid/{CANARY}",
        "thumb_64": f"https://files.invalid/{CANARY}-64", "preview": CANARY, "plain_text": CANARY,
        "preview_highlight": f"<pre>{CANARY}</pre>",
        "initial_comment": {"comment": CANARY}, "alt_txt": CANARY,
    }  # fmt: skip


PICTURE = {
    "type": "image",
    "image_url": f"https://files.invalid/{CANARY}",
    "alt_text": CANARY,
    "title": {"type": "plain_text", "text": CANARY},
}
SHARED = {
    "is_share": True,
    "text": "words beside it",
    "files": [slack_file(9)],
    "image_url": f"https://x.invalid/{CANARY}",
    "blocks": [PICTURE],
}
UNFOLDED = {
    "from_url": "https://x.invalid",
    "image_url": f"https://x.invalid/{CANARY}",
    "thumb_url": CANARY,
    "title": CANARY,
    "fallback": CANARY,
}
OF_SLACK: dict[str, dict[str, Any]] = {
    "a file": {"subtype": "file_share", "files": [slack_file(1), slack_file(2)], "upload": True},
    "a picture in a block": {"blocks": [PICTURE]},
    "a forwarded message": {"attachments": [SHARED]},
    "a forwarded message in a forwarded one": {"attachments": [{"is_share": True, "text": "more", "attachments": [SHARED]}]},
    "a link that was unfolded": {"attachments": [UNFOLDED]},
    "a list or a canvas": {"files": [{**slack_file(3), "mode": "quip", "filetype": "quip"}]},
}


@pytest.mark.parametrize("way", OF_SLACK)
@pytest.mark.usefixtures("sealed")
async def test_nothing_of_it_is_kept_from_slack(tmp_path: Path, way: str) -> None:
    (tmp_path / "usher").mkdir()
    async with Bench(tmp_path / "usher", "http") as bench:
        teacher = bench.who("teacher")
        await report(teacher)
        place = await room(bench, "teacher", "head")
        world = bench.slack.world
        for where in (teacher.dm, place):
            message = world.post(where, teacher.id, "words beside it")
            await bench.slack.event({**teacher.as_event(where, message), **OF_SLACK[way]})
            changed = {**message, **OF_SLACK[way], "text": "other words beside it", "edited": {"user": teacher.id, "ts": world.ts()}}
            changed.pop("subtype", None)
            event = {"type": "message", "subtype": "message_changed", "message": changed, "previous_message": message}
            kind = {"channel": where.id, "channel_type": "im" if where.direct else "group", "ts": world.ts(), "event_ts": world.ts()}
            await bench.slack.event({**event, **kind})
        mention = world.post(place, teacher.id, f"<@{world.BOT}> words beside it")
        await bench.slack.event({**teacher.as_event(place, mention), **OF_SLACK[way], "type": "app_mention"})
        await teacher.says("clause 28")
        await teacher.reads_until("28")
        assert not any(call.startswith("files.") for call in bench.slack.calls)
        backup(bench.bot.store, bench.bot.vault, tmp_path / "copy.db", by=COMMAND_LINE)
