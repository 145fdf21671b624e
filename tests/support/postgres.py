"""PostgreSQL for tests: TEST_DATABASE_URL where it is set, else a server of our own from Debian's package, on loopback only."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

NAMES = itertools.count()
MISSING = "PostgreSQL is not installed and TEST_DATABASE_URL is not set"


def binaries() -> Path | None:
    """Where initdb and postgres are, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def unprivileged() -> str | None:
    """Whom to run the server as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    return None


class Server:
    """A running server. `crash` and `start` are for tests in which the database goes away."""

    def __init__(self, folder: Path, tools: Path) -> None:
        self._folder = folder
        self._tools = tools
        self._user = unprivileged()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgresql+psycopg://usher@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "-D", str(self._folder / "data"), "-U", "usher", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "--no-sync")
        with (self._folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"port={self.port}\nlisten_addresses='127.0.0.1'\nunix_socket_directories='{self._folder}'\n")
            settings.write("max_connections=200\nshared_buffers=64MB\n")
            # What is committed is in the system's hands, and outlives every process that a test kills; no test takes the machine away.
            settings.write("fsync=off\nfull_page_writes=off\n")

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-l", str(self._folder / "log"), "-w", "-t", "60", "start")

    def stop(self, how: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", how, "-w", "stop")

    def freeze(self) -> None:
        """Have it stand still: the kernel goes on taking connections and questions, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on where it stood."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """Send it to the server, and then to what it has started: after the first there is nothing new."""
        first = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(first, number)
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if stat.read_text().rpartition(")")[2].split()[1] == str(first):
                    os.kill(int(stat.parent.name), number)

    def _run(self, tool: str, *words: str) -> None:
        subprocess.run([str(self._tools / tool), *words], user=self._user, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd=self._folder, timeout=120)  # fmt: skip


@contextmanager
def server() -> Iterator[Server]:
    """A server of our own, stopped and removed at the end."""
    tools = binaries()
    assert tools
    folder = Path(tempfile.mkdtemp(prefix="usher-pg-"))
    made = Server(folder, tools)
    try:
        made.prepare()
        made.start()
        yield made
    finally:
        with suppress(OSError):
            made.thaw()
        if (folder / "data" / "postmaster.pid").exists():
            made.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def any_server_url() -> Iterator[str]:
    """The URL of a server on which databases may be made."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with server() as made:
        yield made.url


def available() -> bool:
    """Whether there is any way to PostgreSQL here."""
    return bool(os.environ.get("TEST_DATABASE_URL")) or binaries() is not None


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of an empty database, dropped at the end."""
    name = f"usher_test_{os.getpid()}_{next(NAMES)}"
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        admin.dispose()  # the server may have been restarted meanwhile
        with admin.connect() as conn:
            conn.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()
