"""Somebody at a Teams client: what they do becomes the activities that Teams sends to the bot."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from tests.channels.teams.stand_in.reading import actions, read_words

if TYPE_CHECKING:
    from tests.channels.teams.stand_in.service import Posted, Teams

APP_ID, TENANT = "12345678-90ab-cdef-1234-567890abcdef", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
BOT = f"28:{APP_ID}"


@dataclass(frozen=True)
class Account:
    """One account. `personal`: their own conversation with the bot."""

    aad: str
    user: str
    name: str
    mail: str
    role: str = "user"

    @property
    def personal(self) -> str:
        return f"a:{self.user.removeprefix('29:')}"


@dataclass
class Answer:
    """What the bot's endpoint answered."""

    status: int
    body: Any


@dataclass
class Dialog:
    """An open dialog: `card` is its form, or what it says; `note` a single sentence."""

    user: User
    name: str
    task: dict[str, Any]
    context: dict[str, Any]
    filled: dict[str, str] = field(default_factory=dict)

    @property
    def card(self) -> dict[str, Any]:
        return self.task["value"]["card"]["content"]  # type: ignore[no-any-return]

    @property
    def note(self) -> str:
        return self.task["value"] if self.task["type"] == "message" else ""

    @property
    def title(self) -> str:
        return str(self.task["value"]["title"])

    @property
    def words(self) -> str:
        return read_words(self.card)

    def inputs(self) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in self.card["body"] if one["type"].startswith("Input.")}

    async def send(self, **filled: str) -> Dialog | None:
        """Fill in and send; a choice is given by its label. The dialog that stays open, or None where it closed."""
        given = {name: one.get("value", "") for name, one in self.inputs().items()}
        for name, value in filled.items():
            one = self.inputs()[name]
            labels = {choice["title"]: choice["value"] for choice in one.get("choices", [])}
            given[name] = ",".join(labels[label] for label in value.split("; ")) if labels else value
        (button,) = actions(self.card)
        name = "composeExtension/submitAction" if self.name.startswith("compose") else "task/submit"
        value = {**self.context, "data": {**button["data"], **given}}
        answer = await self.user.invoke(name, value, conversation=self.user.where)
        task = (answer.body or {}).get("task")
        return Dialog(self.user, self.name, task, self.context) if task else None


