"""What may be logged: our own sentences, and of an error its type and where it was raised, never its words, for they can quote a person.

What libraries say is left out altogether: a chat product's client quotes the request that failed, a database the values, the
event loop the names of tasks. Of their records the level, the logger, the place in the library and the error's trail are kept.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent
DEPTH = 4
OURS = frozenset({"bot", "commands", "handlers", "knowledge", "wiring", "app", "__main__"})
LAYOUT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

log = logging.getLogger(__name__)


def trail(error: BaseException) -> str:
    """Describe an error without its words: `KeyError at handlers/ask.py:40 < bot/dispatch.py:101`."""
    frames = traceback.extract_tb(error.__traceback__)[-DEPTH:]
    places = [f"{short(frame.filename)}:{frame.lineno}" for frame in reversed(frames)]
    return f"{type(error).__name__} at {' < '.join(places)}" if places else type(error).__name__


def short(filename: str) -> str:
    """A file's path within the project, or its last two parts elsewhere."""
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-2:])


def is_ours(name: str) -> bool:
    """Whether a logger is one of the project's own: `bot.store` is, `botbuilder.core` is not."""
    return name.partition(".")[0] in OURS


class Quiet(logging.Formatter):
    """One line a record, made from the record's facts alone.

    A record of our own keeps its sentence. A library's keeps where it was logged. Of an error that comes along, in
    whatever way, only `trail` is shown; what another handler has formatted already is never used.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        fields = dict(record.__dict__)
        fields.update(message=self._message(record), asctime=self.formatTime(record, self.datefmt))
        line = (self._fmt or "%(message)s") % fields
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        return " ".join(f"{line} {trail(error)}".split()) if error else " ".join(line.split())

    @staticmethod
    def _message(record: logging.LogRecord) -> str:
        if not is_ours(record.name):
            return f"(its words are left out) at {short(record.pathname)}:{record.lineno}"
        try:
            return record.getMessage()
        except (TypeError, ValueError, KeyError):
            return f"(a sentence that does not fit its values) at {short(record.pathname)}:{record.lineno}"


def set_up(level: int = logging.INFO) -> None:
    """Send the log to standard error, one line a record, and let nothing else write an error's words there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Quiet(LAYOUT))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for noisy in ("aiohttp.access", "slack_sdk", "slack_bolt", "msrest", "urllib3", "azure"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    quieten()


def quieten() -> None:
    """What Python itself prints of errors that nobody caught is reduced as well, wherever they came up."""
    logging.raiseExceptions = False  # else the log's own faults are printed with the record's words
    if logging.lastResort:
        logging.lastResort.setFormatter(Quiet("%(message)s"))
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _say("A thread ended", args.exc_value)
    sys.unraisablehook = lambda args: _say("Something that was let go of failed", args.exc_value)


def _uncaught(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, where)
    else:
        _say("The program ended", error)


def _say(what: str, error: BaseException | None) -> None:
    log.critical("%s: %s", what, trail(error) if error else "no error given")
