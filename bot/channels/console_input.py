"""What is typed at the terminal: lines as they come, and the fields of a form one after the other."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import suppress

from bot.cards import Field, Form

EMPTY = "-"


class Filling:
    """A form that is being filled in, field by field. With `errors` it asks again only for the fields that were wrong."""

    def __init__(self, form: Form, before: Filling | None = None, errors: Mapping[str, str] | None = None) -> None:
        self.form = form
        self.values: dict[str, str | tuple[str, ...]] = {field.name: field.initial for field in form.fields}
        if before and errors:
            self.values |= before.values
        self._wrong = dict(errors or {})
        self._left = [field for field in form.fields if not errors or field.name in errors]
        self.wrong = self._wrong.get(self._left[0].name, "") if self._left else ""

    @property
    def field(self) -> Field | None:
        """The field that is asked for now; None where all have been."""
        return self._left[0] if self._left else None

    def take(self, text: str) -> bool:
        """Take what was typed for the present field; whether there is something left to ask."""
        field = self._left[0]
        self.wrong = self._problem(field, text)
        if self.wrong:
            return True
        if text == EMPTY:
            self.values[field.name] = () if field.kind == "choices" else ""
        elif text:
            self.values[field.name] = read_choices(field, text) if field.options else text
        self._left.pop(0)
        self.wrong = self._wrong.get(self._left[0].name, "") if self._left else ""
        return bool(self._left)

    def _problem(self, field: Field, text: str) -> str:
        if text == EMPTY:
            return "This one is needed." if field.required else ""
        if not text:
            return "This one is needed." if field.required and not self.values[field.name] else ""
        if field.options and not read_choices(field, text):
            return f"Please type a number from 1 to {len(field.options)}."
        return f"Please keep it under {field.max_length:,} characters." if len(text) > field.max_length else ""


def read_choices(field: Field, text: str) -> str | tuple[str, ...]:
    """The chosen values: "2", or "1, 3" where several may be chosen; empty where it is no such number."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and 0 < int(part) <= len(field.options) for part in parts):
        return ""
    chosen = tuple(field.options[int(part) - 1].value for part in parts)
    if field.kind == "choices":
        return chosen
    return chosen[0] if len(chosen) == 1 else ""


def lines_of(given: Iterable[bytes]) -> Iterator[str]:
    """Lines without their ends. What is not UTF-8 shows as replaced characters, and never ends the talk."""
    return (line.decode("utf-8", "replace").rstrip("\r\n") for line in given)


def arriving(descriptor: int) -> Iterator[bytes]:
    """The lines that come from a file descriptor, each as soon as it is whole."""
    left = b""
    with suppress(OSError):  # the terminal was closed
        while part := os.read(descriptor, 65_536):
            *whole, left = (left + part).split(b"\n")
            yield from whole
    if left:
        yield left


async def typed() -> AsyncIterator[str]:
    """The lines of standard input. They are read in a thread that does not hold up the end of the process.

    Not by way of sys.stdin: Python ends with a fatal error where a thread still waits inside it.
    """
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[str | None]()

    def read() -> None:
        for line in lines_of(arriving(sys.stdin.fileno())):
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line


async def pour(lines: AsyncIterator[str], into: asyncio.Queue[str | None]) -> None:
    """Put every line into the queue, and None at the end."""
    async for line in lines:
        await into.put(line)
    await into.put(None)
