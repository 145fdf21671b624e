"""What may be logged of an error: its type and where it was raised, never its words, for they can quote a person."""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEPTH = 4


def trail(error: BaseException) -> str:
    """Describe an error without its words: `KeyError at handlers/ask.py:40 < bot/dispatch.py:101`."""
    frames = traceback.extract_tb(error.__traceback__)[-DEPTH:]
    places = [f"{short(frame.filename)}:{frame.lineno}" for frame in reversed(frames)]
    return f"{type(error).__name__} at {' < '.join(places)}" if places else type(error).__name__


def short(filename: str) -> str:
    """A file's path within the project, or its last two parts elsewhere."""
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-2:])


class Quiet(logging.Formatter):
    """One line a record: any traceback is reduced to `trail`, so that no library can put a person's words into the log."""

    def formatException(self, ei: object) -> str:  # noqa: N802 the name is logging's
        """Reduce a traceback to one line without the error's words."""
        error = ei[1] if isinstance(ei, tuple) else None
        return trail(error) if isinstance(error, BaseException) else ""


def set_up(level: int = logging.INFO) -> None:
    """Send the log to standard error, one line a record."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Quiet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("aiohttp.access", "slack_sdk", "slack_bolt", "msrest", "urllib3", "azure"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
