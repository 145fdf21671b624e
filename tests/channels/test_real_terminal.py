"""`app.py chat` in a real terminal (a pty): asked, answered, and left in either way without a fault."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.knowledge import BASE, ROOT, adviser

pty = pytest.importorskip("pty")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Window:
    """A terminal window with a talk in it."""

    def __init__(self, folder: Path) -> None:
        env = {**os.environ, "DATA_DIR": str(folder), "TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execve(sys.executable, [sys.executable, "app.py", "chat"], env)  # noqa: S606
        self.text = ""

    def type(self, text: str) -> None:
        os.write(self.end, text.encode())

    def shows(self, words: str, within: float = 90.0) -> bool:
        """Whether these words come; False where the window closes without them."""
        over = time.monotonic() + within
        while time.monotonic() < over:
            if words in ESCAPES.sub("", self.text):
                return True
            if select.select([self.end], [], [], 0.2)[0]:
                try:
                    self.text += os.read(self.end, 65_536).decode("utf-8", "replace")
                except OSError:
                    return False
        raise AssertionError(f"{words!r} did not come: {self.text}")

    def status(self) -> int:
        """How the process ended."""
        assert not self.shows("never shown", 60)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    adviser()
    (tmp_path / "clauses.db").symlink_to(BASE)
    one = Window(tmp_path)
    yield one
    try:
        os.kill(one.pid, signal.SIGKILL)
        os.waitpid(one.pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass
    os.close(one.end)


@pytest.mark.parametrize("leaving", ["/quit\r", "\x04"], ids=["quit", "end of input"])
def test_a_talk_is_left_without_a_fault(window: Window, leaving: str) -> None:
    assert window.shows("/help says what you can type")
    window.type("can I friend an ex-pupil?\r")
    assert window.shows("Clause 28, Personal use of Social Media")
    time.sleep(0.5)
    window.type(leaving)
    assert window.status() == 0
    assert "Fatal" not in window.text
    assert "Traceback" not in window.text
