"""What is asked for while somebody writes to others, or about a message of somebody else's: clauses to quote, and a report's beginning."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.cards import Card, Quote
from bot.channels.teams.drawing import attachment, draw
from bot.channels.teams.heard import plain
from bot.channels.teams.post import stored
from bot.channels.text import quote_text
from bot.people import Role

Body = dict[str, Any]
FindClauses = Callable[[str], Sequence[Quote]]
RolesOf = Callable[[str, str], Sequence[Role]]
QUOTED = 900
LONGEST_LINK = 1000  # a longer one is cut off nowhere: it would lead nowhere
# Said of what tells of something that has happened, too: it must be true of both.
NO_CLAUSE = "Nothing to quote for that. To ask, or to tell what has happened, write to Usher in your own chat with it."


async def searched(find: FindClauses | None, value: Body) -> Body:
    """The message extension: clauses to put into what one is writing, word for word."""
    given = [one for one in value.get("parameters") or [] if isinstance(one, dict)]
    question = next((str(one.get("value") or "") for one in given if one.get("name") == "question"), "").strip()
    if not question or find is None:
        return extension_note("Type a question in your own words, or a clause's number.")
    clauses = await stored(lambda: find(question))
    if not clauses:
        return extension_note(NO_CLAUSE)
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": [clause_result(one) for one in clauses]}}


async def told(value: Body, roles_of: RolesOf) -> str:
    """What the reported message says and where it is, as the beginning of a report. Its pictures and files stay where they are.

    Where whoever wrote it has a role, the report is taken to be about them, so that it is kept from them; the form shows that.
    """
    message = part(value, "messagePayload")
    user = part(part(message, "from"), "user")
    name = str(user.get("displayName") or "")
    roles = await stored(lambda: roles_of(str(user.get("id") or ""), name))
    who = name or "somebody"
    words = plain(str(part(message, "body").get("content") or ""))
    when = re.sub(r"T(\d\d:\d\d).*", r" \1", str(message.get("createdDateTime") or ""))
    text = f"A message in Teams from {who}{f', {when}' if when else ''}: “{words[:QUOTED]}{'…' if len(words) > QUOTED else ''}”"
    link = str(message.get("linkToMessage") or "")
    address = link if link.startswith("https://") and len(link) <= LONGEST_LINK else ""
    return json.dumps({"what": text, "platform": "Teams", "address": address, "subjects": list(roles)}, ensure_ascii=False)


def part(value: Body, name: str) -> Body:
    """A dictionary within a dictionary; an empty one where it is something else."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def clause_result(quote: Quote) -> Body:
    """One clause to choose, and the card that is put into the message."""
    title = f"Clause {quote.number}, {quote.section}" if quote.section else f"Clause {quote.number}"
    preview = {"contentType": "application/vnd.microsoft.card.thumbnail", "content": {"title": title, "text": quote.text[:180]}}
    card = draw(Card("", (quote,), notice=quote_text(quote)[:80]))[0]
    return {**attachment(card), "preview": preview}


def extension_note(text: str) -> Body:
    """A sentence in the place of results."""
    return {"composeExtension": {"type": "message", "text": text}}
