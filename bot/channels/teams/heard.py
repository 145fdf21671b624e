"""What an activity of Teams says: who, in which tenant, the words without mentions and quotations, what they answer, how many files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from botbuilder.schema import Activity

REPLY = re.compile(r"""<blockquote[^>]*itemtype=["']https?://schema\.skype\.com/Reply["'][^>]*>""", re.IGNORECASE)
ITEM = re.compile(r"""itemid=["']([^"']+)["']""", re.IGNORECASE)
PICTURE = re.compile(r"<img\b(?![^>]*schema\.skype\.com/Emoji)", re.IGNORECASE)  # Teams sends each emoji as a small picture
EMOJI = "schema.skype.com/Emoji"
NOT_FILES = ("text/html", "application/vnd.microsoft.card.adaptive", "messageReference")


@dataclass(frozen=True)
class Heard:
    """The words of one message. `answers`: the id of the message that it quotes or replies to, "" where there is none."""

    text: str
    answers: str
    files: int


def heard(activity: Activity) -> Heard:
    """Read a message. Nothing that is attached is fetched."""
    pages = [str(one.content or "") for one in activity.attachments or [] if one.content_type == "text/html"]
    files = sum(1 for one in activity.attachments or [] if one.content_type not in NOT_FILES)
    files += sum(len(PICTURE.findall(without_quotes(page))) for page in pages)
    text, answers = without_mention(activity), str(activity.reply_to_id or "")
    for page in pages:
        if quoted := REPLY.search(page):
            found = ITEM.search(quoted.group())
            answers = found.group(1) if found else answers
            text = plain(page)  # else what was quoted would be taken for the person's own words
    return Heard(text.strip(), answers, files)


def without_mention(activity: Activity) -> str:
    """The words without the mention of the bot itself."""
    text = str(activity.text or "").replace("\r\n", "\n").replace("\xa0", " ")
    for entity in activity.entities or []:
        told = {**(entity.additional_properties or {}), "type": entity.type}
        who = told.get("mentioned") or {}
        if told["type"] == "mention" and isinstance(who, dict) and activity.recipient and who.get("id") == activity.recipient.id:
            text = text.replace(str(told.get("text") or "<at></at>"), " ")
    return text


def mentions(activity: Activity) -> bool:
    """Whether the bot itself is mentioned."""
    bot = activity.recipient.id if activity.recipient else ""
    for entity in activity.entities or []:
        who = (entity.additional_properties or {}).get("mentioned")
        if entity.type == "mention" and isinstance(who, dict) and who.get("id") == bot:
            return True
    return False


def tenant(activity: Activity) -> str:
    """The tenant that Teams tells beside the activity; the SDK's own field for it is always empty."""
    data = activity.channel_data if isinstance(activity.channel_data, dict) else {}
    found = data.get("tenant")
    return str(found.get("id") or "") if isinstance(found, dict) else ""


def personal(activity: Activity) -> bool:
    """Whether this is the person's own conversation with the bot."""
    kind = (activity.conversation.conversation_type if activity.conversation else "") or ""
    return kind == "personal" or (not kind and activity.channel_id != "msteams")


def plain(page: str) -> str:
    """The words of a message's HTML without what it quotes."""
    reader = _Words()
    reader.feed(page)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.words)).strip()


def without_quotes(page: str) -> str:
    """A message's HTML without what it quotes."""
    return re.sub(r"<blockquote\b.*?</blockquote>", " ", page, flags=re.IGNORECASE | re.DOTALL)


class _Words(HTMLParser):
    """Collects the words outside quotations."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Count quotations, begin new lines, and read emojis."""
        given = dict(attrs)
        self._quoted += tag == "blockquote"
        if tag == "img" and str(given.get("itemtype")).endswith(EMOJI):
            self.handle_data(str(given.get("alt") or ""))
        if tag in ("p", "div", "br", "li") and self.words:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Count quotations."""
        self._quoted -= tag == "blockquote" and self._quoted > 0

    def handle_data(self, data: str) -> None:
        """Keep words that are the person's own."""
        if not self._quoted:
            self.words.append(data)
