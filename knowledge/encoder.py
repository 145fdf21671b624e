"""Sentence -> vector: all-mpnet-base-v2, or the smaller all-MiniLM-L6-v2, on ONNX Runtime, with nothing downloaded.

Which of the two is there, and where its files lie, ``knowledge.weights`` knows; every file is checked against a pinned SHA-256 first.

``models/*/tuning.npz`` holds the few numbers (biases, norms and output scales; a five-hundredth of the model) that put staff's ways of
saying the same thing nearer to each other. They were learnt from the authored examples by ``bench/tune_encoder.py`` and take the
place of the packaged ones when the session is made. Any other text is ranked with the packaged numbers alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from knowledge.weights import Model, ModelUnavailableError, checked

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

__all__ = ["Encoder", "ModelUnavailableError", "open_encoder"]

Vectors = npt.NDArray[np.float32]

WORKERS: Final = 2  # batches at a time; each is too small to keep more than one core busy
MAX_TOKENS: Final = 192
BATCH: Final = 32


class Encoder:
    """Turns sentences into unit vectors. Make it with :meth:`open`."""

    def __init__(self, session: InferenceSession, tokenizer: Tokenizer, model_id: str) -> None:
        self.model_id = model_id
        self._session = session
        self._tokenizer = tokenizer
        self._inputs = {item.name for item in session.get_inputs()}
        self.dimensions = int(session.get_outputs()[0].shape[-1])

    @classmethod
    def open(cls, other: Path | None = None, *, threads: int = 2, tuned: bool = True, model: Model | None = None) -> Encoder:
        """Load the installed model, the one asked for, or another local ONNX export of the small one.

        ``tuned`` False leaves the packaged weights as they are; another export is never tuned. Raises ModelUnavailableError where a
        file is missing or, for a model that this code knows, altered.
        """
        files = checked(other, tuned=tuned, model=model)
        return cls(_session(files.path, threads, _numbers(files.tuning)), _tokenizer(files.tokenizer), files.name)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text, in order. Only texts of one length are run together, so none changes another's vector."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        by_length: dict[int, list[int]] = {}
        tokens = [self._tokenizer.encode(text).ids for text in texts]
        for place, ids in enumerate(tokens):
            by_length.setdefault(len(ids), []).append(place)
        batches = [places[start : start + BATCH] for places in by_length.values() for start in range(0, len(places), BATCH)]
        with ThreadPoolExecutor(WORKERS) as pool:
            for batch, found in zip(batches, pool.map(self._run, ([tokens[place] for place in batch] for batch in batches)), strict=True):
                vectors[batch] = found
        return vectors

    def encode_one(self, text: str) -> npt.NDArray[np.float32]:
        """The unit vector of one text: the mean over its tokens."""
        vector: npt.NDArray[np.float32] = self._run([self._tokenizer.encode(text).ids])[0]
        return vector

    def encode_parts(self, text: str, parts: Sequence[str]) -> list[npt.NDArray[np.float32]]:
        """The unit vectors of a text and of some of its parts, in order, from one run: of each part the mean over its own tokens.

        A part that lies beyond what the model reads of a text gets a run of its own. Raises ValueError where a part does not stand in
        the text, after the part before it.
        """
        encoding = self._tokenizer.encode(text)
        states = self._states([encoding.ids])[0]
        means, at = [states.mean(axis=0)], 0
        reach = max(ends for _, ends in encoding.offsets) if encoding.overflowing else len(text)
        for part in parts:
            start = text.index(part, at)
            at = start + len(part)
            own = [place for place, (begins, ends) in enumerate(encoding.offsets) if begins < ends and start <= begins and ends <= at]
            means.append(states[own].mean(axis=0) if own and at <= reach else self.encode_one(part))
        return list(_unit(np.stack(means)))

    def _run(self, tokens: list[list[int]]) -> Vectors:
        return _unit(self._states(tokens).mean(axis=1))

    def _states(self, tokens: list[list[int]]) -> Vectors:
        """What the model makes of every token: texts of one length x tokens x dimensions."""
        ids = np.array(tokens, dtype=np.int64)
        values = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        feed: dict[str, Any] = {name: values[name] for name in self._inputs}
        return np.asarray(self._session.run(None, feed)[0], dtype=np.float32)


def _unit(means: Vectors) -> Vectors:
    return np.asarray(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def open_encoder(other: Path | None = None, *, tuned: bool = True) -> Encoder | None:
    """The encoder, or None where the model is missing or altered: the bot then answers by words alone, and `doctor` says so."""
    try:
        return Encoder.open(other, tuned=tuned)
    except ModelUnavailableError:
        return None


def _numbers(tuning: Path | None) -> dict[str, npt.NDArray[np.float32]]:
    if tuning is None:
        return {}
    with np.load(tuning) as file:
        return {name: np.ascontiguousarray(file[name], dtype=np.float32) for name in file.files}


def _session(path: Path, threads: int, tuning: Mapping[str, npt.NDArray[np.float32]]) -> InferenceSession:
    """A session in which the numbers of ``tuning`` stand in the place of those of the same names in the file."""
    import onnxruntime  # noqa: PLC0415 half a second that `--help` need not spend

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads leave the cores to others
    values = {name: onnxruntime.OrtValue.ortvalue_from_numpy(numbers) for name, numbers in tuning.items()}
    for name, value in values.items():
        options.add_initializer(name, value)
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime raises many kinds for a bad file
        raise ModelUnavailableError(f"the sentence model cannot be loaded: {error}") from error
    session.kept_alive = values  # the session reads these arrays for as long as it lives
    return session


def _tokenizer(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer  # noqa: PLC0415 see above

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=MAX_TOKENS)
    return tokenizer
