"""Something is attached, in every way that Teams allows: nothing of it is kept, not even sealed, and nothing is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.incidents.audit import COMMAND_LINE
from bot.incidents.backup import backup
from tests.channels.attached import CANARY, INLINE, sealed  # noqa: F401 - a fixture
from tests.channels.teams.conftest import Staffroom, staffroom
from tests.channels.teams.stand_in import Teams
from tests.channels.teams.test_rooms import opened

PAGE = f'<p>words beside it <img src="{INLINE}" alt="{CANARY}" itemid="{CANARY}"></p>'
DOWNLOAD = {
    "contentType": "application/vnd.microsoft.teams.file.download.info", "name": f"{CANARY}.png", "contentUrl": f"https://x.invalid/{CANARY}",
    "content": {"downloadUrl": f"https://x.invalid/{CANARY}", "uniqueId": CANARY, "fileType": "png"}, "thumbnailUrl": CANARY,
}  # fmt: skip
OF_TEAMS: dict[str, dict[str, Any]] = {
    "a file": {"attachments": [DOWNLOAD]},
    "a picture": {"attachments": [{"contentType": "image/*", "contentUrl": f"https://smba.invalid/{CANARY}", "name": CANARY}]},
    "a picture in the activity itself": {"attachments": [{"contentType": "image/png", "contentUrl": INLINE, "content": INLINE}]},
    "a picture in the page": {"attachments": [{"contentType": "text/html", "content": PAGE}]},
    "a card": {
        "attachments": [{"contentType": "application/vnd.microsoft.card.hero", "content": {"images": [{"url": INLINE}], "text": CANARY}}]
    },
    "a picture in what comes with it": {"value": {"image": INLINE}, "channelData": {"tenant": {"id": "x"}, "image": INLINE}},
}


@pytest.mark.parametrize("way", OF_TEAMS)
@pytest.mark.usefixtures("sealed")
async def test_nothing_of_it_is_kept_from_teams(tmp_path: Path, teams: Teams, way: str) -> None:
    async with staffroom(tmp_path, teams) as made:
        await everything(made, OF_TEAMS[way])
        backup(made.school.store, made.school.vault, tmp_path / "copy.db", by=COMMAND_LINE)


async def everything(made: Staffroom, more: dict[str, Any]) -> None:
    ref = await opened(made)
    tenant = {"channelData": {**more.get("channelData", {}), "tenant": {"id": made.tom.activity("message")["channelData"]["tenant"]["id"]}}}
    more = {**more, **tenant}
    await made.tom.say("words beside it", **more)
    await made.tom.say(f"{ref}: words beside it", **more)
    await made.deliver()
    said = made.tom.activity("message", text="x")["id"]
    changed = {**made.tom.activity("messageUpdate", text="other words beside it", **more), "id": said}
    await made.tom.post({**changed, "channelData": {**tenant["channelData"], "eventType": "editMessage"}})
    payload = {"id": "1", "body": {"contentType": "html", "content": PAGE}, "attachments": more.get("attachments", [DOWNLOAD])}
    value = {"commandId": "reportMessage", "commandContext": "message", "messagePayload": payload}
    await made.tom.invoke("composeExtension/fetchTask", value)
    await made.deliver()