class User:
    """Does what people do. `where`: the conversation in which they last did something."""

    def __init__(self, teams: Teams, account: Account) -> None:
        self.teams = teams
        self.account = account
        self.where = account.personal

    def messages(self) -> list[Posted]:
        return self.teams.to(self)

    def last(self) -> Posted:
        return self.messages()[-1]

    async def post(self, activity: dict[str, Any], *, token: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Send any activity to the bot, signed as Teams signs it."""
        signed = {"Authorization": f"Bearer {self.teams.token() if token is None else token}", **(headers or {})}
        async with aiohttp.ClientSession() as session, session.post(self.teams.bot_url, json=activity, headers=signed) as response:
            body = await response.json() if response.content_type == "application/json" else None
            return Answer(response.status, body)

    def activity(self, kind: str, *, conversation: str = "", **more: Any) -> dict[str, Any]:
        """An activity as Teams makes it."""
        where = conversation or self.account.personal
        sort = "personal" if where == self.account.personal else "channel" if "tacv2" in where else "groupChat"
        return {
            "type": kind, "id": self.teams.new_id(), "channelId": "msteams", "serviceUrl": self.teams.url,
            "from": {"id": self.account.user, "name": self.account.name, "aadObjectId": self.account.aad},
            "recipient": {"id": BOT, "name": "Usher"}, "timestamp": "2026-11-22T09:00:00.000Z",
            "conversation": {"id": where, "conversationType": sort, "tenantId": TENANT}, "channelData": {"tenant": {"id": TENANT}}, **more,
        }  # fmt: skip

    async def say(self, text: str, **more: Any) -> Answer:
        """Write to the bot privately."""
        return await self.post(self.activity("message", text=text, textFormat="plain", **more))

    async def quote(self, message: Posted, text: str) -> Answer:
        """Answer one of the bot's messages with Teams' own reply."""
        page = (
            f'<blockquote itemscope="" itemtype="http://schema.skype.com/Reply" itemid="{message.id}"><strong>Usher</strong>'
            f'<p itemprop="preview">{html.escape(message.words[:40])}</p></blockquote><p>{html.escape(text)}</p>'
        )
        shown = f"Usher\r\n{message.words[:40]}\r\n\r\n{text}"
        return await self.say(shown, attachments=[{"contentType": "text/html", "content": page}])

    async def mention(self, conversation: str, text: str) -> Answer:
        """Speak to the bot where others read along."""
        entity = {"type": "mention", "mentioned": {"id": BOT, "name": "Usher"}, "text": "<at>Usher</at>"}
        return await self.post(self.activity("message", conversation=conversation, text=f"<at>Usher</at> {text}", entities=[entity]))

    async def chat(self, conversation: str, text: str, **more: Any) -> dict[str, Any] | None:
        """Write in a chat without a mention: the bot hears it only where it was put there with consent to that. What was written."""
        activity = self.activity("message", conversation=conversation, text=text, **more)
        if conversation not in self.teams.heard:
            return None
        await self.post(activity)
        return activity

    async def invoke(self, name: str, value: dict[str, Any], *, conversation: str = "", **more: Any) -> Answer:
        """Something that Teams waits for an answer to."""
        self.where = conversation or self.account.personal
        return await self.post(self.activity("invoke", conversation=conversation, name=name, value=value, **more))

    async def press(self, label: str, message: Posted | None = None) -> Answer:
        """Press a button of a card; what is answered in place is put there."""
        shown = message or next(one for one in reversed(self.messages()) if label in one.buttons)
        action = shown.buttons[label]
        if action["type"] == "Action.ShowCard":
            (action,) = action["card"]["actions"]
        assert action["type"] == "Action.Execute", f"{label} does not act in place"
        value = {"action": {"type": "Action.Execute", "verb": action["verb"], "data": action["data"]}, "trigger": "manual"}
        answer = await self.invoke("adaptiveCard/action", value, conversation=shown.conversation, replyToId=shown.id)
        if (answer.body or {}).get("type") == "application/vnd.microsoft.card.adaptive":
            shown.history.append(shown.activity)
            shown.activity = {**shown.activity, "attachments": [{"content": answer.body["value"]}]}
        return answer

    async def dialog(self, label: str, message: Posted | None = None) -> Dialog:
        """Press a button that opens a dialog."""
        shown = message or next(one for one in reversed(self.messages()) if label in one.buttons)
        action = shown.buttons[label]
        assert action["data"]["msteams"] == {"type": "task/fetch"}, f"{label} opens no dialog"
        data = {"data": {**action["data"], "type": "task/fetch"}, "context": {"theme": "default"}}
        answer = await self.invoke("task/fetch", data, replyToId=shown.id)
        return Dialog(self, "task/fetch", answer.body["task"], {"context": {"theme": "default"}})

    async def report_message(self, conversation: str, author: str, words: str, *, account: str = "") -> Dialog:
        """Choose "Report this message" over somebody's message."""
        payload = {
            "id": self.teams.new_id(), "createdDateTime": "2026-11-22T08:30:00.000Z", "body": {"contentType": "html", "content": words},
            "from": {"user": {"displayName": author, "id": account}}, "attachments": [{"contentUrl": "https://files.example/picture.png"}],
            "linkToMessage": f"https://teams.microsoft.com/l/message/{conversation}/1700000000000?context=%7B%22contextType%22:%22chat%22%7D",
        }  # fmt: skip
        value = {"commandId": "reportMessage", "commandContext": "message", "messagePayload": payload}
        answer = await self.invoke("composeExtension/fetchTask", value, conversation=conversation)
        return Dialog(self, "composeExtension/fetchTask", answer.body["task"], value)

    async def search(self, question: str) -> dict[str, Any]:
        """Look something up while writing to somebody else."""
        value = {"commandId": "ask", "parameters": [{"name": "question", "value": question}], "queryOptions": {"skip": 0, "count": 25}}
        answer = await self.invoke("composeExtension/query", value, conversation="19:elsewhere@thread.v2")
        return answer.body["composeExtension"]  # type: ignore[no-any-return]

    async def edit(self, message_id: str, text: str, conversation: str = "") -> Answer:
        """Change one's own message."""
        data = {"tenant": {"id": TENANT}, "eventType": "editMessage"}
        return await self.post(
            {**self.activity("messageUpdate", conversation=conversation, text=text), "id": message_id, "channelData": data}
        )

    async def delete(self, message_id: str, conversation: str = "") -> Answer:
        """Delete one's own message."""
        data = {"tenant": {"id": TENANT}, "eventType": "softDeleteMessage"}
        return await self.post({**self.activity("messageDelete", conversation=conversation), "id": message_id, "channelData": data})

    async def install(self) -> Answer:
        """Meet the bot."""
        self.teams.conversations[self.account.personal] = {self.account.user}
        return await self.post(self.activity("installationUpdate", action="add"))

    async def uninstall(self) -> Answer:
        """Take the app out."""
        self.teams.conversations.pop(self.account.personal, None)
        return await self.post(self.activity("installationUpdate", action="remove"))
